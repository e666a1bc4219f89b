//! What can be done to layers: each makes a new stack, and leaves the old one as it was.

use super::layer::{Layer, LayerKind, Place, Stack};
use super::layer_finish::LayerFinish;
use super::picture::Picture;
use crate::base::{LayerId, Mask, PixelRect, Pixmap};
use crate::compose::BlendMode;
use crate::cutout;

/// Another value of something that a layer has.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerChange {
    Name(String),
    /// From 0 to 1.
    Opacity(f32),
    Blend(BlendMode),
    Visible(bool),
    Locked(bool),
    KeepsAlpha(bool),
    Clipped(bool),
    Read(bool),
    Mask(MaskChange),
    /// What it is seen with, if with anything.
    Finish(Option<LayerFinish>),
    /// What it looks like becomes its pixels.
    ApplyFinish,
    /// Only this much of it is seen; paint loses the colours of what it was cut out of.
    CutOut(Mask),
}

/// What becomes of a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskChange {
    /// A new one, that shows what is selected; everything where nothing is.
    FromSelection,
    Invert,
    Remove,
    /// What it hides is gone for good.
    Apply,
}

impl LayerChange {
    /// For the history.
    #[must_use]
    pub fn label(&self, layer: &str) -> String {
        match self {
            Self::Name(name) => format!("Rename {layer} to {name}"),
            Self::Opacity(_) => format!("Opacity of {layer}"),
            Self::Blend(mode) => format!("{layer}: {}", mode.label()),
            Self::Visible(is_so) => format!("{} {layer}", if *is_so { "Show" } else { "Hide" }),
            Self::Locked(is_so) => format!("{} {layer}", if *is_so { "Lock" } else { "Unlock" }),
            Self::KeepsAlpha(is_so) => {
                format!("{} alpha of {layer}", if *is_so { "Lock" } else { "Unlock" })
            }
            Self::Clipped(true) => format!("Clip {layer} to the layer below"),
            Self::Clipped(false) => format!("Release {layer}"),
            Self::Read(true) => format!("Let the model see {layer}"),
            Self::Read(false) => format!("Keep {layer} from the model"),
            Self::Mask(MaskChange::FromSelection) => format!("Mask {layer}"),
            Self::Mask(MaskChange::Invert) => format!("Invert the mask of {layer}"),
            Self::Mask(MaskChange::Remove) => format!("Remove the mask of {layer}"),
            Self::Finish(Some(it)) => format!("{layer} in {}", it.style.name()),
            Self::Finish(None) => format!("{layer} as it is"),
            Self::CutOut(_) => format!("Cut out of {layer}"),
            Self::ApplyFinish => format!("Apply the surface of {layer}"),
            Self::Mask(MaskChange::Apply) => format!("Apply the mask of {layer}"),
        }
    }
}

impl Stack {
    /// With a layer above the active one, or in it where that is a group; it is the active one then.
    #[must_use]
    pub fn with_layer(&self, layer: Layer) -> Self {
        let mut stack = self.clone();
        let id = layer.id;
        let active = stack.find_mut(self.active);
        if let Some(Layer { kind: LayerKind::Group(layers), .. }) = active {
            layers.push(layer);
        } else {
            let top = Place { parent: None, idx: stack.layers.len() };
            let place =
                self.place_of(self.active).map_or(top, |it| Place { idx: it.idx + 1, ..it });
            stack.insert(layer, place);
        }
        Self { active: id, edits_mask: false, ..stack }
    }

    /// Without a layer and all that it holds. `None` where that is what the model paints, or there is no such layer.
    #[must_use]
    pub fn without(&self, id: LayerId) -> Option<Self> {
        if self.find(id)?.holds_generated() {
            return None;
        }
        let place = self.place_of(id)?;
        let mut stack = self.clone();
        stack.siblings_mut(place.parent)?.remove(place.idx);
        if stack.find(stack.active).is_none() {
            let siblings = stack.siblings_mut(place.parent)?;
            let next = siblings.get(place.idx.saturating_sub(1)).map(|it| it.id);
            stack.active = next.or(place.parent).unwrap_or(stack.active);
        }
        Some(stack)
    }

