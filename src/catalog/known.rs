//! The published models that this program can paint with. Names of repositories and files as the projects
//! publish them; shapes from their papers and sources.

use crate::base::Grid;

/// The painter that is part of the program.
pub const BUILT_IN: &str = "Landscapes 3";

/// A published model.
#[derive(Debug, PartialEq)]
pub struct Known {
    pub name: &'static str,
    /// What it paints, in a few words.
    pub paints: &'static str,
    /// Cells on each side of its square grid; a cell has 16 × 16 pixels.
    pub side: u16,
    /// Whether it can paint canvases larger than that, view by view.
    pub paints_larger: bool,
    /// Bytes to download, about; `None` where nobody but the hub says.
    pub download_bytes: Option<u64>,
    pub licences: &'static [Licence],
    pub(super) parts: &'static [ModelPart],
    pub(super) shape: NetworkShape,
}

impl Known {
    /// As much as it sees at once.
    #[must_use]
    pub const fn grid(&self) -> Grid {
        Grid { rows: self.side, cols: self.side, cell_pixels: 16 }
    }
}

/// Under which terms weights are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Licence {
    pub name: &'static str,
    /// What it comes to.
    pub says: &'static str,
    pub url: &'static str,
}

/// What a part of a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Painter,
    Codec,
    TextEncoder,
}

/// A part of a model, in one repository of the hub.
#[derive(Debug, PartialEq)]
pub(super) struct ModelPart {
    pub(super) role: Role,
    pub(super) repo: &'static str,
    /// Other repositories with the same weights, which do as well where they are in the cache.
    pub(super) twins: &'static [&'static str],
    pub(super) files: Files,
}

/// What is needed of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Files {
    /// This file.
    One(&'static str),
    /// The weights, in one file or in several, with their configuration and vocabulary.
    Folder,
}

/// How large a network is, in weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NetworkShape {
    /// Of all that is read for every cell: the layers and the head.
    pub(super) per_step: u64,
    /// Of tables, of which a step reads a row.
    pub(super) tables: u64,
    /// Of an encoder of texts beside it.
    pub(super) text_encoder: u64,
    pub(super) layers: u64,
    pub(super) width: u64,
    /// Words and cells that a context holds.
    pub(super) positions: u64,
}

const MIT: Licence = Licence {
    name: "MIT",
    says: "Do with it what you like, and keep the notice of who made it",
    url: "https://opensource.org/license/mit",
};
const APACHE: Licence = Licence {
    name: "Apache 2.0",
    says: "Do with it what you like, keep the notices, and say what you changed",
    url: "https://www.apache.org/licenses/LICENSE-2.0",
};
const DEEPSEEK: Licence = Licence {
    name: "DeepSeek Model Licence 1.0",
    says: "Use is free, also for pay, except for the harmful uses that it lists; who passes the model on \
           passes these restrictions on",
    url: "https://github.com/deepseek-ai/Janus/blob/main/LICENSE-MODEL",
};

/// Weights of every codec here.
pub(super) const CODEC_WEIGHTS: u64 = 72_000_000;
/// Codes of every codec here.
const CODES: u64 = 16_384;
const CLASSES: u64 = 1_001;

/// The encoder half of Flan-T5-XL: 24 layers, 2048 wide, gated to 5120; its table of words.
const FLAN_T5_XL: u64 = 24 * (4 * 2048 * 2048 + 3 * 2048 * 5120) + 32_128 * 2048;
const FLAN_T5_XL_BYTES: u64 = 11_500_000_000;
const VQ_BYTES: u64 = CODEC_WEIGHTS * 4;

/// Width, layers and hidden width of LlamaGen's transformer, which RandAR shares (arXiv 2406.06525, table 1).
type Size = (u64, u64, u64);
const B: Size = (768, 12, 2048);
const L: Size = (1024, 24, 2816);
const XL: Size = (1280, 36, 3584);
const XXL: Size = (1536, 48, 4096);
const THREE_B: Size = (3200, 24, 8704);

const fn llama_gen((width, layers, hidden): Size, cells: u64) -> NetworkShape {
    NetworkShape {
        per_step: layers * (4 * width * width + 3 * width * hidden) + width * CODES,
        tables: width * (CODES + CLASSES),
        text_encoder: 0,
        layers,
        width,
        positions: cells + 1,
    }
}

