//! What stays on the GPU from frame to frame: the compositor, two pipelines, and the textures that they read.
//! Made once, and kept in egui's renderer.

use wgpu::ShaderStages;

use super::cached_texture::CachedTexture;
use super::canvas::CanvasPaint;
use super::compositor::Compositor;
use super::frame::Frame;
use super::gpu::strip_pipeline;
use super::style::CellStyle;
use crate::base::Mask;

/// What stays on the GPU from frame to frame.
pub struct CanvasResources {
    canvas: wgpu::RenderPipeline,
    overlay: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    frame: wgpu::Buffer,
    picture: Compositor,
    cells: CachedTexture<Vec<CellStyle>>,
    selection: CachedTexture<Option<Mask>>,
    bindings: wgpu::BindGroup,
}

impl CanvasResources {
    /// `target_format` is that of the window: eframe's `RenderState::target_format`.
    #[must_use]
    pub fn new(device: &wgpu::Device, target_format: wgpu::TextureFormat) -> Self {
        let layout = layout(device);
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("canvas"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        let frame = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("canvas"),
            size: size_of::<Frame>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let picture = Compositor::new(device);
        let cells = CachedTexture::of_cells(device, [1, 1]);
        let selection = CachedTexture::of_selection(device, [1, 1]);
        let views = [&picture.view, &cells.view, &selection.view];
        let bindings = bindings(device, &layout, &frame, &sampler, views);
        let canvas = wgpu::include_wgsl!("../../shaders/canvas.wgsl");
        let overlay = wgpu::include_wgsl!("../../shaders/overlay.wgsl");
        Self {
            canvas: pipeline(device, &layout, canvas, target_format),
            overlay: pipeline(device, &layout, overlay, target_format),
            layout,
            sampler,
            frame,
            picture,
            cells,
            selection,
            bindings,
        }
    }

    /// Uploads what differs from the last frame.
    pub fn update(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, paint: &CanvasPaint) {
        queue.write_buffer(&self.frame, 0, bytemuck::bytes_of(&Frame::of(paint)));
        let is_new = self.picture.show(device, queue, &paint.picture)
            | self.cells.show(device, queue, paint.grid, &paint.cells)
            | self.selection.show(device, queue, paint.selection.as_ref());
        if is_new {
            let views = [&self.picture.view, &self.cells.view, &self.selection.view];
            self.bindings = bindings(device, &self.layout, &self.frame, &self.sampler, views);
        }
    }

    /// Draws the canvas, then all that is laid over it.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        pass.set_bind_group(0, &self.bindings, &[]);
        for pipeline in [&self.canvas, &self.overlay] {
            pass.set_pipeline(pipeline);
            pass.draw(0..4, 0..1);
        }
    }
}

/// The bindings at the top of both shaders.
fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let texture = |sample_type| wgpu::BindingType::Texture {
        sample_type,
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    };
    let filtered = wgpu::TextureSampleType::Float { filterable: true };
    let uniform = wgpu::BindingType::Buffer {
        ty: wgpu::BufferBindingType::Uniform,
        has_dynamic_offset: false,
        min_binding_size: None,
    };
    let types = [
        uniform,
        wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
        texture(filtered),
        texture(wgpu::TextureSampleType::Uint),
        texture(filtered),
    ];
    let mut binding = 0..;
    let entries = types.map(|ty| wgpu::BindGroupLayoutEntry {
        binding: binding.next().unwrap_or_default(),
        visibility: ShaderStages::VERTEX_FRAGMENT,
        ty,
        count: None,
    });
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("canvas"),
        entries: &entries,
    })
}

/// `views` are those of the picture, the cells, the selection.
fn bindings(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    frame: &wgpu::Buffer,
    sampler: &wgpu::Sampler,
    [picture, cells, selection]: [&wgpu::TextureView; 3],
) -> wgpu::BindGroup {
    use wgpu::BindingResource::{Sampler, TextureView};

    let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("canvas"),
        layout,
        entries: &[
            entry(0, frame.as_entire_binding()),
            entry(1, Sampler(sampler)),
            entry(2, TextureView(picture)),
            entry(3, TextureView(cells)),
            entry(4, TextureView(selection)),
        ],
    })
}

/// One rectangle, laid over what is there.
fn pipeline(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    shader: wgpu::ShaderModuleDescriptor<'_>,
    target_format: wgpu::TextureFormat,
) -> wgpu::RenderPipeline {
    let target = wgpu::ColorTargetState {
        format: target_format,
        blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
        write_mask: wgpu::ColorWrites::ALL,
    };
    strip_pipeline(device, "canvas", layout, shader, &[], target)
}
