//! Places on the canvas: points and rectangles in pixels, cells and rectangles of cells.
//! Knows nothing of screens: everything here is in canvas space.

use serde::{Deserialize, Serialize};

/// A place on the canvas, in pixels from the top left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

impl Point {
    #[must_use]
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// The distance to `other`, in pixels.
    #[must_use]
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The place between `self` (at `ratio` 0) and `other` (at 1).
    #[must_use]
    pub fn toward(self, other: Self, ratio: f32) -> Self {
        Self::new(self.x + (other.x - self.x) * ratio, self.y + (other.y - self.y) * ratio)
    }
}

/// A rectangle of whole pixels: `left ≤ x < right`, `top ≤ y < bottom`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelRect {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
}

impl PixelRect {
    #[must_use]
    pub const fn new(left: u32, top: u32, right: u32, bottom: u32) -> Self {
        Self { left, top, right, bottom }
    }

    #[must_use]
    pub const fn width(self) -> u32 {
        self.right.saturating_sub(self.left)
    }

    #[must_use]
    pub const fn height(self) -> u32 {
        self.bottom.saturating_sub(self.top)
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.width() == 0 || self.height() == 0
    }

    /// Whether a point lies in it.
    #[must_use]
    pub const fn contains(self, pos: Point) -> bool {
        self.left as f32 <= pos.x
            && pos.x < self.right as f32
            && self.top as f32 <= pos.y
            && pos.y < self.bottom as f32
    }

    /// What both have in common; empty where they have nothing.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// One square of the token grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    pub row: u16,
    pub col: u16,
}

impl Cell {
    #[must_use]
    pub const fn new(row: u16, col: u16) -> Self {
        Self { row, col }
    }
}

/// A rectangle of whole cells: `top ≤ row < bottom`, `left ≤ col < right`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellRect {
    pub left: u16,
    pub top: u16,
    pub right: u16,
    pub bottom: u16,
}

impl CellRect {
    #[must_use]
    pub const fn of(cell: Cell) -> Self {
        Self { left: cell.col, top: cell.row, right: cell.col + 1, bottom: cell.row + 1 }
    }

    #[must_use]
    pub const fn cols(self) -> u16 {
        self.right - self.left
    }

    #[must_use]
    pub const fn rows(self) -> u16 {
        self.bottom - self.top
    }

    #[must_use]
    pub const fn contains(self, cell: Cell) -> bool {
        self.top <= cell.row
            && cell.row < self.bottom
            && self.left <= cell.col
            && cell.col < self.right
    }

    /// Where `cell` is, counted from the first row and column of these.
    ///
    /// # Panics
    /// In debug builds, where it is not one of them; else the place makes no sense.
    #[must_use]
    pub const fn place_of(self, cell: Cell) -> Cell {
        debug_assert!(self.contains(cell), "a cell outside of the rectangle");
        Cell { row: cell.row - self.top, col: cell.col - self.left }
    }

    /// The place of `cell` in a list of these, row by row.
    ///
    /// # Panics
    /// As [`Self::place_of`].
    #[must_use]
    pub const fn idx(self, cell: Cell) -> usize {
        let Cell { row, col } = self.place_of(cell);
        row as usize * self.cols() as usize + col as usize
    }

    /// The same rectangle `down` and `right` by that many cells.
    #[must_use]
    pub const fn moved(self, down: u16, right: u16) -> Self {
        Self {
            left: self.left + right,
            top: self.top + down,
            right: self.right + right,
            bottom: self.bottom + down,
        }
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Grown by `margin` cells on each side, as far as `grid` goes.
    #[must_use]
    pub fn grown(self, margin: u16, grid: Grid) -> Self {
        Self {
            left: self.left.saturating_sub(margin),
            top: self.top.saturating_sub(margin),
            right: (self.right + margin).min(grid.cols),
            bottom: (self.bottom + margin).min(grid.rows),
        }
    }

    /// Row by row.
    pub fn cells(self) -> impl Iterator<Item = Cell> {
        (self.top..self.bottom)
            .flat_map(move |row| (self.left..self.right).map(move |col| Cell { row, col }))
    }
}

/// The token grid: how many cells there are, and how large each is on the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    pub rows: u16,
    pub cols: u16,
    /// Width and height of a cell, in canvas pixels.
    pub cell_pixels: u16,
}

