//! The dialog that makes a canvas larger or smaller around the picture.

use egui::{Rect, Sense, StrokeKind, vec2};

use super::forms::{Filled, Unfit, outcome_ui};
use super::panels::plain_row;
use super::size_fields::SizeFields;
use super::theme;
use crate::document::Sides;
use crate::studio::{DocumentAction, NewCanvas, Studio};

const ANCHOR: f32 = 24.0;

const ROWS: [&str; 3] = ["top", "middle", "bottom"];
const COLS: [&str; 3] = ["left", "centre", "right"];

pub(super) struct CanvasSize {
    fields: SizeFields,
    before: [u32; 2],
    /// Where on the new canvas the picture lies: from 0, left or top, to 2.
    anchor: [usize; 2],
}

impl CanvasSize {
    pub(super) fn new(studio: &Studio) -> Self {
        let canvas = studio.active().picture().canvas;
        let before = [canvas.width(), canvas.height()];
        Self { fields: SizeFields::new(before), before, anchor: [1, 1] }
    }

    pub(super) fn fields_ui(&mut self, ui: &mut egui::Ui, studio: &Studio) -> Filled {
        let [width, height] = self.before;
        plain_row(ui, "Now", |ui| ui.weak(format!("{width} × {height} px")));
        plain_row(ui, "Size", |ui| self.fields.ui(ui));
        plain_row(ui, "Picture at", |ui| self.anchor_ui(ui));
        let sides = self.sides(studio);
        outcome_ui(ui, sides.as_ref().map(|it| what_changes(*it)));
        sides.map(|it| DocumentAction::Reframe(it).into())
    }

    fn anchor_ui(&mut self, ui: &mut egui::Ui) {
        let (rect, response) =
            ui.allocate_exact_size(vec2(3.0 * ANCHOR, 3.0 * ANCHOR), Sense::hover());
        for (row, down) in ROWS.iter().enumerate() {
            for (col, across) in COLS.iter().enumerate() {
                let place = vec2(col as f32 * ANCHOR, row as f32 * ANCHOR);
                let place = Rect::from_min_size(rect.min + place, vec2(ANCHOR, ANCHOR)).shrink(1.5);
                let is_chosen = self.anchor == [col, row];
                let name = format!("Anchor: {down} {across}");
                let id = response.id.with((row, col));
                let cell = ui.interact(place, id, Sense::click());
                cell.widget_info(|| {
                    egui::WidgetInfo::selected(egui::Role::RadioButton, true, is_chosen, &name)
                });
                let visuals = ui.style().interact(&cell);
                let fill = if is_chosen { theme::ACCENT } else { visuals.weak_bg_fill };
                ui.painter().rect_filled(place, 3.0, fill);
                if cell.has_focus() {
                    let line = ui.visuals().selection.stroke;
                    ui.painter().rect_stroke(place, 3.0, line, StrokeKind::Outside);
                }
                if cell.on_hover_text(name).clicked() {
                    self.anchor = [col, row];
                }
            }
        }
    }

    fn sides(&self, studio: &Studio) -> Result<Sides, Unfit> {
        let size = self.fields.size()?;
        let facts = studio.facts();
        let grid = studio.active().picture().grid;
        // Whether there can be such a canvas, wherever the picture lies on it.
        if let Some(scale) = facts.and_then(|it| grid.scale_over(it.grid)) {
            let canvas = NewCanvas { size: Some(size), scale: Some(scale), background: None };
            studio.planned(canvas)?;
        }
        let [left, right] = split(size[0], self.before[0], self.anchor[0]);
        let [top, bottom] = split(size[1], self.before[1], self.anchor[1]);
        Ok(Sides { left, top, right, bottom })
    }
}

/// Pixels before and behind a side that becomes as long as `now`.
const fn split(now: u32, before: u32, anchor: usize) -> [i32; 2] {
    let added = now as i32 - before as i32;
    let first = added * anchor as i32 / 2;
    [first, added - first]
}

/// "Adds 64 left, 64 right · crops 10 below"
fn what_changes(sides: Sides) -> String {
    let named = [
        (sides.left, "left"),
        (sides.right, "right"),
        (sides.top, "above"),
        (sides.bottom, "below"),
    ];
    let listed = |verb: &str, sign: i32| {
        let parts = named.iter().filter(|it| it.0.signum() == sign);
        let parts: Vec<String> =
            parts.map(|(pixels, name)| format!("{} {name}", pixels.unsigned_abs())).collect();
        (!parts.is_empty()).then(|| format!("{verb} {}", parts.join(", ")))
    };
    let changes: Vec<String> =
        [listed("adds", 1), listed("crops", -1)].into_iter().flatten().collect();
    if changes.is_empty() { "The canvas stays as it is".to_owned() } else { changes.join(" · ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_goes_where_the_picture_is_not() {
        assert_eq!([0, 1, 2].map(|it| split(103, 100, it)), [[0, 3], [1, 2], [3, 0]]);
        assert_eq!([0, 1, 2].map(|it| split(90, 100, it)), [[0, -10], [-5, -5], [-10, 0]]);
    }

    #[test]
    fn it_is_said_what_changes() {
        let sides = Sides { left: 64, right: 64, top: 0, bottom: -10 };
        assert_eq!(what_changes(sides), "adds 64 left, 64 right · crops 10 below");
        assert_eq!(what_changes(Sides::default()), "The canvas stays as it is");
    }
}
