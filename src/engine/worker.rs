//! The engine's thread: one loop, in which each turn handles a command, settles a cell, or completes a sketch
//! of what is expected.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::context_pool::ContextPool;
use super::job::{Job, Pacing};
use super::judging::judge;
use super::outlook::Underpainting;
use super::protocol::{Command, Event, JobId, Outcome, Run, Stats};
use super::windows::Windows;
use crate::base::{CellRect, PixelRect, Request};
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
}

/// Runs until the last [`Command`] sender is dropped.
pub(super) fn run(load: &Load, commands: &Receiver<Command>, outbox: &Outbox) {
    let mut inbox = Inbox::default();
    loop {
        let loaded = catch_unwind(AssertUnwindSafe(|| Worker::load(load, outbox)));
        let fell_over = |_| Err("The model could not be loaded: it fell over".to_owned());
        let worker = match loaded.unwrap_or_else(fell_over) {
            Ok(worker) => worker,
            Err(reason) => {
                outbox.send(Event::Failed { reason });
                return reject_all(inbox.next.take(), commands, outbox);
            }
        };
        match catch_unwind(AssertUnwindSafe(|| worker.work(commands, outbox, &mut inbox))) {
            Ok(()) => return,
            // The picture is the session's, so nothing is lost but what the network had read.
            Err(_) => {
                let reason = "The model fell over; it was started anew".to_owned();
                match inbox.at_work.take() {
                    Some(job) => {
                        let outcome = Outcome::Failed(reason);
                        outbox.send(Event::Ended { job, outcome, stats: Stats::default() });
                    }
                    None => outbox.send(Event::Failed { reason }),
                }
            }
        }
    }
}

/// Without a model, whatever is asked for fails at once.
fn reject_all(first: Option<Command>, commands: &Receiver<Command>, outbox: &Outbox) {
    let reason = "There is no model to paint with".to_owned();
    for command in first.into_iter().chain(commands) {
        match command {
            Command::Paint { job, .. } => {
                let outcome = Outcome::Failed(reason.clone());
                outbox.send(Event::Started { job, to_paint: 0 });
                outbox.send(Event::Ended { job, outcome, stats: Stats::default() });
            }
            Command::Encode { .. } | Command::Judge { .. } => {
                outbox.send(Event::Failed { reason: reason.clone() });
            }
            Command::Pause
            | Command::Resume(_)
            | Command::Stop
            | Command::Pace(_)
            | Command::Guess(_)
            | Command::Underpaint(_) => (),
        }
    }
}

/// What whoever finds a worker fallen over must know.
#[derive(Default)]
struct Inbox {
    /// The job in hand.
    at_work: Option<JobId>,
    /// A command that waits until the job before it has ended, and what that job has not shown.
    next: Option<Command>,
    left: Option<Windows>,
}

struct Worker {
    painter: Box<dyn Painter>,
    contexts: ContextPool,
    pacing: Pacing,
}

impl Worker {
    fn load(load: &Load, outbox: &Outbox) -> std::result::Result<Self, String> {
        let begun = Instant::now();
        let painter = load().map_err(|err| err.to_string())?;
        let facts = Box::new(painter.facts().clone());
        outbox.send(Event::ModelReady { facts, seconds: begun.elapsed().as_secs_f32() });
        Ok(Self { painter, contexts: ContextPool::default(), pacing: Pacing::default() })
    }

    fn work(mut self, commands: &Receiver<Command>, outbox: &Outbox, inbox: &mut Inbox) {
        let mut job: Option<Job> = None;
        loop {
            // Idle or paused, we sleep until there is a command, unless a sketch is to be completed. Painting, we only
            // glance at the queue.
            let command = match (inbox.next.take(), job.as_ref().map(Job::sleep)) {
                (Some(command), _) => Ok(command),
                (None, Some(Some(wait))) => commands.recv_timeout(wait),
                (None, Some(None) | None) => {
                    commands.recv().map_err(|_| RecvTimeoutError::Disconnected)
                }
            };
            job = match (command, job) {
                (Err(RecvTimeoutError::Disconnected), _) => return,
                (Ok(command @ Command::Paint { .. }), Some(job)) => {
                    inbox.next = Some(command);
                    if job.is_preview() {
                        self.end(job, Outcome::Stopped, outbox)
                    } else {
                        inbox.left = Some(job.make_room(outbox));
                        None
                    }
                }
                (Ok(command), job) => self.handle_command(command, job, outbox, inbox),
                (Err(RecvTimeoutError::Timeout), job) => job.and_then(|it| self.step(it, outbox)),
            };
            inbox.at_work = job.as_ref().map(Job::id);
        }
    }

