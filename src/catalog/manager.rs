//! The catalogue for a window: everything that takes time is done on threads of its own, which send plain
//! data back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;
use std::time::Instant;

use super::error::{Error, Result};
use super::estimate::read_bandwidth;
use super::transfer::{Progress, ProgressHandle};
use super::{Catalog, KNOWN, ModelEntry, Removal, Verdict};

/// What can be done with a model that takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelTask {
    Fetch,
    Verify,
    Remove,
}

/// A task that goes on with a model.
#[derive(Debug)]
pub struct RunningTask {
    pub task: ModelTask,
    /// `None` until it is known how much there is to do.
    pub progress: Option<Progress>,
    /// It has been told to stop, and will at the next occasion.
    pub is_stopping: bool,
    /// When the first of the bytes came that this run has brought, and how many were there by then.
    begun: Option<(Instant, u64)>,
    stop: Sender<()>,
}

impl RunningTask {
    /// How fast it goes; `None` in the first half second.
    #[must_use]
    pub fn bytes_per_sec(&self) -> Option<f64> {
        let ((since, before), progress) = (self.begun?, self.progress?);
        let secs = since.elapsed().as_secs_f64();
        (0.5 < secs).then(|| progress.done.saturating_sub(before) as f64 / secs)
    }
}

/// What a thread brings.
enum News {
    Entries(Vec<ModelEntry>),
    Bandwidth(f64),
    /// What was noted of models cannot be read.
    RegisterProblem(Error),
    /// What is on the disk could not be looked at.
    NotRefreshed(Error),
    Progress {
        name: String,
        progress: Progress,
    },
    /// With an outcome to show, or none where the list says it all.
    Ended {
        name: String,
        result: Result<Option<String>>,
    },
}

/// Runs a job on a thread of its own.
type Spawner = fn(Box<dyn FnOnce() + Send>) -> std::io::Result<()>;

/// The catalogue as a window sees it: as it was at the last refresh.
pub struct ModelManager {
    catalog: Catalog,
    wake: Arc<dyn Fn() + Send + Sync>,
    spawner: Spawner,
    sender: Sender<News>,
    receiver: Receiver<News>,
    entries: Vec<ModelEntry>,
    running_tasks: BTreeMap<String, RunningTask>,
    /// By the name of the model: what became of the last task, good or bad.
    outcomes: BTreeMap<String, String>,
    bandwidth: Option<f64>,
    was_refreshed: bool,
    /// What the artist was told of it, once and not each time.
    register_problem: Option<String>,
}

impl ModelManager {
    /// `wake` is called when there is news.
    #[must_use]
    pub fn new(catalog: Catalog, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let (sender, receiver) = channel();
        Self {
            catalog,
            wake,
            spawner: |job| Builder::new().name("catalogue".to_owned()).spawn(job).map(drop),
            sender,
            receiver,
            entries: Vec::new(),
            running_tasks: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            bandwidth: None,
            was_refreshed: false,
            register_problem: None,
        }
    }

    /// The models, the built-in one first; none before the first refresh has ended.
    #[must_use]
    pub fn entries(&self) -> &[ModelEntry] {
        &self.entries
    }

    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&ModelEntry> {
        self.entries.iter().find(|it| it.name == name)
    }

    #[must_use]
    pub fn running_task(&self, name: &str) -> Option<&RunningTask> {
        self.running_tasks.get(name)
    }

    /// What became of the last task with a model, as a text.
    #[must_use]
    pub fn outcome(&self, name: &str) -> Option<&str> {
        self.outcomes.get(name).map(String::as_str)
    }

    /// How fast this machine reads memory, in bytes per second, once that is measured.
    #[must_use]
    pub const fn bandwidth(&self) -> Option<f64> {
        self.bandwidth
    }

    /// Looks what is on the disk; the first time also measures how fast the machine is.
    pub fn refresh(&mut self) {
        let is_first = !std::mem::replace(&mut self.was_refreshed, true);
        let (catalog, sender, wake) =
            (self.catalog.clone(), self.sender.clone(), Arc::clone(&self.wake));
        let spawned = self.spawn(move || {
            let _ = sender.send(News::Entries(catalog.entries()));
            if let Some(problem) = catalog.register_problem() {
                let _ = sender.send(News::RegisterProblem(problem));
            }
            wake();
            if is_first {
                let _ = sender.send(News::Bandwidth(read_bandwidth()));
                wake();
            }
        });
        if let Err(err) = spawned {
            self.was_refreshed = !is_first;
            self.tell(News::NotRefreshed(err));
        }
    }

