//! Layers that are finished follow their pixels, a thread behind.

use super::document::Document;
use super::state::Studio;
use super::tasks::TaskDone;
use crate::base::{DocumentId, LayerId, PixelRect};
use crate::document::LayerFinish;

impl Document {
    /// Whether its pixels stay as they are for now: while they change all the time, finishing them would take time from what
    /// changes them.
    fn is_at_rest(&self) -> bool {
        self.drawing.is_none() && !self.is_busy() && self.activity.following().is_none()
    }
}

impl Studio {
    /// Begins to finish a layer whose pixels have changed, if there is one; one at a time, the active document's first.
    pub(super) fn finish_layers(&mut self) {
        if self.is_finishing_layer {
            return;
        }
        let mut documents: Vec<&Document> =
            self.documents().iter().filter(|it| it.is_at_rest()).collect();
        documents.sort_by_key(|it| it.id() != self.active().id());
        let due = documents.into_iter().find_map(|document| {
            let (layer, finish, pixels) = document.picture().due_finish()?;
            Some((document.id(), layer, finish.clone(), pixels.clone()))
        });
        let Some((document, layer, finish, pixels)) = due else { return };
        let started = self.tasks.start(&self.wake, move || {
            let (finish, changed) = finish.made(&pixels);
            TaskDone::LayerFinished { document, layer, finish: Box::new(finish), changed }
        });
        self.is_finishing_layer = started.is_ok();
        self.note_start(started.map(drop));
    }

    pub(super) fn note_finish(
        &mut self,
        id: DocumentId,
        layer: LayerId,
        finish: LayerFinish,
        changed: PixelRect,
    ) {
        self.is_finishing_layer = false;
        self.with(id, |it| {
            if it.picture.put_finish(layer, finish) {
                it.refresh(changed);
            }
        });
    }
}
