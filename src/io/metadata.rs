//! What is written beside the pixels: how the picture came about, for us and for other programs.
//! What is read back may be anybody's, and is not trusted.

use std::io::{BufRead, BufReader, Seek};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::artwork::{Format, MAX_JPEG_PACKET, Tells};
use super::chunks::{Chunks, Texts};
use super::error::{Fault, Result};
use super::png::Text;
use super::{file, xmp};
use crate::base::{Grid, ModelId, PixelRect, Prompt, Request};

/// Under this keyword lies our own record, as JSON.
pub(super) const KEYWORD: &str = "alla-prima";

/// Raised when older versions of the program could no longer make sense of the record.
const VERSION: u32 = 1;

/// Grids and cells beyond these do not come from this program.
const MAX_CELL_PIXELS: u16 = 64;

/// How a picture came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    pub request: Request,
    /// The models that have painted in it; pictures of older versions name that of the request alone.
    #[serde(default)]
    pub painters: Vec<ModelId>,
    /// Whether a human's hand may be seen in it: the artist's, or that of whoever made a picture that was opened.
    #[serde(default)]
    pub artist_painted: bool,
    /// Where not, the texts of all prompts are left out everywhere.
    #[serde(default)]
    pub include_prompt: bool,
    /// How long the painting took.
    #[serde(default)]
    pub seconds: Option<f32>,
    /// How many pixels of the picture a pixel of the model's takes along each side.
    #[serde(default = "one")]
    pub scale: u16,
    /// Where in the grid the picture lies, in its own pixels; `None` where it is all of it.
    #[serde(default)]
    pub canvas: Option<PixelRect>,
    /// Whether nothing is told of who has painted; the request names its model all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_origin_left_out: bool,
    /// With which strokes it was painted over at the end, if with any: "oil".
    #[serde(default)]
    pub finish: Option<String>,
}

const fn one() -> u16 {
    1
}

impl Metadata {
    /// What to store in the file of a picture as large as this.
    pub(super) fn beside(
        &self,
        size: [u32; 2],
        format: Format,
        tells: Tells,
    ) -> std::result::Result<Beside, Fault> {
        let mut shown = Self { include_prompt: tells.prompt, ..self.clone() }.shown();
        if !tells.origin {
            shown.painters.clear();
            shown.artist_painted = false;
            shown.is_origin_left_out = true;
        }
        let names: Vec<&str> = shown.painters.iter().map(|it| it.name.as_str()).collect();
        let record = if tells.recipe {
            let record = Record { version: VERSION, metadata: &shown };
            serde_json::to_string(&record).map_err(Fault::Record)?
        } else {
            String::new()
        };
        let packet = |record: &str| {
            let prompt = shown.request.prompts.first().map_or("", |it| &it.text);
            let tells_any = tells.origin || !prompt.is_empty() || !record.is_empty();
            let origin = xmp::Origin {
                is_told: tells.origin,
                models: &names.join(", "),
                prompt,
                artist_painted: shown.artist_painted,
                record,
            };
            if tells_any { xmp::packet(&origin) } else { String::new() }
        };
        let mut xmp = packet(if format == Format::Png { "" } else { &record });
        if format == Format::Jpeg && MAX_JPEG_PACKET < xmp.len() {
            log::warn!("The picture has too many cells for a JPEG to say how each came about");
            xmp = packet("");
        }
        let parameters = match (tells.recipe, shown.request.prompts.first()) {
            (true, _) => parameters(&shown.request, size),
            (false, Some(it)) => plain(&it.text),
            (false, None) => String::new(),
        };
        Ok(Beside { parameters, record, xmp })
    }

    /// Without the prompts where these are not to be included.
    fn shown(&self) -> Self {
        let mut shown = self.clone();
        if !self.include_prompt {
            for Prompt { text, negative, .. } in &mut shown.request.prompts {
                text.clear();
                negative.clear();
            }
        }
        shown
    }
}

/// What stands beside the pixels in a file.
pub(super) struct Beside {
    /// As most programs for generated pictures read it.
    pub(super) parameters: String,
    /// Our own, as JSON.
    pub(super) record: String,
    pub(super) xmp: String,
}