    /// Accepts the licences of a known model, and downloads it.
    pub fn accept_and_fetch(&mut self, name: &str) {
        let known = KNOWN.iter().find(|it| it.name == name);
        self.start(name, ModelTask::Fetch, move |catalog, name, progress| {
            known.map_or(Ok(()), |it| catalog.accept(it))?;
            catalog.fetch(name, progress).map(|()| None)
        });
    }

    pub fn verify(&mut self, name: &str) {
        self.start(name, ModelTask::Verify, |catalog, name, progress| {
            catalog.verify(name, progress).map(|it| Some(verdict(&it)))
        });
    }

    pub fn remove(&mut self, name: &str) {
        self.start(name, ModelTask::Remove, |catalog, name, _| {
            catalog.remove(name).map(|it| removal(&it))
        });
    }

    /// Makes a file or folder a model.
    pub fn add(&mut self, path: PathBuf) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        self.start(&name, ModelTask::Verify, move |catalog, _, _| {
            catalog.add(&path, None, None).map(|_| None)
        });
    }

    /// What goes on with a model pauses at the next occasion.
    pub fn stop(&mut self, name: &str) {
        if let Some(running) = self.running_tasks.get_mut(name) {
            running.is_stopping = true;
            // It may have ended by itself in the meantime.
            let _ = running.stop.send(());
        }
    }

    fn start(
        &mut self,
        name: &str,
        task: ModelTask,
        job: impl FnOnce(&Catalog, &str, &mut ProgressHandle) -> Result<Option<String>> + Send + 'static,
    ) {
        if self.running_tasks.contains_key(name) {
            return;
        }
        self.outcomes.remove(name);
        let (catalog, sender, wake) =
            (self.catalog.clone(), self.sender.clone(), Arc::clone(&self.wake));
        let report = {
            let (name, sender, wake) = (name.to_owned(), sender.clone(), Arc::clone(&wake));
            move |progress| {
                let _ = sender.send(News::Progress { name: name.clone(), progress });
                wake();
            }
        };
        let (mut progress, stop) = ProgressHandle::new(report);
        let running = RunningTask { task, progress: None, is_stopping: false, begun: None, stop };
        self.running_tasks.insert(name.to_owned(), running);
        let worked_on = name.to_owned();
        let spawned = self.spawn(move || {
            let result = job(&catalog, &worked_on, &mut progress);
            let _ = sender.send(News::Entries(catalog.entries()));
            let _ = sender.send(News::Ended { name: worked_on, result });
            wake();
        });
        // Ended before it has begun: the model is free again, and the artist told.
        if let Err(err) = spawned {
            self.tell(News::Ended { name: name.to_owned(), result: Err(err) });
        }
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) -> Result<()> {
        (self.spawner)(Box::new(job)).map_err(Error::NoThread)
    }

    /// As a thread would tell it.
    fn tell(&self, news: News) {
        let _ = self.sender.send(news);
        (self.wake)();
    }

    /// Takes in what has happened since; never waits. Returns what the artist should be told.
    pub fn absorb_news(&mut self) -> Vec<String> {
        let mut notices = Vec::new();
        while let Ok(news) = self.receiver.try_recv() {
            match news {
                News::Entries(entries) => self.entries = entries,
                News::Bandwidth(bandwidth) => self.bandwidth = Some(bandwidth),
                News::RegisterProblem(problem) => {
                    let text = problem.to_string();
                    if self.register_problem.as_ref() != Some(&text) {
                        log::warn!("{text}");
                        notices.push(text.clone());
                        self.register_problem = Some(text);
                    }
                }
                News::NotRefreshed(err) => {
                    log::warn!("{err}");
                    notices.push(err.to_string());
                }
                News::Progress { name, progress } => {
                    if let Some(running) = self.running_tasks.get_mut(&name) {
                        running.begun.get_or_insert_with(|| (Instant::now(), progress.done));
                        running.progress = Some(progress);
                    }
                }
                News::Ended { name, result } => notices.extend(self.end(name, result)),
            }
        }
        notices
    }

    fn end(&mut self, name: String, result: Result<Option<String>>) -> Option<String> {
        let running = self.running_tasks.remove(&name);
        match result {
            Ok(None) => match running.map(|it| it.task) {
                Some(ModelTask::Fetch) => {
                    Some(format!("{name} is here: choose Use in Models to paint with it"))
                }
                _ => None,
            },
            Ok(Some(text)) => {
                self.outcomes.insert(name, text);
                None
            }
            // Asked for: the list says so.
            Err(Error::Paused) => None,
            Err(err) => {
                log::warn!("{name}: {err}");
                if self.entry(&name).is_none() {
                    // It is not in the list, where it could be said.
                    return Some(err.to_string());
                }
                self.outcomes.insert(name, err.to_string());
                None
            }
        }
    }
}

