//! The program as a shell sees it: exit codes, what goes to stdout, what is said of bad input.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use alla_prima::base::Hardware;
use alla_prima::io;
use alla_prima::model::hardware::is_built_in;

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alla-prima"))
        .args(args)
        .current_dir(folder)
        // No models but those of the test, and no hub.
        .env("HF_HOME", folder)
        .env("HF_ENDPOINT", "http://127.0.0.1:9")
        .env("XDG_DATA_HOME", folder)
        .env("HOME", folder)
        .env_remove("HF_HUB_CACHE")
        .env_remove("HF_TOKEN")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap()
}

/// Runs, and checks the exit code and that stderr says why; nothing may be on stdout.
#[track_caller]
fn refuses(folder: &Path, args: &[&str], code: i32, why: &str) {
    let output = run(folder, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(why), "{args:?}: {said}");
    assert!(!said.contains("panicked"), "{args:?}: {said}");
    assert!(output.stdout.is_empty(), "{args:?}");
}

#[test]
fn a_painting_is_painted_and_tells_its_request() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "paint",
        "the sea at sunset",
        "--seed",
        "7",
        "--out",
        "sea.png",
        "--json",
        "--speculate",
        "8",
        "--device",
        "cpu",
    ];
    let output = run(folder.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let cells = report["cells"].as_u64().unwrap();
    assert!(256 <= cells);
    let passes = report["passes"].as_u64().unwrap();
    assert!((cells / 8..cells * 4 / 5).contains(&passes), "{passes} passes for {cells} cells");
    assert_eq!((&report["prompt"], &report["seed"]), (&"the sea at sunset".into(), &7.into()));
    assert_eq!(report["hardware"], "the processor");
    for name in ["model", "seconds", "cells_per_second", "edits"] {
        assert!(!report[name].is_null(), "{name} is missing");
    }
    let output = run(folder.path(), &["info", "sea.png", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["request"]["seed"], 7);
    assert_eq!(told["request"]["prompts"][0]["text"], "the sea at sunset");
    let output = run(folder.path(), &["info", "sea.png"]);
    let told = String::from_utf8(output.stdout).unwrap();
    for line in
        ["Prompt      the sea at sunset\n", "Seed        7\n", "Painted by  the model alone\n"]
    {
        assert!(told.contains(line), "{told}");
    }
    assert!(told.lines().count() < 12, "{told}");
    assert!(output.stderr.is_empty());
}

/// What is said when it is done: how much was painted, how fast, and where it is.
#[track_caller]
fn assert_summary(output: &Output, n_cells: u64, out: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    let [.., summary, path] = lines[..] else { panic!("{said}") };
    assert_eq!(path, out);
    assert!(summary.starts_with(&format!("Painted {n_cells} cells (")), "{said}");
    assert!(summary.contains(" cells/s), ") && summary.ends_with(" s in all"), "{said}");
}

#[test]
fn what_the_model_hears_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let prompts = ["paint", "a purple dinosaur by a lake", "--negative", "fog, barn", "--json"];
    let output = run(folder.path(), &prompts);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("dinosaur → not heard\n") && said.contains("barn → cabin\n"), "{said}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let understood = report["understood"].as_array().unwrap();
    for (word, taken_for) in [("dinosaur", None), ("lake", Some("lake")), ("barn", Some("cabin"))] {
        assert!(understood.contains(&serde_json::json!({ "word": word, "as": taken_for })));
    }
}

/// Writes `photo.png`, a square whose pixels are told their blue; returns its RGBA8 values.
fn write_photo(here: &Path, side: u32, blue: impl Fn(u32) -> u8) -> Vec<u8> {
    let rgba: Vec<u8> = (0..side * side).flat_map(|it| [90, 120, blue(it), 255]).collect();
    io::write_png(&here.join("photo.png"), side, side, &rgba, &[]).unwrap();
    rgba
}

/// An edit of the upper part of a picture.
const CLOUDS: &str = r#"[{"at": 0, "repaint": {"rect": [0, 0, 576, 240], "prompt": "many clouds", "follow": "only"}}]"#;

