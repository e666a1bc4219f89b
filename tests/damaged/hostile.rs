//! Damage on purpose: files made to be executed, to be believed, or to fill the memory.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use serde_json::json;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{read, sound};

pub(crate) fn are_refused(folder: &Path) {
    for (what, pickle, reason) in pickles() {
        check(&folder.join("hostile.pt"), &sound::torch(&pickle), what, reason);
    }
    for (what, file, reason) in archives() {
        check(&folder.join("hostile.pt"), &file, what, reason);
    }
    for (what, file, reason) in safetensors() {
        check(&folder.join("hostile.safetensors"), &file, what, reason);
    }
    for (what, file, reason) in ggufs() {
        check(&folder.join("hostile.gguf"), &file, what, reason);
    }
    indexes(folder);
}

#[track_caller]
fn check(path: &Path, bytes: &[u8], what: &str, reason: &str) {
    fs::write(path, bytes).unwrap();
    match read(path, bytes.len(), what) {
        Err(err) => assert!(err.to_string().contains(reason), "{what}: {err}"),
        Ok(_) => panic!("{what} was taken"),
    }
}

type Case = (&'static str, Vec<u8>, &'static str);

/// 32 numbers.
const STORAGE: &[u8] =
    b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x20tQ";

/// A tensor of these numbers; `sizes` are the instructions for shape and strides.
fn rebuild(sizes: &[u8]) -> Vec<u8> {
    let start = b"}X\x01\0\0\0actorch._utils\n_rebuild_tensor_v2\n(";
    [start, STORAGE, b"K\0", sizes, b"tRs."].concat()
}