impl Grid {
    /// The maximum of a canvas's rows, and of its columns.
    pub const MAX_SIDE: u16 = 256;

    /// How many pixels of the canvas a pixel of the model's may take along each side, at most.
    pub const MAX_SCALE: u16 = 4;

    /// How many of these pixels a pixel of `model`'s takes along each side; `None` where cells are no such whole multiple,
    /// or a larger one than [`Self::MAX_SCALE`].
    #[must_use]
    pub fn scale_over(self, model: Self) -> Option<u16> {
        let scale = self.cell_pixels.checked_div(model.cell_pixels)?;
        let is_whole = self.cell_pixels == scale * model.cell_pixels;
        (is_whole && (1..=Self::MAX_SCALE).contains(&scale)).then_some(scale)
    }

    /// The same cells, `scale` times as large.
    #[must_use]
    pub const fn scaled(self, scale: u16) -> Self {
        Self { cell_pixels: self.cell_pixels * scale, ..self }
    }

    /// The number of cells.
    #[must_use]
    pub const fn n_cells(self) -> usize {
        self.rows as usize * self.cols as usize
    }

    /// Width of the canvas, in pixels.
    #[must_use]
    pub const fn width(self) -> u32 {
        self.cols as u32 * self.cell_pixels as u32
    }

    /// Height of the canvas, in pixels.
    #[must_use]
    pub const fn height(self) -> u32 {
        self.rows as u32 * self.cell_pixels as u32
    }

    /// All of it, in pixels of the canvas. The canvas itself may be a part of that.
    #[must_use]
    pub const fn area(self) -> PixelRect {
        PixelRect::new(0, 0, self.width(), self.height())
    }

    /// All cells, as a rectangle.
    #[must_use]
    pub const fn all(self) -> CellRect {
        CellRect { left: 0, top: 0, right: self.cols, bottom: self.rows }
    }

    /// The place of `cell` in a list of all cells, row by row.
    ///
    /// # Panics
    /// In debug builds, where there is no such cell; else its place is that of another cell, or
    /// behind the list. Cells that come from elsewhere are to be held against [`Self::all`] first.
    #[must_use]
    pub const fn idx(self, cell: Cell) -> usize {
        debug_assert!(self.all().contains(cell), "a cell outside of the grid");
        cell.row as usize * self.cols as usize + cell.col as usize
    }

    /// The cell at place `idx` of a list of all cells, row by row.
    #[must_use]
    pub const fn cell(self, idx: usize) -> Cell {
        Cell { row: (idx / self.cols as usize) as u16, col: (idx % self.cols as usize) as u16 }
    }

    /// All cells, row by row.
    pub fn cells(self) -> impl Iterator<Item = Cell> {
        self.all().cells()
    }

    /// The cell under a point, if the point is on the canvas.
    #[must_use]
    pub fn cell_at(self, pos: Point) -> Option<Cell> {
        let size = f32::from(self.cell_pixels);
        let (row, col) = ((pos.y / size).floor(), (pos.x / size).floor());
        let inside =
            0.0 <= row && row < f32::from(self.rows) && 0.0 <= col && col < f32::from(self.cols);
        inside.then_some(Cell { row: row as u16, col: col as u16 })
    }

    /// The cell of a pixel on the canvas.
    #[must_use]
    pub const fn cell_of_pixel(self, x: u32, y: u32) -> Cell {
        let size = self.cell_pixels as u32;
        Cell { row: (y / size) as u16, col: (x / size) as u16 }
    }

    /// The pixels of a rectangle of cells.
    #[must_use]
    pub const fn pixels(self, cells: CellRect) -> PixelRect {
        let size = self.cell_pixels as u32;
        PixelRect::new(
            cells.left as u32 * size,
            cells.top as u32 * size,
            cells.right as u32 * size,
            cells.bottom as u32 * size,
        )
    }

    /// The cells that a rectangle of pixels touches; `None` where it is empty or off the canvas.
    #[must_use]
    pub fn touched(self, pixels: PixelRect) -> Option<CellRect> {
        let pixels = pixels.intersection(self.area());
        let size = u32::from(self.cell_pixels);
        (!pixels.is_empty()).then(|| CellRect {
            left: (pixels.left / size) as u16,
            top: (pixels.top / size) as u16,
            right: pixels.right.div_ceil(size) as u16,
            bottom: pixels.bottom.div_ceil(size) as u16,
        })
    }
}
