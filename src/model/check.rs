//! Whether cells and codes exist, before a network is asked about them.

use super::{Ask, Error, Result};
use crate::base::{Cell, Code, Grid};

/// For a context that has read `len` cells.
pub(super) fn check(
    grid: Grid,
    n_codes: usize,
    len: usize,
    placed: &[(Cell, Code)],
    ask: &[Ask],
) -> Result<()> {
    let mut cells = placed.iter().map(|&(cell, _)| cell).chain(ask.iter().map(|it| it.cell));
    if let Some(Cell { row, col }) = cells.find(|&it| !grid.all().contains(it)) {
        return Err(Error::NoSuchCell { row, col });
    }
    if let Some(&(_, code)) = placed.iter().find(|it| n_codes <= it.1 as usize) {
        return Err(Error::NoSuchCode(code));
    }
    let len = len + placed.len();
    if grid.n_cells() < len || ask.iter().any(|it| len < it.after) {
        let why = format!("it cannot answer after so many cells when {len} are read");
        return Err(candle_core::Error::msg(why).into());
    }
    Ok(())
}