    /// With a copy of a layer above it. `None` where that is what the model paints, or there is no such layer.
    #[must_use]
    pub fn with_copy(&self, id: LayerId) -> Option<Self> {
        let layer = self.find(id).filter(|it| !it.holds_generated())?;
        let copy = Layer { name: format!("{} copy", layer.name), ..layer.duplicate() };
        let place = self.place_of(id)?;
        let mut stack = self.clone();
        stack.active = copy.id;
        stack.insert(copy, Place { idx: place.idx + 1, ..place });
        Some(stack)
    }

    /// With a layer elsewhere: `to` counts as it is without that layer. `None` where there is no such place, it lies in the
    /// layer itself, or nothing would change.
    #[must_use]
    pub fn with_moved(&self, id: LayerId, to: Place) -> Option<Self> {
        let from = self.place_of(id)?;
        let mut stack = self.clone();
        let layer = stack.siblings_mut(from.parent)?.remove(from.idx);
        if stack.siblings_mut(to.parent)?.len() < to.idx || from == to {
            return None;
        }
        stack.insert(layer, to);
        Some(stack)
    }

    /// With a group in place of a layer, which lies in it then.
    #[must_use]
    pub fn grouped(&self, id: LayerId) -> Option<Self> {
        let place = self.place_of(id)?;
        let mut stack = self.clone();
        let name = self.free_name("Group");
        let siblings = stack.siblings_mut(place.parent)?;
        let layer = siblings.remove(place.idx);
        siblings.insert(place.idx, Layer::new(name, LayerKind::Group(vec![layer])));
        Some(stack)
    }

    /// With what a group holds in its place.
    #[must_use]
    pub fn ungrouped(&self, id: LayerId) -> Option<Self> {
        let place = self.place_of(id)?;
        let LayerKind::Group(layers) = self.find(id)?.kind.clone() else { return None };
        let mut stack = self.clone();
        if self.active == id {
            stack.active = layers.last()?.id;
        }
        stack.siblings_mut(place.parent)?.splice(place.idx..=place.idx, layers);
        Some(stack)
    }

    /// Where it may look otherwise than `other`, in a picture that reaches as far as `all`.
    #[must_use]
    pub fn unlike(&self, other: &Self, all: PixelRect) -> PixelRect {
        let (ours, theirs) = (self.walk(), other.walk());
        let is_alike = |((a, ours), (b, theirs)): &((usize, &Layer), (usize, &Layer))| {
            a == b && ours.id == theirs.id && ours == theirs
        };
        let pairs = || ours.iter().copied().zip(theirs.iter().copied());
        let n_alike = pairs().take_while(is_alike).count();
        let rest = ours.len().min(theirs.len()) - n_alike;
        let backwards = ours.iter().rev().copied().zip(theirs.iter().rev().copied());
        let mut n_above = backwards.take(rest).take_while(is_alike).count();
        // What is clipped to something that changes changes with it.
        let is_clipped =
            |n_above: usize| ours.iter().rev().nth(n_above - 1).is_some_and(|it| it.1.is_clipped);
        while 0 < n_above && is_clipped(n_above) {
            n_above -= 1;
        }
        let of = |it: &[(usize, &Layer)], other: &[(usize, &Layer)]| {
            let changed = &it[n_alike..it.len() - n_above];
            // A layer that is the same but for its pixels is looked at tile by tile.
            let area = |(idx, (_, layer)): (usize, &(usize, &Layer))| {
                let twin = other.get(n_alike + idx).map(|it| it.1);
                twin.and_then(|it| layer.pixels_unlike(it)).unwrap_or_else(|| layer.bounds(all))
            };
            changed.iter().enumerate().map(area).fold(PixelRect::default(), PixelRect::union)
        };
        of(&ours, &theirs).union(of(&theirs, &ours))
    }

