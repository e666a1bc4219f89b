//! What is written beside the pixels: how the picture came about, for us and for other programs.
//! What is read back may be anybody's, and is not trusted.

use std::io::{BufRead, BufReader, Seek};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::{Fault, Result};
use super::png::{Text, read_text};
use super::{file, xmp};
use crate::base::{Grid, Prompt, Request};

/// Under this keyword lies our own record, as JSON.
const KEYWORD: &str = "alla-prima";

/// Raised when older versions of the program could no longer make sense of the record.
const VERSION: u32 = 1;

/// Grids and cells beyond these do not come from this program.
const MAX_CELL_PIXELS: u16 = 64;

/// How a picture came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    pub request: Request,
    /// Whether a human's hand may be seen in it: the artist's, or that of whoever made a picture that was opened.
    #[serde(default)]
    pub artist_painted: bool,
    /// Where not, the texts of all prompts are left out everywhere.
    #[serde(default)]
    pub include_prompt: bool,
    /// How long the painting took.
    #[serde(default)]
    pub seconds: Option<f32>,
}

impl Metadata {
    /// The texts to store in a PNG file.
    #[must_use]
    pub fn texts(&self) -> Vec<Text> {
        let shown = self.shown();
        let origin = xmp::Origin {
            model: &shown.request.model.name,
            prompt: shown.request.prompts.first().map_or("", |it| &it.text),
            artist_painted: shown.artist_painted,
        };
        let record = Record { version: VERSION, metadata: &shown };
        // Numbers, texts and lists only: these always have a JSON form.
        let record = serde_json::to_string(&record).unwrap_or_default();
        vec![
            ("parameters", parameters(&shown.request)),
            (KEYWORD, record),
            ("XML:com.adobe.xmp", xmp::packet(&origin)),
        ]
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
fn parameters(request: &Request) -> String {
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
        "Steps: {}, Sampler: Gumbel-max, CFG scale: {guidance}, Seed: {}, Size: {}x{}, Model: {}, \
         Version: alla-prima {}",
        request.plan.n_steps(),
        request.seed,
        request.plan.grid.width(),
        request.plan.grid.height(),
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

/// How a PNG picture came about; `None` where this program has not written it.
///
/// # Errors
/// Where the file is not a PNG file, is damaged, or its record cannot be understood.
pub fn read_metadata(path: &Path) -> Result<Option<Metadata>> {
    let read = || metadata_in(BufReader::new(file::open(path)?));
    read().map_err(|fault: Fault| fault.at(path))
}

fn metadata_in(mut reader: impl BufRead + Seek) -> std::result::Result<Option<Metadata>, Fault> {
    if !reader.fill_buf()?.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err(Fault::OtherFormat { expected: "PNG" });
    }
    let Some(record) = read_text(reader, KEYWORD)? else {
        return Ok(None);
    };

    let unread = |err: serde_json::Error| Fault::Request(err.to_string());
    let AnyRecord { version } = serde_json::from_str(&record).map_err(unread)?;
    if VERSION < version {
        return Err(Fault::NewerRequest);
    }
    let metadata: Metadata = serde_json::from_str(&record).map_err(unread)?;
    check(&metadata.request).map_err(Fault::Request)?;
    Ok(Some(metadata))
}

fn check(request: &Request) -> std::result::Result<(), String> {
    let Grid { rows, cols, cell_pixels } = request.plan.grid;
    let sides = 1..=Grid::MAX_SIDE;
    if !(sides.contains(&rows)
        && sides.contains(&cols)
        && (1..=MAX_CELL_PIXELS).contains(&cell_pixels))
    {
        return Err(format!("The grid has {rows} × {cols} cells of {cell_pixels} pixels"));
    }
    request.check().map_err(|err| err.to_string())
}

#[cfg(test)]
#[path = "metadata_tests.rs"]
mod tests;
