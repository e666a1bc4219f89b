//! The real program in a real window, on a display of its own: driven by keys and mouse, and
//! looked at as a user would see it. Pictures of it are left in `target/desktop`.
//!
//! Nothing here sleeps for luck: a test waits for a line of the program's log, or for pixels.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "all of this is a test")]
#![expect(dead_code, reason = "the stories that use the rest of the hand are still to come")]

mod desktop;
mod screen;
mod screenshot;

use std::process::Command;

use self::desktop::Desktop;
use self::screen::Screen;

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
