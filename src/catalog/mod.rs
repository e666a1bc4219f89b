//! Which models there are, where they lie, and how they come here. Knows nothing of networks, pictures or widgets:
//! to it a model is files, sizes and a licence.
//!
//! [`Catalog`] uses the disk, and the network in [`Catalog::fetch`] alone; [`ModelManager`] does the same on threads of
//! its own, for a window.

mod cache;
mod error;
mod estimate;
mod hub;
mod known;
mod manager;
mod places;
mod register;
mod transfer;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use self::cache::{RepoCache, weights_among};
pub use self::error::{Error, Result};
use self::error::{MAX_NAME_CHARS, at};
pub use self::estimate::{read_bandwidth, size_text};
use self::hub::{Hub, Remote, is_sha256};
pub use self::known::{BUILT_IN, KNOWN, Known, Licence};
use self::known::{FLAN_T5, Files, ModelPart, Role};
pub use self::manager::{ModelManager, ModelTask, RunningTask, removal, verdict};
pub use self::places::{Patience, Places};
use self::register::{Added, Fetched, Notes};
pub use self::transfer::{Progress, ProgressHandle};
use self::transfer::{checksum_of, patiently};
use crate::base::{GIT_LFS_POINTER, Precision, Sources};

/// Whether a model is here.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelState {
    /// It is part of the program.
    BuiltIn,
    /// It is not here; `bytes_here` is what a download that was not finished has brought, 0 where there was none.
    Absent { bytes_here: u64 },
    /// Ready to paint with.
    Here { sources: Sources, bytes: u64 },
    /// It was added, but is not there any more.
    Lost(PathBuf),
}

/// A model as it stands on this machine.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelEntry {
    pub name: String,
    pub state: ModelState,
    /// `None` for the built-in one, and for those added from disk.
    pub known: Option<&'static Known>,
    /// Whether all of its licences have been accepted.
    pub is_accepted: bool,
}

impl ModelEntry {
    /// Bytes of memory while painting; `None` where nothing is known of the network.
    #[must_use]
    pub fn memory_bytes(&self, precision: Precision) -> Option<u64> {
        self.known.map(|it| it.shape.memory_bytes(precision))
    }

    /// Expected cells per second, where memory is read at `bytes_per_sec`.
    #[must_use]
    pub fn cells_per_sec(&self, precision: Precision, bytes_per_sec: f64) -> Option<f32> {
        self.known.map(|it| it.shape.cells_per_sec(precision, bytes_per_sec))
    }

    /// Whether it can be painted with.
    #[must_use]
    pub const fn is_here(&self) -> bool {
        matches!(self.state, ModelState::BuiltIn | ModelState::Here { .. })
    }
}

/// What became of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub n_sound: usize,
    /// Files of which no checksum was published.
    pub n_unknown: usize,
    pub damaged: Vec<PathBuf>,
}

/// What became of a removal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    pub freed_bytes: u64,
    /// Files that stay, because this program has not brought them, or another model needs them.
    pub n_kept: usize,
}

/// The models as they stand on this machine.
#[derive(Clone, Debug)]
pub struct Catalog {
    places: Places,
}

/// A part of a model as it lies in the cache.
struct Located {
    repo: &'static str,
    /// Invariant: in this folder lie all `names`.
    folder: PathBuf,
    names: Vec<String>,
}

impl Located {
    fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.names.iter().map(|it| self.folder.join(it))
    }
}

impl Catalog {
    #[must_use]
    pub const fn new(places: Places) -> Self {
        Self { places }
    }

    /// Why what was noted of models cannot be read, where that is so. All models are as if nothing had been noted then,
    /// and the first change sets the damaged file aside.
    #[must_use]
    pub fn register_problem(&self) -> Option<Error> {
        self.read_notes().err()
    }

    fn read_notes(&self) -> Result<Notes> {
        self.places.register.as_deref().map_or_else(|| Ok(Notes::default()), register::read)
    }

    /// As good as none where they cannot be read: [`Self::register_problem`] says so.
    fn notes(&self) -> Notes {
        self.read_notes().unwrap_or_default()
    }

    fn change(&self, change: impl FnOnce(&mut Notes)) -> Result<()> {
        let register = self.places.register.as_deref().ok_or(Error::NoHome)?;
        register::change(register, change)
    }