impl Beside {
    /// As a PNG file has it; what is empty is left out.
    pub(super) fn texts(&self) -> Vec<Text> {
        let texts = [
            ("parameters", &self.parameters),
            (KEYWORD, &self.record),
            ("XML:com.adobe.xmp", &self.xmp),
        ];
        let said = texts.into_iter().filter(|(_, it)| !it.is_empty());
        said.map(|(keyword, it)| (keyword, it.clone())).collect()
    }
}

/// How the metadata is written.
#[derive(Serialize)]
struct Record<'a> {
    version: u32,
    #[serde(flatten)]
    metadata: &'a Metadata,
}

/// The part of a record that every version understands.
#[derive(Deserialize)]
struct AnyRecord {
    version: u32,
}

/// The layout that most programs for generated pictures read: prompt, negative prompt, settings.
fn parameters(request: &Request, [width, height]: [u32; 2]) -> String {
    let mut lines = Vec::new();
    let mut guidance = 1.0;
    if let Some(prompt) = request.prompts.first() {
        guidance = prompt.guidance;
        if !prompt.text.is_empty() {
            lines.push(plain(&prompt.text));
        }
        if !prompt.negative.is_empty() {
            lines.push(format!("Negative prompt: {}", plain(&prompt.negative)));
        }
    }
    lines.push(format!(
        "Steps: {}, Sampler: Gumbel-max, CFG scale: {guidance}, Seed: {}, Size: {width}x{height}, Model: {}, \
         Version: alla-prima {}",
        request.plan.n_steps(),
        request.seed,
        quoted(&request.model.name),
        env!("CARGO_PKG_VERSION"),
    ));
    lines.join("\n")
}

/// Blanks for what would end a line or a text.
fn plain(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}

/// A value that would be mistaken for several stands in quotes.
fn quoted(value: &str) -> String {
    let value = plain(value);
    if value.contains([',', ':', '"']) {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        value
    }
}

/// How a PNG picture came about; `None` where this program has not written it. It may stand before the pixels or behind
/// them.
///
/// # Errors
/// Where the file is not a PNG file, is damaged, or its record cannot be understood.
pub fn read_metadata(path: &Path) -> Result<Option<Metadata>> {
    let read = || metadata_in(BufReader::new(file::open(path)?));
    read().map_err(|fault: Fault| fault.at(path))
}

fn metadata_in(reader: impl BufRead + Seek) -> std::result::Result<Option<Metadata>, Fault> {
    let texts = Chunks::read(reader)?.texts()?;
    metadata_of(&texts)
}

/// What one of the texts in a file says of how it came about.
pub(super) fn metadata_of(texts: &Texts) -> std::result::Result<Option<Metadata>, Fault> {
    texts.get(KEYWORD).map(read_record).transpose()
}

/// What our own record says.
pub(super) fn read_record(record: &str) -> std::result::Result<Metadata, Fault> {
    let AnyRecord { version } = serde_json::from_str(record).map_err(Fault::Request)?;
    if VERSION < version {
        return Err(Fault::NewerRequest);
    }
    let metadata: Metadata = serde_json::from_str(record).map_err(Fault::Request)?;
    check(&metadata.request)?;
    check_canvas(&metadata)?;
    Ok(metadata)
}

fn check(request: &Request) -> std::result::Result<(), Fault> {
    let Grid { rows, cols, cell_pixels } = request.plan.grid;
    let sides = 1..=Grid::MAX_SIDE;
    if !(sides.contains(&rows)
        && sides.contains(&cols)
        && (1..=MAX_CELL_PIXELS).contains(&cell_pixels))
    {
        return Err(Fault::RequestedGrid { rows, cols, cell_pixels });
    }
    request.check().map_err(Fault::UnsoundRequest)
}

fn check_canvas(metadata: &Metadata) -> std::result::Result<(), Fault> {
    if !(1..=Grid::MAX_SCALE).contains(&metadata.scale) {
        return Err(Fault::RequestedCanvas);
    }
    let all = metadata.request.plan.grid.scaled(metadata.scale).area();
    let is_sound = |it: PixelRect| !it.is_empty() && it.intersection(all) == it;
    if metadata.canvas.is_none_or(is_sound) { Ok(()) } else { Err(Fault::RequestedCanvas) }
}

#[cfg(test)]
#[path = "metadata_tests.rs"]
mod tests;
