//! What the artist does to layers; cells follow what the model then sees.

use super::document::Document;
use super::event::Refusal;
use crate::base::{CellRect, EntryId, LayerId, Pixmap};
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
        let bakes = matches!(
            action,
            LayerAction::MergeDown(_)
                | LayerAction::Flatten
                | LayerAction::Change(_, LayerChange::ApplyFinish)
        );
        if bakes && self.picture.is_finish_due() {
            return Err(Refusal::SurfaceNotReady);
        }
        match action {
            LayerAction::Activate { layer, mask } => {
                if self.picture.stack.find(layer).is_some() {
                    self.picture.stack.active = layer;
                    self.picture.stack.edits_mask = mask;
                }
            }
            LayerAction::Change(id, change) => {
                let label = change.label(&self.layer_name(id));
                if let Some(stack) = self.picture.changed_layer(id, &change) {
                    self.change_layer(&label, id, &change, stack);
                }
            }
            LayerAction::MergeDown(id) => {
                let merged = self.picture.merged_down(id).ok_or(Refusal::NothingToMerge)?;
                self.replace_picture(&format!("Merge {} down", self.layer_name(id)), merged);
            }
            LayerAction::Flatten => self.replace_picture("Flatten", self.picture.flattened()),
            LayerAction::Add
            | LayerAction::AddGroup
            | LayerAction::Paste(_)
            | LayerAction::Delete(_)
            | LayerAction::Duplicate(_)
            | LayerAction::Move(..)
            | LayerAction::Group(_)
            | LayerAction::Ungroup(_) => {
                if let Some((label, stack)) = self.restacked(action)? {
                    self.restack(&label, stack);
                }
            }
        }
        Ok(())
    }

    fn layer_name(&self, id: LayerId) -> String {
        self.picture.stack.find(id).map_or_else(String::new, |it| it.name.clone())
    }

    /// What an action that is about the stack alone comes to, and what it is called; `None` where nothing would change.
    fn restacked(&self, action: LayerAction) -> Result<Option<(String, Stack)>, Refusal> {
        let picture = &self.picture;
        let stack = &picture.stack;
        let add = |what: &str, kind: LayerKind| {
            let layer = Layer::new(stack.free_name(what), kind);
            Some((format!("Add {}", layer.name), stack.with_layer(layer)))
        };
        let about = |verb: &str, id: LayerId, stack: Option<Stack>| {
            stack.map(|it| (format!("{verb} {}", self.layer_name(id)), it))
        };
        Ok(match action {
            LayerAction::Add => {
                let pixels = Pixmap::new(picture.grid.width(), picture.grid.height());
                add("Layer", LayerKind::Paint(pixels))
            }
            LayerAction::AddGroup => add("Group", LayerKind::Group(Vec::new())),
            LayerAction::Paste(pasted) => {
                let pixels = in_the_middle(picture, &pasted);
                let layer = Layer::new(stack.free_name("Pasted"), LayerKind::Paint(pixels));
                Some(("Paste".to_owned(), stack.with_layer(layer)))
            }
            LayerAction::Delete(id) => {
                about("Delete", id, Some(stack.without(id).ok_or(Refusal::LayerStays)?))
            }
            LayerAction::Duplicate(id) => {
                about("Duplicate", id, Some(stack.with_copy(id).ok_or(Refusal::LayerStays)?))
            }
            LayerAction::Move(id, to) => about("Move", id, stack.with_moved(id, to)),
            LayerAction::Group(id) => about("Group", id, stack.grouped(id)),
            LayerAction::Ungroup(id) => about("Ungroup", id, stack.ungrouped(id)),
            // These are about more than the stack.
            LayerAction::Activate { .. }
            | LayerAction::Change(..)
            | LayerAction::MergeDown(_)
            | LayerAction::Flatten => None,
        })
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
        let changed = grid.touched(self.picture.model_layer.area_unlike(&before.model_layer));
        // What the artist has painted into the model's layer is seen as it is.
        for cell in changed.into_iter().flat_map(CellRect::cells) {
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
    let (canvas, grid) = (picture.canvas, picture.grid);
    let begin = |room: u32, len: u32| (i64::from(room) - i64::from(len)).div_euclid(2);
    let place = [begin(canvas.width(), pasted.width()), begin(canvas.height(), pasted.height())];
    let on_canvas = pasted.placed(canvas.width(), canvas.height(), place);
    on_canvas.placed(grid.width(), grid.height(), [canvas.left.into(), canvas.top.into()])
}
