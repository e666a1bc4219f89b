//! Where the canvas lies on the screen: zoom, pan, turn, mirror, and the way between both spaces.
//! Plain arithmetic: knows neither egui nor wgpu.

use crate::base::{PixelRect, Point};

/// 5 %: a canvas of 8192 pixels still fits on a small screen.
pub const MIN_ZOOM: f32 = 0.05;

/// 3200 %: a canvas pixel is as large as a tool's icon.
pub const MAX_ZOOM: f32 = 32.0;

/// The part of the screen in which the canvas is shown, in physical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl Viewport {
    #[must_use]
    pub fn centre(self) -> Point {
        Point::new(self.left + self.width / 2.0, self.top + self.height / 2.0)
    }
}

/// How the artist looks at the canvas. Everything on the screen is in physical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The place on the canvas that is in the middle of the viewport.
    pub centre_in_canvas: Point,
    /// Screen pixels per canvas pixel: 1 is 100 %.
    pub zoom: f32,
    /// Clockwise on the screen.
    pub turn_rads: f32,
    /// Left and right are swapped.
    pub is_mirrored: bool,
}

impl View {
    /// The whole canvas, upright, with `margin_px` of air around it.
    #[must_use]
    pub fn fit(canvas: PixelRect, viewport: Viewport, margin_px: f32) -> Self {
        let [width, height] = [canvas.width(), canvas.height()].map(|it| it.max(1) as f32);
        let zoom = ((viewport.width - 2.0 * margin_px) / width)
            .min((viewport.height - 2.0 * margin_px) / height);
        Self { zoom: zoom.clamp(MIN_ZOOM, MAX_ZOOM), ..Self::actual_size(canvas) }
    }

    /// The middle of the canvas at 100 %, upright.
    #[must_use]
    pub fn actual_size(canvas: PixelRect) -> Self {
        let middle = |from: u32, to: u32| (from as f32 + to as f32) / 2.0;
        let PixelRect { left, top, right, bottom } = canvas;
        Self {
            centre_in_canvas: Point::new(middle(left, right), middle(top, bottom)),
            zoom: 1.0,
            turn_rads: 0.0,
            is_mirrored: false,
        }
    }

    /// Zoomed to `zoom`, as far as the limits go. What lies under `pos_in_screen` stays there.
    #[must_use]
    pub fn zoomed(self, zoom: f32, viewport: Viewport, pos_in_screen: Point) -> Self {
        let nearer = Self { zoom: zoom.clamp(MIN_ZOOM, MAX_ZOOM), ..self };
        let arm = minus(pos_in_screen, viewport.centre());
        let still = plus(self.centre_in_canvas, self.canvas_from_arm(arm));
        Self { centre_in_canvas: minus(still, nearer.canvas_from_arm(arm)), ..nearer }
    }

    /// The canvas follows the hand by `step_in_screen`.
    #[must_use]
    pub fn panned(self, step_in_screen: Point) -> Self {
        let step = self.canvas_from_arm(step_in_screen);
        Self { centre_in_canvas: minus(self.centre_in_canvas, step), ..self }
    }

    /// Turned clockwise about the middle of the viewport.
    #[must_use]
    pub fn turned(self, rads: f32) -> Self {
        let turn_rads = (self.turn_rads + rads) % std::f32::consts::TAU;
        // A turn back must end upright to the bit, for only then are pixels drawn sharp.
        Self { turn_rads: if turn_rads.abs() < 1e-4 { 0.0 } else { turn_rads }, ..self }
    }

    /// Swaps left and right on the screen, about the middle of the viewport.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self { is_mirrored: !self.is_mirrored, turn_rads: -self.turn_rads, ..self }
    }

    #[must_use]
    pub fn screen_from_canvas(self, viewport: Viewport, pos_in_canvas: Point) -> Point {
        let arm = self.arm_from_canvas(minus(pos_in_canvas, self.centre_in_canvas));
        plus(plus(viewport.centre(), arm), self.snap(viewport))
    }

    #[must_use]
    pub fn canvas_from_screen(self, viewport: Viewport, pos_in_screen: Point) -> Point {
        let arm = minus(minus(pos_in_screen, viewport.centre()), self.snap(viewport));
        plus(self.centre_in_canvas, self.canvas_from_arm(arm))
    }

    /// What the shaders need.
    #[must_use]
    pub fn ndc_from_canvas(self, viewport: Viewport) -> Affine {
        let [x_axis, y_axis] = self.axes();
        let corner = self.screen_from_canvas(viewport, Point::default());
        let scale = [2.0 / viewport.width.max(1.0), -2.0 / viewport.height.max(1.0)];
        let scaled = |it: [f32; 2]| [it[0] * scale[0], it[1] * scale[1]];
        let [x, y] = scaled([corner.x - viewport.left, corner.y - viewport.top]);
        Affine { x_axis: scaled(x_axis), y_axis: scaled(y_axis), origin: [x - 1.0, y + 1.0] }
    }

    /// One step right, and one step down, on the canvas: how far each goes on the screen.
    fn axes(self) -> [[f32; 2]; 2] {
        let (sin, cos) = self.turn_rads.sin_cos();
        let side = if self.is_mirrored { -self.zoom } else { self.zoom };
        [[side * cos, side * sin], [-self.zoom * sin, self.zoom * cos]]
    }

    fn arm_from_canvas(self, arm: Point) -> Point {
        let [x, y] = self.axes();
        Point::new(x[0] * arm.x + y[0] * arm.y, x[1] * arm.x + y[1] * arm.y)
    }

    /// The axes are at right angles and `zoom` long, so their inverse is their transpose over zoom².
    fn canvas_from_arm(self, arm: Point) -> Point {
        let ([x, y], square) = (self.axes(), self.zoom * self.zoom);
        Point::new((x[0] * arm.x + x[1] * arm.y) / square, (y[0] * arm.x + y[1] * arm.y) / square)
    }

    /// Brings the corner of an upright canvas to a whole screen pixel, which keeps 100 % sharp.
    fn snap(self, viewport: Viewport) -> Point {
        if self.turn_rads != 0.0 {
            return Point::default();
        }
        let arm = self.arm_from_canvas(self.centre_in_canvas);
        let corner = minus(viewport.centre(), arm);
        minus(Point::new(corner.x.round(), corner.y.round()), corner)
    }
}

