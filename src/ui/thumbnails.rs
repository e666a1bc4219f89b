//! Small pictures of layers and masks. Each is made anew only when its pixels are others than before, from a number of
//! places that does not grow with the canvas.

use std::collections::BTreeMap;

use egui::{Color32, ColorImage, Rect, TextureHandle, TextureOptions, pos2, vec2};

use super::theme;
use crate::base::{LayerId, PixelRect, Pixmap};
use crate::document::Surface;

/// Texels along the longer side: two for a point of the panel.
const TEXELS: u32 = 56;

/// Places looked at for a texel, along each side.
const SAMPLES: u32 = 4;

/// Texels along a side of a square behind what is transparent.
const SQUARE: u32 = 8;

type Key = (LayerId, bool);

/// All that are shown.
#[derive(Default)]
pub(super) struct Thumbnails {
    made: BTreeMap<Key, Thumbnail>,
    /// Asked for in this frame.
    used: Vec<Key>,
}

struct Thumbnail {
    /// What it shows, and how.
    pixels: Pixmap,
    canvas: PixelRect,
    is_dark: bool,
    texture: TextureHandle,
}

impl Thumbnails {
    /// Forgets what was not asked for since this was called last.
    pub(super) fn retain_used(&mut self) {
        let used = std::mem::take(&mut self.used);
        self.made.retain(|key, _| used.contains(key));
    }

    /// Draws one into the middle of `rect`, as large as fits. Returns where.
    pub(super) fn draw(
        &mut self,
        ui: &egui::Ui,
        rect: Rect,
        surface: Surface,
        pixels: &Pixmap,
        canvas: PixelRect,
    ) -> Rect {
        let key = (surface.layer, surface.is_mask);
        self.used.push(key);
        let is_dark = ui.visuals().dark_mode;
        let is_same = |it: &Thumbnail| {
            it.pixels.is_clone_of(pixels) && it.canvas == canvas && it.is_dark == is_dark
        };
        if !self.made.get(&key).is_some_and(is_same) {
            let image = image_of(pixels, canvas, surface.is_mask, ui.visuals());
            let options = TextureOptions::LINEAR;
            let texture = match self.made.remove(&key) {
                Some(mut it) => {
                    it.texture.set(image, options);
                    it.texture
                }
                None => ui.ctx().load_texture("thumbnail", image, options),
            };
            self.made.insert(key, Thumbnail { pixels: pixels.clone(), canvas, is_dark, texture });
        }
        let place = fitted(rect, canvas);
        if let Some(it) = self.made.get(&key) {
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(it.texture.id(), place, all, Color32::WHITE);
        }
        place
    }
}

/// The part of `rect` that has the proportions of the canvas.
fn fitted(rect: Rect, canvas: PixelRect) -> Rect {
    let (width, height) = (canvas.width().max(1) as f32, canvas.height().max(1) as f32);
    let scale = (rect.width() / width).min(rect.height() / height);
    // A canvas may be far wider than high; something is to be seen of it.
    let size = vec2((width * scale).max(4.0), (height * scale).max(4.0));
    Rect::from_center_size(rect.center(), size)
}

fn image_of(
    pixels: &Pixmap,
    canvas: PixelRect,
    is_mask: bool,
    visuals: &egui::Visuals,
) -> ColorImage {
    let longer = canvas.width().max(canvas.height()).max(1);
    let texels = |len: u32| (len * TEXELS / longer).max(1);
    let (width, height) = (texels(canvas.width()), texels(canvas.height()));
    let [light, dark] = theme::squares(visuals);
    let mut texels = Vec::with_capacity((width * height) as usize);
    for y in 0..height {
        for x in 0..width {
            let [red, green, blue, alpha] = mean(pixels, canvas, [x, y], [width, height]);
            texels.push(if is_mask {
                theme::coverage(alpha)
            } else {
                let is_light = (x / SQUARE + y / SQUARE).is_multiple_of(2);
                let behind = if is_light { light } else { dark };
                behind.blend(Color32::from_rgba_unmultiplied(red, green, blue, alpha))
            });
        }
    }
    ColorImage::new([width as usize, height as usize], texels)
}

/// The mean colour of what a texel stands for.
fn mean(pixels: &Pixmap, canvas: PixelRect, texel: [u32; 2], size: [u32; 2]) -> [u8; 4] {
    let place = |at: u32, texels: u32, from: u32, len: u32| {
        let share = (at as f32 + 0.5) / (texels * SAMPLES) as f32;
        from + ((share * len as f32) as u32).min(len.saturating_sub(1))
    };
    let mut sums = [0_u32; 4];
    for down in 0..SAMPLES {
        let y = place(texel[1] * SAMPLES + down, size[1], canvas.top, canvas.height());
        for across in 0..SAMPLES {
            let x = place(texel[0] * SAMPLES + across, size[0], canvas.left, canvas.width());
            let [red, green, blue, alpha] = pixels.at(x, y).map(u32::from);
            let weighed = [red * alpha, green * alpha, blue * alpha, alpha];
            sums.iter_mut().zip(weighed).for_each(|(sum, it)| *sum += it);
        }
    }
    let [red, green, blue, alpha] = sums;
    let straight = |it: u32| it.checked_div(alpha).unwrap_or(0) as u8;
    [straight(red), straight(green), straight(blue), (alpha / (SAMPLES * SAMPLES)) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_texel_is_the_mean_of_what_it_stands_for() {
        let mut pixels = Pixmap::new(112, 56);
        pixels.update(PixelRect::new(0, 0, 1, 56), |_, _, _| [200, 100, 0, 255]);
        let mean = |x| mean(&pixels, pixels.area(), [x, 0], [56, 28]);
        assert_eq!(mean(0), [200, 100, 0, 127]);
        assert_eq!(mean(1), [0; 4]);
    }
}
