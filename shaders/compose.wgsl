// Composes tiles: carries out the programs of `src/compose/program.rs`, a pixel at a time. See `src/render/compositor.rs`.
// `src/compose/pixels.rs` and `blend_mode.rs` do the same on the CPU; `tests/canvas_on_gpu/composing.rs` compares them.

/// Keep in step with `texel` in `src/render/compositor.rs`.
const OPEN = 0u;
const CLOSE = 1u;
const CLEAR = 2u;
const LOAD = 3u;
const MASK = 4u;
const FADE = 5u;
const SET_BASE = 6u;
const CLIP = 7u;
const LAY = 8u;

/// In the order of `BlendMode`.
const NORMAL = 0u;
const MULTIPLY = 1u;
const SCREEN = 2u;
const OVERLAY = 3u;
const DARKEN = 4u;
const LIGHTEN = 5u;
const COLOR_DODGE = 6u;
const COLOR_BURN = 7u;
const HARD_LIGHT = 8u;
const SOFT_LIGHT = 9u;
const DIFFERENCE = 10u;
const COLOR = 11u;
const LUMINOSITY = 12u;
const HUE = 13u;
const SATURATION = 14u;
const PLUS = 15u;
const DESTINATION_IN = 16u;
const DESTINATION_OUT = 17u;
const SOURCE_ATOP = 18u;
const DESTINATION_ATOP = 19u;

const TILE_PIXELS = 64u;
/// Tiles in a row of the atlas; as many rows make a page.
const ATLAS_COLS = 32u;
/// Instructions in a row of `programs`.
const PROGRAM_COLS = 1024u;
/// The outermost level, and as many groups as may be open at once.
const LEVELS = 16;

struct Vertex {
    @builtin(position) position: vec4f,
    @location(0) @interpolate(flat) first: u32,
    @location(1) @interpolate(flat) n: u32,
}

/// Straight alpha.
@group(0) @binding(0) var atlas: texture_2d_array<f32>;
/// An instruction a texel: what to do, the tile that it reads, the mode, the bits of the opacity.
@group(0) @binding(1) var programs: texture_2d<u32>;

/// A tile of the picture, as a triangle strip. `area` is left, top, right, bottom in normalised device coordinates;
/// `program` is its first instruction, and how many there are.
@vertex
fn vs_main(
    @builtin(vertex_index) corner: u32,
    @location(0) area: vec4f,
    @location(1) program: vec2u,
) -> Vertex {
    let pos = mix(area.xy, area.zw, vec2f(f32(corner & 1u), f32(corner >> 1u)));
    return Vertex(vec4f(pos, 0.0, 1.0), program.x, program.y);
}

/// Premultiplied, as all that is laid; a source has straight alpha.
@fragment
fn fs_main(in: Vertex) -> @location(0) vec4f {
    let pixel = vec2u(in.position.xy) % TILE_PIXELS;
    var laid: array<vec4f, LEVELS>;
    var base: array<f32, LEVELS>;
    var level = 0;
    var source = vec4f(0.0);
    for (var at = in.first; at < in.first + in.n; at++) {
        let instruction = textureLoad(programs, vec2u(at % PROGRAM_COLS, at / PROGRAM_COLS), 0);
        switch instruction.x {
            case OPEN: {
                level = min(level + 1, LEVELS - 1);
                laid[level] = vec4f(0.0);
                base[level] = 0.0;
            }
            case CLOSE: {
                source = vec4f(straight(laid[level]), laid[level].a);
                level = max(level - 1, 0);
            }
            case CLEAR: { source = vec4f(0.0); }
            case LOAD: { source = tile_pixel(instruction.y, pixel); }
            case MASK: { source.a *= tile_pixel(instruction.y, pixel).a; }
            case FADE: { source.a *= bitcast<f32>(instruction.w); }
            case SET_BASE: { base[level] = source.a; }
            case CLIP: { source.a *= base[level]; }
            case LAY: { laid[level] = laid_on(instruction.z, laid[level], source); }
            default: {}
        }
    }
    return laid[0];
}

fn tile_pixel(tile: u32, pixel: vec2u) -> vec4f {
    let in_page = tile % (ATLAS_COLS * ATLAS_COLS);
    let corner = vec2u(in_page % ATLAS_COLS, in_page / ATLAS_COLS) * TILE_PIXELS;
    return textureLoad(atlas, corner + pixel, tile / (ATLAS_COLS * ATLAS_COLS), 0);
}