fn pickles() -> Vec<Case> {
    let mut run = b"\x80\x02cposix\nsystem\n(".to_vec();
    sound::text(&mut run, "exit 1");
    run.extend(b"tR.");

    // As many instructions as are followed, and as many as are not.
    let (many, more) = (500_000, 1_000_000);
    // A tuple of two of the one before, 60 times over, as the name of a class.
    let laughs = [b")".to_vec(), b"q\0h\0\x86".repeat(60), b"Q.".to_vec()].concat();
    let wide = [b"(".to_vec(), b"K\x01".repeat(100_000), b"tq\x07".to_vec()].concat();
    let elsewhere = rebuild(b"(K\x04t(K\x01t");
    let key = b"X\x01\0\0\x000";
    let at = elsewhere.windows(key.len()).position(|it| it == key).unwrap();
    let mut outside = elsewhere.clone();
    let mut path = Vec::new();
    sound::text(&mut path, "../../../../etc/passwd");
    outside.splice(at..at + key.len(), path);

    vec![
        ("a command", run, "it is no dictionary"),
        (
            "deep nesting",
            [b")".to_vec(), b"\x85".repeat(many), b".".to_vec()].concat(),
            "no dictionary",
        ),
        ("dictionaries without end", b"}".repeat(more), "longer than that of any model"),
        ("marks without end", b"(".repeat(many), "breaks off"),
        ("a pickle without end", b"N0".repeat(more), "longer than that of any model"),
        ("tuples in tuples", laughs, "lacks its kind"),
        ("wide shapes", [wide, rebuild(b"h\x07h\x07")].concat(), "more dimensions"),
        ("a text of 4 GiB", b"X\xff\xff\xff\xffabc".to_vec(), "breaks off"),
        ("a text of 16 EiB", b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc".to_vec(), "breaks off"),
        ("a number of 4 GiB", b"\x8b\xff\xff\xff\xff\x01".to_vec(), "breaks off"),
        (
            "a tensor of one value a billion times",
            rebuild(b"(J\0\0\0\x7ft(K\0t"),
            "beyond its storage",
        ),
        (
            "a tensor of 2^93 values",
            rebuild(b"(J\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7ft(K\0K\0K\0t"),
            "beyond its storage",
        ),
        (
            "a tensor with long strides",
            rebuild(b"(K\x02t(\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7ft"),
            "beyond its storage",
        ),
        ("a tensor with a shape below 0", rebuild(b"(J\xff\xff\xff\xfft(K\x01t"), "a size below 0"),
        ("a storage outside of the archive", outside, "cannot be read"),
    ]
}

/// What is no damage, but made to take more memory than it is large.
pub(crate) fn small_things_in_great_number(folder: &Path) {
    let n_tensors = 40_000;
    let shape = b"K\x01\x85q\x02";
    let mut pickle =
        [b"ctorch._utils\n_rebuild_tensor_v2\nq\0", STORAGE, b"q\x01", shape, b"}("].concat();
    for idx in 0..n_tensors {
        pickle.extend(format!("\x58\x05\0\0\0{idx:05}h\0(h\x01K\0h\x02h\x02tR").as_bytes());
    }
    pickle.extend(b"u.");
    let path = folder.join("many.pt");
    let file = sound::torch(&pickle);
    fs::write(&path, &file).unwrap();
    assert_eq!(read(&path, file.len(), "many tensors").unwrap(), n_tensors);

    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for idx in 0..20_000 {
        archive.start_file(format!("{idx}"), options).unwrap();
    }
    check(&path, &archive.finish().unwrap().into_inner(), "many files", "no data.pkl");

    let nothing = rebuild(b"(\x8a\x06\0\0\0\0\0\x01K\0t(K\x07K\x01t");
    let file = sound::torch(&nothing);
    fs::write(&path, &file).unwrap();
    assert_eq!(read(&path, file.len(), "a trillion rows of nothing").unwrap(), 1);
}

fn archives() -> Vec<Case> {
    let archive = |name: &str, method, bytes: &[u8]| {
        let options = SimpleFileOptions::default().compression_method(method);
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(name, options).unwrap();
        archive.write_all(bytes).unwrap();
        archive.finish().unwrap().into_inner()
    };
    let stored = CompressionMethod::Stored;
    let mut compressed = archive("gpt/data.pkl", stored, b"}.");
    // The method of compression, in the file's own header and in the directory.
    for signature in [b"PK\x03\x04", b"PK\x01\x02"] {
        let at = compressed.windows(4).position(|it| it == signature).unwrap();
        compressed[at + if signature[2] == 3 { 8 } else { 10 }] = 8;
    }
    let mut many = archive("gpt/data.pkl", stored, b"}.");
    let end = many.windows(4).rposition(|it| it == b"PK\x05\x06").unwrap();
    many[end + 8..end + 12].fill(0xff);
    let old = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.".to_vec();
    vec![
        (
            "an archive of something else",
            archive("word/document.xml", stored, b"<a/>"),
            "no data.pkl",
        ),
        ("a compressed pickle", compressed, "cannot be read"),
        ("a directory of 65535 files", many, "archive cannot be read"),
        (
            "ends of archives, one after the other",
            b"PK\x05\x06".repeat(50_000),
            "archive cannot be read",
        ),
        ("a file of PyTorch before 1.6", old, "before 1.6"),
        ("an empty file", Vec::new(), "it is empty"),
    ]
}

fn safetensors() -> Vec<Case> {
    let file = |header: &str, n_values: usize| {
        let length = (header.len() as u64).to_le_bytes();
        [&length, header.as_bytes(), &vec![0; n_values]].concat()
    };
    let tensor = |kind: &str, shape: &[u64], from: u64, to: u64| json!({"dtype": kind, "shape": shape, "data_offsets": [from, to]});
    let max = u64::MAX;
    let header = |it: serde_json::Value| file(&it.to_string(), 16);
    // Sixteen times 2^60 bytes: together 0, where sums run over.
    let many: serde_json::Map<_, _> = (0..16_u64)
        .map(|it| {
            let end = if it == 15 { max } else { (it + 1) << 60 };
            (it.to_string(), tensor("U8", &[end - (it << 60)], it << 60, end))
        })
        .collect();
    vec![
        (
            "a header of 16 EiB",
            [max.to_le_bytes().as_slice(), b"{}"].concat(),
            "longer than the file",
        ),
        ("deep JSON", file(&"[".repeat(1_000_000), 0), "cannot be read"),
        (
            "deep notes",
            file(&format!(r#"{{"__metadata__":{}"#, r#"{"a":"#.repeat(100_000)), 0),
            "cannot be read",
        ),
        (
            "a shape of 2^64 values",
            header(json!({"a": tensor("F32", &[1 << 32, 1 << 32], 0, 16)})),
            "cannot be read",
        ),
        (
            "a shape of 2^65 bytes",
            header(json!({"a": tensor("F64", &[1 << 62], 0, 16)})),
            "cannot be read",
        ),
        (
            "a place before the last one",
            header(json!({"a": tensor("U8", &[16], 16, 0)})),
            "cannot be read",
        ),
        (
            "a place beyond the file",
            header(json!({"a": tensor("U8", &[17], 0, 17)})),
            "its header tells of 17",
        ),
        (
            "values that nobody owns",
            header(json!({"a": tensor("U8", &[8], 0, 8)})),
            "its header tells of 8",
        ),
        (
            "two tensors in one place",
            header(json!({"a": tensor("U8", &[16], 0, 16), "b": tensor("U8", &[16], 0, 16)})),
            "cannot be read",
        ),
        ("places that sum up to 2^64", header(many.into()), "its header tells of"),
        (
            "sizes beside a 0",
            header(
                json!({"a": tensor("U8", &[16], 0, 16), "b": tensor("U8", &[0, max, max], 16, 16)}),
            ),
            "reaches beyond",
        ),
        (
            "half a page of HTML",
            b"<!DOCTYPE html><html><head><title>404".to_vec(),
            "longer than the file",
        ),
    ]
}

fn ggufs() -> Vec<Case> {
    let file = |n_tensors: u64, n_notes: u64, rest: &[u8]| {
        let counts = [n_tensors.to_le_bytes(), n_notes.to_le_bytes()].concat();
        [b"GGUF\x03\0\0\0", counts.as_slice(), rest, &[0; 64]].concat()
    };
    let text = |text: &str| [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat();
    let note = |kind: u32, value: &[u8]| [&text("note")[..], &kind.to_le_bytes(), value].concat();
    let tensor = |kind: u32, dims: &[u64], offset: u64| {
        let n = (dims.len() as u32).to_le_bytes();
        let dims: Vec<u8> = dims.iter().flat_map(|it| it.to_le_bytes()).collect();
        [&text("a")[..], &n, &dims, &kind.to_le_bytes(), &offset.to_le_bytes()].concat()
    };
    let list = |kind: u32, n: u64| [kind.to_le_bytes().as_slice(), &n.to_le_bytes()].concat();
    let max = u64::MAX;
    let alignment = [&text("general.alignment")[..], &4_u32.to_le_bytes(), &[0; 4]].concat();
    let twins = [tensor(0, &[4], 0), tensor(0, &[4], 0)].concat();
    vec![
        ("2^64 tensors", file(max, 0, &[]), "same name"),
        ("2^64 notes", file(0, max, &[]), "it breaks off"),
        ("a name of 16 EiB", file(1, 0, &max.to_le_bytes()), "it breaks off"),
        ("a list of 2^64 numbers", file(0, 1, &note(9, &list(10, max))), "it breaks off"),
        ("a list of 2^64 texts", file(0, 1, &note(9, &list(8, max))), "it breaks off"),
        ("lists in lists", file(0, 1, &note(9, &list(9, 1).repeat(1000))), "a note is of a kind"),
        ("an alignment of 0", file(0, 1, &alignment), "alignment"),
        (
            "a tensor of 2^64 values",
            file(1, 0, &tensor(0, &[1 << 32, 1 << 32], 0)),
            "beyond the file",
        ),
        ("a tensor beyond the file", file(1, 0, &tensor(0, &[4], max)), "beyond the file"),
        ("a tensor with half a block", file(1, 0, &tensor(8, &[16], 0)), "beyond the file"),
        ("a tensor of an unknown kind", file(1, 0, &tensor(99, &[4], 0)), "not known here"),
        ("a tensor of many dimensions", file(1, 0, &tensor(0, &[1; 9], 0)), "more than 4"),
        ("two tensors of one name", file(2, 0, &twins), "same name"),
        ("another version", b"GGUF\x01\0\0\0".repeat(9), "version"),
    ]
}

fn indexes(folder: &Path) {
    let folder = folder.join("indexed");
    fs::create_dir(&folder).unwrap();
    let part = sound::safetensors();
    fs::write(folder.join("part.safetensors"), &part).unwrap();
    fs::create_dir(folder.join("below")).unwrap();
    fs::write(folder.join("below/part.safetensors"), &part).unwrap();
    let index = folder.join("model.safetensors.index.json");
    let elsewhere = folder.join("below/part.safetensors");
    let mut cases = vec![
        (elsewhere.to_str().unwrap(), "not beside it"),
        ("below/part.safetensors", "not beside it"),
        ("../indexed/part.safetensors", "not beside it"),
        ("./part.safetensors", "not beside it"),
        (r"below\part.safetensors", "not beside it"),
        ("C:part.safetensors", "not beside it"),
        ("..", "not beside it"),
        (".", "not beside it"),
        ("", "not beside it"),
        ("below", "not a file"),
        ("part\0.safetensors", "could not be read"),
        ("missing.safetensors", "could not be read"),
    ];
    if cfg!(unix) {
        links(&folder);
        cases.push(("circle", "could not be read"));
        cases.push(("zero", "not a file"));
    }
    for (file, reason) in cases {
        let text = json!({"weight_map": {"embeddings": file}}).to_string();
        check(&index, text.as_bytes(), &format!("a part called {file:?}"), reason);
    }
    for (text, reason) in [
        (
            json!({"weight_map": {"wo": "part.safetensors"}}).to_string(),
            "wo is not in part.safetensors",
        ),
        (json!({"weight_map": {}}).to_string(), "names no weights"),
        (json!({"weight_map": ["part.safetensors"]}).to_string(), "invalid type"),
        ("[".repeat(1_000_000), "invalid type"),
        (format!(r#"{{"metadata": {}"#, "[".repeat(1_000_000)), "damaged"),
    ] {
        check(&index, text.as_bytes(), "an index", reason);
    }
    // Whoever downloads from the hub has links in their folders: to whole files they are followed.
    let text =
        json!({"weight_map": {"embeddings": if cfg!(unix) { "link" } else { "part.safetensors" }}});
    fs::write(&index, text.to_string()).unwrap();
    assert_eq!(read(&index, part.len(), "a link").unwrap(), 4);
}

#[cfg(unix)]
fn links(folder: &Path) {
    use std::os::unix::fs::symlink;
    symlink("circle", folder.join("circle")).unwrap();
    symlink("/dev/zero", folder.join("zero")).unwrap();
    symlink("below/part.safetensors", folder.join("link")).unwrap();
}

#[cfg(not(unix))]
fn links(_: &Path) {}
