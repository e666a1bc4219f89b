//! Where models lie and come from, as the environment says. The variables are those of the Hugging Face hub
//! (<https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables>).

use std::path::{Path, PathBuf};
use std::time::Duration;

const HUB: &str = "https://huggingface.co";

/// Where models lie and come from.
#[derive(Clone, Debug)]
pub struct Places {
    /// The hub's cache, which other programs share; `None` where there is no home directory.
    pub cache: Option<PathBuf>,
    /// The hub's address, without a slash at its end.
    pub hub: String,
    /// Proves to the hub who asks; told to nobody else.
    pub token: Option<String>,
    /// Nothing may be downloaded.
    pub is_offline: bool,
    /// What this program itself remembers of models; `None` where there is no home directory.
    pub register: Option<PathBuf>,
    pub patience: Patience,
}

/// How long to wait for a hub, and how often to try again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection, an answer, or the next bytes.
    pub silence: Duration,
    /// Tries in a row in which not a byte comes.
    pub tries: u32,
    /// Before the second try; before later ones twice as long each time.
    pub pause: Duration,
    /// A hub that wants to be left alone for longer is left alone by giving up.
    pub longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(20),
            tries: 5,
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60),
        }
    }
}

impl Places {
    /// As the environment says; what this program remembers goes into `folder`, where there is one.
    #[must_use]
    pub fn from_env(folder: Option<&Path>) -> Self {
        Self::from_vars(folder, std::env::home_dir(), |name| std::env::var(name).ok())
    }

    fn from_vars(
        folder: Option<&Path>,
        home: Option<PathBuf>,
        var: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let var = |name: &str| var(name).filter(|it| !it.trim().is_empty());
        let path = |name: &str| var(name).map(PathBuf::from);
        let home = home.filter(|it| !it.as_os_str().is_empty());
        let caches = path("XDG_CACHE_HOME").or_else(|| Some(home?.join(".cache")));
        let hub_home = path("HF_HOME").or_else(|| Some(caches?.join("huggingface")));
        let in_hub_home = |name: &str| hub_home.as_ref().map(|it| it.join(name));
        let token_file = path("HF_TOKEN_PATH").or_else(|| in_hub_home("token"));
        let token = var("HF_TOKEN").or_else(|| std::fs::read_to_string(token_file?).ok());
        let is_yes = |it: &str| ["1", "on", "yes", "true"].contains(&it.to_lowercase().as_str());
        Self {
            cache: path("HF_HUB_CACHE").or_else(|| in_hub_home("hub")),
            hub: var("HF_ENDPOINT")
                .map_or(HUB.to_owned(), |it| it.trim_end_matches('/').to_owned()),
            token: token.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()),
            is_offline: var("HF_HUB_OFFLINE").is_some_and(|it| is_yes(&it)),
            register: folder.map(|it| it.join("models.json")),
            patience: Patience::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(vars: &[(&str, &str)]) -> Places {
        places_of(Some("/home/ann"), vars)
    }

    fn places_of(home: Option<&str>, vars: &[(&str, &str)]) -> Places {
        Places::from_vars(Some(Path::new("/state")), home.map(PathBuf::from), |name| {
            vars.iter().find(|it| it.0 == name).map(|it| it.1.to_owned())
        })
    }

    #[test]
    fn without_a_home_nothing_lies_where_the_program_happens_to_run() {
        for home in [None, Some("")] {
            let nowhere = places_of(home, &[]);
            assert_eq!((nowhere.cache, nowhere.token), (None, None));
            let somewhere = places_of(home, &[("HF_HOME", "/hf")]);
            assert_eq!(somewhere.cache.as_deref(), Some(Path::new("/hf/hub")));
        }
        assert_eq!(Places::from_vars(None, None, |_| None).register, None);
    }

    #[test]
    fn the_hubs_own_variables_say_where_models_lie() {
        for (vars, cache) in [
            (&[][..], "/home/ann/.cache/huggingface/hub"),
            (&[("HF_HOME", "")][..], "/home/ann/.cache/huggingface/hub"),
            (&[("XDG_CACHE_HOME", "/x")][..], "/x/huggingface/hub"),
            (&[("HF_HOME", "/hf"), ("XDG_CACHE_HOME", "/x")][..], "/hf/hub"),
            (&[("HF_HUB_CACHE", "/models"), ("HF_HOME", "/hf")][..], "/models"),
            (&[("HF_HUB_CACHE", "/models"), ("XDG_CACHE_HOME", "/x")][..], "/models"),
            (&[("HF_HUB_CACHE", " "), ("XDG_CACHE_HOME", "/x")][..], "/x/huggingface/hub"),
        ] {
            assert_eq!(places(vars).cache.as_deref(), Some(Path::new(cache)), "{vars:?}");
        }
    }

    #[test]
    fn another_hub_and_a_token_are_taken_as_given() {
        let there = places(&[("HF_ENDPOINT", "https://mirror.example/"), ("HF_TOKEN", " abc\n")]);
        assert_eq!(there.hub, "https://mirror.example");
        assert_eq!(there.token.as_deref(), Some("abc"));
        assert!(!there.is_offline);
        let nowhere = places(&[("HF_HUB_OFFLINE", "1"), ("HF_TOKEN", " ")]);
        assert!(nowhere.is_offline);
        assert_eq!((nowhere.token, nowhere.hub.as_str()), (None, HUB));
    }
}