#[test]
fn anybodys_picture_is_edited_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let rgba = write_photo(here, 576, |it| (it / 3000) as u8);
    fs::write(here.join("clouds.json"), CLOUDS).unwrap();
    let args = ["paint", "--open", "photo.png", "--edit", "clouds.json", "--json", "--steps", "."];
    let output = run(here, &args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["cells"], 240);
    assert_summary(&output, 240, "painting.png");
    let edited = io::read_picture(&here.join("painting.png")).unwrap();
    let is_as_before = |x: u32, y: u32| {
        let place = ((y * 576 + x) * 4) as usize;
        edited.at(x, y)[..] == rgba[place..place + 4]
    };
    assert!((0..576).all(|x| (240..576).all(|y| is_as_before(x, y))));
    let n_changed = (0..576).filter(|&x| !is_as_before(x, 60)).count();
    assert!(288 < n_changed, "{n_changed} pixels of a row in the middle of the part");
}

#[test]
fn what_was_painted_before_an_edit_failed_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let rgba = write_photo(here, 576, |_| 200);
    let no_city = r#"{"at": 0, "repaint": {"label": "city", "follow": "only"}}"#;
    fs::write(here.join("fails.json"), format!("[{}, {no_city}]", &CLOUDS[1..CLOUDS.len() - 1]))
        .unwrap();
    let output = run(here, &["paint", "a lake", "--open", "photo.png", "--edit", "fails.json"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("Edit 2 of the script: The picture shows no city\n"), "{said}");
    assert!(said.contains("What was painted until then: painting.unfinished.png"), "{said}");
    assert!(!here.join("painting.png").exists());
    let kept = io::read_picture(&here.join("painting.unfinished.png")).unwrap();
    let n_changed = (0..576).filter(|&x| kept.at(x, 60)[..] != rgba[..4]).count();
    assert!(288 < n_changed, "{n_changed} pixels of a row in the middle of the first edit");
}

#[test]
fn a_script_that_fails_at_once_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_photo(here, 576, |_| 200);
    let no_city =
        r#"[{"at": 0, "repaint": {"label": "city", "prompt": "a lake", "follow": "only"}}]"#;
    fs::write(here.join("fails.json"), no_city).unwrap();
    let output = run(here, &["paint", "--open", "photo.png", "--edit", "fails.json"]);
    assert_eq!(output.status.code(), Some(1));
    // But for the folder in which the program keeps what it notes.
    let left = fs::read_dir(here).unwrap().map(|it| it.unwrap().file_name());
    assert_eq!(left.filter(|it| it != "alla-prima").count(), 2);
}

#[test]
fn what_was_exported_brings_its_words_seed_and_painters_along() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let painted = [
        "paint",
        "a lake",
        "--negative",
        "fog",
        "--seed",
        "7",
        "--guidance",
        "5",
        "--out",
        "a.png",
    ];
    assert_eq!(run(here, &painted).status.code(), Some(0));
    let stroke = r##"[{"at": 0, "stroke": {"points": [[300, 500]], "radius": 20, "colour": "#ff0000", "follow": "only"}}]"##;
    fs::write(here.join("stroke.json"), stroke).unwrap();
    let told = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&run(here, &["info", name, "--json"]).stdout).unwrap()
    };
    let first = told("a.png");
    let edit = ["paint", "--open", "a.png", "--edit", "stroke.json", "--out", "b.png"];
    let output = run(here, &edit);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("Painted 0 cells, "), "{said}");
    let second = told("b.png");
    for (name, value) in [("text", "a lake"), ("negative", "fog")] {
        assert_eq!(second["request"]["prompts"][0][name], value);
    }
    assert_eq!(second["request"]["prompts"][0]["guidance"], 5.0);
    assert_eq!(second["request"]["seed"], 7);
    assert_eq!(second["request"]["plan"]["order"], first["request"]["plan"]["order"]);
    assert_eq!(second["painters"], first["painters"]);
    assert_eq!(
        (&first["artist_painted"], &second["artist_painted"]),
        (&false.into(), &true.into())
    );
    let bytes = fs::read(here.join("b.png")).unwrap();
    let has = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(has("<Iptc4xmpExt:AISystemUsed>Landscapes"), "the painter is not named in the XMP");
    assert!(has("compositeWithTrainedAlgorithmicMedia"));

    // What is said has its way, in what is painted from then on.
    fs::write(here.join("corner.json"), r#"[{"at": 0, "repaint": {"rect": [0, 0, 96, 96]}}]"#)
        .unwrap();
    let again = ["paint", "a hill", "--open", "a.png", "--edit", "corner.json", "--out", "c.png"];
    let said = ["--seed", "9", "--negative", "", "--guidance", "2"];
    assert_eq!(run(here, &[&again[..], &said].concat()).status.code(), Some(0));
    let third = &told("c.png")["request"];
    let own = &third["prompts"][0];
    assert_eq!((&own["text"], &own["negative"]), (&"a hill".into(), &"".into()));
    assert_eq!((&own["guidance"], &third["seed"]), (&2.0.into(), &9.into()));
}

