//! Reads films, for the tests of how they are written.

use std::fs::{self, File};
use std::io::{BufReader, Cursor};
use std::path::Path;

use ::gif::{ColorOutput, DecodeOptions};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, DynamicImage};

use super::FilmFormat;

/// A frame and its milliseconds.
pub(super) type Shown = (Vec<u8>, u64);

/// As the image crate plays it.
pub(super) fn decoded<'a>(decoder: impl AnimationDecoder<'a>) -> Vec<Shown> {
    let frames = decoder.into_frames().map(|frame| {
        let frame = frame.unwrap();
        let (millis, per) = frame.delay().numer_denom_ms();
        let rgba = frame.into_buffer().into_vec();
        (rgb_of(&rgba), u64::from(millis / per))
    });
    frames.collect()
}

fn rgb_of(rgba: &[u8]) -> Vec<u8> {
    let pixels = rgba.as_chunks().0.iter();
    pixels.flat_map(|&[r, g, b, alpha]| if alpha == 255 { [r, g, b] } else { [0; 3] }).collect()
}

/// As it is meant.
pub(super) fn read(path: &Path) -> Vec<Shown> {
    let file = BufReader::new(File::open(path).unwrap());
    match FilmFormat::of(path).unwrap() {
        FilmFormat::WebP => read_webp(&fs::read(path).unwrap()),
        FilmFormat::Apng => decoded(PngDecoder::new(file).unwrap().apng().unwrap()),
        FilmFormat::Gif | FilmFormat::Mp4 => read_gif(file),
    }
}

/// Frames laid one over the other.
fn read_gif(file: BufReader<File>) -> Vec<Shown> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let mut decoder = options.read_info(file).unwrap();
    let width = usize::from(decoder.width());
    let mut canvas = vec![[0; 4]; width * usize::from(decoder.height())];
    let mut shown = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        let [left, top, frame_width] = [frame.left, frame.top, frame.width].map(usize::from);
        lay(&mut canvas[top * width + left..], width, &frame.buffer, frame_width);
        shown.push((rgb_of(canvas.as_flattened()), u64::from(frame.delay) * 10));
    }
    shown
}

/// The same of a WebP film, each of whose frames has a picture without loss in it.
fn read_webp(bytes: &[u8]) -> Vec<Shown> {
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |sum, &it| sum << 8 | usize::from(it));
    let (width, height) = (number(&bytes[24..27]) + 1, number(&bytes[27..30]) + 1);
    let mut canvas = vec![[0; 4]; width * height];
    let mut shown = Vec::new();
    let mut chunks = &bytes[12..];
    while let [a, b, c, d, rest @ ..] = chunks {
        let (len, content) = (number(&rest[..4]), &rest[4..]);
        if [*a, *b, *c, *d] == *b"ANMF" {
            let [left, top, frame_width] = [0, 3, 6].map(|it| number(&content[it..it + 3]));
            let picture = &content[16..len];
            let head = [&b"RIFF"[..], &(picture.len() as u32 + 4).to_le_bytes(), b"WEBP"].concat();
            let file = Cursor::new([&head, picture].concat());
            let picture = DynamicImage::from_decoder(WebPDecoder::new(file).unwrap()).unwrap();
            let start = top * 2 * width + left * 2;
            lay(&mut canvas[start..], width, &picture.into_rgba8(), frame_width + 1);
            shown.push((rgb_of(canvas.as_flattened()), number(&content[12..15]) as u64));
        }
        chunks = &content[len.next_multiple_of(2)..];
    }
    shown
}

fn lay(canvas: &mut [[u8; 4]], width: usize, rgba: &[u8], rgba_width: usize) {
    for (row, new) in canvas.chunks_mut(width).zip(rgba.as_chunks().0.chunks(rgba_width)) {
        let opaque = row.iter_mut().zip(new).filter(|(_, new)| new[3] == 255);
        opaque.for_each(|(old, new)| *old = *new);
    }
}
