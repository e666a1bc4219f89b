//! Edit scripts: what an artist would do, written down beforehand.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use super::error::{EntryError, Error};
use super::wording;
use crate::base::{Cell, CellRect, Grid, PixelRect, Point};
use crate::document::Sides;
use crate::studio::{Reach, Repaint};

/// One entry of a script.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The number of settled cells at which it happens; at or past the last one: when the picture is
    /// finished.
    pub at: usize,
    /// A new prompt for the whole picture.
    pub prompt: Option<String>,
    pub stroke: Option<Stroke>,
    pub repaint: Option<Patch>,
    pub extend: Option<Strips>,
}

/// What an edit may change, unless it says so.
const fn rest() -> Reach {
    Reach::Rest
}

/// A stroke of the artist's.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stroke {
    /// In canvas pixels.
    pub points: Vec<[f32; 2]>,
    /// In canvas pixels.
    pub radius: f32,
    /// Red, green, blue; or "#rrggbb".
    pub colour: Colour,
    #[serde(default = "rest")]
    pub follow: Reach,
}

/// A part of the picture to be painted anew.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    /// Left, top, right, bottom in canvas pixels.
    pub rect: Option<[u32; 4]>,
    /// Row and column of each cell.
    pub cells: Option<Vec<[u16; 2]>>,
    /// What the cells show, one of the model's labels: "sky", "water".
    #[serde(alias = "meaning")]
    pub label: Option<String>,
    /// By how many cells it reaches further than that, on all sides.
    #[serde(default)]
    pub grow: u16,
    pub prompt: Option<String>,
    #[serde(default = "rest")]
    pub follow: Reach,
    /// Added to the variation of these cells: other noise. `None` is 1 for a repaint without a prompt, else 0.
    #[serde(rename = "take")]
    pub variation_step: Option<u32>,
}

/// A larger canvas around the picture, painted on at once. In canvas pixels, of which whole cells are made.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Strips {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
    /// A new prompt for the whole picture, under which what is added is painted.
    pub prompt: Option<String>,
}

/// A colour as numbers or in the notation of the web.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Colour {
    Numbers([u8; 3]),
    Web(String),
}

impl Colour {
    /// Red, green, blue.
    ///
    /// # Errors
    /// Where a text is not of the form "#rrggbb".
    pub fn rgb(&self) -> Result<[u8; 3], EntryError> {
        match self {
            Self::Numbers(rgb) => Ok(*rgb),
            Self::Web(text) => {
                let wrong = || EntryError::Colour(text.clone());
                let digits = text.strip_prefix('#').filter(|it| it.len() == 6).ok_or_else(wrong)?;
                let value = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
                let [_, red, green, blue] = value.to_be_bytes();
                Ok([red, green, blue])
            }
        }
    }
}

/// Larger scripts are not read.
const MAX_BYTES: u64 = 16 << 20;

/// Reads a script, in UTF-8 or, where it begins with a byte-order mark, in UTF-16.
///
/// # Errors
/// Says what is wrong with the file or with which entry, the path last.
pub fn read(path: &Path) -> Result<Vec<Entry>, Error> {
    let here = || path.to_owned();
    if path.is_dir() {
        return Err(Error::Folder { path: here() });
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|it| it.take(MAX_BYTES).read_to_end(&mut bytes))
        .map_err(|why| Error::Unreadable { why, path: here() })?;
    let entries = wording::text(&bytes)
        .ok_or_else(|| "it is not text in UTF-8 or UTF-16".to_owned())
        .and_then(|it| {
            serde_json::from_str::<Vec<Entry>>(&it).map_err(|err| wording::sentence(&err))
        })
        .map_err(|why| Error::NotUnderstood { why, path: here() })?;
    for (idx, entry) in entries.iter().enumerate() {
        entry.check().map_err(|err| {
            let error = Box::new(Error::from(err).in_entry(idx));
            Error::InScript { error, path: here() }
        })?;
    }
    Ok(entries)
}

