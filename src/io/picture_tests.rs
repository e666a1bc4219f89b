//! Pictures as people have them: every format, colours, turned, large, cut off, damaged.

use std::fs;
use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
use proptest::prelude::*;

use super::*;
use crate::io::ProfileFlaw;

fn open_bytes(bytes: &[u8]) -> std::result::Result<(Pixmap, Vec<Notice>), Fault> {
    decode(|| Ok(Cursor::new(bytes)))
}

fn decode_bytes(bytes: &[u8]) -> std::result::Result<Pixmap, Fault> {
    Ok(open_bytes(bytes)?.0)
}

/// A picture of slopes, encoded.
fn encoded(format: ImageFormat) -> Vec<u8> {
    let slopes = |x: u32, y: u32| image::Rgb([(x * 6) as u8, (y * 8) as u8, 90]);
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::ImageRgb8(RgbImage::from_fn(40, 30, slopes));
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn the_usual_formats_are_read_by_what_is_in_them() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let picture = decode_bytes(&encoded(format)).unwrap();
        assert_eq!((picture.width(), picture.height()), (40, 30));
        let [red, green, blue, alpha] = picture.at(20, 15);
        assert!(red.abs_diff(120) < 9 && green.abs_diff(120) < 9 && blue.abs_diff(90) < 9);
        assert_eq!(alpha, 255);
    }
}

#[test]
fn a_photograph_stands_upright() {
    let jpeg = encoded(ImageFormat::Jpeg);
    // An Exif segment that says: turned by a quarter to the right to be seen (orientation 6).
    let mut exif = b"\xFF\xE1\0\x22Exif\0\0MM\0\x2A\0\0\0\x08\0\x01".to_vec();
    exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
    let turned = [&jpeg[..2], &exif, &jpeg[2..]].concat();
    let (plain, upright) = (decode_bytes(&jpeg).unwrap(), decode_bytes(&turned).unwrap());
    assert_eq!((upright.width(), upright.height()), (30, 40));
    assert_eq!(upright.at(29, 0), plain.at(0, 0));
    assert_eq!(upright.at(29, 39), plain.at(39, 0));
}

#[test]
fn a_picture_that_is_cut_off_is_none_unless_its_rows_are_there() {
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let mut bytes = encoded(format);
        for ninths in 1..9 {
            let cut = &bytes[..bytes.len() * ninths / 9];
            assert!(decode_bytes(cut).is_err(), "{format:?}: {ninths} of 9 parts");
        }
        bytes.extend(b"whatever some cameras put behind it");
        assert!(decode_bytes(&bytes).is_ok(), "{format:?}");
    }
}

