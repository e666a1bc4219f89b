//! The compositor: what is seen where, tile by tile. Everything that looks at a picture asks here: screen, files, the
//! model, the pipette, whatever wants to know which cells were touched.
//!
//! Colours are added up in floats and rounded once, at the end; where one layer alone has paint its tile is shared.

use std::sync::Arc;

use super::blend_mode::{BlendMode, Premultiplied, straight};
use super::layer::{Layer, LayerKind, Stack};
use super::picture::Picture;
use crate::base::{LayerId, PixelRect, Pixmap, Rgba, TILE_PIXELS, Tile, TileIdx};

/// Which layers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// All that are visible.
    Seen,
    /// Of these, those that the model is to see.
    Read,
    /// Of these, all but what the model paints.
    Painted,
}

/// A picture, looked at in some way.
#[derive(Clone, Debug)]
pub struct Composite<'a> {
    stack: &'a Stack,
    model_layer: &'a Pixmap,
    overlays: Vec<&'a Pixmap>,
    which: Which,
    /// All that there is.
    area: PixelRect,
}

impl Picture {
    /// As it is seen.
    #[must_use]
    pub fn seen(&self) -> Composite<'_> {
        self.composite_of(Which::Seen)
    }

    /// As the model sees it.
    #[must_use]
    pub fn read(&self) -> Composite<'_> {
        self.composite_of(Which::Read)
    }

    /// Of what the model sees, what it has not painted.
    #[must_use]
    pub fn painted(&self) -> Composite<'_> {
        self.composite_of(Which::Painted)
    }

    /// A layer by itself as others see it that know neither masks nor clipping: its own pixels, or those of the model, as far as
    /// it shows them. `None` for groups, and where there is no such layer.
    #[must_use]
    pub fn shown_pixels(&self, id: LayerId) -> Option<Pixmap> {
        let place = self.stack.place_of(id)?;
        let siblings = match place.parent {
            Some(parent) => self.stack.find(parent)?.children(),
            None => &self.stack.layers,
        };
        let layer = &siblings[place.idx];
        let own = match &layer.kind {
            LayerKind::Paint(pixels) => pixels,
            LayerKind::Generated => &self.model_layer,
            LayerKind::Group(_) => return None,
        };
        if layer.mask.is_none() && !layer.is_clipped {
            return Some(own.clone());
        }
        let base = siblings[..place.idx].iter().rev().find(|it| !it.is_clipped);
        let seen = self.seen();
        let alone = Layer { is_visible: true, opacity: 1.0, ..layer.clone() };
        let mut shown = Pixmap::new(own.width(), own.height());
        for idx in own.tiles_in(own.bounds()) {
            let mut pixels = seen.source(&alone, idx);
            if layer.is_clipped {
                pixels = pixels.clipped(&base.map_or(Pixels::Nothing, |it| seen.source(it, idx)));
            }
            shown.put_tile(idx, pixels.into_tile());
        }
        Some(shown)
    }

    fn composite_of(&self, which: Which) -> Composite<'_> {
        let (stack, model_layer, area) = (&self.stack, &self.model_layer, self.grid.area());
        Composite { stack, model_layer, overlays: Vec::new(), which, area }
    }
}

impl<'a> Composite<'a> {
    /// With something else in place of what the model has painted.
    #[must_use]
    pub fn with_model_layer(self, model_layer: &'a Pixmap) -> Self {
        Self { model_layer, ..self }
    }

    /// With something for show on what the model has painted, upon what was laid there before.
    #[must_use]
    pub fn with_overlay(mut self, overlay: &'a Pixmap) -> Self {
        self.overlays.push(overlay);
        self
    }

    /// `None` where there is nothing to see.
    #[must_use]
    pub fn tile(&self, idx: TileIdx) -> Option<Arc<Tile>> {
        self.composed(&self.stack.layers, idx).into_tile()
    }

    /// RGBA8 values of `area`, row by row; transparent where it reaches beyond the picture.
    #[must_use]
    pub fn rgba(&self, area: PixelRect) -> Vec<u8> {
        let mut pixels = Pixmap::new(self.area.right, self.area.bottom);
        for idx in pixels.tiles_in(area) {
            pixels.put_tile(idx, self.tile(idx));
        }
        pixels.rgba(area)
    }