impl Entry {
    /// Whether something is painted under the prompt for the whole picture.
    #[must_use]
    pub fn needs_prompt(&self) -> bool {
        let Self { stroke, repaint, extend, .. } = self;
        stroke.as_ref().is_some_and(|it| it.follow == Reach::Rest)
            || repaint.as_ref().is_some_and(|it| it.prompt.is_none() || it.follow == Reach::Rest)
            || extend.as_ref().is_some_and(|it| it.prompt.is_none())
    }

    /// Whether the whole picture has another prompt from then on.
    #[must_use]
    pub fn brings_prompt(&self) -> bool {
        self.prompt.is_some() || self.extend.as_ref().is_some_and(|it| it.prompt.is_some())
    }

    fn check(&self) -> Result<(), EntryError> {
        let Self { prompt, stroke, repaint, extend, .. } = self;
        let n_edits = [prompt.is_some(), stroke.is_some(), repaint.is_some(), extend.is_some()];
        if n_edits.iter().filter(|&&it| it).count() != 1 {
            return Err(EntryError::NotOneEdit);
        }
        let of_part = repaint.as_ref().and_then(|it| it.prompt.as_ref());
        let of_strips = extend.as_ref().and_then(|it| it.prompt.as_ref());
        if [prompt.as_ref(), of_part, of_strips]
            .into_iter()
            .flatten()
            .any(|it| it.trim().is_empty())
        {
            return Err(EntryError::EmptyPrompt);
        }
        repaint.as_ref().map_or(Ok(()), Patch::check)?;
        stroke.as_ref().map_or(Ok(()), Stroke::check)
    }
}

impl Stroke {
    fn check(&self) -> Result<(), EntryError> {
        let sound = |it: f32| it.is_finite() && it.abs() <= 1e6;
        if self.points.is_empty() || !self.points.iter().flatten().all(|&it| sound(it)) {
            return Err(EntryError::Points);
        }
        if !(0.5..=1024.0).contains(&self.radius) {
            return Err(EntryError::Radius(self.radius));
        }
        self.colour.rgb().map(drop)
    }

    /// # Errors
    /// Where none of it would be seen on this canvas.
    pub fn check_on(&self, canvas: PixelRect) -> Result<(), EntryError> {
        let (width, height) = (canvas.width() as f32, canvas.height() as f32);
        // Beside the canvas between two points it may cross it: that is allowed.
        let is_beyond =
            |outside: &dyn Fn(f32, f32) -> bool| self.points.iter().all(|&[x, y]| outside(x, y));
        let radius = self.radius;
        let is_off = is_beyond(&|x, _| x + radius <= 0.0)
            || is_beyond(&|_, y| y + radius <= 0.0)
            || is_beyond(&|x, _| width <= x - radius)
            || is_beyond(&|_, y| height <= y - radius);
        if is_off { Err(EntryError::StrokeOffCanvas(canvas)) } else { Ok(()) }
    }

    /// In pixels of the grid in which the canvas lies.
    #[must_use]
    pub fn points(&self, canvas: PixelRect) -> Vec<Point> {
        let [left, top] = [canvas.left as f32, canvas.top as f32];
        self.points.iter().map(|&[x, y]| Point::new(left + x, top + y)).collect()
    }
}

impl Strips {
    /// Larger ones are beyond any canvas.
    const MAX_PIXELS: u32 = 1 << 16;

    /// What is to be added.
    ///
    /// # Errors
    /// Where it is nothing, or more than any canvas has.
    pub fn sides(&self) -> Result<Sides, EntryError> {
        let Self { left, top, right, bottom, .. } = *self;
        if Self::MAX_PIXELS < left.max(top).max(right).max(bottom) {
            return Err(EntryError::TooLarge(Self::MAX_PIXELS));
        }
        let [left, top, right, bottom] = [left, top, right, bottom].map(|it| it as i32);
        let sides = Sides { left, top, right, bottom };
        if sides == Sides::default() { Err(EntryError::ExtendsByNothing) } else { Ok(sides) }
    }
}

impl Patch {
    /// The maximum of `grow`, in cells.
    const MAX_GROW: u16 = 16;

