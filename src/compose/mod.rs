//! The compositor: layers laid on each other, tile by tile. What is to be laid how is a [`Program`], which a CPU or a GPU may
//! run; `tests/canvas_on_gpu` holds the two together.

mod blend_mode;
mod pixels;
mod program;

pub use self::blend_mode::BlendMode;
pub use self::program::{Composition, Instruction, Program};