fn laid_on(mode: u32, below: vec4f, source: vec4f) -> vec4f {
    let colour = source.rgb;
    let alpha = source.a;
    switch mode {
        case NORMAL: { return below * (1.0 - alpha) + vec4f(colour * alpha, alpha); }
        case DESTINATION_IN: { return below * alpha; }
        case DESTINATION_OUT: { return below * (1.0 - alpha); }
        case SOURCE_ATOP: {
            let weight = alpha * below.a;
            return below * (1.0 - alpha) + vec4f(colour * weight, weight);
        }
        case DESTINATION_ATOP: {
            return below * alpha + vec4f(colour * (alpha * (1.0 - below.a)), alpha * (1.0 - below.a));
        }
        default: {
            let both = mix(colour, blended(mode, straight(below), colour), below.a);
            return vec4f(below.rgb * (1.0 - alpha) + both * alpha, alpha + below.a * (1.0 - alpha));
        }
    }
}

/// Where both are opaque.
fn blended(mode: u32, below: vec3f, source: vec3f) -> vec3f {
    switch mode {
        case MULTIPLY: { return below * source; }
        case SCREEN: { return screen(below, source); }
        case OVERLAY: { return hard_light(source, below); }
        case DARKEN: { return min(below, source); }
        case LIGHTEN: { return max(below, source); }
        case COLOR_DODGE: { return each_color_dodge(below, source); }
        case COLOR_BURN: { return 1.0 - each_color_dodge(1.0 - below, 1.0 - source); }
        case HARD_LIGHT: { return hard_light(below, source); }
        case SOFT_LIGHT: { return soft_light(below, source); }
        case DIFFERENCE: { return abs(below - source); }
        case PLUS: { return min(below + source, vec3f(1.0)); }
        case COLOR: { return with_luminosity(source, luminosity(below)); }
        case LUMINOSITY: { return with_luminosity(below, luminosity(source)); }
        case HUE: {
            return with_luminosity(with_saturation(source, saturation(below)), luminosity(below));
        }
        case SATURATION: {
            return with_luminosity(with_saturation(below, saturation(source)), luminosity(below));
        }
        default: { return source; }
    }
}

fn screen(below: vec3f, source: vec3f) -> vec3f {
    return below + source - below * source;
}

fn hard_light(below: vec3f, source: vec3f) -> vec3f {
    return select(screen(below, 2.0 * source - 1.0), 2.0 * below * source, source <= vec3f(0.5));
}

fn each_color_dodge(below: vec3f, source: vec3f) -> vec3f {
    return vec3f(
        color_dodge(below.r, source.r),
        color_dodge(below.g, source.g),
        color_dodge(below.b, source.b),
    );
}

fn color_dodge(below: f32, source: f32) -> f32 {
    if below <= 0.0 {
        return 0.0;
    }
    if 1.0 <= source {
        return 1.0;
    }
    return min(below / (1.0 - source), 1.0);
}

fn soft_light(below: vec3f, source: vec3f) -> vec3f {
    let darker = below - (1.0 - 2.0 * source) * below * (1.0 - below);
    let dark = ((16.0 * below - 12.0) * below + 4.0) * below;
    let lifted = select(sqrt(max(below, vec3f(0.0))), dark, below <= vec3f(0.25));
    let lighter = below + (2.0 * source - 1.0) * (lifted - below);
    return select(lighter, darker, source <= vec3f(0.5));
}

fn luminosity(colour: vec3f) -> f32 {
    return dot(colour, vec3f(0.3, 0.59, 0.11));
}

fn lowest(colour: vec3f) -> f32 {
    return min(min(colour.r, colour.g), colour.b);
}

fn highest(colour: vec3f) -> f32 {
    return max(max(colour.r, colour.g), colour.b);
}

fn saturation(colour: vec3f) -> f32 {
    return highest(colour) - lowest(colour);
}

fn with_luminosity(colour: vec3f, wanted: f32) -> vec3f {
    let lit = colour + (wanted - luminosity(colour));
    let middle = luminosity(lit);
    let low = lowest(lit);
    let high = highest(lit);
    if low < 0.0 {
        return middle + (lit - middle) * middle / (middle - low);
    }
    if 1.0 < high {
        return middle + (lit - middle) * (1.0 - middle) / (high - middle);
    }
    return lit;
}

fn with_saturation(colour: vec3f, wanted: f32) -> vec3f {
    let range = saturation(colour);
    if range <= 0.0 {
        return vec3f(0.0);
    }
    return (colour - lowest(colour)) * wanted / range;
}

/// Without its alpha; black where there is none.
fn straight(colour: vec4f) -> vec3f {
    if colour.a <= 0.0 {
        return vec3f(0.0);
    }
    return colour.rgb / colour.a;
}
