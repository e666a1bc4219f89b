//! Films as animated WebP, without loss.
//! Follows RFC 9649, sections 2.3 to 2.7.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write};

use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;
use moxcms::ColorProfile;

use super::frame::Frame;
use super::{FilmNotes, Sink};
use crate::base::PixelRect;
use crate::io::error::Fault;

const HAS_PROFILE: u8 = 0x20;
const HAS_XMP: u8 = 0x04;
const HAS_ALPHA: u8 = 0x10;
const IS_ANIMATED: u8 = 0x02;

/// How a frame comes over what is there. Either way it stays when its time is over.
const IS_LAID_OVER: u8 = 0;
const REPLACES: u8 = 0x02;

/// What stands before the chunks: `RIFF`, the length of what follows, `WEBP`.
const HEAD: usize = 12;

pub(super) struct WebP {
    file: BufWriter<File>,
    packet: Vec<u8>,
}

impl WebP {
    pub(super) fn begin(
        file: File,
        [width, height]: [u32; 2],
        notes: FilmNotes<'_>,
    ) -> io::Result<Self> {
        let mut file = BufWriter::new(file);
        let profile = ColorProfile::new_srgb().encode().ok();
        let mut flags = IS_ANIMATED | HAS_ALPHA;
        flags |= if profile.is_some() { HAS_PROFILE } else { 0 };
        flags |= if notes.packet.is_empty() { 0 } else { HAS_XMP };
        file.write_all(b"RIFF\0\0\0\0WEBP")?;
        let flags = [flags, 0, 0, 0];
        write_chunk(&mut file, b"VP8X", &[&flags, &u24(width - 1), &u24(height - 1)])?;
        if let Some(profile) = profile {
            write_chunk(&mut file, b"ICCP", &[&profile])?;
        }
        let (ground, endless) = ([0xFF; 4], [0; 2]);
        write_chunk(&mut file, b"ANIM", &[&ground, &endless])?;
        Ok(Self { file, packet: notes.packet.as_bytes().to_vec() })
    }

    fn close(mut self) -> io::Result<()> {
        if !self.packet.is_empty() {
            write_chunk(&mut self.file, b"XMP ", &[&self.packet])?;
        }
        let len = self.file.stream_position()? - 8;
        let len = u32::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.file.seek(SeekFrom::Start(4))?;
        self.file.write_all(&len.to_le_bytes())?;
        self.file.flush()
    }
}

impl Sink for WebP {
    fn show(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        // A frame can begin at even places only.
        let PixelRect { left, top, right, bottom } = frame.area;
        let area = PixelRect::new(left & !1, top & !1, right, bottom);
        let size = [area.width(), area.height()];
        let whole = encoded(&frame.cut(area), size, ExtendedColorType::Rgb8)?;
        let news = encoded(frame.news(area).as_flattened(), size, ExtendedColorType::Rgba8)?;
        // What is new is less where it lies here and there.
        let (picture, way) =
            if news.len() < whole.len() { (news, IS_LAID_OVER) } else { (whole, REPLACES) };
        let head = [
            area.left / 2,
            area.top / 2,
            area.width() - 1,
            area.height() - 1,
            frame.millis, // 60 000 at most
        ]
        .map(u24);
        // A picture without profile and texts is one chunk, which a frame has in it as it is.
        let content = [head.as_flattened(), &[way], &picture[HEAD..]];
        write_chunk(&mut self.file, b"ANMF", &content).map_err(Fault::Write)
    }

    fn finish(self: Box<Self>) -> Result<(), Fault> {
        self.close().map_err(Fault::Write)
    }
}

/// A WebP file of its own.
fn encoded(
    values: &[u8],
    [width, height]: [u32; 2],
    colour: ExtendedColorType,
) -> Result<Vec<u8>, Fault> {
    let mut picture = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut picture);
    encoder.encode(values, width, height, colour).map_err(Fault::Encode)?;
    Ok(picture)
}

/// The lower three bytes.
const fn u24(value: u32) -> [u8; 3] {
    let [low, middle, high, _] = value.to_le_bytes();
    [low, middle, high]
}

/// With a byte more where its length is odd.
fn write_chunk(file: &mut impl Write, kind: &[u8; 4], content: &[&[u8]]) -> io::Result<()> {
    let len: usize = content.iter().map(|it| it.len()).sum();
    let len = u32::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?;
    file.write_all(kind)?;
    file.write_all(&len.to_le_bytes())?;
    for part in content {
        file.write_all(part)?;
    }
    if len % 2 == 1 { file.write_all(&[0]) } else { Ok(()) }
}
