//! From texts to what Janus reads: the prompt with the tokens around it, as ids.

use std::path::Path;

use tokenizers::Tokenizer;

use crate::model::{Error, Result};

/// Tokens that the prompt format needs, as `tokenizer.json` spells them.
const BEGIN: &str = "<｜begin▁of▁sentence｜>";
const PAD: &str = "<｜▁pad▁｜>";
const BEGIN_OF_IMAGE: &str = "<begin_of_image>";

/// A vocabulary and its merges.
pub(super) fn read_tokenizer(path: &Path) -> Result<Tokenizer> {
    Tokenizer::from_file(path).map_err(|err| {
        Error::Damaged(format!("the tokenizer cannot be read: {err}\n{}", path.display()))
    })
}

/// What turns prompts into ids for Janus.
#[derive(Debug)]
pub(super) struct JanusPrompts {
    tokenizer: Tokenizer,
    begin: u32,
    pad: u32,
    begin_of_image: u32,
}

impl JanusPrompts {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let tokenizer = read_tokenizer(path)?;
        let id = |token: &str| {
            let why = || format!("the tokenizer does not know {token}\n{}", path.display());
            tokenizer.token_to_id(token).ok_or_else(|| Error::Damaged(why()))
        };
        let (begin, pad, begin_of_image) = (id(BEGIN)?, id(PAD)?, id(BEGIN_OF_IMAGE)?);
        Ok(Self { tokenizer, begin, pad, begin_of_image })
    }

    /// One list of ids per text. For painting without a prompt, all between the first and the last
    /// is padding, as long as the longest prompt beside it.
    pub(super) fn ids(&self, texts: &[Option<&str>]) -> Result<Vec<Vec<u32>>> {
        let prompts = texts.iter().map(|it| it.map(|text| self.of_text(text)).transpose());
        let prompts = prompts.collect::<Result<Vec<_>>>()?;
        let empty = self.of_text("")?.len();
        let longest = prompts.iter().flatten().map(Vec::len).max().unwrap_or(empty);
        let nothing = || {
            let padding = std::iter::repeat_n(self.pad, longest - 2);
            [self.begin].into_iter().chain(padding).chain([self.begin_of_image]).collect()
        };
        Ok(prompts.into_iter().map(|it| it.unwrap_or_else(nothing)).collect())
    }

    fn of_text(&self, text: &str) -> Result<Vec<u32>> {
        let text = format!("<|User|>: {text}\n\n<|Assistant|>:");
        let encoded = self.tokenizer.encode_fast(text, false);
        let encoded =
            encoded.map_err(|err| Error::Damaged(format!("the prompt cannot be read: {err}")))?;
        let ids = encoded.get_ids().iter().copied();
        Ok([self.begin].into_iter().chain(ids).chain([self.begin_of_image]).collect())
    }
}