    fn insert(&mut self, layer: Layer, place: Place) {
        if let Some(siblings) = self.siblings_mut(place.parent) {
            siblings.insert(place.idx.min(siblings.len()), layer);
        }
    }
}

impl Picture {
    /// Where it may look otherwise than `other`.
    #[must_use]
    pub fn unlike(&self, other: &Self) -> PixelRect {
        let all = self.grid.area();
        if self.grid != other.grid || self.canvas != other.canvas {
            return all;
        }
        let painted = self.model_layer.area_unlike(&other.model_layer);
        painted.union(self.stack.unlike(&other.stack, all)).intersection(all)
    }

    /// The stack with another value of a layer. `None` where there is no such layer, or nothing would change.
    #[must_use]
    pub fn changed_layer(&self, id: LayerId, change: &LayerChange) -> Option<Stack> {
        let mut stack = self.stack.clone();
        let layer = stack.find_mut(id)?;
        match change {
            LayerChange::Name(name) => layer.name.clone_from(name),
            LayerChange::Opacity(opacity) => layer.opacity = opacity.clamp(0.0, 1.0),
            LayerChange::Blend(mode) => layer.blend = *mode,
            LayerChange::Visible(is_so) => layer.is_visible = *is_so,
            LayerChange::Locked(is_so) => layer.is_locked = *is_so,
            LayerChange::KeepsAlpha(is_so) => layer.keeps_alpha = *is_so,
            LayerChange::Clipped(is_so) => layer.is_clipped = *is_so,
            LayerChange::Read(is_so) => layer.is_read = *is_so,
            LayerChange::Mask(change) => self.change_mask(layer, *change),
            LayerChange::Finish(finish) if !matches!(layer.kind, LayerKind::Group(_)) => {
                layer.finish.clone_from(finish);
            }
            LayerChange::Finish(_) => return None,
            LayerChange::CutOut(mask) => {
                if let LayerKind::Paint(pixels) = &mut layer.kind {
                    *pixels = cutout::foreground_colours(pixels, mask);
                }
                let shown = match &layer.mask {
                    Some(it) => Mask::of_alpha(it).combined(mask, u8::min),
                    None => mask.clone(),
                };
                layer.mask = Some(shown.to_pixels());
            }
            LayerChange::ApplyFinish => {
                let finish = layer.finish.take()?;
                let LayerKind::Paint(pixels) = &mut layer.kind else { return None };
                *pixels = finish.shown(pixels)?.clone();
            }
        }
        if let LayerChange::Mask(change) = change {
            stack.edits_mask = *change == MaskChange::FromSelection && stack.active == id;
        }
        (stack.find(id) != self.stack.find(id)).then_some(stack)
    }

    fn change_mask(&self, layer: &mut Layer, change: MaskChange) {
        let (width, height) = (self.grid.width(), self.grid.height());
        match change {
            MaskChange::FromSelection => {
                let all = || Pixmap::filled(width, height, [0, 0, 0, 255]);
                layer.mask = Some(self.selection.as_ref().map_or_else(all, Mask::to_pixels));
            }
            MaskChange::Invert => {
                if let Some(mask) = &mut layer.mask {
                    mask.update(self.grid.area(), |_, _, [.., alpha]| [0, 0, 0, 255 - alpha]);
                }
            }
            MaskChange::Remove => layer.mask = None,
            MaskChange::Apply => {
                if let (Some(mask), LayerKind::Paint(pixels)) =
                    (layer.mask.clone(), &mut layer.kind)
                {
                    pixels.update(pixels.bounds(), |x, y, [red, green, blue, alpha]| {
                        let alpha = super::blend::scaled(alpha, mask.at(x, y)[3]);
                        if alpha == 0 { [0; 4] } else { [red, green, blue, alpha] }
                    });
                    layer.mask = None;
                }
            }
        }
    }

