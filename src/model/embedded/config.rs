//! What `config.json` says of a network of the family `alla-prima-1`, and whether it can be true.
//! Knows nothing of the weights, which have to fit it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::base::{Order, Prompt};
use crate::model::{Error, Result, Subject};

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Config {
    pub(super) family: String,
    #[serde(default = "first_name")]
    pub(super) name: String,
    /// Width and height of a cell.
    pub(super) cell_pixels: u16,
    /// Rows, columns.
    pub(super) grid: [u16; 2],
    pub(super) codec: CodecConfig,
    pub(super) painter: PainterConfig,
    pub(super) defaults: Defaults,
    /// Group → attribute → the words for it.
    #[serde(default)]
    knows: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct CodecConfig {
    /// How many values each of a code's latents can take.
    pub(super) levels: Vec<usize>,
    pub(super) codes: usize,
    /// Width and height in pixels of a position of the encoder's finest map.
    #[serde(default = "first_patch")]
    pub(super) unshuffle: usize,
    /// Channels of the encoder's maps, finest first; each map is half as fine as the one before.
    pub(super) widths: Vec<usize>,
    /// Residual blocks on each of them.
    pub(super) encoder_blocks: Vec<usize>,
    /// Channels of the decoder's maps, coarsest first; where not given, those of the encoder.
    #[serde(default)]
    decoder_widths: Vec<usize>,
    /// Residual blocks on each of them.
    decoder_blocks: Vec<usize>,
    /// How wide the second convolution of these blocks is; where not given, 3.
    #[serde(default)]
    decoder_kernels: Vec<usize>,
    /// Width and height in pixels of a position of the decoder's finest map.
    #[serde(default = "first_patch")]
    pub(super) shuffle: usize,
    pub(super) labels: usize,
}

/// What the first network of the family was called.
fn first_name() -> String {
    "Landscapes 1".to_owned()
}

/// What it had.
const fn first_patch() -> usize {
    4
}

/// One of the decoder's maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) width: usize,
    pub(super) n_blocks: usize,
    pub(super) kernel: usize,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct PainterConfig {
    pub(super) dim: usize,
    pub(super) heads: usize,
    pub(super) self_layers: usize,
    pub(super) cross_layers: usize,
    pub(super) ffn: usize,
    /// Rows of the word table: the words, and three more (padding, null prompt, unknown).
    pub(super) words: usize,
    pub(super) text_slots: usize,
    pub(super) rope_base: f32,
    pub(super) rms_eps: f32,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Defaults {
    pub(super) guidance: f32,
    pub(super) region_guidance: f32,
    #[serde(default)]
    pub(super) order: Order,
    pub(super) temperature: f32,
}

/// Groups of what the family's networks know, in the order in which the artist sees them, and what
/// the artist calls each.
const SUBJECTS: [(&str, &str); 7] = [
    ("terrain", "Places"),
    ("has", "Things"),
    ("time", "Light"),
    ("season", "Season"),
    ("clouds", "Sky"),
    ("weather", "Weather"),
    ("manner", "Manner"),
];

/// Networks that are shaped like the one in the program.
pub(super) const FAMILY: &str = "alla-prima-1";

/// Far beyond any network that a desktop could run; keeps a damaged file from taking all memory.
const MAX_WIDTH: usize = 8192;
const MAX_BLOCKS: usize = 64;
const MAX_SIDE: u16 = 64;
const MAX_CELL_PIXELS: usize = 64;
const MAX_MAPS: usize = 6;
const MAX_CODES: usize = 1 << 16;
const MAX_TEXT_SLOTS: usize = 256;

impl Config {
    pub(super) fn parse(json: &[u8]) -> Result<Self> {
        let config: Self = serde_json::from_slice(json)
            .map_err(|err| Error::Damaged(format!("its configuration cannot be read: {err}")))?;
        match config.flaw() {
            Some(flaw) => Err(Error::Damaged(format!("its configuration makes no sense: {flaw}"))),
            None => Ok(config),
        }
    }

    /// Of each group that there is, one word or phrase for each thing.
    pub(super) fn subjects(&self) -> Vec<Subject> {
        let subject = |(group, title): &(&str, &str)| {
            let things = self.knows.get(*group)?.values();
            let things = things.filter_map(|words| words.first().cloned()).collect();
            Some(Subject { title: (*title).to_owned(), things })
        };
        SUBJECTS.iter().filter_map(subject).collect()
    }

    fn flaw(&self) -> Option<&'static str> {
        let Defaults { guidance, region_guidance, temperature, .. } = self.defaults;
        let known = |guidance: f32| Prompt::GUIDANCE.contains(&guidance);
        let side = |it: u16| (1..=MAX_SIDE).contains(&it);
        let flaws = [
            (self.family != FAMILY, "the family is not alla-prima-1"),
            (!self.codec.makes_cells_of(self.cell_pixels.into()), "size of the cells"),
            (!self.grid.into_iter().all(side), "size of the grid"),
            (!known(guidance) || !known(region_guidance), "guidance"),
            (!(0.05..=5.0).contains(&temperature), "temperature"),
            (matches!(self.defaults.order, Order::Around(_) | Order::List(_)), "order"),
        ];
        let flaw = flaws.iter().find_map(|&(is_flaw, name)| is_flaw.then_some(name));
        flaw.or_else(|| self.codec.flaw()).or_else(|| self.painter.flaw())
    }
}

impl CodecConfig {
    /// The decoder's maps, coarsest first.
    pub(super) fn levels_of_decoder(&self) -> Vec<Level> {
        let same: Vec<usize> = self.widths.iter().rev().copied().collect();
        let widths = if self.decoder_widths.is_empty() { &same } else { &self.decoder_widths };
        let kernels = self.decoder_kernels.iter().copied().chain(std::iter::repeat(3));
        let levels = widths.iter().zip(&self.decoder_blocks).zip(kernels);
        levels.map(|((&width, &n_blocks), kernel)| Level { width, n_blocks, kernel }).collect()
    }

    /// Whether both networks, each halving or doubling from map to map, have cells of this size.
    fn makes_cells_of(&self, pixels: usize) -> bool {
        let fits = |patch: usize, n_maps: usize| {
            (1..=MAX_MAPS).contains(&n_maps) && patch.checked_shl(n_maps as u32 - 1) == Some(pixels)
        };
        (8..=MAX_CELL_PIXELS).contains(&pixels)
            && fits(self.unshuffle, self.encoder_blocks.len())
            && fits(self.shuffle, self.decoder_blocks.len())
    }

    fn flaw(&self) -> Option<&'static str> {
        let n_codes = self.levels.iter().try_fold(1_usize, |n, &it| n.checked_mul(it));
        let mut blocks = self.encoder_blocks.iter().chain(&self.decoder_blocks);
        let mut widths = self.widths.iter().chain(&self.decoder_widths);
        let n_levels = self.decoder_blocks.len();
        let has = |list: &[usize], n: usize| list.is_empty() || list.len() == n;
        let maps_fit = self.widths.len() == self.encoder_blocks.len()
            && self.levels_of_decoder().len() == n_levels
            && has(&self.decoder_widths, n_levels)
            && has(&self.decoder_kernels, n_levels);
        let flaws = [
            (self.levels.is_empty() || self.levels.iter().any(|&it| it < 2), "levels of the codes"),
            (n_codes != Some(self.codes) || MAX_CODES < self.codes, "number of codes"),
            (!maps_fit, "maps of the codec"),
            (!widths.all(|it| (1..=MAX_WIDTH).contains(it)), "widths of the codec"),
            (!self.decoder_kernels.iter().all(|it| [1, 3].contains(it)), "kernels of the codec"),
            (blocks.any(|&it| MAX_BLOCKS < it), "depth of the codec"),
            (self.labels != super::LABELS.len(), "number of labels"),
        ];
        flaws.iter().find_map(|&(is_flaw, name)| is_flaw.then_some(name))
    }
}

