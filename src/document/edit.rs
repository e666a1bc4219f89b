//! Edits: all that can be done to a picture. An edit, once applied, hands back its inverse.
//! Knows nothing of who asks for it, nor of the order in which edits are undone.

use crate::base::{Cell, Mask, ModelId, PixelRect, PixelTileChange, Pixmap};

use super::layer::{Layer, LayerKind, Stack, Surface};
use super::picture::{CellState, PaintSettings, Picture, Region};

/// Something that can be done to a picture, and undone.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Puts tiles into the model's layer.
    ModelTiles(Vec<PixelTileChange>),
    /// Puts tiles into what the model's new pixels are blended into.
    BackdropTiles(Vec<PixelTileChange>),
    /// Puts tiles into the artist's layer.
    /// Of what the artist draws on.
    PaintTiles(Surface, Vec<PixelTileChange>),
    /// All layers, but for what the model paints.
    Stack(Stack),
    Cells(Vec<(Cell, CellState)>),
    PaintSettings(Box<PaintSettings>),
    Regions(Vec<Region>),
    Select(Option<Mask>),
    /// Says whose codes a picture has, and which models have painted in it.
    Models(Option<ModelId>, Vec<ModelId>),
    /// What of the grid is seen.
    Canvas(PixelRect),
    /// Puts another picture in the place of this one, perhaps of another size.
    Whole(Box<Picture>),
    /// One after the other, as one.
    All(Vec<Self>),
}

impl Edit {
    /// Carries the edit out, and returns its inverse.
    #[must_use = "the inverse is what undo needs"]
    pub fn apply(self, picture: &mut Picture) -> Self {
        use std::mem::replace;
        match self {
            Self::ModelTiles(tiles) => Self::ModelTiles(swap(&mut picture.model_layer, tiles)),
            Self::BackdropTiles(tiles) => Self::BackdropTiles(swap(&mut picture.backdrop, tiles)),
            Self::PaintTiles(id, tiles) => Self::PaintTiles(
                id,
                match picture.pixels_mut(id) {
                    Some(pixels) => swap(pixels, tiles),
                    // It is gone, and so is what would be changed.
                    None => Vec::new(),
                },
            ),
            Self::Stack(stack) => Self::Stack(replace(&mut picture.stack, stack)),
            Self::Cells(cells) => Self::Cells(inverted(cells, |(cell, state)| {
                let idx = picture.grid.idx(cell);
                (cell, replace(&mut picture.cells[idx], state))
            })),
            Self::PaintSettings(paint_settings) => {
                Self::PaintSettings(Box::new(replace(&mut picture.paint_settings, *paint_settings)))
            }
            Self::Regions(regions) => Self::Regions(replace(&mut picture.regions, regions)),
            Self::Select(selection) => Self::Select(replace(&mut picture.selection, selection)),
            Self::Models(codes_of, painters) => Self::Models(
                replace(&mut picture.codes_of, codes_of),
                replace(&mut picture.painters, painters),
            ),
            Self::Canvas(area) => Self::Canvas(replace(&mut picture.canvas, area)),
            Self::Whole(other) => Self::Whole(Box::new(replace(picture, *other))),
            Self::All(edits) => Self::All(inverted(edits, |it| it.apply(picture))),
        }
    }

    /// An edit that leaves all as it is, where an entry of the history is called for.
    #[must_use]
    pub const fn nothing() -> Self {
        Self::All(Vec::new())
    }

    /// The edit that leads from `now` back to `old`; `None` where they are alike. So whatever has
    /// happened between the two, step by step, becomes one edit.
    #[must_use]
    pub fn back_to(old: &Picture, now: &Picture) -> Option<Self> {
        // All fields by name: one that is forgotten here would not be undone.
        let Picture {
            grid,
            canvas,
            model_layer,
            backdrop,
            stack,
            cells,
            paint_settings,
            regions,
            selection,
            codes_of,
            painters,
        } = old;
        if *grid != now.grid {
            return Some(Self::Whole(Box::new(old.clone())));
        }
        let mut edits = Vec::new();
        if *canvas != now.canvas {
            edits.push(Self::Canvas(*canvas));
        }
        let layers = [
            (now.model_layer.tiles_unlike(model_layer), Self::ModelTiles as fn(_) -> Self),
            (now.backdrop.tiles_unlike(backdrop), Self::BackdropTiles),
        ];
        edits.extend(stack_back_to(stack, &now.stack));
        edits.extend(layers.into_iter().filter(|it| !it.0.is_empty()).map(|(it, edit)| edit(it)));
        let states = grid.cells().zip(cells.iter().copied());
        let unlike = states.zip(&now.cells).filter(|((_, old), now)| !is_alike(*old, **now));
        let cells: Vec<(Cell, CellState)> = unlike.map(|(old, _)| old).collect();
        if !cells.is_empty() {
            edits.push(Self::Cells(cells));
        }
        if *paint_settings != now.paint_settings {
            edits.push(Self::PaintSettings(Box::new(paint_settings.clone())));
        }
        if *regions != now.regions {
            edits.push(Self::Regions(regions.clone()));
        }
        if *selection != now.selection {
            edits.push(Self::Select(selection.clone()));
        }
        // That somebody's codes have come into a picture without any changes nothing.
        let is_other = codes_of.is_some() && *codes_of != now.codes_of;
        if is_other || *painters != now.painters {
            let codes_of = codes_of.clone().or_else(|| now.codes_of.clone());
            edits.push(Self::Models(codes_of, painters.clone()));
        }

        if edits.len() < 2 { edits.pop() } else { Some(Self::All(edits)) }
    }
}