#[test]
fn pictures_of_other_programs_tell_their_words() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let text = "a castle\nNegative prompt: fog\nSteps: 20, Seed: 42, Model: dream".to_owned();
    io::write_png(&here.join("theirs.png"), 1, 1, &[0; 4], &[("parameters", text)]).unwrap();
    let output = run(here, &["info", "theirs.png"]);
    let expected = "Prompt      a castle\nNegative    fog\nMade with   Stable Diffusion web UI (A1111)\n\
                    Model       dream\nSeed        42\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    let output = run(here, &["info", "theirs.png", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["seed"], &told["prompt"]), (&42.into(), &"a castle".into()));

    // Of what is cut off, that is told too.
    write_photo(here, 64, |it| (it * it / 7) as u8);
    let bytes = fs::read(here.join("photo.png")).unwrap();
    let head = fs::read(here.join("theirs.png")).unwrap();
    let texts = head.windows(4).position(|it| it == b"tEXt").unwrap() - 4;
    let pixels = head.windows(4).position(|it| it == b"IDAT").unwrap() - 4;
    let cut = [&bytes[..33], &head[texts..pixels], &bytes[33..bytes.len() / 2]].concat();
    fs::write(here.join("cut.png"), cut).unwrap();
    let output = run(here, &["info", "cut.png"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        said,
        "The picture could not be read: it is damaged or cut off: it ends too early\nFile: cut.png\n"
    );

    io::write_png(&here.join("plain.png"), 1, 1, &[0; 4], &[]).unwrap();
    refuses(here, &["info", "plain.png"], 1, "does not say how it was made");
}

#[test]
fn each_error_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("file"), "").unwrap();
    fs::write(here.join("wrong.json"), "[{\"at\": 1}]").unwrap();
    fs::write(here.join("broken.json"), "[{").unwrap();
    fs::write(here.join("map.json"), "{}").unwrap();
    fs::write(here.join("picture.png"), "some words").unwrap();
    fs::write(here.join("good.json"), CLOUDS).unwrap();
    for (args, expected) in [
        (
            &["paint", "a lake", "--steps", "file/steps"][..],
            "The folder for the steps could not be made: Not a directory (os error 20)\nfile/steps\n",
        ),
        (
            &["paint", "a lake", "--edit", "wrong.json"],
            "Edit 1 of the script: it needs exactly one of \"prompt\", \"stroke\", \"repaint\", \"extend\"\nFile: wrong.json\n",
        ),
        (
            &["paint", "a lake", "--edit", "broken.json"],
            "The edit script is not understood: the script ends too early (line 1, column 2)\nFile: broken.json\n",
        ),
        (
            &["paint", "a lake", "--edit", "map.json"],
            "The edit script is not understood: there is an object where a list is to be (line 1, column 0)\nFile: map.json\n",
        ),
        (
            &["paint", "a lake", "--edit", "."],
            "The edit script could not be read: it is a folder\nFile: .\n",
        ),
        (
            &["paint", "--open", "picture.png", "--edit", "good.json"],
            "The file could not be read: it is not a PNG, JPEG, WebP or TIFF picture\nFile: picture.png\n",
        ),
        (
            &["paint", "a lake", "--out", "no/such/lake.png"],
            "The file could not be saved: there is no such folder\nFile: no/such/lake.png\n",
        ),
        (
            &["info", "missing.png"],
            "The file could not be read: No such file or directory (os error 2)\nFile: missing.png\n",
        ),
    ] {
        let output = run(here, args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), expected, "{args:?}");
    }
}

