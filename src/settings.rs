//! What is remembered between runs. A settings file that makes no sense is told and set aside, never overwritten.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::{Hardware, Precision};
use crate::document::BrushStyle;
use crate::export::ExportOptions;
use crate::io;
use crate::tools::Tool;

/// Prompts kept for the next run.
const MAX_PROMPTS: usize = 100;

/// Projects that are offered again.
const MAX_RECENT: usize = 10;

/// What is remembered between runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub prompt: String,
    /// Oldest first.
    pub prompts: Vec<String>,
    /// Projects that were opened or saved, and pictures that were opened, oldest first.
    pub recent: Vec<PathBuf>,
    pub tool: Tool,
    pub brush: BrushStyle,
    /// Cells per second; `None` for as fast as it goes.
    pub pace: Option<f32>,
    /// Whether what the model expects is shown where it has not painted yet.
    pub underpaints: bool,
    /// Whether it is shown how undecided the model is there.
    pub shows_entropy: bool,
    /// Whether the rest follows while the brush is still down.
    pub follows_brush: bool,
    pub is_light: bool,
    /// How pictures are exported.
    pub export: ExportOptions,
    /// What older versions kept of that: whether exported pictures carry their prompts.
    #[serde(skip_serializing)]
    pub export_words: Option<bool>,
    /// The model to paint with; `None` for the built-in one.
    pub model: Option<String>,
    /// How exactly its weights are kept.
    pub precision: Precision,
    /// What it computes on.
    pub hardware: Hardware,
}

/// Why settings were not taken over from the last run, or not kept for the next. The texts are shown to the user.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("Without a home directory, settings have no place to be kept in: set HOME")]
    NoHome,

    #[error("The settings could not be read: {source}\nFile: {}", .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },

    #[error(
        "The settings are damaged, and the usual ones are taken: {source}\n\
         When the window is closed, the file is set aside under a name that ends in .broken\nFile: {}",
        .path.display()
    )]
    Damaged { path: PathBuf, source: serde_json::Error },

    #[error(
        "Some settings are not known to this version, and the usual ones are taken: {}\n\
         When the window is closed, the file is set aside under a name that ends in .broken\nFile: {}",
        .names.join(", "), .path.display()
    )]
    Unknown { names: Vec<String>, path: PathBuf },

    #[error("The settings could not be kept: {0}")]
    NotText(#[from] serde_json::Error),

    #[error(transparent)]
    File(#[from] io::Error),
}

pub type Result<T> = std::result::Result<T, Error>;

/// Where this program notes what is not a matter of taste; `None` where there is no home directory.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "alla-prima")?;
    Some(dirs.data_local_dir().to_owned())
}

/// Where open documents are kept for the case of a crash.
#[must_use]
pub fn recovery_folder() -> Option<PathBuf> {
    folder().map(|it| it.join("recovery"))
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            prompt: "red sailboats on the sea at sunset, a low sun".to_owned(),
            prompts: Vec::new(),
            recent: Vec::new(),
            tool: Tool::Brush,
            brush: BrushStyle { colour: [236, 190, 120], ..BrushStyle::default() },
            pace: None,
            underpaints: true,
            shows_entropy: false,
            follows_brush: false,
            is_light: false,
            export: ExportOptions::default(),
            export_words: None,
            model: None,
            precision: Precision::default(),
            hardware: Hardware::default(),
        }
    }
}

impl Settings {
    /// A project was opened or saved, or a picture opened.
    pub fn note_recent(&mut self, path: &Path) {
        self.recent.retain(|it| it != path);
        self.recent.push(path.to_owned());
        self.recent.drain(..self.recent.len().saturating_sub(MAX_RECENT));
    }

    fn path() -> Option<PathBuf> {
        let dirs = directories::ProjectDirs::from("", "", "alla-prima")?;
        Some(dirs.config_dir().join("settings.json"))
    }

    /// Those of the last run, with the default of each that could not be read; and why, where that is so.
    #[must_use]
    pub fn load() -> (Self, Option<Error>) {
        Self::path()
            .map_or_else(|| (Self::default(), Some(Error::NoHome)), |path| Self::load_from(&path))
    }