    /// A single pixel.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> Rgba {
        let idx = TileIdx { row: y / TILE_PIXELS, col: x / TILE_PIXELS };
        let place = (y % TILE_PIXELS * TILE_PIXELS + x % TILE_PIXELS) as usize;
        let is_there = x < self.area.right && y < self.area.bottom;
        let tile = if is_there { self.tile(idx) } else { None };
        tile.map_or([0; 4], |it| it.pixels()[place])
    }

    /// Layers upon each other, the lowest first.
    fn composed(&self, layers: &[Layer], idx: TileIdx) -> Pixels {
        let mut below = Pixels::Nothing;
        // What the layers clipped to it are seen in.
        let mut base = Pixels::Nothing;
        for layer in layers {
            let mut source = self.source(layer, idx);
            if layer.is_clipped {
                source = source.clipped(&base);
            } else {
                base = source.clone();
            }
            if self.is_wanted(layer) {
                below = below.with(source, layer.blend);
            }
        }
        below
    }

    fn is_wanted(&self, layer: &Layer) -> bool {
        let is_read = self.which == Which::Seen || layer.is_read;
        let is_hidden = self.which == Which::Painted && matches!(layer.kind, LayerKind::Generated);
        layer.is_visible && is_read && !is_hidden
    }

    /// A layer by itself, with its opacity and mask; nothing where it is hidden.
    fn source(&self, layer: &Layer, idx: TileIdx) -> Pixels {
        if !layer.is_visible || layer.opacity <= 0.0 {
            return Pixels::Nothing;
        }
        let pixels = match &layer.kind {
            LayerKind::Paint(pixels) => Pixels::of(pixels, idx),
            LayerKind::Group(layers) => self.composed(layers, idx),
            LayerKind::Generated => {
                let painted = Pixels::of(self.model_layer, idx);
                let overlays = self.overlays.iter().map(|it| Pixels::of(it, idx));
                overlays.fold(painted, |below, it| below.with(it, BlendMode::Normal))
            }
        };
        pixels.masked(layer.mask.as_ref().map(|it| it.tile(idx))).faded(layer.opacity)
    }
}

/// The pixels of a tile, as far as they have been composed.
#[derive(Clone)]
enum Pixels {
    Nothing,
    /// As they lie in one layer.
    Shared(Arc<Tile>),
    Composed(Box<[Premultiplied]>),
}

impl Pixels {
    fn of(pixels: &Pixmap, idx: TileIdx) -> Self {
        pixels.tile(idx).map_or(Self::Nothing, |it| Self::Shared(Arc::clone(it)))
    }

    fn into_tile(self) -> Option<Arc<Tile>> {
        match self {
            Self::Nothing => None,
            Self::Shared(tile) => Some(tile),
            Self::Composed(pixels) => {
                Tile::from_pixels(pixels.iter().map(|&it| rounded(it)).collect()).map(Arc::new)
            }
        }
    }

    fn into_composed(self) -> Box<[Premultiplied]> {
        const N_PIXELS: usize = (TILE_PIXELS * TILE_PIXELS) as usize;
        match self {
            Self::Nothing => vec![[0.0; 4]; N_PIXELS].into_boxed_slice(),
            Self::Shared(tile) => {
                let mut pixels = vec![[0.0; 4]; N_PIXELS].into_boxed_slice();
                lay_on(&mut pixels, tile.pixels(), BlendMode::Normal);
                pixels
            }
            Self::Composed(pixels) => pixels,
        }
    }

