//! Painting without a window: the same studio as the window's, driven by options and a script.

mod cutout;
mod elsewhere;
mod error;
mod report;
mod script;
mod set_up;
mod wording;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub use self::cutout::{CutoutJob, cutout};
use self::error::Result;
pub use self::error::{EntryError, Error};
pub use self::report::{EditReport, Report, Understood};
pub use self::script::{Entry, read as read_script};
use crate::base::{Code, GuidedSpan, Order, Sampling};
use crate::document::BrushStyle;
use crate::engine::{Guessing, Load};
use crate::export::{ExportFile, ExportOptions};
use crate::film::{self, FilmOptions};
use crate::io::{self, Tells};
use crate::studio::{DocumentAction, NewCanvas, Reach, Studio, StudioEvent};

/// How often somebody who waits looks up.
const PATIENCE: Duration = Duration::from_millis(200);

/// What to paint.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Empty for that of the picture that is opened.
    pub prompt: String,
    /// In these, `None` is for what is said in the picture that is opened, or what suits the model.
    pub negative: Option<String>,
    pub seed: Option<u64>,
    pub guidance: Option<f32>,
    pub sampling: SamplingOverrides,
    pub canvas: NewCanvas,
    pub order: Option<Order>,
    pub guessing: Guessing,
    /// A picture to be edited, in place of one that is painted first. The script's entries happen one after the
    /// other then.
    pub open: Option<PathBuf>,
    pub script: Vec<Entry>,
    /// How many cells are to be settled; `None` for all. A project that is saved then goes on where it stopped.
    pub stop_at: Option<usize>,
    /// Where the picture is kept while it is painted, for the case of a crash.
    pub journals: Option<PathBuf>,
    /// Where the script was read, to be named where something is wrong with it.
    pub script_path: Option<PathBuf>,
    pub out: PathBuf,
    /// Where to keep the picture before and after each edit.
    pub steps: Option<PathBuf>,
    /// What becomes of the picture at the end, where it is no project.
    pub options: ExportOptions,
}

impl Default for Job {
    /// Nothing is asked for.
    fn default() -> Self {
        Self {
            prompt: String::new(),
            negative: None,
            seed: None,
            guidance: None,
            sampling: SamplingOverrides::default(),
            canvas: NewCanvas::default(),
            order: None,
            guessing: Guessing::Auto,
            open: None,
            script: Vec::new(),
            stop_at: None,
            journals: None,
            script_path: None,
            out: PathBuf::new(),
            steps: None,
            options: ExportOptions::default(),
        }
    }
}

/// How codes are to be drawn; `None` as in [`Job`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SamplingOverrides {
    pub temperature: Option<f32>,
    pub top_k: Option<usize>,
    pub top_p: Option<f32>,
    pub guided: Option<GuidedSpan>,
}

impl SamplingOverrides {
    fn or(self, own: Sampling) -> Sampling {
        Sampling {
            temperature: self.temperature.unwrap_or(own.temperature),
            top_k: self.top_k.unwrap_or(own.top_k),
            top_p: self.top_p.unwrap_or(own.top_p),
            guided: self.guided.unwrap_or(own.guided),
        }
    }
}

/// Paints, and calls `progress` with the settled cells and the cells in all as it goes.
///
/// # Errors
/// Says what could not be done, the path last.
pub fn paint(
    job: &Job,
    load: Load,
    progress: &mut dyn FnMut(usize, usize),
) -> std::result::Result<Report, Error> {
    let mut runner = Runner::set_up(job, load)?;
    let done = runner.paint(job, progress);
    // Whatever came of it, what there is lies in files now, or is not worth keeping.
    runner.studio.close_journals();
    done
}

/// What is to be exported.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportJob {
    /// A project, or a picture.
    pub file: PathBuf,
    /// Each becomes a file in every size that the options say; their names say the formats.
    pub outs: Vec<PathBuf>,
    pub options: ExportOptions,
}

/// Exports a project or a picture as it stands, finished. `progress` is told the share that is done. Returns all files that were
/// written.
///
/// # Errors
/// Says what could not be done, the path last.
pub fn export(
    job: &ExportJob,
    load: Load,
    progress: &(dyn Fn(f32) + Sync),
) -> std::result::Result<Vec<PathBuf>, Error> {
    for out in &job.outs {
        io::check_writable(out)?;
    }
    let open = Some(job.file.clone());
    let out = job.outs.first().cloned().unwrap_or_default();
    let mut runner = Runner::set_up(&Job { open, out, ..Job::default() }, load)?;
    runner.opened = job.file.canonicalize().ok();
    let files = runner.export(&job.outs, &job.options, progress)?;
    Ok(files.into_iter().map(|it| it.path).collect())
}

