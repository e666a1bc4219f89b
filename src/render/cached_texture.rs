//! Textures that remember what they show, and upload only what has changed.

use super::style::{CellStyle, CellTexel};
use crate::base::{Grid, Mask, PixelRect, Pixmap};

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
        let mut place = self.texture.as_image_copy();
        place.origin = wgpu::Origin3d { x: area.left, y: area.top, z: 0 };
        let layout = wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(texels.len() as u32 / area.height()),
            rows_per_image: None,
        };
        queue.write_texture(place, texels, layout, extent([area.width(), area.height()]));
    }
}

/// The picture, premultiplied, so that filtering never lets the colour of nothing shine through.
impl CachedTexture<Pixmap> {
    pub(super) fn of_picture(device: &wgpu::Device, size: [u32; 2]) -> Self {
        let format = wgpu::TextureFormat::Rgba8Unorm;
        Self::new(device, format, size, Pixmap::new(size[0], size[1]))
    }

    /// Returns whether the texture is another one now.
    pub(super) fn show(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        picture: &Pixmap,
    ) -> bool {
        let size = [picture.width(), picture.height()];
        let is_new = size != [self.shown.width(), self.shown.height()];
        if is_new {
            if device.limits().max_texture_dimension_2d < size[0].max(size[1]) {
                log::warn!("The canvas is too large to be shown: {} × {}", size[0], size[1]);
                return false;
            }
            *self = Self::of_picture(device, size);
        }
        for (tile, _) in picture.tiles_unlike(&self.shown) {
            let area = tile.pixels().intersection(picture.area());
            self.write(queue, area, &premultiplied(picture.rgba(area)));
        }
        self.shown = picture.clone();
        is_new
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
        let area = PixelRect::new(0, 0, size[0], size[1]);
        self.write(queue, area, mask.map_or(&[0], |it| it.coverage()));
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

fn premultiplied(mut rgba: Vec<u8>) -> Vec<u8> {
    for pixel in rgba.as_chunks_mut::<4>().0 {
        let alpha = u16::from(pixel[3]);
        for channel in &mut pixel[..3] {
            *channel = ((u16::from(*channel) * alpha + 127) / 255) as u8;
        }
    }
    rgba
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_pixels_are_uploaded_as_they_are_and_others_in_proportion() {
        assert_eq!(premultiplied(vec![9, 99, 255, 255]), [9, 99, 255, 255]);
        assert_eq!(premultiplied(vec![200, 100, 255, 128]), [100, 50, 128, 128]);
        assert_eq!(premultiplied(vec![200, 100, 255, 0]), [0, 0, 0, 0]);
    }
}
