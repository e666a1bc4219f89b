//! What changes from frame to frame, as the shaders read it.

use bytemuck::{Pod, Zeroable};

use super::canvas::CanvasPaint;
use super::style::FADE_SECS;
use crate::base::Rgba;

/// Mirrors `Frame` in `shaders/canvas.wgsl` and `shaders/overlay.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct Frame {
    x_axis: [f32; 2],
    y_axis: [f32; 2],
    origin: [f32; 2],
    picture_size: [f32; 2],
    canvas_min: [f32; 2],
    canvas_max: [f32; 2],
    grid_size: [i32; 2],
    cell_in_hand: [i32; 2],
    cell_pixels: f32,
    zoom: f32,
    now_secs: f32,
    fade_secs: f32,
    light_square: [f32; 4],
    dark_square: [f32; 4],
    accent: [f32; 4],
    artist: [f32; 4],
    grid_line: [f32; 4],
    border: [f32; 4],
    shadow: [f32; 4],
}

impl Frame {
    pub(super) fn of(paint: &CanvasPaint) -> Self {
        let ndc_from_canvas = paint.view.ndc_from_canvas(paint.viewport);
        let grid = paint.grid;
        Self {
            x_axis: ndc_from_canvas.x_axis,
            y_axis: ndc_from_canvas.y_axis,
            origin: ndc_from_canvas.origin,
            picture_size: [paint.picture.area().right as f32, paint.picture.area().bottom as f32],
            canvas_min: [paint.canvas.left as f32, paint.canvas.top as f32],
            canvas_max: [paint.canvas.right as f32, paint.canvas.bottom as f32],
            grid_size: [i32::from(grid.cols), i32::from(grid.rows)],
            cell_in_hand: match paint.cell_in_hand {
                Some(cell) => [i32::from(cell.col), i32::from(cell.row)],
                None => [-1, -1],
            },
            cell_pixels: f32::from(grid.cell_pixels.max(1)),
            zoom: paint.view.zoom,
            now_secs: paint.now_secs,
            fade_secs: FADE_SECS,
            light_square: floats(paint.palette.light_square),
            dark_square: floats(paint.palette.dark_square),
            accent: floats(paint.palette.accent),
            artist: floats(paint.palette.artist),
            grid_line: floats(paint.palette.grid_line),
            border: floats(paint.palette.border),
            shadow: floats(paint.palette.shadow),
        }
    }
}

/// From 0 to 1. No conversion: egui blends in the same space in which colours are stored.
fn floats(colour: Rgba) -> [f32; 4] {
    colour.map(|it| f32::from(it) / 255.0)
}
