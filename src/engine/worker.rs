//! The engine's thread: one loop, in which each turn handles a command, or takes a step of what is under way for one of
//! the documents.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::context_pool::ContextPool;
use super::failure::Failure;
use super::follow::Follow;
use super::job::{Job, check};
use super::jobs::{AtWork, Jobs, Task};
use super::judging::Judging;
use super::outlook::Underpainting;
use super::protocol::{Command, Event, NewFollowing, NewPainting, Outcome, Run, Stats};
use super::reading::{read, read_plan};
use super::windows::Windows;
use crate::base::{DocumentId, JobId, Request};
use crate::model::{Painter, Result};

/// Loads the painter; called again should it fall over.
pub type Load = Box<dyn Fn() -> Result<Box<dyn Painter>> + Send>;

/// Where the news goes. `wake` asks for a frame, so that the window may sleep between two cells.
pub(super) struct Outbox {
    pub(super) events: Sender<Event>,
    pub(super) wake: Box<dyn Fn() + Send>,
}

impl Outbox {
    pub(super) fn send(&self, event: Event) {
        // Where nobody listens any more, the next look at the commands ends the thread.
        if self.events.send(event).is_ok() {
            (self.wake)();
        }
    }

    /// A job that never came to be painted ends.
    fn end_at_once(&self, job: JobId, failure: Failure) {
        let outcome = Outcome::Failed(failure);
        self.send(Event::Ended { job, outcome, stats: Stats::default() });
    }
}

/// Runs until the last [`Command`] sender is dropped.
pub(super) fn run(load: &Load, commands: &Receiver<Command>, outbox: &Outbox) {
    let mut jobs = Jobs::default();
    loop {
        let loaded = catch_unwind(AssertUnwindSafe(|| Worker::load(load, outbox)));
        let worker = match loaded.unwrap_or(Err(Failure::FellOverLoading)) {
            Ok(worker) => worker,
            Err(failure) => {
                outbox.send(Event::ModelFailed(failure));
                jobs.drain().for_each(|it| outbox.end_at_once(it.id(), Failure::NoModel));
                for Judging { ticket, .. } in jobs.judgings.drain(..) {
                    outbox.send(Event::Refused { ticket, failure: Failure::NoModel });
                }
                return refuse_all(commands, outbox);
            }
        };
        if catch_unwind(AssertUnwindSafe(|| worker.work(commands, outbox, &mut jobs))).is_ok() {
            return;
        }
        // Pictures are the documents', so nothing is lost but what the network had read.
        match jobs.at_work.take() {
            Some(AtWork::Job(job)) => outbox.end_at_once(job, Failure::FellOver),
            Some(AtWork::Question(ticket)) => {
                outbox.send(Event::Refused { ticket, failure: Failure::FellOver });
            }
            None => (),
        }
    }
}

/// Without a model, whatever is asked for fails at once.
fn refuse_all(commands: &Receiver<Command>, outbox: &Outbox) {
    let refuse = |job| {
        outbox.send(Event::Started { job, to_paint: 0 });
        outbox.end_at_once(job, Failure::NoModel);
    };
    for command in commands {
        match command {
            Command::Paint(new) => refuse(new.job),
            Command::Follow(new) => refuse(new.job),
            Command::Encode { ticket, .. } | Command::Judge { ticket, .. } => {
                outbox.send(Event::Refused { ticket, failure: Failure::NoModel });
            }
            Command::Drawn(_)
            | Command::Pause(_)
            | Command::Resume(..)
            | Command::Stop(_)
            | Command::Close(_)
            | Command::Pace(_)
            | Command::Guess(_)
            | Command::Underpaint(_) => (),
        }
    }
}

struct Worker {
    painter: Box<dyn Painter>,
    contexts: ContextPool,
}

impl Worker {
    fn load(load: &Load, outbox: &Outbox) -> std::result::Result<Self, Failure> {
        let begun = Instant::now();
        let painter = load()?;
        let facts = Arc::new(painter.facts().clone());
        outbox.send(Event::ModelReady { facts, seconds: begun.elapsed().as_secs_f32() });
        Ok(Self { painter, contexts: ContextPool::default() })
    }

