//! Films: moving pictures of how a painting came about, written frame by frame as animated WebP or APNG (both without
//! loss), as GIF, or as MP4 by a program that can.
//! No more of a film is in memory than its last two frames.

mod apng;
mod format;
mod frame;
mod gif;
mod mp4;
#[cfg(test)]
mod read_back;
#[cfg(test)]
mod tests;
mod webp;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

pub use self::format::FilmFormat;

use self::apng::Apng;
use self::frame::{Frame, changed};
use self::gif::Gif;
use self::mp4::Mp4;
use self::webp::WebP;
use super::artwork::{Format, Tells};
use super::error::{Fault, Result};
use super::file::{Keep, settle};
use super::metadata::Metadata;
use super::place::Place;
use crate::base::PixelRect;

const FFMPEG: &str = "ffmpeg";

/// What is shown for longer is written as several frames: every format can say so many milliseconds.
const MAX_MILLIS: u32 = 60_000;

/// What a film says of how it came about. What is empty is left out.
#[derive(Clone, Copy, Debug, Default)]
struct FilmNotes<'a> {
    /// A text of our own. WebP has no place for it but in the packet.
    record: &'a str,
    /// A whole XMP packet; GIF and MP4 go without.
    packet: &'a str,
}

/// A film that is being written, to be shown over and over. Dropped before it is finished it leaves nothing behind, and
/// what was in its place before stays.
pub struct FilmWriter {
    path: PathBuf,
    size: [u32; 2],
    /// Not written yet: the next one may be equal.
    last: Option<Held>,
    is_broken: bool,
    /// Stands before the file: a program that writes into it ends before it is removed.
    sink: Box<dyn Sink>,
    file: NamedTempFile,
    place: Place,
}

/// A frame, and for how long it is shown until now.
struct Held {
    rgb: Vec<u8>,
    /// Of the frame before; empty where this is the first.
    before: Vec<u8>,
    /// In which it differs from the one before.
    area: PixelRect,
    millis: u64,
}

/// A file that takes frames, one after the other. The first one is new all over.
trait Sink: Send {
    fn show(&mut self, frame: &Frame<'_>) -> std::result::Result<(), Fault>;

    /// Writes what stands behind the frames. Nothing is kept back any more.
    fn finish(self: Box<Self>) -> std::result::Result<(), Fault>;
}

impl FilmWriter {
    /// Begins a film in the format that its name says, beside the place where it is to be.
    ///
    /// # Errors
    /// Where the name says none, the format takes no films of this size, the folder takes no file, or ffmpeg is needed
    /// and not there.
    pub fn begin(path: &Path, size: [u32; 2], metadata: &Metadata, tells: Tells) -> Result<Self> {
        let begin = || {
            // A PNG has a place of its own for the record; elsewhere the packet holds it.
            let format = match FilmFormat::of(path) {
                Some(FilmFormat::Apng) => Format::Png,
                _ => Format::WebP,
            };
            let beside = metadata.beside(size, format, tells)?;
            let notes = FilmNotes { record: &beside.record, packet: &beside.xmp };
            Self::begin_with(OsStr::new(FFMPEG), path, size, notes)
        };
        begin().map_err(|fault| fault.at(path))
    }

    fn begin_with(
        ffmpeg: &OsStr,
        path: &Path,
        size: [u32; 2],
        notes: FilmNotes<'_>,
    ) -> std::result::Result<Self, Fault> {
        let format = FilmFormat::of(path).ok_or(Fault::NoFilmName)?;
        let (max_side, [width, height]) = (format.max_side(), size);
        if size.into_iter().any(|it| !(1..=max_side).contains(&it)) {
            return Err(Fault::FilmSize { width, height, format: format.name(), max_side });
        }
        let place = Place::at(path)?;
        place.tidy();
        let file = place.begin()?;
        let sink = sink(format, ffmpeg, &file, size, notes)?;
        let path = path.to_owned();
        Ok(Self { path, size, last: None, is_broken: false, sink, file, place })
    }

    /// Takes RGB8 values in sRGB, row by row, that are shown for so many milliseconds. A frame equal to the last one
    /// makes that one last longer. GIF shows each for 20 at least, MP4 for 40.
    ///
    /// # Errors
    /// Where they are too many or too few, the disk is full, or ffmpeg has failed. The film cannot be finished then.
    pub fn frame(&mut self, rgb: &[u8], millis: u32) -> Result<()> {
        self.take(rgb, millis).map_err(|fault| {
            self.is_broken = true;
            fault.at(&self.path)
        })
    }

    fn take(&mut self, rgb: &[u8], millis: u32) -> std::result::Result<(), Fault> {
        let [width, height] = self.size;
        if rgb.len() as u64 != u64::from(width) * u64::from(height) * 3 {
            return Err(Fault::FrameSize);
        }
        let millis = u64::from(millis);
        let Some(last) = &mut self.last else {
            let area = PixelRect::new(0, 0, width, height);
            self.last = Some(Held { rgb: rgb.to_vec(), before: Vec::new(), area, millis });
            return Ok(());
        };
        let Some(area) = changed(&last.rgb, rgb, width) else {
            last.millis += millis;
            return Ok(());
        };
        last.show(&mut *self.sink, width)?;
        std::mem::swap(&mut last.before, &mut last.rgb);
        last.rgb.clear();
        last.rgb.extend_from_slice(rgb);
        (last.area, last.millis) = (area, millis);
        Ok(())
    }

    /// Writes the last frame, and puts the film in its place.
    ///
    /// # Errors
    /// Where there was no frame, one could not be written, the disk is full, or ffmpeg fails.
    pub fn finish(self) -> Result<()> {
        let path = self.path.clone();
        self.close().map_err(|fault| fault.at(&path))
    }

    fn close(mut self) -> std::result::Result<(), Fault> {
        if self.is_broken {
            return Err(Fault::LostFrame);
        }
        let last = self.last.take().ok_or(Fault::NoFrames)?;
        last.show(&mut *self.sink, self.size[0])?;
        self.sink.finish()?;
        settle(self.file, &self.place, Keep::Nothing)
    }
}

/// What writes a format into a file.
fn sink(
    format: FilmFormat,
    ffmpeg: &OsStr,
    file: &NamedTempFile,
    size: [u32; 2],
    notes: FilmNotes<'_>,
) -> std::result::Result<Box<dyn Sink>, Fault> {
    let open = || file.as_file().try_clone().map_err(Fault::Write);
    Ok(match format {
        FilmFormat::WebP => Box::new(WebP::begin(open()?, size, notes).map_err(Fault::Write)?),
        FilmFormat::Apng => Box::new(Apng::begin(open()?, size, notes).map_err(Fault::Write)?),
        FilmFormat::Gif => Box::new(Gif::begin(open()?, size, notes).map_err(Fault::Write)?),
        FilmFormat::Mp4 => Box::new(Mp4::begin(ffmpeg, file.path(), size, notes)?),
    })
}

impl Held {
    fn show(&self, sink: &mut dyn Sink, width: u32) -> std::result::Result<(), Fault> {
        let mut frame = Frame {
            rgb: &self.rgb,
            before: (!self.before.is_empty()).then_some(&self.before),
            width,
            area: self.area,
            millis: 0,
        };
        let mut left = self.millis;
        loop {
            frame.millis = left.min(u64::from(MAX_MILLIS)) as u32;
            sink.show(&frame)?;
            left -= u64::from(frame.millis);
            if left == 0 {
                return Ok(());
            }
            frame.before = Some(&self.rgb);
            frame.area = PixelRect::new(0, 0, 1, 1); // nothing is new, and less cannot be said
        }
    }
}