    fn load_from(path: &Path) -> (Self, Option<Error>) {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => {
                return (Self::default(), None);
            }
            Err(source) => {
                let path = path.to_owned();
                return (Self::default(), Some(Error::Unreadable { path, source }));
            }
        };
        match Self::parse(&text) {
            Ok((read, names)) if names.is_empty() => (read.within_bounds(), None),
            Ok((read, names)) => {
                (read.within_bounds(), Some(Error::Unknown { names, path: path.to_owned() }))
            }
            Err(source) => {
                (Self::default(), Some(Error::Damaged { path: path.to_owned(), source }))
            }
        }
    }

    /// The settings in a text, and the names of those whose values make no sense here: another version may have
    /// written them. These have their defaults.
    fn parse(text: &[u8]) -> serde_json::Result<(Self, Vec<String>)> {
        let written: Map<String, Value> = serde_json::from_slice(text)?;
        let (mut sound, mut unknown) = (Map::new(), Vec::new());
        for (name, value) in written {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            if Self::deserialize(Value::Object(alone)).is_ok() {
                sound.insert(name, value);
            } else {
                unknown.push(name);
            }
        }
        Ok((Self::deserialize(Value::Object(sound))?, unknown))
    }

    /// What somebody may have written into the file is brought back to what the controls offer.
    fn within_bounds(mut self) -> Self {
        self.brush.size = self.brush.size.clamp(1.0, 300.0);
        self.brush.hardness = self.brush.hardness.clamp(0.0, 1.0);
        self.brush.opacity = self.brush.opacity.clamp(0.01, 1.0);
        self.pace = self.pace.map(|it| it.clamp(1.0, 1000.0));
        if self.export_words.take() == Some(false) {
            self.export.file.tells.prompt = false;
        }
        self.export.file.quality = self.export.file.quality.clamp(1, 100);
        self.export.file.dpi = self.export.file.dpi.clamp(1, 2400);
        if self.export.scales.is_empty() || self.export.formats.is_empty() {
            self.export = ExportOptions { file: self.export.file, ..ExportOptions::default() };
        }
        self
    }

    /// Keeps them for the next run. A file that makes no sense is set aside, never overwritten.
    ///
    /// # Errors
    /// Where that file cannot be read or set aside, or the settings cannot be written.
    pub fn save(&self) -> Result<()> {
        self.save_to(&Self::path().ok_or(Error::NoHome)?)
    }

    fn save_to(&self, path: &Path) -> Result<()> {
        match Self::load_from(path).1 {
            Some(err @ (Error::Damaged { .. } | Error::Unknown { .. })) => {
                let aside = io::set_aside(path)?;
                log::warn!("{err}\nIt is set aside as {}", aside.display());
            }
            Some(err) => return Err(err),
            None => (),
        }
        let mut kept = self.clone();
        kept.prompts.drain(..kept.prompts.len().saturating_sub(MAX_PROMPTS));
        Ok(io::write_whole_with_folder(path, &serde_json::to_vec_pretty(&kept)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::names_in;

    /// What is loaded from a file with this text, and what is said of it.
    fn loaded(text: &str) -> (Settings, Option<Error>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        fs::write(&path, text).unwrap();
        let loaded = Settings::load_from(&path);
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "loading has changed the file");
        loaded
    }

    #[test]
    fn what_is_kept_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.json");
        let (first, problem) = Settings::load_from(&path);
        assert_eq!(first, Settings::default());
        assert!(problem.is_none(), "a first run is no problem");
        let prompts = (0..MAX_PROMPTS + 3).map(|it| it.to_string()).collect();
        let settings =
            Settings { tool: Tool::Wand, pace: Some(7.0), prompts, ..Settings::default() };
        settings.save_to(&path).unwrap();
        let (read, problem) = Settings::load_from(&path);
        assert!(problem.is_none());
        assert_eq!(read.prompts[..], settings.prompts[3..]);
        assert_eq!(read, Settings { prompts: read.prompts.clone(), ..settings });
        assert_eq!(names_in(path.parent().unwrap()), ["settings.json"]);
    }

    #[test]
    fn a_damaged_file_is_told_and_set_aside_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        fs::write(&path, "{\"prompt\": \"a la").unwrap();
        let (settings, problem) = Settings::load_from(&path);
        assert_eq!(settings, Settings::default());
        let message = problem.unwrap().to_string();
        assert!(message.ends_with(&format!("File: {}", path.display())), "{message}");

        settings.save_to(&path).unwrap();
        assert!(Settings::load_from(&path).1.is_none());
        assert_eq!(names_in(folder.path()), ["settings.json", "settings.json.broken"]);
        let aside = fs::read_to_string(folder.path().join("settings.json.broken")).unwrap();
        assert_eq!(aside, "{\"prompt\": \"a la");
    }

    #[test]
    fn other_versions_may_know_more_or_less() {
        let (settings, problem) =
            loaded(r#"{"prompt": "a lake", "sound": {"volume": 3}, "brush": {"size": 9.0}}"#);
        assert!(problem.is_none());
        assert_eq!((settings.prompt.as_str(), settings.brush.size), ("a lake", 9.0));
        assert_eq!(settings.tool, Tool::Brush);
    }

    #[test]
    fn a_value_of_another_version_costs_no_other_setting() {
        let (settings, problem) =
            loaded(r#"{"prompt": "a lake", "tool": "sponge", "pace": "fast", "is_light": true}"#);
        assert_eq!((settings.prompt.as_str(), settings.is_light), ("a lake", true));
        assert_eq!((settings.tool, settings.pace), (Tool::Brush, None));
        let Some(Error::Unknown { names, .. }) = problem else { panic!("{problem:?}") };
        assert_eq!(names, ["pace", "tool"]);
    }

    #[test]
    fn who_told_no_prompts_still_tells_none() {
        let (settings, problem) = loaded(r#"{"export_words": false, "finishing": {"scale": 2}}"#);
        assert!(problem.is_none() && !settings.export.file.tells.prompt);
        assert!(loaded("{}").0.export.file.tells.prompt);
    }

    #[test]
    fn a_file_that_cannot_be_read_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Settings::load_from(folder.path()).1, Some(Error::Unreadable { .. })));
        assert!(Settings::default().save_to(folder.path()).is_err());
        assert!(folder.path().is_dir());
    }

    #[test]
    fn values_out_of_bounds_come_back_into_them() {
        let (settings, problem) = loaded(r#"{"pace": 1e9, "brush": {"size": -3.0}}"#);
        assert!(problem.is_none());
        assert_eq!((settings.pace, settings.brush.size), (Some(1000.0), 1.0));
    }
}
