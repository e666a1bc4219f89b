//! The dialog that gives a picture another number of pixels.

use super::forms::{Filled, Unfit, outcome_ui};
use super::new_picture::what_it_takes;
use super::panels::plain_row;
use super::size_fields::{Edited, SizeFields};
use crate::studio::{DocumentAction, Studio};

pub(super) struct ResizePicture {
    fields: SizeFields,
    /// The proportions to be kept.
    before: [u32; 2],
    keeps_proportions: bool,
}

impl ResizePicture {
    pub(super) fn new(studio: &Studio) -> Self {
        let canvas = studio.active().picture().canvas;
        let before = [canvas.width(), canvas.height()];
        Self { fields: SizeFields::new(before), before, keeps_proportions: true }
    }

    pub(super) fn fields_ui(&mut self, ui: &mut egui::Ui, studio: &Studio) -> Filled {
        let [width, height] = self.before;
        plain_row(ui, "Now", |ui| ui.weak(format!("{width} × {height} px")));
        let (_, edited) = plain_row(ui, "Size", |ui| self.fields.ui(ui));
        self.keep_proportions(edited);
        plain_row(ui, "", |ui| {
            let toggle = ui.checkbox(&mut self.keeps_proportions, "Keep the proportions");
            if toggle.changed() {
                self.keep_proportions(Edited::Width);
            }
        });
        let planned = self.fields.size().and_then(|size| {
            let planned = studio.active().planned_resize(size);
            planned.map(|(grid, _)| (grid, size)).map_err(Unfit::from)
        });
        outcome_ui(ui, planned.as_ref().map(|(grid, _)| what_it_takes(*grid, studio)));
        planned.map(|(_, size)| DocumentAction::Resize(size).into())
    }

    /// The other side follows the one that was edited.
    fn keep_proportions(&mut self, edited: Edited) {
        let Ok(size) = self.fields.size() else { return };
        let followed = match edited {
            Edited::Width => [size[0], share(size[0], self.before[1], self.before[0])],
            Edited::Height => [share(size[1], self.before[0], self.before[1]), size[1]],
            Edited::Swapped => {
                self.keeps_proportions = false;
                return;
            }
            Edited::Nothing => return,
        };
        if self.keeps_proportions {
            self.fields.set(followed);
        }
    }
}

/// `side · of / whole`, rounded, at least a pixel.
fn share(side: u32, of: u32, whole: u32) -> u32 {
    let (side, of, whole) = (u64::from(side), u64::from(of), u64::from(whole.max(1)));
    u32::try_from((side * of + whole / 2) / whole).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_side_is_rounded() {
        assert_eq!([share(100, 2, 3), share(1, 1, 900), share(576, 576, 576)], [67, 1, 576]);
    }
}
