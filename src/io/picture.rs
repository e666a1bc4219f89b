//! Pictures that somebody else may have made: PNG, JPEG and WebP, upright as their cameras say.
//! Colour profiles are not looked at.

use std::io::{self, BufRead, BufReader, Read as _, Seek};
use std::path::Path;

use image::error::{ImageError, ImageResult, LimitError, LimitErrorKind};
use image::imageops::{FilterType, resize};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, RgbImage};

use super::error::{Fault, Result};
use super::file;
use super::metadata::{Metadata, read_metadata};
use crate::base::{PixelRect, Pixmap};

/// Width and height of the largest picture that can be opened.
pub const MAX_SIDE_PIXELS: u32 = 8192;

/// What reading may take beside the pixels that come out.
const MAX_MEMORY_BYTES: u64 = 512 << 20;

/// A picture that is opened.
#[derive(Clone, Debug)]
pub struct Opened {
    pub pixels: Pixmap,
    /// How it came about, where this program has exported it.
    pub metadata: Option<Metadata>,
}

/// Opens a picture: one of ours, or anybody's. A record of ours that cannot be understood is left aside.
///
/// # Errors
/// As [`read_picture`].
pub fn open_picture(path: &Path) -> Result<Opened> {
    let pixels = read_picture(path)?;
    let metadata = read_metadata(path).unwrap_or_else(|err| {
        log::info!("No request in it: {err}");
        None
    });
    Ok(Opened { pixels, metadata })
}

/// The middle of `picture`, scaled so that it covers `width` × `height` pixels, each above 0. What is transparent lies on
/// white.
#[must_use]
pub fn covering(picture: &Pixmap, width: u32, height: u32) -> Pixmap {
    let (has_width, has_height) = (picture.width(), picture.height());
    // In proportion to what is wanted, as large as it goes.
    let (by_width, by_height) =
        (u64::from(has_width) * u64::from(height), u64::from(has_height) * u64::from(width));
    let [used_width, used_height] = if by_height < by_width {
        [(by_height / u64::from(height)) as u32, has_height]
    } else {
        [has_width, (by_width / u64::from(width)) as u32]
    };
    let [used_width, used_height] = [used_width.max(1), used_height.max(1)];
    let (left, top) = ((has_width - used_width) / 2, (has_height - used_height) / 2);
    let used = PixelRect::new(left, top, left + used_width, top + used_height);
    let rgb: Vec<u8> = picture.rgba(used).chunks_exact(4).flat_map(on_white).collect();
    let mut scaled = Pixmap::new(width, height);
    if let Some(used) = RgbImage::from_raw(used_width, used_height, rgb) {
        let pixels = resize(&used, width, height, FilterType::CatmullRom);
        scaled.update(scaled.area(), |x, y, _| {
            let [red, green, blue] = pixels.get_pixel(x, y).0;
            [red, green, blue, 255]
        });
    }
    scaled
}

fn on_white(rgba: &[u8]) -> [u8; 3] {
    let alpha = u16::from(rgba[3]);
    let over = |value: u8| ((u16::from(value) * alpha + 255 * (255 - alpha)) / 255) as u8;
    [over(rgba[0]), over(rgba[1]), over(rgba[2])]
}

/// Reads a picture's pixels.
///
/// # Errors
/// Where the file cannot be read, is of another kind, damaged, or too large.
pub fn read_picture(path: &Path) -> Result<Pixmap> {
    let read = || decode(|| Ok(BufReader::new(file::open(path)?)));
    read().map_err(|fault| fault.at(path))
}

/// Reads twice: a look at the size first, so that a picture too large can be told by its size.
fn decode<R: BufRead + Seek>(
    open: impl Fn() -> std::result::Result<R, Fault>,
) -> std::result::Result<Pixmap, Fault> {
    let (width, height) = reader(open()?)?.into_dimensions().map_err(fault)?;
    if MAX_SIDE_PIXELS < width.max(height) {
        return Err(Fault::TooLarge { width, height });
    }

    let picture = reader(open()?)?;
    // The decoder would fill up with grey what a JPEG file lacks.
    if picture.format() == Some(ImageFormat::Jpeg) && !has_end(open()?)? {
        return Err(Fault::Damaged("it ends too early".to_owned()));
    }
    let image = upright(picture).map_err(fault)?.into_rgba8();
    Pixmap::from_rgba(image.width(), image.height(), image.as_raw())
        .ok_or_else(|| Fault::Damaged("pixels are missing".to_owned()))
}

