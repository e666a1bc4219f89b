//! What is seen where, tile by tile: layers become programs for the compositor. Everything that looks at a picture asks
//! here: screen, files, the model, the pipette, whatever wants to know which cells were touched.

use std::sync::Arc;

use super::layer::{Layer, LayerKind, Stack};
use super::picture::Picture;
use crate::base::{LayerId, PixelRect, PixelTile, Pixmap, Rgba, TileIdx};
use crate::compose::{BlendMode, Instruction, Program};

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
        if layer.mask.is_none() && !layer.is_clipped && layer.finish.is_none() {
            return Some(own.clone());
        }
        let base = siblings[..place.idx].iter().rev().find(|it| !it.is_clipped);
        let seen = self.seen();
        let alone = Layer { is_visible: true, opacity: 1.0, ..layer.clone() };
        let mut shown = Pixmap::new(own.width(), own.height());
        for idx in own.tiles_in(own.bounds()) {
            let mut program = Program::default();
            let base = base.filter(|_| layer.is_clipped);
            if base.is_some_and(|it| seen.load(it, idx, &mut program)) {
                program.push(Instruction::SetBase);
            }
            if seen.load(&alone, idx, &mut program) {
                program.extend(layer.is_clipped.then_some(Instruction::Clip));
                program.push(Instruction::Lay(BlendMode::Normal));
            }
            shown.put_tile(idx, program.run());
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

    /// What a tile is composed of.
    #[must_use]
    pub fn program(&self, idx: TileIdx) -> Program {
        let mut program = Program::default();
        self.lay(&self.stack.layers, idx, &mut program);
        program
    }

    /// What a tile looks like; `None` where there is nothing to see.
    #[must_use]
    pub fn tile(&self, idx: TileIdx) -> Option<Arc<PixelTile>> {
        self.program(idx).run()
    }

    /// All tiles that `area` touches, in their places.
    #[must_use]
    pub fn pixels(&self, area: PixelRect) -> Pixmap {
        let mut pixels = Pixmap::new(self.area.right, self.area.bottom);
        for idx in pixels.tiles_in(area) {
            pixels.put_tile(idx, self.tile(idx));
        }
        pixels
    }

    /// RGBA8 values of `area`, row by row; transparent where it reaches beyond the picture.
    #[must_use]
    pub fn rgba(&self, area: PixelRect) -> Vec<u8> {
        self.pixels(area).rgba(area)
    }

    /// A single pixel.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> Rgba {
        let is_there = x < self.area.right && y < self.area.bottom;
        let tile = if is_there { self.tile(TileIdx::of_pixel(x, y)) } else { None };
        tile.map_or([0; 4], |it| it.at(x, y))
    }

    /// Layers upon each other, the lowest first.
    fn lay(&self, layers: &[Layer], idx: TileIdx, program: &mut Program) {
        // Whether there is something that clipped layers are seen in.
        let mut has_base = false;
        for (place, layer) in layers.iter().enumerate() {
            let is_base =
                !layer.is_clipped && layers.get(place + 1).is_some_and(|it| it.is_clipped);
            let is_wanted = self.is_wanted(layer);
            if !is_wanted && !is_base {
                has_base &= layer.is_clipped;
                continue;
            }
            let is_hidden = layer.is_clipped && !has_base;
            let is_there = !is_hidden && self.load(layer, idx, program);
            if layer.is_clipped {
                program.extend(is_there.then_some(Instruction::Clip));
            } else {
                has_base = is_base && is_there;
                program.extend(has_base.then_some(Instruction::SetBase));
            }
            if is_wanted && is_there {
                program.push(Instruction::Lay(layer.blend));
            } else if is_wanted && layer.blend.reaches_beyond_paint() {
                program.extend([Instruction::Clear, Instruction::Lay(layer.blend)]);
            }
        }
    }

    fn is_wanted(&self, layer: &Layer) -> bool {
        let is_read = self.which == Which::Seen || layer.is_read;
        let is_hidden = self.which == Which::Painted && matches!(layer.kind, LayerKind::Generated);
        layer.is_visible && is_read && !is_hidden
    }

    /// A layer by itself, with its opacity and mask. Whether there is something of it.
    fn load(&self, layer: &Layer, idx: TileIdx, program: &mut Program) -> bool {
        let mask = layer.mask.as_ref().map(|it| it.tile(idx));
        if !layer.is_visible || layer.opacity <= 0.0 || mask.is_some_and(|it| it.is_none()) {
            return false;
        }
        let is_there = match &layer.kind {
            LayerKind::Paint(pixels) => self.load_pixels(layer, pixels, idx, program),
            LayerKind::Group(layers) => group(program, |it| self.lay(layers, idx, it)),
            LayerKind::Generated if self.overlays.is_empty() => {
                self.load_pixels(layer, self.model_layer, idx, program)
            }
            LayerKind::Generated => group(program, |program| {
                if self.load_pixels(layer, self.model_layer, idx, program) {
                    program.push(Instruction::Lay(BlendMode::Normal));
                }
                for pixels in &self.overlays {
                    if load_tile(pixels.tile(idx), program) {
                        program.push(Instruction::Lay(BlendMode::Normal));
                    }
                }
            }),
        };
        if is_there {
            let mask = mask.flatten().map(|it| Instruction::Mask(Arc::clone(it)));
            program.extend(mask);
            program.extend((layer.opacity < 1.0).then_some(Instruction::Fade(layer.opacity)));
        }
        is_there
    }

    /// What a layer with such pixels looks like. The model sees them without a finish.
    fn load_pixels(
        &self,
        layer: &Layer,
        pixels: &Pixmap,
        idx: TileIdx,
        program: &mut Program,
    ) -> bool {
        let finish = layer.finish.as_ref().filter(|_| self.which == Which::Seen);
        let finished = finish.and_then(|it| it.tile(pixels, idx));
        load_tile(finished.unwrap_or_else(|| pixels.tile(idx)), program)
    }
}

/// Whether there is such a tile.
fn load_tile(tile: Option<&Arc<PixelTile>>, program: &mut Program) -> bool {
    let tile = tile.map(|it| Instruction::Load(Arc::clone(it)));
    let is_there = tile.is_some();
    program.extend(tile);
    is_there
}

/// What `lay` lays, by itself. Whether it lays anything.
fn group(program: &mut Program, lay: impl FnOnce(&mut Program)) -> bool {
    let mut inner = Program::default();
    lay(&mut inner);
    let is_there = !inner.is_empty();
    if is_there {
        program.push(Instruction::Open);
        program.extend(inner);
        program.push(Instruction::Close);
    }
    is_there
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
