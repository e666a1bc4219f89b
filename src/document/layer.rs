//! Layers, and the stack that they lie in.

use super::layer_finish::LayerFinish;
use crate::base::{Grid, LayerId, PixelRect, Pixmap};
use crate::compose::BlendMode;

/// What a layer holds.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerKind {
    /// The artist's.
    Paint(Pixmap),
    /// What the model paints: the picture's `model_layer`.
    Generated,
    /// Layers that are composed by themselves, the lowest first.
    Group(Vec<Layer>),
}

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    pub id: LayerId,
    pub name: String,
    pub kind: LayerKind,
    /// From 0 to 1.
    pub opacity: f32,
    pub blend: BlendMode,
    pub is_visible: bool,
    /// Nothing is drawn on it.
    pub is_locked: bool,
    /// Strokes change colours, and leave alone how much of it there is.
    pub keeps_alpha: bool,
    /// It is seen only where the layer below it has paint.
    pub is_clipped: bool,
    /// Whether the model sees it.
    pub is_read: bool,
    /// Shows as much of the layer as it has alpha.
    pub mask: Option<Pixmap>,
    /// What it is seen with, in place of its pixels. None of a group.
    pub finish: Option<LayerFinish>,
}

impl Layer {
    #[must_use]
    pub fn new(name: impl Into<String>, kind: LayerKind) -> Self {
        Self {
            id: LayerId::next(),
            name: name.into(),
            kind,
            opacity: 1.0,
            blend: BlendMode::Normal,
            is_visible: true,
            is_locked: false,
            keeps_alpha: false,
            is_clipped: false,
            is_read: true,
            mask: None,
            finish: None,
        }
    }

    /// The artist's pixels, if it has any.
    #[must_use]
    pub const fn pixels(&self) -> Option<&Pixmap> {
        match &self.kind {
            LayerKind::Paint(pixels) => Some(pixels),
            LayerKind::Generated | LayerKind::Group(_) => None,
        }
    }

    /// What is drawn on: its mask, or its pixels, if it has such.
    #[must_use]
    pub const fn surface(&self, is_mask: bool) -> Option<&Pixmap> {
        if is_mask { self.mask.as_ref() } else { self.pixels() }
    }

    const fn surface_mut(&mut self, is_mask: bool) -> Option<&mut Pixmap> {
        match &mut self.kind {
            _ if is_mask => self.mask.as_mut(),
            LayerKind::Paint(pixels) => Some(pixels),
            LayerKind::Generated | LayerKind::Group(_) => None,
        }
    }

    /// Where its pixels are other ones than those of `twin`, of which it is a later or earlier state; `None` where more than
    /// pixels is other.
    pub(super) fn pixels_unlike(&self, twin: &Self) -> Option<PixelRect> {
        let (ours, theirs) = (self.pixels()?, twin.pixels()?);
        let bare = |it: &Self| Self { kind: LayerKind::Generated, ..it.clone() };
        if ours.area() != theirs.area() || bare(self) != bare(twin) {
            return None;
        }
        Some(ours.area_unlike(theirs))
    }

    /// Where it, or something in it, may have paint.
    #[must_use]
    pub fn bounds(&self, all: PixelRect) -> PixelRect {
        if self.blend.reaches_beyond_paint() {
            return all;
        }
        match &self.kind {
            LayerKind::Paint(pixels) => pixels.bounds(),
            LayerKind::Generated => all,
            LayerKind::Group(layers) => {
                layers.iter().map(|it| it.bounds(all)).fold(PixelRect::default(), PixelRect::union)
            }
        }
    }

    /// The layers of a group, the lowest first; none of others.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        match &self.kind {
            LayerKind::Group(layers) => layers,
            LayerKind::Paint(_) | LayerKind::Generated => &[],
        }
    }

    /// The same, with other names for itself and all that it holds.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        let kind = match &self.kind {
            LayerKind::Group(layers) => {
                LayerKind::Group(layers.iter().map(Self::duplicate).collect())
            }
            kind @ (LayerKind::Paint(_) | LayerKind::Generated) => kind.clone(),
        };
        Self { id: LayerId::next(), kind, ..self.clone() }
    }

    /// Whether it, or something in it, is what the model paints.
    #[must_use]
    pub fn holds_generated(&self) -> bool {
        matches!(self.kind, LayerKind::Generated)
            || self.children().iter().any(Self::holds_generated)
    }

    /// What is as large as a canvas becomes as large as the grid around it; masks are of that size, too.
    pub fn put_into(&mut self, grid: Grid, canvas: PixelRect) {
        let place = [canvas.left.into(), canvas.top.into()];
        self.map_pixmaps(&|old| old.placed(grid.width(), grid.height(), place));
    }

    /// Changes every pixmap in it.
    pub(super) fn map_pixmaps(&mut self, change: &impl Fn(&Pixmap) -> Pixmap) {
        self.mask = self.mask.as_ref().map(change);
        match &mut self.kind {
            LayerKind::Paint(pixels) => *pixels = change(pixels),
            LayerKind::Group(layers) => layers.iter_mut().for_each(|it| it.map_pixmaps(change)),
            LayerKind::Generated => (),
        }
    }
}

/// What can be drawn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surface {
    pub layer: LayerId,
    /// Its mask, in place of its pixels.
    pub is_mask: bool,
}

