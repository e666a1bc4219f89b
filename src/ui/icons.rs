//! The icons, drawn with a few lines each on a square of 24 units.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

use super::layer_icons::{self, LayerIcon};
use crate::tools::Tool;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    Tool(Tool),
    Play,
    Pause,
    StepCell,
    StepRow,
    Stop,
    More,
    Back,
    Forward,
    Layer(LayerIcon),
}

/// Draws `icon` in the middle of `rect`.
pub(super) fn draw(painter: &Painter, rect: Rect, icon: Icon, colour: Color32) {
    let side = rect.width().min(rect.height()) * 0.62;
    let pen =
        Pen { painter, origin: rect.center() - vec2(side, side) / 2.0, unit: side / 24.0, colour };
    match icon {
        Icon::Tool(tool) => draw_tool(&pen, tool),
        Icon::Layer(icon) => layer_icons::draw(&pen, icon),
        Icon::Play => pen.fill(&[(6.0, 3.0), (21.0, 12.0), (6.0, 21.0)]),
        Icon::Pause => {
            pen.fill(&[(5.5, 4.0), (9.5, 4.0), (9.5, 20.0), (5.5, 20.0)]);
            pen.fill(&[(14.5, 4.0), (18.5, 4.0), (18.5, 20.0), (14.5, 20.0)]);
        }
        Icon::StepCell => {
            pen.fill(&[(3.0, 4.0), (12.0, 12.0), (3.0, 20.0)]);
            pen.closed(&[(14.5, 8.0), (21.5, 8.0), (21.5, 16.0), (14.5, 16.0)]);
        }
        Icon::StepRow => {
            pen.fill(&[(2.0, 4.0), (9.0, 12.0), (2.0, 20.0)]);
            for x in [11.0, 15.5, 20.0] {
                pen.closed(&[(x, 9.5), (x + 3.0, 9.5), (x + 3.0, 14.5), (x, 14.5)]);
            }
        }
        Icon::More => pen.fill(&[(5.0, 8.0), (19.0, 8.0), (12.0, 17.0)]),
        Icon::Back => pen.fill(&[(17.0, 4.0), (17.0, 20.0), (6.0, 12.0)]),
        Icon::Forward => pen.fill(&[(7.0, 4.0), (18.0, 12.0), (7.0, 20.0)]),
        Icon::Stop => pen.fill(&[(5.0, 5.0), (19.0, 5.0), (19.0, 19.0), (5.0, 19.0)]),
    }
}

fn draw_tool(pen: &Pen<'_>, tool: Tool) {
    match tool {
        Tool::Brush => {
            pen.line(&[(21.0, 3.0), (12.0, 14.0)]);
            pen.line(&[(18.5, 1.5), (9.5, 12.0)]);
            pen.fill(&[
                (9.0, 12.5),
                (12.0, 15.0),
                (10.0, 19.0),
                (5.5, 22.0),
                (2.5, 22.0),
                (5.5, 16.5),
            ]);
        }
        Tool::Eraser => {
            pen.closed(&[(13.5, 3.5), (21.0, 11.0), (12.5, 19.5), (5.0, 12.0)]);
            pen.fill(&[(9.0, 8.0), (16.5, 15.5), (12.5, 19.5), (5.0, 12.0)]);
            pen.line(&[(4.0, 22.0), (21.0, 22.0)]);
        }
        Tool::Rectangle => {
            for (a, b) in [(3.0, 7.5), (10.0, 14.0), (16.5, 21.0)] {
                pen.line(&[(a, 5.0), (b, 5.0)]);
                pen.line(&[(a, 19.0), (b, 19.0)]);
            }
            for (a, b) in [(5.0, 8.5), (10.5, 13.5), (15.5, 19.0)] {
                pen.line(&[(3.0, a), (3.0, b)]);
                pen.line(&[(21.0, a), (21.0, b)]);
            }
        }
        Tool::Lasso => {
            let loop_points: Vec<(f32, f32)> = (0..=26)
                .map(|it| {
                    let angle = it as f32 / 26.0 * std::f32::consts::TAU + 2.1;
                    (12.0 + 9.5 * angle.cos(), 9.5 + 6.5 * angle.sin())
                })
                .collect();
            pen.line(&loop_points);
            pen.line(&[(7.2, 15.1), (5.0, 17.0), (5.6, 19.6), (8.2, 20.2), (8.0, 22.5)]);
        }
        Tool::Wand => {
            pen.line(&[(3.0, 21.0), (13.5, 10.5)]);
            // A large spark at the tip, and two small ones beside it.
            for (x, y, arm) in [(16.5, 4.0, 4.0), (21.5, 14.5, 2.5), (8.5, 5.5, 2.5)] {
                pen.line(&[(x - arm, y), (x + arm, y)]);
                pen.line(&[(x, y - arm), (x, y + arm)]);
            }
        }
    }
}

/// Draws in units of the icon's square.
pub(super) struct Pen<'a> {
    painter: &'a Painter,
    origin: Pos2,
    unit: f32,
    colour: Color32,
}

impl Pen<'_> {
    fn place(&self, points: &[(f32, f32)]) -> Vec<Pos2> {
        points.iter().map(|&(x, y)| self.origin + vec2(x, y) * self.unit).collect()
    }

    fn stroke(&self) -> Stroke {
        Stroke::new(1.6, self.colour)
    }

    pub(super) fn line(&self, points: &[(f32, f32)]) {
        self.painter.add(Shape::line(self.place(points), self.stroke()));
    }

    pub(super) fn closed(&self, points: &[(f32, f32)]) {
        self.painter.add(Shape::closed_line(self.place(points), self.stroke()));
    }

    pub(super) fn fill(&self, points: &[(f32, f32)]) {
        let points = self.place(points);
        self.painter.add(Shape::convex_polygon(points, self.colour, Stroke::NONE));
    }
}

/// A button with an icon, as accessible as one with words.
pub(super) fn button(ui: &mut egui::Ui, icon: Icon, name: &str, is_chosen: bool) -> egui::Response {
    sized_button(ui, icon, name, is_chosen, super::theme::TOOL_BUTTON)
}

/// The same with sides of this length.
pub(super) fn sized_button(
    ui: &mut egui::Ui,
    icon: Icon,
    name: &str,
    is_chosen: bool,
    side: f32,
) -> egui::Response {
    let (rect, response) = ui.allocate_exact_size(vec2(side, side), egui::Sense::click());
    let is_enabled = ui.is_enabled();
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::Role::Button, is_enabled, is_chosen, name)
    });
    let visuals = ui.style().interact_selectable(&response, is_chosen);
    if is_chosen || response.hovered() || response.has_focus() {
        ui.painter().rect(
            rect,
            6.0,
            visuals.weak_bg_fill,
            visuals.bg_stroke,
            egui::StrokeKind::Inside,
        );
    }
    let colour = if is_chosen && is_enabled {
        super::theme::accent_ink(ui.visuals())
    } else {
        visuals.text_color()
    };
    draw(
        ui.painter(),
        Rect::from_center_size(pos2(rect.center().x, rect.center().y), rect.size()),
        icon,
        colour,
    );
    response.on_hover_text(name)
}
