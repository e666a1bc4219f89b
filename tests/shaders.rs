//! Every shader parses and validates, on machines with no GPU too.

#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::path::PathBuf;

use naga::valid::{Capabilities, ValidationFlags, Validator};

#[test]
fn every_shader_is_valid() {
    let sources = sources();
    assert!(!sources.is_empty(), "There is no WGSL in shaders/");
    for (path, source) in sources {
        if let Err(message) = check(&source) {
            panic!("{}\n{message}", path.display());
        }
    }
}

#[test]
fn all_shaders_that_draw_the_canvas_read_the_same_frame() {
    let frames = sources().into_iter().filter(|(_, source)| source.contains("frame: Frame;"));
    let frames: Vec<String> = frames.map(|(_, source)| frame(&source)).collect();
    assert_eq!(frames.len(), 2);
    assert!(frames.windows(2).all(|it| it[0] == it[1]), "`struct Frame` differs between shaders");
}

fn check(source: &str) -> Result<(), String> {
    let module = naga::front::wgsl::parse_str(source).map_err(|err| err.emit_to_string(source))?;
    Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .map(|_| ())
        .map_err(|err| err.emit_to_string(source))
}

fn frame(source: &str) -> String {
    let from = source.find("struct Frame {").unwrap();
    let len = source[from..].find('}').unwrap();
    source[from..from + len].to_owned()
}

fn sources() -> Vec<(PathBuf, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/shaders");
    let paths = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let shaders = paths.filter(|it| it.extension().is_some_and(|it| it == "wgsl"));
    shaders.map(|it| (it.clone(), std::fs::read_to_string(it).unwrap())).collect()
}
