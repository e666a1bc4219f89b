//! What every finish keeps to.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// A shore in the evening, with a tower.
fn picture(width: u32, height: u32) -> Pixmap {
    let mut pixels = Pixmap::new(width, height);
    pixels.update(pixels.area(), |x, y, _| {
        let (across, down) = (x as f32 / width as f32, y as f32 / height as f32);
        let is_tower = (0.55..0.65).contains(&across) && (0.3..0.7).contains(&down);
        match () {
            () if is_tower => [70, 50, 60, 255],
            () if down < 0.6 => {
                [(90.0 + 200.0 * down) as u8, 120, (200.0 - 150.0 * down) as u8, 255]
            }
            () => [40, (90.0 + 40.0 * (across * 40.0).sin()) as u8, 80, 255],
        }
    });
    pixels
}

fn oil(scale: f32) -> Finishing {
    Finishing { style: Some(Style::Oil), scale, seed: 3 }
}

fn painted(picture: &Pixmap, finishing: &Finishing) -> Finished {
    finish(picture, picture.area(), finishing, Depth::Eight, &|_| true).unwrap()
}

/// How alike two pictures of one size are in light and dark, from −1 to 1 (Pearson's correlation).
fn likeness(a: &[u8], b: &[u8]) -> f64 {
    let light = |rgba: &[u8]| -> Vec<f64> {
        let of = |it: &[u8; 4]| f64::from(it[0]) + 2.0 * f64::from(it[1]) + f64::from(it[2]);
        let values: Vec<f64> = rgba.as_chunks().0.iter().map(of).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.into_iter().map(|it| it - mean).collect()
    };
    let (a, b) = (light(a), light(b));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

#[test]
fn every_style_paints_the_same_picture_twice_and_another_for_another_seed() {
    let picture = picture(200, 140);
    for style in Style::ALL {
        let finishing = Finishing { style: Some(style), ..oil(1.0) };
        let once = painted(&picture, &finishing);
        assert!(once == painted(&picture, &finishing));
        let other = painted(&picture, &Finishing { seed: 4, ..finishing });
        assert!(once != other);
        let before = picture.rgba(picture.area());
        for finished in [&once, &other] {
            let found = likeness(&finished.samples.eight(), &before);
            assert!((0.8..0.9999).contains(&found), "{style:?}: {found}");
        }
        let larger = painted(&picture, &Finishing { scale: 1.5, ..finishing });
        assert_eq!(
            (larger.width, larger.height, larger.samples.eight().len()),
            (300, 210, 300 * 210 * 4)
        );
    }
}

#[test]
fn tiles_have_no_borders() {
    let picture = picture(160, 120);
    for style in Style::ALL {
        let painting = Painting::new(&picture, picture.area(), style, 2.0, 1);
        let whole: Vec<u8> = painting.tile(PixelRect::new(0, 0, 320, 240));
        for side in [37, 64] {
            for idx in 0..12 {
                let (left, top) = (idx % 4 * side, idx / 4 * side);
                let part = PixelRect::new(left, top, left + side, top + side);
                let rows: Vec<u8> = painting.tile(part);
                for (y, row) in (top..).zip(rows.chunks(side as usize * 4)) {
                    let start = (y as usize * 320 + left as usize) * 4;
                    assert!(
                        row == &whole[start..start + row.len()],
                        "{style:?}, {part:?}, row {y}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_edit_changes_strokes_near_it_alone() {
    let before = picture(600, 400);
    let mut after = before.clone();
    after.update(PixelRect::new(40, 40, 88, 88), |_, _, _| [250, 240, 90, 255]);
    let [old, new] =
        [&before, &after].map(|it| painted(it, &oil(1.0)).samples.eight().into_owned());
    let unlike = (0..600 * 400).filter(|it| old[it * 4..it * 4 + 4] != new[it * 4..it * 4 + 4]);
    let right = unlike.clone().map(|it| it % 600).max().unwrap();
    let bottom = unlike.map(|it| it / 600).max().unwrap();
    assert!((88..400).contains(&right) && (88..330).contains(&bottom), "{right} {bottom}");
}

#[test]
fn without_a_style_only_the_size_changes() {
    let picture = picture(60, 40);
    let same = painted(&picture, &Finishing::NONE).samples;
    assert!(same == Samples::Eight(picture.rgba(picture.area())));
    let twice = painted(&picture, &Finishing { scale: 2.0, ..Finishing::NONE });
    assert_eq!((twice.width, twice.height, twice.samples.eight().len()), (120, 80, 120 * 80 * 4));
    for scale in [0.5, 200.0, f32::NAN, f32::INFINITY] {
        assert_eq!(Finishing { scale, ..Finishing::NONE }.size([60, 40]), None, "{scale}");
    }
}

#[test]
fn what_is_transparent_stays_so() {
    let mut picture = picture(80, 60);
    picture.update(PixelRect::new(0, 0, 40, 60), |_, _, _| [0; 4]);
    let finished = painted(&picture, &oil(2.0)).samples.eight().into_owned();
    let alpha = |x: usize, y: usize| finished[(y * 160 + x) * 4 + 3];
    assert_eq!([alpha(3, 3), alpha(70, 100), alpha(90, 100)], [0, 0, 255]);
}

#[test]
fn what_is_half_transparent_keeps_its_colour() {
    let picture = Pixmap::filled(90, 70, [255, 0, 0, 128]);
    for style in [Style::Oil, Style::Gouache] {
        let finished = painted(&picture, &Finishing { style: Some(style), ..oil(1.0) });
        let values = finished.samples.eight();
        let pixels = values.as_chunks::<4>().0;
        let mean = |of: usize| {
            pixels.iter().map(|it| f32::from(it[of])).sum::<f32>() / pixels.len() as f32
        };
        assert!(200.0 < mean(0) && mean(1) < 40.0 && mean(2) < 40.0, "{style:?}: {}", mean(1));
        assert!(pixels.iter().all(|it| it[3] == 128));
    }
}

#[test]
fn it_stops_where_it_is_told_to() {
    let picture = picture(300, 300);
    let n_asked = AtomicUsize::new(0);
    let go_on = |_: f32| n_asked.fetch_add(1, Ordering::Relaxed) < 4;
    assert_eq!(finish(&picture, picture.area(), &oil(2.0), Depth::Eight, &go_on), None);
    assert!(n_asked.load(Ordering::Relaxed) < 20);
}

#[test]
fn pictures_of_any_size_are_finished() {
    for (width, height) in [(1, 1), (3, 200), (64, 1)] {
        let picture = picture(width, height);
        for style in Style::ALL {
            let finishing = Finishing { style: Some(style), ..oil(1.0) };
            assert_eq!(
                painted(&picture, &finishing).samples.eight().len(),
                (width * height * 4) as usize
            );
        }
    }
}

#[test]
fn sixteen_bits_say_the_same_and_more() {
    let picture = picture(120, 90);
    for finishing in [oil(1.5), Finishing { style: None, ..oil(1.5) }, Finishing::NONE] {
        let [eight, sixteen] = [Depth::Eight, Depth::Sixteen].map(|depth| {
            finish(&picture, picture.area(), &finishing, depth, &|_| true).unwrap().samples
        });
        assert_eq!(sixteen.depth(), Depth::Sixteen);
        let [a, b] = [eight.eight(), sixteen.eight()];
        let apart = a.iter().zip(b.iter()).map(|(a, b)| a.abs_diff(*b));
        assert!(apart.max().unwrap() <= 1, "{finishing:?}");
        let between = sixteen.sixteen().iter().filter(|it| **it % 257 != 0).count();
        assert_eq!(0 < between, finishing != Finishing::NONE, "{finishing:?}");
    }
}