impl PainterConfig {
    fn flaw(&self) -> Option<&'static str> {
        let width = |it: usize| (1..=MAX_WIDTH).contains(&it);
        // Each head turns two halves, each half by row and by column.
        let heads_fit = width(self.heads) && self.dim.is_multiple_of(4 * self.heads);
        let flaws = [
            (!width(self.dim) || !width(self.ffn), "width of the painter"),
            (!heads_fit, "number of heads"),
            (MAX_BLOCKS < self.self_layers.max(self.cross_layers), "depth of the painter"),
            (!(3..=MAX_CODES).contains(&self.words), "number of words"),
            (!(1..=MAX_TEXT_SLOTS).contains(&self.text_slots), "number of text slots"),
            (!(self.rope_base.is_finite() && 1.0 < self.rope_base), "base of the rotation"),
            (!(0.0..0.1).contains(&self.rms_eps), "epsilon of the norm"),
        ];
        flaws.iter().find_map(|&(is_flaw, name)| is_flaw.then_some(name))
    }

    pub(super) const fn head_dim(&self) -> usize {
        self.dim / self.heads
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    const JSON: &[u8] = include_bytes!("../../../assets/model/config.json");

    /// The embedded network's configuration, but for the value at `path` (as in "/painter/dim").
    pub(in super::super) fn changed(path: &str, value: impl Into<Value>) -> Vec<u8> {
        let mut config: Value = serde_json::from_slice(JSON).unwrap();
        let (parent, field) = path.rsplit_once('/').unwrap();
        let parent = config.pointer_mut(parent).unwrap();
        match field.parse::<usize>() {
            Ok(idx) => parent[idx] = value.into(),
            Err(_) => parent[field] = value.into(),
        }
        serde_json::to_vec(&config).unwrap()
    }

    #[track_caller]
    fn check(path: &str, value: impl Into<Value>, reason: &str) {
        let err = Config::parse(&changed(path, value)).unwrap_err().to_string();
        assert!(err.contains(reason), "{path}: {err}");
    }

    #[test]
    fn a_sound_configuration_is_taken() {
        Config::parse(JSON).unwrap();
    }

    #[test]
    fn absurd_numbers_are_told_apart() {
        check("/family", "alla-prima-9", "the family");
        check("/cell_pixels", 17, "size of the cells");
        check("/cell_pixels", 4096, "size of the cells");
        check("/codec/shuffle", 99_999_999_999_u64, "size of the cells");
        check("/codec/decoder_widths", json!([64]), "maps of the codec");
        let n_maps = Config::parse(JSON).unwrap().codec.decoder_blocks.len();
        check("/codec/decoder_kernels", json!(vec![5; n_maps]), "kernels");
        check("/painter/dim", 99_999_999_999_u64, "width of the painter");
        check("/painter/dim", 0, "width of the painter");
        check("/painter/heads", 0, "number of heads");
        check("/painter/heads", 7, "number of heads");
        check("/painter/heads", i64::MAX, "number of heads");
        check("/painter/self_layers", 1_000_000_000, "depth of the painter");
        check("/painter/text_slots", 1_000_000_000, "text slots");
        check("/codec/codes", 1001, "number of codes");
        check("/codec/levels/0", i64::MAX, "number of codes");
        check("/codec/levels/0", 1, "levels");
        check("/codec/labels", 13, "labels");
        check("/defaults/guidance", -2.0, "guidance");
        check("/defaults/temperature", 0.0, "temperature");
        check("/defaults/order", json!({"list": []}), "order");
        check("/painter/rope_base", 0.0, "rotation");
        check("/painter/words", -98, "cannot be read");
        check("/painter/dim", "wide", "cannot be read");
        check("/grid/0", 0, "size of the grid");
    }

    #[test]
    fn the_first_network_says_less() {
        let mut config: Value = serde_json::from_slice(JSON).unwrap();
        let codec = config["codec"].as_object_mut().unwrap();
        for name in ["unshuffle", "decoder_widths", "decoder_kernels", "shuffle"] {
            codec.remove(name);
        }
        codec.insert("widths".to_owned(), json!([64, 128, 192]));
        codec.insert("encoder_blocks".to_owned(), json!([1, 1, 2]));
        codec.insert("decoder_blocks".to_owned(), json!([3, 2, 2]));
        config["cell_pixels"] = json!(16);
        let config = Config::parse(&serde_json::to_vec(&config).unwrap()).unwrap();
        let expected = [(192, 3, 3), (128, 2, 3), (64, 2, 3)];
        let expected = expected.map(|(width, n_blocks, kernel)| Level { width, n_blocks, kernel });
        assert_eq!(config.codec.levels_of_decoder(), expected);
    }
}