    /// A layer laid on the one below it, which stays. Where that is what the model paints, it is a part of that from then
    /// on. `None` where there is nothing below, or a group.
    #[must_use]
    pub fn merged_down(&self, id: LayerId) -> Option<Self> {
        let place = self.stack.place_of(id)?;
        let below = place.idx.checked_sub(1)?;
        let mut picture = self.clone();
        let siblings = picture.stack.siblings_mut(place.parent)?;
        // What is clipped is seen in what lies below it: merged, it would be seen in something else.
        let is_base = siblings.get(place.idx + 1).is_some_and(|it| it.is_clipped);
        if is_base || siblings[below].is_clipped {
            return None;
        }
        if matches!(siblings[below].kind, LayerKind::Group(_))
            || siblings[place.idx].holds_generated()
        {
            return None;
        }
        let pair = siblings[below..=place.idx].to_vec();
        siblings.remove(place.idx);
        let merged = &mut siblings[below];
        let area = pair.iter().map(|it| it.bounds(self.grid.area())).reduce(PixelRect::union)?;
        // How the lower one meets what lies below it stays.
        let [lower, upper] = <[Layer; 2]>::try_from(pair).ok()?;
        let alone = Layer { blend: BlendMode::Normal, is_clipped: false, ..lower };
        (merged.opacity, merged.mask, merged.is_visible) = (1.0, None, true);
        merged.finish = None;
        let (active, is_generated) = (merged.id, matches!(merged.kind, LayerKind::Generated));
        let pixels = self.composed(vec![alone, upper], area);
        if is_generated {
            picture.put_into_model_layer(pixels);
        } else if let LayerKind::Paint(own) = &mut merged.kind {
            *own = pixels;
        }
        picture.stack.active = active;
        Some(picture)
    }

    /// All that is seen in one: what the model paints, with a layer above it for the artist.
    #[must_use]
    pub fn flattened(&self) -> Self {
        let mut picture = self.clone();
        picture.stack = Stack::new(self.grid.width(), self.grid.height());
        picture.put_into_model_layer(self.composed(self.stack.layers.clone(), self.grid.area()));
        picture
    }

    fn put_into_model_layer(&mut self, pixels: Pixmap) {
        self.backdrop = pixels.clone();
        self.model_layer = pixels;
    }

    fn composed(&self, layers: Vec<Layer>, area: PixelRect) -> Pixmap {
        let picture = Self { stack: Stack { layers, ..self.stack.clone() }, ..self.clone() };
        let mut pixels = Pixmap::new(self.grid.width(), self.grid.height());
        for idx in pixels.tiles_in(area) {
            pixels.put_tile(idx, picture.seen().tile(idx));
        }
        pixels
    }
}

#[cfg(test)]
mod tests {
    use super::super::picture::tests::{GRID, sheet};
    use super::*;

    fn names(stack: &Stack) -> Vec<&str> {
        stack.walk().into_iter().map(|(_, it)| it.name.as_str()).collect()
    }

    fn paint(name: &str, colour: [u8; 4]) -> Layer {
        let mut pixels = Pixmap::new(GRID.width(), GRID.height());
        pixels.update(PixelRect::new(0, 0, 4, 4), |_, _, _| colour);
        Layer::new(name, LayerKind::Paint(pixels))
    }

