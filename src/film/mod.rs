//! A film of how a picture came about: cells as the model settled them, and what the artist did, one after the other.
//! The moments are those of the document's recording; what was undone is in none.

use std::path::Path;

use crate::base::{Cell, CellRect, PixelKind, PixelRect, resampled};
use crate::document::{Look, Moment, Recording};
use crate::io::{self, FilmWriter, Frame, Metadata, Tells, stills};

/// One frame is shown for so long.
const FRAME_MILLIS: u32 = 40;

/// The finished picture is shown for so long.
const END_SECONDS: f32 = 2.0;

/// What the artist did is blended in for so many frames.
const N_BLENDED: usize = 6;

/// Of the film at most this share is spent on what the artist did, however much that is.
const MAX_HELD: f32 = 0.6;

/// Width of a mark, in pixels of the film.
const MARK_PIXELS: u32 = 2;

/// Orange, as the program's own marks.
const MARK_COLOUR: [u8; 3] = [232, 146, 60];

/// How a film is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilmOptions {
    /// About how long it is, without the end.
    pub seconds: f32,
    /// The longer side, in pixels; no larger than the moments are kept (768).
    pub side: u32,
    /// For how long each thing that the artist did is shown, in seconds.
    pub hold: f32,
    /// Whether a frame is drawn around what is changing, and a line below tells how far the film is.
    pub marks: bool,
}

impl Default for FilmOptions {
    fn default() -> Self {
        Self { seconds: 12.0, side: 576, hold: 0.7, marks: false }
    }
}

/// Why there is no film. The texts are shown to the user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "There is nothing to be seen in a film: nothing was painted yet, or the file does not tell how it came about"
    )]
    Nothing,
    #[error(transparent)]
    File(#[from] io::Error),
    #[error("The film could not be made: {0}")]
    Fault(#[from] io::Fault),
}

/// Writes the film of a recording, in the format that the name says; `false` where `go_on`, which is told the share that is
/// done, did not want that. Then nothing is left behind.
///
/// # Errors
/// Where there is nothing to be seen, a moment is damaged, or the film cannot be written.
pub fn write(
    recording: &Recording,
    path: &Path,
    metadata: &Metadata,
    tells: Tells,
    options: &FilmOptions,
    go_on: &dyn Fn(f32) -> bool,
) -> Result<bool, Error> {
    let mut recording = recording.clone();
    recording.put_stills(stills(&recording)?);
    let shots = shots(&recording, options);
    let Some(last) = recording.moments().iter().rev().find_map(still_size) else {
        return Err(Error::Nothing);
    };
    if shots.iter().all(|it| it.n_frames == 0) {
        return Err(Error::Nothing);
    }
    let size = film_size(last, options.side);
    let n_frames: usize = shots.iter().map(|it| it.n_frames).sum();
    let writer = FilmWriter::begin(path, size, metadata, tells)?;
    let mut film = Film { writer, size, options, n_shown: 0, n_frames };
    let mut before = Frame::blank(last);
    for Shot { moment, n_frames } in shots {
        let Look::Still(still) = &moment.look else { continue };
        let after = match before.then(still) {
            Ok(it) => it,
            Err(err) => {
                log::warn!("A moment of the film is left out: {err}");
                continue;
            }
        };
        if !film.shoot(moment, n_frames, &before, &after, go_on)? {
            return Ok(false);
        }
        before = after;
    }
    let end = fitted(&before, size);
    film.writer.frame(&end.rgb, (END_SECONDS * 1000.0) as u32)?;
    film.writer.finish()?;
    Ok(go_on(1.0))
}

const fn still_size(moment: &Moment) -> Option<[u32; 2]> {
    match &moment.look {
        Look::Still(it) => Some(it.size),
        Look::Picture(_) => None,
    }
}

/// As large as `side` allows, in even numbers: some formats ask for that.
fn film_size(size: [u32; 2], side: u32) -> [u32; 2] {
    let shrink = (side as f32 / size[0].max(size[1]) as f32).min(1.0);
    size.map(|it| (((it as f32 * shrink / 2.0).round() as u32) * 2).max(2))
}

/// A moment, and how many frames of the film it has.
struct Shot<'a> {
    moment: &'a Moment,
    n_frames: usize,
}

/// What the artist did is held for as long as it was said, what the model painted shares the rest: twice as many cells take
/// half as long again.
fn shots<'a>(recording: &'a Recording, options: &FilmOptions) -> Vec<Shot<'a>> {
    let changes = |it: &&Moment| match &it.look {
        Look::Still(still) => !still.area.is_empty(),
        Look::Picture(_) => false,
    };
    // What changes nothing that is seen stays for the sake of those after it.
    let moments = recording.moments();
    let is_painted = |it: &Moment| !it.settled.is_empty();
    let n_held = moments.iter().filter(changes).filter(|it| !is_painted(it)).count();
    let n_frames = options.seconds * 1000.0 / FRAME_MILLIS as f32;
    let hold = options.hold * 1000.0 / FRAME_MILLIS as f32;
    let weight = |it: &Moment| (it.settled.len() as f32).powf(0.6);
    let weights: f32 = moments.iter().filter(changes).map(weight).sum();
    let most_held = if weights == 0.0 { n_frames } else { n_frames * MAX_HELD };
    let hold = hold.min(most_held / n_held.max(1) as f32);
    let left = (n_frames - hold * n_held as f32).max(0.0);
    // Where there are more edits than frames for them, several share one.
    let mut held = 0.0;
    let mut frames_of = |it: &Moment| {
        if !changes(&it) {
            0
        } else if is_painted(it) {
            ((left * weight(it) / weights).round() as usize).max(1)
        } else {
            let before = held;
            held += hold;
            (held as usize) - (before as usize)
        }
    };
    moments.iter().map(|moment| Shot { moment, n_frames: frames_of(moment) }).collect()
}

