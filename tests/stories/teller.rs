//! A studio with a toy for a model, and its picture as text.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use alla_prima::base::{Cell, CellRect, Code, Grid, Point};
use alla_prima::document::selection::Mode;
use alla_prima::engine::Load;
use alla_prima::export::ExportOptions;
use alla_prima::io::{FileOptions, Tells};
use alla_prima::model::toy::{Gate, Manner, Toy};
use alla_prima::settings::Settings;
use alla_prima::studio::{Action, Studio, StudioAction};
use alla_prima::tools::{Pointer, Tool};

/// A cell of 8 × 8 pixels per letter; a blank ends a row.
pub(crate) fn grid_of(picture: &str) -> Grid {
    let rows: Vec<&str> = picture.split(' ').collect();
    Grid { rows: rows.len() as u16, cols: rows[0].len() as u16, cell_pixels: 8 }
}

/// A gate for a toy, and the way to let passes through.
pub(crate) fn gate() -> (Sender<()>, Gate) {
    let (open, messages) = channel();
    (open, Gate::new(messages))
}

pub(crate) fn letter(code: Code) -> char {
    char::from(b'a' + code as u8)
}

pub(crate) fn middle_of(cell: Cell) -> Point {
    Point::new(f32::from(cell.col) * 8.0 + 4.0, f32::from(cell.row) * 8.0 + 4.0)
}

pub(crate) struct Teller {
    pub(crate) studio: Studio,
}

impl Teller {
    /// A blank sheet of `rows` × `cols` cells.
    pub(crate) fn new(rows: u16, cols: u16, manner: Manner, prompt: &str) -> Self {
        let grid = Grid { rows, cols, cell_pixels: 8 };
        let load = move || -> alla_prima::model::Result<Box<dyn alla_prima::model::Painter>> {
            Ok(Box::new(Toy::new(grid, manner).with_pass_of(Duration::from_micros(300))))
        };
        Self::with(Box::new(load), prompt)
    }

    /// The same with a toy that takes no time.
    pub(crate) fn quick(rows: u16, cols: u16, manner: Manner, prompt: &str) -> Self {
        let grid = Grid { rows, cols, cell_pixels: 8 };
        let load = move || -> alla_prima::model::Result<Box<dyn alla_prima::model::Painter>> {
            Ok(Box::new(Toy::new(grid, manner)))
        };
        Self::with(Box::new(load), prompt)
    }

    /// A sheet for a toy that paints row by row.
    pub(crate) fn in_rows(rows: u16, cols: u16, manner: Manner, prompt: &str) -> Self {
        let grid = Grid { rows, cols, cell_pixels: 8 };
        let load = move || -> alla_prima::model::Result<Box<dyn alla_prima::model::Painter>> {
            Ok(Box::new(Toy::new(grid, manner).in_rows()))
        };
        Self::with(Box::new(load), prompt)
    }

    /// A sheet for a toy that takes each pass when it is let through.
    pub(crate) fn gated(grid: Grid, prompt: &str) -> (Self, Sender<()>) {
        let (open, gate) = gate();
        let load = move || -> alla_prima::model::Result<Box<dyn alla_prima::model::Painter>> {
            Ok(Box::new(Toy::new(grid, Manner::Alphabet).with_gate(gate.clone())))
        };
        (Self::with(Box::new(load), prompt), open)
    }

    /// A sheet for whatever `load` brings.
    pub(crate) fn with(load: Load, prompt: &str) -> Self {
        let settings =
            Settings { prompt: prompt.to_owned(), underpaints: false, ..Settings::default() };
        let studio = Studio::start(load, settings, Arc::new(|| ())).unwrap();
        let mut teller = Self { studio };
        teller.wait_until("the model is ready", |it| it.facts().is_some());
        teller
    }

    /// Selects what means the same as this cell.
    pub(crate) fn touch_with_wand(&mut self, cell: Cell) {
        self.studio.perform(StudioAction::PickTool(Tool::Wand));
        let pointer = Pointer::Down(middle_of(cell));
        self.studio.perform(StudioAction::Pointer { pointer, mode: Mode::Replace });
    }

    /// Waits for a state; fails if it does not come.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, is_so: impl Fn(&Studio) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !is_so(&self.studio) {
            assert!(
                Instant::now() < deadline,
                "it never came that {what}: {:?}",
                self.studio.notices()
            );
            self.studio.wait_for_news(Duration::from_millis(20));
        }
    }

    /// Asks for something, and waits until it is done.
    #[track_caller]
    pub(crate) fn perform(&mut self, action: impl Into<Action>) {
        self.studio.perform(action);
        self.rest();
    }

    /// Writes the active picture, and waits until that is done.
    #[track_caller]
    pub(crate) fn export(&mut self, path: PathBuf, with_prompt: bool) {
        let document = self.studio.active().id();
        self.perform(StudioAction::Export {
            document,
            path,
            options: ExportOptions {
                file: FileOptions {
                    tells: Tells { prompt: with_prompt, ..Tells::default() },
                    ..FileOptions::default()
                },
                ..ExportOptions::default()
            },
        });
    }

    #[track_caller]
    pub(crate) fn rest(&mut self) {
        self.wait_until("all is quiet", |it| {
            !it.active().is_looking()
                && (!it.active().is_painting() || it.active().is_paused())
                && !it.has_running_tasks()
        });
    }

    /// The picture as text, `.` for a cell without a code.
    pub(crate) fn picture(&self) -> String {
        let picture = self.studio.active().picture();
        let cols = usize::from(picture.grid.cols);
        let mut text = String::new();
        for (idx, state) in picture.cells.iter().enumerate() {
            if 0 < idx && idx % cols == 0 {
                text.push(' ');
            }
            text.push(state.code.map_or('.', letter));
        }
        text
    }

    /// RGBA8 values of everything that is seen.
    pub(crate) fn pixels(&self) -> Vec<u8> {
        self.studio.active().picture().composite(self.studio.active().picture().grid.area())
    }

    /// The cells in which any pixel differs from `older`.
    pub(crate) fn cells_unlike(&self, older: &[u8]) -> Vec<Cell> {
        let grid = self.studio.active().picture().grid;
        let now = self.pixels();
        let row = grid.width() as usize * 4;
        let differs = |cell: &Cell| {
            let area = grid.pixels(CellRect::of(*cell));
            (area.top..area.bottom).any(|y| {
                let start = y as usize * row + area.left as usize * 4;
                let end = y as usize * row + area.right as usize * 4;
                now[start..end] != older[start..end]
            })
        };
        grid.cells().filter(differs).collect()
    }
}
