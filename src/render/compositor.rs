//! Composes the picture on the GPU: uploads the tiles that layers have, and draws those of the picture whose programs are
//! other ones than before.

use std::sync::Arc;

use bytemuck::{Pod, Zeroable};

use super::atlas::{Atlas, MAX_PAGES};
use super::gpu::{strip_pipeline, upload};
use crate::base::{PixelTile, TileIdx};
use crate::compose::{BlendMode, Composition, Instruction, Program};

/// Instructions in a row of the texture that they lie in. Keep in step with `shaders/compose.wgsl`.
const PROGRAM_COLS: u32 = 1024;

/// Groups that may be open at once; deeper ones are composed on the CPU. Keep in step with `LEVELS` there.
const MAX_DEPTH: usize = 15;

/// Without blending: what is drawn is the picture itself, premultiplied.
const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// An instruction, as the shader reads it: what to do, the tile that it reads, the mode, the bits of the opacity.
type Texel = [u32; 4];

/// A tile to be drawn; mirrors what `vs_main` takes.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct Instance {
    /// Left, top, right, bottom, in normalised device coordinates.
    area: [f32; 4],
    first: u32,
    n: u32,
}

/// The picture, as it was composed last.
pub struct Compositor {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    atlas: Atlas,
    shown: Composition,
    texture: wgpu::Texture,
    pub(super) view: wgpu::TextureView,
}

/// Tiles that are drawn together.
#[derive(Default)]
struct Batch {
    instances: Vec<Instance>,
    texels: Vec<Texel>,
}

impl Compositor {
    /// Of a picture of a single pixel, until there is another.
    #[must_use]
    pub fn new(device: &wgpu::Device) -> Self {
        Self::with_pages(device, MAX_PAGES)
    }

    /// The same, with room for fewer pages of 1024 tiles than there would be.
    #[must_use]
    pub fn with_pages(device: &wgpu::Device, max_pages: u32) -> Self {
        let layout = layout(device);
        let (texture, view) = target(device, [1, 1]);
        Self {
            pipeline: pipeline(device, &layout),
            layout,
            atlas: Atlas::new(device, max_pages),
            shown: Composition::new(1, 1),
            texture,
            view,
        }
    }

    /// The picture, premultiplied.
    #[must_use]
    pub const fn texture(&self) -> &wgpu::Texture {
        &self.texture
    }

    /// Composes what is other than before. Returns whether the texture is another one now.
    pub fn show(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        picture: &Composition,
    ) -> bool {
        let size = [picture.area().right, picture.area().bottom];
        let is_new = picture.area() != self.shown.area();
        if is_new {
            if device.limits().max_texture_dimension_2d < size[0].max(size[1]) {
                log::warn!("The canvas is too large to be shown: {} × {}", size[0], size[1]);
                return false;
            }
            (self.texture, self.view) = target(device, size);
            self.shown = Composition::new(size[0], size[1]);
        }
        let before = std::mem::replace(&mut self.shown, picture.clone());
        self.atlas.begin_turn();
        let mut batch = Batch::default();
        for (idx, program) in picture.unlike(&before) {
            if self.add(device, queue, &mut batch, idx, program) {
                continue;
            }
            // All that there is room for is on its way; its tiles may go.
            self.draw(device, queue, std::mem::take(&mut batch));
            self.atlas.begin_turn();
            if !self.add(device, queue, &mut batch, idx, program) {
                self.add(device, queue, &mut batch, idx, &composed(program));
            }
        }
        self.draw(device, queue, batch);
        is_new
    }

    /// Adds a tile to those that are drawn; `false` where there is no room for what it is composed of.
    fn add(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        batch: &mut Batch,
        idx: TileIdx,
        program: &Program,
    ) -> bool {
        if MAX_DEPTH < program.depth() {
            return self.add(device, queue, batch, idx, &composed(program));
        }
        let max_texels = device.limits().max_texture_dimension_2d * PROGRAM_COLS;
        if (max_texels as usize) < batch.texels.len() + program.instructions().len() {
            return false;
        }
        let mut place = |tile: &Arc<PixelTile>| self.atlas.place(device, queue, tile);
        let texels: Option<Vec<Texel>> =
            program.instructions().iter().map(|it| texel(it, &mut place)).collect();
        let Some(texels) = texels else { return false };
        let (first, n) = (batch.texels.len() as u32, texels.len() as u32);
        batch.texels.extend(texels);
        let [width, height] = [self.texture.width(), self.texture.height()].map(|it| it as f32);
        let pixels = idx.pixels().intersection(self.shown.area());
        let area = [
            pixels.left as f32 / width * 2.0 - 1.0,
            1.0 - pixels.top as f32 / height * 2.0,
            pixels.right as f32 / width * 2.0 - 1.0,
            1.0 - pixels.bottom as f32 / height * 2.0,
        ];
        batch.instances.push(Instance { area, first, n });
        true
    }

