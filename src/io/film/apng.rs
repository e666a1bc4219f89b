//! Films as animated PNG.
//! Follows the PNG specification (W3C, third edition), sections 5.3, 11.3.3 and 11.3.6.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};

use png::{BitDepth, ColorType, Encoder};

use super::frame::Frame;
use super::{FilmNotes, Sink};
use crate::io::error::Fault;
use crate::io::metadata::KEYWORD;

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// Where it is said how many frames there are: behind the signature and the head.
const CONTROL_AT: u64 = 8 + 25;

/// Length, kind and checksum of a chunk.
const AROUND_CHUNK: usize = 12;

/// Of colours in sRGB: as the eye likes them best.
const PERCEPTUAL: u8 = 0;

/// How a frame comes over what is there. Either way it stays when its time is over.
const IS_LAID_OVER: u8 = 1;
const REPLACES: u8 = 0;

pub(super) struct Apng {
    file: BufWriter<File>,
    n_frames: u32,
    /// Of the next chunk that belongs to a frame.
    number: u32,
}

impl Apng {
    pub(super) fn begin(
        file: File,
        [width, height]: [u32; 2],
        notes: FilmNotes<'_>,
    ) -> io::Result<Self> {
        let mut it = Self { file: BufWriter::new(file), n_frames: 0, number: 0 };
        it.file.write_all(SIGNATURE)?;
        let (eight_bits, rgba) = (8, 6);
        let depth = [eight_bits, rgba, 0, 0, 0];
        it.write_chunk(b"IHDR", &[&width.to_be_bytes(), &height.to_be_bytes(), &depth])?;
        it.write_control()?;
        it.write_chunk(b"sRGB", &[&[PERCEPTUAL]])?;
        for (keyword, text) in [(KEYWORD, notes.record), ("XML:com.adobe.xmp", notes.packet)] {
            if !text.is_empty() {
                // Not compressed, in no language.
                let content = [keyword.as_bytes(), &[0; 5], text.as_bytes()];
                it.write_chunk(b"iTXt", &content)?;
            }
        }
        Ok(it)
    }

    /// How many frames there are, to be shown over and over.
    fn write_control(&mut self) -> io::Result<()> {
        let endless = 0_u32;
        self.write_chunk(b"acTL", &[&self.n_frames.to_be_bytes(), &endless.to_be_bytes()])
    }

    fn write_frame(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let area = frame.area;
        let [width, height, left, top] =
            [area.width(), area.height(), area.left, area.top].map(u32::to_be_bytes);
        let millis = u16::try_from(frame.millis).unwrap_or(u16::MAX).to_be_bytes(); // 60 000 at most
        let per_second = 1000_u16.to_be_bytes();
        let (pixels, way) = pixels(frame)?;
        let stays = 0;
        let number = self.next_number();
        let content =
            [&number[..], &width, &height, &left, &top, &millis, &per_second, &[stays, way]];
        self.write_chunk(b"fcTL", &content)?;
        if self.n_frames == 0 {
            self.write_chunk(b"IDAT", &[&pixels])?;
        } else {
            let number = self.next_number();
            self.write_chunk(b"fdAT", &[&number, &pixels])?;
        }
        self.n_frames += 1;
        Ok(())
    }

    const fn next_number(&mut self) -> [u8; 4] {
        let number = self.number;
        self.number += 1;
        number.to_be_bytes()
    }

    fn write_chunk(&mut self, kind: &[u8; 4], content: &[&[u8]]) -> io::Result<()> {
        let len: usize = content.iter().map(|it| it.len()).sum();
        let len = i32::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.file.write_all(&len.to_be_bytes())?;
        let mut checksum = crc32fast::Hasher::new();
        for part in [&kind[..]].iter().chain(content) {
            self.file.write_all(part)?;
            checksum.update(part);
        }
        self.file.write_all(&checksum.finalize().to_be_bytes())
    }

    fn close(mut self) -> io::Result<()> {
        self.write_chunk(b"IEND", &[])?;
        self.file.seek(SeekFrom::Start(CONTROL_AT))?;
        self.write_control()?;
        self.file.flush()
    }
}

impl Sink for Apng {
    fn show(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        self.write_frame(frame).map_err(Fault::Write)
    }

    fn finish(self: Box<Self>) -> Result<(), Fault> {
        self.close().map_err(Fault::Write)
    }
}

/// What is stored of a frame, and how it comes over what is there.
fn pixels(frame: &Frame<'_>) -> io::Result<(Vec<u8>, u8)> {
    let size = [frame.area.width(), frame.area.height()];
    let news = frame.news(frame.area);
    let whole = Frame { before: None, ..*frame }.news(frame.area);
    let [news, whole] = [news, whole].map(|it| packed(it.as_flattened(), size));
    let (news, whole) = (news?, whole?);
    // What is new is less where it lies here and there.
    Ok(if news.len() < whole.len() { (news, IS_LAID_OVER) } else { (whole, REPLACES) })
}

/// RGBA8 values as they stand in a PNG file: filtered and compressed.
fn packed(rgba: &[u8], [width, height]: [u32; 2]) -> io::Result<Vec<u8>> {
    let mut picture = Vec::new();
    let mut encoder = Encoder::new(&mut picture, width, height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgba)?;
    writer.finish()?;
    Ok(pixels_in(&picture[SIGNATURE.len()..]))
}

/// What the chunks of pixels hold.
fn pixels_in(mut chunks: &[u8]) -> Vec<u8> {
    let mut pixels = Vec::new();
    while let Some((len, rest)) = chunks.split_first_chunk() {
        let len = u32::from_be_bytes(*len) as usize;
        if let Some(content) = rest.strip_prefix(b"IDAT").and_then(|it| it.get(..len)) {
            pixels.extend_from_slice(content);
        }
        chunks = chunks.get(AROUND_CHUNK + len..).unwrap_or_default();
    }
    pixels
}
