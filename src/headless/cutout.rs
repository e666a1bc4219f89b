//! A picture's foreground, without a window.

use std::path::PathBuf;

use super::error::{Error, Result};
use super::{Job, Runner};
use crate::base::{Mask, PixelRect, Point};
use crate::cutout::{Hints, cut_out, foreground_colours};
use crate::document::{Picture, selection};
use crate::engine::Load;
use crate::export::{Export, ExportFile, ExportOptions};
use crate::io;

/// Width of the strokes over what is kept or dropped, in pixels.
const STROKE_PIXELS: f32 = 5.0;

/// What is to be cut out. Places are in pixels of the canvas.
#[derive(Clone, Debug, PartialEq)]
pub struct CutoutJob {
    /// A project, or a picture.
    pub file: PathBuf,
    pub out: PathBuf,
    /// Left, top, right, bottom of what it lies in.
    pub rect: Option<[u32; 4]>,
    /// Only cells that show this, one of the model's labels, and those beside them.
    pub label: Option<String>,
    /// Strokes over what is foreground.
    pub keep: Vec<Vec<Point>>,
    /// Strokes over what is not.
    pub drop: Vec<Vec<Point>>,
}

/// Writes what is foreground of a picture as it is seen; the rest is transparent. `progress` is told the share that is done.
///
/// # Errors
/// Says what could not be done, the path last.
pub fn cutout(
    job: &CutoutJob,
    load: Load,
    progress: &(dyn Fn(f32) + Sync),
) -> std::result::Result<(), Error> {
    io::check_writable(&job.out)?;
    let open = Some(job.file.clone());
    let mut runner = Runner::set_up(&Job { open, out: job.out.clone(), ..Job::default() }, load)?;
    runner.opened = job.file.canonicalize().ok();
    runner.check_apart(&job.out)?;
    let export = runner.studio.active().export();
    let picture = cut(&runner, &export.picture, job, progress)?;
    let files = [ExportFile { path: job.out.clone(), scale: 1.0 }];
    Export { picture, ..export }.write(&files, &ExportOptions::default(), &|_| true)?;
    Ok(())
}

fn cut(
    runner: &Runner,
    picture: &Picture,
    job: &CutoutJob,
    progress: &(dyn Fn(f32) + Sync),
) -> Result<Picture> {
    let (grid, canvas) = (picture.grid, picture.canvas);
    let (width, height) = (grid.width(), grid.height());
    let mut within = Mask::of_area(width, height, canvas);
    if let Some([left, top, right, bottom]) = job.rect {
        let moved = |it: u32, by: u32| it.saturating_add(by);
        let rect = PixelRect::new(
            moved(left, canvas.left),
            moved(top, canvas.top),
            moved(right, canvas.left),
            moved(bottom, canvas.top),
        );
        let rect = rect.intersection(canvas);
        if rect.is_empty() {
            return Err(Error::NothingToCutOut);
        }
        within = Mask::of_area(width, height, rect);
    }
    let mut prior = None;
    if let Some(label) = &job.label {
        let shown = runner.studio.active().cells_that_show(label);
        if shown.is_empty() {
            return Err(Error::NotShown(label.clone()));
        }
        let cells = Mask::from_cells(grid, |it| shown.contains(&it));
        let around = selection::grown(&cells, u32::from(grid.cell_pixels));
        within = within.combined(&around, u8::min);
        prior = Some(cells);
    }
    let strokes = |lines: &[Vec<Point>]| {
        let on_grid = |it: &Point| Point::new(it.x + canvas.left as f32, it.y + canvas.top as f32);
        let lines: Vec<Vec<Point>> =
            lines.iter().map(|it| it.iter().map(on_grid).collect()).collect();
        selection::drawn(width, height, &lines, STROKE_PIXELS)
    };
    let (keep, drop) = (strokes(&job.keep), strokes(&job.drop));
    let hints = Hints { within: &within, keep: &keep, drop: &drop, prior: prior.as_ref() };
    let flat = picture.with_finishes().flattened();
    let found = cut_out(&flat.model_layer, canvas, &hints, &|share| {
        progress(share);
        true
    });
    let alpha = found.filter(|it| !it.is_empty()).ok_or(Error::NothingToCutOut)?;
    let mut cut = flat;
    cut.model_layer = foreground_colours(&cut.model_layer, &alpha);
    if let Some(layer) = cut.stack.layers.first_mut() {
        layer.mask = Some(alpha.to_pixels());
    }
    Ok(cut)
}