    /// `None` where there is no place for a cache.
    fn cache(&self, repo: &str) -> Option<RepoCache> {
        Some(RepoCache::new(self.places.cache.as_deref()?, repo))
    }

    /// All models, the built-in one first.
    #[must_use]
    pub fn entries(&self) -> Vec<ModelEntry> {
        let notes = self.notes();
        let built_in = ModelEntry {
            name: BUILT_IN.to_owned(),
            state: ModelState::BuiltIn,
            known: None,
            is_accepted: true,
        };
        let added = notes.added.iter().map(|it| ModelEntry {
            name: it.name.clone(),
            state: if it.path.exists() {
                self.shown(&it.path, it.text_encoder.as_deref())
            } else {
                ModelState::Lost(it.path.clone())
            },
            known: None,
            is_accepted: true,
        });
        let known = KNOWN.iter().map(|it| ModelEntry {
            name: it.name.to_owned(),
            state: self.state_of(it, &notes),
            known: Some(it),
            is_accepted: it.licences.iter().all(|it| notes.accepted.contains(it.name)),
        });
        [built_in].into_iter().chain(added).chain(known).collect()
    }

    /// # Errors
    /// Where there is no model of this name; upper and lower case are the same.
    pub fn entry(&self, name: &str) -> Result<ModelEntry> {
        let entries = self.entries();
        let known = entries.iter().map(|it| it.name.clone()).collect();
        let found = entries.into_iter().find(|it| it.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| Error::Unknown { name: name.to_owned(), known })
    }

    /// The files of a model: by its name, or by the path of a file or folder. `None` for the built-in one.
    ///
    /// # Errors
    /// Where there is no such model, or it is not here.
    pub fn sources(&self, name: &str) -> Result<Option<Sources>> {
        let path = Path::new(name);
        match self.entry(name) {
            Ok(entry) => match entry.state {
                ModelState::BuiltIn => Ok(None),
                ModelState::Here { sources, .. } => Ok(Some(sources)),
                ModelState::Absent { .. } => Err(Error::Absent(entry.name)),
                ModelState::Lost(path) => Err(no_model(&path, "it is not there any more")),
            },
            Err(_) if path.exists() => match self.shown(path, None) {
                ModelState::Here { sources, .. } => Ok(Some(sources)),
                _ => Err(no_model(path, "it is not there any more")),
            },
            Err(_) if 1 < path.components().count() => {
                Err(no_model(path, "there is no such file or folder"))
            }
            Err(err) => Err(err),
        }
    }

    /// A model in a file or folder that somebody has shown to the program. What it may need besides is looked for
    /// beside it, then among the downloads.
    fn shown(&self, path: &Path, text_encoder: Option<&Path>) -> ModelState {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
        let beside = |names: &[&str]| {
            let mut paths = names.iter().map(|it| folder.join(it));
            paths.find(|it| it.is_file() && it != path)
        };
        let published = || self.cache("FoundationVision/LlamaGen")?.file("vq_ds16_c2i.pt");
        let text_encoder = text_encoder.map(Path::to_owned).or_else(|| {
            let published = || Some(self.cache(FLAN_T5)?.weights()?.0);
            text_encoder_in(folder).or_else(published)
        });
        let sources = Sources {
            painter: path.to_owned(),
            codec: beside(&["vq_ds16_c2i.pt", "vq_ds16_t2i.pt"]).or_else(published),
            text_encoder,
            // Networks look for it beside their weights.
            tokenizer: None,
        };
        ModelState::Here { sources, bytes: bytes_of(path) }
    }

    fn state_of(&self, known: &Known, notes: &Notes) -> ModelState {
        match self.locate(known) {
            Some(parts) => {
                let bytes = parts.iter().flat_map(Located::paths).map(|it| bytes_of(&it)).sum();
                ModelState::Here { sources: sources(known, &parts), bytes }
            }
            None => ModelState::Absent { bytes_here: self.bytes_here(known, notes) },
        }
    }

    /// All parts of a model, where all of them are here.
    fn locate(&self, known: &Known) -> Option<Vec<Located>> {
        known.parts.iter().map(|it| self.locate_part(it)).collect()
    }

