//! A screen without a window: draws one frame of canvas on whatever GPU there is, software ones
//! too, and reads it back.

use std::sync::LazyLock;

use alla_prima::base::{Point, Rgba};
use alla_prima::compose::Composition;
use alla_prima::render::{CanvasPaint, CanvasResources, Compositor, Viewport};

/// The colour that the window has beside the canvas.
const DESK: Rgba = [30, 31, 34, 255];

const FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

static GPU: LazyLock<(wgpu::Device, wgpu::Queue)> = LazyLock::new(|| {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::from_env().unwrap_or(wgpu::Backends::PRIMARY),
        ..wgpu::InstanceDescriptor::new_without_display_handle_from_env()
    });
    let adapter =
        pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))
            .unwrap_or_else(|err| {
                panic!("No Vulkan driver was found: install mesa-vulkan-drivers\n{err}")
            });
    pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default()))
        .unwrap_or_else(|err| panic!("The GPU refuses to work: {err}"))
});

/// What is on the screen.
pub(crate) struct Screen {
    pub(crate) width: u32,
    pub(crate) height: u32,
    rgba: Vec<u8>,
}

impl Screen {
    pub(crate) fn at(&self, x: u32, y: u32) -> Rgba {
        let start = (y * self.width + x) as usize * 4;
        self.rgba[start..start + 4].try_into().unwrap()
    }

    /// The pixel in which `pos` lies.
    pub(crate) fn under(&self, pos: Point) -> Rgba {
        self.at(pos.x as u32, pos.y as u32)
    }

    /// To be looked at: `target/canvas/NAME.png`.
    pub(crate) fn save(&self, name: &str) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/target/canvas");
        std::fs::create_dir_all(folder).unwrap();
        let path = format!("{folder}/{name}.png");
        let colour = image::ExtendedColorType::Rgba8;
        image::save_buffer(path, &self.rgba, self.width, self.height, colour).unwrap();
    }
}

/// The middle of a screen pixel, in `Viewport`'s space.
pub(crate) fn pixel_centre(x: u32, y: u32) -> Point {
    Point::new(x as f32 + 0.5, y as f32 + 0.5)
}

pub(crate) const fn viewport(width: u32, height: u32) -> Viewport {
    Viewport { left: 0.0, top: 0.0, width: width as f32, height: height as f32 }
}

pub(crate) fn new_resources() -> CanvasResources {
    CanvasResources::new(&GPU.0, FORMAT)
}

/// One frame, drawn with fresh resources.
pub(crate) fn draw(paint: &CanvasPaint) -> Screen {
    draw_with(&mut new_resources(), paint)
}

/// One frame after others.
pub(crate) fn draw_with(resources: &mut CanvasResources, paint: &CanvasPaint) -> Screen {
    let (device, queue) = &*GPU;
    let (width, height) = (paint.viewport.width as u32, paint.viewport.height as u32);
    let target = device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: FORMAT,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });

    resources.update(device, queue, paint);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let view = target.create_view(&wgpu::TextureViewDescriptor::default());
    let [r, g, b, a] = DESK.map(|it| f64::from(it) / 255.0);
    let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: &view,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(wgpu::Color { r, g, b, a }),
                store: wgpu::StoreOp::Store,
            },
        })],
        ..Default::default()
    });
    resources.draw(&mut pass);
    drop(pass);
    Screen { width, height, rgba: read_back(encoder, &target) }
}

/// What the GPU composes: RGBA8 values, premultiplied, row by row.
pub(crate) fn compose(compositor: &mut Compositor, picture: &Composition) -> Vec<u8> {
    let (device, queue) = &*GPU;
    compositor.show(device, queue, picture);
    let encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    read_back(encoder, compositor.texture())
}

pub(crate) fn new_compositor() -> Compositor {
    Compositor::new(&GPU.0)
}

/// With room for the tiles of so many pages alone.
pub(crate) fn small_compositor(n_pages: u32) -> Compositor {
    Compositor::with_pages(&GPU.0, n_pages)
}

/// RGBA8 values, row by row.
fn read_back(mut encoder: wgpu::CommandEncoder, target: &wgpu::Texture) -> Vec<u8> {
    let (device, queue) = &*GPU;
    let row_len = target.width() * 4;
    let padded_len = row_len.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: u64::from(padded_len * target.height()),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let layout = wgpu::TexelCopyBufferLayout {
        offset: 0,
        bytes_per_row: Some(padded_len),
        rows_per_image: None,
    };
    let copy = wgpu::TexelCopyBufferInfo { buffer: &buffer, layout };
    encoder.copy_texture_to_buffer(target.as_image_copy(), copy, target.size());
    queue.submit([encoder.finish()]);
    buffer.map_async(wgpu::MapMode::Read, .., |result| result.unwrap());
    device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    let bytes = buffer.get_mapped_range(..).unwrap();
    bytes.chunks(padded_len as usize).flat_map(|row| row[..row_len as usize].to_vec()).collect()
}
