//! From a job to a studio that can begin with it.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::error::{EntryError, Error, Result};
use super::{Job, Runner};
use crate::base::{Grid, Order};
use crate::document::Picture;
use crate::engine::Load;
use crate::io::{self, Notice, Opened, OpenedProject, Origin, ProjectNotice};
use crate::settings::Settings;
use crate::studio::{Document, DocumentAction, Studio, StudioAction};

/// Whether the cells that an order lists lie on the canvas.
fn check_order(order: &Order, grid: Grid) -> Result<()> {
    let Order::List(cells) = order else { return Ok(()) };
    match cells.iter().find(|&&it| !grid.all().contains(it)) {
        Some(&cell) => Err(Error::OrderOffCanvas { cell, grid }),
        None => Ok(()),
    }
}

/// What a job begins with.
enum ToOpen {
    Picture(Box<Opened>),
    Project(Box<OpenedProject>),
}

impl ToOpen {
    fn read(path: &Path) -> io::Result<Self> {
        Ok(if io::is_project(path) {
            Self::Project(Box::new(io::read_project(path)?))
        } else {
            Self::Picture(Box::new(io::open_picture(path)?))
        })
    }
}

impl Runner {
    /// What can fail without a model is done before it is loaded.
    pub(super) fn set_up(job: &Job, load: Load) -> Result<Self> {
        io::check_writable(&job.out)?;
        if let Some(folder) = &job.steps {
            io::check_writable(&folder.join("0-before.png"))?;
        }
        let opened = job.open.as_deref().map(ToOpen::read).transpose()?;
        let prompt = job.prompt.clone();
        let settings = Settings { prompt, underpaints: false, ..Settings::default() };
        let studio = Studio::start(load, settings, Arc::new(|| ())).map_err(Error::Engine)?;
        let mut runner = Self {
            studio,
            started: Instant::now(),
            first_cell: None,
            passes_before: 0,
            codes_before: Vec::new(),
            notices: Vec::new(),
            opened: None,
            is_theirs: false,
        };
        if let Some(root) = &job.journals
            && let Err(err) = runner.studio.keep_journals(root.clone())
        {
            log::warn!("A crash would lose what is painted: {err}");
        }
        while runner.studio.facts().is_none() {
            runner.wait()?;
        }
        runner.studio.set_guessing(job.guessing);
        runner.studio.perform(StudioAction::NewCanvas(job.canvas));
        runner.check_events()?;
        if let Some(opened) = opened {
            runner.open(opened)?;
        }
        runner.apply(job)?;
        Ok(runner)
    }

    /// Opens a picture, and waits until the model has read it.
    fn open(&mut self, opened: ToOpen) -> Result<()> {
        let done = match opened {
            ToOpen::Picture(opened) => {
                self.notices = opened.notices.iter().map(Notice::to_string).collect();
                if let Origin::Theirs(recipe) = &opened.origin {
                    let program = recipe.program.name();
                    let words = [&recipe.prompt, &recipe.negative].map(|it| it.trim());
                    self.is_theirs = true;
                    self.notices.push(format!(
                        "{program} notes of it: {:?}, without {:?}",
                        words[0], words[1]
                    ));
                }
                self.studio.open_picture(*opened)
            }
            ToOpen::Project(opened) => {
                if let OpenedProject::Foreign { notices, .. } = &*opened {
                    self.notices = notices.iter().map(ProjectNotice::to_string).collect();
                }
                self.studio.open_project(*opened)
            }
        };
        done.map_err(|it| Error::Failed(it.to_string()))?;
        // A painting that was kept is paused before it goes on.
        let is_at_rest = |it: &Document| !it.is_looking() && it.is_painting() == it.is_paused();
        while !is_at_rest(self.studio.active()) {
            self.wait()?;
        }
        Ok(())
    }

    /// What is asked for has its way over what a picture brought along.
    fn apply(&mut self, job: &Job) -> Result<()> {
        let studio = &mut self.studio;
        if !job.prompt.trim().is_empty() {
            studio.perform(DocumentAction::SetPrompt(job.prompt.clone()));
        }
        // Who has words of their own wants to hear none of others.
        let is_said = !job.prompt.trim().is_empty();
        let unsaid = (is_said && self.is_theirs).then(String::new);
        if let Some(negative) = job.negative.clone().or(unsaid) {
            studio.perform(DocumentAction::SetNegative(negative));
        }
        if let Some(seed) = job.seed {
            studio.perform(DocumentAction::SetSeed(seed));
        }
        if let Some(guidance) = job.guidance {
            studio.perform(DocumentAction::SetGuidance(guidance));
        }
        let sampling = job.sampling.or(studio.active().pending().sampling);
        studio.perform(DocumentAction::SetSampling(sampling));
        if let Some(order) = job.order.clone() {
            check_order(&order, studio.active().picture().grid)?;
            studio.perform(DocumentAction::SetOrder(order));
        }
        Ok(())
    }

    /// Whether the script can be done, as far as that can be told before anything is painted: whether all lies on the
    /// canvas, and has a prompt.
    pub(super) fn check(&self, job: &Job) -> Result<()> {
        // What becomes of the canvas, not of what is on it.
        let active = self.studio.active();
        let blank = Picture::new(active.picture().grid, active.pending().clone());
        let mut picture = Picture { canvas: active.picture().canvas, ..blank };
        let labels = self.studio.facts().map_or(&[][..], |it| &it.labels);
        let mut has_prompt = !self.studio.active().pending().prompt.trim().is_empty();
        for (idx, entry) in job.script.iter().enumerate() {
            let here = |err: EntryError| Error::from(err).in_entry(idx).in_script(job);
            has_prompt |= entry.brings_prompt();
            if !has_prompt && entry.needs_prompt() {
                return Err(here(EntryError::NoPrompt));
            }
            if let Some(stroke) = &entry.stroke {
                stroke.check_on(picture.canvas).map_err(here)?;
            }
            if let Some(patch) = &entry.repaint {
                patch.check_on(picture.grid, picture.canvas, labels).map_err(here)?;
                if patch.label.is_some() && job.open.is_none() && entry.at < picture.grid.n_cells()
                {
                    return Err(here(EntryError::TooEarly(picture.grid.n_cells())));
                }
            }
            if let Some(strips) = &entry.extend {
                let sides = strips.sides().map_err(here)?;
                let extended = picture.reframed(sides, picture.grid.rows, picture.grid.cols);
                picture = extended.ok_or(here(EntryError::TooLarge(
                    u32::from(Grid::MAX_SIDE) * u32::from(picture.grid.cell_pixels),
                )))?;
            }
        }
        let size = [picture.canvas.width(), picture.canvas.height()];
        if job.options.files(&job.out, size).is_none() {
            return Err(Error::finish_too_large(size, &job.options));
        }
        Ok(())
    }
}
