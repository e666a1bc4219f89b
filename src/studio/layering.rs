//! What the artist does to layers; cells follow what the model then sees.

use super::document::Document;
use super::event::Refusal;
use crate::base::{CellRect, EntryId, LayerId, PixelRect, Pixmap};
use crate::document::{
    Author, CellState, Edit, Layer, LayerChange, LayerKind, Picture, Place, Stack, touched_cells,
};

/// What can be done to layers.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerAction {
    /// A new one above the active one.
    Add,
    AddGroup,
    /// A new one above the active one, with these pixels in the middle of the canvas.
    Paste(Pixmap),
    /// Draws on it from now on, or on its mask.
    Activate {
        layer: LayerId,
        mask: bool,
    },
    Delete(LayerId),
    Duplicate(LayerId),
    Move(LayerId, Place),
    Change(LayerId, LayerChange),
    /// Into a group of its own.
    Group(LayerId),
    Ungroup(LayerId),
    MergeDown(LayerId),
    Flatten,
}

/// The last entry of the history, while a slider is being dragged: what is dragged, and the entry.
#[derive(Debug, Default)]
pub(super) struct Dragged(Option<(LayerId, EntryId)>);

impl Document {
    pub(super) fn perform_on_layers(&mut self, action: LayerAction) -> Result<(), Refusal> {
        self.end_stroke()?;
        let picture = &self.picture;
        let stack = &picture.stack;
        let name = |id: LayerId| stack.find(id).map_or("", |it| &it.name).to_owned();
        match action {
            LayerAction::Add => {
                let pixels = Pixmap::new(picture.grid.width(), picture.grid.height());
                let layer = Layer::new(stack.free_name("Layer"), LayerKind::Paint(pixels));
                let label = format!("Add {}", layer.name);
                self.restack(&label, stack.with_layer(layer));
            }
            LayerAction::AddGroup => {
                let group = Layer::new(stack.free_name("Group"), LayerKind::Group(Vec::new()));
                let label = format!("Add {}", group.name);
                self.restack(&label, stack.with_layer(group));
            }
            LayerAction::Paste(pasted) => {
                let pixels = in_the_middle(picture, &pasted);
                let layer = Layer::new(stack.free_name("Pasted"), LayerKind::Paint(pixels));
                self.restack("Paste", stack.with_layer(layer));
            }
            LayerAction::Activate { layer, mask } => {
                if stack.find(layer).is_some() {
                    self.picture.stack.active = layer;
                    self.picture.stack.edits_mask = mask;
                }
            }
            LayerAction::Delete(id) => {
                let stack = stack.without(id).ok_or(Refusal::LayerStays)?;
                self.restack(&format!("Delete {}", name(id)), stack);
            }
            LayerAction::Duplicate(id) => {
                let stack = stack.with_copy(id).ok_or(Refusal::LayerStays)?;
                self.restack(&format!("Duplicate {}", name(id)), stack);
            }
            LayerAction::Move(id, to) => {
                if let Some(stack) = stack.with_moved(id, to) {
                    self.restack(&format!("Move {}", name(id)), stack);
                }
            }
            LayerAction::Change(id, change) => {
                let label = change.label(&name(id));
                if let Some(stack) = picture.changed_layer(id, &change) {
                    self.change_layer(&label, id, &change, stack);
                }
            }
            LayerAction::Group(id) => {
                if let Some(stack) = stack.grouped(id) {
                    self.restack(&format!("Group {}", name(id)), stack);
                }
            }
            LayerAction::Ungroup(id) => {
                if let Some(stack) = stack.ungrouped(id) {
                    self.restack(&format!("Ungroup {}", name(id)), stack);
                }
            }
            LayerAction::MergeDown(id) => {
                let merged = picture.merged_down(id).ok_or(Refusal::NothingToMerge)?;
                self.replace_picture(&format!("Merge {} down", name(id)), merged);
            }
            LayerAction::Flatten => {
                let flattened = picture.flattened();
                self.replace_picture("Flatten", flattened);
            }
        }
        Ok(())
    }

    /// Other layers. What the model sees in other cells than before is the artist's, or the model's again.
    fn restack(&mut self, label: &str, stack: Stack) {
        self.close_entry();
        let before = self.picture.clone();
        self.picture.stack = stack;
        let back = self.note_what_is_seen(&before);
        self.history.push_done(label, back);
        self.edited();
        log::info!("{label}");
    }

    /// As [`Self::restack`]; while a slider is dragged all of it is one entry.
    fn change_layer(&mut self, label: &str, id: LayerId, change: &LayerChange, stack: Stack) {
        let dragged = self.dragged.0.take().filter(|it| it.0 == id);
        let last = self.history.last();
        let is_drag = matches!(change, LayerChange::Opacity(_));
        self.restack(label, stack);
        let mut entry = self.history.last();
        if is_drag && let Some((_, first)) = dragged.filter(|it| Some(it.1) == last) {
            entry = Some(self.history.merge_from(first));
        }
        self.dragged = Dragged(entry.filter(|_| is_drag).map(|it| (id, it)));
    }

    /// After layers have changed: cells in which the model sees something else are nobody's code any more. Returns what
    /// leads back.
    fn note_what_is_seen(&mut self, before: &Picture) -> Edit {
        let area = self.picture.unlike(before);
        self.refresh(area);
        let mut edits = vec![Edit::Stack(before.stack.clone())];
        let touched = touched_cells(&self.picture, before, area);
        if !touched.is_empty() {
            edits.push(self.claimed(&touched).apply(&mut self.picture));
            let is_artists = |it: &&_| self.picture.state(**it).author == Author::Artist;
            self.touched.extend(touched.iter().filter(is_artists));
            self.revision += 1;
        }
        Edit::All(edits)
    }

    /// Pixels go from one layer into another: nothing is seen otherwise, so the cells are whose they were.
    fn replace_picture(&mut self, label: &str, picture: Picture) {
        self.put_all_down();
        let before = std::mem::replace(&mut self.picture, picture);
        let grid = self.picture.grid;
        // What the artist has painted into the model's layer is seen as it is.
        for cell in grid.cells() {
            let area = grid.pixels(CellRect::of(cell));
            let state = &mut self.picture.cells[grid.idx(cell)];
            let is_new = before.model_layer.rgba(area) != self.picture.model_layer.rgba(area);
            if is_new {
                let author = Author::Artist;
                *state = CellState { code: None, label: None, wet: false, author, ..*state };
            }
        }
        self.record(label, &before);
        self.after_time_travel();
        log::info!("{label}");
    }
}

/// As a layer of `picture`: what is larger than the canvas loses its edges.
fn in_the_middle(picture: &Picture, pasted: &Pixmap) -> Pixmap {
    let mut pixels = Pixmap::new(picture.grid.width(), picture.grid.height());
    let PixelRect { left, top, right, bottom } = picture.canvas;
    // Twice the middle: both may be odd.
    let begin =
        |from: u32, to: u32, len: u32| (i64::from(from + to) - i64::from(len)).div_euclid(2);
    let (left, top) = (begin(left, right, pasted.width()), begin(top, bottom, pasted.height()));
    let within = |at: u32, from: i64| u32::try_from(i64::from(at) - from).ok();
    pixels.update(picture.canvas, |x, y, _| match (within(x, left), within(y, top)) {
        (Some(x), Some(y)) => pasted.at(x, y),
        _ => [0; 4],
    });
    pixels
}