    fn locate_part(&self, part: &ModelPart) -> Option<Located> {
        let repos = [part.repo].into_iter().chain(part.twins.iter().copied());
        repos.into_iter().find_map(|repo| {
            let cache = self.cache(repo)?;
            match part.files {
                Files::One(name) => {
                    let folder = cache.file(name)?.parent()?.to_owned();
                    Some(Located { repo, folder, names: vec![name.to_owned()] })
                }
                Files::Folder => {
                    let (folder, names) = cache.weights()?;
                    Some(Located { repo, folder, names })
                }
            }
        })
    }

    /// What has come of a download that was not finished.
    fn bytes_here(&self, known: &Known, notes: &Notes) -> u64 {
        let files = notes.fetched.iter().filter(|it| is_of(known, it));
        files
            .filter_map(|it| {
                let cache = self.cache(&it.repo)?;
                Some(bytes_of(&cache.blob(&it.etag)).max(bytes_of(&cache.incomplete(&it.etag))))
            })
            .sum()
    }

    /// The licences of a model are accepted, once and for all.
    ///
    /// # Errors
    /// Where that cannot be noted.
    pub fn accept(&self, known: &Known) -> Result<()> {
        let names = known.licences.iter().map(|it| it.name.to_owned());
        self.change(|it| it.accepted.extend(names))
    }

    /// Downloads what is missing of a model; goes on where an earlier download has stopped. This alone uses the network.
    ///
    /// # Errors
    /// Says what went wrong. What has come so far is kept, unless it was not what was published.
    pub fn fetch(&self, name: &str, progress: &mut ProgressHandle) -> Result<()> {
        let entry = self.entry(name)?;
        let Some(known) = entry.known else { return Err(Error::BuiltIn(entry.name)) };
        if !entry.is_accepted {
            return Err(Error::NotAccepted(entry.name));
        }
        if entry.is_here() {
            return Ok(());
        }
        if self.places.is_offline {
            return Err(Error::Offline);
        }
        if self.places.cache.is_none() {
            return Err(Error::NoHome);
        }
        let hub = Hub::new(&self.places);
        let missing = known.parts.iter().filter(|it| self.locate_part(it).is_none());
        let mut plan = Vec::new();
        for part in missing {
            plan.extend(self.plan(&hub, part, progress)?);
        }
        self.change(|notes| plan.iter().for_each(|it| notes.note(it.noted())))?;
        progress.begin(plan.iter().map(|it| it.remote.bytes).sum());
        for wanted in &plan {
            self.bring(&hub, wanted, progress)?;
        }
        log::info!("{} is downloaded", known.name);
        Ok(())
    }

    /// What is to be downloaded of one repository.
    fn plan(
        &self,
        hub: &Hub,
        part: &ModelPart,
        progress: &mut ProgressHandle,
    ) -> Result<Vec<Wanted>> {
        let patience = &self.places.patience;
        let listing = patiently(patience, progress, |_| (false, hub.list(part.repo)))?;
        let names = match part.files {
            Files::One(name) => vec![name.to_owned()],
            Files::Folder => weights_among(&listing.files).ok_or_else(|| Error::Answer {
                url: format!("{}/{}", self.places.hub, part.repo),
                why: "there are no weights in this repository, or not all of them".to_owned(),
            })?,
        };
        names
            .into_iter()
            .map(|file| {
                let commit = listing.commit.clone();
                let describe =
                    |_: &mut ProgressHandle| (false, hub.describe(part.repo, &commit, &file));
                let remote = patiently(patience, progress, describe)?;
                Ok(Wanted { repo: part.repo, commit, file, remote })
            })
            .collect()
    }

    fn bring(&self, hub: &Hub, wanted: &Wanted, progress: &mut ProgressHandle) -> Result<()> {
        let Wanted { repo, commit, file, remote } = wanted;
        let cache = self.cache(repo).ok_or(Error::NoHome)?;
        if bytes_of(&cache.blob(&remote.etag)) == remote.bytes {
            // Another snapshot holds the same content.
            progress.advance(remote.bytes);
        } else {
            let patience = &self.places.patience;
            let sha256 = transfer::fetch(hub, &cache, remote, patience, progress)?;
            let noted = Fetched { sha256: Some(sha256), ..wanted.noted() };
            self.change(|it| it.note(noted))?;
        }
        cache.link(commit, file, &remote.etag)?;
        cache.name_newest(commit)
    }

