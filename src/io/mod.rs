//! To and from disk; the only place that knows file formats.
//! Knows nothing of the engine and the window: bytes in, plain values out, and the other way round.

mod about;
mod artwork;
mod chunks;
mod colour;
mod error;
mod exif;
mod file;
mod film;
mod hdr;
mod inks;
mod journal;
mod jpeg;
mod jpeg_file;
mod metadata;
mod notice;
mod others;
mod picture;
mod place;
mod png;
mod png_pixels;
mod profile;
mod project;
mod rows;
mod shrink;
mod still;
mod thumbnail;
mod xmp;

pub use self::about::{Origin, read_origin};
pub use self::artwork::{FileOptions, Format, Tells, artwork_bytes, write_artwork};
pub use self::colour::ProfileFlaw;
pub use self::error::{Error, Fault, Result};
#[cfg(test)]
pub(crate) use self::file::names_in;
pub use self::file::{set_aside, write_whole, write_whole_with_folder};
pub use self::film::{FilmFormat, FilmWriter};
pub use self::journal::{Journal, Recovered, State, recover};
pub use self::metadata::{Metadata, read_metadata};
pub use self::notice::Notice;
pub use self::others::{Program, Recipe};
pub use self::picture::{MAX_SIDE_PIXELS, Opened, open_picture, read_picture};
pub use self::place::check_writable;
pub use self::png::{Text, check_out, write_png};
pub use self::project::{
    OpenedProject, Project, ProjectNotice, Record, SavedPainting, is_project, read_project,
    write_project,
};
pub use self::still::{Frame, stills};