    fn check(&self) -> Result<(), EntryError> {
        let ways = [self.rect.is_some(), self.cells.is_some(), self.label.is_some()];
        if ways.into_iter().filter(|&it| it).count() != 1 {
            return Err(EntryError::NotOnePlace);
        }
        if self.rect.is_some_and(|[left, top, right, bottom]| right <= left || bottom <= top) {
            return Err(EntryError::EmptyRectangle);
        }
        if Self::MAX_GROW < self.grow {
            return Err(EntryError::Grow(Self::MAX_GROW));
        }
        Ok(())
    }

    /// Whether it can be done on a canvas with this `grid`, as far as that can be told before there is a picture.
    ///
    /// # Errors
    /// Where it lies off the canvas, or means what is none of `labels`.
    pub fn check_on(
        &self,
        grid: Grid,
        canvas: PixelRect,
        labels: &[String],
    ) -> Result<(), EntryError> {
        match &self.label {
            Some(it) if !labels.contains(it) => Err(match labels {
                [] => EntryError::NoLabels,
                _ => EntryError::UnknownLabel { label: it.clone(), known: labels.to_vec() },
            }),
            Some(_) => Ok(()),
            None => self.cells(grid, canvas, |_| Vec::new()).map(drop),
        }
    }

    /// What is to be repainted in a picture with this `grid`, in which `show` finds the cells of a label.
    ///
    /// # Errors
    /// Where it lies off the canvas, or nothing means that.
    pub fn repaint(
        &self,
        grid: Grid,
        canvas: PixelRect,
        show: impl FnOnce(&str) -> Vec<Cell>,
    ) -> Result<Repaint, EntryError> {
        let chosen: BTreeSet<Cell> = self.cells(grid, canvas, show)?.into_iter().collect();
        let around = |&it: &Cell| CellRect::of(it).grown(self.grow, grid).cells();
        let grown: BTreeSet<Cell> = chosen.iter().flat_map(around).collect();
        let cells = grown.into_iter().collect();
        let reach = self.follow;
        let variation_step =
            self.variation_step.unwrap_or_else(|| u32::from(self.prompt.is_none()));
        Ok(Repaint { cells, prompt: self.prompt.clone(), reach, variation_step })
    }

    fn cells(
        &self,
        grid: Grid,
        canvas: PixelRect,
        show: impl FnOnce(&str) -> Vec<Cell>,
    ) -> Result<Vec<Cell>, EntryError> {
        if let Some(label) = &self.label {
            let cells = show(label);
            if cells.is_empty() {
                return Err(EntryError::NothingShown(label.clone()));
            }
            return Ok(cells);
        }
        let cells: Vec<Cell> = match (&self.rect, &self.cells) {
            (Some([left, top, right, bottom]), _) => {
                let within = |at: u32, from: u32, to: u32| from.saturating_add(at).min(to);
                let touched = grid.touched(PixelRect::new(
                    within(*left, canvas.left, canvas.right),
                    within(*top, canvas.top, canvas.bottom),
                    within(*right, canvas.left, canvas.right),
                    within(*bottom, canvas.top, canvas.bottom),
                ));
                touched.into_iter().flat_map(|it| it.cells().collect::<Vec<_>>()).collect()
            }
            (None, Some(cells)) => cells.iter().map(|&[row, col]| Cell::new(row, col)).collect(),
            (None, None) => Vec::new(),
        };
        if cells.is_empty() || !cells.iter().all(|&it| grid.all().contains(it)) {
            return Err(EntryError::OffCanvas { canvas, grid });
        }
        Ok(cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<Entry>, Error> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path())
    }

