//! The compositor's twins: what a GPU composes, and what the CPU does, of layers of every kind.

use alla_prima::base::{Grid, Order, PixelRect, Pixmap, Rgba, Sampling, TileIdx};
use alla_prima::compose::{BlendMode, Composition};
use alla_prima::document::{Layer, LayerKind, PaintSettings, Picture};

use super::gpu::{compose, new_compositor, small_compositor};

/// Three tiles by two, those at the edges cut.
const GRID: Grid = Grid { rows: 5, cols: 10, cell_pixels: 16 };

/// A picture's worth of chance (Steele and others, "Fast splittable pseudorandom number generators", 2014).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let it = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((it ^ (it >> 31)) % u64::from(n)) as u32
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    fn byte(&mut self) -> u8 {
        // Nothing and all are where formulas have their corners.
        match self.below(6) {
            0 => 0,
            1 => 255,
            _ => self.below(256) as u8,
        }
    }

    /// A patch of pixels that have nothing in common.
    fn pixels(&mut self) -> Pixmap {
        let mut pixels = Pixmap::new(GRID.width(), GRID.height());
        let (left, top) = (self.below(120), self.below(60));
        let area = PixelRect::new(left, top, left + 1 + self.below(100), top + 1 + self.below(60));
        pixels.update(area, |_, _, _| [self.byte(), self.byte(), self.byte(), self.byte()]);
        pixels
    }

    fn layer(&mut self, depth: u32) -> Layer {
        let kind = if 0 < depth && self.one_in(3) {
            LayerKind::Group(self.layers(depth - 1))
        } else {
            LayerKind::Paint(self.pixels())
        };
        Layer {
            opacity: if self.one_in(2) { 1.0 } else { self.below(101) as f32 / 100.0 },
            blend: BlendMode::ALL[self.below(BlendMode::ALL.len() as u32) as usize],
            is_visible: !self.one_in(9),
            is_clipped: self.one_in(3),
            mask: self.one_in(3).then(|| self.pixels()),
            ..Layer::new("a layer", kind)
        }
    }

    fn layers(&mut self, depth: u32) -> Vec<Layer> {
        (0..1 + self.below(5)).map(|_| self.layer(depth)).collect()
    }
}

fn picture(layers: Vec<Layer>) -> Picture {
    picture_on(GRID, layers)
}

fn picture_on(grid: Grid, layers: Vec<Layer>) -> Picture {
    let paint_settings = PaintSettings {
        prompt: String::new(),
        negative: String::new(),
        guidance: 1.0,
        sampling: Sampling::default(),
        seed: 1,
        order: Order::Rows,
    };
    let mut picture = Picture::new(grid, paint_settings);
    picture.stack.layers.extend(layers);
    picture
}

fn composition(picture: &Picture) -> Composition {
    let area = picture.grid.area();
    let mut composition = Composition::new(area.right, area.bottom);
    for idx in TileIdx::within(area) {
        composition.put(idx, picture.seen().program(idx));
    }
    composition
}

/// How many steps of the 255 the GPU's pixel is away from the CPU's, whose alpha is straight.
fn steps_apart(gpu: Rgba, cpu: Rgba) -> f32 {
    let alpha = f32::from(cpu[3]) / 255.0;
    let [r, g, b, a] = cpu.map(f32::from);
    let expected = [r * alpha, g * alpha, b * alpha, a];
    gpu.iter().zip(expected).map(|(&it, other)| (f32::from(it) - other).abs()).fold(0.0, f32::max)
}

#[track_caller]
fn assert_alike(gpu: &[u8], picture: &Picture, what: &str) {
    let cpu = picture.composite(picture.grid.area());
    for (idx, (gpu, cpu)) in gpu.as_chunks::<4>().0.iter().zip(cpu.as_chunks::<4>().0).enumerate() {
        // Straight alpha is rounded twice: the colour, and how much there is of it.
        let allowed = if cpu[3] == 255 { 1.0 } else { 1.51 };
        let apart = steps_apart(*gpu, *cpu);
        assert!(apart <= allowed, "{what}, pixel {idx}: {gpu:?} {cpu:?}");
    }
}

fn opaque(chance: &mut Chance) -> Layer {
    let mut pixels = Pixmap::new(GRID.width(), GRID.height());
    pixels.update(GRID.area(), |_, _, _| [chance.byte(), chance.byte(), chance.byte(), 255]);
    Layer::new("all of it", LayerKind::Paint(pixels))
}