#[test]
fn what_is_wrong_with_an_order_or_a_script_is_said_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    refuses(
        here,
        &["paint", "a lake", "--order", "99,99"],
        1,
        "--order names a cell off the canvas: row 99, column 99; rows are 0 to ",
    );
    for (edit, why) in [
        (r#"{"at": 9, "repaint": {"rect": [9, 9, 9, 30]}}"#, "left < right and top < bottom"),
        (
            r#"{"at": 9, "stroke": {"points": [[-99, 5]], "radius": 9, "colour": [0, 0, 0]}}"#,
            "the stroke lies off the canvas",
        ),
        (r#"{"at": 255, "repaint": {"rect": [1900, 900, 1950, 950]}}"#, "off the canvas"),
    ] {
        fs::write(here.join("off.json"), format!("[{edit}]")).unwrap();
        refuses(here, &["paint", "a lake", "--edit", "off.json"], 1, why);
        refuses(here, &["paint", "a lake", "--edit", "off.json"], 1, "\nFile: off.json\n");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_has_to_listen() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_photo(here, 576, |_| 200);
    let stroke = r##"[{"at": 0, "stroke": {"points": [[9, 9]], "radius": 9, "colour": "#ff0000", "follow": "only"}}]"##;
    fs::write(here.join("stroke.json"), stroke).unwrap();
    let binary = env!("CARGO_BIN_EXE_alla-prima");
    let shell = |line: &str| {
        let mut command = Command::new("bash");
        command.args(["-o", "pipefail", "-c", line]).current_dir(here).env("HOME", here);
        command.output().unwrap()
    };
    let paint = format!("{binary} paint --open photo.png --edit stroke.json --json");
    let deaf = shell(&format!("{paint} 2>/dev/full"));
    assert_eq!(deaf.status.code(), Some(0));
    assert!(serde_json::from_slice::<serde_json::Value>(&deaf.stdout).is_ok());
    assert!(here.join("painting.png").exists());

    let full = shell(&format!("{paint} >/dev/full"));
    let said = String::from_utf8_lossy(&full.stderr);
    assert_eq!(full.status.code(), Some(1), "{said}");
    assert!(
        said.ends_with("The answer could not be written: No space left on device (os error 28)\n"),
        "{said}"
    );

    let gone = shell(&format!("{binary} info painting.png | true"));
    assert_eq!((gone.status.code(), &gone.stderr[..]), (Some(0), &b""[..]));
}

#[test]
fn what_was_edited_is_edited_again_entry_by_entry() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    // Twice as large as the model paints, and exported by the program itself.
    write_photo(here, 1152, |it| (it / 9000) as u8);
    fs::write(here.join("clouds.json"), CLOUDS).unwrap();
    let first = ["paint", "--open", "photo.png", "--edit", "clouds.json", "--out", "a.png"];
    assert_eq!(run(here, &first).status.code(), Some(0));
    let repaint = r#"{"at": 0, "repaint": {"rect": [0, 480, 96, 576], "prompt": "a lake", "follow": "only"}}"#;
    let stroke = r#"{"at": 0, "stroke": {"points": [[300, 500]], "radius": 20, "colour": [255, 0, 0], "follow": "only"}}"#;
    fs::write(here.join("two.json"), format!("[{repaint}, {stroke}]")).unwrap();
    let args = ["paint", "--open", "a.png", "--edit", "two.json", "--out", "b.png", "--steps", "."];
    let output = run(here, &args);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| io::read_picture(&here.join(name)).unwrap();
    let (a, between, b) = (read("a.png"), read("1-before.png"), read("b.png"));
    assert_eq!((a.width(), a.height()), (1152, 1152));
    assert_eq!(read("0-after.png").at(40, 540), between.at(40, 540));
    assert_ne!(a.at(40, 540), between.at(40, 540), "the first is done before the second");
    assert_eq!((between.at(300, 500), b.at(300, 500)), (a.at(300, 500), [255, 0, 0, 255]));
    assert_eq!(a.at(300, 100), b.at(300, 100));

    // Without words for the whole, nothing can follow.
    fs::write(here.join("rest.json"), CLOUDS.replace("only", "rest")).unwrap();
    refuses(here, &["paint", "--open", "a.png", "--edit", "rest.json"], 1, "give a PROMPT");
}

#[test]
fn wrong_usage_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    refuses(here, &["paint", "a lake", "--brightness", "3"], 2, "--brightness");
    refuses(here, &["paint"], 2, "PROMPT");
    refuses(here, &["paint", "a lake", "--order", "spiral"], 2, "spiral");
    refuses(here, &["paint", "a lake", "--speculate", "0"], 2, "above 0");
    refuses(here, &["paint", "a lake", "--seed", "-1"], 2, "-1");
    refuses(here, &["paint", "  "], 2, "prompt is empty");
    refuses(here, &["paint", "a lake", "--precision", "q3"], 2, "q3");
    refuses(here, &["paint", "a lake", "--device", "abacus"], 2, "auto, cpu, cuda or metal");
    for gpu in [Hardware::Cuda, Hardware::Metal].into_iter().filter(|&it| !is_built_in(it)) {
        let feature = format!("--features {}", gpu.name());
        refuses(here, &["paint", "a lake", "--device", gpu.name()], 2, &feature);
        refuses(here, &["--device", gpu.name()], 2, &feature);
    }
    refuses(here, &["paint", "a lake", "--temperature", "0"], 2, "temperature");
    refuses(here, &["paint", "a lake", "--top-p", "1.5"], 2, "top-p");
    refuses(here, &["paint", "a lake", "--guidance", "0.2"], 2, "guidance");
    refuses(here, &["paint", "--open", "lake.png"], 2, "--edit");
    refuses(here, &["export", "lake.png"], 2, "--out");
    refuses(here, &["export", "lake.png", "--out", "a.png", "--finish", "tar"], 2, "watercolour");
    refuses(here, &["export", "lake.png", "--out", "a.png", "--scale", "65"], 2, "1 to 64");
}

