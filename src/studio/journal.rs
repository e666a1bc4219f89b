//! Open documents are kept on the disk as they change, so that no crash loses more than the last seconds: the window hands
//! states over, a thread of its own writes what is new in them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};

use super::document::Document;
use super::event::{Refusal, StudioEvent};
use super::state::{Studio, Wake};
use super::tasks::TaskDone;
use crate::base::{DocumentId, EntryId, LayerId};
use crate::document::PaintSettings;
use crate::io::{self, Journal, OpenedProject, Recovered, State};

/// Between two states of a document that are noted.
const INTERVAL: Duration = Duration::from_secs(1);

/// What a state that is noted is told apart by, without a look at its pixels.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    last: Option<EntryId>,
    kept: Option<EntryId>,
    n_open: Option<usize>,
    n_points: usize,
    n_unanswered: usize,
    pending: PaintSettings,
    active: LayerId,
    file: Option<PathBuf>,
}

/// After a failure.
const RETRY: Duration = Duration::from_secs(3);

/// Until there is something to be noted: nobody waits so long.
const FOREVER: Duration = Duration::from_secs(3600);

enum Note {
    State(DocumentId, Box<State>),
    /// The document was had back from this one, which is not needed any more when it has a journal of its own.
    Restored(DocumentId, Box<State>, Box<Recovered>),
    Close(DocumentId),
}

/// See the module.
pub(super) struct Journals {
    notes: Sender<Note>,
    failures: Receiver<String>,
    thread: Option<JoinHandle<()>>,
    noted: BTreeMap<DocumentId, (Key, Instant)>,
    /// What a process that is gone has left.
    pub(super) recovered: Vec<Recovered>,
}

impl Journals {
    fn begin(root: &Path, wake: &Wake) -> std::io::Result<Self> {
        let (notes, inbox) = unbounded();
        let (failure, failures) = unbounded();
        let (root, wake) = (root.to_owned(), Arc::clone(wake));
        let thread = Builder::new().name("journal".to_owned()).spawn(move || {
            write_all(&root, &inbox, &|text| {
                // The studio may be gone by now; then nobody is left to be told.
                let _ = failure.send(text);
                wake();
            });
        })?;
        let (noted, recovered) = (BTreeMap::new(), Vec::new());
        Ok(Self { notes, failures, thread: Some(thread), noted, recovered })
    }

    fn send(&self, note: Note) {
        // A thread that is gone has said why.
        let _ = self.notes.send(note);
    }
}

