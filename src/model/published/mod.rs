//! Networks that others have published, from the files as they are published: LlamaGen, Janus, ARPG, RandAR, and
//! the codec that they share.
//! Which one a file holds is told by the names of its tensors, how large it is by their shapes.

pub mod arpg;
mod attention;
mod block;
mod check;
mod classes;
mod convolution;
mod decoder;
mod facts;
pub mod janus;
mod lanes;
pub mod llamagen;
mod outcomes;
mod projection;
mod prompts;
pub mod randar;
mod rotary;
mod rows;
mod t5;
pub mod vq;
pub mod weights;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::arpg::Arpg;
use self::janus::{Janus, Naming};
use self::llamagen::{Condition, LlamaGen};
use self::prompts::JanusPrompts;
use self::randar::RandAr;
use self::t5::TextEncoder;
use self::vq::{Nearest, Vq};
use self::weights::{Files, Weights as _};
use crate::base::{Grid, Precision, Sources};
use crate::model::{Codec, Context, Error, Facts, Painter, Result};

/// What reads texts and begins to paint.
type Begin = Box<dyn Fn(&[Option<&str>]) -> Result<Box<dyn Context>> + Send>;

/// A published model, ready to paint.
struct Published {
    facts: Facts,
    begin: Begin,
    codec: Vq,
}

impl Painter for Published {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn begin(&self, texts: &[Option<&str>]) -> Result<Box<dyn Context>> {
        if texts.is_empty() {
            return Err(candle_core::Error::msg("there is nothing to paint from").into());
        }
        (self.begin)(texts)
    }

    fn codec(&self) -> &dyn Codec {
        &self.codec
    }
}

/// Opens a published model.
///
/// # Errors
/// Where a file cannot be read, is missing, or holds no network that is known here.
pub fn open(sources: &Sources, precision: Precision) -> Result<Box<dyn Painter>> {
    let files = Files::open(&sources.painter)?;
    let codec = match Naming::of(&files) {
        Some(names) => Vq::load(&files, names.codec, Nearest::Place)?,
        None => {
            let path = sources.codec.as_ref().ok_or_else(|| {
                let why = "this model needs the codec VQ-16, which has a file of its own";
                Error::Missing(why.to_owned())
            })?;
            Vq::load(&Files::open(path)?, "", Nearest::Direction)?
        }
    };
    let (facts, begin) = match Family::of(&files) {
        Some(Family::Janus) => open_janus(sources, &files, &codec, precision)?,
        Some(Family::RandAr) => open_randar(&files, &codec, precision)?,
        Some(Family::Arpg) => open_arpg(&files, &codec, precision)?,
        Some(Family::LlamaGen) => open_llamagen(sources, &files, &codec, precision)?,
        None => {
            let path = files.path().display();
            return Err(Error::Damaged(format!("it is no network that is known here\n{path}")));
        }
    };
    if facts.n_codes != codec.n_codes() {
        let (ours, theirs) = (facts.n_codes, codec.n_codes());
        let why = format!("it paints with {ours} codes, and its codec has {theirs}");
        return Err(Error::Damaged(why));
    }
    Ok(Box::new(Published { facts, begin, codec }))
}

/// Networks that are known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Janus,
    RandAr,
    Arpg,
    LlamaGen,
}

impl Family {
    fn of(files: &Files) -> Option<Self> {
        let has = |name: &str| files.has(name);
        match () {
            () if Naming::of(files).is_some() => Some(Self::Janus),
            () if has(randar::INSTRUCTION) => Some(Self::RandAr),
            () if has(&format!("{}.0.attn.to_q.weight", arpg::SELF)) => Some(Self::Arpg),
            () if has("layers.0.attention.wqkv.weight") => Some(Self::LlamaGen),
            () => None,
        }
    }
}

fn open_janus(
    sources: &Sources,
    files: &Files,
    codec: &Vq,
    precision: Precision,
) -> Result<(Facts, Begin)> {
    let prompts = JanusPrompts::read(&tokenizer(sources, files.path())?)?;
    let grid = square(janus::SIDE, codec);
    let network = Arc::new(Janus::load(files, files.config(), grid, precision)?);
    let facts = facts::janus(&network, &sources.painter);
    let begin = move |texts: &[Option<&str>]| network.begin(&prompts.ids(texts)?);
    Ok((facts, Box::new(begin)))
}