/// ARPG, of which the papers give the number of weights (arXiv 2503.10568, table 1).
const fn arpg(weights: u64, width: u64, layers: u64) -> NetworkShape {
    let tables = width * (CODES + CLASSES);
    NetworkShape {
        per_step: weights - tables,
        tables,
        text_encoder: 0,
        layers,
        width,
        positions: 257,
    }
}

/// Janus-Pro's decoder of words and codes (arXiv 2501.17811, table 1).
const fn janus(width: u64, layers: u64, hidden: u64) -> NetworkShape {
    let head = width * width + width * CODES;
    NetworkShape {
        per_step: layers * (4 * width * width + 3 * width * hidden) + head,
        tables: width * 102_400,
        text_encoder: 0,
        layers,
        width,
        positions: 576 + 64,
    }
}

const T2I: NetworkShape = NetworkShape {
    tables: 1280 * (CODES + 2048 + 1280),
    text_encoder: FLAN_T5_XL,
    positions: 120 + 256,
    ..llama_gen(XL, 256)
};
const T2I_512: NetworkShape = NetworkShape { positions: 120 + 1024, ..T2I };

const fn one(role: Role, repo: &'static str, file: &'static str) -> ModelPart {
    ModelPart { role, repo, twins: &[], files: Files::One(file) }
}

