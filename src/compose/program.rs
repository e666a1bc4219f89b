//! What a tile is composed of, written down for whoever composes it: `pixels.rs` on the CPU, `shaders/compose.wgsl` on the GPU.

use std::sync::Arc;

use super::blend_mode::BlendMode;
use crate::base::{PixelRect, PixelTile, Pixmap, TILE_PIXELS, TileIdx};

/// A step of a machine that has a *source*, which a layer is made ready in, and *levels*, one for each group that is open;
/// a level has what was laid so far, and a base that clipped layers are seen in. All is empty at first.
#[derive(Clone, Debug, PartialEq)]
pub enum Instruction {
    /// Opens a level.
    Open,
    /// The source is what was laid on the level, which is left.
    Close,
    /// The source is nothing.
    Clear,
    /// The source is a tile of a layer.
    Load(Arc<PixelTile>),
    /// As much of the source as this tile has alpha.
    Mask(Arc<PixelTile>),
    /// So much of the source, from 0 to 1.
    Fade(f32),
    /// The source is the level's base from now on.
    SetBase,
    /// As much of the source as the base has alpha.
    Clip,
    /// Lays the source on the level.
    Lay(BlendMode),
}

/// What a tile is composed of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program(Vec<Instruction>);

impl Program {
    /// In the order in which they are carried out.
    #[must_use]
    pub fn instructions(&self) -> &[Instruction] {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn push(&mut self, instruction: Instruction) {
        self.0.push(instruction);
    }

    /// The tile of a layer that is alone.
    #[must_use]
    pub fn of_tile(tile: Arc<PixelTile>) -> Self {
        Self(vec![Instruction::Load(tile), Instruction::Lay(BlendMode::Normal)])
    }

    /// The tiles that it reads.
    pub fn tiles(&self) -> impl Iterator<Item = &Arc<PixelTile>> {
        self.0.iter().filter_map(|it| match it {
            Instruction::Load(tile) | Instruction::Mask(tile) => Some(tile),
            Instruction::Open
            | Instruction::Close
            | Instruction::Clear
            | Instruction::Fade(_)
            | Instruction::SetBase
            | Instruction::Clip
            | Instruction::Lay(_) => None,
        })
    }

    /// How many levels are open at most, beside the outermost.
    #[must_use]
    pub fn depth(&self) -> usize {
        let (mut depth, mut deepest) = (0_usize, 0);
        for instruction in &self.0 {
            match instruction {
                Instruction::Open => depth += 1,
                Instruction::Close => depth = depth.saturating_sub(1),
                Instruction::Clear
                | Instruction::Load(_)
                | Instruction::Mask(_)
                | Instruction::Fade(_)
                | Instruction::SetBase
                | Instruction::Clip
                | Instruction::Lay(_) => (),
            }
            deepest = deepest.max(depth);
        }
        deepest
    }
}

impl Extend<Instruction> for Program {
    fn extend<I: IntoIterator<Item = Instruction>>(&mut self, instructions: I) {
        self.0.extend(instructions);
    }
}

impl IntoIterator for Program {
    type Item = Instruction;
    type IntoIter = std::vec::IntoIter<Instruction>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

type Row = Arc<[Arc<Program>]>;

/// A picture, as what each of its tiles is composed of. A clone costs a pointer.
#[derive(Clone, Debug)]
pub struct Composition {
    width: u32,
    height: u32,
    /// Invariant: one for each tile. In rows, as few of them change from one frame to the next.
    rows: Arc<[Row]>,
}

impl Composition {
    /// Nothing to see.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let row: Row = vec![Arc::default(); width.div_ceil(TILE_PIXELS) as usize].into();
        Self { width, height, rows: vec![row; height.div_ceil(TILE_PIXELS) as usize].into() }
    }

    /// In pixels.
    #[must_use]
    pub const fn area(&self) -> PixelRect {
        PixelRect::new(0, 0, self.width, self.height)
    }

    /// Puts a program in its place. One that does the same as before changes nothing.
    ///
    /// # Panics
    /// Where there is no such tile.
    pub fn put(&mut self, idx: TileIdx, program: Program) {
        let (row, col) = (idx.row as usize, idx.col as usize);
        if *self.rows[row][col] != program {
            let row = &mut Arc::make_mut(&mut self.rows)[row];
            Arc::make_mut(row)[col] = Arc::new(program);
        }
    }

    /// The tiles that were composed otherwise in `older`, which is as large.
    pub fn unlike(&self, older: &Self) -> impl Iterator<Item = (TileIdx, &Arc<Program>)> {
        let rows = (0..).zip(self.rows.iter().zip(older.rows.iter()));
        let rows = rows.filter(|(_, (now, old))| !Arc::ptr_eq(now, old));
        rows.flat_map(|(row, (now, old))| {
            let tiles = (0..).zip(now.iter().zip(old.iter()));
            let unlike = tiles.filter(|(_, (now, old))| !Arc::ptr_eq(now, old));
            unlike.map(move |(col, (now, _))| (TileIdx { row, col }, now))
        })
    }
}

impl From<&Pixmap> for Composition {
    /// A layer that is alone.
    fn from(pixels: &Pixmap) -> Self {
        let mut composition = Self::new(pixels.width(), pixels.height());
        for (idx, tile) in pixels.tiles() {
            composition.put(idx, Program::of_tile(Arc::clone(tile)));
        }
        composition
    }
}
