//! The canvas: shows the picture and what is about to change, and hands the pointer to the tools.

use std::collections::BTreeMap;
use std::time::Instant;

use egui::{PointerButton, Pos2, Sense, pos2};

use super::ui_command::UiCommand;
use super::{entropy, theme};
use crate::base::{DocumentId, PixelRect, Pixmap, Point, TileIdx};
use crate::compose::Composition;
use crate::document::Author;
use crate::document::selection::Mode;
use crate::render::{CanvasPaint, CellStyle, Tint, View, Viewport};
use crate::studio::{Studio, StudioAction};
use crate::tools::{Pointer, Tool};

/// Free space around a canvas that fits, in points.
const MARGIN: f32 = 36.0;

/// A step of the zoom keys.
const ZOOM_STEP: f32 = 1.25;

/// A sixteenth of a full turn.
const TURN_RADS: f32 = std::f32::consts::TAU / 16.0;

/// Another way of looking at the canvas.
#[derive(Clone, Copy, Debug)]
pub(super) enum ViewChange {
    Fit,
    ActualSize,
    In,
    Out,
    TurnLeft,
    TurnRight,
    Upright,
    Mirror,
}

/// How the canvas is looked at.
pub(super) struct CanvasView {
    /// The document that is seen.
    document: Option<DocumentId>,
    /// `None` fits the canvas into the window.
    view: Option<View>,
    /// How the other documents were looked at last.
    other_views: BTreeMap<DocumentId, Option<View>>,
    viewport: Viewport,
    points_per_pixel: f32,
    /// What the picture that is shown is composed of; only what is stale is looked at anew.
    shown: Composition,
    /// What is seen of it.
    canvas: PixelRect,
    is_comparing: bool,
    pub(super) marks_artist: bool,
    started: Instant,
    /// Whether a gesture is under way.
    is_drawing: bool,
    /// Between two frames of an animation.
    frame_secs: f32,
}

impl CanvasView {
    pub(super) fn new(frame_secs: f32) -> Self {
        Self {
            document: None,
            view: None,
            other_views: BTreeMap::new(),
            viewport: Viewport { left: 0.0, top: 0.0, width: 1.0, height: 1.0 },
            points_per_pixel: 1.0,
            shown: Composition::new(1, 1),
            canvas: PixelRect::default(),
            is_comparing: false,
            marks_artist: false,
            started: Instant::now(),
            is_drawing: false,
            frame_secs,
        }
    }

    /// Looks at what has changed in the studio since the last frame.
    pub(super) fn refresh(&mut self, studio: &mut Studio, is_comparing: bool) {
        let mut stale = studio.take_stale();
        self.turn_to(studio);
        let staged = studio.active().staged().filter(|_| is_comparing);
        let picture = staged.map_or(studio.active().picture(), |it| &it.before);
        let all = picture.grid.area();
        if self.shown.area() != all {
            self.shown = Composition::new(all.width(), all.height());
            stale = all;
        }
        if self.canvas != picture.canvas {
            self.canvas = picture.canvas;
            self.view = None;
        }
        if is_comparing != self.is_comparing {
            self.is_comparing = is_comparing;
            stale = all;
        }
        // In whole tiles, as these are looked at anew.
        let tiles = TileIdx::within(stale.intersection(all));
        let stale = tiles.map(TileIdx::pixels).fold(PixelRect::default(), PixelRect::union);
        let stale = stale.intersection(all);
        let document = studio.active();
        let mut entropies = None;
        let mut seen = picture.seen();
        if !is_comparing {
            seen = seen.with_model_layer(document.shown_layer());
        }
        if !is_comparing && document.is_painting() {
            if studio.prefs().shows_entropy {
                let entropies = entropies.insert(Pixmap::new(all.width(), all.height()));
                entropy::lay_over(entropies, stale, picture.grid, document.entropies());
            }
            seen = seen.with_overlay(document.underpainting());
            if let Some(it) = &entropies {
                seen = seen.with_overlay(it);
            }
        }
        for idx in TileIdx::within(stale) {
            self.shown.put(idx, seen.program(idx));
        }
    }

    /// Each document is looked at as it was when it was left.
    fn turn_to(&mut self, studio: &Studio) {
        let active = studio.active();
        if self.document == Some(active.id()) {
            return;
        }
        if let Some(left) = self.document.replace(active.id()) {
            self.other_views.insert(left, self.view);
        }
        let is_open = |id: &DocumentId| studio.documents().iter().any(|it| it.id() == *id);
        self.other_views.retain(|id, _| is_open(id));
        self.view = self.other_views.remove(&active.id()).flatten();
        let picture = active.picture();
        self.shown = Composition::new(picture.grid.width(), picture.grid.height());
        self.canvas = picture.canvas;
    }