    /// `source` laid upon these.
    fn with(self, source: Self, mode: BlendMode) -> Self {
        match (self, source) {
            (below, Self::Nothing) if !mode.reaches_beyond_paint() => below,
            (_, Self::Nothing) => Self::Nothing,
            (Self::Nothing, source) if mode.keeps_source_on_nothing() => source,
            (Self::Nothing, _) => Self::Nothing,
            (below, Self::Shared(source)) => {
                let mut below = below.into_composed();
                let runs = below.chunks_exact_mut(RUN).zip(source.pixels().chunks_exact(RUN));
                for (below, source) in runs {
                    // Most of a tile that a stroke crosses is empty.
                    let is_empty = source.iter().fold(0, |any, it| any | it[3]) == 0;
                    if !is_empty || mode.reaches_beyond_paint() {
                        lay_on(below, source, mode);
                    }
                }
                Self::Composed(below)
            }
            (below, Self::Composed(source)) => {
                let mut below = below.into_composed();
                for (below, &source) in below.iter_mut().zip(&source) {
                    let [r, g, b] = straight(source);
                    *below = mode.laid_on(*below, [r, g, b, source[3]]);
                }
                Self::Composed(below)
            }
        }
    }

    /// As much of each pixel as the mask has alpha, if there is one.
    fn masked(self, mask: Option<Option<&Arc<Tile>>>) -> Self {
        match (self, mask) {
            (pixels, None) => pixels,
            (_, Some(None)) | (Self::Nothing, Some(Some(_))) => Self::Nothing,
            (pixels, Some(Some(mask))) => {
                let mut pixels = pixels.into_composed();
                for (pixel, &[.., alpha]) in pixels.iter_mut().zip(mask.pixels()) {
                    *pixel = pixel.map(|it| it * share(alpha));
                }
                Self::Composed(pixels)
            }
        }
    }

    fn faded(self, opacity: f32) -> Self {
        if 1.0 <= opacity || matches!(self, Self::Nothing) {
            return self;
        }
        let mut pixels = self.into_composed();
        pixels.iter_mut().for_each(|it| *it = it.map(|it| it * opacity));
        Self::Composed(pixels)
    }

    /// As much of each pixel as `base` has alpha.
    fn clipped(self, base: &Self) -> Self {
        match base {
            Self::Nothing => Self::Nothing,
            Self::Shared(base) => self.masked(Some(Some(base))),
            Self::Composed(base) => {
                if matches!(self, Self::Nothing) {
                    return self;
                }
                let mut pixels = self.into_composed();
                for (pixel, base) in pixels.iter_mut().zip(base) {
                    *pixel = pixel.map(|it| it * base[3]);
                }
                Self::Composed(pixels)
            }
        }
    }
}

/// Pixels that are looked at together; a tile is a whole number of them.
const RUN: usize = 16;

fn lay_on(below: &mut [Premultiplied], source: &[Rgba], mode: BlendMode) {
    for (below, &source) in below.iter_mut().zip(source) {
        match source {
            [_, _, _, 0] if !mode.reaches_beyond_paint() => (),
            [.., 255] if mode == BlendMode::Normal => *below = premultiplied(source),
            source => *below = mode.laid_on(*below, floats(source)),
        }
    }
}

fn share(value: u8) -> f32 {
    f32::from(value) / 255.0
}

fn floats(pixel: Rgba) -> [f32; 4] {
    pixel.map(share)
}

fn premultiplied(pixel: Rgba) -> Premultiplied {
    let [r, g, b, alpha] = floats(pixel);
    [r * alpha, g * alpha, b * alpha, alpha]
}

