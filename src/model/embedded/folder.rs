//! A network of the family in a folder, as training writes it: to be tried without building the
//! program around it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::config::FAMILY;
use crate::model::checkpoint::read_file;
use crate::model::{Error, Result, memory};

const CONFIG: &str = "config.json";

/// Larger files are refused; those of the network in the program take a hundredth of it.
const MAX_TEXT_BYTES: u64 = 1 << 20;
const MAX_WEIGHT_BYTES: u64 = 1 << 30;

/// Bytes of memory per byte of weights, at most: 8-bit weights as floats, and packed beside.
const GROWTH: u64 = 6;

/// The bytes of a network's four files.
pub(super) struct Files {
    pub(super) config: Vec<u8>,
    pub(super) words: Vec<u8>,
    pub(super) codec: Vec<u8>,
    pub(super) painter: Vec<u8>,
}

impl Files {
    /// From the folder at `path`, or the one in which that file lies.
    ///
    /// # Errors
    /// Where a file is missing, too large, or cannot be read, and where there is not enough memory.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let folder = folder_of(path);
        let [codec, painter] =
            ["codec.safetensors", "painter.safetensors"].map(|it| folder.join(it));
        let bytes = |path: &Path| {
            let facts = path.metadata().map_err(|err| Error::unreadable(err, path))?;
            Ok::<_, Error>(facts.len())
        };
        let n_bytes = bytes(&codec)?.saturating_add(bytes(&painter)?);
        memory::ensure_fits(n_bytes.saturating_mul(GROWTH), memory::free_bytes())?;
        Ok(Self {
            config: read_file(&folder.join(CONFIG), MAX_TEXT_BYTES)?,
            words: read_file(&folder.join("words.json"), MAX_TEXT_BYTES)?,
            codec: read_file(&codec, MAX_WEIGHT_BYTES)?,
            painter: read_file(&painter, MAX_WEIGHT_BYTES)?,
        })
    }
}

/// Whether a folder, or the one in which a file lies, says of itself that it holds a network of the
/// family.
#[must_use]
pub fn is_in(path: &Path) -> bool {
    #[derive(Deserialize)]
    struct Config {
        family: String,
    }
    let config = read_file(&folder_of(path).join(CONFIG), MAX_TEXT_BYTES).ok();
    let config = config.and_then(|it| serde_json::from_slice::<Config>(&it).ok());
    config.is_some_and(|it| it.family == FAMILY)
}

fn folder_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.to_owned() } else { path.parent().unwrap_or(path).to_owned() }
}
