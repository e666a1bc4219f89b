//! What other decoders read in the films that are written.

use std::fs::{self, File};
use std::io::{BufReader, Cursor};

use image::codecs::webp::WebPDecoder;
use image::metadata::LoopCount;
use image::{AnimationDecoder as _, ImageDecoder as _};

use super::read_back::{Shown, decoded, read};
use super::*;
use crate::io::names_in;

const NOTES: FilmNotes<'_> =
    FilmNotes { record: r#"{"prompt": "a lake, 湖"}"#, packet: "<x:xmpmeta>湖</x:xmpmeta>" };

fn begin(path: &Path, size: [u32; 2], notes: FilmNotes<'_>) -> Result<FilmWriter> {
    FilmWriter::begin_with(OsStr::new(FFMPEG), path, size, notes).map_err(|fault| fault.at(path))
}

/// Frames of which each differs from the one before here and there.
fn frames([width, height]: [u32; 2], n: u32) -> Vec<Vec<u8>> {
    let at = |x: u32, y: u32| [x, y, (x + y) / 2].map(|it| it as u8);
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| at(x, y)));
    let mut picture: Vec<[u8; 3]> = pixels.collect();
    let paint = |idx: u32| {
        for step in 0..idx * 3 {
            let pos = (idx * 7919 + step * (width + 1)) % (width * height);
            picture[pos as usize] = [idx * 40, 255 - idx, step * 9].map(|it| it as u8);
        }
        picture.as_flattened().to_vec()
    };
    (0..n).map(paint).collect()
}

/// Hardly a value is the one beside it.
fn noise([width, height]: [u32; 2], seed: u32) -> Vec<u8> {
    let at = |it: u32| (it * 2 + seed).wrapping_mul(2_654_435_761) >> 24;
    (0..width * height * 3).map(|it| at(it) as u8).collect()
}

fn write(path: &Path, size: [u32; 2], frames: &[Shown]) {
    let mut film = begin(path, size, NOTES).unwrap();
    for (rgb, millis) in frames {
        film.frame(rgb, *millis as u32).unwrap();
    }
    film.finish().unwrap();
}

/// Of a value, on average.
fn mean_error(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

#[test]
fn webp_and_apng_come_back_value_for_value() {
    let folder = tempfile::tempdir().unwrap();
    for size in [[1, 1], [17, 13], [64, 48]] {
        let frames = frames(size, 6);
        let film: Vec<Shown> = frames.into_iter().zip([40, 100, 0, 7, 60_000, 1]).collect();
        for name in ["a.webp", "a.png"] {
            let path = folder.path().join(name);
            write(&path, size, &film);
            assert!(read(&path) == film, "{name}, {size:?}");
        }
    }
}

/// Its decoder loses one of 255 where one frame is laid over the other; those of browsers do not.
#[test]
fn the_image_crate_plays_webp() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.webp");
    let film: Vec<Shown> =
        frames([64, 48], 6).into_iter().zip([40, 100, 0, 7, 60_000, 1]).collect();
    write(&path, [64, 48], &film);
    let file = BufReader::new(File::open(&path).unwrap());
    let read = decoded(WebPDecoder::new(file).unwrap());
    assert_eq!(read.len(), film.len());
    for ((read, millis), (written, expected)) in read.iter().zip(&film) {
        assert_eq!(millis, expected);
        assert!(read.iter().zip(written).all(|(a, b)| a.abs_diff(*b) <= 1));
    }
}

#[test]
fn what_changes_all_over_comes_back_and_what_changes_far_apart() {
    let folder = tempfile::tempdir().unwrap();
    let size = [40, 30];
    let mut film: Vec<Shown> = [(noise(size, 0), 40), (noise(size, 1), 40)].into();
    let mut next = noise(size, 1);
    for pos in [130 * 3, 777 * 3] {
        next[pos..pos + 3].copy_from_slice(&[1, 2, 3]);
    }
    film.push((next, 40));
    for name in ["a.webp", "a.png"] {
        let path = folder.path().join(name);
        write(&path, size, &film);
        assert!(read(&path) == film, "{name}");
    }
}

#[test]
fn a_gif_comes_back_nearly_and_exactly_where_there_are_few_colours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gif");
    for (size, max_error) in [([1, 1], 0.0), ([16, 12], 0.0), ([255, 197], 6.0)] {
        let film: Vec<Shown> = frames(size, 6).into_iter().zip([40, 33, 33, 34, 5, 35]).collect();
        write(&path, size, &film);
        let read = read(&path);
        let millis: Vec<u64> = read.iter().map(|it| it.1).collect();
        assert_eq!(millis, [40, 30, 40, 30, 20, 20], "{size:?}");
        for ((read, _), (written, _)) in read.iter().zip(&film) {
            let error = mean_error(read, written);
            assert!(error <= max_error, "{size:?}: {error}");
        }
    }
}