    fn work(mut self, commands: &Receiver<Command>, outbox: &Outbox, jobs: &mut Jobs) {
        loop {
            // With nothing under way, or all of it paused, we sleep until there is a command. Painting, we only glance at
            // the queue.
            let command = match jobs.sleep() {
                Some(wait) => commands.recv_timeout(wait),
                None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match command {
                Ok(command) => self.handle_command(command, jobs, outbox),
                Err(RecvTimeoutError::Timeout) => self.step(jobs, outbox),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            jobs.at_work = None;
        }
    }

    fn handle_command(&mut self, command: Command, jobs: &mut Jobs, outbox: &Outbox) {
        match command {
            Command::Paint(new) => self.paint(*new, jobs, outbox),
            Command::Follow(new) => self.follow(*new, jobs, outbox),
            // It finds by itself what is new.
            Command::Drawn(_) => (),
            Command::Pause(job) => self.pause(job, jobs, outbox),
            Command::Resume(job, run) => Self::resume(job, run, jobs, outbox),
            Command::Stop(job) => {
                if let Some((_, task)) = jobs.take_job(job) {
                    jobs.at_work = Some(AtWork::Job(job));
                    self.end(task, Outcome::Stopped, outbox);
                }
            }
            Command::Close(document) => {
                if let Some(task) = jobs.take(document) {
                    make_room(task, outbox);
                }
                jobs.judgings.retain(|it| {
                    let ticket = it.ticket;
                    let is_closed = it.document() == document;
                    if is_closed {
                        outbox.send(Event::Refused { ticket, failure: Failure::Closed });
                    }
                    !is_closed
                });
                self.contexts.forget(document);
            }
            Command::Pace(pace) => {
                jobs.pacing.pace = pace;
                jobs.paintings().for_each(Job::hurry);
            }
            Command::Guess(guessing) => jobs.pacing.guessing = guessing,
            Command::Underpaint(is_wanted) => self.underpaint(is_wanted, jobs, outbox),
            Command::Judge { ticket, document, request } => match self.can_judge(&request) {
                Ok(()) => jobs.judgings.push_back(Judging::new(ticket, document, *request)),
                Err(failure) => outbox.send(Event::Refused { ticket, failure }),
            },
            Command::Encode { ticket, pixels, cells } => {
                jobs.at_work = Some(AtWork::Question(ticket));
                outbox.send(match read(&*self.painter, &*pixels, cells, u16::MAX, true) {
                    Ok(cells) => Event::Encoded { ticket, cells },
                    Err(failure) => Event::Refused { ticket, failure },
                });
            }
        }
    }

    /// Begins a painting, after what was under way for the same document has ended.
    fn paint(&mut self, new: NewPainting, jobs: &mut Jobs, outbox: &Outbox) {
        let (id, document) = (new.job, new.document);
        let left = jobs.take(document).and_then(|it| make_room(it, outbox));
        outbox.send(Event::Started { job: id, to_paint: new.request.plan.n_steps() });
        jobs.at_work = Some(AtWork::Job(id));
        let job = match self.prepared(new, outbox) {
            Ok(job) => Box::new(job),
            Err(failure) => return outbox.end_at_once(id, failure),
        };
        self.go_on(document, job, jobs, outbox, |job, worker, jobs| {
            job.start(left, &jobs.pacing, &*worker.painter, &mut worker.contexts, outbox)
        });
    }

    /// Checks a painting, and reads what is to be read for it.
    fn prepared(&self, mut new: NewPainting, outbox: &Outbox) -> std::result::Result<Job, Failure> {
        check(&new.request, &new.drafts, &*self.painter)?;
        let cells = read_plan(&*self.painter, &mut new.request, new.pixels.as_deref())?;
        if !cells.is_empty() {
            outbox.send(Event::Read { job: new.job, cells });
        }
        // What was read is to be codes of this painter.
        check(&new.request, &new.drafts, &*self.painter)?;
        Ok(Job::new(new))
    }

    /// Does something with a painting; it stays under way, unless that went wrong.
    fn go_on(
        &mut self,
        document: DocumentId,
        mut job: Box<Job>,
        jobs: &mut Jobs,
        outbox: &Outbox,
        deed: impl FnOnce(&mut Job, &mut Self, &mut Jobs) -> Result<()>,
    ) {
        jobs.at_work = Some(AtWork::Job(job.id()));
        match deed(&mut job, self, jobs) {
            Ok(()) => jobs.put(document, Task::Paint(job)),
            Err(err) => job.end(Outcome::Failed(err.into()), &*self.painter, outbox),
        }
    }

    fn follow(&self, new: NewFollowing, jobs: &mut Jobs, outbox: &Outbox) {
        let (id, document) = (new.job, new.document);
        if let Some(task) = jobs.take(document) {
            self.end(task, Outcome::Stopped, outbox);
        }
        outbox.send(Event::Started { job: id, to_paint: 0 });
        jobs.put(document, Task::Follow(Box::new(Follow::new(new))));
    }

    fn pause(&mut self, job: JobId, jobs: &mut Jobs, outbox: &Outbox) {
        match jobs.take_job(job) {
            Some((document, Task::Paint(job))) => {
                self.go_on(document, job, jobs, outbox, |job, worker, jobs| {
                    job.pause(&jobs.pacing, &*worker.painter, &mut worker.contexts, outbox)
                });
            }
            Some((document, task @ Task::Follow(_))) => jobs.put(document, task),
            None => (),
        }
    }

    fn resume(job: JobId, run: Run, jobs: &mut Jobs, outbox: &Outbox) {
        jobs.paintings().filter(|it| it.id() == job).for_each(|it| it.resume(run, outbox));
    }

    fn underpaint(&mut self, is_wanted: bool, jobs: &mut Jobs, outbox: &Outbox) {
        jobs.pacing.wants_underpainting = is_wanted;
        jobs.paintings().for_each(|it| it.underpainting = Underpainting::default());
        let paused = jobs.paintings().filter(|it| is_wanted && it.is_paused).map(|it| it.id());
        for id in paused.collect::<Vec<_>>() {
            if let Some((document, Task::Paint(job))) = jobs.take_job(id) {
                self.go_on(document, job, jobs, outbox, |job, worker, _| {
                    job.underpaint_at_rest(&*worker.painter, &mut worker.contexts, outbox)
                });
            }
        }
    }

    /// A step of what is due.
    fn step(&mut self, jobs: &mut Jobs, outbox: &Outbox) {
        if let Some(judging) = jobs.judgings.pop_front() {
            return self.judge(judging, jobs, outbox);
        }
        let Some((document, mut task)) = jobs.take_next() else { return };
        jobs.at_work = Some(AtWork::Job(task.id()));
        let (painter, contexts) = (&*self.painter, &mut self.contexts);
        let has_more = match &mut task {
            Task::Paint(job) => {
                job.step(painter, contexts, &jobs.pacing, outbox).map_err(Failure::from)
            }
            Task::Follow(follow) => follow.step(painter, contexts, outbox).map(|()| true),
        };
        match has_more {
            Ok(true) => jobs.put(document, task),
            Ok(false) => self.end(task, Outcome::Finished, outbox),
            Err(failure) => self.end(task, Outcome::Failed(failure), outbox),
        }
    }

    fn end(&self, task: Task, outcome: Outcome, outbox: &Outbox) {
        match task {
            Task::Paint(job) => job.end(outcome, &*self.painter, outbox),
            Task::Follow(follow) => follow.end(outcome, outbox),
        }
    }

    fn can_judge(&self, request: &Request) -> std::result::Result<(), Failure> {
        let facts = self.painter.facts();
        request.check()?;
        facts.can_paint(&request.plan)?;
        if facts.is_any_order { Ok(()) } else { Err(Failure::CannotJudge(facts.name().to_owned())) }
    }

    /// A pass of a question that takes several.
    fn judge(&mut self, mut judging: Judging, jobs: &mut Jobs, outbox: &Outbox) {
        let ticket = judging.ticket;
        jobs.at_work = Some(AtWork::Question(ticket));
        match judging.step(&*self.painter, &mut self.contexts) {
            Ok(None) => jobs.judgings.push_front(judging),
            Ok(Some(surprises)) => outbox.send(Event::Judged { ticket, surprises }),
            Err(err) => outbox.send(Event::Refused { ticket, failure: err.into() }),
        }
    }
}

/// Ends what is under way for a document, at once, and hands over what it has not shown.
fn make_room(task: Task, outbox: &Outbox) -> Option<Windows> {
    match task {
        Task::Paint(job) => Some(job.make_room(outbox)),
        Task::Follow(follow) => {
            follow.end(Outcome::Stopped, outbox);
            None
        }
    }
}
