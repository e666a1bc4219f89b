//! Whatever is done to a picture can be undone and done again, to the last bit.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use alla_prima::base::{
    Cell, CellRect, Grid, Mask, Order, PixelRect, PixelTileChange, Pixmap, Point, Sampling,
};
use alla_prima::document::{
    Author, BrushStyle, CellState, Edit, History, PaintSettings, Picture, Region, Stroke,
    StrokeInProgress, selection,
};
use proptest::prelude::*;

/// More than one tile, and not a whole number of them.
const GRID: Grid = Grid { rows: 5, cols: 6, cell_pixels: 16 };

/// Something that an artist, or the model, may do.
#[derive(Clone, Debug)]
enum Deed {
    Stroke(Stroke),
    Cells(Vec<(Cell, CellState)>),
    PaintSettings {
        prompt: String,
        seed: u64,
    },
    Region(Region),
    Select(Option<Mask>),
    /// A rectangle of the model's layer gets another colour.
    ModelPaints(PixelRect, [u8; 4]),
    /// Several deeds that count as one, as a painting job does.
    Job(Vec<Self>),
    Undo,
    Redo,
}

proptest! {
    #[test]
    fn all_that_was_done_can_be_undone_and_redone(deeds in prop::collection::vec(deed(), 1..16)) {
        let (mut picture, mut history) = (sheet(), History::default());
        // What the picture looked like after each entry of the history, the last one last.
        let mut past = vec![picture.clone()];
        let mut future = Vec::new();

        for deed in deeds {
            match deed {
                Deed::Undo => {
                    let undone = history.undo(&mut picture).is_some();
                    prop_assert_eq!(undone, 1 < past.len());
                    if undone {
                        future.extend(past.pop());
                    }
                }
                Deed::Redo => {
                    let redone = history.redo(&mut picture).is_some();
                    prop_assert_eq!(redone, !future.is_empty());
                    past.extend(future.pop());
                }
                deed => {
                    if carry_out(deed, &mut picture, &mut history) {
                        past.push(picture.clone());
                        future.clear();
                    }
                }
            }
            prop_assert_eq!(Some(&picture), past.last());
        }

        for expected in past.iter().rev().skip(1) {
            prop_assert!(history.undo(&mut picture).is_some());
            prop_assert_eq!(&picture, expected);
        }
        prop_assert_eq!(history.undo(&mut picture), None);
        for expected in past.iter().skip(1).chain(future.iter().rev()) {
            prop_assert!(history.redo(&mut picture).is_some());
            prop_assert_eq!(&picture, expected);
        }
    }

    #[test]
    fn a_stroke_looks_the_same_live_and_at_once(stroke in stroke(), clip in select()) {
        let mut at_once = Pixmap::new(GRID.width(), GRID.height());
        let mut live = at_once.clone();
        stroke.draw(&mut at_once, clip.as_ref());
        let mut in_progress = StrokeInProgress::begin(&live, stroke.style, clip);
        for &point in &stroke.points {
            in_progress.extend(&mut live, point);
        }
        prop_assert_eq!(in_progress.finish().stroke, stroke);
        prop_assert_eq!(live, at_once);
    }
}

