//! The text encoder of LlamaGen's text networks: the reading half of Flan-T5
//! (Raffel et al., <https://arxiv.org/abs/1910.10683>), as candle has it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Device, Shape, Tensor};
use candle_nn::var_builder::{SimpleBackend, VarBuilder};
use candle_transformers::models::t5::{Config, T5EncoderModel};
use tokenizers::Tokenizer;

use super::prompts::read_tokenizer;
use crate::model::checkpoint::Checkpoint;
use crate::model::{Error, Result};

/// Words and a network that makes features of them.
pub(super) struct TextEncoder {
    tokenizer: Tokenizer,
    /// It takes notes while it reads, of which nothing is kept.
    network: Mutex<T5EncoderModel>,
    end: u32,
    n_words: usize,
}

impl TextEncoder {
    /// `files` hold the network, with its `config.json` beside it, and `tokenizer` its words.
    pub(super) fn load(files: &Checkpoint, tokenizer: &Path) -> Result<Self> {
        let no_config = || Error::Damaged("the text encoder has no config.json".to_owned());
        let config = files.config().cloned().ok_or_else(no_config)?;
        let config: Config = serde_json::from_value(config)
            .map_err(|err| Error::Damaged(format!("the text encoder's config.json: {err}")))?;
        let backend: Box<dyn SimpleBackend + '_> = Box::new(Backend(files));
        let tensors = VarBuilder::from_backend(backend, DType::F32, Device::Cpu);
        Ok(Self {
            tokenizer: read_tokenizer(tokenizer)?,
            network: Mutex::new(T5EncoderModel::load(tensors, &config)?),
            end: config.eos_token_id as u32,
            n_words: config.vocab_size,
        })
    }

    /// The features of a text, [entries, width], of at most so many entries.
    pub(super) fn features(&self, text: &str, most: usize) -> Result<Tensor> {
        let unreadable = |why: String| Error::Damaged(format!("the prompt cannot be read: {why}"));
        let encoded = self.tokenizer.encode_fast(cleaned(text), false);
        let encoded = encoded.map_err(|err| unreadable(err.to_string()))?;
        let mut ids = encoded.get_ids().to_vec();
        ids.truncate(most - 1);
        ids.push(self.end);
        if let Some(id) = ids.iter().find(|&&id| self.n_words <= id as usize) {
            return Err(unreadable(format!("the text encoder has no word {id}")));
        }
        let ids = Tensor::new(ids, &Device::Cpu)?.unsqueeze(0)?; // [1, entries]
        let mut network = self.network.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(network.forward(&ids)?.squeeze(0)?)
    }
}

/// LlamaGen's texts were in small letters, with single blanks.
fn cleaned(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tensors as candle asks for them.
struct Backend<'a>(&'a Checkpoint);

impl SimpleBackend for Backend<'_> {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _init: candle_nn::Init,
        dtype: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        let tensor = self.0.load(name, shape.dims()).map_err(candle_core::Error::wrap)?;
        tensor.to_device(device)?.to_dtype(dtype)
    }

    fn get_unchecked(
        &self,
        name: &str,
        dtype: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        let shape = self.0.shape(name).unwrap_or_default().to_vec();
        self.get(Shape::from(shape), name, candle_nn::Init::Const(0.0), dtype, device)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.0.has(name)
    }
}
