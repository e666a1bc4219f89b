//! What is remembered between runs. A settings file that cannot be read is as good as none.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::{Hardware, Precision};
use crate::document::BrushStyle;
use crate::io;
use crate::tools::Tool;

/// Prompts kept for the next run.
const MAX_PROMPTS: usize = 100;

/// What is remembered between runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub prompt: String,
    /// Oldest first.
    pub prompts: Vec<String>,
    pub tool: Tool,
    pub brush: BrushStyle,
    /// Cells per second; `None` for as fast as it goes.
    pub pace: Option<f32>,
    /// Whether what the model expects is shown where it has not painted yet.
    pub underpaints: bool,
    /// Whether the rest follows while the brush is still down.
    pub follows_brush: bool,
    pub is_light: bool,
    /// Whether exported pictures carry their prompts.
    #[serde(rename = "export_words")]
    pub export_prompt: bool,
    /// The model to paint with; `None` for the built-in one.
    pub model: Option<String>,
    /// How exactly its weights are kept.
    pub precision: Precision,
    /// What it computes on.
    pub hardware: Hardware,
}

/// Where this program notes what is not a matter of taste; `None` where there is no home directory.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "alla-prima")?;
    Some(dirs.data_local_dir().to_owned())
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            prompt: "red sailboats on the sea at sunset, a low sun".to_owned(),
            prompts: Vec::new(),
            tool: Tool::Brush,
            brush: BrushStyle { colour: [236, 190, 120], ..BrushStyle::default() },
            pace: None,
            underpaints: true,
            follows_brush: false,
            is_light: false,
            export_prompt: true,
            model: None,
            precision: Precision::default(),
            hardware: Hardware::default(),
        }
    }
}

impl Settings {
    fn path() -> Option<PathBuf> {
        let dirs = directories::ProjectDirs::from("", "", "alla-prima")?;
        Some(dirs.config_dir().join("settings.json"))
    }

    /// Those of the last run, or the defaults.
    #[must_use]
    pub fn load() -> Self {
        let Some(path) = Self::path() else { return Self::default() };
        let Ok(text) = fs::read(&path) else { return Self::default() };
        let read: Self = serde_json::from_slice(&text).unwrap_or_else(|err| {
            log::warn!("The settings could not be read: {err}\n{}", path.display());
            Self::default()
        });
        read.within_bounds()
    }

    /// What somebody may have written into the file is brought back to what the controls offer.
    fn within_bounds(mut self) -> Self {
        self.brush.size = self.brush.size.clamp(1.0, 300.0);
        self.brush.hardness = self.brush.hardness.clamp(0.0, 1.0);
        self.brush.opacity = self.brush.opacity.clamp(0.01, 1.0);
        self.pace = self.pace.map(|it| it.clamp(1.0, 1000.0));
        self
    }

    /// Keeps them for the next run; where that fails, the log says so.
    pub fn save(&self) {
        let Some(path) = Self::path() else { return };
        let mut kept = self.clone();
        kept.prompts.drain(..kept.prompts.len().saturating_sub(MAX_PROMPTS));
        let saved =
            serde_json::to_vec_pretty(&kept).map_err(|err| err.to_string()).and_then(|text| {
                io::write_whole_with_folder(&path, &text).map_err(|err| err.to_string())
            });
        if let Err(err) = saved {
            log::warn!("The settings were not kept: {err}");
        }
    }
}
