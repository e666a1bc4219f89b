//! What is to be seen on the screen, as Xvfb keeps it: an X window dump (XWD).

use std::path::Path;

use alla_prima::io::write_png;

pub(crate) struct Screenshot {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// RGBA8, row by row.
    rgba: Vec<u8>,
}

impl Screenshot {
    /// `None` where the dump does not have four bytes a pixel.
    pub(crate) fn from_xwd(bytes: &[u8]) -> Option<Self> {
        // The header is a list of numbers, big end first; see X11/XWDFile.h.
        let (numbers, _) = bytes.as_chunks::<4>();
        let number = |idx: usize| numbers.get(idx).map(|it| u32::from_be_bytes(*it) as usize);
        let (header_len, width, height) = (number(0)?, number(4)?, number(5)?);
        let (bits_per_pixel, bytes_per_line, n_colors) = (number(11)?, number(12)?, number(19)?);
        if bits_per_pixel != 32 {
            return None;
        }

        const COLOR_LEN: usize = 12;
        let pixels = bytes.get(header_len + n_colors * COLOR_LEN..)?;
        let mut rgba = Vec::with_capacity(width * height * 4);
        for line in pixels.chunks_exact(bytes_per_line).take(height) {
            let (pixels, _) = line.get(..width * 4)?.as_chunks::<4>();
            rgba.extend(pixels.iter().flat_map(|[blue, green, red, _]| [*red, *green, *blue, 255]));
        }
        Some(Self { width: width as u32, height: height as u32, rgba })
    }

    /// Red, green, blue.
    pub(crate) fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let start = (y as usize * self.width as usize + x as usize) * 4;
        [self.rgba[start], self.rgba[start + 1], self.rgba[start + 2]]
    }

    /// Into `target/desktop/NAME.png`.
    pub(crate) fn save(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../desktop");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{name}.png"));
        write_png(&path, self.width, self.height, &self.rgba, &[]).unwrap();
    }
}