fn open_llamagen(
    sources: &Sources,
    files: &Files,
    codec: &Vq,
    precision: Precision,
) -> Result<(Facts, Begin)> {
    let config = llamagen::Config::of(files)?;
    let grid = square(side_of(files.path(), codec).unwrap_or(config.usual_side()), codec);
    let network = Arc::new(LlamaGen::load(files, grid, precision)?);
    let facts = facts::llamagen(&network, grid);
    let Some(most) = network.most_words() else {
        let begin = move |conditions: &[Condition]| network.begin(conditions);
        return Ok((facts.clone(), by_class(facts.words, begin)));
    };
    let path = sources.text_encoder.as_ref().ok_or_else(|| {
        let why = "this model needs the text encoder Flan-T5, which has files of its own";
        Error::Missing(why.to_owned())
    })?;
    let encoder = TextEncoder::open(path, &tokenizer(sources, path)?)?;
    let begin = move |texts: &[Option<&str>]| {
        let conditions = texts.iter().map(|text| match text {
            Some(text) => Ok(Condition::Features(encoder.features(text, most)?)),
            None => Ok(Condition::Nothing),
        });
        network.begin(&conditions.collect::<Result<Vec<_>>>()?)
    };
    Ok((facts, Box::new(begin)))
}

fn open_arpg(files: &Files, codec: &Vq, precision: Precision) -> Result<(Facts, Begin)> {
    let grid = square(side_of(files.path(), codec).unwrap_or(USUAL_SIDE), codec);
    let network = Arc::new(Arpg::load(files, grid, precision)?);
    let facts = facts::arpg(&network);
    let begin = move |conditions: &[Condition]| network.begin(conditions);
    Ok((facts.clone(), by_class(facts.words, begin)))
}

fn open_randar(files: &Files, codec: &Vq, precision: Precision) -> Result<(Facts, Begin)> {
    let grid = square(side_of(files.path(), codec).unwrap_or(USUAL_SIDE), codec);
    let network = Arc::new(RandAr::load(files, grid, precision)?);
    let facts = facts::randar(&network);
    let begin = move |conditions: &[Condition]| network.begin(conditions);
    Ok((facts.clone(), by_class(facts.words, begin)))
}

/// Texts name classes.
fn by_class(
    names: Vec<String>,
    begin: impl Fn(&[Condition]) -> Result<Box<dyn Context>> + Send + 'static,
) -> Begin {
    Box::new(move |texts| {
        let conditions = texts.iter().map(|text| match text {
            Some(text) => Ok(Condition::Class(classes::class_of(text, &names)?)),
            None => Ok(Condition::Nothing),
        });
        begin(&conditions.collect::<Result<Vec<_>>>()?)
    })
}

/// Rows and columns of most networks here.
const USUAL_SIDE: u16 = 16;

const fn square(side: u16, codec: &Vq) -> Grid {
    Grid { rows: side, cols: side, cell_pixels: codec.cell_pixels() }
}

/// For how many rows and columns a network was trained, as the last number of its file's name has it: the tensors
/// do not tell. `c2i_L_384.pt` is for 384 pixels.
fn side_of(path: &Path, codec: &Vq) -> Option<u16> {
    let stem = path.file_stem()?.to_str()?;
    let numbers = stem.split(|it: char| !it.is_ascii_digit());
    let pixels: u16 = numbers.filter_map(|it| it.parse().ok()).next_back()?;
    let size = codec.cell_pixels();
    let side = pixels / size;
    (pixels.is_multiple_of(size) && (1..=Grid::MAX_SIDE).contains(&side)).then_some(side)
}

/// The one that was named, or the one that lies beside the weights.
fn tokenizer(sources: &Sources, weights: &Path) -> Result<PathBuf> {
    let folder = if weights.is_dir() { Some(weights) } else { weights.parent() };
    let beside = folder.map(|it| it.join("tokenizer.json")).filter(|it| it.is_file());
    let why = "there is no tokenizer.json beside its weights";
    sources.tokenizer.clone().or(beside).ok_or_else(|| Error::Missing(why.to_owned()))
}