/// What a film is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct FilmJob {
    /// A project.
    pub file: PathBuf,
    pub out: PathBuf,
    pub options: FilmOptions,
    pub tells: Tells,
}

/// Makes a film of how a project came about. `progress` is told the share that is done.
///
/// # Errors
/// Says what could not be done, the path last.
pub fn film(job: &FilmJob, load: Load, progress: &dyn Fn(f32)) -> std::result::Result<(), Error> {
    io::check_writable(&job.out)?;
    let (open, out) = (Some(job.file.clone()), job.out.clone());
    let runner = Runner::set_up(&Job { open, out, ..Job::default() }, load)?;
    let document = runner.studio.active();
    // Opened is one moment.
    if document.recording().moments().len() < 2 && !document.is_painting() {
        let told = document.recording().moments().first().is_some_and(|it| !it.settled.is_empty());
        if !told {
            return Err(film::Error::Nothing.into());
        }
    }
    let metadata = document.export().metadata;
    let go_on = |share: f32| {
        progress(share);
        true
    };
    film::write(document.recording(), &job.out, &metadata, job.tells, &job.options, &go_on)?;
    Ok(())
}

impl Runner {
    fn paint(
        &mut self,
        job: &Job,
        progress: &mut dyn FnMut(usize, usize),
    ) -> std::result::Result<Report, Error> {
        self.check(job)?;
        let began = Instant::now();

        let mut edits = Vec::new();
        if let Err(why) = self.carry_out(job, &mut edits, progress) {
            let is_changed = !edits.is_empty() || 0 < self.studio.active().passes_so_far();
            return Err(if is_changed { self.save_unfinished(job, why) } else { why });
        }
        let seconds = began.elapsed().as_secs_f64();
        self.save_finished(job)?;
        Ok(self.report(job, seconds, edits))
    }
}

/// A studio, and what is measured on it.
struct Runner {
    studio: Studio,
    /// When the edit in hand, or the painting, was begun.
    started: Instant,
    first_cell: Option<Instant>,
    passes_before: usize,
    codes_before: Vec<Option<Code>>,
    notices: Vec<String>,
    /// What was opened to be exported, which is not to be overwritten.
    opened: Option<PathBuf>,
    /// Whether another program noted how the picture that was opened came about.
    is_theirs: bool,
}

impl Runner {
    fn understood(&self, job: &Job) -> Vec<Understood> {
        let Some(facts) = self.studio.facts() else { return Vec::new() };
        let in_script = job.script.iter().flat_map(|it| {
            [
                it.prompt.as_deref(),
                it.repaint.as_ref().and_then(|it| it.prompt.as_deref()),
                it.extend.as_ref().and_then(|it| it.prompt.as_deref()),
            ]
        });
        let settings = self.studio.active().pending();
        let prompts = [settings.prompt.as_str(), settings.negative.as_str(), &job.prompt];
        let mut found = Vec::new();
        for text in prompts.into_iter().chain(in_script.flatten()) {
            for it in facts.understand(text) {
                let taken_for = it.as_known().map(str::to_owned);
                let understood = Understood { word: it.word, taken_for };
                if !found.contains(&understood) {
                    found.push(understood);
                }
            }
        }
        found
    }

    /// Takes one piece of news in.
    fn wait(&mut self) -> Result<()> {
        self.studio.wait_for_news(PATIENCE);
        self.check_events()
    }

    /// Whether anything that was asked for has failed, or was refused.
    fn check_events(&mut self) -> Result<()> {
        match self.studio.take_events().iter().find_map(StudioEvent::failure) {
            Some(why) => Err(Error::Failed(why)),
            None => Ok(()),
        }
    }

    fn n_settled(&self) -> usize {
        let open = self.studio.active().open().map_or(0, |it| it.len());
        self.studio.active().picture().cells.len() - open
    }

    /// The painting begun next pauses when so many cells are settled, if that is not all.
    fn pause_at(&mut self, n_settled: Option<usize>) {
        let n_cells = self.studio.active().picture().cells.len();
        self.studio.perform(DocumentAction::PauseAt(n_settled.filter(|&it| it < n_cells)));
    }

