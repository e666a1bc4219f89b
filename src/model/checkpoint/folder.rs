//! Which files make up a checkpoint, given a file or a folder; knows nothing of what is in them but
//! of the index, a JSON file that tells in which file beside it each weight lies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::model::{Error, Result};

/// A larger JSON file is refused; the index of a network of 7 billion weights takes 100 KB.
const MAX_JSON: u64 = 16 << 20;

/// What a folder's weights are called by those who publish on the Hugging Face hub, the best first.
const USUAL: [&str; 4] = [
    "model.safetensors.index.json",
    "model.safetensors",
    "pytorch_model.bin.index.json",
    "pytorch_model.bin",
];

const INDEX: &str = ".index.json";

/// How other names of files with weights end.
const ENDINGS: [&str; 5] = ["safetensors", "pt", "pth", "bin", "gguf"];

/// The files of a checkpoint.
#[derive(Debug)]
pub(super) struct Files {
    /// With weights. At least one.
    pub(super) weights: Vec<PathBuf>,
    pub(super) index: Option<Index>,
    pub(super) config: Option<serde_json::Value>,
}

#[derive(Debug)]
pub(super) struct Index {
    pub(super) path: PathBuf,
    /// In which file each weight lies.
    pub(super) files: BTreeMap<String, PathBuf>,
}

impl Files {
    /// # Errors
    /// Where nothing is there, or an index or `config.json` is damaged.
    pub(super) fn find(path: &Path) -> Result<Self> {
        let facts = fs::metadata(path).map_err(|err| Error::unreadable(err, path))?;
        let (folder, mut weights) = if facts.is_dir() {
            (path, in_folder(path)?)
        } else {
            (path.parent().unwrap_or(path), vec![path.to_owned()])
        };
        let mut index = None;
        if let [only] = weights.as_slice()
            && is_index(only)
        {
            let found = Index::read(only)?;
            let files: BTreeSet<_> = found.files.values().cloned().collect();
            weights = files.into_iter().collect();
            index = Some(found);
        }
        let config = folder.join("config.json");
        let config = config.is_file().then(|| read_json(&config)).transpose()?;
        Ok(Self { weights, index, config })
    }
}

impl Index {
    fn read(path: &Path) -> Result<Self> {
        #[derive(Deserialize)]
        struct Written {
            weight_map: BTreeMap<String, String>,
        }
        let written: Written = read_json(path)?;
        let mut files = BTreeMap::new();
        for (weight, file) in written.weight_map {
            if !is_name(&file) {
                let reason = format!("the index names a file that is not beside it: {file:?}");
                return Err(Error::damaged(&reason, path));
            }
            files.insert(weight, path.with_file_name(file));
        }
        if files.is_empty() {
            return Err(Error::damaged("the index names no weights", path));
        }
        Ok(Self { path: path.to_owned(), files })
    }
}

/// The index, the file with the usual name, or else all files with weights.
fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let usual = USUAL.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    if let Some(path) = usual {
        return Ok(vec![path]);
    }
    let unreadable = |err| Error::unreadable(err, folder);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if is_index(&path) {
            return Ok(vec![path]);
        }
        let ending = path.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase);
        if ending.is_some_and(|it| ENDINGS.contains(&it.as_str())) && path.is_file() {
            found.push(path);
        }
    }
    found.sort(); // folders are read in any order
    if found.is_empty() {
        Err(Error::damaged("the folder holds no weights", folder))
    } else {
        Ok(found)
    }
}

fn is_index(path: &Path) -> bool {
    path.file_name().and_then(|it| it.to_str()).is_some_and(|it| it.ends_with(INDEX))
}

/// Whether this names a file in the same folder, on any system.
fn is_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let is_one = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
    is_one && !name.contains(['/', '\\', ':'])
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = read_file(path, MAX_JSON)?;
    serde_json::from_slice(&bytes).map_err(|err| Error::damaged(&err.to_string(), path))
}

/// The bytes of a file that somebody has shown to the program.
///
/// # Errors
/// Where it is no file, longer than `max_bytes`, or cannot be read.
pub fn read_file(path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
    let unreadable = |err| Error::unreadable(err, path);
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Error::damaged("it is not a file but a folder or a device", path));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let n_bytes = file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if max_bytes < n_bytes as u64 {
        return Err(Error::damaged("it is larger than that of any model", path));
    }
    Ok(bytes)
}