    /// Paintings are begun only after the one before has ended.
    fn handle_command(
        &mut self,
        command: Command,
        job: Option<Job>,
        outbox: &Outbox,
        inbox: &mut Inbox,
    ) -> Option<Job> {
        match (command, job) {
            (Command::Paint { job: id, request, drafts, run }, _) => {
                inbox.at_work = Some(id);
                let left = inbox.left.take();
                match Job::new(id, *request, drafts, &*self.painter) {
                    Ok(job) => self.start(job, run, left, outbox),
                    Err(reason) => {
                        let outcome = Outcome::Failed(reason);
                        outbox.send(Event::Started { job: id, to_paint: 0 });
                        outbox.send(Event::Ended { job: id, outcome, stats: Stats::default() });
                        None
                    }
                }
            }
            (Command::Pause, Some(mut job)) => {
                let paused = self.pause(&mut job, outbox);
                self.end_if_failed(paused, job, outbox)
            }
            (Command::Resume(run), Some(mut job)) => {
                job.resume(run, outbox);
                Some(job)
            }
            (Command::Stop, Some(job)) => self.end(job, Outcome::Stopped, outbox),
            (Command::Pause | Command::Resume(_) | Command::Stop, None) => None,
            (Command::Pace(pace), mut job) => {
                self.pacing.pace = pace;
                job.iter_mut().for_each(Job::hurry);
                job
            }
            (Command::Guess(guessing), job) => {
                self.pacing.guesser.guessing = guessing;
                job
            }
            (Command::Underpaint(is_wanted), job) => {
                self.pacing.wants_underpainting = is_wanted;
                let mut job = job?;
                job.underpainting = Underpainting::default();
                let underpainted =
                    if job.is_paused { self.underpaint_at_rest(&mut job, outbox) } else { Ok(()) };
                self.end_if_failed(underpainted, job, outbox)
            }
            (Command::Judge { ticket, request, group }, job) => {
                outbox.send(self.judge(ticket, &request, group));
                job
            }
            (Command::Encode { ticket, rgb, area, cells, with_labels }, job) => {
                outbox.send(self.encode(ticket, &rgb, area, cells, with_labels));
                job
            }
        }
    }

    /// `left` are the windows that a job before it has not shown.
    fn start(
        &mut self,
        mut job: Job,
        run: Run,
        left: Option<Windows>,
        outbox: &Outbox,
    ) -> Option<Job> {
        if run != Run::Preview {
            self.pacing.guesser.forget_picture();
        }
        let started = job.start(run, left, &*self.painter, outbox);
        // An edit shows what it will do before a cell is painted, in a pause too.
        let underpainted = started.and_then(|()| {
            if self.pacing.wants_underpainting && run != Run::Preview {
                job.underpaint(&*self.painter, &mut self.contexts, outbox)?;
            }
            Ok(())
        });
        self.end_if_failed(underpainted, job, outbox)
    }

    fn pause(&mut self, job: &mut Job, outbox: &Outbox) -> Result<()> {
        job.pause(&*self.painter, outbox)?;
        self.underpaint_at_rest(job, outbox)
    }

    fn underpaint_at_rest(&mut self, job: &mut Job, outbox: &Outbox) -> Result<()> {
        if self.pacing.wants_underpainting {
            job.underpaint_at_rest(&*self.painter, &mut self.contexts, outbox)?;
        }
        Ok(())
    }

    /// Hands the job back, unless something went wrong.
    fn end_if_failed(&self, done: Result<()>, job: Job, outbox: &Outbox) -> Option<Job> {
        match done {
            Ok(()) => Some(job),
            Err(err) => self.end(job, Outcome::Failed(err.to_string()), outbox),
        }
    }

    fn step(&mut self, mut job: Job, outbox: &Outbox) -> Option<Job> {
        match job.step(&*self.painter, &mut self.contexts, &mut self.pacing, outbox) {
            Ok(true) => Some(job),
            Ok(false) => self.end(job, Outcome::Finished, outbox),
            Err(err) => self.end(job, Outcome::Failed(err.to_string()), outbox),
        }
    }

    fn end(&self, job: Job, outcome: Outcome, outbox: &Outbox) -> Option<Job> {
        job.end(outcome, &*self.painter, outbox);
        None
    }

    fn judge(&mut self, ticket: u64, request: &Request, group: usize) -> Event {
        let facts = self.painter.facts();
        let sound = request.check().map_err(|err| err.to_string());
        let sound = sound.and_then(|()| {
            facts.can_paint(&request.plan).map_err(|err| err.to_string())?;
            if facts.is_any_order {
                Ok(())
            } else {
                Err(format!("{} cannot judge a cell by all others", facts.name()))
            }
        });
        let judged = sound.and_then(|()| {
            let judged = judge(&*self.painter, &mut self.contexts, request, group);
            judged.map_err(|err| err.to_string())
        });
        match judged {
            Ok(surprises) => Event::Judged { ticket, surprises },
            Err(reason) => Event::Failed { reason },
        }
    }

    fn encode(
        &self,
        ticket: u64,
        rgb: &[u8],
        area: PixelRect,
        cells: CellRect,
        with_labels: bool,
    ) -> Event {
        // The codec keeps nothing between two calls, so a painting in hand is none the worse for it.
        let codec = self.painter.codec();
        let read = AssertUnwindSafe(|| -> Result<_> {
            let codes = codec.encode(rgb, area, cells)?;
            let labels = if with_labels { codec.label(&codes, cells)? } else { Vec::new() };
            Ok((codes, labels))
        });
        match catch_unwind(read) {
            Ok(Ok((codes, labels))) => Event::Encoded { ticket, cells, codes, labels },
            Ok(Err(err)) => Event::Failed { reason: err.to_string() },
            Err(_) => Event::Failed { reason: "The strokes could not be read".to_owned() },
        }
    }
}