/// What leads from the layers of `now` back to those of `old`. Which one is active does not count.
fn stack_back_to(old: &Stack, now: &Stack) -> Vec<Edit> {
    let mut edits = Vec::new();
    if !note_tiles(&old.layers, &now.layers, &mut edits) {
        return vec![Edit::Stack(old.clone())];
    }
    edits
}

/// The tiles that layers have other than before; `false` where more than pixels has changed.
fn note_tiles(old: &[Layer], now: &[Layer], edits: &mut Vec<Edit>) -> bool {
    let is_alike = |(old, now): (&Layer, &Layer)| {
        let mut note = |is_mask: bool, before: &Pixmap, pixels: &Pixmap| {
            let tiles = pixels.tiles_unlike(before);
            if !tiles.is_empty() {
                edits.push(Edit::PaintTiles(Surface { layer: now.id, is_mask }, tiles));
            }
        };
        match (&old.mask, &now.mask) {
            (Some(before), Some(mask)) => note(true, before, mask),
            (None, None) => (),
            _ => return false,
        }
        let is_same_kind = match (&old.kind, &now.kind) {
            (LayerKind::Paint(before), LayerKind::Paint(pixels)) => {
                note(false, before, pixels);
                true
            }
            (LayerKind::Group(old), LayerKind::Group(now)) => note_tiles(old, now, edits),
            (old, now) => old == now,
        };
        let bare = |it: &Layer| Layer { kind: LayerKind::Generated, mask: None, ..it.clone() };
        is_same_kind && bare(old) == bare(now)
    };
    old.len() == now.len() && old.iter().zip(now).all(is_alike)
}

/// Whether nothing was done to a cell. That the model has read it since changes nothing.
fn is_alike(old: CellState, now: CellState) -> bool {
    let read = CellState { code: now.code, label: now.label, ..old };
    old == now || old.is_unread() && read == now
}

fn swap(layer: &mut Pixmap, tiles: Vec<PixelTileChange>) -> Vec<PixelTileChange> {
    inverted(tiles, |it| layer.swap_tile(it))
}

/// Does one thing after the other, and lists the inverses from the last to the first.
fn inverted<T>(things: Vec<T>, apply: impl FnMut(T) -> T) -> Vec<T> {
    let mut inverses: Vec<T> = things.into_iter().map(apply).collect();
    inverses.reverse();
    inverses
}

#[cfg(test)]
mod tests {
    use super::super::brush::BrushStyle;
    use super::super::picture::Author;
    use super::super::picture::tests::{GRID, sheet};
    use super::super::selection;
    use super::super::stroke::Stroke;
    use super::*;
    use crate::base::{Grid, Point};

    #[test]
    fn an_edit_that_changes_a_cell_twice_is_undone_in_the_right_order() {
        let mut picture = sheet();
        let before = picture.clone();
        let cell = Cell::new(2, 3);
        let state = |code| CellState {
            code: Some(code),
            author: Author::Model,
            wet: true,
            ..CellState::default()
        };
        let edit = Edit::Cells(vec![(cell, state(1)), (cell, state(2))]);
        let inverse =
            Edit::All(vec![edit, Edit::Cells(vec![(cell, state(3))])]).apply(&mut picture);
        assert_eq!(picture.state(cell), state(3));
        let _ = inverse.apply(&mut picture);
        assert_eq!(picture, before);
    }

    #[test]
    fn whatever_has_happened_becomes_one_edit() {
        let (old, mut now) = (sheet(), sheet());
        let points = vec![Point::new(5.0, 5.0), Point::new(60.0, 50.0)];
        let stroke = Stroke { style: BrushStyle::default(), points };
        let layer = now.stack.surface();
        now.pixels_mut(layer).map(|it| stroke.draw(it, None)).unwrap();
        now.model_layer.update(GRID.area(), |x, y, _| [x as u8, y as u8, 0, 255]);
        now.backdrop.update(GRID.area(), |x, y, _| [y as u8, x as u8, 0, 255]);
        now.cells[7].variation = 4;
        now.paint_settings.prompt = "a windmill".to_owned();
        now.selection = Some(selection::all(GRID));

        let mut picture = now.clone();
        let forth = Edit::back_to(&old, &now).unwrap().apply(&mut picture);
        assert_eq!(picture, old);
        let _ = forth.apply(&mut picture);
        assert_eq!(picture, now);
    }

    #[test]
    fn strokes_are_undone_by_their_tiles_and_other_layers_as_a_whole() {
        let (old, mut now) = (sheet(), sheet());
        now.stack = old.stack.clone();
        let layer = now.stack.surface();
        now.pixels_mut(layer).map(|it| it.update(GRID.area(), |_, _, _| [1, 2, 3, 4])).unwrap();
        assert!(matches!(Edit::back_to(&old, &now), Some(Edit::PaintTiles(it, _)) if it == layer));
        now.stack.layers[1].opacity = 0.5;
        assert!(matches!(Edit::back_to(&old, &now), Some(Edit::Stack(_))));
        let mut picture = now.clone();
        let forth = Edit::back_to(&old, &now).unwrap().apply(&mut picture);
        assert_eq!(picture, old);
        let _ = forth.apply(&mut picture);
        assert_eq!(picture, now);
    }

    #[test]
    fn a_picture_of_another_size_is_put_in_place_as_a_whole() {
        let old = sheet();
        let wider = Grid { cols: 9, ..GRID };
        let mut picture = Picture::new(wider, old.paint_settings.clone());
        let inverse = Edit::back_to(&old, &picture).unwrap().apply(&mut picture);
        assert_eq!(picture, old);
        let _ = inverse.apply(&mut picture);
        assert_eq!(picture.grid, wider);
    }

    #[test]
    fn nothing_leads_from_a_picture_to_itself() {
        let picture = sheet();
        assert_eq!(Edit::back_to(&picture, &picture.clone()), None);
    }
}