    #[test]
    fn layers_come_go_and_move() {
        let stack = sheet().stack;
        let stack = stack.with_layer(paint("a", [1, 1, 1, 255])).with_layer(paint("b", [2; 4]));
        assert_eq!(names(&stack), ["Painting", "Layer 1", "a", "b"]);
        let id = |stack: &Stack, name: &str| {
            stack.walk().into_iter().find(|(_, it)| it.name == name).unwrap().1.id
        };
        let (a, b, painting) = (id(&stack, "a"), id(&stack, "b"), id(&stack, "Painting"));
        assert_eq!(stack.active, b);
        assert_eq!(names(&stack.without(b).unwrap()), ["Painting", "Layer 1", "a"]);
        assert_eq!(stack.without(b).unwrap().active, a);
        assert_eq!(stack.without(painting), None);
        assert_eq!(
            names(&stack.with_copy(a).unwrap()),
            ["Painting", "Layer 1", "a", "a copy", "b"]
        );

        let lowest = stack.with_moved(b, Place { parent: None, idx: 0 }).unwrap();
        assert_eq!(names(&lowest), ["b", "Painting", "Layer 1", "a"]);
        assert_eq!(stack.with_moved(b, Place { parent: None, idx: 3 }), None);
        let grouped = stack.grouped(a).unwrap();
        assert_eq!(names(&grouped), ["Painting", "Layer 1", "a", "Group 1", "b"]);
        let group = id(&grouped, "Group 1");
        let moved = grouped.with_moved(b, Place { parent: Some(group), idx: 1 }).unwrap();
        assert_eq!(moved.find(group).unwrap().children().len(), 2);
        assert_eq!(grouped.with_moved(group, Place { parent: Some(group), idx: 0 }), None);
        assert_eq!(names(&moved.ungrouped(group).unwrap()), names(&stack));
    }

    #[test]
    fn what_is_merged_or_flattened_looks_the_same() {
        let mut picture = sheet();
        picture.model_layer.update(GRID.area(), |x, _, _| [x as u8, 50, 90, 255]);
        let glaze =
            Layer { opacity: 0.4, blend: BlendMode::Multiply, ..paint("glaze", [200, 9, 9, 255]) };
        picture.stack =
            picture.stack.with_layer(paint("ground", [9, 200, 60, 120])).with_layer(glaze);
        let alike = |a: &Picture, b: &Picture| {
            let (a, b) = (a.composite(GRID.area()), b.composite(GRID.area()));
            a.iter().zip(&b).all(|(a, b)| a.abs_diff(*b) <= 1)
        };
        let flat = picture.flattened();
        assert!(alike(&flat, &picture));
        assert_eq!(names(&flat.stack), ["Painting", "Layer 1"]);

        // Of modes other than normal, what lies below both takes part no more.
        let normal = LayerChange::Blend(BlendMode::Normal);
        picture.stack = picture.changed_layer(picture.stack.active, &normal).unwrap();
        let merged = picture.merged_down(picture.stack.active).unwrap();
        assert_eq!(names(&merged.stack), ["Painting", "Layer 1", "ground"]);
        assert!(alike(&merged, &picture));
        let lower = merged.merged_down(merged.stack.active).unwrap();
        let lowest = lower.merged_down(lower.stack.active).unwrap();
        assert_eq!(names(&lowest.stack), ["Painting"]);
        assert!(alike(&lowest, &picture));
        assert_eq!(lowest.merged_down(lowest.stack.active), None);
    }

    #[test]
    fn a_mask_shows_what_was_selected() {
        let mut picture = sheet();
        picture.stack = picture.stack.with_layer(paint("a", [1, 2, 3, 255]));
        let id = picture.stack.active;
        picture.selection =
            Some(Mask::from_fn(GRID.width(), GRID.height(), |x, _| if x < 2 { 255 } else { 0 }));
        let mut alpha = |change| {
            picture.stack = picture.changed_layer(id, &LayerChange::Mask(change)).unwrap();
            [0, 3].map(|x| picture.seen().at(x, 0)[3])
        };
        assert_eq!(alpha(MaskChange::FromSelection), [255, 0]);
        assert_eq!(alpha(MaskChange::Invert), [0, 255]);
        assert_eq!(alpha(MaskChange::Apply), [0, 255]);
        assert!(picture.stack.find(id).unwrap().mask.is_none());
    }
}
