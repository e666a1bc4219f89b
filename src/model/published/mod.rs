//! Networks that others have published, from the files as they are published: LlamaGen, Janus,
//! ARPG, RandAR, and the codec that they share.
//! Which one a file holds is told by the names of its tensors, how large it is by their shapes.

pub mod arpg;
mod attention;
mod block;
mod classes;
mod convolution;
mod decoder;
mod facts;
pub mod janus;
mod kept;
pub mod llamagen;
mod opened;
mod outcomes;
mod prompts;
pub mod randar;
mod rows;
pub mod t5;
pub mod vq;
pub mod weights;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::arpg::Arpg;
use self::janus::Janus;
use self::kept::KeptWeights;
use self::llamagen::{Condition, LlamaGen};
use self::opened::{Family, Opened};
use self::prompts::JanusPrompts;
use self::randar::RandAr;
use self::t5::TextEncoder;
use self::vq::{Nearest, Vq};
use self::weights::{OnDevice, Weights};
use crate::base::{Cell, Code, Grid, Hardware, ModelId, Needs, Precision, Sources};
use crate::model::checkpoint::Checkpoint;
use crate::model::checkpoint::cache::Cache;
use crate::model::hardware::{self, Placement};
use crate::model::kernels::in_pool;
use crate::model::{Ask, Codec, Context, Error, Facts, Logits, Painter, Result, memory};

/// What reads texts and begins to paint.
type Begin = Box<dyn Fn(&[Option<&str>]) -> Result<Box<dyn Context>> + Send + Sync>;

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
            return Err(Error::NotSupported("there is no text to read".to_owned()));
        }
        let context = in_pool(|| (self.begin)(texts))?;
        Ok(Box::new(InPool(context)))
    }

    fn codec(&self) -> &dyn Codec {
        &self.codec
    }
}

/// A context whose passes are handed over to the threads of the kernels as a whole.
struct InPool(Box<dyn Context>);

impl Context for InPool {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn bytes(&self) -> u64 {
        self.0.bytes()
    }

    fn rewind(&mut self, len: usize) {
        self.0.rewind(len);
    }

    fn read(&mut self, placed: &[(Cell, Code)], ask: &[Ask]) -> Result<Logits> {
        in_pool(|| self.0.read(placed, ask))
    }
}

/// Bytes of packed weights that are kept for later starts, at most.
const MAX_KEPT: u64 = 20 << 30;

/// Opens a published model. Packed weights are kept for the next start, where the system has a
/// folder for such things.
///
/// # Errors
/// Where a file cannot be read, is missing, or holds no network that is known here, where there is
/// not enough memory, and where a GPU was named that cannot be used.
pub fn open(
    sources: &Sources,
    precision: Precision,
    hardware: Hardware,
) -> Result<Box<dyn Painter>> {
    let cache = Cache::usual(MAX_KEPT);
    hardware::run(hardware, |placement| open_at(placement, sources, precision, cache.as_ref()))
}

/// [`open`], with weights that go there, and are kept in this cache or nowhere.
///
/// # Errors
/// As there.
pub fn open_at(
    placement: &Placement,
    sources: &Sources,
    precision: Precision,
    cache: Option<&Cache>,
) -> Result<Box<dyn Painter>> {
    let files = Opened::open(sources)?;
    let needs = files.needs(precision, placement.device.is_some());
    // How much of its own memory is free, a GPU says when it is full.
    let needs = if placement.has_own_memory() { Needs { n_weights: 0, ..needs } } else { needs };
    memory::ensure_fits(needs.n_bytes(), memory::free_bytes())?;
    let weights_of = |files, cache| weights_of(files, precision, placement, cache);
    let codec = match (files.naming, &files.codec) {
        (Some(names), _) => {
            Vq::load(&*weights_of(&files.painter, None), names.codec, Nearest::Distance)?
        }
        (None, Some(codec)) => Vq::load(&*weights_of(codec, None), "", Nearest::Direction)?,
        (None, None) => {
            let why = "this model needs the codec VQ-16, which has a file of its own";
            return Err(Error::Missing(why.to_owned()));
        }
    };
    let weights = weights_of(&files.painter, cache);
    let opening = Opening {
        sources,
        files: &files,
        weights: &*weights,
        codec: &codec,
        cache,
        precision,
        placement,
    };
    let (facts, begin) = match files.family {
        Family::Janus => opening.janus()?,
        Family::RandAr => opening.randar()?,
        Family::Arpg => opening.arpg()?,
        Family::LlamaGen => opening.llamagen()?,
    };
    weights.finish();
    if facts.n_codes != codec.n_codes() {
        let (ours, theirs) = (facts.n_codes, codec.n_codes());
        let why = format!("it paints with {ours} codes, and its codec has {theirs}");
        return Err(Error::Damaged(why));
    }
    let id = ModelId { digest: Some(files.digest()), ..facts.id };
    let facts = Facts { id, hardware: placement.name.clone(), ..facts };
    Ok(Box::new(Published { facts, begin, codec }))
}

