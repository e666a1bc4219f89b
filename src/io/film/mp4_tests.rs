//! Films as MP4, with scripts in place of the program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::super::FilmWriter;
use super::*;
use crate::io::names_in;

/// A stand-in for ffmpeg: says that it knows x264, and else does what `script` says, with the file's name in `$out`,
/// as it is given in `$full`.
fn program(folder: &Path, script: &str) -> PathBuf {
    let path = folder.join("ffmpeg");
    let text = format!(
        "#!/bin/sh\nfor full; do :; done\nout=${{full#file:}}\n\
         case $out in -encoders) echo ' V....D libx264 H.264'; exit;; esac\n{script}\n"
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    // A program that another test is just starting may still have the file open.
    while Command::new(&path).arg("-encoders").output().is_err() {}
    path
}

fn begin(program: &Path, path: &Path, size: [u32; 2]) -> Result<FilmWriter, Fault> {
    let notes = FilmNotes { record: "a lake", packet: "" };
    FilmWriter::begin_with(program.as_os_str(), path, size, notes)
}

#[test]
fn the_program_is_handed_each_frame_for_as_long_as_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (here, tools) = (folder.path().join("films"), folder.path());
    fs::create_dir(&here).unwrap();
    let path = here.join("a.mp4");
    let head = b"\0\0\0\x08moov\0\0\0\x98mdat"; // of 8 + 144 bytes
    fs::write(tools.join("ffmpeg.head"), head).unwrap();
    let script = "printf '%s ' \"$@\" > \"$0.said\"; cat \"$0.head\" - > \"$out\"";
    let program = program(tools, script);
    let mut film = begin(&program, &path, [3, 1]).unwrap();
    // 2 frames, 1 as every one is seen, none any more: the 5 is behind as it is.
    for (value, millis) in [(1, 80), (2, 5), (3, 115), (3, 40)] {
        film.frame(&[value; 9], millis).unwrap();
    }
    film.finish().unwrap();
    let frames: Vec<u8> = [1, 1, 2, 3, 3, 3].iter().flat_map(|&it| [it; 4 * 2 * 3]).collect();
    assert_eq!(fs::read(&path).unwrap(), [&head[..], &frames].concat());
    assert_eq!(names_in(&here), ["a.mp4"]);
    let said = fs::read_to_string(tools.join("ffmpeg.said")).unwrap();
    for words in ["-s 4x2 -r 25", "-c:v libx264", "-colorspace bt709", "comment=a lake"] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_missing_program_is_named_and_what_else_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no-ffmpeg");
    let fault = begin(&missing, &folder.path().join("a.mp4"), [2, 2]).err().unwrap();
    let message = fault.to_string();
    assert!(message.contains("ffmpeg is needed, which was not found"), "{message}");
    assert!(message.contains("WebP, APNG or GIF"), "{message}");
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn what_the_program_says_last_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let path = here.join("a.mp4");
    fs::write(&path, "old").unwrap();
    for (script, why) in [
        ("echo first >&2; echo '  No space left ' >&2; exit 1", "ffmpeg has failed: No space left"),
        ("cat > \"$out\"; echo spoiled >&2; exit 1", "ffmpeg has failed: spoiled"),
        // Far more than a pipe holds.
        ("head -c 1000000 /dev/zero | tr '\\0' '\\n' >&2; exit 1", "ended without a word"),
        ("kill -9 $$", "ended without a word"),
        // So it has been seen to end with a full disk.
        (
            "cat > \"$out\"; echo \"Error closing $full: no space\" >&2",
            "closing the film: no space",
        ),
    ] {
        let program = program(here, script);
        let mut film = begin(&program, &path, [256, 256]).unwrap();
        let mut shown = || {
            film.frame(&[1; 256 * 256 * 3], 40)?;
            film.frame(&[2; 256 * 256 * 3], 40)
        };
        let message = shown().and_then(|()| film.finish()).unwrap_err().to_string();
        assert!(message.contains(why), "{message}");
        assert_eq!(names_in(here), ["a.mp4", "ffmpeg"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }
}

#[test]
fn a_film_that_is_dropped_ends_the_program_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let program = program(here, "echo $$ > \"$0.id\"; exec cat > \"$out\"");
    let mut film = begin(&program, &here.join("a.mp4"), [2, 2]).unwrap();
    film.frame(&[1; 12], 40).unwrap();
    film.frame(&[2; 12], 40).unwrap();
    let id = here.join("ffmpeg.id");
    while !fs::read_to_string(&id).is_ok_and(|it| it.ends_with('\n')) {
        std::thread::yield_now();
    }
    drop(film);
    let id = fs::read_to_string(&id).unwrap();
    let alive = Command::new("kill").args(["-0", id.trim()]).stderr(Stdio::null()).status();
    assert!(!alive.unwrap().success());
    assert_eq!(names_in(here), ["ffmpeg", "ffmpeg.id"]);
}

#[test]
fn a_film_without_h264_and_with_too_long_a_record_is_written_all_the_same() {
    let long = "a".repeat(MAX_RECORD_BYTES + 1);
    let arguments = arguments([2, 2], false, &long).join(" ");
    assert!(arguments.contains("-c:v mpeg4"), "{arguments}");
    assert!(!arguments.contains("comment="));
}

#[test]
fn a_film_that_is_cut_off_is_told_from_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let is_whole = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        is_whole(&path).is_ok_and(|it| it)
    };
    let whole = b"\0\0\0\x08moov\0\0\0\x01mdat\0\0\0\0\0\0\0\x12ab\0\0\0\x09freea";
    assert!(is_whole(whole));
    for len in 0..whole.len() {
        assert_eq!(is_whole(&whole[..len]), [8, 26].contains(&len), "{len}");
    }
    assert!(!is_whole(&whole[8..]));
    assert!(!is_whole(b"\0\0\0\x08moov\0\0\0\0mdat"));
}

#[test]
fn odd_sides_are_made_even() {
    assert_eq!(*even(&[1; 12], [2, 2]), [1; 12]);
    let (a, b) = ([1; 3], [2; 3]);
    assert_eq!(*even([a, b].as_flattened(), [1, 2]), *[a, a, b, b].as_flattened());
    assert_eq!(*even([a, b].as_flattened(), [2, 1]), *[a, b, a, b].as_flattened());
}
