//! Files that are damaged, by chance or on purpose: each is told apart or read as what it says, and none makes
//! us panic, or take more memory than a small multiple of what it is large.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

mod hostile;
mod mutation;
mod sound;

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};

use alla_prima::model::checkpoint::Checkpoint;
use alla_prima::model::{Error, Result};
use peak_alloc::PeakAlloc;

use self::mutation::Chance;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A file may make us take at most this factor times its size, and [`EXTRA_BYTES`] beside.
const MAX_FACTOR: usize = 64;
const EXTRA_BYTES: usize = 256 << 10;

/// Opens what lies at `path` and reads all of it; `n_bytes` are its files together. The number of tensors.
fn read(path: &Path, n_bytes: usize, what: &str) -> Result<usize> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ())); // what panics is told below, with what made it
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = panic::catch_unwind(|| read_all(path));
    let taken = MEMORY.peak_usage().saturating_sub(before);
    panic::set_hook(hook);
    let max_bytes = MAX_FACTOR * n_bytes + EXTRA_BYTES;
    assert!(taken <= max_bytes, "{what} of {n_bytes} bytes made us take {taken}");
    let result = result.unwrap_or_else(|_| panic!("{what} made us panic\n{}", path.display()));
    if let Err(err) = &result {
        let message = err.to_string();
        let is_known = matches!(err, Error::Damaged(_) | Error::Unreadable { .. });
        let (reason, place) = message.rsplit_once('\n').unwrap_or_default();
        let folder = path.parent().unwrap().to_str().unwrap();
        assert!(is_known && place.starts_with(folder), "{what}: {message}");
        assert!(30 < reason.len() && !reason.ends_with('.'), "{what}: {message}");
    }
    result
}

fn read_all(path: &Path) -> Result<usize> {
    let checkpoint = Checkpoint::open(path)?;
    let mut n_tensors = 0;
    for name in checkpoint.names() {
        let shape = checkpoint.shape(name).unwrap();
        assert_eq!(checkpoint.load(name, shape)?.dims(), shape);
        n_tensors += 1;
    }
    Ok(n_tensors)
}

/// Sound files of every kind: a name, its bytes, and the tensors in it.
fn sound_files() -> Vec<(&'static str, Vec<u8>, usize)> {
    vec![
        ("a.safetensors", sound::safetensors(), 4),
        ("a.pt", sound::torch(&sound::pickle()), 4),
        ("a.gguf", sound::gguf(), 3),
    ]
}

/// A folder of parts with an index, and its path.
fn parts(folder: &Path) -> PathBuf {
    fs::write(folder.join("model-1-of-2.safetensors"), sound::safetensors()).unwrap();
    fs::write(folder.join("model-2-of-2.gguf"), sound::gguf()).unwrap();
    let index = folder.join("model.safetensors.index.json");
    fs::write(&index, sound::index()).unwrap();
    index
}

/// A new file each time: to write over one makes some systems wait for the disk.
fn write(path: &Path, bytes: &[u8]) {
    if path.exists() {
        fs::remove_file(path).unwrap();
    }
    fs::write(path, bytes).unwrap();
}

/// One test, so that nothing else takes memory meanwhile.
#[test]
fn damage_is_told_apart_without_panic_or_waste() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    sound_files_are_read(folder);
    hostile::are_refused(folder);
    hostile::small_things_in_great_number(folder);

    let mut n = Tally::default();
    for (name, bytes, _) in sound_files() {
        cut_short(&folder.join(name), &bytes, &mut n);
        mutated(&folder.join(name), 1200, &mut n, |chance| mutation::of_bytes(&bytes, chance));
    }
    let headed = |chance: &mut Chance| mutation::of_header(&sound::safetensors(), chance);
    mutated(&folder.join("b.safetensors"), 1200, &mut n, headed);
    let pickled = |chance: &mut Chance| {
        sound::torch(&mutation::of_bytes(&sound::pickle(), chance)) // with the right checksum
    };
    mutated(&folder.join("b.pt"), 2500, &mut n, pickled);
    let index = parts(folder);
    let indexed = |chance: &mut Chance| mutation::of_text(&sound::index(), chance);
    mutated(&index, 1000, &mut n, indexed);
    published_files(folder, &mut n);

    eprintln!("{} files, {} of them refused", n.files, n.refused);
    assert!(10_000 <= n.files, "only {} files", n.files);
    assert!(n.files * 6 / 10 < n.refused, "only {} of {} files refused", n.refused, n.files);
}

#[derive(Default)]
struct Tally {
    files: usize,
    refused: usize,
}

fn sound_files_are_read(folder: &Path) {
    for (name, bytes, n_tensors) in sound_files() {
        let path = folder.join(name);
        fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&path, bytes.len(), name).unwrap(), n_tensors);
    }
    let index = parts(folder);
    assert_eq!(read(&index, 4000, "index").unwrap(), 7);

    let checkpoint = Checkpoint::open(&folder.join("a.pt")).unwrap();
    let of = |name: &str, shape: &[usize]| {
        checkpoint.load(name, shape).unwrap().to_vec2::<f32>().unwrap()
    };
    let matrix = sound::tensor(&[8, 4]);
    assert_eq!(of("layers.0.wq", &[8, 4]), matrix.to_vec2::<f32>().unwrap());
    assert_eq!(of("layers.0.wk", &[4, 8]), matrix.t().unwrap().to_vec2::<f32>().unwrap());
    assert_eq!(
        of("layers.0.wv", &[4, 4]),
        matrix.narrow(0, 2, 4).unwrap().to_vec2::<f32>().unwrap()
    );
}

/// A file cut short anywhere is never taken for whole.
fn cut_short(path: &Path, bytes: &[u8], n: &mut Tally) {
    for length in 0..bytes.len() {
        write(path, &bytes[..length]);
        let what = format!("{} cut to {length} bytes", path.display());
        assert!(read(path, length, &what).is_err(), "{what} was taken");
        n.files += 1;
        n.refused += 1;
    }
}

fn mutated(path: &Path, n_files: u64, n: &mut Tally, make: impl Fn(&mut Chance) -> Vec<u8>) {
    for seed in 0..n_files {
        let bytes = make(&mut Chance::new(seed));
        write(path, &bytes);
        // The parts beside an index are mapped with it.
        let what = format!("{} with seed {seed}", path.display());
        n.refused += usize::from(read(path, bytes.len() + 4000, &what).is_err());
        n.files += 1;
    }
}

/// Files of the published kinds and sizes; damaged where they tell of the rest.
fn published_files(folder: &Path, n: &mut Tally) {
    for name in
        ["llamagen-c2i/gpt.pt", "janus-original/pytorch_model.bin", "janus-hf/model.safetensors"]
    {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity").join(name);
        let bytes = fs::read(&path).unwrap();
        let path = folder.join(path.file_name().unwrap());
        mutated(&path, 60, n, |chance| mutation::of_ends(&bytes, chance));
    }
}