/// On the processor they are packed, and kept for the next start; to a GPU they go as they are.
fn weights_of<'a>(
    files: &'a Checkpoint,
    precision: Precision,
    placement: &'a Placement,
    cache: Option<&'a Cache>,
) -> Box<dyn Weights + 'a> {
    match &placement.device {
        Some(device) => Box::new(OnDevice { weights: files, device }),
        None => Box::new(KeptWeights::new(files, cache, precision)),
    }
}

/// What networks are made of.
struct Opening<'a> {
    sources: &'a Sources,
    files: &'a Opened,
    weights: &'a dyn Weights,
    codec: &'a Vq,
    cache: Option<&'a Cache>,
    precision: Precision,
    placement: &'a Placement,
}

impl Opening<'_> {
    fn janus(&self) -> Result<(Facts, Begin)> {
        let painter = &self.files.painter;
        let prompts = JanusPrompts::read(&self.tokenizer(painter.path())?)?;
        let grid = square(janus::SIDE, self.codec);
        let network = Janus::load(self.weights, painter.config(), grid, self.precision)?;
        let network = Arc::new(network);
        let facts = facts::janus(&network);
        let begin = move |texts: &[Option<&str>]| network.begin(&prompts.ids(texts)?);
        Ok((facts, Box::new(begin)))
    }

    fn llamagen(&self) -> Result<(Facts, Begin)> {
        let grid = self.grid(llamagen::Config::of(self.weights)?.usual_side());
        let network = Arc::new(LlamaGen::load(self.weights, grid, self.precision)?);
        let facts = facts::llamagen(&network, grid);
        let Some(max_tokens) = network.max_tokens() else {
            let begin = move |conditions: &[Condition]| network.begin(conditions);
            let begin = by_class(Arc::clone(&facts.words), begin);
            return Ok((facts, begin));
        };
        let encoder = self.files.text_encoder.as_ref().ok_or_else(|| {
            let why = "this model needs the text encoder Flan-T5, which has files of its own";
            Error::Missing(why.to_owned())
        })?;
        let precision = self.precision.of_text_encoder();
        let kept = weights_of(encoder, precision, self.placement, self.cache);
        let tokenizer = self.tokenizer(encoder.path())?;
        let encoder = TextEncoder::load(&*kept, encoder.config(), &tokenizer, precision)?;
        kept.finish();
        let begin = move |texts: &[Option<&str>]| {
            let conditions = texts.iter().map(|text| match text {
                Some(text) => Ok(Condition::Features(encoder.features(text, max_tokens)?)),
                None => Ok(Condition::Nothing),
            });
            network.begin(&conditions.collect::<Result<Vec<_>>>()?)
        };
        Ok((facts, Box::new(begin)))
    }

    fn arpg(&self) -> Result<(Facts, Begin)> {
        let network = Arpg::load(self.weights, self.grid(USUAL_SIDE), self.precision)?;
        let network = Arc::new(network);
        let facts = facts::arpg(&network);
        let begin = move |conditions: &[Condition]| network.begin(conditions);
        let begin = by_class(Arc::clone(&facts.words), begin);
        Ok((facts, begin))
    }

    fn randar(&self) -> Result<(Facts, Begin)> {
        let network = RandAr::load(self.weights, self.grid(USUAL_SIDE), self.precision)?;
        let network = Arc::new(network);
        let facts = facts::randar(&network);
        let begin = move |conditions: &[Condition]| network.begin(conditions);
        let begin = by_class(Arc::clone(&facts.words), begin);
        Ok((facts, begin))
    }

    /// As the name of the painter's file has it, else of the usual number of rows and columns.
    fn grid(&self, usual_side: u16) -> Grid {
        let side = self.files.side(self.codec.cell_pixels());
        square(side.unwrap_or(usual_side), self.codec)
    }

    /// The one that was named, or the one that lies beside the weights.
    fn tokenizer(&self, weights: &Path) -> Result<PathBuf> {
        let folder = if weights.is_dir() { Some(weights) } else { weights.parent() };
        let beside = folder.map(|it| it.join("tokenizer.json")).filter(|it| it.is_file());
        let why = "there is no tokenizer.json beside its weights";
        self.sources.tokenizer.clone().or(beside).ok_or_else(|| Error::Missing(why.to_owned()))
    }
}

/// Texts name classes.
fn by_class(
    names: Arc<[String]>,
    begin: impl Fn(&[Condition]) -> Result<Box<dyn Context>> + Send + Sync + 'static,
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
