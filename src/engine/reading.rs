//! What the network reads in pixels, before it paints beside them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::failure::Failure;
use crate::base::{Cell, CellRect, Code, PixelSource, Request};
use crate::model::{self, Error, Painter};

/// A cell whose code was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadCell {
    pub cell: Cell,
    pub code: Code,
    /// What is seen there, as an index into [`Facts::labels`](crate::model::Facts::labels), if it was asked for and
    /// there are any.
    pub label: Option<u8>,
}

/// Reads `cells`, with what lies around them as far as `margin` and the codec's own reach.
pub(super) fn read(
    painter: &dyn Painter,
    pixels: &dyn PixelSource,
    cells: CellRect,
    margin: u16,
    with_labels: bool,
) -> Result<Vec<ReadCell>, Failure> {
    let (codec, grid) = (painter.codec(), pixels.grid());
    let margin = painter.facts().encode_margin.min(margin);
    let area = grid.pixels(cells.grown(margin, grid));
    // The codec keeps nothing between two calls, so what is under way is none the worse for it should it fall over.
    let read = catch_unwind(AssertUnwindSafe(|| -> model::Result<_> {
        let codes = codec.encode(&pixels.rgb(area), area, cells)?;
        let labels = if with_labels { codec.label(&codes, cells)? } else { Vec::new() };
        Ok((codes, labels))
    }));
    let (codes, labels) = read.map_err(|_| Failure::Unreadable)??;
    if codes.len() != cells.cells().count() {
        return Err(Error::WrongShape.into());
    }
    let read = cells.cells().zip(codes).enumerate();
    Ok(read
        .map(|(idx, (cell, code))| ReadCell { cell, code, label: labels.get(idx).copied() })
        .collect())
}

/// Reads what is to be read of a request's plan: those cells are kept from now on. Returns them.
pub(super) fn read_plan(
    painter: &dyn Painter,
    request: &mut Request,
    pixels: Option<&dyn PixelSource>,
) -> Result<Vec<ReadCell>, Failure> {
    let wanted = request.plan.to_read();
    let Some(cells) = bounds(&wanted) else { return Ok(Vec::new()) };
    let pixels = pixels.filter(|it| it.grid() == request.plan.grid).ok_or(Failure::NoPixels)?;
    let mut found = read(painter, pixels, cells, u16::MAX, true)?;
    found.retain(|it| wanted.binary_search(&it.cell).is_ok());
    found.iter().for_each(|it| request.plan.keep(it.cell, it.code));
    Ok(found)
}

/// The smallest rectangle that holds all of `cells`, if there are any.
pub(super) fn bounds(cells: &[Cell]) -> Option<CellRect> {
    cells.iter().copied().map(CellRect::of).reduce(CellRect::union)
}