#[test]
fn what_cannot_be_done_exits_with_1_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    refuses(here, &["paint", "a lake", "--out", "no/such/lake.png"], 1, "no such folder");
    refuses(here, &["paint", "a lake", "--out", "."], 1, "folder");
    refuses(here, &["paint", "a lake", "--out", "lake.bmp"], 1, "ends in .png");
    refuses(
        here,
        &["paint", "a lake", "--finish", "oil", "--out", "lake.ora"],
        1,
        "is not finished",
    );
    refuses(here, &["paint", "a lake", "--finish-scale", "9"], 1, "at most 7.1 times");
    refuses(here, &["export", "none.png", "--out", "a.png"], 1, "none.png");
    std::fs::write(here.join("words.png"), "words").unwrap();
    refuses(here, &["export", "words.png", "--out", "words.png"], 1, "give another name");
    refuses(here, &["export", "words.png", "--out", "a.png"], 1, "not a PNG");
    refuses(here, &["export", "words.png", "--out", "a.ora"], 1, "A project is saved");
    refuses(here, &["paint", "a lake", "--out", "lake"], 1, "ends in .png");
    refuses(here, &["paint", "a lake", "--edit", "missing.json"], 1, "could not be read");
    refuses(here, &["paint", "a lake", "--model", "janus"], 1, "no model \"janus\"; there are: ");
    fs::write(here.join("wrong.json"), "[{\"at\": 1}]").unwrap();
    refuses(here, &["paint", "a lake", "--edit", "wrong.json"], 1, "exactly one");
    fs::write(
        here.join("far.json"),
        r#"[{"at": 255, "repaint": {"rect": [1900, 900, 1950, 950]}}]"#,
    )
    .unwrap();
    refuses(here, &["paint", "a lake", "--edit", "far.json"], 1, "off the canvas");
    fs::write(here.join("clouds.json"), CLOUDS).unwrap();
    for (picture, why) in [("missing.png", "missing.png"), ("clouds.json", "clouds.json")] {
        refuses(here, &["paint", "--open", picture, "--edit", "clouds.json"], 1, why);
    }
    fs::write(here.join("file"), "").unwrap();
    refuses(here, &["paint", "a lake", "--steps", "file/steps"], 1, "file/steps");
    refuses(here, &["info", "missing.png"], 1, "missing.png");
    refuses(here, &["info", "file"], 1, "empty");
    assert!(!here.join("painting.png").exists(), "a refused painting left a file");
}

#[test]
fn without_a_display_it_says_how_to_paint() {
    if cfg!(target_os = "linux") {
        let folder = tempfile::tempdir().unwrap();
        refuses(folder.path(), &[], 1, "alla-prima paint");
    }
}