struct Film<'a> {
    writer: FilmWriter,
    size: [u32; 2],
    options: &'a FilmOptions,
    n_shown: usize,
    n_frames: usize,
}

impl Film<'_> {
    /// All frames of one moment; `false` where they are not wanted.
    fn shoot(
        &mut self,
        moment: &Moment,
        n_frames: usize,
        before: &Frame,
        after: &Frame,
        go_on: &dyn Fn(f32) -> bool,
    ) -> Result<bool, Error> {
        let is_painted = !moment.settled.is_empty() && before.size == after.size;
        let mut shown = before.clone();
        for idx in 1..=n_frames {
            if !go_on(self.n_shown as f32 / self.n_frames as f32) {
                return Ok(false);
            }
            let mut marked = Vec::new();
            if is_painted {
                let n_cells = moment.settled.len();
                let fresh = n_cells * (idx - 1) / n_frames..n_cells * idx / n_frames;
                for &cell in &moment.settled[fresh] {
                    let area = pixels_of(moment, cell, after.size);
                    shown.copy(after, area);
                    marked.push(area);
                }
                if idx == n_frames {
                    // What lies between cells is as it is with all of them.
                    shown.clone_from(after);
                }
            } else {
                shown = blended(before, after, idx, N_BLENDED.min(n_frames));
                if let Look::Still(still) = &moment.look {
                    marked.push(still.area);
                }
            }
            self.show(&shown, &marked)?;
        }
        Ok(true)
    }

    fn show(&mut self, frame: &Frame, marked: &[PixelRect]) -> Result<(), Error> {
        self.n_shown += 1;
        let mut fitted = fitted(frame, self.size);
        if self.options.marks {
            let [width, height] = self.size;
            for &area in marked {
                outline(&mut fitted, scaled(area, frame.size, self.size));
            }
            let right = (u64::from(width) * self.n_shown as u64 / self.n_frames as u64) as u32;
            fill(&mut fitted, PixelRect::new(0, height.saturating_sub(3), right, height));
        }
        self.writer.frame(&fitted.rgb, FRAME_MILLIS)?;
        Ok(())
    }
}

/// Where a cell lies in a still that is as large as `size`.
fn pixels_of(moment: &Moment, cell: Cell, size: [u32; 2]) -> PixelRect {
    let area = moment.grid.pixels(CellRect::of(cell)).intersection(moment.canvas);
    let PixelRect { left, top, .. } = moment.canvas;
    if area.is_empty() {
        return PixelRect::default();
    }
    let on_canvas =
        PixelRect::new(area.left - left, area.top - top, area.right - left, area.bottom - top);
    scaled(on_canvas, [moment.canvas.width(), moment.canvas.height()], size)
}

/// The same place in a picture of another size, outwards to whole pixels.
fn scaled(area: PixelRect, from: [u32; 2], to: [u32; 2]) -> PixelRect {
    let down =
        |it: u32, side: usize| (u64::from(it) * u64::from(to[side]) / u64::from(from[side])) as u32;
    let up = |it: u32, side: usize| {
        (u64::from(it) * u64::from(to[side])).div_ceil(u64::from(from[side])) as u32
    };
    PixelRect::new(down(area.left, 0), down(area.top, 1), up(area.right, 0), up(area.bottom, 1))
}

/// Somewhere between two pictures; the second one from the frame `n_blended` on, or where they differ in size.
fn blended(before: &Frame, after: &Frame, idx: usize, n_blended: usize) -> Frame {
    if n_blended <= idx || before.size != after.size {
        return after.clone();
    }
    let mix = |(&a, &b): (&u8, &u8)| {
        let sum = usize::from(a) * (n_blended - idx) + usize::from(b) * idx;
        (sum / n_blended) as u8
    };
    Frame { size: after.size, rgb: before.rgb.iter().zip(&after.rgb).map(mix).collect() }
}

/// A frame within a film of another size, in the middle of white.
fn fitted(frame: &Frame, size: [u32; 2]) -> Frame {
    if frame.size == size {
        return frame.clone();
    }
    let shrink = [0, 1].map(|side| size[side] as f32 / frame.size[side] as f32);
    let shrink = shrink[0].min(shrink[1]);
    let inner =
        [0, 1].map(|side| ((frame.size[side] as f32 * shrink).round() as u32).clamp(1, size[side]));
    let mut film = Frame::blank(size);
    let Some(rgb) = resampled(&frame.rgb, PixelKind::Rgb, frame.size, inner) else { return film };
    let [left, top] = [0, 1].map(|side| (size[side] - inner[side]) / 2);
    film.put(PixelRect::new(left, top, left + inner[0], top + inner[1]), &rgb);
    film
}

fn fill(frame: &mut Frame, area: PixelRect) {
    let [width, height] = frame.size;
    let area = area.intersection(PixelRect::new(0, 0, width, height));
    for y in area.top..area.bottom {
        frame.row_mut(area, y).as_chunks_mut().0.fill(MARK_COLOUR);
    }
}

fn outline(frame: &mut Frame, PixelRect { left, top, right, bottom }: PixelRect) {
    let width = MARK_PIXELS.min(right.saturating_sub(left)).min(bottom.saturating_sub(top));
    fill(frame, PixelRect::new(left, top, right, top + width));
    fill(frame, PixelRect::new(left, bottom - width, right, bottom));
    fill(frame, PixelRect::new(left, top, left + width, bottom));
    fill(frame, PixelRect::new(right - width, top, right, bottom));
}

#[cfg(test)]
mod tests;
