//! How a picture came about, beside its project: small pictures, and which cells were settled in which order.

use std::io;

use serde::{Deserialize, Serialize};

use super::archive::{Archive, NewArchive};
use crate::base::{Cell, Grid, PixelRect};
use crate::document::{Look, MAX_MOMENTS, Moment, Recording, Still};
use crate::io::still::{is_still_size, stills};

const FILM: &str = "alla-prima/film.json";

/// The folder of the small pictures.
const STILLS: &str = "alla-prima/film/";

/// What is read of a file that may be anybody's: the list, one still, all of them.
const MAX_LIST_BYTES: u64 = 32 << 20;
const MAX_STILL_BYTES: u64 = 2 << 20;
const MAX_STILLS_BYTES: u64 = 256 << 20;

#[derive(Serialize, Deserialize)]
struct SavedMoment {
    label: String,
    settled: Vec<Cell>,
    grid: Grid,
    canvas: PixelRect,
    size: [u32; 2],
    area: PixelRect,
    /// Where its pixels are; empty where there are none.
    file: String,
}

/// Stores all moments.
///
/// # Errors
/// Where the disk does not take them.
pub(super) fn put(archive: &mut NewArchive<'_, '_>, recording: &Recording) -> io::Result<()> {
    let mut recording = recording.clone();
    recording.put_stills(stills(&recording).map_err(io::Error::other)?);
    let mut saved = Vec::new();
    for (idx, moment) in recording.moments().iter().enumerate() {
        let Look::Still(Still { size, area, jpeg }) = &moment.look else { continue };
        let mut file = String::new();
        if !jpeg.is_empty() {
            file = format!("{STILLS}{idx}.jpg");
            archive.put(&file, jpeg)?;
        }
        let Moment { label, settled, grid, canvas, .. } = moment.clone();
        saved.push(SavedMoment { label, settled, grid, canvas, size: *size, area: *area, file });
    }
    if saved.is_empty() { Ok(()) } else { archive.put(FILM, &serde_json::to_vec(&saved)?) }
}

/// All moments, as far as they make sense: a film is not worth losing a picture for.
pub(super) fn read(archive: &mut Archive) -> Recording {
    if archive.sum(FILM).is_none() {
        return Recording::default();
    }
    let saved = archive.bytes_up_to(MAX_LIST_BYTES, FILM).ok();
    let Some(saved) = saved.and_then(|it| serde_json::from_slice::<Vec<SavedMoment>>(&it).ok())
    else {
        log::warn!("How the picture came about cannot be read; it has no film up to here");
        return Recording::default();
    };
    let mut bytes_left = MAX_STILLS_BYTES;
    let mut moments = Vec::new();
    for saved in saved.into_iter().filter(|it| is_still_size(it.size)).take(MAX_MOMENTS) {
        let SavedMoment { label, settled, grid, canvas, size, area, file } = saved;
        let mut jpeg = Vec::new();
        if !file.is_empty() {
            let is_ours = file.starts_with(STILLS);
            let found = archive.bytes_up_to(bytes_left.min(MAX_STILL_BYTES), &file);
            // What cannot be had is passed over; the next still is laid on what was there before.
            let Some(found) = found.ok().filter(|_| is_ours) else { continue };
            jpeg = found;
            bytes_left -= jpeg.len() as u64;
        }
        let look = Look::Still(Still { size, area, jpeg: jpeg.into() });
        moments.push(Moment { entry: None, label, settled, grid, canvas, look });
    }
    Recording::of(moments)
}