#[test]
fn models_are_listed_added_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let listed = || -> Vec<serde_json::Value> {
        let output = run(folder.path(), &["models", "list", "--json"]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let all = listed();
    assert_eq!((&all[0]["name"], &all[0]["state"]), (&"Landscapes 3".into(), &"built in".into()));
    let janus = all.iter().find(|it| it["name"] == "Janus-Pro-1B").unwrap();
    assert_eq!((&janus["state"], &janus["side_pixels"]), (&"absent".into(), &384.into()));
    assert!(
        janus["about_memory_bytes"]["q4k"].as_u64() < janus["about_memory_bytes"]["q8"].as_u64()
    );

    fs::write(folder.path().join("mine.pt"), b"weights").unwrap();
    let added = run(folder.path(), &["models", "add", "mine.pt", "--name", "my own"]);
    assert_eq!(added.status.code(), Some(0));
    assert!(listed().iter().any(|it| it["name"] == "my own" && it["state"] == "here"));
    let table = run(folder.path(), &["models", "list"]);
    assert!(String::from_utf8_lossy(&table.stdout).contains("my own"));
    let removed = run(folder.path(), &["models", "remove", "my own"]);
    assert_eq!(removed.status.code(), Some(0));
    assert!(folder.path().join("mine.pt").exists());
    assert_eq!(listed().len(), all.len());
}

#[test]
fn damaged_notes_of_models_are_told_and_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("alla-prima");
    let register = here.join("models.json");
    fs::create_dir(&here).unwrap();
    fs::write(&register, "{\"accepted\": [").unwrap();
    let list = || run(folder.path(), &["models", "list", "--json"]);
    let listed = list();
    assert_eq!(listed.status.code(), Some(0));
    assert!(serde_json::from_slice::<serde_json::Value>(&listed.stdout).is_ok());
    let said = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(said.contains(&register.display().to_string()), "{said}");

    fs::write(folder.path().join("mine.pt"), b"weights").unwrap();
    let added = run(folder.path(), &["models", "add", "mine.pt"]);
    assert_eq!(added.status.code(), Some(0), "{}", String::from_utf8_lossy(&added.stderr));
    assert_eq!(fs::read_to_string(here.join("models.json.broken")).unwrap(), "{\"accepted\": [");
    let said = String::from_utf8_lossy(&list().stderr).into_owned();
    assert!(!said.contains("models.json"), "what is sound is told no more: {said}");
}

#[test]
fn models_that_cannot_be_had_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let get = ["models", "get", "Janus-Pro-1B"];
    refuses(folder.path(), &get, 1, "DeepSeek Model Licence");
    refuses(folder.path(), &get, 1, "--accept-licence");
    assert!(!folder.path().join("alla-prima/models.json").exists());
    refuses(folder.path(), &["models", "get", "Rembrandt"], 1, "there are: Landscapes 3");
    refuses(folder.path(), &["models", "remove", "Landscapes 3"], 1, "part of the program");
    refuses(folder.path(), &["models", "verify", "Janus-Pro-1B"], 1, "is not here yet");
    refuses(folder.path(), &["models", "add", "nothing.pt"], 1, "nothing.pt");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    fs::create_dir(folder.path().join("cloned")).unwrap();
    for name in ["pointer.safetensors", "cloned/model.safetensors"] {
        fs::write(folder.path().join(name), pointer).unwrap();
        let path = name.strip_suffix("/model.safetensors").unwrap_or(name);
        refuses(folder.path(), &["models", "add", path, "--name", "a"], 1, "git lfs pull");
    }
    refuses(
        folder.path(),
        &["paint", "a lake", "--model", "./pointer.safetensors"],
        1,
        "git lfs pull",
    );
    fs::write(folder.path().join("mine.pt"), b"weights").unwrap();
    for name in ["", " ", "a\nb", &"a".repeat(101)] {
        refuses(
            folder.path(),
            &["models", "add", "mine.pt", "--name", name],
            1,
            "1 to 100 letters",
        );
    }
    for (model, code, why) in [
        ("Janus-Pro-1B", 1, "alla-prima models get Janus-Pro-1B"),
        ("Rembrandt", 1, "there are: Landscapes 3"),
        ("no/such.pt", 1, "no such file"),
    ] {
        refuses(folder.path(), &["paint", "a lake", "--model", model], code, why);
    }
    refuses(folder.path(), &["paint", "a lake", "--precision", "q2"], 2, "q8, q6k, q4k or f32");
}

#[test]
fn a_project_goes_on_where_it_was_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let words = ["paint", "a castle in autumn", "--seed", "2", "--scale", "1"];
    let paints = |more: &[&str], n_cells: u64| {
        let output = run(here, &[more, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["cells"], n_cells);
    };
    paints(&[&words[..], &["--cells", "300", "--out", "a.ora"]].concat(), 300);
    paints(&["paint", "--open", "a.ora", "--out", "rest.png"], 276);
    paints(&[&words[..], &["--out", "whole.png"]].concat(), 576);
    let read = |name: &str| io::read_picture(&here.join(name)).unwrap();
    assert!(read("rest.png") == read("whole.png"));
}