const fn folder(role: Role, repo: &'static str, twins: &'static [&'static str]) -> ModelPart {
    ModelPart { role, repo, twins, files: Files::Folder }
}

const LLAMA_GEN: &str = "FoundationVision/LlamaGen";
const LLAMA_GEN_T2I: &str = "peizesun/llamagen_t2i";
const ARPG: &str = "hp-l33/ARPG";
const RAND_AR: &str = "ziqipang/RandAR";
const VQ: ModelPart = one(Role::Codec, LLAMA_GEN, "vq_ds16_c2i.pt");
const VQ_T2I: ModelPart = one(Role::Codec, LLAMA_GEN_T2I, "vq_ds16_t2i.pt");
pub(super) const FLAN_T5: &str = "google/flan-t5-xl";
const T5: ModelPart = folder(Role::TextEncoder, FLAN_T5, &[]);

const BY_ROWS: &str = "One of 1000 kinds of things, row by row";
const ANY_ORDER: &str = "One of 1000 kinds of things, in any order";

/// A model that paints classes of ImageNet: one file, and the common codec.
macro_rules! of_classes {
    ($name:literal, $paints:ident, $side:literal, $bytes:expr, $repo:ident, $file:literal, $shape:expr) => {
        Known {
            name: $name,
            paints: $paints,
            side: $side,
            paints_larger: true,
            download_bytes: $bytes,
            licences: &[MIT],
            parts: &[one(Role::Painter, $repo, $file), VQ],
            shape: $shape,
        }
    };
}

/// Published in 32 bits, with the codec beside it.
const fn in_full(weights: u64) -> Option<u64> {
    Some(weights * 4 + VQ_BYTES)
}

/// In the order in which they are offered.
pub const KNOWN: &[Known] = &[
    Known {
        name: "Janus-Pro-1B",
        paints: "Anything, from English words",
        side: 24,
        paints_larger: false,
        download_bytes: Some(4_200_000_000),
        licences: &[DEEPSEEK],
        parts: &[folder(
            Role::Painter,
            "deepseek-ai/Janus-Pro-1B",
            &["deepseek-community/Janus-Pro-1B"],
        )],
        shape: janus(2048, 24, 5632),
    },
    Known {
        name: "Janus-Pro-7B",
        paints: "Anything, from English words",
        side: 24,
        paints_larger: false,
        download_bytes: Some(14_800_000_000),
        licences: &[DEEPSEEK],
        parts: &[folder(
            Role::Painter,
            "deepseek-ai/Janus-Pro-7B",
            &["deepseek-community/Janus-Pro-7B"],
        )],
        shape: janus(4096, 30, 11_008),
    },
    Known {
        name: "LlamaGen-XL-256",
        paints: "Anything, from English words",
        side: 16,
        paints_larger: true,
        download_bytes: Some(775_000_000 * 4 + VQ_BYTES + FLAN_T5_XL_BYTES),
        licences: &[MIT, APACHE],
        parts: &[one(Role::Painter, LLAMA_GEN_T2I, "t2i_XL_stage1_256.pt"), VQ_T2I, T5],
        shape: T2I,
    },
    Known {
        name: "LlamaGen-XL-512",
        paints: "Anything, from English words",
        side: 32,
        paints_larger: true,
        download_bytes: Some(775_000_000 * 4 + VQ_BYTES + FLAN_T5_XL_BYTES),
        licences: &[MIT, APACHE],
        parts: &[one(Role::Painter, LLAMA_GEN_T2I, "t2i_XL_stage2_512.pt"), VQ_T2I, T5],
        shape: T2I_512,
    },
    of_classes!("ARPG-L", ANY_ORDER, 16, None, ARPG, "arpg_300m.pt", arpg(320_000_000, 1024, 24)),
    of_classes!("ARPG-XL", ANY_ORDER, 16, None, ARPG, "arpg_700m.pt", arpg(719_000_000, 1280, 36)),
    of_classes!("ARPG-XXL", ANY_ORDER, 16, None, ARPG, "arpg_1b.pt", arpg(1_300_000_000, 1536, 48)),
    of_classes!(
        "RandAR-L",
        ANY_ORDER,
        16,
        None,
        RAND_AR,
        "randar_0.3b_llamagen_360k_bs_1024_lr_0.0004.safetensors",
        llama_gen(L, 2 * 256)
    ),
    of_classes!(
        "RandAR-XL",
        ANY_ORDER,
        16,
        None,
        RAND_AR,
        "randar_0.7b_llamagen_360k_bs_1024_lr_0.0004.safetensors",
        llama_gen(XL, 2 * 256)
    ),
    of_classes!(
        "LlamaGen-B-256-classes",
        BY_ROWS,
        16,
        in_full(111_000_000),
        LLAMA_GEN,
        "c2i_B_256.pt",
        llama_gen(B, 256)
    ),
    of_classes!(
        "LlamaGen-L-256-classes",
        BY_ROWS,
        16,
        in_full(343_000_000),
        LLAMA_GEN,
        "c2i_L_256.pt",
        llama_gen(L, 256)
    ),
    of_classes!(
        "LlamaGen-B-384-classes",
        BY_ROWS,
        24,
        in_full(111_000_000),
        LLAMA_GEN,
        "c2i_B_384.pt",
        llama_gen(B, 576)
    ),
    of_classes!(
        "LlamaGen-L-384-classes",
        BY_ROWS,
        24,
        in_full(343_000_000),
        LLAMA_GEN,
        "c2i_L_384.pt",
        llama_gen(L, 576)
    ),
    of_classes!(
        "LlamaGen-XL-384-classes",
        BY_ROWS,
        24,
        in_full(775_000_000),
        LLAMA_GEN,
        "c2i_XL_384.pt",
        llama_gen(XL, 576)
    ),
    of_classes!(
        "LlamaGen-XXL-384-classes",
        BY_ROWS,
        24,
        in_full(1_411_000_000),
        LLAMA_GEN,
        "c2i_XXL_384.pt",
        llama_gen(XXL, 576)
    ),
    of_classes!(
        "LlamaGen-3B-384-classes",
        BY_ROWS,
        24,
        in_full(3_097_000_000),
        LLAMA_GEN,
        "c2i_3B_384.pt",
        llama_gen(THREE_B, 576)
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_have_as_many_weights_as_the_papers_say() {
        for (name, millions) in [
            ("LlamaGen-B-256-classes", 111),
            ("LlamaGen-L-256-classes", 343),
            ("LlamaGen-XL-384-classes", 775),
            ("LlamaGen-XXL-384-classes", 1411),
            ("LlamaGen-3B-384-classes", 3097),
        ] {
            let known = KNOWN.iter().find(|it| it.name == name).unwrap();
            let weights = known.shape.per_step + known.shape.tables;
            // The papers leave room for the norms and the last digit.
            assert!(weights.abs_diff(millions * 1_000_000) < weights / 200, "{name}: {weights}");
        }
    }

    #[test]
    fn every_model_has_a_name_of_its_own_and_one_painter() {
        for (idx, known) in KNOWN.iter().enumerate() {
            assert!(KNOWN[..idx].iter().all(|it| it.name != known.name), "{}", known.name);
            assert_ne!(known.name, BUILT_IN);
            let painters = known.parts.iter().filter(|it| it.role == Role::Painter);
            assert_eq!(painters.count(), 1, "{}", known.name);
        }
    }
}
