//! How much memory there is, and whether a network fits it: asked before anything is loaded.

use std::fs;

use super::{Error, Result};

/// The bytes that programs can still take without others being pushed out; `None` where the system
/// does not tell.
#[must_use]
pub fn free_bytes() -> Option<u64> {
    available_in(&fs::read_to_string("/proc/meminfo").ok()?)
}

/// What the line "MemAvailable:    1234 kB" says, which are KiB.
fn available_in(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let n_kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    n_kib.checked_mul(1 << 10)
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
    fn the_system_is_understood() {
        let meminfo = "MemTotal:       16000000 kB\nMemFree:  12 kB\nMemAvailable:    2048 kB\n";
        assert_eq!(available_in(meminfo), Some(2 << 20));
        for other in
            ["", "MemAvailable:", "MemAvailable: 1 MB", "MemAvailable: 18446744073709551615 kB"]
        {
            assert_eq!(available_in(other), None, "{other}");
        }
        assert_eq!(free_bytes().is_some(), cfg!(target_os = "linux"));
    }
}
