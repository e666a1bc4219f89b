//! Brings one file here, whatever happens on the way: goes on after a break, and lets nothing pass that is not
//! what was published.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use ureq::Body;
use ureq::http::Response;

use super::cache::RepoCache;
use super::error::{Error, Result, at};
use super::hub::{Hub, Remote};
use super::places::Patience;
use crate::base::hex;

/// Read and written at a time.
const CHUNK_BYTES: usize = 1 << 17;

/// Progress is reported no more often.
const MIN_REPORT_INTERVAL: Duration = Duration::from_millis(50);

/// How far something has come, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub all: u64,
}

/// Held by whatever takes long: reports how far it has come, and hears when it is to stop.
pub struct ProgressHandle {
    stop: Receiver<()>,
    report: Box<dyn FnMut(Progress) + Send>,
    progress: Progress,
    last_report: Option<Instant>,
}

impl ProgressHandle {
    /// The other end stops what goes on when something is sent through it, or when it is dropped.
    #[must_use]
    pub fn new(report: impl FnMut(Progress) + Send + 'static) -> (Self, Sender<()>) {
        let (sender, stop) = channel();
        let report = Box::new(report);
        (Self { stop, report, progress: Progress::default(), last_report: None }, sender)
    }

    pub(super) fn begin(&mut self, all: u64) {
        (self.progress, self.last_report) = (Progress { done: 0, all }, None);
        (self.report)(self.progress);
    }

    pub(super) fn advance(&mut self, bytes: u64) {
        self.progress.done += bytes;
        let is_last = self.progress.done == self.progress.all;
        if is_last || self.last_report.is_none_or(|it| MIN_REPORT_INTERVAL <= it.elapsed()) {
            self.last_report = Some(Instant::now());
            (self.report)(self.progress);
        }
    }

    fn go_back(&mut self, bytes: u64) {
        self.progress.done = self.progress.done.saturating_sub(bytes);
    }

    pub(super) fn check(&self) -> Result<()> {
        match self.stop.try_recv() {
            Err(TryRecvError::Empty) => Ok(()),
            _ => Err(Error::Paused),
        }
    }

    fn wait(&self, time: Duration) -> Result<()> {
        match self.stop.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            _ => Err(Error::Paused),
        }
    }
}

/// Tries until it works, or until nothing is to be expected of trying again. `attempt` says whether it has come any
/// further than the time before.
pub(super) fn patiently<T>(
    patience: &Patience,
    progress: &mut ProgressHandle,
    mut attempt: impl FnMut(&mut ProgressHandle) -> (bool, Result<T>),
) -> Result<T> {
    let (mut n_tries, mut pause) = (0, patience.pause);
    loop {
        progress.check()?;
        let (has_advanced, result) = attempt(progress);
        let err = match result {
            Ok(it) => return Ok(it),
            Err(err) => err,
        };
        if has_advanced {
            (n_tries, pause) = (0, patience.pause);
        }
        n_tries += 1;
        let wait = match &err {
            Error::TooOften { wait, .. } if *wait <= patience.longest_pause => *wait,
            Error::Unreachable { .. } | Error::BrokenOff { .. } => pause,
            Error::Status { status: 500.., .. } => pause,
            _ => return Err(err),
        };
        if patience.tries <= n_tries {
            return Err(err);
        }
        log::info!("Trying again in {:.1} s: {err}", wait.as_secs_f32());
        progress.wait(wait)?;
        pause = (pause * 2).min(patience.longest_pause);
    }
}

/// Makes a file of the hub a blob of the cache; returns its SHA-256.
pub(super) fn fetch(
    hub: &Hub,
    cache: &RepoCache,
    remote: &Remote,
    patience: &Patience,
    progress: &mut ProgressHandle,
) -> Result<String> {
    let _lock = cache.lock(&remote.etag)?;
    let mut partial = PartialFile::open(cache.incomplete(&remote.etag), remote.bytes, progress)?;
    let mut was_here = 0 < partial.len;
    loop {
        // To begin again and come as far as before is not to advance: a hub could make it so for ever.
        let (mut validator, mut furthest) = (None, partial.len);
        patiently(patience, progress, |progress| {
            let result = partial.grow(hub, remote, &mut validator, progress);
            let has_advanced = furthest < partial.len;
            furthest = furthest.max(partial.len);
            (has_advanced, result)
        })?;
        let found = partial.checksum();
        match &remote.sha256 {
            Some(expected) if *expected != found => {
                partial.start_over(progress)?;
                if !std::mem::take(&mut was_here) {
                    partial.remove()?;
                    let (url, expected) = (remote.url.clone(), expected.clone());
                    return Err(Error::OtherContent { url, expected, found });
                }
                // What was here from another time may be to blame: once more, from the beginning.
                log::warn!("What was here of a download was damaged: it begins again");
            }
            _ => {
                partial.become_whole(&cache.blob(&remote.etag))?;
                return Ok(found);
            }
        }
    }
}