/// A photograph, as it were: something in each part of it.
fn photograph() -> Vec<u8> {
    let noise = |x: u32, y: u32| {
        let value = (x * 7 + y * 13) ^ (x * y / 5);
        image::Rgb([value as u8, (x * 2) as u8, (y * 2) as u8])
    };
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::ImageRgb8(RgbImage::from_fn(120, 100, noise));
    image.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

#[test]
fn a_photograph_without_its_end_mark_is_whole() {
    let jpeg = photograph();
    let whole = open_bytes(&jpeg).unwrap();
    assert_eq!(whole.1, []);
    let bare = &jpeg[..jpeg.len() - 2];
    let trailer = [bare, b"SEFH\0\0\xFF\x04 what a telephone puts behind it"].concat();
    for bytes in [bare, &trailer] {
        let opened = open_bytes(bytes).unwrap();
        assert!(opened.0 == whole.0);
        assert_eq!(opened.1, []);
    }
}

#[test]
fn of_a_photograph_that_is_cut_off_it_is_said_what_is_missing() {
    let jpeg = photograph();
    let whole = decode_bytes(&jpeg).unwrap();
    let mut missing = Vec::new();
    for (part, end) in [(3, &b""[..]), (5, b""), (7, b""), (5, b"\xFF\xD9")] {
        let cut = [&jpeg[..jpeg.len() * part / 8], end].concat();
        let (pixels, notices) = open_bytes(&cut).unwrap();
        let [Notice::PartMissing { percent }] = notices[..] else { panic!("{notices:?}") };
        assert!((1..100).contains(&percent));
        // The row of blocks in which it breaks off is there in part.
        let n_there = 100_u32.saturating_sub(percent + 17);
        assert!(0 < n_there, "{part}: {percent} %");
        assert!((0..n_there).all(|y| pixels.at(60, y) == whole.at(60, y)), "{part}: {percent} %");
        missing.push(percent);
    }
    assert!(missing[..3].is_sorted_by(|a, b| a > b), "{missing:?}");
    assert_eq!(missing[1], missing[3]);
    assert!(open_bytes(&jpeg[..300]).is_err(), "there is no picture in the head alone");
}

#[test]
fn a_grey_photograph_is_not_taken_for_an_empty_one() {
    let mut bytes = Cursor::new(Vec::new());
    let grey = RgbImage::from_pixel(64, 64, image::Rgb([128; 3]));
    DynamicImage::ImageRgb8(grey).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    let bytes = bytes.into_inner();
    assert_eq!(open_bytes(&bytes).unwrap().1, []);
}

#[test]
fn kinds_that_are_not_supported_say_so() {
    let mut arithmetic = photograph();
    let frame = arithmetic.windows(2).position(|it| it == [0xFF, 0xC0]).unwrap();
    arithmetic[frame + 1] = 0xC9;
    let mut apple = b"\x89PNG\r\n\x1a\n\0\0\0\x04CgBIP\0 \x02\x2b\xd5\xb3\x7f".to_vec();
    apple.extend(&encoded(ImageFormat::Png)[8..]);
    for (bytes, why) in [(arithmetic, "arithmetic coding"), (apple, "Apple's variant")] {
        let message = decode_bytes(&bytes).unwrap_err().to_string();
        assert!(message.contains(why), "{message}");
        assert!(message.contains("not supported; save it anew as PNG"), "{message}");
    }
}

/// A PNG picture of these RGBA8 pixels, with chunks before them.
fn png_with(width: u32, height: u32, rgba: &[u8], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    for &(kind, content) in chunks {
        writer.write_chunk(png::chunk::ChunkType(*kind), content).unwrap();
    }
    writer.write_image_data(rgba).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn transparency_and_the_colour_under_it_are_kept() {
    let rgba: Vec<u8> = (0..16 * 4).map(|it| it as u8 * 3).collect();
    let pixels = decode_bytes(&png_with(4, 4, &rgba, &[])).unwrap();
    assert_eq!(pixels.rgba(pixels.area()), rgba);
}

#[test]
fn colours_are_as_the_file_says_and_nonsense_is_told() {
    let rgba = [188, 188, 188, 255].repeat(4);
    let linear = &100_000_u32.to_be_bytes()[..];
    let (pixels, notices) = open_bytes(&png_with(2, 2, &rgba, &[(b"gAMA", linear)])).unwrap();
    assert_eq!((pixels.at(0, 0), &notices[..]), ([223, 223, 223, 255], &[][..]));
    let broken = &b"a\0\0nothing"[..];
    let (pixels, notices) = open_bytes(&png_with(2, 2, &rgba, &[(b"iCCP", broken)])).unwrap();
    assert_eq!(pixels.at(1, 1), [188, 188, 188, 255]);
    assert_eq!(notices, [Notice::ProfileIgnored(ProfileFlaw::Unreadable)]);
}

#[test]
fn what_is_larger_than_can_be_opened_is_scaled_down() {
    let (width, height) = (MAX_SIDE_PIXELS + 808, 20);
    let rgba = [40, 90, 160, 200].repeat((width * height) as usize);
    let (pixels, notices) = open_bytes(&png_with(width, height, &rgba, &[])).unwrap();
    let to = [MAX_SIDE_PIXELS, 18];
    assert_eq!([pixels.width(), pixels.height()], to);
    assert_eq!(pixels.at(5000, 9), [40, 90, 160, 200]);
    assert_eq!(notices, [Notice::ScaledDown { from: [width, height], to }]);
}

#[test]
fn a_picture_too_large_is_told_by_its_size() {
    // The size alone counts: no pixel of this picture is ever there.
    let mut bytes = Vec::new();
    let encoder = png::Encoder::new(&mut bytes, 20_000, 20_000);
    drop(encoder.write_header().unwrap());
    bytes.truncate(bytes.len() - 12); // the end, which comes too soon
    bytes.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    let message = decode_bytes(&bytes).unwrap_err().to_string();
    assert!(message.contains("20000 × 20000 pixels"), "{message}");
}

#[test]
fn what_is_no_picture_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    for (bytes, expected) in [
        ("", "it is empty"),
        ("GIF89a, or nearly so", "it is not a PNG, JPEG, WebP or TIFF picture"),
        ("some words", "it is not a PNG, JPEG, WebP or TIFF picture"),
        ("\u{89}PNG", "it is not a PNG, JPEG, WebP or TIFF picture"),
    ] {
        fs::write(&path, bytes).unwrap();
        let message = read_picture(&path).unwrap_err().to_string();
        let end = format!("\nFile: {}", path.display());
        assert_eq!(message, format!("The file could not be read: {expected}{end}"));
    }
    assert!(read_picture(folder.path()).is_err());
    assert!(read_picture(&folder.path().join("missing.png")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(700))]

    #[test]
    fn damaged_files_are_never_more_than_an_error(
        format in prop::sample::select(&[ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP][..]),
        kept in 0.0..1.5_f64,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
    ) {
        let mut bytes = encoded(format);
        bytes.truncate((bytes.len() as f64 * kept) as usize);
        for (place, byte) in changes.iter().filter(|_| !bytes.is_empty()).collect::<Vec<_>>() {
            let place = place.index(bytes.len());
            bytes[place] = *byte;
        }
        decode_bytes(&bytes).ok();
    }
}
