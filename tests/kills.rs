//! The real program, killed at whatever moment: its work is had back, and no file is damaged or left over.
//! `ALLA_PRIMA_KILLS` says how often; some times by itself.

#![expect(clippy::unwrap_used, reason = "tests may unwrap")]
#![expect(clippy::print_stdout, reason = "what a kill costs at most is for whoever asks")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// What a kill may cost.
const MAX_LOST: Duration = Duration::from_secs(3);

use alla_prima::io::{self, OpenedProject};

fn program(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alla-prima"));
    command.args(args).current_dir(home);
    command.env("XDG_DATA_HOME", home.join("data")).env("HOME", home).env("RUST_LOG", "warn");
    command
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// How long ago a journal was written to last.
fn since_noted(recovery: &Path) -> Option<Duration> {
    let journals = std::fs::read_dir(recovery).ok()?.filter_map(|it| it.ok());
    let files = journals.filter_map(|it| std::fs::read_dir(it.path()).ok()).flatten();
    let written = files.filter_map(|it| it.ok()?.metadata().ok()?.modified().ok()).max()?;
    Some(SystemTime::now().duration_since(written).unwrap_or_default())
}

fn paint(home: &Path) -> Command {
    // Some seconds' work with a stroke and a repaint on the way, into a file that is there already.
    program(
        home,
        &[
            "paint",
            "a lake at dusk",
            "--size",
            "1152x1152",
            "--scale",
            "1",
            "--edit",
            "edits.json",
            "--out",
            "out.ora",
        ],
    )
}

#[test]
fn work_is_had_back_after_a_kill_at_any_moment() {
    let n_kills =
        std::env::var("ALLA_PRIMA_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(6);
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let edits = r##"[{"at": 900, "stroke": {"points": [[100, 900], [1000, 1000]], "radius": 30, "colour": "#802010", "follow": "only"}},
        {"at": 3000, "repaint": {"rect": [300, 100, 600, 300], "prompt": "many clouds", "follow": "only"}}]"##;
    std::fs::write(home.join("edits.json"), edits).unwrap();
    // Undisturbed: how long it takes, and what there is to be had then.
    let begun = Instant::now();
    assert!(paint(home).stderr(Stdio::null()).status().unwrap().success());
    let whole = begun.elapsed();
    let first = std::fs::read(home.join("out.ora")).unwrap();
    let recovery = home.join("data/alla-prima/recovery");
    assert!(names_in(&recovery).is_empty(), "nothing is left of a painting that was finished");

    let mut most_lost = Duration::ZERO;
    for kill in 0..n_kills {
        // All over the painting, and a little beyond: while it loads, paints, saves.
        let share = (f64::from(kill) * 0.618_034).fract() * 1.05;
        let mut child = paint(home).stderr(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        // Before something is painted there is nothing to be had back.
        let when = whole.mul_f64(share);
        while begun.elapsed() < when {
            std::thread::sleep(Duration::from_millis(1));
        }
        let is_noted = !names_in(&recovery).is_empty();
        let lost = since_noted(&recovery).unwrap_or_default();
        let was_done = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();

        assert!(matches!(io::read_project(&home.join("out.ora")), Ok(OpenedProject::Own(_))));
        let recovered = home.join("recovered");
        std::fs::create_dir_all(&recovered).unwrap();
        let output = program(home, &["recover", "--to", "recovered"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let found = names_in(&recovered);
        let has_new = std::fs::read(home.join("out.ora")).unwrap() != first;
        if is_noted && !was_done {
            assert!(lost <= MAX_LOST, "kill {kill} at {when:?}: {lost:?} are lost");
            most_lost = most_lost.max(lost);
            assert!(found.len() == 1 || has_new, "kill {kill} at {when:?}: nothing is had back");
        }
        for name in &found {
            let opened = io::read_project(&recovered.join(name)).unwrap();
            let OpenedProject::Own(project) = opened else { panic!("{name} is none of ours") };
            assert!(0 < project.picture.n_settled() || project.painting.is_some());
        }
        std::fs::remove_dir_all(&recovered).unwrap();
        assert!(names_in(&recovery).is_empty(), "{:?}", names_in(&recovery));
        let left: Vec<_> =
            names_in(home).into_iter().filter(|it| it.starts_with(".alla-prima")).collect();
        // What was being written when it was killed is removed by a later write, a day on.
        assert!(left.len() <= 1 + kill as usize);
    }
    println!("{n_kills} kills of a painting of {whole:.1?}: at most {most_lost:.2?} lost");
}
