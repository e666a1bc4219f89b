//! The program itself with published models: chosen by file or by name, painted with without a window.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::tiny::{self, write_tokenizer};

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alla-prima"))
        .args(args)
        .current_dir(folder)
        .env("HF_HOME", folder)
        .env("HF_ENDPOINT", "http://127.0.0.1:9")
        .env("XDG_DATA_HOME", folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("HOME", folder)
        .env_remove("HF_HUB_CACHE")
        .env_remove("HF_TOKEN")
        .output()
        .unwrap()
}

/// Paints; returns what it took.
#[track_caller]
fn paint(folder: &Path, args: &[&str]) -> serde_json::Value {
    let output = run(folder, &[&["paint", "--json"], args].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_llamagen_is_painted_with_by_path_and_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    tiny::llamagen_of_classes().write(&here.join("c2i_64.safetensors"));
    // As it is called where it is published; what kind of file it is, its first bytes tell.
    tiny::vq().write(&here.join("vq_ds16_c2i.pt"));

    let by_path = ["goldfish", "--model", "./c2i_64.safetensors", "--device", "cpu"];
    let report = paint(here, &[&by_path[..], &["--out", "one.png"]].concat());
    assert_eq!(report["hardware"], "the processor");
    assert_eq!(report["model"], "LlamaGen 128 wide, classes, 64 px");
    assert_eq!(report["cells"], 64);
    let kept: Vec<_> = fs::read_dir(here.join("cache/alla-prima/weights")).unwrap().collect();
    assert_eq!(kept.len(), 1, "packed weights are kept");

    let added = run(here, &["models", "add", "c2i_64.safetensors", "--name", "small"]);
    assert_eq!(added.status.code(), Some(0), "{}", String::from_utf8_lossy(&added.stderr));
    paint(here, &["goldfish", "--model", "small", "--out", "two.png"]);
    let pixels = |name: &str| image::open(here.join(name)).unwrap().into_rgb8();
    assert!(pixels("one.png") == pixels("two.png"), "the second start paints something else");
    for precision in ["f32", "q6k", "q4k"] {
        let exactly = ["goldfish", "--model", "small", "--precision", precision];
        paint(here, &[&exactly[..], &["--out", "three.png"]].concat());
    }

    let refused = run(here, &["paint", "retriever", "--model", "small"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("golden retriever") && !said.contains("panicked"), "{said}");
}

#[test]
fn a_janus_is_painted_with_from_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/janus-hf");
    for name in ["model.safetensors", "config.json"] {
        fs::copy(case.join(name), here.join(name)).unwrap();
    }
    let words = ["<unk>", "<｜begin▁of▁sentence｜>", "<｜▁pad▁｜>", "<begin_of_image>", "fox"];
    write_tokenizer(here, &words);
    let report = paint(here, &["a fox", "--model", "./", "--out", "fox.png"]);
    assert_eq!((&report["cells"], &report["prompt"]), (&576.into(), &"a fox".into()));
    assert!(report["model"].as_str().unwrap().starts_with("Janus"));
    assert_eq!(image::open(here.join("fox.png")).unwrap().width() % 24, 0);
}

#[test]
fn files_that_make_no_model_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    tiny::llamagen_of_classes().write(&here.join("c2i_64.safetensors"));
    fs::write(here.join("noise.pt"), b"PK and nothing else").unwrap();
    for (model, why) in [("./c2i_64.safetensors", "VQ-16"), ("./noise.pt", "noise.pt")] {
        let refused = run(here, &["paint", "goldfish", "--model", model]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains(why) && !said.contains("panicked"), "{said}");
    }
}
