//! The real program in a real window, on a display of its own: driven by keys and mouse, and
//! looked at as a user would see it. Pictures of it are left in `target/desktop`.
//!
//! Nothing here sleeps for luck: a test waits for a line of the program's log, or for pixels.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

mod desktop;
mod screen;
mod screenshot;

use std::process::Command;

use alla_prima::io;
use alla_prima::model::Painter as _;
use alla_prima::model::embedded::Embedded;

use self::desktop::Desktop;
use self::screen::Screen;
use self::screenshot::Screenshot;

#[test]
fn an_empty_screen_is_black() {
    let screen = Screen::start(640, 480);
    let picture = screen.screenshot("empty-screen");
    assert_eq!((picture.width, picture.height), (640, 480));
    assert_eq!(picture.at(600, 400), [0, 0, 0]);
}

#[test]
fn what_a_program_says_is_waited_for() {
    let mut stand_in = Command::new("sh");
    stand_in.args(["-c", "echo 'ready to paint' >&2; echo 'done painting' >&2; exec sleep 1000"]);
    let mut desktop = Desktop::start_command(stand_in);
    desktop.wait_for("ready");
    desktop.wait_for("done");
    assert_eq!(desktop.log(), ["ready to paint", "done painting"]);
}

/// A pace at which a picture takes its time on any machine.
const SETTINGS: &str =
    r#"{"pace": 25.0, "prompt": "", "brush": {"size": 40.0, "colour": [250, 200, 90]}}"#;

#[test]
fn a_picture_is_painted_interfered_with_and_exported() {
    let mut desktop = Desktop::start(&[], SETTINGS);
    desktop.wait_for("is ready");
    desktop.focus("Alla Prima");
    let empty = desktop.wait_until("1-empty", is_drawn);

    desktop.key("ctrl+l");
    desktop.wait_until("1-focused", |it| has_focus(it, 640, 36));
    desktop.type_text("the sea at sunset, clear sky");
    desktop.key("Return");
    let grid = Embedded::load().unwrap().facts().grid;
    desktop.wait_for(&format!("Painting started: {} cells", grid.n_cells()));
    let changes = |it: &Screenshot| it.at(260, 140) != empty.at(260, 140);
    desktop.wait_until("2-painting", changes);
    desktop.key("ctrl+Return");
    desktop.wait_for("Painting paused");
    desktop.wait_until("3-paused", offers_to_go_on);

    desktop.drag(&[(380, 300), (450, 280), (520, 300), (580, 310)]);
    desktop.wait_for("Stroke over");
    desktop.key("ctrl+Return");
    desktop.wait_for("Painting started");
    desktop.key("ctrl+Return");
    desktop.wait_for("Painting paused");
    desktop.wait_until("4-stroke", offers_to_go_on);

    desktop.key("m");
    desktop.drag(&[(240, 130), (400, 160), (700, 220)]);
    desktop.wait_for("Selected");
    desktop.key("ctrl+shift+l");
    desktop.wait_until("5-focused", |it| has_focus(it, 1200, 526));
    desktop.type_text("many clouds");
    desktop.screenshot("5-selected");
    desktop.key("Return");
    desktop.wait_for("Painting started");
    desktop.wait_for("Painting finished");
    desktop.wait_until("6-finished", offers_to_go_on);

    desktop.key("ctrl+shift+e");
    desktop.wait_for("Exported");
    let exported = io::read_picture(&desktop.exported()).unwrap();
    assert_eq!((exported.width(), exported.height()), (2 * grid.width(), 2 * grid.height()));
    let has_stroke = exported.rgba(exported.area()).chunks(4).any(|it| it == [250, 200, 90, 255]);
    assert!(has_stroke, "the stroke is not in the picture");
    let metadata = io::read_metadata(&desktop.exported()).unwrap().unwrap();
    assert!(metadata.artist_painted);
    let prompts: Vec<&str> = metadata.request.prompts.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(prompts, ["the sea at sunset, clear sky", "many clouds"]);
}

/// Whether a text field whose upper edge is a little below this place has the cursor: its frame is then
/// of the accent's colour.
fn has_focus(picture: &Screenshot, x: u32, y: u32) -> bool {
    (y..y + 14).any(|y| is_accent(picture.at(x, y)))
}

/// Whether the button below the canvas is a triangle, not two bars with a gap: nothing paints, and the window shows it, which
/// it does some frames after the log says so.
fn offers_to_go_on(picture: &Screenshot) -> bool {
    picture.at(25, 836).iter().all(|it| 60 < *it)
}

/// Whether the window stands: its button is painted in the accent's colour.
fn is_drawn(picture: &Screenshot) -> bool {
    is_accent(picture.at(1100, 44))
}

fn is_accent([red, green, blue]: [u8; 3]) -> bool {
    200 < red && (120..190).contains(&green) && blue < 140
}
