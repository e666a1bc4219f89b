//! Finished artwork as a shell asks for it: files, films, what is cut out.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use alla_prima::io;

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alla-prima"));
    for name in ["HF_HOME", "XDG_DATA_HOME", "HOME"] {
        command.env(name, folder);
    }
    command.env_remove("HF_HUB_CACHE").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.args(args).current_dir(folder).output().unwrap()
}

#[track_caller]
fn does(folder: &Path, args: &[&str]) {
    let output = run(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[track_caller]
fn refuses(folder: &Path, args: &[&str], code: i32, why: &str) {
    let output = run(folder, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(why) && !said.contains("panicked"), "{args:?}: {said}");
}

fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap());
    let files = files.filter(|it| it.file_type().unwrap().is_file());
    let mut names: Vec<String> = files.map(|it| it.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_painting_becomes_files_films_and_a_cut_out() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    does(here, &["paint", "a red balloon over a lake", "--seed", "3", "--out", "lake.ora"]);
    let export = ["export", "lake.ora", "--depth", "16", "--dpi", "240", "--without", "prompt"];
    let outs =
        ["--scale", "1", "--scale", "2", "--out", "a.png", "--out", "a.jpg", "--out", "a.tif"];
    does(here, &[&export[..], &outs[..], &["--out", "a.pdf", "--out", "a.webp"]].concat());
    let endings = ["jpg", "pdf", "png", "tif", "webp"];
    let sizes = [1152, 2304];
    for (ending, size) in endings.iter().flat_map(|it| sizes.map(|size| (it, size))) {
        let path = here.join(format!("a-{size}x{size}.{ending}"));
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(7).any(|it| it == b"balloon"), "{} tells it", path.display());
        if *ending == "pdf" {
            assert!(bytes.starts_with(b"%PDF-") && bytes.ends_with(b"%%EOF"));
            continue;
        }
        let picture = io::read_picture(&path).unwrap();
        assert_eq!([picture.width(), picture.height()], [size, size]);
        let origin = io::read_origin(&path).unwrap();
        let io::Origin::Ours(metadata) = origin else { panic!("{origin:?}") };
        assert_eq!(metadata.request.prompts[0].text, "");
    }
    // Twice as fast as it was painted, nearly.
    for film in ["a.gif", "b.webp", "c.png"] {
        does(
            here,
            &["film", "lake.ora", "--seconds", "1", "--side", "96", "--marks", "--out", film],
        );
        assert!(10_000 < fs::metadata(here.join(film)).unwrap().len(), "{film}");
    }
    let rect = ["--rect", "200,100,900,900"];
    let cut = ["cutout", "a-1152x1152.png", "--out", "cut.png", "--keep", "560,400;600,460"];
    does(here, &[&cut[..], &rect[..], &["--drop", "10,10;1100,10"]].concat());
    let picture = io::read_picture(&here.join("cut.png")).unwrap();
    assert_eq!(picture.at(100, 500)[3], 0, "outside of the rectangle");
    assert_eq!(picture.at(580, 430)[3], 255, "under the stroke that keeps");
    // What it is made of stays, whatever its file is called.
    let before = fs::read(here.join("a-1152x1152.png")).unwrap();
    refuses(here, &["cutout", "cut.png", "--out", "./cut.png"], 1, "give another name");
    let sizes = ["export", "a-1152x1152.png", "--scale", "1", "--scale", "2", "--out", "a.png"];
    refuses(here, &sizes, 1, "give another name");
    assert!(fs::read(here.join("a-1152x1152.png")).unwrap() == before);
    // What is not to be told is told by nothing.
    does(here, &["export", "lake.ora", "--without", "origin", "--out", "cut.png"]);
    let told = String::from_utf8(run(here, &["info", "cut.png"]).stdout).unwrap();
    assert!(told.contains("Painted by  not told") && told.contains("red balloon"), "{told}");
    let told = String::from_utf8(run(here, &["info", "c.png"]).stdout).unwrap();
    assert!(told.contains("red balloon"), "a film tells it, too: {told}");
    // Nothing is left beside the files.
    assert_eq!(names(here).len(), 1 + 10 + 3 + 1, "{:?}", names(here));
}

#[test]
fn what_cannot_be_made_is_said_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    io::write_png(&here.join("grey.png"), 64, 64, &[90, 90, 90, 255].repeat(64 * 64), &[]).unwrap();
    fs::write(here.join("words.ora"), "no project").unwrap();
    for (args, code, why) in [
        (vec!["export", "grey.png", "--out", "a.tif", "--depth", "12"], 2, "8 or 16"),
        (vec!["export", "grey.png", "--out", "a.tif", "--dpi", "0"], 2, "1..=2400"),
        (vec!["export", "grey.png", "--out", "a.jpg", "--quality", "101"], 2, "1..=100"),
        (vec!["export", "grey.png", "--out", "a.png", "--without", "sound"], 2, "origin"),
        (vec!["export", "grey.png", "--out", "a.avif"], 1, ".tif"),
        (vec!["film", "grey.png", "--out", "a.gif"], 1, "ends in .ora"),
        (vec!["film", "words.ora", "--out", "a.gif"], 1, "words.ora"),
        (vec!["film", "words.ora", "--out", "a.avi"], 1, ".mp4"),
        (vec!["film", "words.ora", "--out", "a.gif", "--seconds", "0"], 2, "600"),
        (vec!["cutout", "grey.png", "--out", "a.jpg"], 1, "transparent"),
        (vec!["cutout", "grey.png", "--out", "a.png", "--rect", "5,5,5,9"], 2, "left, top"),
        (vec!["cutout", "grey.png", "--out", "a.png", "--rect", "900,5,999,9"], 1, "foreground"),
        (vec!["cutout", "grey.png", "--out", "a.png", "--label", "yeti"], 1, "yeti"),
        (vec!["cutout", "grey.png", "--out", "a.png", "--keep", "5;6"], 2, "places in pixels"),
    ] {
        refuses(here, &args, code, why);
    }
    assert_eq!(names(here), ["grey.png", "words.ora"]);
}
