// Draws the picture on its checkerboard, with the wet edge and the shadow. See `src/render/`.
// All colours that are handed on are premultiplied, in the space in which egui blends.

/// Keep in step with `Frame` in `src/render/frame.rs`. Colours are straight, places in pixels.
struct Frame {
    x_axis: vec2f,
    y_axis: vec2f,
    origin: vec2f,
    picture_size: vec2f,
    canvas_min: vec2f,
    canvas_max: vec2f,
    grid_size: vec2i,
    cell_in_hand: vec2i,
    cell_pixels: f32,
    zoom: f32,
    now_secs: f32,
    fade_secs: f32,
    light_square: vec4f,
    dark_square: vec4f,
    accent: vec4f,
    artist: vec4f,
    grid_line: vec4f,
    border: vec4f,
    shadow: vec4f,
}

struct Vertex {
    @builtin(position) position: vec4f,
    @location(0) pos_in_canvas: vec2f,
}

@group(0) @binding(0) var<uniform> frame: Frame;
@group(0) @binding(1) var linear_sampler: sampler;
@group(0) @binding(2) var picture: texture_2d<f32>;
@group(0) @binding(3) var cells: texture_2d<u32>;

/// How far the shadow reaches, in screen pixels.
const SHADOW_PX = 22.0;

/// Width of the checkerboard's squares, in screen pixels.
const SQUARE_PX = 8.0;

/// The canvas and its shadow, as a triangle strip.
@vertex
fn vs_main(@builtin(vertex_index) corner: u32) -> Vertex {
    let margin = vec2f(SHADOW_PX / frame.zoom);
    let share = vec2f(f32(corner & 1u), f32(corner >> 1u));
    let pos = mix(frame.canvas_min - margin, frame.canvas_max + margin, share);
    let ndc = frame.origin + frame.x_axis * pos.x + frame.y_axis * pos.y;
    return Vertex(vec4f(ndc, 0.0, 1.0), pos);
}

@fragment
fn fs_main(in: Vertex) -> @location(0) vec4f {
    let pos = in.pos_in_canvas;
    // How far outside the canvas, in screen pixels; negative inside.
    let beyond = max(frame.canvas_min - pos, pos - frame.canvas_max) * frame.zoom;
    let outside = length(max(beyond, vec2f(0.0))) + min(max(beyond.x, beyond.y), 0.0);

    let inside = clamp(pos, frame.canvas_min, frame.canvas_max);
    let paper = over(wet_picture(inside), checkerboard(inside));
    return mix(surroundings(outside), paper, clamp(0.5 - outside, 0.0, 1.0));
}

/// A hairline around the canvas, then a shadow that fades.
fn surroundings(outside: f32) -> vec4f {
    let fade = clamp(1.0 - outside / SHADOW_PX, 0.0, 1.0);
    let shadow = premultiplied(frame.shadow) * fade * fade * fade;
    let line = premultiplied(frame.border) * clamp(1.5 - outside, 0.0, 1.0);
    return over(line, shadow);
}

fn checkerboard(pos: vec2f) -> vec4f {
    let square = vec2i(floor(pos * frame.zoom / SQUARE_PX));
    let is_dark = ((square.x + square.y) & 1) == 1;
    return premultiplied(select(frame.light_square, frame.dark_square, is_dark));
}

/// The picture; a cell that has just settled is soft, pale and thin at first, and its rim glows.
fn wet_picture(pos: vec2f) -> vec4f {
    let sharp = picture_at(pos);
    let wet = wetness(pos);
    if wet <= 0.0 {
        return sharp;
    }
    let pale = mix(soft_picture_at(pos), vec4f(1.0), 0.25);
    let drying = mix(sharp, pale, wet) * (1.0 - 0.55 * wet);

    let in_cell = fract(pos / frame.cell_pixels);
    let to_rim = min(min(in_cell.x, in_cell.y), min(1.0 - in_cell.x, 1.0 - in_cell.y));
    let glow = exp(-to_rim * 9.0) * 0.55 * wet;
    return over(premultiplied(frame.accent) * glow, drying);
}

/// From 1, just settled, to 0, dry.
fn wetness(pos: vec2f) -> f32 {
    let cell = vec2i(floor(pos / frame.cell_pixels));
    if any(cell < vec2i(0)) || any(frame.grid_size <= cell) {
        return 0.0;
    }
    let settled_at_secs = bitcast<f32>(textureLoad(cells, cell, 0).x);
    let age = clamp((frame.now_secs - settled_at_secs) / frame.fade_secs, 0.0, 1.0);
    return (1.0 - age) * (1.0 - age);
}

fn picture_at(pos: vec2f) -> vec4f {
    if 1.0 <= frame.zoom {
        return magnified(pos);
    }
    return reduced(pos, 1.0 / frame.zoom);
}

/// Each pixel a crisp square: neighbours mix only within the one screen pixel where they meet.
fn magnified(pos: vec2f) -> vec4f {
    let corner = floor(pos - 0.5);
    // Up to 200 % the seam is wide enough for plain linear filtering, which is calmer there.
    let sharpness = select(1.0, frame.zoom, 2.0 <= frame.zoom);
    let share = clamp((pos - 0.5 - corner - 0.5) * sharpness + 0.5, vec2f(0.0), vec2f(1.0));
    return linear(corner + 0.5 + share);
}

/// The mean of all pixels that fall on one screen pixel, `reach` wide; each tap spans two of them.
fn reduced(pos: vec2f, reach: f32) -> vec4f {
    let n_taps = i32(clamp(ceil(reach * 0.5), 1.0, 10.0));
    var sum = vec4f(0.0);
    for (var y = 0; y < n_taps; y++) {
        for (var x = 0; x < n_taps; x++) {
            let share = (vec2f(f32(x), f32(y)) + 0.5) / f32(n_taps) - 0.5;
            sum += linear(pos + share * reach);
        }
    }
    return sum / f32(n_taps * n_taps);
}

/// Blurred by about a third of a cell, but not beyond the cell's own pixels.
fn soft_picture_at(pos: vec2f) -> vec4f {
    let first = floor(pos / frame.cell_pixels) * frame.cell_pixels;
    let low = first + 0.5;
    let high = first + frame.cell_pixels - 0.5;
    let step = frame.cell_pixels / 9.0;
    var sum = vec4f(0.0);
    for (var y = -1; y <= 1; y++) {
        for (var x = -1; x <= 1; x++) {
            sum += linear(clamp(pos + vec2f(f32(x), f32(y)) * step, low, high));
        }
    }
    return sum / 9.0;
}

fn linear(pos: vec2f) -> vec4f {
    return textureSampleLevel(picture, linear_sampler, pos / frame.picture_size, 0.0);
}

fn premultiplied(colour: vec4f) -> vec4f {
    return vec4f(colour.rgb * colour.a, colour.a);
}

fn over(top: vec4f, below: vec4f) -> vec4f {
    return top + below * (1.0 - top.a);
}
