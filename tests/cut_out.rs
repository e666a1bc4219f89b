//! Cuts six painted things out of their scenes, and holds alpha against what it was painted with. Of the forty that
//! `python -m training.cut_outs` makes, cut to size.

use std::path::Path;

use alla_prima::base::{Mask, PixelRect, Pixmap};
use alla_prima::cutout::{Hints, cut_out};

/// What is cut out, and the greatest mean error of alpha.
const CASES: [(&str, f32); 6] = [
    ("balloon-laid", 0.002),
    ("sailboat-soft", 0.04),
    ("cabin-painted", 0.01),
    ("castle-laid", 0.08),
    ("oak-painted", 0.005),
    ("birds-painted", 0.01),
];

/// How much larger than the thing a rough rectangle is, on each side.
const ROUGHNESS: f32 = 0.08;

fn rough(alpha: &Mask) -> Mask {
    let there = alpha.bounds();
    let more = |side: u32| (side as f32 * ROUGHNESS) as u32;
    let (across, down) = (more(there.width()), more(there.height()));
    let rect = PixelRect::new(
        there.left.saturating_sub(across),
        there.top.saturating_sub(down),
        there.right + across,
        there.bottom + down,
    );
    Mask::of_area(alpha.width(), alpha.height(), rect.intersection(alpha.area()))
}

#[test]
fn painted_things_are_cut_out_by_a_rough_rectangle() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cut_out");
    for (name, most) in CASES {
        let read = |end: &str| image::open(folder.join(format!("{name}{end}.png"))).unwrap();
        let (rgba, truth) = (read("").to_rgba8(), read("-alpha").to_luma8());
        let (width, height) = rgba.dimensions();
        let picture = Pixmap::from_rgba(width, height, rgba.as_raw()).unwrap();
        let alpha = Mask::from_fn(width, height, |x, y| {
            let it = truth.get_pixel(x, y).0[0];
            if it < 8 { 0 } else { it }
        });
        let (within, none) = (rough(&alpha), Mask::new(width, height));
        let hints = Hints { within: &within, keep: &none, drop: &none, prior: None };
        let found = cut_out(&picture, picture.area(), &hints, &|_| true).unwrap();
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let off = places.map(|(x, y)| f32::from(found.at(x, y).abs_diff(alpha.at(x, y))) / 255.0);
        let error = off.sum::<f32>() / (width * height) as f32;
        assert!(error < most, "{name}: {error}");
    }
}