/// Returns whether there is a new entry in the history.
fn carry_out(deed: Deed, picture: &mut Picture, history: &mut History) -> bool {
    match deed {
        Deed::Cells(cells) => {
            history.perform(picture, "cells", Edit::Cells(cells));
        }
        Deed::Select(mask) => {
            history.perform(picture, "select", Edit::Select(mask));
        }
        Deed::PaintSettings { prompt, seed } => {
            let paint_settings = PaintSettings { prompt, seed, ..picture.paint_settings.clone() };
            history.perform(picture, "brief", Edit::PaintSettings(Box::new(paint_settings)));
        }
        Deed::Region(region) => {
            let mut regions = picture.regions.clone();
            regions.push(region);
            history.perform(picture, "region", Edit::Regions(regions));
        }
        Deed::ModelPaints(area, colour) => {
            let mut layer = picture.model_layer.clone();
            layer.update(area, |_, _, _| colour);
            // What has changed, from the older layer's point of view, are the newer tiles.
            let tiles: Vec<PixelTileChange> = picture.model_layer.tiles_unlike(&layer);
            history.perform(picture, "tiles", Edit::ModelTiles(tiles));
        }
        Deed::Stroke(stroke) => {
            let (layer, clip) = (picture.stack.surface(), picture.selection.clone());
            let before = picture.paint_layer().unwrap().clone();
            picture.pixels_mut(layer).map(|it| stroke.draw(it, clip.as_ref())).unwrap();
            let tiles = picture.paint_layer().unwrap().tiles_unlike(&before);
            history.push_done("stroke", Edit::PaintTiles(layer, tiles));
        }
        Deed::Job(deeds) => {
            let before = picture.clone();
            for deed in deeds {
                carry_out(deed, picture, &mut History::default());
            }
            // That a cell was read is no deed: it is not undone.
            for (now, old) in picture.cells.iter_mut().zip(&before.cells) {
                let read = CellState { code: now.code, label: now.label, ..*old };
                if old.is_unread() && *now == read {
                    *now = *old;
                }
            }
            let Some(inverse) = Edit::back_to(&before, picture) else {
                return false;
            };
            history.push_done("job", inverse);
        }
        Deed::Undo | Deed::Redo => return false,
    }
    true
}

fn sheet() -> Picture {
    let paint_settings = PaintSettings {
        prompt: String::new(),
        negative: String::new(),
        guidance: 4.0,
        sampling: Sampling::default(),
        seed: 0,
        order: Order::Rows,
    };
    Picture::new(GRID, paint_settings)
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => simple_deed(),
        1 => prop::collection::vec(simple_deed(), 0..5).prop_map(Deed::Job),
        2 => Just(Deed::Undo),
        1 => Just(Deed::Redo),
    ]
}

fn simple_deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        stroke().prop_map(Deed::Stroke),
        prop::collection::vec((cell(), state()), 0..6).prop_map(Deed::Cells),
        ("[a-z]{0,4}", any::<u64>())
            .prop_map(|(prompt, seed)| Deed::PaintSettings { prompt, seed }),
        region().prop_map(Deed::Region),
        select().prop_map(Deed::Select),
        (cell(), any::<[u8; 4]>()).prop_map(|(cell, colour)| {
            let area = GRID.pixels(CellRect::of(cell).grown(1, GRID));
            Deed::ModelPaints(area, colour)
        }),
    ]
}

fn stroke() -> impl Strategy<Value = Stroke> {
    let style = (0.0..40.0_f32, 0.0..=1.0_f32, any::<[u8; 3]>(), 0.0..=1.0_f32, any::<bool>())
        .prop_map(|(size, hardness, colour, opacity, erase)| BrushStyle {
            size,
            hardness,
            colour,
            opacity,
            erase,
        });
    let points = prop::collection::vec(point(), 0..6);
    (style, points).prop_map(|(style, points)| Stroke { style, points })
}

/// On the canvas, or not far from it.
fn point() -> impl Strategy<Value = Point> {
    (-20.0..120.0_f32, -20.0..100.0_f32).prop_map(|(x, y)| Point::new(x, y))
}

fn cell() -> impl Strategy<Value = Cell> {
    (0..GRID.rows, 0..GRID.cols).prop_map(|(row, col)| Cell::new(row, col))
}

fn state() -> impl Strategy<Value = CellState> {
    let author = prop_oneof![Just(Author::Nobody), Just(Author::Model), Just(Author::Artist)];
    (prop::option::of(0..9_u32), author, any::<bool>(), 0..3_u32).prop_map(
        |(code, author, wet, variation)| CellState {
            code,
            author,
            wet,
            variation,
            label: code.map(|it| it as u8),
        },
    )
}

fn region() -> impl Strategy<Value = Region> {
    ("[a-z]{0,4}", 1.0..9.0_f32, prop::collection::vec(cell(), 0..4))
        .prop_map(|(prompt, guidance, cells)| Region { prompt, guidance, cells })
}

fn select() -> impl Strategy<Value = Option<Mask>> {
    prop::option::of(prop::collection::vec(point(), 0..7))
        .prop_map(|outline| outline.map(|it| selection::lasso(GRID, &it)))
}