    fn draw(&self, device: &wgpu::Device, queue: &wgpu::Queue, batch: Batch) {
        if batch.instances.is_empty() {
            return;
        }
        let programs = programs(device, queue, batch.texels);
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("compositor"),
            layout: &self.layout,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::TextureView(&self.atlas.view),
                },
                wgpu::BindGroupEntry {
                    binding: 1,
                    resource: wgpu::BindingResource::TextureView(&programs),
                },
            ],
        });
        let bytes: &[u8] = bytemuck::cast_slice(&batch.instances);
        let instances = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("compositor"),
            size: bytes.len() as u64,
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        queue.write_buffer(&instances, 0, bytes);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("compositor"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &self.view,
                depth_slice: None,
                resolve_target: None,
                ops: wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store },
            })],
            ..Default::default()
        });
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &bindings, &[]);
        pass.set_vertex_buffer(0, instances.slice(..));
        pass.draw(0..4, 0..batch.instances.len() as u32);
        drop(pass);
        queue.submit([encoder.finish()]);
    }
}

/// What comes of it on the CPU.
fn composed(program: &Program) -> Program {
    program.run().map(Program::of_tile).unwrap_or_default()
}

/// `None` where there is no room for the tile that it reads.
fn texel(
    instruction: &Instruction,
    place: &mut impl FnMut(&Arc<PixelTile>) -> Option<u32>,
) -> Option<Texel> {
    Some(match instruction {
        Instruction::Open => [0, 0, 0, 0],
        Instruction::Close => [1, 0, 0, 0],
        Instruction::Clear => [2, 0, 0, 0],
        Instruction::Load(tile) => [3, place(tile)?, 0, 0],
        Instruction::Mask(tile) => [4, place(tile)?, 0, 0],
        Instruction::Fade(opacity) => [5, 0, 0, opacity.to_bits()],
        Instruction::SetBase => [6, 0, 0, 0],
        Instruction::Clip => [7, 0, 0, 0],
        Instruction::Lay(mode) => [8, 0, mode_number(*mode), 0],
    })
}

/// As the shader counts them.
fn mode_number(mode: BlendMode) -> u32 {
    BlendMode::ALL.iter().position(|it| *it == mode).unwrap_or_default() as u32
}

/// A texture of these instructions.
fn programs(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    mut texels: Vec<Texel>,
) -> wgpu::TextureView {
    let n_rows = (texels.len() as u32).div_ceil(PROGRAM_COLS).max(1);
    texels.resize((n_rows * PROGRAM_COLS) as usize, [0; 4]);
    let size = wgpu::Extent3d { width: PROGRAM_COLS, height: n_rows, depth_or_array_layers: 1 };
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("programs"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba32Uint,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    upload(queue, &texture, [0; 3], [PROGRAM_COLS, n_rows], bytemuck::cast_slice(&texels));
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}

/// Where the picture is drawn; transparent at first.
fn target(device: &wgpu::Device, [width, height]: [u32; 2]) -> (wgpu::Texture, wgpu::TextureView) {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("picture"),
        size: wgpu::Extent3d {
            width: width.max(1),
            height: height.max(1),
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: FORMAT,
        usage: wgpu::TextureUsages::TEXTURE_BINDING
            | wgpu::TextureUsages::RENDER_ATTACHMENT
            | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
    (texture, view)
}

fn layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let texture = |binding, sample_type, view_dimension| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::FRAGMENT,
        ty: wgpu::BindingType::Texture { sample_type, view_dimension, multisampled: false },
        count: None,
    };
    let floats = wgpu::TextureSampleType::Float { filterable: false };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("compositor"),
        entries: &[
            texture(0, floats, wgpu::TextureViewDimension::D2Array),
            texture(1, wgpu::TextureSampleType::Uint, wgpu::TextureViewDimension::D2),
        ],
    })
}

fn pipeline(device: &wgpu::Device, layout: &wgpu::BindGroupLayout) -> wgpu::RenderPipeline {
    let shader = wgpu::include_wgsl!("../../shaders/compose.wgsl");
    let instances = wgpu::VertexBufferLayout {
        array_stride: size_of::<Instance>() as u64,
        step_mode: wgpu::VertexStepMode::Instance,
        attributes: &wgpu::vertex_attr_array![0 => Float32x4, 1 => Uint32x2],
    };
    strip_pipeline(device, "compositor", layout, shader, &[Some(instances)], FORMAT.into())
}
