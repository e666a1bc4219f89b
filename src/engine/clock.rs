//! A watch that can be stopped.

use std::time::{Duration, Instant};

/// Measures time, pauses left out.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    before: Duration,
    running_since: Option<Instant>,
}

impl Clock {
    /// A clock that runs already.
    #[must_use]
    pub fn started() -> Self {
        Self { before: Duration::ZERO, running_since: Some(Instant::now()) }
    }

    /// Goes on; a clock that runs is left alone.
    pub fn start(&mut self) {
        self.running_since.get_or_insert_with(Instant::now);
    }

    /// Pauses.
    pub fn stop(&mut self) {
        self.before += self.running_since.take().map_or(Duration::ZERO, |it| it.elapsed());
    }

    /// The seconds that it ran.
    #[must_use]
    pub fn secs(&self) -> f32 {
        let now = self.running_since.map_or(Duration::ZERO, |it| it.elapsed());
        (self.before + now).as_secs_f32()
    }
}