#[test]
fn equal_frames_become_one_and_long_ones_several() {
    let folder = tempfile::tempdir().unwrap();
    let size = [16, 12];
    let [a, b] = frames(size, 2).try_into().unwrap();
    let film = [(a.clone(), 40), (a.clone(), 20), (b.clone(), 50_000), (b.clone(), 100_000)];
    let expected = [(a, 60), (b.clone(), 60_000), (b.clone(), 60_000), (b, 30_000)];
    for name in ["a.webp", "a.apng", "a.gif"] {
        let path = folder.path().join(name);
        write(&path, size, &film);
        assert!(read(&path) == expected, "{name}");
    }
}

#[test]
fn only_what_has_changed_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let size = [320, 240];
    let before = noise(size, 0);
    // One pixel, and two far apart.
    for (changed, max_bytes) in [(&[70_000][..], 200), (&[5_000, 70_000], 600)] {
        let mut after = before.clone();
        changed.iter().for_each(|it| after[it * 3] ^= 0x80);
        for name in ["a.webp", "a.png", "a.gif"] {
            let path = folder.path().join(name);
            let len = |n: usize| {
                let film = [before.clone(), after.clone()].map(|it| (it, 100));
                write(&path, size, &film[..n]);
                fs::metadata(&path).unwrap().len()
            };
            let added = len(2) - len(1);
            assert!(added < max_bytes, "{name}: {added}");
        }
    }
}

#[test]
fn colours_and_notes_are_told_and_the_film_is_endless() {
    let folder = tempfile::tempdir().unwrap();
    let film = [(vec![7; 12], 40)];
    let bytes = |name: &str| {
        let path = folder.path().join(name);
        write(&path, [2, 2], &film);
        fs::read(path).unwrap()
    };
    let holds =
        |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());

    let webp = bytes("a.webp");
    assert_eq!(webp.len(), 8 + u32::from_le_bytes(webp[4..8].try_into().unwrap()) as usize);
    assert_eq!(webp[20], 0b0011_0110); // a profile, transparency, XMP, an animation
    let mut decoder = WebPDecoder::new(Cursor::new(webp)).unwrap();
    assert!(decoder.icc_profile().unwrap().is_some());
    assert_eq!(decoder.xmp_metadata().unwrap().as_deref(), Some(NOTES.packet.as_bytes()));
    assert!(matches!(decoder.loop_count(), LoopCount::Infinite));

    let decoder = png::Decoder::new(Cursor::new(bytes("a.png")));
    let reader = decoder.read_info().unwrap();
    let info = reader.info();
    assert!(info.srgb.is_some());
    let control = info.animation_control.unwrap();
    assert_eq!((control.num_frames, control.num_plays), (1, 0));
    let texts: Vec<String> = info.utf8_text.iter().map(|it| it.get_text().unwrap()).collect();
    assert_eq!(texts, [NOTES.record, NOTES.packet]);

    let gif = bytes("a.gif");
    assert!(holds(&gif, NOTES.record));
    assert!(holds(&gif, "NETSCAPE2.0\u{3}\u{1}\0\0\0"));
}

#[test]
fn a_film_that_is_not_finished_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.webp", "a.png", "a.gif"] {
        let path = folder.path().join(name);
        let begin = || super::tests::begin(&path, [2, 2], FilmNotes::default()).unwrap();
        fs::write(&path, "old").unwrap();

        let mut film = begin();
        film.frame(&[1; 12], 40).unwrap();
        assert_eq!(names_in(folder.path()).len(), 2);
        drop(film);

        let message = begin().finish().unwrap_err().to_string();
        assert!(message.contains("it has no frames"), "{message}");

        let mut film = begin();
        film.frame(&[1; 12], 40).unwrap();
        let message = film.frame(&[1; 11], 40).unwrap_err().to_string();
        assert!(message.contains("another size"), "{message}");
        let message = film.finish().unwrap_err().to_string();
        assert!(message.contains("could not be written"), "{message}");

        assert_eq!(names_in(folder.path()), [name]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn names_sizes_and_places_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = |name: &str, size: [u32; 2]| {
        let film = begin(&folder.path().join(name), size, FilmNotes::default());
        film.err().unwrap().to_string()
    };
    for (name, size, why) in [
        ("a.jpg", [2, 2], "Films are saved as WebP, APNG, GIF or MP4"),
        ("a", [2, 2], "Films are saved as"),
        ("a.webp", [16_384, 2], "16384 × 2 pixels, WebP takes up to 16383 along each side"),
        ("a.gif", [2, 65_536], "2 × 65536 pixels, GIF takes up to 65535"),
        ("a.png", [0, 2], "0 × 2 pixels"),
        ("no/such/a.gif", [2, 2], "there is no such folder"),
    ] {
        let message = error(name, size);
        assert!(message.contains(why), "{message}");
        assert!(message.ends_with(&format!("File: {}", folder.path().join(name).display())));
    }
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn the_name_says_the_format() {
    let of = |name: &str| FilmFormat::of(Path::new(name));
    assert_eq!([of("a.PNG"), of("a.apng")], [Some(FilmFormat::Apng); 2]);
    assert_eq!([of("a.webp"), of("a.mp4")], [Some(FilmFormat::WebP), Some(FilmFormat::Mp4)]);
    assert_eq!([of("a.gif"), of("a.avi")], [Some(FilmFormat::Gif), None]);
}
