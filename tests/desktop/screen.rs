//! A display without a monitor (Xvfb), and the hand on its keys and mouse (xdotool).

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::screenshot::Screenshot;

/// How long pixels may take to appear.
const PATIENCE: Duration = Duration::from_secs(60);

const INSTALL: &str = "`./dev test` installs what the tests need";

pub(crate) struct Screen {
    xvfb: Child,
    /// Such as `:1`.
    display: String,
    /// Where Xvfb keeps its pixels.
    pixels: TempDir,
}

impl Screen {
    /// Starts a display on a number that nobody uses.
    pub(crate) fn start(width: u32, height: u32) -> Self {
        let pixels = tempfile::tempdir().unwrap();
        let mut xvfb = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-fbdir"])
            .arg(pixels.path())
            .args(["-screen", "0", &format!("{width}x{height}x24")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|err| panic!("Xvfb could not be started: {err}; {INSTALL}"));

        // Xvfb says its number once it is ready.
        let mut number = String::new();
        BufReader::new(xvfb.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let screen = Self { xvfb, display: format!(":{}", number.trim()), pixels };
        assert_ne!(screen.display, ":", "Xvfb found no display to offer");
        screen
    }

    /// For the environment variable `DISPLAY`.
    pub(crate) fn display(&self) -> &str {
        &self.display
    }

    /// Gives the keys to the window whose title contains `title`: there is no window manager here
    /// that would.
    pub(crate) fn focus(&self, title: &str) {
        self.author(["search", "--onlyvisible", "--name", title, "windowfocus"]);
    }

    /// Presses a key, such as `ctrl+Return`.
    pub(crate) fn key(&self, key: &str) {
        self.author(["key", key]);
    }

    pub(crate) fn type_text(&self, text: &str) {
        self.author(["type", text]);
    }

    /// Moves the mouse with its left button down from the first place to the last.
    pub(crate) fn drag(&self, places: &[(u32, u32)]) {
        // A hand takes its time: without it, all this would fall into one frame.
        const PAUSE: [&str; 2] = ["sleep", "0.03"];
        let mut words = Vec::new();
        for (idx, (x, y)) in places.iter().enumerate() {
            words.extend(["mousemove".to_owned(), x.to_string(), y.to_string()]);
            words.extend(PAUSE.map(str::to_owned));
            if idx == 0 {
                words.extend(["mousedown", "1"].map(str::to_owned));
                words.extend(PAUSE.map(str::to_owned));
            }
        }
        words.extend(["mouseup", "1"].map(str::to_owned));
        self.author(words);
    }

    fn author<T: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = T>) {
        let done = Command::new("xdotool")
            .args(words)
            .env("DISPLAY", &self.display)
            .output()
            .unwrap_or_else(|err| panic!("xdotool could not be started: {err}; {INSTALL}"));
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "xdotool failed: {said}");
    }

    /// What is to be seen now; also left in `target/desktop/NAME.png`.
    pub(crate) fn screenshot(&self, name: &str) -> Screenshot {
        let shot = self.look();
        shot.save(name);
        shot
    }

    /// Waits until `is_there` holds for what is to be seen, and takes a screenshot of it.
    #[track_caller]
    pub(crate) fn wait_until(
        &self,
        name: &str,
        is_there: impl Fn(&Screenshot) -> bool,
    ) -> Screenshot {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shot = self.look();
            let is_there = is_there(&shot);
            if is_there || deadline < Instant::now() {
                shot.save(name);
                assert!(is_there, "What was waited for never came; see target/desktop/{name}.png");
                return shot;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn look(&self) -> Screenshot {
        let bytes = std::fs::read(self.pixels.path().join("Xvfb_screen0")).unwrap();
        Screenshot::from_xwd(&bytes)
            .unwrap_or_else(|| panic!("Xvfb keeps its pixels in another way"))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.xvfb.kill().ok();
        self.xvfb.wait().ok();
        // Killed, it leaves these behind.
        let number = self.display.trim_start_matches(':');
        std::fs::remove_file(format!("/tmp/.X{number}-lock")).ok();
        std::fs::remove_file(format!("/tmp/.X11-unix/X{number}")).ok();
    }
}
