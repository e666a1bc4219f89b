//! Projects into OpenRaster files: layers as other programs see them, and beside them what makes them ours.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::error::{Fault, Result};
use super::super::file::write_whole_keeping_old;
use super::super::thumbnail::thumbnail;
use super::archive::{NewArchive, png_of, png_of_rgba};
use super::parts::{NamedPart, named_parts};
use super::record::Record;
use super::stack_xml::{Content, Item, StackXml};
use super::{Project, film, is_project, parts};
use crate::base::{LayerId, PixelRect, Pixmap};
use crate::compose::BlendMode;
use crate::document::{Layer, LayerKind, Picture};

/// Sides of a thumbnail are at most this long, as the format wants it.
const THUMBNAIL_PIXELS: u32 = 256;

/// Where our own record lies.
pub(super) const DOCUMENT: &str = "alla-prima/document.json";

/// The record, and where the pixels lie that it names.
#[derive(Serialize, Deserialize)]
pub(super) struct Document {
    #[serde(flatten)]
    pub(super) record: Record,
    pub(super) parts: BTreeMap<String, Part>,
    /// Checksums of what other programs may change.
    pub(super) sums: BTreeMap<String, u32>,
}

/// A file of the archive with the pixels of a rectangle; around it there are none.
#[derive(Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) file: String,
    pub(super) left: u32,
    pub(super) top: u32,
}

/// Writes a project; what was there before is kept as `NAME~`.
///
/// # Errors
/// Where the file cannot be written, or is not named as an OpenRaster file.
pub fn write_project(path: &Path, project: &Project) -> Result<()> {
    if !is_project(path) {
        return Err(Fault::NoProjectName.at(path));
    }
    write_whole_keeping_old(path, |file| write(file, project))
}

fn write(file: &mut BufWriter<&File>, project: &Project) -> io::Result<()> {
    // As it is seen, what is due is made first.
    let picture = &project.picture.with_finishes();
    let mut archive = NewArchive::new(file);
    archive.put("mimetype", b"image/openraster")?;
    let items = put_layers(&mut archive, picture, &picture.stack.layers)?;
    let (width, height) = (picture.canvas.width(), picture.canvas.height());
    archive.put("stack.xml", StackXml { width, height, items }.to_xml().as_bytes())?;
    let sums = archive.sums.iter().filter(|it| it.0 != "mimetype").cloned().collect();

    let seen = picture.composite(picture.canvas);
    archive.put("mergedimage.png", &png_of_rgba(width, height, &seen)?)?;
    let small = thumbnail(width, height, seen, THUMBNAIL_PIXELS);
    archive.put("Thumbnails/thumbnail.png", &png_of(&small, small.area())?)?;
    let parts = put_parts(&mut archive, picture)?;
    let document = Document { record: Record::of(project), parts, sums };
    archive.put(DOCUMENT, &serde_json::to_vec(&document)?)?;
    film::put(&mut archive, &project.recording)?;
    archive.finish()
}

/// Layers as others see them, the lowest first.
fn put_layers(
    archive: &mut NewArchive<'_, '_>,
    picture: &Picture,
    layers: &[Layer],
) -> io::Result<Vec<Item>> {
    let mut items = Vec::new();
    for layer in layers {
        let content = match &layer.kind {
            LayerKind::Paint(_) | LayerKind::Generated => put_pixels(archive, picture, layer.id)?,
            LayerKind::Group(inner) => {
                let mut items = put_layers(archive, picture, inner)?;
                items.extend(put_mask(archive, picture, layer)?);
                Content::Stack(items)
            }
        };
        items.push(Item {
            name: layer.name.clone(),
            opacity: layer.opacity,
            composite_op: layer.blend.composite_op().to_owned(),
            is_visible: layer.is_visible,
            is_locked: layer.is_locked,
            content,
        });
    }
    Ok(items)
}

fn put_pixels(
    archive: &mut NewArchive<'_, '_>,
    picture: &Picture,
    id: LayerId,
) -> io::Result<Content> {
    let pixels = picture.shown_pixels(id).unwrap_or_else(|| Pixmap::new(1, 1));
    let name = data_name(picture, id);
    put_shown(archive, picture, name, &pixels)
}

/// A group's mask, as a layer of the group that cuts all below it.
fn put_mask(
    archive: &mut NewArchive<'_, '_>,
    picture: &Picture,
    group: &Layer,
) -> io::Result<Option<Item>> {
    let Some(mask) = &group.mask else { return Ok(None) };
    let name = format!("data/mask{}.png", idx_of(picture, group.id));
    let content = put_shown(archive, picture, name, mask)?;
    Ok(Some(Item {
        name: format!("Mask of {}", group.name),
        opacity: 1.0,
        composite_op: BlendMode::DestinationIn.composite_op().to_owned(),
        is_visible: true,
        is_locked: false,
        content,
    }))
}

/// As much of the pixels as there is, by where it lies on the canvas.
fn put_shown(
    archive: &mut NewArchive<'_, '_>,
    picture: &Picture,
    name: String,
    pixels: &Pixmap,
) -> io::Result<Content> {
    let area = area_of(pixels);
    archive.put(&name, &png_of(pixels, area)?)?;
    let on_canvas = |at: u32, from: u32| i64::from(at) - i64::from(from);
    let x = on_canvas(area.left, picture.canvas.left) as i32;
    let y = on_canvas(area.top, picture.canvas.top) as i32;
    Ok(Content::Pixels { src: name, x, y })
}

/// What holds all paint; a pixel where there is none, as no file is empty.
fn area_of(pixels: &Pixmap) -> PixelRect {
    let area = pixels.bounds();
    if area.is_empty() { PixelRect::new(0, 0, 1, 1) } else { area }
}

fn idx_of(picture: &Picture, id: LayerId) -> usize {
    picture.stack.walk().iter().position(|it| it.1.id == id).unwrap_or(0)
}

fn data_name(picture: &Picture, id: LayerId) -> String {
    format!("data/layer{}.png", idx_of(picture, id))
}

/// The pixels that the record names; those that others see as they are lie there already.
fn put_parts(
    archive: &mut NewArchive<'_, '_>,
    picture: &Picture,
) -> io::Result<BTreeMap<String, Part>> {
    let mut there = BTreeMap::new();
    for (idx, (_, layer)) in picture.stack.walk().into_iter().enumerate() {
        let is_whole = layer.mask.is_none() && !layer.is_clipped && layer.finish.is_none();
        let name = match &layer.kind {
            LayerKind::Paint(_) => parts::layer(idx),
            LayerKind::Generated => parts::MODEL.to_owned(),
            LayerKind::Group(_) => continue,
        };
        if is_whole {
            there.insert(name, data_name(picture, layer.id));
        }
    }
    let mut found = BTreeMap::new();
    for NamedPart { place: name, pixels, .. } in named_parts(picture) {
        let area = area_of(&pixels);
        let file = match there.remove(&name) {
            Some(file) => file,
            None => {
                let file = format!("alla-prima/{name}.png");
                archive.put(&file, &png_of(&pixels, area)?)?;
                file
            }
        };
        found.insert(name, Part { file, left: area.left, top: area.top });
    }
    Ok(found)
}
