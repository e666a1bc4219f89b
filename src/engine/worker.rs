//! The engine's thread: one loop, in which each turn either obeys a command or settles a cell.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::job::Job;
use super::memory::Memory;
use super::protocol::{Command, Event, JobId, Outcome, Stats};
use crate::base::{CellRect, PixelRect};
use crate::model::{Painter, Result};

/// Loads the painter; called again should it fall over.
pub type Load = Box<dyn Fn() -> Result<Box<dyn Painter>> + Send>;

/// Where the news goes. `wake` asks for a frame, so that the window may sleep between two cells.
pub(super) struct Outbox {
    pub(super) events: Sender<Event>,
    pub(super) wake: Box<dyn Fn() + Send>,
}

impl Outbox {
    pub(super) fn tell(&self, event: Event) {
        // Where nobody listens any more, the next look at the commands ends the thread.
        if self.events.send(event).is_ok() {
            (self.wake)();
        }
    }
}

/// Runs until the last [`Command`] sender is dropped.
pub(super) fn run(load: &Load, commands: &Receiver<Command>, outbox: &Outbox) {
    let mut at_work = None;
    loop {
        let turn =
            AssertUnwindSafe(|| Worker::load(load, outbox)?.work(commands, outbox, &mut at_work));
        match catch_unwind(turn) {
            Ok(Ok(())) => return,
            Ok(Err(reason)) => {
                outbox.tell(Event::Failed { reason });
                return refuse(commands, outbox);
            }
            // The picture is the session's, so nothing is lost but what the network had read.
            Err(_) => {
                let reason = "The model fell over; it was started anew".to_owned();
                match at_work.take() {
                    Some(job) => {
                        let outcome = Outcome::Failed(reason);
                        outbox.tell(Event::Ended { job, outcome, stats: Stats::default() });
                    }
                    None => outbox.tell(Event::Failed { reason }),
                }
            }
        }
    }
}

/// Without a model, each job ends as soon as it is asked for.
fn refuse(commands: &Receiver<Command>, outbox: &Outbox) {
    for command in commands {
        if let Command::Paint { job, .. } = command {
            let outcome = Outcome::Failed("There is no model to paint with".to_owned());
            outbox.tell(Event::Started { job, to_paint: 0 });
            outbox.tell(Event::Ended { job, outcome, stats: Stats::default() });
        }
    }
}

struct Worker {
    painter: Box<dyn Painter>,
    memory: Memory,
    pace: Option<f32>,
}

impl Worker {
    fn load(load: &Load, outbox: &Outbox) -> std::result::Result<Self, String> {
        let begun = Instant::now();
        let painter = load().map_err(|err| err.to_string())?;
        let facts = Box::new(painter.facts().clone());
        outbox.tell(Event::ModelReady { facts, seconds: begun.elapsed().as_secs_f32() });
        Ok(Self { painter, memory: Memory::default(), pace: None })
    }

    /// `at_work` names the job in hand, for whoever finds this worker fallen over.
    fn work(
        mut self,
        commands: &Receiver<Command>,
        outbox: &Outbox,
        at_work: &mut Option<JobId>,
    ) -> std::result::Result<(), String> {
        let mut job: Option<Job> = None;
        loop {
            // Idle or paused, we sleep until there is a command. Painting, we only glance at the queue.
            let command = match job.as_ref().map(Job::sleep) {
                Some(Some(wait)) => commands.recv_timeout(wait),
                Some(None) | None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            job = match (command, job) {
                (Err(RecvTimeoutError::Disconnected), _) => return Ok(()),
                (Ok(command), job) => self.obey(command, job, outbox, at_work),
                (Err(RecvTimeoutError::Timeout), job) => job.and_then(|it| self.step(it, outbox)),
            };
            *at_work = job.as_ref().map(Job::id);
        }
    }

    fn obey(
        &mut self,
        command: Command,
        job: Option<Job>,
        outbox: &Outbox,
        at_work: &mut Option<JobId>,
    ) -> Option<Job> {
        match (command, job) {
            (Command::Paint { job: id, request, drafts, run }, current) => {
                if let Some(current) = current {
                    self.end(current, Outcome::Stopped, outbox);
                }
                *at_work = Some(id);
                match Job::new(id, *request, drafts, &*self.painter) {
                    Ok(mut job) => {
                        job.start(run, outbox);
                        Some(job)
                    }
                    Err(reason) => {
                        let outcome = Outcome::Failed(reason);
                        outbox.tell(Event::Started { job: id, to_paint: 0 });
                        outbox.tell(Event::Ended { job: id, outcome, stats: Stats::default() });
                        None
                    }
                }
            }
            (Command::Pause, Some(mut job)) => match job.pause(&*self.painter, outbox) {
                Ok(()) => Some(job),
                Err(err) => self.end(job, Outcome::Failed(err.to_string()), outbox),
            },
            (Command::Resume(run), Some(mut job)) => {
                job.resume(run, outbox);
                Some(job)
            }
            (Command::Stop, Some(job)) => self.end(job, Outcome::Stopped, outbox),
            (Command::Pause | Command::Resume(_) | Command::Stop, None) => None,
            (Command::Pace(pace), mut job) => {
                self.pace = pace;
                job.iter_mut().for_each(Job::hurry);
                job
            }
            (Command::Encode { ticket, rgb, area, cells }, job) => {
                outbox.tell(self.encode(ticket, &rgb, area, cells));
                job
            }
        }
    }

    fn step(&mut self, mut job: Job, outbox: &Outbox) -> Option<Job> {
        match job.step(&*self.painter, &mut self.memory, self.pace, outbox) {
            Ok(true) => Some(job),
            Ok(false) => self.end(job, Outcome::Finished, outbox),
            Err(err) => self.end(job, Outcome::Failed(err.to_string()), outbox),
        }
    }

    fn end(&self, job: Job, outcome: Outcome, outbox: &Outbox) -> Option<Job> {
        job.end(outcome, &*self.painter, outbox);
        None
    }

    fn encode(&self, ticket: u64, rgb: &[u8], area: PixelRect, cells: CellRect) -> Event {
        match self.painter.codec().encode(rgb, area, cells) {
            Ok(codes) => Event::Encoded { ticket, cells, codes },
            Err(err) => Event::Failed { reason: err.to_string() },
        }
    }
}
