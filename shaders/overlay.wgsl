// Lays over the picture: tints, marks, grid, the cell in hand, the selection. See `src/render/`.
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
@group(0) @binding(3) var cells: texture_2d<u32>;
@group(0) @binding(4) var selection: texture_2d<f32>;

/// How far the outline of the cell in hand reaches beyond the canvas, in screen pixels.
const MARGIN_PX = 8.0;

/// `Tint` in `src/render/look.rs`.
const REPAINT = 1u;
const FOLLOW = 2u;

/// The canvas and a little more, as a triangle strip.
@vertex
fn vs_main(@builtin(vertex_index) corner: u32) -> Vertex {
    let margin = vec2f(MARGIN_PX / frame.zoom);
    let share = vec2f(f32(corner & 1u), f32(corner >> 1u));
    let pos = mix(frame.canvas_min - margin, frame.canvas_max + margin, share);
    let ndc = frame.origin + frame.x_axis * pos.x + frame.y_axis * pos.y;
    return Vertex(vec4f(ndc, 0.0, 1.0), pos);
}

@fragment
fn fs_main(in: Vertex) -> @location(0) vec4f {
    let pos = in.pos_in_canvas;
    let cell = vec2i(floor(pos / frame.cell_pixels));
    // The way from the cell's top left corner, in screen pixels.
    let in_cell = (pos - vec2f(cell) * frame.cell_pixels) * frame.zoom;

    var colour = vec4f(0.0);
    if is_on_canvas(pos) && is_on_grid(cell) {
        let look = textureLoad(cells, cell, 0);
        colour = premultiplied(unpack4x8unorm(look.w));
        colour = over(tint(cell, in_cell, look.y, pos), colour);
        colour = over(grid_line(in_cell), colour);
        colour = over(artist_mark(in_cell, look.z), colour);
    }
    colour = over(ants(pos), colour);
    return over(outline_in_hand(pos), colour);
}

/// Cells to be repainted: an even tint, fine hatching, and a line around them all.
/// Cells that follow: a paler tint.
fn tint(cell: vec2i, in_cell: vec2f, kind: u32, pos: vec2f) -> vec4f {
    if kind == FOLLOW {
        return accent(0.10);
    }
    if kind != REPAINT {
        return vec4f(0.0);
    }
    let stripe = abs(fract((pos.x + pos.y) * frame.zoom / 9.0) - 0.5) * 9.0 * 0.7071;
    let hatch = accent(0.20 * clamp(1.1 - stripe, 0.0, 1.0));
    return over(accent(0.9 * repaint_edge(cell, in_cell)), over(hatch, accent(0.20)));
}

/// 1 along the outer edge of all cells that will be repainted, 0 elsewhere.
fn repaint_edge(cell: vec2i, in_cell: vec2f) -> f32 {
    let size = frame.cell_pixels * frame.zoom;
    let to_edges = vec4f(in_cell, size - in_cell);
    var edge = 0.0;
    if !is_repainted(cell - vec2i(1, 0)) { edge = max(edge, stroke(to_edges.x)); }
    if !is_repainted(cell - vec2i(0, 1)) { edge = max(edge, stroke(to_edges.y)); }
    if !is_repainted(cell + vec2i(1, 0)) { edge = max(edge, stroke(to_edges.z)); }
    if !is_repainted(cell + vec2i(0, 1)) { edge = max(edge, stroke(to_edges.w)); }
    return edge;
}

/// A line of one and a half pixels along an edge.
fn stroke(to_edge: f32) -> f32 {
    return clamp(2.0 - to_edge, 0.0, 1.0);
}

fn is_repainted(cell: vec2i) -> bool {
    return is_on_grid(cell) && textureLoad(cells, cell, 0).y == REPAINT;
}

/// A hairline between cells, which comes in as they grow beyond 56 screen pixels.
fn grid_line(in_cell: vec2f) -> vec4f {
    let presence = smoothstep(52.0, 68.0, frame.cell_pixels * frame.zoom);
    let line = clamp(1.5 - min(in_cell.x, in_cell.y), 0.0, 1.0);
    return premultiplied(frame.grid_line) * presence * line;
}

/// A small corner, where cells are large enough to carry one.
fn artist_mark(in_cell: vec2f, is_by_artist: u32) -> vec4f {
    let cell_px = frame.cell_pixels * frame.zoom;
    let size = clamp(cell_px * 0.24, 4.0, 10.0);
    let presence = f32(is_by_artist) * smoothstep(8.0, 14.0, cell_px);
    let corner = clamp(size + 0.5 - in_cell.x - in_cell.y, 0.0, 1.0);
    return premultiplied(frame.artist) * presence * corner;
}

/// A line of one and a half pixels around the cell that is being painted, with a dim halo.
fn outline_in_hand(pos: vec2f) -> vec4f {
    if frame.cell_in_hand.x < 0 {
        return vec4f(0.0);
    }
    let half_size = vec2f(frame.cell_pixels * 0.5);
    let centre = vec2f(frame.cell_in_hand) * frame.cell_pixels + half_size;
    let beyond = (abs(pos - centre) - half_size) * frame.zoom;
    let outside = length(max(beyond, vec2f(0.0))) + min(max(beyond.x, beyond.y), 0.0);

    let line = clamp(1.25 - abs(outside - 0.75), 0.0, 1.0);
    let halo = 0.35 * exp(-max(outside, 0.0) * 0.45) * clamp(outside + 1.0, 0.0, 1.0);
    return over(accent(line), accent(halo));
}

/// The selection's own outermost pixels on the screen, in dashes that march around it clockwise.
fn ants(pos: vec2f) -> vec4f {
    let reach = 1.0 / frame.zoom;
    if !is_selected(pos) {
        return vec4f(0.0);
    }
    let at = pos * frame.zoom;
    var way: f32;
    if !is_selected(pos - vec2f(0.0, reach)) {
        way = at.x;
    } else if !is_selected(pos + vec2f(reach, 0.0)) {
        way = at.y;
    } else if !is_selected(pos + vec2f(0.0, reach)) {
        way = -at.x;
    } else if !is_selected(pos - vec2f(reach, 0.0)) {
        way = -at.y;
    } else {
        return vec4f(0.0);
    }
    // Dashes of four pixels, twelve pixels a second.
    let is_black = fract((way - frame.now_secs * 12.0) / 8.0) < 0.5;
    return select(vec4f(1.0), vec4f(0.0, 0.0, 0.0, 1.0), is_black);
}

fn is_selected(pos: vec2f) -> bool {
    let pixel = vec2i(floor(pos));
    return is_on_canvas(pos)
        && all(pixel < vec2i(textureDimensions(selection)))
        && 0.5 <= textureLoad(selection, pixel, 0).x;
}

fn is_on_canvas(pos: vec2f) -> bool {
    return all(frame.canvas_min <= pos) && all(pos < frame.canvas_max);
}

fn is_on_grid(cell: vec2i) -> bool {
    return all(vec2i(0) <= cell) && all(cell < frame.grid_size);
}

fn accent(share: f32) -> vec4f {
    return premultiplied(frame.accent) * share;
}

fn premultiplied(colour: vec4f) -> vec4f {
    return vec4f(colour.rgb * colour.a, colour.a);
}

fn over(top: vec4f, below: vec4f) -> vec4f {
    return top + below * (1.0 - top.a);
}
