//! Films as MP4, encoded by the program ffmpeg: it is handed the frames one by one, and writes the file.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::frame::{Clock, Frame};
use super::{FilmNotes, Sink};
use crate::io::error::Fault;

const FRAMES_PER_SECOND: u64 = 25;

/// A longer record is left out: not every system takes longer commands.
const MAX_RECORD_BYTES: usize = 16 << 10;

/// To the colours that players expect; their edges are kept as sharp as they can be.
const FILTER: &str = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int";

pub(super) struct Mp4 {
    program: Child,
    /// `None` when there are no more frames.
    frames: Option<ChildStdin>,
    /// What the program says of its troubles. A pipe would have to be read all the time, lest it fill up.
    complaints: File,
    path: PathBuf,
    size: [u32; 2],
    clock: Clock,
}

impl Mp4 {
    /// Starts the program, which writes over the file at `path`.
    pub(super) fn begin(
        ffmpeg: &OsStr,
        path: &Path,
        size: [u32; 2],
        notes: FilmNotes<'_>,
    ) -> Result<Self, Fault> {
        let has_x264 = knows_x264(ffmpeg)?;
        let complaints = tempfile::tempfile().map_err(Fault::Write)?;
        let mut program = Command::new(ffmpeg)
            .args(arguments(size, has_x264, notes.record))
            .arg(as_file(path))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(complaints.try_clone().map_err(Fault::Write)?)
            .spawn()
            .map_err(not_started)?;
        let frames = program.stdin.take();
        let (path, clock) = (path.to_owned(), Clock::new(FRAMES_PER_SECOND, 1));
        Ok(Self { program, frames, complaints, path, size, clock })
    }

    /// There are no more frames. Waits until the program has ended.
    fn wait(&mut self) -> Result<(), Fault> {
        drop(self.frames.take());
        let status = self.program.wait().map_err(Fault::Write)?;
        // It has been seen to end well although the disk was full.
        let is_whole = status.success() && is_whole(&self.path).is_ok_and(|it| it);
        if is_whole { Ok(()) } else { Err(self.complaint()) }
    }

    /// Why the program has failed: what it said last.
    fn complaint(&mut self) -> Fault {
        let mut said = Vec::new();
        let read = self.complaints.rewind().and_then(|()| self.complaints.read_to_end(&mut said));
        if let Err(err) = read {
            log::debug!("What ffmpeg said cannot be read: {err}");
        }
        let said = String::from_utf8_lossy(&said);
        log::info!("ffmpeg failed: {said}");
        let last = said.lines().map(str::trim).rfind(|it| !it.is_empty());
        let last = last.unwrap_or("it ended without a word");
        // The user has never heard of the file beside.
        Fault::Ffmpeg(last.replace(&*as_file(&self.path).to_string_lossy(), "the film"))
    }
}

impl Sink for Mp4 {
    fn show(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        let rgb = even(frame.rgb, self.size);
        for _ in 0..self.clock.advance(frame.millis) {
            let written = self.frames.as_mut().map_or(Ok(()), |it| it.write_all(&rgb));
            if let Err(err) = written {
                log::debug!("ffmpeg takes no more frames: {err}");
                return Err(self.wait().err().unwrap_or(Fault::LostFrame));
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), Fault> {
        self.wait()
    }
}

impl Drop for Mp4 {
    /// Ends the program, whatever it is about; nothing happens where it has ended by itself.
    fn drop(&mut self) {
        if let Err(err) = self.program.kill().and_then(|()| self.program.wait()) {
            log::warn!("ffmpeg cannot be ended: {err}");
        }
    }
}

fn not_started(err: io::Error) -> Fault {
    match err.kind() {
        io::ErrorKind::NotFound => Fault::NoFfmpeg,
        _ => Fault::Ffmpeg(err.to_string()),
    }
}

/// Whether the program can write H.264, which every player knows. Some systems leave that out.
fn knows_x264(ffmpeg: &OsStr) -> Result<bool, Fault> {
    let encoders = Command::new(ffmpeg)
        .args(["-hide_banner", "-loglevel", "error", "-encoders"])
        .stdin(Stdio::null())
        .output()
        .map_err(not_started)?;
    Ok(String::from_utf8_lossy(&encoders.stdout).contains(" libx264 "))
}

/// All but the file's name: what comes in, how it is encoded, and what is said of it.
fn arguments(size: [u32; 2], has_x264: bool, record: &str) -> Vec<String> {
    let [width, height] = size.map(|it| it.next_multiple_of(2));
    let (size, rate) = (format!("{width}x{height}"), FRAMES_PER_SECOND.to_string());
    // Both look like the original; the second is for programs without H.264.
    let encoder = if has_x264 { ["libx264", "-crf", "18"] } else { ["mpeg4", "-q:v", "2"] };
    let mut all = vec!["-hide_banner", "-loglevel", "error", "-nostdin", "-y"];
    all.extend(["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &size, "-r", &rate, "-i", "pipe:0"]);
    all.extend(["-an", "-vf", FILTER, "-pix_fmt", "yuv420p", "-c:v"]);
    all.extend(encoder);
    all.extend(["-color_range", "tv", "-colorspace", "bt709"]);
    all.extend(["-color_primaries", "bt709", "-color_trc", "bt709"]);
    let mut all: Vec<String> = all.into_iter().map(str::to_owned).collect();
    if MAX_RECORD_BYTES < record.len() {
        log::warn!("The film's record is too long for MP4");
    } else if !record.is_empty() {
        let record = record.replace('\0', " "); // no command can have one
        all.extend(["-metadata".to_owned(), format!("comment={record}")]);
    }
    all.extend(["-movflags", "+faststart", "-f", "mp4"].map(str::to_owned));
    all
}

/// Whether a file has an index and all that its boxes promise (ISO/IEC 14496-12, 4.2).
fn is_whole(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let end = file.metadata()?.len();
    let (mut at, mut has_index) = (0, false);
    while at < end {
        file.seek(SeekFrom::Start(at))?;
        let (mut len, mut kind, mut long_len) = ([0; 4], [0; 4], [0; 8]);
        file.read_exact(&mut len)?;
        file.read_exact(&mut kind)?;
        has_index |= &kind == b"moov";
        at = at.saturating_add(match u32::from_be_bytes(len) {
            0 => return Ok(false), // its length was to be put in at the end
            1 => {
                file.read_exact(&mut long_len)?;
                u64::from_be_bytes(long_len).max(1)
            }
            len => u64::from(len),
        });
    }
    Ok(at == end && has_index)
}

/// A name that cannot be taken for an option or an address.
fn as_file(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}

/// With the last column and row once more where their number is odd: a colour is stored for every two.
fn even(rgb: &[u8], [width, height]: [u32; 2]) -> Cow<'_, [u8]> {
    if width % 2 == 0 && height % 2 == 0 {
        return Cow::Borrowed(rgb);
    }
    let row_len = width as usize * 3;
    let rows = rgb.chunks_exact(row_len);
    let again = rows.clone().last().filter(|_| height % 2 == 1);
    let column_len = if width % 2 == 1 { 3 } else { 0 };
    let mut values = Vec::with_capacity(rgb.len() * 2);
    for row in rows.chain(again) {
        values.extend_from_slice(row);
        values.extend_from_slice(&row[row_len - column_len..]);
    }
    Cow::Owned(values)
}

#[cfg(test)]
#[cfg(unix)] // what stands in for the program is a script
#[path = "mp4_tests.rs"]
mod tests;
