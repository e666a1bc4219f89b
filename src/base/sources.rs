//! How somebody says which network to load: by its files, by how exactly its weights are kept, and by what computes.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a file begins with that Git LFS keeps in the place of one that was not fetched.
pub const GIT_LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// The files of a model, as they were published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The painter's weights: a file, or a folder with shards, configuration and vocabulary.
    pub painter: PathBuf,
    /// The codec, where it has a file of its own: for all but Janus.
    pub codec: Option<PathBuf>,
    /// Flan-T5, for LlamaGen's text networks, with `config.json` beside it.
    pub text_encoder: Option<PathBuf>,
    /// `tokenizer.json`, where it does not lie beside the weights.
    pub tokenizer: Option<PathBuf>,
}

/// How exactly a painter's weights are kept. A step reads all of them, so fewer bits paint faster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// As trained; for comparison with the reference.
    F32,
    /// 8 bits, and a scale for each 32 weights (Q8_0).
    #[default]
    Q8,
    /// The same in 6 bits.
    Q6K,
    /// 4 bits, and a scale and a minimum for each 32 weights.
    Q4K,
}

impl Precision {
    pub const ALL: [Self; 4] = [Self::F32, Self::Q8, Self::Q6K, Self::Q4K];

    /// As it is written on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Q8 => "q8",
            Self::Q6K => "q6k",
            Self::Q4K => "q4k",
        }
    }

    /// How an encoder of texts is kept beside a painter of this precision: it runs once per text, so that fewer
    /// bits would save no time.
    #[must_use]
    pub const fn of_text_encoder(self) -> Self {
        match self {
            Self::F32 => Self::F32,
            Self::Q8 | Self::Q6K | Self::Q4K => Self::Q8,
        }
    }

    /// What a weight takes in memory, its part of the scales included.
    #[must_use]
    pub const fn bits_per_weight(self) -> f64 {
        match self {
            Self::F32 => 32.0,
            Self::Q8 => 8.25,
            Self::Q6K => 6.25,
            Self::Q4K => 4.5,
        }
    }

    /// About what a number in the KV cache takes, which is kept as exactly as suits the weights.
    #[must_use]
    pub const fn bytes_per_cached(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::Q8 | Self::Q6K | Self::Q4K => 1,
        }
    }

    /// The same as [`Self::bits_per_weight`] in a GPU's memory, where nothing is packed.
    #[must_use]
    pub const fn bits_on_gpu(self) -> f64 {
        match self {
            Self::F32 => 32.0,
            Self::Q8 | Self::Q6K | Self::Q4K => 16.0,
        }
    }
}

/// What published networks compute on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hardware {
    /// A GPU where the program was built for one and it is there, else the processor.
    #[default]
    Auto,
    Cpu,
    /// A GPU of NVIDIA's.
    Cuda,
    /// A GPU of Apple's.
    Metal,
}

impl Hardware {
    pub const ALL: [Self; 4] = [Self::Auto, Self::Cpu, Self::Cuda, Self::Metal];

    /// As it is written on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Metal => "metal",
        }
    }
}