    #[test]
    fn a_script_is_read() {
        let script = read_text(
            r##"[{"at": 9, "prompt": "a lake"},
                {"at": 99, "stroke": {"points": [[1, 2]], "radius": 3, "colour": "#ff8000"}},
                {"at": 999, "repaint": {"rect": [0, 0, 32, 16], "follow": "only", "take": 2}}]"##,
        )
        .unwrap();
        assert_eq!(script[1].stroke.as_ref().unwrap().colour.rgb(), Ok([255, 128, 0]));
        let grid = Grid { rows: 4, cols: 4, cell_pixels: 16 };
        let repaint =
            script[2].repaint.as_ref().unwrap().repaint(grid, grid.area(), |_| Vec::new()).unwrap();
        assert_eq!(repaint.cells, [Cell::new(0, 0), Cell::new(0, 1)]);
        assert_eq!((repaint.reach, repaint.variation_step), (Reach::Only, 2));
    }

    #[test]
    fn a_label_stands_for_the_cells_that_show_it() {
        let script = read_text(r#"[{"at": 9, "repaint": {"label": "sky", "prompt": "a"}}]"#);
        let patch = script.unwrap()[0].repaint.clone().unwrap();
        let grid = Grid { rows: 4, cols: 4, cell_pixels: 24 };
        assert_eq!(
            patch.check_on(grid, grid.area(), &["water".to_owned(), "sky".to_owned()]),
            Ok(())
        );
        assert!(
            patch
                .check_on(grid, grid.area(), &["water".to_owned()])
                .unwrap_err()
                .to_string()
                .contains("water; not")
        );
        assert!(
            patch
                .check_on(grid, grid.area(), &[])
                .unwrap_err()
                .to_string()
                .contains("does not tell")
        );

        let sky = vec![Cell::new(0, 1), Cell::new(0, 2)];
        let show = |label: &str| if label == "sky" { sky.clone() } else { Vec::new() };
        assert_eq!(patch.repaint(grid, grid.area(), show).unwrap().cells, sky);
        let with_its_rim =
            Patch { grow: 1, ..patch.clone() }.repaint(grid, grid.area(), show).unwrap().cells;
        let is_near = |it: &Cell| it.row < 2;
        assert_eq!(with_its_rim, grid.cells().filter(is_near).collect::<Vec<_>>());
        assert!(
            patch
                .repaint(grid, grid.area(), |_| Vec::new())
                .unwrap_err()
                .to_string()
                .contains("shows no sky")
        );

        let older = read_text(r#"[{"at": 9, "repaint": {"meaning": "sky", "prompt": "a"}}]"#);
        assert_eq!(older.unwrap()[0].repaint, Some(patch));
    }

    #[test]
    fn a_prompt_comes_by_itself_or_with_an_extension() {
        for (text, brings) in [
            (r#"[{"at": 1, "prompt": "a"}]"#, true),
            (r#"[{"at": 1, "extend": {"right": 9, "prompt": "a"}}]"#, true),
            (r#"[{"at": 1, "extend": {"right": 9}}]"#, false),
            (r#"[{"at": 1, "repaint": {"label": "sky", "prompt": "a"}}]"#, false),
        ] {
            assert_eq!(read_text(text).unwrap()[0].brings_prompt(), brings, "{text}");
        }
    }

    #[test]
    fn a_canvas_is_extended_by_pixels() {
        let sides = Strips { left: 25, bottom: 24, ..Strips::default() }.sides();
        assert_eq!(sides, Ok(Sides { left: 25, bottom: 24, ..Sides::default() }));
        for (top, why) in [(0, "by nothing"), (1 << 17, "at most"), (u32::MAX, "at most")] {
            let err = Strips { top, ..Strips::default() }.sides().unwrap_err();
            assert!(err.to_string().contains(why), "{err}");
        }
    }

    #[test]
    fn lengths_are_counted_from_the_corner_of_the_canvas() {
        let grid = Grid { rows: 4, cols: 4, cell_pixels: 24 };
        let canvas = PixelRect::new(20, 10, 90, 90);
        let script = read_text(
            r##"[{"at": 9, "repaint": {"rect": [0, 0, 5, 5], "prompt": "a"}},
                {"at": 9, "stroke": {"points": [[1, 2]], "radius": 3, "colour": "#ff8000"}}]"##,
        )
        .unwrap();
        let repaint = script[0].repaint.as_ref().unwrap().repaint(grid, canvas, |_| Vec::new());
        assert_eq!(repaint.unwrap().cells, [Cell::new(0, 0), Cell::new(0, 1)]);
        let points = script[1].stroke.as_ref().unwrap().points(canvas);
        assert_eq!(points, [Point::new(21.0, 12.0)]);
    }

    #[test]
    fn a_stroke_is_to_be_seen() {
        let grid = Grid { rows: 4, cols: 4, cell_pixels: 16 };
        let stroke = |points: &[[f32; 2]]| Stroke {
            points: points.to_vec(),
            radius: 5.0,
            colour: Colour::Numbers([0; 3]),
            follow: Reach::Rest,
        };
        for points in [&[[-4.0, 60.0]][..], &[[-99.0, 5.0], [99.0, 5.0]], &[[68.0, 68.0]]] {
            assert_eq!(stroke(points).check_on(grid.area()), Ok(()), "{points:?}");
        }
        for points in [&[[-6.0, 9.0]][..], &[[70.0, 0.0], [99.0, 64.0]], &[[5.0, 70.0]]] {
            let refused = Err(EntryError::StrokeOffCanvas(grid.area()));
            assert_eq!(stroke(points).check_on(grid.area()), refused, "{points:?}");
        }
    }

    #[test]
    fn a_script_may_be_written_by_any_editor() {
        let text = r#"[{"at": 1, "prompt": "a lake, 湖"}]"#;
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        for bytes in [
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            [b"\xFF\xFE", &little[..]].concat(),
            [b"\xFE\xFF", &big[..]].concat(),
        ] {
            std::fs::write(file.path(), bytes).unwrap();
            assert_eq!(read(file.path()).unwrap()[0].prompt.as_deref(), Some("a lake, 湖"));
        }
        std::fs::write(file.path(), b"\x93[{}]").unwrap();
        assert!(read(file.path()).unwrap_err().to_string().contains("it is not text"));
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap_err().to_string().contains("it is a folder"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, why) in [
            ("", "the script ends too early (line 1, column 0)"),
            ("[{\n", "the script ends too early (line 2, column 0)"),
            ("{}", "there is an object where a list is to be (line 1, column 0)"),
            ("[{]", "(line 1, column 3)"),
            (r#"[{"at": "x"}]"#, "there is \"x\" where a whole number, 0 or more, is to be"),
            (r#"[{"prompt": "a"}]"#, "\"at\" is missing"),
            (r#"[{"at": 1, "repaint": {"rect": [9, 0, 9, 5]}}]"#, "left < right and top < bottom"),
            (r#"[{"at": 1, "repaint": {"rect": [0, 9, 5, 3]}}]"#, "left < right and top < bottom"),
            (r#"[{"at": 1}]"#, "exactly one"),
            (r#"[{"at": 1, "prompt": "a", "brush": 1}]"#, "\"brush\" is not known here"),
            (r#"[{"at": 1, "prompt": " "}]"#, "empty"),
            (r#"[{"at": 1, "repaint": {"label": "sky", "prompt": ""}}]"#, "empty"),
            (r#"[{"at": 1, "extend": {"right": 9, "prompt": " "}}]"#, "empty"),
            (
                r#"[{"at": 1, "stroke": {"points": [], "radius": 3, "colour": [0,0,0]}}]"#,
                "one point",
            ),
            (
                r#"[{"at": 1, "stroke": {"points": [[0,0]], "radius": 3, "colour": "red"}}]"#,
                "#rrggbb",
            ),
            (r#"[{"at": 1, "repaint": {}}]"#, "exactly one"),
            (r#"[{"at": 1, "repaint": {"cells": [[1, 2]], "label": "sky"}}]"#, "exactly one"),
            (r#"[{"at": 1, "repaint": {"label": "sky", "grow": 17}}]"#, "0 to 16 cells"),
            (r#"[{"at": 1, "extend": {"up": 5}}]"#, "there are \"left\", \"top\""),
            (
                r#"[{"at": 1, "extend": {"right": -5}}]"#,
                "there is -5 where a whole number, 0 or more",
            ),
        ] {
            let err = read_text(text).unwrap_err();
            assert!(err.to_string().contains(why), "{text}: {err}");
        }
    }
}
