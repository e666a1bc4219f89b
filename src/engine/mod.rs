//! The one background thread, in which the model paints.
//! Commands go in, events come out; what is only worth something while it is the newest lies in a
//! [`Slot`](crate::base::Slot).

mod clock;
mod context_pool;
mod cursor;
mod failure;
mod follow;
mod guessing;
mod job;
mod jobs;
mod judging;
mod outlook;
mod protocol;
mod reading;
mod scaling;
mod sketch;
mod windows;
mod worker;

use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{
    Receiver, RecvTimeoutError, Sender, TryRecvError, bounded, never, unbounded,
};

pub use self::clock::Clock;
pub use self::failure::Failure;
pub use self::follow::{FollowUpdate, Preview};
pub use self::guessing::Guessing;
pub use self::protocol::{Command, Event, NewFollowing, NewPainting, Outcome, Run, Stats};
pub use self::reading::ReadCell;
pub use self::worker::Load;
use self::worker::Outbox;

/// Events that may wait for the window before the engine does: about a second's worth.
const MAX_WAITING_EVENTS: usize = 256;

/// The engine's handle. Dropping it ends the thread.
#[derive(Debug)]
pub struct Engine {
    /// Unbounded: the window never waits. `None` only while dropping.
    commands: Option<Sender<Command>>,
    /// Bounded: the engine waits for the window. `None` only while dropping.
    events: Option<Receiver<Event>>,
    thread: Option<JoinHandle<()>>,
    /// Nothing is ever sent: the other end is dropped when the thread ends.
    ended: Receiver<()>,
}

/// How long a thread that was hung up on may take to end. A network that never answers must not keep another one from
/// being loaded, nor the program from being left.
const MAX_FAREWELL: Duration = Duration::from_secs(5);

impl Engine {
    /// Starts the thread, which loads the painter at once. `wake` is called after each event.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn start(load: Load, wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        Self::start_after(None, load, wake)
    }

    /// Puts another painter in the place of this one; never waits. Events of this one that wait are dropped. Its
    /// thread ends before the other painter is loaded: two of them at once might not fit into memory.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn replace(&mut self, load: Load, wake: impl Fn() + Send + 'static) -> std::io::Result<()> {
        let nobody = Self { commands: None, events: None, thread: None, ended: never() };
        let retired = std::mem::replace(self, nobody);
        *self = Self::start_after(Some(retired), load, wake)?;
        Ok(())
    }

    fn start_after(
        retired: Option<Self>,
        load: Load,
        wake: impl Fn() + Send + 'static,
    ) -> std::io::Result<Self> {
        let (commands, inbox) = unbounded();
        let (outbox, events) = bounded(MAX_WAITING_EVENTS);
        let outbox = Outbox { events: outbox, wake: Box::new(wake) };
        let (is_alive, ended) = bounded(0);
        let thread = Builder::new().name("engine".to_owned()).spawn(move || {
            let _is_alive: Sender<()> = is_alive;
            drop(retired);
            worker::run(&load, &inbox, &outbox);
        })?;
        Ok(Self { commands: Some(commands), events: Some(events), thread: Some(thread), ended })
    }

    /// Hands a command over; never waits.
    pub fn send(&self, command: Command) {
        if let Some(commands) = &self.commands {
            // An engine that is gone has already said so, in its last event.
            let _ = commands.send(command);
        }
    }

    /// The next piece of news, if there is one.
    #[must_use]
    pub fn news(&self) -> Option<Event> {
        self.events.as_ref()?.try_recv().ok()
    }

    /// Whether the thread is gone, and has nothing more to say.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let is_gone = self.ended.try_recv() == Err(TryRecvError::Disconnected);
        is_gone && self.events.as_ref().is_none_or(Receiver::is_empty)
    }

    /// Waits for news; for headless use and tests.
    #[must_use]
    pub fn wait(&self, timeout: Duration) -> Option<Event> {
        self.events.as_ref()?.recv_timeout(timeout).ok()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Hanging up at both ends: the worker neither waits for a command nor for a reader.
        self.commands = None;
        self.events = None;
        let Some(thread) = self.thread.take() else { return };
        match self.ended.recv_timeout(MAX_FAREWELL) {
            Err(RecvTimeoutError::Timeout) => {
                log::warn!("A model does not answer any more; it is left alone");
            }
            Ok(()) | Err(RecvTimeoutError::Disconnected) => drop(thread.join()),
        }
    }
}