/// The picture as it was held when it was taken.
fn upright<R: BufRead + Seek>(reader: ImageReader<R>) -> ImageResult<DynamicImage> {
    let mut decoder = reader.into_decoder()?;
    if MAX_MEMORY_BYTES < decoder.total_bytes() {
        let limit = LimitError::from_kind(LimitErrorKind::InsufficientMemory);
        return Err(ImageError::Limits(limit));
    }
    // What is said beside the pixels may be broken where they are whole.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn reader<R: BufRead + Seek>(file: R) -> std::result::Result<ImageReader<R>, Fault> {
    let mut reader = ImageReader::new(file).with_guessed_format()?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_MEMORY_BYTES);
    reader.limits(limits);
    match reader.format() {
        Some(ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) => Ok(reader),
        _ => Err(Fault::OtherFormat { expected: "PNG, JPEG or WebP" }),
    }
}

/// Whether a JPEG file goes on to its end marker (ITU-T T.81, annex B: markers, and the lengths of segments).
fn has_end(mut jpeg: impl BufRead) -> io::Result<bool> {
    while let Some(marker) = next_marker(&mut jpeg)? {
        match marker {
            0xD9 => return Ok(true),
            // Those without a segment.
            0x01 | 0xD0..=0xD8 => (),
            _ => {
                let mut len = [0; 2];
                if jpeg.read_exact(&mut len).is_err() {
                    return Ok(false);
                }
                let rest = u64::from(u16::from_be_bytes(len)).saturating_sub(2);
                io::copy(&mut jpeg.by_ref().take(rest), &mut io::sink())?;
            }
        }
    }
    Ok(false)
}

/// The next one, in coded data too, where a zero follows each byte that looks like the beginning of one.
fn next_marker(jpeg: &mut impl BufRead) -> io::Result<Option<u8>> {
    let mut last = 0;
    for byte in jpeg.by_ref().bytes() {
        let byte = byte?;
        if last == 0xFF && byte != 0 && byte != 0xFF {
            return Ok(Some(byte));
        }
        last = byte;
    }
    Ok(None)
}

fn fault(err: ImageError) -> Fault {
    match err {
        ImageError::IoError(err) if err.kind() == io::ErrorKind::UnexpectedEof => {
            Fault::Damaged("it ends too early".to_owned())
        }
        ImageError::IoError(err) => Fault::Read(err),
        ImageError::Limits(_) => Fault::TooMuchMemory { max_bytes: MAX_MEMORY_BYTES },
        err => Fault::Damaged(err.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn decode_bytes(bytes: &[u8]) -> std::result::Result<Pixmap, Fault> {
        decode(|| Ok(Cursor::new(bytes)))
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
    fn a_picture_that_is_cut_off_is_none() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let mut bytes = encoded(format);
            for ninths in 1..9 {
                let cut = &bytes[..bytes.len() * ninths / 9];
                assert!(decode_bytes(cut).is_err(), "{format:?}: {ninths} of 9 parts");
            }
            bytes.extend(b"whatever some cameras put behind it");
            assert!(decode_bytes(&bytes).is_ok(), "{format:?}");
        }
    }

    #[test]
    fn the_middle_covers_what_is_wanted() {
        let mut wide = Pixmap::new(60, 20);
        let third = |x: u32| [[255, 0, 0, 255], [0, 0, 255, 255], [0, 0, 0, 0]][x as usize / 20];
        wide.update(wide.area(), |x, _, _| third(x));
        let square = covering(&wide, 10, 10);
        assert_eq!((square.width(), square.height()), (10, 10));
        assert_eq!(square.at(5, 5), [0, 0, 255, 255]);
        let whole = covering(&wide, 30, 10);
        assert_eq!([whole.at(3, 3), whole.at(27, 3)], [[255, 0, 0, 255], [255; 4]]);
        let tall = covering(&Pixmap::new(1, 9000), 500, 2);
        assert_eq!((tall.width(), tall.height(), tall.at(0, 0)), (500, 2, [255; 4]));
    }

    #[test]
    fn a_picture_too_large_is_told_by_its_size() {
        // The size alone counts: no pixel of this picture is ever there.
        let mut bytes = Vec::new();
        let encoder = png::Encoder::new(&mut bytes, 20_000, 20_000);
        drop(encoder.write_header().unwrap());
        bytes.truncate(bytes.len() - 12); // the end, which comes too soon
        bytes.extend([0, 0, 0, 0]);
        bytes.extend(b"IDAT");
        let message = decode_bytes(&bytes).unwrap_err().to_string();
        assert!(message.contains("20000 × 20000 pixels"), "{message}");
    }

    #[test]
    fn what_is_no_picture_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        for (bytes, expected) in [
            ("", "it is empty"),
            ("GIF89a, or nearly so", "it is not a PNG, JPEG or WebP picture"),
            ("some words", "it is not a PNG, JPEG or WebP picture"),
            ("\u{89}PNG", "it is not a PNG, JPEG or WebP picture"),
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
}
