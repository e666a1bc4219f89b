//! The files of a published model before any tensor is loaded: which network they hold, and what it
//! will take of memory, as names and shapes tell.

use std::path::PathBuf;

use super::janus::{self, Naming, PROMPT_TOKENS};
use super::{arpg, llamagen, randar, t5};
use crate::base::{Digest, Grid, Needs, Precision, Sources};
use crate::model::checkpoint::Checkpoint;
use crate::model::digest::digest;
use crate::model::{Error, Result};

/// Parts of a Janus that read pictures or write text.
const UNUSED: [&str; 6] = [
    "vision_model.",
    "aligner.",
    "model.vision_model.",
    "model.aligner.",
    "language_model.lm_head.",
    "lm_head.",
];

/// How the names of each layer's last attention weights end, in all families.
const LAYERS: [&str; 3] = [".attention.wo.weight", ".self_attn.o_proj.weight", ".attn.to_k.weight"];

/// Of a weight of the codec: as it is, and for some kernels in a form that multiplies less.
const CODEC_BYTES: u64 = 7;

/// Width and height of a cell of most networks here.
const CELL_PIXELS: u16 = 16;

/// The files of a model, of which no tensor is loaded yet.
pub(super) struct Opened {
    pub(super) painter: Checkpoint,
    pub(super) family: Family,
    /// Of a Janus, whose file holds the codec, too.
    pub(super) naming: Option<Naming>,
    pub(super) codec: Option<Checkpoint>,
    pub(super) text_encoder: Option<Checkpoint>,
}

impl Opened {
    /// # Errors
    /// Where a file cannot be read, or the painter is no network that is known here.
    pub(super) fn open(sources: &Sources) -> Result<Self> {
        let painter = Checkpoint::open(&sources.painter)?;
        let unknown = || Error::damaged("it is no network that is known here", painter.path());
        let family = Family::of(&painter).ok_or_else(unknown)?;
        let naming = Naming::of(&painter);
        let open = |path: &Option<PathBuf>, is_needed: bool| {
            path.as_ref().filter(|_| is_needed).map(|it| Checkpoint::open(it)).transpose()
        };
        let codec = open(&sources.codec, naming.is_none())?;
        let text_encoder = open(&sources.text_encoder, painter.has(llamagen::NO_TEXT))?;
        Ok(Self { painter, family, naming, codec, text_encoder })
    }

    /// For how many rows and columns the painter was trained, as the last number in the name of its
    /// file has it: the tensors do not tell. `c2i_L_384.pt` is for 384 pixels. Names of folders are
    /// anybody's, and those of shards count them.
    pub(super) fn side(&self, cell_pixels: u16) -> Option<u16> {
        let mut files = self.painter.files();
        let (only, None) = (files.next()?, files.next()) else { return None };
        let numbers = only.file_stem()?.to_str()?.split(|it: char| !it.is_ascii_digit());
        let pixels: u16 = numbers.filter_map(|it| it.parse().ok()).next_back()?;
        let side = pixels / cell_pixels;
        (pixels.is_multiple_of(cell_pixels) && (1..=Grid::MAX_SIDE).contains(&side)).then_some(side)
    }

    /// Of all its files with weights.
    pub(super) fn digest(&self) -> Digest {
        let others = [self.codec.as_ref(), self.text_encoder.as_ref()];
        let parts = [Some(&self.painter)].into_iter().chain(others);
        let parts = parts.map(|it| it.map_or_else(Vec::new, |it| it.contents().collect()));
        digest(&parts.collect::<Vec<_>>())
    }

    /// With weights on a GPU, or packed for the processor.
    pub(super) fn needs(&self, precision: Precision, is_on_gpu: bool) -> Needs {
        let bits = |it: Precision| if is_on_gpu { it.bits_on_gpu() } else { it.bits_per_weight() };
        let (mut n_weights, mut n_table_bytes, mut n_layers, mut width) = (0_u64, 0_u64, 0, 0);
        let mut n_codec = self.codec.as_ref().map_or(0, Checkpoint::n_values);
        let is_used = |name: &&str| !UNUSED.iter().any(|it| name.starts_with(it));
        for name in self.painter.names().filter(is_used) {
            let shape = self.painter.shape(name).unwrap_or_default();
            let n = shape.iter().fold(1, |n: u64, &it| n.saturating_mul(it as u64));
            if LAYERS.iter().any(|it| name.ends_with(it)) {
                n_layers += 1;
                width = shape.first().copied().unwrap_or_default() as u64;
            }
            if self.naming.is_some_and(|it| name.starts_with(it.codec)) {
                n_codec = n_codec.saturating_add(n);
            } else if name.contains("embed") {
                n_table_bytes = n_table_bytes.saturating_add(n.saturating_mul(4));
            } else {
                n_weights = n_weights.saturating_add(n);
            }
        }
        let encoder_bits = bits(precision.of_text_encoder());
        let encoder_bytes =
            self.text_encoder.as_ref().map_or(0, |it| encoder_bytes(it, encoder_bits));
        let codec_and_encoder = [n_codec.saturating_mul(CODEC_BYTES), encoder_bytes];
        let others = codec_and_encoder.into_iter().chain([n_table_bytes]);
        let side = self.side(CELL_PIXELS).filter(|_| self.family != Family::Janus);
        let n_cells = u64::from(side.unwrap_or(janus::SIDE)).pow(2);
        let n_entries = match self.family {
            Family::RandAr => 2 * n_cells,
            Family::Janus | Family::Arpg | Family::LlamaGen => n_cells + PROMPT_TOKENS as u64,
        };
        // What answers look at is kept beside what the layers keep.
        n_layers += u64::from(self.family == Family::Arpg);
        Needs {
            n_weights,
            bits_per_weight: bits(precision),
            n_cached: (Needs::TEXTS * 2 * n_layers * n_entries).saturating_mul(width),
            bytes_per_cached: precision.bytes_per_cached(),
            n_working_bytes: others.fold(Needs::WORKING_BYTES, u64::saturating_add),
        }
    }
}

/// What the half takes that reads.
fn encoder_bytes(files: &Checkpoint, bits_per_weight: f64) -> u64 {
    let names = files.names().filter(|it| it.starts_with("encoder.block.") || *it == t5::EMBEDDING);
    let n = names.filter_map(|it| files.shape(it)).fold(0, |all: u64, shape| {
        all.saturating_add(shape.iter().fold(1, |n: u64, &it| n.saturating_mul(it as u64)))
    });
    (n as f64 * bits_per_weight / 8.0) as u64
}

/// Networks that are known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Janus,
    RandAr,
    Arpg,
    LlamaGen,
}

impl Family {
    pub(super) fn of(files: &Checkpoint) -> Option<Self> {
        let has = |name: &str| files.has(name);
        if Naming::of(files).is_some() {
            Some(Self::Janus)
        } else if has(randar::INSTRUCTION) {
            Some(Self::RandAr)
        } else if has(&format!("{}.0.attn.to_q.weight", arpg::SELF)) {
            Some(Self::Arpg)
        } else {
            has("layers.0.attention.wqkv.weight").then_some(Self::LlamaGen)
        }
    }
}