/// Writes until the studio is gone; of several states of a document that wait the newest alone.
fn write_all(root: &Path, inbox: &Receiver<Note>, fail: &dyn Fn(String)) {
    let mut journals: BTreeMap<DocumentId, Journal> = BTreeMap::new();
    // What could not be written is tried again, until something newer comes.
    let mut newest: BTreeMap<DocumentId, Box<State>> = BTreeMap::new();
    let mut restored = Vec::new();
    let mut has_failed = false;
    loop {
        let wait = if has_failed { RETRY } else { FOREVER };
        let first = match inbox.recv_timeout(wait) {
            Ok(note) => Some(note),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        for note in first.into_iter().chain(inbox.try_iter()) {
            match note {
                Note::State(id, state) => drop(newest.insert(id, state)),
                Note::Restored(id, state, old) => {
                    newest.insert(id, state);
                    restored.push(old);
                }
                Note::Close(id) => {
                    newest.remove(&id);
                    if let Some(Err(err)) = journals.remove(&id).map(Journal::discard) {
                        log::warn!("A journal could not be removed: {err}");
                    }
                }
            }
        }
        let mut done = Ok(());
        newest.retain(|id, state| {
            let noted = note(root, &mut journals, *id, state);
            let is_left = noted.is_err();
            done = std::mem::replace(&mut done, Ok(())).and(noted);
            is_left
        });
        match done {
            Ok(()) => {
                has_failed = false;
                for old in restored.drain(..) {
                    if let Err(err) = old.discard() {
                        log::warn!("A journal could not be removed: {err}");
                    }
                }
            }
            // Told once, not each second.
            Err(err) if !has_failed => {
                has_failed = true;
                fail(err.to_string());
            }
            Err(_) => (),
        }
    }
}

fn note(
    root: &Path,
    journals: &mut BTreeMap<DocumentId, Journal>,
    id: DocumentId,
    state: &State,
) -> std::io::Result<()> {
    let journal = match journals.entry(id) {
        Entry::Occupied(it) => it.into_mut(),
        Entry::Vacant(it) => it.insert(Journal::begin(root)?),
    };
    journal.note(state)
}

impl Studio {
    /// Keeps journals of open documents below `root`, and looks for what a process that is gone has left there.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn keep_journals(&mut self, root: PathBuf) -> std::io::Result<()> {
        self.journals = Some(Journals::begin(&root, &self.wake)?);
        let wake = Arc::clone(&self.wake);
        self.tasks.start(&wake, move || TaskDone::Recovered(io::recover(&root)))?;
        Ok(())
    }

    /// Notes what has changed. Called often.
    pub(super) fn note_in_journals(&mut self) {
        let Some(mut journals) = self.journals.take() else { return };
        let now = Instant::now();
        for document in self.documents() {
            if document.is_unused() {
                continue;
            }
            let key = document.key();
            let is_due = journals
                .noted
                .get(&document.id())
                .is_none_or(|(noted, when)| *noted != key && INTERVAL <= now.duration_since(*when));
            if is_due {
                journals.send(Note::State(document.id(), Box::new(document.state())));
                journals.noted.insert(document.id(), (key, now));
            }
        }
        let failure = journals.failures.try_iter().last();
        self.journals = Some(journals);
        if let Some(why) = failure {
            self.emit(StudioEvent::JournalFailed(why));
        }
    }

    /// Whether something has changed that is to be noted in a moment: the window is to look in again.
    #[must_use]
    pub fn has_unnoted(&self) -> bool {
        self.journals.as_ref().is_some_and(|journals| {
            let is_noted = |it: &Document| {
                it.is_unused()
                    || journals.noted.get(&it.id()).is_some_and(|noted| noted.0 == it.key())
            };
            !self.documents().iter().all(is_noted)
        })
    }

    /// A document is closed: nothing of it is to be had back.
    pub(super) fn close_journal(&mut self, id: DocumentId) {
        if let Some(journals) = &mut self.journals {
            journals.noted.remove(&id);
            journals.send(Note::Close(id));
        }
    }

    /// The program is left as it should be, and whoever left it was asked: nothing is to be had back.
    pub fn close_journals(&mut self) {
        let Some(mut journals) = self.journals.take() else { return };
        for document in self.documents() {
            journals.send(Note::Close(document.id()));
        }
        let thread = journals.thread.take();
        drop(journals);
        if thread.is_some_and(|it| it.join().is_err()) {
            log::warn!("The journals could not be closed");
        }
    }

    /// Documents that a process that is gone has left: they can be had back, in this order.
    #[must_use]
    pub fn recovered(&self) -> &[Recovered] {
        self.journals.as_ref().map_or(&[], |it| &it.recovered)
    }

    pub(super) fn note_recovered(&mut self, found: Vec<Recovered>) {
        if let Some(journals) = &mut self.journals {
            journals.recovered = found;
        }
    }

    fn take_recovered(&mut self, idx: usize) -> Option<Recovered> {
        let recovered = &mut self.journals.as_mut()?.recovered;
        (idx < recovered.len()).then(|| recovered.remove(idx))
    }

    pub(super) fn restore(&mut self, idx: usize) -> Result<(), Refusal> {
        if self.model.facts.is_none() {
            return Err(Refusal::NoModelYet);
        }
        let Some(recovered) = self.take_recovered(idx) else { return Ok(()) };
        let State { project, name, file, .. } = recovered.state.clone();
        // Should a painting not go on, the picture is there all the same.
        let resumed = self.open_project(OpenedProject::Own(Box::new(project)));
        let id = self.active().id();
        self.with(id, |it| {
            (it.name, it.file, it.kept, it.saved) = (name, file, None, None);
        });
        let document = self.active();
        let (key, state) = (document.key(), Box::new(document.state()));
        if let Some(journals) = &mut self.journals {
            journals.noted.insert(id, (key, Instant::now()));
            journals.send(Note::Restored(id, state, Box::new(recovered)));
        }
        resumed
    }

    pub(super) fn discard_recovered(&mut self, idx: usize) {
        if let Some(Err(err)) = self.take_recovered(idx).map(Recovered::discard) {
            self.emit(StudioEvent::JournalFailed(err.to_string()));
        }
    }

    /// They are offered again at the next start.
    pub(super) fn keep_recovered(&mut self) {
        if let Some(journals) = &mut self.journals {
            journals.recovered.clear();
        }
    }
}

impl Document {
    fn key(&self) -> Key {
        Key {
            last: self.history().last(),
            kept: self.saved.or(self.kept),
            n_open: self.activity.painting().map(|it| it.open.len()),
            n_points: self.drawing.as_ref().map_or(0, |it| it.stroke.n_points()),
            n_unanswered: self.touched.len(),
            pending: self.pending.clone(),
            active: self.picture.stack.active,
            file: self.file.clone(),
        }
    }

    /// All that a crash is not to take.
    fn state(&self) -> State {
        let mut project = self.project();
        // A stroke that is still being drawn, too.
        project.picture = self.picture.clone();
        State {
            project,
            name: self.name().to_owned(),
            file: self.file.clone(),
            is_modified: self.history().last() != self.saved
                || self.is_modified()
                || self.drawing.is_some(),
        }
    }
}
