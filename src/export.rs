//! Finished artwork to files: one picture, painted over or not, in several sizes and formats at once.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::Depth;
use crate::document::Picture;
use crate::finish::{Finished, Finishing, Style, finish};
use crate::io::{self, FileOptions, Format, Metadata, write_artwork};

/// How a picture becomes files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportOptions {
    /// `None` leaves it as it is, but for its size.
    pub style: Option<Style>,
    /// Other strokes for another seed.
    pub seed: u64,
    /// How many pixels along each side one of the picture's becomes, from 1 on: a file for each of them.
    pub scales: Vec<f32>,
    /// A file for each of them.
    pub formats: Vec<Format>,
    pub file: FileOptions,
}

impl Default for ExportOptions {
    /// A PNG of the picture as it is.
    fn default() -> Self {
        let Finishing { style, scale, seed } = Finishing::NONE;
        Self {
            style,
            seed,
            scales: vec![scale],
            formats: vec![Format::Png],
            file: FileOptions::default(),
        }
    }
}

/// A file that is to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportFile {
    pub path: PathBuf,
    pub scale: f32,
}

impl ExportOptions {
    #[must_use]
    pub const fn finishing(&self, scale: f32) -> Finishing {
        Finishing { style: self.style, scale, seed: self.seed }
    }

    /// Whether the picture is kept as it is, pixel for pixel.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.style.is_none() && self.scales == [1.0]
    }

    /// The files that a picture of `size` becomes. One alone is called `path`; with several, a format has its own ending, and a
    /// size stands in the name: `lake-2304x2304.jpg`. `None` where a size is none.
    #[must_use]
    pub fn files(&self, path: &Path, size: [u32; 2]) -> Option<Vec<ExportFile>> {
        let mut files = Vec::new();
        for &scale in &self.scales {
            let [width, height] = self.finishing(scale).size(size)?;
            let sized = |path: &Path| match (self.scales.len(), path.file_stem()) {
                (0 | 1, _) | (_, None) => path.to_owned(),
                (_, Some(stem)) => {
                    let mut name = stem.to_owned();
                    name.push(format!("-{width}x{height}"));
                    if let Some(ending) = path.extension() {
                        name.push(".");
                        name.push(ending);
                    }
                    path.with_file_name(name)
                }
            };
            let paths = match self.formats[..] {
                [] | [_] => vec![path.to_owned()],
                ref all => all.iter().map(|it| path.with_extension(it.endings()[0])).collect(),
            };
            for path in paths.iter().map(|it| sized(it)) {
                // Sizes that differ by less than a pixel are one.
                if files.iter().all(|it: &ExportFile| it.path != path) {
                    files.push(ExportFile { path, scale });
                }
            }
        }
        Some(files)
    }

    /// The same where nobody was asked about names that are made up here: they take no other file's place.
    #[must_use]
    pub fn new_files(&self, path: &Path, size: [u32; 2]) -> Option<Vec<ExportFile>> {
        let mut files = self.files(path, size)?;
        for file in files.iter_mut().filter(|it| it.path != path) {
            file.path = free(&file.path);
        }
        Some(files)
    }
}

/// The same name, or one with a number where there is such a file.
fn free(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let numbered = |number: u32| path.with_file_name(format!("{stem}-{number}.{ending}"));
    let names = std::iter::once(path.to_owned()).chain((2..).map(numbered));
    names.into_iter().find(|it| !it.exists()).unwrap_or_else(|| path.to_owned())
}

/// A picture to be exported, as it was when that was asked for.
#[derive(Clone, Debug)]
pub struct Export {
    pub picture: Picture,
    pub metadata: Metadata,
}

impl Export {
    /// Width, height and RGBA8 values as they are seen. Takes its time.
    #[must_use]
    pub fn composed(&self) -> (u32, u32, Vec<u8>) {
        let area = self.picture.canvas;
        (area.width(), area.height(), self.picture.composite(area))
    }

    /// Width and height of the picture.
    #[must_use]
    pub const fn size(&self) -> [u32; 2] {
        [self.picture.canvas.width(), self.picture.canvas.height()]
    }