    /// Makes a file or folder on disk a model of this name, or of its own; nothing is copied. Its text encoder, where
    /// it needs one, is in the folder `text_encoder`, or found by itself. Returns the name.
    ///
    /// # Errors
    /// Where it is no model, or the name is taken or unfit.
    pub fn add(
        &self,
        path: &Path,
        name: Option<&str>,
        text_encoder: Option<&Path>,
    ) -> Result<String> {
        let path = weights_at(path)?;
        let text_encoder = text_encoder.map(weights_at).transpose()?;
        let own = path.file_stem().map(|it| it.to_string_lossy().into_owned());
        let name = name.map_or_else(|| own.unwrap_or_default(), str::to_owned);
        let n_chars = name.trim().chars().count();
        if n_chars == 0 || MAX_NAME_CHARS < n_chars || name.chars().any(char::is_control) {
            return Err(Error::UnfitName);
        }
        if self.entry(&name).is_ok() {
            return Err(Error::NameTaken(name));
        }
        self.change(|it| it.added.push(Added { name: name.clone(), path, text_encoder }))?;
        Ok(name)
    }

    /// Reads all files of a model, and compares them with what was published.
    ///
    /// # Errors
    /// Where the model is not here, or its files cannot be read.
    pub fn verify(&self, name: &str, progress: &mut ProgressHandle) -> Result<Verdict> {
        let entry = self.entry(name)?;
        let notes = self.notes();
        let parts = match (&entry.state, entry.known) {
            (ModelState::BuiltIn, _) => return Err(Error::BuiltIn(entry.name)),
            (ModelState::Lost(path), _) => return Err(no_model(path, "it is not there any more")),
            (ModelState::Absent { .. }, _) => return Err(Error::Absent(entry.name)),
            (ModelState::Here { .. }, None) => {
                return Ok(Verdict { n_unknown: 1, ..Verdict::default() });
            }
            (ModelState::Here { bytes, .. }, Some(known)) => {
                progress.begin(*bytes);
                self.locate(known).unwrap_or_default()
            }
        };
        let mut verdict = Verdict::default();
        for part in &parts {
            for (name, path) in part.names.iter().zip(part.paths()) {
                match published_sum(&path, part.repo, name, &notes) {
                    None => verdict.n_unknown += 1,
                    Some(sum) if sum == checksum_of(&path, progress)? => verdict.n_sound += 1,
                    Some(_) => verdict.damaged.push(path),
                }
            }
        }
        Ok(verdict)
    }

    /// Deletes what this program has downloaded of a model, but nothing that another model needs; an added one is only
    /// forgotten.
    ///
    /// # Errors
    /// Where there is no such model, or files cannot be deleted.
    pub fn remove(&self, name: &str) -> Result<Removal> {
        let entry = self.entry(name)?;
        let Some(known) = entry.known else {
            if entry.state == ModelState::BuiltIn {
                return Err(Error::BuiltIn(entry.name));
            }
            self.change(|it| it.added.retain(|it| it.name != entry.name))?;
            return Ok(Removal { freed_bytes: 0, n_kept: 1 });
        };
        let notes = self.read_notes()?;
        let others: Vec<&Known> =
            KNOWN.iter().filter(|it| it.name != known.name && self.locate(it).is_some()).collect();
        let is_needed = |it: &&Fetched| others.iter().any(|other| is_of(other, it));
        let ours = notes.fetched.iter().filter(|it| is_of(known, it));
        let (kept, gone): (Vec<&Fetched>, Vec<&Fetched>) = ours.partition(is_needed);
        let n_here = self.locate(known).map_or(0, |it| it.iter().map(|it| it.names.len()).sum());
        let mut freed_bytes = 0;
        for it in &gone {
            let cache = self.cache(&it.repo).ok_or(Error::NoHome)?;
            freed_bytes += cache.remove(&it.commit, &it.file, &it.etag)?;
        }
        self.change(|notes| gone.iter().for_each(|it| notes.forget(&it.repo, &it.file)))?;
        Ok(Removal { freed_bytes, n_kept: n_here.saturating_sub(gone.len()).max(kept.len()) })
    }
}