/// `origin + x · x_axis + y · y_axis`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    pub x_axis: [f32; 2],
    pub y_axis: [f32; 2],
    pub origin: [f32; 2],
}

fn plus(a: Point, b: Point) -> Point {
    Point::new(a.x + b.x, a.y + b.y)
}

fn minus(a: Point, b: Point) -> Point {
    Point::new(a.x - b.x, a.y - b.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEWPORT: Viewport = Viewport { left: 40.0, top: 30.0, width: 801.0, height: 600.0 };
    const CANVAS: PixelRect = PixelRect::new(0, 0, 512, 256);

    fn askew() -> View {
        View { zoom: 1.7, ..View::actual_size(CANVAS) }.turned(0.4).mirrored()
    }

    #[track_caller]
    fn assert_near(a: Point, b: Point, tolerance: f32) {
        assert!(a.distance(b) <= tolerance, "{a:?} is not {b:?}");
    }

    #[test]
    fn the_way_to_the_screen_leads_back() {
        for view in [View::fit(CANVAS, VIEWPORT, 20.0), View::actual_size(CANVAS), askew()] {
            let pos = Point::new(100.0, 33.0);
            let there = view.screen_from_canvas(VIEWPORT, pos);
            assert_near(view.canvas_from_screen(VIEWPORT, there), pos, 1e-3);
        }
    }

    #[test]
    fn zooming_leaves_the_point_under_the_pointer_where_it_is() {
        let pointer = Point::new(700.0, 90.0);
        for view in [View::actual_size(CANVAS), askew()] {
            let pos = view.canvas_from_screen(VIEWPORT, pointer);
            let nearer = view.zoomed(8.0, VIEWPORT, pointer);
            // A snap to whole screen pixels moves it by less than one of them.
            assert_near(nearer.screen_from_canvas(VIEWPORT, pos), pointer, 6.0);
            let back = nearer.zoomed(view.zoom, VIEWPORT, pointer);
            assert_near(back.centre_in_canvas, view.centre_in_canvas, 1e-3);
        }
    }

    #[test]
    fn zoom_stays_within_its_limits() {
        let view = View::actual_size(CANVAS);
        assert_eq!(view.zoomed(1e9, VIEWPORT, Point::default()).zoom, MAX_ZOOM);
        assert_eq!(view.zoomed(0.0, VIEWPORT, Point::default()).zoom, MIN_ZOOM);
    }

    #[test]
    fn a_fitted_canvas_has_air_on_all_sides() {
        let view = View::fit(CANVAS, VIEWPORT, 20.0);
        let corner = view.screen_from_canvas(VIEWPORT, Point::default());
        let opposite = view.screen_from_canvas(VIEWPORT, Point::new(512.0, 256.0));
        assert!(40.0 + 19.0 <= corner.x && 30.0 + 19.0 <= corner.y, "{corner:?}");
        assert!(opposite.x <= 841.0 - 19.0 && opposite.y <= 630.0 - 19.0, "{opposite:?}");
    }

    #[test]
    fn the_canvas_follows_the_hand() {
        let pos = Point::new(10.0, 20.0);
        let view = askew();
        let moved = view.panned(Point::new(30.0, -7.0)).screen_from_canvas(VIEWPORT, pos);
        let before = view.screen_from_canvas(VIEWPORT, pos);
        assert_near(moved, Point::new(before.x + 30.0, before.y - 7.0), 1e-2);
    }

    #[test]
    fn an_upright_canvas_lies_on_whole_screen_pixels() {
        let view = View::actual_size(PixelRect::new(0, 0, 333, 111)).panned(Point::new(0.3, 0.4));
        let corner = view.screen_from_canvas(VIEWPORT, Point::default());
        assert_near(corner, Point::new(corner.x.round(), corner.y.round()), 1e-3);
    }

    #[test]
    fn a_mirror_swaps_the_sides_of_the_screen() {
        let view = View::actual_size(CANVAS).turned(0.3);
        let pos = Point::new(400.0, 60.0);
        let before = view.screen_from_canvas(VIEWPORT, pos);
        let after = view.mirrored().screen_from_canvas(VIEWPORT, pos);
        assert_near(after, Point::new(2.0 * VIEWPORT.centre().x - before.x, before.y), 1e-2);
    }
}
