//! How much memory there is, and whether a network fits it: asked before anything is loaded.

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use super::{Error, Result};

/// The bytes that programs can still take without others being pushed out; `None` where the system
/// does not tell.
#[must_use]
pub fn free_bytes() -> Option<u64> {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let free = System::new_with_specifics(memory).ok()?.available_memory();
    // Where it is not counted it is 0: a program that runs has been given more than that.
    (0 < free).then_some(free)
}

/// # Errors
/// [`Error::OutOfMemory`] where more is needed than is known to be free.
pub fn ensure_fits(n_needed_bytes: u64, n_free_bytes: Option<u64>) -> Result<()> {
    let gib = |n_bytes: u64| n_bytes as f64 / f64::from(1 << 30);
    match n_free_bytes {
        Some(free) if free < n_needed_bytes => {
            Err(Error::OutOfMemory { needed_gib: gib(n_needed_bytes), free_gib: gib(free) })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_both_numbers() {
        ensure_fits(5 << 30, Some(5 << 30)).unwrap();
        ensure_fits(u64::MAX, None).unwrap();
        let message = ensure_fits((5 << 30) + (1 << 29), Some(3 << 30)).unwrap_err().to_string();
        assert_eq!(message, "The model needs 5.5 GiB of memory, 3.0 GiB are free");
    }

    #[test]
    fn some_memory_is_free_and_not_more_than_any_machine_has() {
        let free = free_bytes().unwrap();
        assert!((1 << 20..1 << 50).contains(&free), "{free} bytes");
    }
}
