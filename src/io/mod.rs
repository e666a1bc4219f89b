//! To and from disk; the only place that knows file formats.
//! Knows nothing of the engine and the window: bytes in, plain values out, and the other way round.

mod error;
mod file;
mod metadata;
mod picture;
mod png;
mod xmp;

pub use self::error::{Error, Fault, Result};
pub use self::file::{set_aside, write_whole, write_whole_with_folder};
pub use self::metadata::{Metadata, read_metadata, write_painting};
pub use self::picture::{MAX_SIDE_PIXELS, Opened, covering, open_picture, read_picture};
pub use self::png::{Text, check_name, write_png};