/// A file to be downloaded.
struct Wanted {
    repo: &'static str,
    commit: String,
    file: String,
    remote: Remote,
}

impl Wanted {
    fn noted(&self) -> Fetched {
        Fetched {
            repo: self.repo.to_owned(),
            file: self.file.clone(),
            commit: self.commit.clone(),
            etag: self.remote.etag.clone(),
            bytes: self.remote.bytes,
            sha256: self.remote.sha256.clone(),
        }
    }
}

fn is_of(known: &Known, file: &Fetched) -> bool {
    known.parts.iter().any(|it| {
        it.repo == file.repo
            && match it.files {
                Files::One(name) => name == file.file,
                Files::Folder => true,
            }
    })
}

fn sources(known: &Known, parts: &[Located]) -> Sources {
    let located = |role: Role| {
        let idx = known.parts.iter().position(|it| it.role == role)?;
        let (part, located) = (&known.parts[idx], parts.get(idx)?);
        Some(match part.files {
            Files::One(name) => located.folder.join(name),
            Files::Folder => located.folder.clone(),
        })
    };
    let is_folder = |it: &&ModelPart| it.files == Files::Folder;
    let vocabulary = known.parts.iter().find(is_folder).and_then(|it| located(it.role));
    Sources {
        painter: located(Role::Painter).unwrap_or_default(),
        codec: located(Role::Codec),
        text_encoder: located(Role::TextEncoder),
        tokenizer: vocabulary.map(|it| it.join("tokenizer.json")),
    }
}

/// The SHA-256 that a file should have, where somebody says so.
fn published_sum(path: &Path, repo: &str, name: &str, notes: &Notes) -> Option<String> {
    let blob = std::fs::canonicalize(path).ok()?;
    let blob = blob.file_name()?.to_str()?.to_owned();
    let noted = notes.fetched(repo, name).filter(|it| it.etag == blob);
    if is_sha256(&blob) { Some(blob) } else { noted?.sha256.clone() }
}

/// Of a file, or of all files in a folder.
fn bytes_of(path: &Path) -> u64 {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        return entries.map(|it| it.path()).filter(|it| it.is_file()).map(|it| bytes_of(&it)).sum();
    }
    std::fs::metadata(path).map_or(0, |it| it.len())
}

/// The whole path of something that looks like weights.
fn weights_at(path: &Path) -> Result<PathBuf> {
    let path = std::fs::canonicalize(path).map_err(at("read", path))?;
    let weights = weights_in(&path);
    if weights.is_empty() {
        let why =
            "it is neither a .safetensors, .pt, .pth, .bin or .gguf file, nor a folder with one";
        return Err(no_model(&path, why));
    }
    match weights.iter().find(|it| is_lfs_pointer(it)) {
        Some(pointer) => {
            let why = "it is only a pointer that Git LFS keeps in its place: fetch it with \"git lfs pull\"";
            Err(no_model(pointer, why))
        }
        None => Ok(path),
    }
}

fn is_lfs_pointer(path: &Path) -> bool {
    let mut start = [0; GIT_LFS_POINTER.len()];
    let read = std::fs::File::open(path).and_then(|mut it| it.read_exact(&mut start));
    read.is_ok() && start == GIT_LFS_POINTER
}

/// A folder of weights that is called after T5, such as "flan-t5-xl".
fn text_encoder_in(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten().map(|it| it.path());
    let is_called_so = |it: &PathBuf| {
        let name = it.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        it.is_dir() && name.contains("t5") && looks_like_weights(it)
    };
    entries.filter(is_called_so).min()
}

fn looks_like_weights(path: &Path) -> bool {
    !weights_in(path).is_empty()
}

/// The file, or those of a folder, whose names say that there are weights in them.
fn weights_in(path: &Path) -> Vec<PathBuf> {
    let is_weights = |it: &PathBuf| {
        let kinds = ["safetensors", "pt", "pth", "bin", "gguf"];
        it.is_file() && it.extension().is_some_and(|it| kinds.iter().any(|kind| it == *kind))
    };
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    std::iter::once(path.to_owned()).chain(entries.map(|it| it.path())).filter(is_weights).collect()
}

fn no_model(path: &Path, why: &'static str) -> Error {
    Error::NoModel { path: path.to_owned(), why }
}
