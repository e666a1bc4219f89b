//! What is under way: at most one job for each document. It outlives a network that falls over.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::follow::Follow;
use super::job::{Job, Pacing};
use super::judging::Judging;
use crate::base::{DocumentId, JobId, Ticket};

/// How long one document paints before it is another one's turn, if several do.
const TURN: Duration = Duration::from_millis(100);

/// What is being done for a document.
pub(super) enum Task {
    Paint(Box<Job>),
    Follow(Box<Follow>),
}

impl Task {
    pub(super) const fn id(&self) -> JobId {
        match self {
            Self::Paint(it) => it.id(),
            Self::Follow(it) => it.id(),
        }
    }

    fn sleep(&self) -> Option<Duration> {
        match self {
            Self::Paint(it) => it.sleep(),
            Self::Follow(it) => it.sleep(),
        }
    }
}

/// What the network is busy with, so that it is known what has failed should it fall over.
#[derive(Clone, Copy, Debug)]
pub(super) enum AtWork {
    Job(JobId),
    Question(Ticket),
}

/// See the module.
#[derive(Default)]
pub(super) struct Jobs {
    by_document: BTreeMap<DocumentId, Task>,
    /// Whose turn it was last, and since when.
    last: Option<DocumentId>,
    turn_since: Option<Instant>,
    /// Questions that take many passes: one is answered after the other, pass by pass.
    pub(super) judgings: VecDeque<Judging>,
    pub(super) at_work: Option<AtWork>,
    pub(super) pacing: Pacing,
}

impl Jobs {
    /// Takes out what is under way for a document.
    pub(super) fn take(&mut self, document: DocumentId) -> Option<Task> {
        self.by_document.remove(&document)
    }

    /// The same by its name.
    pub(super) fn take_job(&mut self, job: JobId) -> Option<(DocumentId, Task)> {
        let document = *self.by_document.iter().find(|(_, it)| it.id() == job)?.0;
        Some((document, self.by_document.remove(&document)?))
    }

    pub(super) fn put(&mut self, document: DocumentId, task: Task) {
        self.by_document.insert(document, task);
    }

    pub(super) fn paintings(&mut self) -> impl Iterator<Item = &mut Job> {
        self.by_document.values_mut().filter_map(|it| match it {
            Task::Paint(job) => Some(&mut **job),
            Task::Follow(_) => None,
        })
    }

    /// How long all of them may be left alone; `None` for as long as nobody calls.
    pub(super) fn sleep(&self) -> Option<Duration> {
        if !self.judgings.is_empty() {
            return Some(Duration::ZERO);
        }
        self.by_document.values().filter_map(Task::sleep).min()
    }

    /// Takes out the one whose turn it is: a brush that is down comes first, then one document after the other, each for a
    /// while: where not all that they have read fits into memory, it is read anew with each change.
    pub(super) fn take_next(&mut self) -> Option<(DocumentId, Task)> {
        let is_due = |it: &Task| it.sleep() == Some(Duration::ZERO);
        let due = self.by_document.iter().filter(|(_, it)| is_due(it));
        let is_over = self.turn_since.is_none_or(|it| TURN < it.elapsed());
        let last = self.last;
        let key = |(document, task): &(&DocumentId, &Task)| {
            let comes_later = last.is_some_and(|it| **document < it || is_over && **document == it);
            (matches!(task, Task::Paint(_)), comes_later, **document)
        };
        let document = *due.min_by_key(key)?.0;
        if is_over || self.last != Some(document) {
            (self.last, self.turn_since) = (Some(document), Some(Instant::now()));
        }
        Some((document, self.by_document.remove(&document)?))
    }

    /// Ends everything.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Task> {
        std::mem::take(&mut self.by_document).into_values()
    }
}