    /// Paints, and does what the script says on the way; `edits` are those that are done or under way.
    fn carry_out(
        &mut self,
        job: &Job,
        edits: &mut Vec<EditReport>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<()> {
        // An opened picture is finished before each edit.
        let to_pause_for = |idx: usize| {
            let entry = job.script.get(idx).filter(|_| job.open.is_none());
            entry.map(|it| it.at).or(job.stop_at)
        };
        self.pause_at(to_pause_for(0));
        let picture = self.studio.active().picture();
        if self.studio.active().is_paused() {
            self.studio.perform(DocumentAction::Continue);
        } else if !picture.is_finished() || picture.is_wet() {
            self.studio.perform(DocumentAction::Paint);
        }
        for idx in 0..=job.script.len() {
            let before = idx.checked_sub(1);
            self.wait_for_rest(progress).map_err(|err| match before {
                Some(idx) => err.in_entry(idx).in_script(job),
                None => err,
            })?;
            self.finish_report(edits.last_mut());
            self.keep(job, before, "after")?;
            let Some(entry) = job.script.get(idx) else { break };
            self.keep(job, Some(idx), "before")?;
            self.pause_at(to_pause_for(idx + 1));
            edits.push(self.edit(entry).map_err(|err| err.in_entry(idx).in_script(job))?);
        }
        Ok(())
    }

    /// What was painted until something failed is not lost, and takes no other picture's place. Returns what is to be said.
    fn save_unfinished(&self, job: &Job, err: Error) -> Error {
        let path = job.out.with_extension("unfinished.png");
        let error = Box::new(err);
        let kept = self
            .save(&path)
            .map(|()| path)
            .or_else(|why| elsewhere::keep(&job.out, |path| self.save(path)).ok_or(why));
        match kept {
            Ok(path) => Error::Unfinished { error, path },
            Err(why) => Error::Lost { error, why },
        }
    }

    /// A finished picture that cannot be saved where it was to go. Returns what is to be said.
    fn keep_elsewhere(&self, out: &Path, why: io::Error) -> Error {
        match elsewhere::keep(out, |path| self.save(path)) {
            Some(path) => Error::KeptElsewhere { why, path },
            None => why.into(),
        }
    }

    fn report(&self, job: &Job, seconds: f64, edits: Vec<EditReport>) -> Report {
        let document = self.studio.active();
        let facts = self.studio.facts();
        let total = document.total_stats();
        let secs = f64::from(total.secs);
        let cells_per_second = if 0.0 < secs { total.n_settled as f64 / secs } else { 0.0 };
        Report {
            model: facts.map_or_else(String::new, |it| it.name().to_owned()),
            hardware: facts.map_or_else(String::new, |it| it.hardware.clone()),
            prompt: document.pending().prompt.clone(),
            seed: document.pending().seed,
            cells: total.n_settled,
            passes: document.passes_so_far(),
            seconds,
            decode_seconds: f64::from(total.decode_secs),
            cells_per_second,
            understood: self.understood(job),
            edits,
            notices: self.notices.clone(),
        }
    }

    /// Waits until the picture is finished, or paused for the next edit.
    fn wait_for_rest(&mut self, progress: &mut dyn FnMut(usize, usize)) -> Result<()> {
        let n_cells = self.studio.active().picture().cells.len();
        loop {
            let is_busy = self.studio.active().is_painting() && !self.studio.active().is_paused();
            if !is_busy && !self.studio.active().is_looking() {
                return self.check_events();
            }
            let before = self.n_settled();
            self.wait()?;
            if before < self.n_settled() {
                self.first_cell.get_or_insert_with(Instant::now);
            }
            progress(self.n_settled(), n_cells);
        }
    }

    /// Does what the script says, through the same actions as the window.
    fn edit(&mut self, entry: &Entry) -> Result<EditReport> {
        let (grid, canvas) =
            (self.studio.active().picture().grid, self.studio.active().picture().canvas);
        let studio = &self.studio;
        let repaint =
            |it: &script::Patch| it.repaint(grid, canvas, |it| studio.active().cells_that_show(it));
        let repaint = entry.repaint.as_ref().map(repaint).transpose()?;
        self.passes_before = self.studio.active().passes_so_far();
        self.codes_before = self.codes();
        self.first_cell = None;
        self.started = Instant::now();

        if let Some(prompt) = &entry.prompt {
            self.studio.perform(DocumentAction::SetPrompt(prompt.clone()));
            let is_finished =
                self.studio.active().picture().is_finished() && !self.studio.active().is_painting();
            self.studio.perform(if is_finished {
                DocumentAction::Paint
            } else {
                DocumentAction::Continue
            });
        }
        if let Some(stroke) = &entry.stroke {
            let style = BrushStyle {
                size: stroke.radius * 2.0,
                colour: stroke.colour.rgb()?,
                ..BrushStyle::default()
            };
            self.studio.stroke(style, &stroke.points(canvas));
            match stroke.follow {
                Reach::Rest => self.studio.perform(DocumentAction::FollowStrokes),
                Reach::Only => {
                    self.studio.perform(DocumentAction::LeaveStrokes);
                    if self.studio.active().is_painting() {
                        self.studio.perform(DocumentAction::Continue);
                    }
                }
            }
        }
        if let Some(repaint) = repaint {
            self.studio.perform(DocumentAction::Repaint(repaint));
        }
        if let Some(strips) = &entry.extend {
            self.studio.perform(DocumentAction::Reframe(strips.sides()?));
            self.codes_before = self.codes();
            if let Some(prompt) = &strips.prompt {
                self.studio.perform(DocumentAction::SetPrompt(prompt.clone()));
            }
            self.studio.perform(DocumentAction::Continue);
        }
        // Where strokes are to be read first, the painting begins only afterwards.
        while self.studio.active().is_looking() {
            self.wait()?;
        }
        self.check_events()?;
        let grid = self.studio.active().picture().grid;
        let open = self.studio.active().open().cloned().unwrap_or_default();
        let could_change = open.iter().filter(|&&it| self.codes_before[grid.idx(it)].is_some());
        Ok(EditReport { could_change: could_change.count(), ..EditReport::default() })
    }

    fn finish_report(&self, report: Option<&mut EditReport>) {
        let Some(report) = report else { return };
        let codes = self.codes();
        let pairs = self.codes_before.iter().zip(&codes);
        report.changed = pairs.filter(|(old, new)| old.is_some() && old != new).count();
        report.passes = self.studio.active().passes_so_far() - self.passes_before;
        report.seconds = self.started.elapsed().as_secs_f64();
        let first = self.first_cell.map(|it| it.duration_since(self.started));
        report.first_cell_seconds = first.map_or(0.0, |it| it.as_secs_f64());
    }

    fn codes(&self) -> Vec<Option<Code>> {
        self.studio.active().picture().codes()
    }

    /// Keeps the picture as it stands, where the stages are wanted.
    fn keep(&self, job: &Job, edit: Option<usize>, when: &str) -> Result<()> {
        match (&job.steps, edit) {
            (Some(folder), Some(idx)) => Ok(self.save(&folder.join(format!("{idx}-{when}.png")))?),
            _ => Ok(()),
        }
    }

    /// Writes the picture as it stands, finished, in each size to each of `outs`.
    fn export(
        &self,
        outs: &[PathBuf],
        options: &ExportOptions,
        progress: &(dyn Fn(f32) + Sync),
    ) -> Result<Vec<ExportFile>> {
        let export = self.studio.active().export();
        let too_large = || Error::finish_too_large(export.size(), options);
        // Every name says its own format.
        let options = ExportOptions { formats: Vec::new(), ..options.clone() };
        let files = outs.iter().map(|it| options.files(it, export.size()).ok_or_else(too_large));
        let mut files: Vec<ExportFile> = files.collect::<Result<Vec<_>>>()?.concat();
        files.sort_by(|a, b| a.scale.total_cmp(&b.scale));
        files.dedup_by(|a, b| a.path == b.path);
        for file in &files {
            self.check_apart(&file.path)?;
        }
        export.write(&files, &options, &|share| {
            progress(share);
            true
        })?;
        Ok(files)
    }

    /// Whether writing there leaves the file alone that was opened.
    fn check_apart(&self, out: &Path) -> Result<()> {
        let is_source = |it: &PathBuf| out.canonicalize().is_ok_and(|out| out == *it);
        match self.opened.as_ref().filter(|it| is_source(it)) {
            Some(_) => Err(Error::IsSource(out.to_owned())),
            None => Ok(()),
        }
    }

    fn save_finished(&self, job: &Job) -> Result<()> {
        if io::is_project(&job.out) {
            return self.save(&job.out).map_err(|why| self.keep_elsewhere(&job.out, why));
        }
        match self.export(std::slice::from_ref(&job.out), &job.options, &|_| ()) {
            Err(Error::File(why)) => Err(self.keep_elsewhere(&job.out, why)),
            done => done.map(drop),
        }
    }

    fn save(&self, path: &Path) -> io::Result<()> {
        if io::is_project(path) {
            return io::write_project(path, &self.studio.active().project());
        }
        let plain = ExportOptions::default();
        let files = [ExportFile { path: path.to_owned(), scale: 1.0 }];
        self.studio.active().export().write(&files, &plain, &|_| true).map(drop)
    }
}