/// Where a layer is, or is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The group that it lies in; `None` for the stack itself.
    pub parent: Option<LayerId>,
    /// Among its siblings, from below.
    pub idx: usize,
}

/// All layers of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// The lowest first.
    pub layers: Vec<Layer>,
    /// The one that is drawn on, and that actions are about.
    pub active: LayerId,
    /// Whether its mask is drawn on, in place of its pixels.
    pub edits_mask: bool,
}

impl Stack {
    /// What the model paints, and a layer above it for the artist.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let painting = Layer::new("Painting", LayerKind::Generated);
        let paint = Layer::new("Layer 1", LayerKind::Paint(Pixmap::new(width, height)));
        Self { active: paint.id, edits_mask: false, layers: vec![painting, paint] }
    }

    #[must_use]
    pub fn find(&self, id: LayerId) -> Option<&Layer> {
        find(&self.layers, id)
    }

    pub(super) fn find_mut(&mut self, id: LayerId) -> Option<&mut Layer> {
        find_mut(&mut self.layers, id)
    }

    /// The one that is drawn on, if it is there.
    #[must_use]
    pub fn active(&self) -> Option<&Layer> {
        self.find(self.active)
    }

    /// What is drawn on.
    #[must_use]
    pub fn surface(&self) -> Surface {
        let has_mask = self.active().is_some_and(|it| it.mask.is_some());
        Surface { layer: self.active, is_mask: self.edits_mask && has_mask }
    }

    #[must_use]
    pub fn pixels_of(&self, surface: Surface) -> Option<&Pixmap> {
        self.find(surface.layer)?.surface(surface.is_mask)
    }

    pub(super) fn pixels_of_mut(&mut self, surface: Surface) -> Option<&mut Pixmap> {
        self.find_mut(surface.layer)?.surface_mut(surface.is_mask)
    }

    /// All layers with how deep they lie in groups, from below; a group comes after what it holds.
    #[must_use]
    pub fn walk(&self) -> Vec<(usize, &Layer)> {
        let mut found = Vec::new();
        walk(&self.layers, 0, &mut found);
        found
    }

    #[must_use]
    pub fn place_of(&self, id: LayerId) -> Option<Place> {
        place_in(&self.layers, None, id)
    }

    /// The layers of a group, or those of the stack itself.
    pub(super) fn siblings_mut(&mut self, parent: Option<LayerId>) -> Option<&mut Vec<Layer>> {
        let Some(id) = parent else { return Some(&mut self.layers) };
        match &mut self.find_mut(id)?.kind {
            LayerKind::Group(layers) => Some(layers),
            LayerKind::Paint(_) | LayerKind::Generated => None,
        }
    }

    /// A name that no layer has: "Layer 3".
    #[must_use]
    pub fn free_name(&self, kind: &str) -> String {
        let taken = self.walk();
        let is_free = |name: &String| taken.iter().all(|(_, it)| it.name != *name);
        (1_usize..).map(|n| format!("{kind} {n}")).find(is_free).unwrap_or_default()
    }
}

fn find(layers: &[Layer], id: LayerId) -> Option<&Layer> {
    layers.iter().find_map(|it| if it.id == id { Some(it) } else { find(it.children(), id) })
}

fn find_mut(layers: &mut [Layer], id: LayerId) -> Option<&mut Layer> {
    for layer in layers {
        if layer.id == id {
            return Some(layer);
        }
        if let LayerKind::Group(layers) = &mut layer.kind
            && let Some(found) = find_mut(layers, id)
        {
            return Some(found);
        }
    }
    None
}

fn walk<'a>(layers: &'a [Layer], depth: usize, found: &mut Vec<(usize, &'a Layer)>) {
    for layer in layers {
        walk(layer.children(), depth + 1, found);
        found.push((depth, layer));
    }
}

fn place_in(layers: &[Layer], parent: Option<LayerId>, id: LayerId) -> Option<Place> {
    layers.iter().enumerate().find_map(|(idx, it)| {
        if it.id == id {
            Some(Place { parent, idx })
        } else {
            place_in(it.children(), Some(it.id), id)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_found_wherever_they_lie() {
        let mut stack = Stack::new(8, 8);
        let inner = Layer::new("inner", LayerKind::Paint(Pixmap::new(8, 8)));
        let id = inner.id;
        let group = Layer::new("Group 1", LayerKind::Group(vec![inner]));
        let group_id = group.id;
        stack.layers.insert(1, group);
        assert_eq!(stack.find(id).map(|it| it.name.as_str()), Some("inner"));
        assert_eq!(stack.place_of(id), Some(Place { parent: Some(group_id), idx: 0 }));
        assert_eq!(stack.place_of(group_id), Some(Place { parent: None, idx: 1 }));
        let names: Vec<_> = stack.walk().iter().map(|it| (it.0, it.1.name.as_str())).collect();
        assert_eq!(names, [(0, "Painting"), (1, "inner"), (0, "Group 1"), (0, "Layer 1")]);
        assert_eq!(
            (stack.free_name("Layer"), stack.free_name("Group")),
            ("Layer 2".into(), "Group 2".into())
        );
        let copy = stack.layers[1].duplicate();
        assert!(copy.id != group_id && copy.children()[0].id != id);
    }
}
