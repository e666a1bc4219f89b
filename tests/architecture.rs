//! The shape of the program: who may use whom, which crates are shut up where, how long a file may be.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each module, and the modules it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("compose", &["base"]),
    ("cutout", &["base"]),
    ("document", &["base", "compose", "cutout", "finish"]),
    ("finish", &["base"]),
    ("tools", &["base", "document"]),
    ("io", &["base", "compose", "document", "finish"]),
    ("export", &["base", "document", "finish", "io"]),
    ("film", &["base", "document", "io"]),
    ("model", &["base"]),
    ("catalog", &["base", "io"]),
    ("engine", &["base", "model"]),
    ("settings", &["base", "document", "export", "tools", "io"]),
    (
        "studio",
        &[
            "base", "catalog", "document", "export", "film", "finish", "tools", "io", "model",
            "engine", "settings",
        ],
    ),
    (
        "headless",
        &[
            "base", "cutout", "document", "export", "film", "finish", "io", "engine", "studio",
            "settings",
        ],
    ),
    ("render", &["base", "compose"]),
    (
        "ui",
        &[
            "base", "catalog", "compose", "cutout", "document", "export", "film", "finish",
            "tools", "io", "model", "engine", "settings", "studio", "render",
        ],
    ),
];

/// Each weighty crate, and the modules it is shut up in. `main` and `cli` are the binary's.
const CONFINED: &[(&str, &[&str])] = &[
    ("anyhow", &["main", "cli"]),
    ("arboard", &["ui"]),
    ("bytemuck", &["model", "render"]),
    ("candle_core", &["model"]),
    ("candle_nn", &["model"]),
    ("clap", &["main", "cli"]),
    ("color_quant", &["io"]),
    ("crc32fast", &["io", "model"]),
    ("crossbeam_channel", &["engine", "studio"]),
    ("directories", &["model", "settings"]),
    ("eframe", &["ui"]),
    ("egui", &["ui", "render"]),
    ("egui_wgpu", &["ui", "render"]),
    ("fast_image_resize", &["base"]),
    ("gif", &["io"]),
    ("half", &["model"]),
    ("image", &["io"]),
    ("indicatif", &["main", "cli"]),
    ("memmap2", &["model"]),
    ("moxcms", &["io"]),
    ("pdf_writer", &["io"]),
    ("png", &["io"]),
    ("pollster", &["ui"]),
    ("rayon", &["cutout", "finish", "model"]),
    ("rfd", &["ui"]),
    ("roxmltree", &["io"]),
    ("safetensors", &["model"]),
    ("sha2", &["catalog", "model"]),
    ("sysinfo", &["model"]),
    ("tiff", &["io"]),
    ("tokenizers", &["model"]),
    ("ureq", &["catalog"]),
    ("wgpu", &["render", "ui"]),
    ("wide", &["model"]),
    ("zip", &["io", "model"]),
];

const MAX_LINES: usize = 600;

#[test]
fn dependencies_point_one_way() {
    let mut offences = Vec::new();
    for (module, path, source) in sources() {
        let allowed = MAY_USE.iter().find(|(name, _)| *name == module);
        for (idx, line) in source.lines().enumerate() {
            let line = code_of(line);
            for used in names_after(line, "crate::") {
                let is_known = MAY_USE.iter().any(|(name, _)| *name == used);
                let is_allowed =
                    used == module || allowed.is_none_or(|(_, may)| may.contains(&used.as_str()));
                if is_known && !is_allowed {
                    offences.push(format!("{}:{}: {module} uses {used}", path.display(), idx + 1));
                }
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn weighty_crates_stay_where_they_belong() {
    let mut offences = Vec::new();
    for (module, path, source) in sources() {
        for (idx, line) in source.lines().enumerate() {
            let line = code_of(line);
            for (krate, homes) in CONFINED {
                let is_used =
                    line.contains(&format!("{krate}::")) && !line.contains(&format!("::{krate}::"));
                let is_word = line
                    .split(|it: char| !it.is_alphanumeric() && it != '_')
                    .any(|it| it == *krate);
                if is_used && is_word && !homes.contains(&module.as_str()) {
                    offences.push(format!("{}:{}: {module} uses {krate}", path.display(), idx + 1));
                }
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn every_module_is_on_the_map() {
    let map = fs::read_to_string("src/lib.rs").unwrap();
    for (module, _) in MAY_USE {
        assert!(map.contains(&format!("pub mod {module};")), "{module} is not in lib.rs");
    }
    for (module, path, _) in sources() {
        let is_known = MAY_USE.iter().any(|(name, _)| *name == module);
        assert!(
            is_known || ["main", "cli", "lib"].contains(&module.as_str()),
            "{}",
            path.display()
        );
    }
}

#[test]
fn files_are_short_and_have_a_door() {
    for (_, path, source) in sources() {
        let n_lines = source.lines().count();
        assert!(n_lines <= MAX_LINES, "{} has {n_lines} lines", path.display());
        assert!(source.starts_with("//!"), "{} does not say what it does", path.display());
    }
}

/// Module, path and text of every source file.
fn sources() -> Vec<(String, PathBuf, String)> {
    let mut found = Vec::new();
    collect(Path::new("src"), &mut found);
    assert!(40 < found.len(), "the sources were not found");
    found
}

fn collect(folder: &Path, found: &mut Vec<(String, PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let below = path.strip_prefix("src").unwrap();
            let first = below.components().next().unwrap().as_os_str().to_string_lossy();
            let module = first.trim_end_matches(".rs").to_owned();
            let source = fs::read_to_string(&path).unwrap();
            found.push((module, path, source));
        }
    }
}

/// A line without its comment.
fn code_of(line: &str) -> &str {
    line.split("//").next().unwrap_or("")
}

/// "base" and "io" in "use crate::base::Cell; use crate::io;", also in "use crate::{base, io};".
fn names_after(line: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in line.split(prefix).skip(1) {
        let group = rest.strip_prefix('{').map(|it| it.split('}').next().unwrap_or(""));
        let parts: Vec<&str> = group.map_or_else(|| vec![rest], |it| it.split(',').collect());
        for part in parts {
            let is_part = |it: char| it.is_alphanumeric() || it == '_';
            names.push(part.trim().chars().take_while(|&it| is_part(it)).collect());
        }
    }
    names
}

#[test]
fn the_readers_of_sources_read() {
    assert_eq!(names_after("use crate::base::Cell;", "crate::"), ["base"]);
    assert_eq!(names_after("use crate::{io, model::Facts};", "crate::"), ["io", "model"]);
    assert_eq!(code_of("let x = 1; // crate::ui"), "let x = 1; ");
}