    /// The same after the last step; `go_on` as in [`finish`]. Takes longer.
    #[must_use]
    pub fn finished(
        &self,
        finishing: &Finishing,
        depth: Depth,
        go_on: &(dyn Fn(f32) -> bool + Sync),
    ) -> Option<Finished> {
        let has_finishes = self.picture.stack.walk().iter().any(|it| it.1.finish.is_some());
        if !has_finishes {
            let area = self.picture.canvas;
            return finish(&self.picture.seen().pixels(area), area, finishing, depth, go_on);
        }
        // Layers that are finished are so at the size that is wanted, if that is a whole one; what lies above them is enlarged.
        let whole = finishing.scale.round();
        let is_larger = 1.0 < whole && whole == finishing.scale;
        finishing.size(self.size())?;
        let picture = if is_larger {
            self.picture.enlarged(whole as u16, &|share| go_on(share * 0.9))?
        } else {
            self.picture.with_finishes()
        };
        let scale = if is_larger { 1.0 } else { finishing.scale };
        let rest = Finishing { scale, ..*finishing };
        let area = picture.canvas;
        finish(&picture.seen().pixels(area), area, &rest, depth, &|it| go_on(0.9 + 0.1 * it))
    }

    /// Writes all `files`; `false` where `go_on` did not want that, and then those that are written already stay.
    ///
    /// # Errors
    /// Says which one could not be written.
    pub fn write(
        &self,
        files: &[ExportFile],
        options: &ExportOptions,
        go_on: &(dyn Fn(f32) -> bool + Sync),
    ) -> Result<bool, io::Error> {
        // To write takes some of the time, too; larger pictures take more of it.
        const FINISHING: f32 = 0.8;
        let mut scales: Vec<f32> = files.iter().map(|it| it.scale).collect();
        scales.dedup();
        let all: f32 = scales.iter().map(|it| it * it).sum();
        let mut done = 0.0;
        for scale in scales {
            let share = scale * scale / all;
            let go_on_with = |within: f32| go_on(done + share * within);
            let (finishing, depth) = (options.finishing(scale), options.file.depth);
            let finished = self.finished(&finishing, depth, &|it| go_on_with(it * FINISHING));
            let Some(Finished { width, height, samples }) = finished else { return Ok(false) };
            let finish = finishing.style.map(|it| it.name().to_owned());
            let metadata = Metadata { finish, ..self.metadata.clone() };
            let files: Vec<_> = files.iter().filter(|it| it.scale == scale).collect();
            for (idx, file) in files.iter().enumerate() {
                write_artwork(&file.path, [width, height], &samples, &options.file, &metadata)?;
                let written = (idx + 1) as f32 / files.len() as f32;
                if !go_on_with(FINISHING + (1.0 - FINISHING) * written) && idx + 1 < files.len() {
                    return Ok(false);
                }
            }
            done += share;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_files_have_names_of_their_own() {
        let names = |scales: &[f32], formats: &[Format]| -> Vec<String> {
            let (scales, formats) = (scales.to_vec(), formats.to_vec());
            let options = ExportOptions { scales, formats, ..ExportOptions::default() };
            let files = options.files(Path::new("art/a lake.png"), [576, 384]).unwrap();
            files.into_iter().map(|it| it.path.display().to_string()).collect()
        };
        assert_eq!(names(&[2.0], &[Format::Jpeg]), ["art/a lake.png"]);
        assert_eq!(
            names(&[1.0], &[Format::Tiff, Format::WebP]),
            ["art/a lake.tif", "art/a lake.webp"]
        );
        assert_eq!(
            names(&[1.0, 4.0], &[Format::Png]),
            ["art/a lake-576x384.png", "art/a lake-2304x1536.png"]
        );
        assert_eq!(names(&[1.0, 2.0, 4.0], &Format::ALL).len(), 15);
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("a.png");
        std::fs::write(folder.path().join("a.jpg"), "somebody's").unwrap();
        let formats = vec![Format::Png, Format::Jpeg];
        let options = ExportOptions { formats, ..ExportOptions::default() };
        let files = options.new_files(&base, [9, 9]).unwrap();
        assert!(files[0].path == base && files[1].path.ends_with("a-2.jpg"));
        let scales = vec![1.0, 1.0, 1.0001];
        let options = ExportOptions { scales, ..ExportOptions::default() };
        assert_eq!(options.files(&base, [576, 384]).unwrap().len(), 1);
        let options = ExportOptions { scales: vec![1.0, 99.0], ..ExportOptions::default() };
        assert_eq!(options.files(Path::new("a.png"), [576, 384]), None);
    }
}
