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

#[test]
fn the_compositor_and_its_shader_count_alike() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let read = |path: &str| std::fs::read_to_string(format!("{folder}{path}")).unwrap();
    let number = |source: &str, before: &str| -> u32 {
        let (_, rest) = source.split_once(before).unwrap();
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    };
    let [shader, atlas, compositor] =
        ["shaders/compose.wgsl", "src/render/atlas.rs", "src/render/compositor.rs"].map(read);
    let shader = |name: &str| number(&shader, &format!("const {name} = "));
    assert_eq!(shader("ATLAS_COLS"), number(&atlas, "const COLS: u32 = "));
    assert_eq!(shader("PROGRAM_COLS"), number(&compositor, "const PROGRAM_COLS: u32 = "));
    assert_eq!(shader("LEVELS"), number(&compositor, "const MAX_DEPTH: usize = ") + 1);
    assert_eq!(shader("TILE_PIXELS"), alla_prima::base::TILE_PIXELS);
    for (number, mode) in (0..).zip(alla_prima::compose::BlendMode::ALL) {
        let name = format!("{mode:?}");
        let letters = name.chars().enumerate().flat_map(|(idx, it)| {
            let gap = (0 < idx && it.is_uppercase()).then_some('_');
            gap.into_iter().chain(it.to_uppercase())
        });
        assert_eq!(shader(&letters.collect::<String>()), number, "{mode:?}");
    }
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
