//! A program on a screen of its own, with settings of its own, and what it says.

use std::io::{BufRead as _, BufReader};
use std::ops::Deref;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::screen::Screen;

/// How long the program may take to say what a test waits for: a slow machine without a GPU needs
/// a good part of it to open the window.
const PATIENCE: Duration = Duration::from_secs(90);

/// The program on its screen. Dereferences to the screen, for keys, mouse and screenshots.
pub(crate) struct Desktop {
    program: Child,
    screen: Screen,
    news: Receiver<String>,
    log: Vec<String>,
    /// All that the program keeps between runs, and its exports.
    home: TempDir,
}

impl Desktop {
    /// Starts the real program. It knows nothing of earlier runs, and exports to [`Self::exported`].
    /// Its settings are those given, as JSON.
    pub(crate) fn start(args: &[&str], settings: &str) -> Self {
        Self::launch(|home| {
            let folder = home.path().join("alla-prima");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("settings.json"), settings).unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_alla-prima"));
            command.arg("--export-to").arg(exported_in(home)).args(args);
            command
        })
    }

    /// Starts another program in its stead.
    pub(crate) fn start_command(command: Command) -> Self {
        Self::launch(|_| command)
    }

    fn launch(command: impl FnOnce(&TempDir) -> Command) -> Self {
        let screen = Screen::start(1280, 860);
        let home = tempfile::tempdir().unwrap();
        let mut program = command(&home)
            .env("DISPLAY", screen.display())
            .env("HOME", home.path())
            .env("RUST_LOG", "info")
            .env("XDG_CACHE_HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .env("XDG_DATA_HOME", home.path())
            .env("XDG_RUNTIME_DIR", home.path())
            .env("XDG_STATE_HOME", home.path())
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let news = lines_of(program.stderr.take().unwrap());
        Self { program, screen, news, log: Vec::new(), home }
    }

    /// Waits for a line of the log that contains `text`, and returns it. Lines that came before the
    /// one waited for last do not count.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            match self.news.recv_timeout(rest) {
                Ok(line) => {
                    self.log.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(err) => {
                    let end = match err {
                        RecvTimeoutError::Timeout => "did not say so in time",
                        RecvTimeoutError::Disconnected => "ended before",
                    };
                    self.screen.screenshot("failed");
                    panic!(
                        "Waited for \"{text}\", but the program {end}. It said:\n{}",
                        self.said()
                    );
                }
            }
        }
    }

    fn said(&self) -> String {
        self.log.join("\n")
    }

    /// All that the program has said so far.
    pub(crate) fn log(&mut self) -> &[String] {
        self.log.extend(self.news.try_iter());
        &self.log
    }

    /// The file that the program exports to.
    pub(crate) fn exported(&self) -> PathBuf {
        exported_in(&self.home)
    }
}

fn exported_in(home: &TempDir) -> PathBuf {
    home.path().join("exported.png")
}

/// Reads on a thread of its own, so that the program never waits for the test.
fn lines_of(stderr: ChildStderr) -> Receiver<String> {
    let (sender, lines) = channel();
    let read = move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("log reader".to_owned()).spawn(read).unwrap();
    lines
}

impl Deref for Desktop {
    type Target = Screen;

    fn deref(&self) -> &Screen {
        &self.screen
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.program.kill().ok();
        self.program.wait().ok();
    }
}