/// What a check has come to, in a sentence.
#[must_use]
pub fn verdict(verdict: &Verdict) -> String {
    let Verdict { n_sound, n_unknown, damaged } = verdict;
    let unknown = match n_unknown {
        0 => String::new(),
        n => format!("; {n} without a published checksum"),
    };
    match damaged.first() {
        None if *n_sound == 0 => "No checksum was published for it".to_owned(),
        None => format!("Sound: {n_sound} files are as they were published{unknown}"),
        Some(path) => format!(
            "Damaged: {} of {} files are not what was published; remove the model and get it again\nFile: {}",
            damaged.len(),
            damaged.len() + n_sound,
            path.display()
        ),
    }
}

/// What there is to say of a removal.
#[must_use]
pub fn removal(removal: &Removal) -> Option<String> {
    match (removal.freed_bytes, removal.n_kept) {
        (_, 0) => None,
        (0, _) => Some("Its files were brought by others, and stay where they are".to_owned()),
        (_, n) => Some(format!("{n} files stay: other models or programs need them")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Places;

    const MODEL: &str = "Janus-Pro-1B";

    /// A manager with nothing on the disk.
    fn manager(folder: &tempfile::TempDir) -> ModelManager {
        let mut places = Places::from_env(Some(folder.path()));
        (places.cache, places.is_offline) = (Some(folder.path().join("hub")), true);
        ModelManager::new(Catalog::new(places), Arc::new(|| ()))
    }

    /// Every job is done before its spawning has returned.
    fn at_once(job: Box<dyn FnOnce() + Send>) -> std::io::Result<()> {
        job();
        Ok(())
    }

    fn never(_: Box<dyn FnOnce() + Send>) -> std::io::Result<()> {
        Err(std::io::ErrorKind::WouldBlock.into())
    }

    #[test]
    fn a_model_is_free_again_where_there_is_no_thread_for_its_task() {
        let folder = tempfile::tempdir().unwrap();
        let mut manager = manager(&folder);
        manager.spawner = at_once;
        manager.refresh();
        assert!(manager.absorb_news().is_empty());

        manager.spawner = never;
        manager.verify(MODEL);
        assert!(manager.absorb_news().is_empty(), "it is said beside the model");
        assert!(manager.running_task(MODEL).is_none());
        assert!(manager.outcome(MODEL).unwrap().contains("thread"));
        manager.add(folder.path().join("unheard of.pt"));
        let notices = manager.absorb_news();
        assert!(notices.len() == 1 && notices[0].contains("thread"), "{notices:?}");

        manager.spawner = at_once;
        manager.verify(MODEL);
        manager.absorb_news();
        assert!(manager.outcome(MODEL).unwrap().contains("is not here yet"));
    }

    #[test]
    fn a_list_that_cannot_be_made_is_told_and_made_later() {
        let folder = tempfile::tempdir().unwrap();
        let mut manager = manager(&folder);
        manager.spawner = never;
        manager.refresh();
        assert_eq!(manager.absorb_news().len(), 1);
        manager.spawner = at_once;
        manager.refresh();
        assert!(manager.absorb_news().is_empty());
        assert!(manager.entry(MODEL).is_some() && manager.bandwidth().is_some());
    }

    #[test]
    fn damaged_notes_are_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let register = folder.path().join("models.json");
        std::fs::write(&register, "{").unwrap();
        let mut manager = manager(&folder);
        manager.spawner = at_once;
        manager.refresh();
        let notices = manager.absorb_news();
        assert_eq!(notices.len(), 1);
        assert!(notices[0].contains(&register.display().to_string()), "{notices:?}");
        manager.refresh();
        assert!(manager.absorb_news().is_empty());
    }
}