#[test]
fn every_mode_is_the_same_on_a_gpu() {
    let mut compositor = new_compositor();
    for mode in BlendMode::ALL {
        for seed in 0..4 {
            let mut chance = Chance(seed);
            let layer = Layer { blend: mode, ..Layer::new("", LayerKind::Paint(chance.pixels())) };
            let below = if seed % 2 == 0 {
                opaque(&mut chance)
            } else {
                Layer::new("", LayerKind::Paint(chance.pixels()))
            };
            let picture = picture(vec![below, layer]);
            let gpu = compose(&mut compositor, &composition(&picture));
            assert_alike(&gpu, &picture, &format!("{mode:?}, {seed}"));
        }
    }
}

#[test]
fn layers_masks_clipping_and_groups_are_the_same_on_a_gpu() {
    // One compositor for all: what it has from before must not show.
    let mut compositor = new_compositor();
    let mut n_seen = 0;
    for seed in 100..260 {
        let mut chance = Chance(seed);
        let mut layers = chance.layers(3);
        if chance.one_in(2) {
            layers.insert(0, opaque(&mut chance));
        }
        let picture = picture(layers);
        let gpu = compose(&mut compositor, &composition(&picture));
        n_seen += usize::from(gpu.iter().any(|&it| it != 0));
        assert_alike(&gpu, &picture, &format!("stack {seed}"));
    }
    assert!(100 < n_seen, "most of them show something: {n_seen}");
}

#[test]
fn groups_that_lie_too_deep_for_a_gpu_are_composed_all_the_same() {
    let mut chance = Chance(5);
    let mut layer = Layer::new("innermost", LayerKind::Paint(chance.pixels()));
    for _ in 0..40 {
        let other = Layer { blend: BlendMode::Screen, ..chance.layer(0) };
        layer = Layer { opacity: 0.99, ..Layer::new("", LayerKind::Group(vec![layer, other])) };
    }
    let picture = picture(vec![layer]);
    assert_alike(&compose(&mut new_compositor(), &composition(&picture)), &picture, "deep");
}

/// 33 by 33 tiles: more than a page has.
const LARGE: Grid = Grid { rows: 33, cols: 33, cell_pixels: 64 };

/// No tile is like another.
fn large_layer(seed: u32) -> Layer {
    let mut pixels = Pixmap::new(LARGE.width(), LARGE.height());
    pixels.update(LARGE.area(), |x, y, _| {
        let [r, g, b] = [x / 64 * 7 + y, y / 64 * 5 + x, x + y].map(|it| (it + seed * 31) as u8);
        [r, g, b, 200]
    });
    Layer::new("large", LayerKind::Paint(pixels))
}

#[test]
fn where_there_is_no_room_for_all_tiles_they_are_composed_one_after_the_other() {
    let mut compositor = small_compositor(1);
    for seed in 0..2 {
        let layers = (0..3).map(|it| large_layer(3 * seed + it)).collect();
        let picture = picture_on(LARGE, layers);
        let gpu = compose(&mut compositor, &composition(&picture));
        assert_alike(&gpu, &picture, &format!("crowded, {seed}"));
    }
}

#[test]
fn tiles_that_nobody_has_any_more_stay_until_they_are_drawn() {
    // So deep that each tile is composed on the CPU, and is in nobody's hands then.
    let deep =
        (0..16).fold(large_layer(1), |inner, _| Layer::new("", LayerKind::Group(vec![inner])));
    let picture = picture_on(LARGE, vec![deep, large_layer(2), large_layer(3)]);
    let gpu = compose(&mut small_compositor(1), &composition(&picture));
    assert_alike(&gpu, &picture, "deep and large");
}

#[test]
fn a_gpu_has_room_for_more_tiles_than_a_page_and_forgets_those_that_are_gone() {
    let mut compositor = new_compositor();
    let grid = Grid { rows: 40, cols: 40, cell_pixels: 64 };
    for colour in 0..4_u8 {
        let mut pixels = Pixmap::new(grid.width(), grid.height());
        pixels.update(grid.area(), |x, y, _| {
            [x as u8, y as u8, (x / 64 + y / 64) as u8, 252 + colour]
        });
        let gpu = compose(&mut compositor, &Composition::from(&pixels));
        let all = pixels.rgba(grid.area());
        for (gpu, cpu) in gpu.as_chunks::<4>().0.iter().zip(all.as_chunks::<4>().0) {
            assert!(steps_apart(*gpu, *cpu) <= 0.51, "{gpu:?} {cpu:?}");
        }
    }
}
