//! How a picture came about, beside its project: small pictures, and which cells were settled in which order.

use std::io;

use serde::{Deserialize, Serialize};

use super::archive::{Archive, NewArchive};
use crate::base::{Cell, Grid, PixelRect};
use crate::document::{Look, Moment, Recording, Still};
use crate::io::still::{is_still_size, stills};

const FILM: &str = "alla-prima/film.json";

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
            file = format!("alla-prima/film/{idx}.jpg");
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
    let saved = archive.bytes(FILM).ok();
    let Some(saved) = saved.and_then(|it| serde_json::from_slice::<Vec<SavedMoment>>(&it).ok())
    else {
        log::warn!("How the picture came about cannot be read; it has no film up to here");
        return Recording::default();
    };
    let sound = saved.into_iter().filter(|it| is_still_size(it.size));
    let moments = sound.filter_map(|it| {
        let SavedMoment { label, settled, grid, canvas, size, area, file } = it;
        let jpeg = if file.is_empty() { Vec::new() } else { archive.bytes(&file).ok()? };
        let look = Look::Still(Still { size, area, jpeg: jpeg.into() });
        Some(Moment { entry: None, label, settled, grid, canvas, look })
    });
    Recording::of(moments.collect())
}
