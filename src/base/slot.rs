//! A place for the newest of something: who puts it there never waits, who takes it finds nothing older.

use std::sync::{Arc, Mutex, PoisonError};

/// Shared by two threads. Holds one value at most.
#[derive(Debug)]
pub struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Slot<T> {
    /// Puts there what `make` makes of the value that nobody has taken yet. Returns whether there was none.
    pub fn put(&self, make: impl FnOnce(Option<T>) -> T) -> bool {
        // Whoever fell over while it held the lock has left a whole value, or none.
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let old = held.take();
        let was_empty = old.is_none();
        *held = Some(make(old));
        was_empty
    }

    /// Takes the value out.
    #[must_use]
    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether there is a value to take.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_value_is_taken_once_and_knows_of_those_before() {
        let slot = Slot::default();
        let other_end = slot.clone();
        assert!(slot.put(|_| 1));
        assert!(!slot.put(|old: Option<i32>| old.unwrap_or_default() + 10));
        assert_eq!((other_end.take(), other_end.take()), (Some(11), None));
    }
}
