//! Prompt ↔ word ids: the network knows a short list of English words and nothing of grammar.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::model::{Error, Heard, Result, Vocabulary};

/// Ids of table rows that are no words; the third, once for unknown words, is never read.
const PAD: u32 = 0;
const NULL_PROMPT: u32 = 1;
const FIRST_WORD: u32 = 3;

/// `words.json`.
#[derive(Deserialize)]
struct File {
    words: Vec<String>,
    ignored: Vec<String>,
}

/// The words that the network has learned.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub(super) vocabulary: Arc<Vocabulary>,
    ids: HashMap<String, u32>,
    n_slots: usize,
}

impl Words {
    /// `n_rows` is the length of the word table, `n_slots` how many words a prompt can have.
    pub(super) fn parse(json: &[u8], n_rows: usize, n_slots: usize) -> Result<Self> {
        let File { words, ignored } = serde_json::from_slice(json)
            .map_err(|err| Error::Damaged(format!("its words cannot be read: {err}")))?;
        if words.len() + FIRST_WORD as usize != n_rows {
            let n_words = words.len();
            return Err(Error::Damaged(format!("it has {n_words} words for {n_rows} table rows")));
        }
        let ids: HashMap<_, _> = words.iter().cloned().zip(FIRST_WORD..).collect();
        if ids.len() != words.len() {
            return Err(Error::Damaged("a word is there twice".to_owned()));
        }
        let vocabulary = Arc::new(Vocabulary::new(words, ignored, n_slots));
        Ok(Self { vocabulary, ids, n_slots })
    }

    /// One id per slot. `None` is the null prompt, and so is a text of which nothing is heard.
    pub(super) fn ids(&self, text: Option<&str>) -> Vec<u32> {
        let heard = self.vocabulary.understand(text.unwrap_or_default());
        let words = heard.iter().filter_map(Heard::as_known).flat_map(|it| it.split(' '));
        let mut ids: Vec<u32> = words.filter_map(|it| self.ids.get(it).copied()).collect();
        if ids.is_empty() {
            ids.push(NULL_PROMPT);
        }
        ids.resize(self.n_slots, PAD);
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &[u8] = include_bytes!("../../../assets/model/words.json");

    fn n_rows() -> usize {
        let File { words, .. } = serde_json::from_slice(JSON).unwrap();
        words.len() + FIRST_WORD as usize
    }

    #[test]
    fn words_become_ids() {
        let words = Words::parse(JSON, n_rows(), 6).unwrap();
        let id = |word: &str| {
            words.vocabulary.known().iter().position(|it| it == word).unwrap() as u32 + 3
        };
        let check = |text, expected: [u32; 6]| assert_eq!(words.ids(text), expected);

        check(None, [1, 0, 0, 0, 0, 0]);
        check(Some(""), [1, 0, 0, 0, 0, 0]);
        check(Some("zebra!"), [1, 0, 0, 0, 0, 0]);
        check(Some("The LAKE, at-night!"), [id("lake"), id("night"), 0, 0, 0, 0]);
        check(Some("a zebra by the sea"), [id("sea"), 0, 0, 0, 0, 0]);
        check(Some(&"sun ".repeat(9)), [id("sun"); 6]);
    }

    #[test]
    fn a_damaged_list_is_told_apart() {
        for json in [&b""[..], b"{", b"[1]", &JSON[..400], br#"{"words": ["a"], "ignored": []}"#] {
            assert!(matches!(Words::parse(json, n_rows(), 24), Err(Error::Damaged(_))));
        }
        let twice = br#"{"words": ["a", "a"], "ignored": []}"#;
        assert!(matches!(Words::parse(twice, 5, 24), Err(Error::Damaged(_))));
    }
}
