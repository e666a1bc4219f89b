//! Writes an OpenRaster file in which every blend mode, masks, clipping and groups meet, to be opened by other programs:
//! `cargo run --release --example all_modes -- OUT.ora`.

use alla_prima::base::{Grid, Order, PixelRect, Pixmap, Rgba, Sampling};
use alla_prima::compose::BlendMode;
use alla_prima::document::{Layer, LayerKind, PaintSettings, Picture, Recording};
use alla_prima::io::{Project, write_project};

const GRID: Grid = Grid { rows: 10, cols: 12, cell_pixels: 24 };

/// One field for each mode.
const FIELD: u32 = 48;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("where to?")?;
    let settings = PaintSettings {
        prompt: String::new(),
        negative: String::new(),
        guidance: 1.0,
        sampling: Sampling::default(),
        seed: 1,
        order: Order::Rows,
    };
    let mut picture = Picture::new(GRID, settings.clone());
    // Slopes of colour and, in the lower half of each field, of alpha.
    picture.model_layer.update(GRID.area(), |x, y, _| {
        let alpha = if y % FIELD < FIELD / 2 { 255 } else { (x * 5 % 256) as u8 };
        [(x * 3 % 256) as u8, (y * 4 % 256) as u8, ((x + y) * 2 % 256) as u8, alpha]
    });
    let mut fields = Vec::new();
    for (idx, mode) in (0_u32..).zip(BlendMode::ALL) {
        // What cuts all below it stands in a group, by itself.
        let (left, top) = (idx % 6 * FIELD, idx / 6 * FIELD);
        let area = PixelRect::new(left + 4, top + 4, left + FIELD - 4, top + FIELD - 4);
        let upper = Layer { blend: mode, opacity: 0.8, ..slope(area, idx) };
        let lower = slope(PixelRect::new(left, top, left + FIELD - 8, top + FIELD - 8), idx + 7);
        if mode.reaches_beyond_paint() || mode == BlendMode::DestinationOut {
            let group = Layer::new(mode.label(), LayerKind::Group(vec![lower, upper]));
            fields.push(Layer { opacity: 0.9, ..group });
        } else {
            fields.push(upper);
        }
    }
    let mut masked = slope(PixelRect::new(60, 60, 220, 220), 3);
    let mut mask = Pixmap::new(GRID.width(), GRID.height());
    mask.update(PixelRect::new(80, 70, 200, 210), |x, _, _| [0, 0, 0, (x * 2 % 256) as u8]);
    masked.mask = Some(mask.clone());
    let clipped = Layer { is_clipped: true, blend: BlendMode::Multiply, ..slope(GRID.area(), 5) };
    let group = LayerKind::Group(vec![slope(PixelRect::new(10, 150, 150, 230), 11)]);
    let group = Layer { mask: Some(mask), blend: BlendMode::Screen, ..Layer::new("masked", group) };
    picture.stack.layers.extend(fields);
    picture.stack.layers.extend([masked, clipped, group]);
    write_project(
        path.as_ref(),
        &Project {
            picture,
            pending: settings,
            painting: None,
            unanswered: Vec::new(),
            recording: Recording::default(),
        },
    )?;
    Ok(())
}

fn slope(area: PixelRect, hue: u32) -> Layer {
    let mut pixels = Pixmap::new(GRID.width(), GRID.height());
    pixels.update(area, |x, y, _| colour(x, y, hue));
    Layer::new(format!("slope {hue}"), LayerKind::Paint(pixels))
}

fn colour(x: u32, y: u32, hue: u32) -> Rgba {
    let part = |it: u32| (it % 256) as u8;
    [part(x * 7 + hue * 40), part(y * 6 + hue * 90), part(x * y + hue * 20), part(40 + y * 9)]
}
