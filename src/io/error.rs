//! Why a file could not be read or written.

use std::path::{Path, PathBuf};

use crate::base::RequestError;

/// What went wrong, and with which file.
#[derive(Debug, thiserror::Error)]
#[error("{fault}\nFile: {}", .path.display())]
pub struct Error {
    pub path: PathBuf,
    pub fault: Fault,
}

/// The texts are shown to the user: what happened first, then why.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("The file could not be read: {0}")]
    Read(#[from] std::io::Error),

    #[error("The file could not be saved: {0}")]
    Write(std::io::Error),

    #[error("The damaged file could not be set aside: {0}")]
    SetAside(std::io::Error),

    #[error("The file could not be saved: there is no such folder")]
    NoFolder,

    #[error("The file could not be saved: this folder takes no files")]
    ClosedFolder,

    #[error("The file could not be saved: its name is too long, or none that a file can have")]
    UnfitName,

    #[error("The file could not be saved: something that is not a file has this name")]
    NotReplaceable,

    #[error(
        "Pictures are saved as PNG, JPEG, WebP, TIFF or PDF, projects as OpenRaster: \
         give a name that ends in .png, .jpg, .webp, .tif, .pdf or .ora"
    )]
    OtherName,

    #[error("The picture could not be encoded: {0}")]
    Encode(image::ImageError),

    #[error("The picture could not be encoded: {0}")]
    Tiff(String),

    #[error("The project could not be read: it is damaged or cut off: {0}")]
    DamagedProject(String),

    #[error("The project could not be read: its canvas of {width} × {height} pixels is none")]
    ProjectSize { width: u32, height: u32 },

    #[error("Projects are saved as OpenRaster: give a name that ends in .ora")]
    NoProjectName,

    #[error("The file could not be read: it is not a file but a folder or a device")]
    NotAFile,

    #[error("The file could not be read: it is empty")]
    Empty,

    #[error("The file could not be read: it takes more than {} MiB", .max_bytes >> 20)]
    TooManyBytes { max_bytes: u64 },

    #[error("The file could not be read: it is not a {expected} picture")]
    OtherFormat { expected: &'static str },

    #[error("The picture could not be read: it is damaged or cut off: {0}")]
    Damaged(&'static str),

    #[error("The picture could not be read: {0} is not supported; save it anew as PNG")]
    Unsupported(&'static str),

    #[error(
        "The picture could not be read: it is in Apple's variant of PNG, which is not supported; save it anew as PNG"
    )]
    AppleVariant,

    #[error(
        "The picture could not be read: it has {width} × {height} pixels, \
         which take more than {} MiB of memory", .max_bytes >> 20
    )]
    TooLarge { width: u32, height: u32, max_bytes: u64 },

    #[error(
        "The picture could not be read: it takes more than {} MiB of memory", .max_bytes >> 20
    )]
    TooMuchMemory { max_bytes: u64 },

    #[error("The picture's request could not be read: it was written by a newer version")]
    NewerRequest,

    #[error("The picture's request could not be read: {0}")]
    Request(serde_json::Error),

    #[error(
        "The picture's request could not be read: \
         The grid has {rows} × {cols} cells of {cell_pixels} pixels"
    )]
    RequestedGrid { rows: u16, cols: u16, cell_pixels: u16 },

    #[error("The picture's request could not be read: its canvas is none of its grid")]
    RequestedCanvas,

    /// It could be read, but nothing can be painted by it.
    #[error("The picture's request could not be read: {0}")]
    UnsoundRequest(RequestError),

    #[error(
        "Films are saved as WebP, APNG, GIF or MP4: \
         give a name that ends in .webp, .apng, .png, .gif or .mp4"
    )]
    NoFilmName,

    #[error(
        "The film could not be saved: it has {width} × {height} pixels, \
         {format} takes up to {max_side} along each side"
    )]
    FilmSize { width: u32, height: u32, format: &'static str, max_side: u32 },

    #[error("The film could not be saved: one of its frames has another size")]
    FrameSize,

    #[error("The film could not be saved: it has no frames")]
    NoFrames,

    #[error("The film could not be saved: one of its frames could not be written")]
    LostFrame,

    #[error(
        "The film could not be saved: for MP4 the program ffmpeg is needed, which was not found; \
         install it, or save the film as WebP, APNG or GIF"
    )]
    NoFfmpeg,

    #[error("The film could not be saved: ffmpeg has failed: {0}")]
    Ffmpeg(String),

    #[error("The picture's request could not be written: {0}")]
    Record(serde_json::Error),
}

impl Fault {
    /// Names the file that it happened to.
    pub(super) fn at(self, path: &Path) -> Error {
        Error { path: path.to_owned(), fault: self }
    }
}

pub type Result<T> = std::result::Result<T, Error>;