/// What has come of a file so far, on disk beside the blobs.
struct PartialFile {
    path: PathBuf,
    file: File,
    /// Of the bytes that are here.
    hasher: Sha256,
    len: u64,
}

impl PartialFile {
    /// Goes on with what is here already, unless that is more than there can be.
    fn open(path: PathBuf, max_bytes: u64, progress: &mut ProgressHandle) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(at("written", folder))?;
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path);
        let file = file.map_err(at("written", &path))?;
        let mut partial = Self { path, file, hasher: Sha256::new(), len: 0 };
        let here = partial.file.metadata().map_err(at("read", &partial.path))?.len();
        if max_bytes < here {
            partial.start_over(progress)?;
        } else if 0 < here {
            partial.len = hash(&mut partial.file, &mut partial.hasher, progress)
                .map_err(|it| it.at(&partial.path))?;
        }
        Ok(partial)
    }

    /// Asks for what is missing, and takes in what comes.
    fn grow(
        &mut self,
        hub: &Hub,
        remote: &Remote,
        validator: &mut Option<String>,
        progress: &mut ProgressHandle,
    ) -> Result<()> {
        if self.len == remote.bytes {
            return Ok(());
        }
        let response = hub.read(&remote.url, self.len, validator.as_deref())?;
        match response.status().as_u16() {
            // All of it comes, whatever was asked for: that server cannot go on, or its file is another one.
            200 => self.start_over(progress)?,
            206 if starts_at(&response) == Some(self.len) => (),
            _ => {
                self.start_over(progress)?;
                return Err(self.broken_off(remote, "the hub cannot go on from where it was"));
            }
        }
        let tag = response.headers().get("etag").and_then(|it| it.to_str().ok());
        *validator = tag.filter(|it| it.starts_with('"')).map(str::to_owned);

        let mut body = response.into_body().into_reader();
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            progress.check()?;
            let n = match body.read(&mut chunk) {
                Ok(0) if self.len == remote.bytes => return Ok(()),
                Ok(0) => return Err(self.broken_off(remote, "the hub said no more")),
                Ok(n) => n,
                // The end may be late; nothing more is needed.
                Err(_) if self.len == remote.bytes => return Ok(()),
                Err(err) => return Err(self.broken_off(remote, &err.to_string())),
            };
            if remote.bytes < self.len + n as u64 {
                self.remove()?;
                return Err(Error::TooLong { url: remote.url.clone(), all: remote.bytes });
            }
            self.file.write_all(&chunk[..n]).map_err(at("written", &self.path))?;
            self.hasher.update(&chunk[..n]);
            self.len += n as u64;
            progress.advance(n as u64);
        }
    }

    fn broken_off(&self, remote: &Remote, why: &str) -> Error {
        let (url, why) = (remote.url.clone(), why.to_owned());
        Error::BrokenOff { url, got: self.len, all: remote.bytes, why }
    }

    fn start_over(&mut self, progress: &mut ProgressHandle) -> Result<()> {
        progress.go_back(self.len);
        (self.hasher, self.len) = (Sha256::new(), 0);
        self.file.set_len(0).map_err(at("written", &self.path))
    }

    fn checksum(&self) -> String {
        hex(&self.hasher.clone().finalize())
    }

    fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path).map_err(at("removed", &self.path))
    }

    fn become_whole(self, blob: &Path) -> Result<()> {
        self.file.sync_all().map_err(at("written", &self.path))?;
        fs::rename(&self.path, blob).map_err(at("written", blob))
    }
}

/// The SHA-256 of a file.
pub(super) fn checksum_of(path: &Path, progress: &mut ProgressHandle) -> Result<String> {
    let mut file = File::open(path).map_err(at("read", path))?;
    let mut hasher = Sha256::new();
    hash(&mut file, &mut hasher, progress).map_err(|it| it.at(path))?;
    Ok(hex(&hasher.finalize()))
}

/// Why reading ended early.
enum Cut {
    Stopped,
    Disk(std::io::Error),
}

impl Cut {
    fn at(self, path: &Path) -> Error {
        match self {
            Self::Stopped => Error::Paused,
            Self::Disk(err) => at("read", path)(err),
        }
    }
}

/// Takes all of a file in; returns its length.
fn hash(
    file: &mut File,
    hasher: &mut Sha256,
    progress: &mut ProgressHandle,
) -> std::result::Result<u64, Cut> {
    file.rewind().map_err(Cut::Disk)?;
    let (mut len, mut chunk) = (0, vec![0; CHUNK_BYTES]);
    loop {
        progress.check().map_err(|_| Cut::Stopped)?;
        match file.read(&mut chunk).map_err(Cut::Disk)? {
            0 => return Ok(len),
            n => {
                hasher.update(&chunk[..n]);
                len += n as u64;
                progress.advance(n as u64);
            }
        }
    }
}

/// The first byte of a partial answer: 7 for "bytes 7-99/100".
fn starts_at(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get("content-range")?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}
