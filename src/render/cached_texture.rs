//! Textures that remember what they show, and upload only what has changed.

use super::gpu::upload;
use super::style::{CellStyle, CellTexel};
use crate::base::{Grid, Mask, PixelRect};

/// A texture, and what is on it.
pub(super) struct CachedTexture<T> {
    shown: T,
    texture: wgpu::Texture,
    pub(super) view: wgpu::TextureView,
}

impl<T> CachedTexture<T> {
    /// All texels are 0.
    fn new(device: &wgpu::Device, format: wgpu::TextureFormat, size: [u32; 2], shown: T) -> Self {
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("canvas"),
            size: extent(size.map(|it| it.max(1))),
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Self { shown, texture, view }
    }

    /// `texels` are those of `area`, row by row.
    fn write(&self, queue: &wgpu::Queue, area: PixelRect, texels: &[u8]) {
        if area.is_empty() {
            return;
        }
        let (origin, size) = ([area.left, area.top, 0], [area.width(), area.height()]);
        upload(queue, &self.texture, origin, size, texels);
    }
}

/// The selection, one byte per pixel; a single unselected pixel where there is none.
impl CachedTexture<Option<Mask>> {
    pub(super) fn of_selection(device: &wgpu::Device, size: [u32; 2]) -> Self {
        Self::new(device, wgpu::TextureFormat::R8Unorm, size, None)
    }

    /// Returns whether the texture is another one now.
    pub(super) fn show(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        mask: Option<&Mask>,
    ) -> bool {
        if self.shown.as_ref() == mask {
            return false;
        }
        let size = mask.map_or([1, 1], |it| [it.width(), it.height()]);
        let is_new = size != [self.texture.width(), self.texture.height()];
        if is_new {
            *self = Self::of_selection(device, size);
        }
        let nothing = Mask::new(size[0], size[1]);
        let mask_now = mask.unwrap_or(&nothing).raster();
        let before = self.shown.as_ref().filter(|_| !is_new).unwrap_or(&nothing).raster();
        for (tile, _) in mask_now.tiles_unlike(before) {
            let area = tile.pixels().intersection(mask_now.area());
            self.write(queue, area, &mask_now.values(area));
        }
        self.shown = mask.cloned();
        is_new
    }
}

/// The styles of the cells, one texel per cell.
impl CachedTexture<Vec<CellStyle>> {
    pub(super) fn of_cells(device: &wgpu::Device, size: [u32; 2]) -> Self {
        Self::new(device, wgpu::TextureFormat::Rgba32Uint, size, Vec::new())
    }

    /// Returns whether the texture is another one now.
    pub(super) fn show(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        grid: Grid,
        cells: &[CellStyle],
    ) -> bool {
        let size = [u32::from(grid.cols), u32::from(grid.rows)];
        let is_new = size.map(|it| it.max(1)) != [self.texture.width(), self.texture.height()];
        if is_new {
            *self = Self::of_cells(device, size);
        }
        let mut cells = cells.to_vec();
        cells.resize(grid.n_cells(), CellStyle::default());
        if self.shown != cells {
            let texels: Vec<CellTexel> = cells.iter().map(|&it| it.into()).collect();
            let area = PixelRect::new(0, 0, size[0], size[1]);
            self.write(queue, area, bytemuck::cast_slice(&texels));
            self.shown = cells;
        }
        is_new
    }
}

const fn extent([width, height]: [u32; 2]) -> wgpu::Extent3d {
    wgpu::Extent3d { width, height, depth_or_array_layers: 1 }
}