/// To straight alpha and eight bits.
fn rounded(pixel: Premultiplied) -> Rgba {
    let byte = |it: f32| (it.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
    let alpha = byte(pixel[3]);
    if alpha == 0 {
        return [0; 4];
    }
    let [r, g, b] = straight(pixel);
    [byte(r), byte(g), byte(b), alpha]
}

#[cfg(test)]
mod tests {
    use super::super::picture::tests::{GRID, sheet};
    use super::*;

    const LEFT: PixelRect = PixelRect::new(0, 0, 2, 1);
    const RIGHT: PixelRect = PixelRect::new(1, 0, 3, 1);
    const RED: Rgba = [200, 0, 0, 255];
    const BLUE: Rgba = [0, 0, 100, 255];

    fn layer(area: PixelRect, colour: Rgba) -> Layer {
        let mut pixels = Pixmap::new(GRID.width(), GRID.height());
        pixels.update(area, |_, _, _| colour);
        Layer::new("a layer", LayerKind::Paint(pixels))
    }

    /// The first three pixels of these layers, the lowest first.
    fn seen(layers: Vec<Layer>) -> Vec<Rgba> {
        let mut picture = sheet();
        picture.stack.layers = layers;
        (0..3).map(|x| picture.seen().at(x, 0)).collect()
    }

    #[test]
    fn layers_hide_each_other() {
        assert_eq!(seen(vec![layer(LEFT, RED), layer(RIGHT, BLUE)]), [RED, BLUE, BLUE]);
        let hidden = Layer { is_visible: false, ..layer(RIGHT, BLUE) };
        assert_eq!(seen(vec![layer(LEFT, RED), hidden]), [RED, RED, [0; 4]]);
    }

    #[test]
    fn one_layer_alone_is_shared_and_keeps_its_bits() {
        let odd = [37, 5, 250, 3];
        let mut picture = sheet();
        picture.stack.layers = vec![layer(LEFT, odd)];
        let idx = TileIdx { row: 0, col: 0 };
        let own = picture.stack.layers[0].pixels().and_then(|it| it.tile(idx)).cloned();
        assert!(Arc::ptr_eq(&picture.seen().tile(idx).unwrap(), &own.unwrap()));
        // Beside another one it is composed, and the same.
        assert_eq!(
            seen(vec![layer(LEFT, odd), layer(PixelRect::new(2, 0, 3, 1), RED)]),
            [odd, odd, RED]
        );
    }

    #[test]
    fn opacity_masks_and_clipping_take_alpha_away() {
        let half = Layer { opacity: 0.5, ..layer(LEFT, RED) };
        assert_eq!(seen(vec![half])[0], [200, 0, 0, 128]);
        let mut mask = Pixmap::new(GRID.width(), GRID.height());
        mask.update(PixelRect::new(1, 0, 9, 9), |_, _, _| [0, 0, 0, 51]);
        let masked = Layer { mask: Some(mask), ..layer(LEFT, RED) };
        assert_eq!(seen(vec![masked]), [[0; 4], [200, 0, 0, 51], [0; 4]]);
        let clipped = Layer { is_clipped: true, ..layer(RIGHT, BLUE) };
        assert_eq!(seen(vec![layer(LEFT, RED), clipped]), [RED, BLUE, [0; 4]]);
    }

    #[test]
    fn a_group_is_composed_by_itself() {
        let multiplied = Layer { blend: BlendMode::Multiply, ..layer(RIGHT, [0, 0, 0, 255]) };
        let group = Layer::new("", LayerKind::Group(vec![layer(LEFT, RED), multiplied]));
        let found = seen(vec![layer(LEFT, BLUE), Layer { opacity: 0.5, ..group }]);
        assert_eq!(found, [[100, 0, 50, 255], [0, 0, 50, 255], [0, 0, 0, 128]]);
    }

    #[test]
    fn the_model_sees_what_it_is_to_see() {
        let mut picture = sheet();
        picture.model_layer.update(GRID.area(), |_, _, _| [9, 9, 9, 255]);
        let note = Layer { is_read: false, ..layer(RIGHT, BLUE) };
        picture.stack.layers.extend([layer(LEFT, RED), note]);
        assert_eq!([0, 1, 2].map(|x| picture.seen().at(x, 0)), [RED, BLUE, BLUE]);
        assert_eq!([0, 1, 2].map(|x| picture.read().at(x, 0)), [RED, RED, [9, 9, 9, 255]]);
        assert_eq!([0, 1, 2].map(|x| picture.painted().at(x, 0)), [RED, RED, [0; 4]]);
    }

    #[test]
    fn what_is_for_show_lies_on_what_the_model_has_painted() {
        let mut picture = sheet();
        picture.stack.layers.push(layer(LEFT, RED));
        let mut expected = Pixmap::new(GRID.width(), GRID.height());
        expected.update(RIGHT, |_, _, _| BLUE);
        let seen = picture.seen().with_overlay(&expected);
        assert_eq!([0, 1, 2].map(|x| seen.at(x, 0)), [RED, RED, BLUE]);
    }
}
