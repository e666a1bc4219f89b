//! Which network something is about: in requests, in pictures, wherever two could be taken for one.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::hex::{from_hex, hex};

/// A network with these very weights. Written into a request as two fields, `model` and
/// `model_digest`; older files have the first one only.
///
/// `==` compares both fields as they are; whether two ids mean one network, [`Self::is_same`] says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ModelId {
    /// For people: "Landscapes 3". Networks that were trained anew may have it in common.
    #[serde(rename = "model")]
    pub name: String,
    /// Of the weights; `None` where nobody noted it.
    #[serde(rename = "model_digest", default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

impl ModelId {
    /// An id of which no more than the name is known.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), digest: None }
    }

    /// Whether both mean the same network. Where both know its digest, that decides, whatever they
    /// call it; else the name does.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self.digest, other.digest) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (None, _) | (_, None) => self.name == other.name,
        }
    }

    /// The name as it may stand in the name of a file: "landscapes-3".
    #[must_use]
    pub fn slug(&self) -> String {
        let words = self.name.split(|it: char| !it.is_alphanumeric());
        let words = words.filter(|it| !it.is_empty()).map(str::to_lowercase);
        words.collect::<Vec<_>>().join("-")
    }
}

/// The name, for people.
impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Tells weights apart: the first bytes of a SHA-256. Written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 8]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom("a digest has 16 hexadecimal digits");
        from_hex(&text).map(Self).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Digest = Digest([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
    const OTHER: Digest = Digest([7; 8]);

    fn id(name: &str, digest: impl Into<Option<Digest>>) -> ModelId {
        ModelId { name: name.to_owned(), digest: digest.into() }
    }

    #[test]
    fn weights_decide_where_they_are_known_and_names_where_they_are_not() {
        let check = |a: ModelId, b: ModelId, expected| {
            assert_eq!((a.is_same(&b), b.is_same(&a)), (expected, expected), "{a:?} {b:?}");
        };
        check(id("A", ONE), id("A", ONE), true);
        check(id("A", ONE), id("B", ONE), true);
        check(id("A", ONE), id("A", OTHER), false);
        check(id("A", None), id("A", ONE), true);
        check(id("A", None), id("B", ONE), false);
        check(id("A", None), id("A", None), true);
        check(id("A", None), id("B", None), false);
    }

    #[test]
    fn a_slug_is_made_of_small_letters_digits_and_hyphens() {
        assert_eq!(id("Landscapes 3", None).slug(), "landscapes-3");
        assert_eq!(id("LlamaGen XL, text, 256 px", ONE).slug(), "llamagen-xl-text-256-px");
        assert_eq!(id("../a\\b ", None).slug(), "a-b");
    }

    #[test]
    fn a_digest_is_written_in_16_digits_or_not_at_all() {
        let written = r#"{"model":"A","model_digest":"0123456789abcdef"}"#;
        assert_eq!(serde_json::to_string(&id("A", ONE)).unwrap(), written);
        assert_eq!(serde_json::from_str::<ModelId>(written).unwrap(), id("A", ONE));
        let older = r#"{"model":"A"}"#;
        assert_eq!(serde_json::to_string(&id("A", None)).unwrap(), older);
        assert_eq!(serde_json::from_str::<ModelId>(older).unwrap(), id("A", None));
        for wrong in ["", "0123", "0123456789abcdeg", "0123456789abcdef00"] {
            let written = format!(r#"{{"model":"A","model_digest":"{wrong}"}}"#);
            serde_json::from_str::<ModelId>(&written).unwrap_err();
        }
    }
}