    /// Looks at the canvas in another way.
    pub(super) fn change_view(&mut self, change: ViewChange) {
        let view = self.current();
        let middle = self.viewport.centre();
        self.view = match change {
            ViewChange::Fit => None,
            ViewChange::ActualSize => Some(View::actual_size(self.canvas)),
            ViewChange::In => Some(view.zoomed(view.zoom * ZOOM_STEP, self.viewport, middle)),
            ViewChange::Out => Some(view.zoomed(view.zoom / ZOOM_STEP, self.viewport, middle)),
            ViewChange::TurnLeft => Some(view.turned(-TURN_RADS)),
            ViewChange::TurnRight => Some(view.turned(TURN_RADS)),
            ViewChange::Upright => Some(View { turn_rads: 0.0, ..view }),
            ViewChange::Mirror => Some(view.mirrored()),
        };
    }

    fn current(&self) -> View {
        let margin = MARGIN / self.points_per_pixel;
        self.view.unwrap_or_else(|| View::fit(self.canvas, self.viewport, margin))
    }

    pub(super) fn canvas_ui(
        &mut self,
        ui: &mut egui::Ui,
        studio: &Studio,
        commands: &mut Vec<UiCommand>,
    ) -> egui::Rect {
        let rect = ui.available_rect_before_wrap();
        let pixels_per_point = ui.pixels_per_point();
        self.points_per_pixel = 1.0 / pixels_per_point;
        let px = |it: f32| (it * pixels_per_point).round();
        self.viewport = Viewport {
            left: px(rect.left()),
            top: px(rect.top()),
            width: (px(rect.right()) - px(rect.left())).max(1.0),
            height: (px(rect.bottom()) - px(rect.top())).max(1.0),
        };
        let response = ui.allocate_rect(rect, Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, "Canvas"));

        self.navigate(ui, &response);
        self.point(ui, studio, commands);

