//! OpenRaster files, ours and those of others.

use std::path::Path;

use super::super::error::{Fault, Result};
use super::super::file;
use super::archive::Archive;
use super::stack_xml::{Content, Item, StackXml};
use super::write::{DOCUMENT, Document};
use super::{OpenedProject, Project, ProjectNotice, film};
use crate::base::{Grid, Pixmap};
use crate::compose::BlendMode;
use crate::document::{Layer, LayerKind};

/// Of an archive.
const MAX_BYTES: u64 = 16 << 30;

/// Width and height of the largest canvas that is opened.
const MAX_SIDE: u32 = 24_576;

/// What all layers of another program's file may take together: a small file can hold much of one colour.
const MAX_PIXEL_BYTES: u64 = 4 << 30;

/// Layers take memory by what is painted on them; this many at most are looked into.
const MAX_LAYERS: usize = 4096;

/// Opens a project, or what another program has saved as one.
///
/// # Errors
/// Where the file cannot be read, is of another kind, damaged, or too large.
pub fn read_project(path: &Path) -> Result<OpenedProject> {
    open(path).map_err(|fault| fault.at(path))
}

fn open(path: &Path) -> std::result::Result<OpenedProject, Fault> {
    let mut archive = Archive::open(file::open_up_to(MAX_BYTES, path)?)?;
    let xml = archive.bytes("stack.xml")?;
    let xml = String::from_utf8(xml).map_err(|_| damaged("stack.xml: it is not text"))?;
    let stack = StackXml::parse(&xml).map_err(|why| damaged(&format!("stack.xml: {why}")))?;
    let mut notices = Vec::new();
    if archive.sum(DOCUMENT).is_some() {
        let bytes = archive.bytes(DOCUMENT)?;
        let document: Document =
            serde_json::from_slice(&bytes).map_err(|err| damaged(&format!("{DOCUMENT}: {err}")))?;
        let is_same = |(name, sum): (&String, &u32)| archive.sum(name) == Some(*sum);
        if document.sums.iter().all(is_same) {
            return own(&mut archive, document).map(|it| OpenedProject::Own(Box::new(it)));
        }
        notices.push(ProjectNotice::Changed);
    }
    let StackXml { width, height, items } = stack;
    if width == 0 || height == 0 || MAX_SIDE < width.max(height) {
        return Err(Fault::ProjectSize { width, height });
    }
    let (n_left, n_bytes_left) = (MAX_LAYERS, MAX_PIXEL_BYTES);
    let mut reader = Reader { archive: &mut archive, width, height, n_left, n_bytes_left, notices };
    let layers = reader.layers(items)?;
    let notices = reader.notices;
    Ok(OpenedProject::Foreign { width, height, layers, notices })
}

fn damaged(why: &str) -> Fault {
    Fault::DamagedProject(why.to_owned())
}

fn own(archive: &mut Archive, document: Document) -> std::result::Result<Project, Fault> {
    let Document { record, parts, .. } = document;
    let grid = record.grid();
    if Grid::MAX_SIDE < grid.rows.max(grid.cols) || MAX_SIDE < grid.width().max(grid.height()) {
        return Err(Fault::ProjectSize { width: grid.width(), height: grid.height() });
    }
    let mut missing = None;
    let project = record.into_project(|name| {
        let part = parts.get(name)?;
        match archive.pixels(&part.file) {
            Ok(pixels) => {
                let place = [i64::from(part.left), i64::from(part.top)];
                Some(pixels.placed(grid.width(), grid.height(), place))
            }
            Err(err) => {
                missing = missing.take().or(Some(err));
                None
            }
        }
    });
    match (missing, project) {
        (Some(fault), _) => Err(fault),
        (None, Ok(project)) => Ok(Project { recording: film::read(archive), ..project }),
        (None, Err(why)) => Err(damaged(&format!("{DOCUMENT}: {why}"))),
    }
}

/// Layers of another program, with what has to be told.
struct Reader<'a> {
    archive: &'a mut Archive,
    width: u32,
    height: u32,
    n_left: usize,
    n_bytes_left: u64,
    notices: Vec<ProjectNotice>,
}

impl Reader<'_> {
    fn layers(&mut self, items: Vec<Item>) -> std::result::Result<Vec<Layer>, Fault> {
        items.into_iter().map(|it| self.layer(it)).collect()
    }

    fn layer(&mut self, item: Item) -> std::result::Result<Layer, Fault> {
        self.n_left =
            self.n_left.checked_sub(1).ok_or_else(|| damaged("it has too many layers"))?;
        let Item { name, opacity, composite_op, is_visible, is_locked, content } = item;
        let kind = match content {
            Content::Stack(items) => LayerKind::Group(self.layers(items)?),
            Content::Pixels { src, x, y } => {
                let pixels = self.archive.pixels(&src);
                LayerKind::Paint(match pixels {
                    Ok(pixels) => {
                        let pixels = pixels.placed(self.width, self.height, [x.into(), y.into()]);
                        self.n_bytes_left = self
                            .n_bytes_left
                            .checked_sub(pixels.n_bytes())
                            .ok_or(Fault::TooMuchMemory { max_bytes: MAX_PIXEL_BYTES })?;
                        pixels
                    }
                    Err(err) => {
                        log::warn!("{src}: {err}");
                        self.notices.push(ProjectNotice::Unreadable { layer: name.clone() });
                        Pixmap::new(self.width, self.height)
                    }
                })
            }
        };
        let blend = BlendMode::from_composite_op(&composite_op).unwrap_or_else(|| {
            let (layer, mode) = (name.clone(), composite_op);
            self.notices.push(ProjectNotice::UnknownMode { layer, mode });
            BlendMode::Normal
        });
        Ok(Layer { opacity, blend, is_visible, is_locked, ..Layer::new(name, kind) })
    }
}
