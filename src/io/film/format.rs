//! The formats that films are written in.

use std::path::Path;

use crate::io::artwork::has_ending;

/// Of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilmFormat {
    /// Without loss.
    WebP,
    /// Without loss; where only pictures are understood the first frame is seen.
    Apng,
    /// With 255 colours a frame.
    Gif,
    /// With some loss; the smallest. Needs the program ffmpeg.
    Mp4,
}

impl FilmFormat {
    pub const ALL: [Self; 4] = [Self::WebP, Self::Apng, Self::Gif, Self::Mp4];

    /// Of a film with such a name; `None` where its ending is none of them.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        Self::ALL.into_iter().find(|it| has_ending(path, it.endings()))
    }

    /// The usual one first.
    #[must_use]
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::WebP => &["webp"],
            Self::Apng => &["png", "apng"],
            Self::Gif => &["gif"],
            Self::Mp4 => &["mp4"],
        }
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebP => "WebP",
            Self::Apng => "APNG",
            Self::Gif => "GIF",
            Self::Mp4 => "MP4",
        }
    }

    /// The most pixels along each side.
    #[must_use]
    pub const fn max_side(self) -> u32 {
        match self {
            Self::WebP => 16_383, // as libwebp has it
            Self::Apng => i32::MAX as u32,
            Self::Gif => u16::MAX as u32,
            Self::Mp4 => 16_384, // as x264 has it
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_the_format() {
        let of = |name: &str| FilmFormat::of(Path::new(name));
        assert_eq!([of("a.PNG"), of("a.apng")], [Some(FilmFormat::Apng); 2]);
        assert_eq!([of("a.webp"), of("a.mp4")], [Some(FilmFormat::WebP), Some(FilmFormat::Mp4)]);
        assert_eq!([of("a.gif"), of("a.avi")], [Some(FilmFormat::Gif), None]);
    }
}