        let visuals = ui.visuals();
        ui.painter().rect_filled(rect, 0.0, theme::canvas_around(visuals));
        let paint = self.paint(studio, theme::palette(visuals));
        if paint.is_moving() {
            ui.ctx().request_repaint_after_secs(self.frame_secs.max(1.0 / 30.0));
        }
        let painter = ui.painter().with_clip_rect(rect);
        painter.add(egui_wgpu::Callback::new_paint_callback(rect, paint));
        self.draw_gesture(&painter, studio);
        self.draw_cursor(ui, &painter, &response, studio);
        rect
    }

    fn paint(&self, studio: &Studio, palette: crate::render::Palette) -> CanvasPaint {
        let picture = studio.active().picture();
        let grid = picture.grid;
        let (repainted, following) = studio.active().about_to_change();
        let mut cells: Vec<CellStyle> = picture
            .cells
            .iter()
            .zip(studio.active().settled_at())
            .map(|(state, at)| CellStyle {
                settled_at_secs: at.map(|it| it.duration_since(self.started).as_secs_f32()),
                is_by_artist: self.marks_artist && state.author == Author::Artist,
                ..CellStyle::default()
            })
            .collect();
        for (tinted, tint) in [(following, Tint::Follow), (repainted, Tint::Repaint)] {
            tinted.into_iter().for_each(|it| cells[grid.idx(it)].tint = tint);
        }
        // While it paints over an older picture: the ghost of what is still to change.
        for cell in studio.active().ghosts() {
            cells[grid.idx(cell)].tint = Tint::Follow;
        }
        CanvasPaint {
            view: self.current(),
            viewport: self.viewport,
            canvas: self.canvas,
            picture: self.shown.clone(),
            selection: picture.selection.clone(),
            grid,
            cells,
            cell_in_hand: studio.active().last_cell(),
            now_secs: self.started.elapsed().as_secs_f32(),
            palette,
        }
    }

    fn in_canvas(&self, pos: Pos2) -> Point {
        let pos = Point::new(pos.x / self.points_per_pixel, pos.y / self.points_per_pixel);
        self.current().canvas_from_screen(self.viewport, pos)
    }

    fn on_screen(&self, pos: Point) -> Pos2 {
        let pos = self.current().screen_from_canvas(self.viewport, pos);
        pos2(pos.x * self.points_per_pixel, pos.y * self.points_per_pixel)
    }

    /// Wheel and pinch zoom at the pointer; middle button or Space drags.
    fn navigate(&mut self, ui: &egui::Ui, response: &egui::Response) {
        let view = self.current();
        if let Some(pos) = response.hover_pos() {
            let (scroll, pinch) = ui.input(|it| (it.smooth_scroll_delta().y, it.zoom_delta()));
            let factor = pinch * (scroll * 0.004).exp();
            if factor != 1.0 {
                let pos = Point::new(pos.x / self.points_per_pixel, pos.y / self.points_per_pixel);
                self.view = Some(view.zoomed(view.zoom * factor, self.viewport, pos));
            }
        }
        if is_panning(ui, response) {
            let step = response.drag_delta() / self.points_per_pixel;
            self.view = Some(view.panned(Point::new(step.x, step.y)));
        }
    }

    /// Every event in its turn: a quick stroke may begin and end within one frame.
    fn point(&mut self, ui: &egui::Ui, studio: &Studio, commands: &mut Vec<UiCommand>) {
        let (events, modifiers) = ui.input(|it| (it.events.clone(), it.modifiers));
        let mode = match (modifiers.shift, modifiers.alt) {
            (true, true) => Mode::Intersect,
            (true, false) => Mode::Add,
            (false, true) => Mode::Subtract,
            (false, false) => Mode::Replace,
        };
        let is_brush = matches!(studio.prefs().tool, Tool::Brush | Tool::Eraser);
        let picks = is_brush && (modifiers.alt || modifiers.command);
        for event in events {
            let action = match event {
                egui::Event::PointerButton {
                    pos, button: PointerButton::Primary, pressed, ..
                } => {
                    let here = self.in_canvas(pos);
                    if !pressed && self.is_drawing {
                        self.is_drawing = false;
                        StudioAction::Pointer { pointer: Pointer::Up(here), mode }
                    } else if !pressed || !is_over_canvas(ui, pos) {
                        continue;
                    } else if picks {
                        StudioAction::PickColour(here)
                    } else {
                        self.is_drawing = true;
                        // From here on the keys are the tools' again.
                        ui.memory_mut(|it| it.stop_text_input());
                        StudioAction::Pointer { pointer: Pointer::Down(here), mode }
                    }
                }
                egui::Event::PointerMoved(pos) if self.is_drawing => {
                    StudioAction::Pointer { pointer: Pointer::Move(self.in_canvas(pos)), mode }
                }
                _ => continue,
            };
            commands.push(action.into());
        }
    }

    /// The selection being drawn.
    fn draw_gesture(&self, painter: &egui::Painter, studio: &Studio) {
        let outline = studio.tool_state().outline();
        if outline.len() < 2 {
            return;
        }
        let points: Vec<Pos2> = outline.into_iter().map(|it| self.on_screen(it)).collect();
        let [dark, light] = theme::cursor_lines();
        painter.add(egui::Shape::closed_line(points.clone(), egui::Stroke::new(2.5, dark)));
        painter.add(egui::Shape::closed_line(points, egui::Stroke::new(1.0, light)));
    }

    fn draw_cursor(
        &self,
        ui: &egui::Ui,
        painter: &egui::Painter,
        response: &egui::Response,
        studio: &Studio,
    ) {
        let Some(pos) = response.hover_pos() else { return };
        if is_panning(ui, response) {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
            return;
        }
        if matches!(studio.prefs().tool, Tool::Brush | Tool::Eraser) {
            let radius =
                studio.prefs().brush.size / 2.0 * self.current().zoom * self.points_per_pixel;
            let [dark, light] = theme::cursor_lines();
            painter.circle_stroke(pos, radius + 1.0, egui::Stroke::new(1.0, dark));
            painter.circle_stroke(pos, radius, egui::Stroke::new(1.0, light));
        }
        ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
    }
}

/// Whether the canvas itself is there, not something that lies over it, nor the hand that pans.
fn is_over_canvas(ui: &egui::Ui, pos: Pos2) -> bool {
    ui.max_rect().contains(pos)
        && ui.ctx().layer_id_at(pos) == Some(ui.layer_id())
        && !ui.input(|it| it.key_down(egui::Key::Space))
        // A press beside an open menu closes it, and does no more.
        && !egui::Popup::is_any_open(ui.ctx())
}

fn is_panning(ui: &egui::Ui, response: &egui::Response) -> bool {
    response.dragged_by(PointerButton::Middle)
        || response.dragged() && ui.input(|it| it.key_down(egui::Key::Space))
}
