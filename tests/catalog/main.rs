//! The catalogue against a hub on this machine that breaks off, lies, stalls and refuses: each time a clear error, or
//! success in the end, and nothing left behind that would pass for a whole file.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use alla_prima::catalog::{
    BUILT_IN, Catalog, Error, KNOWN, ModelState, Patience, Places, ProgressHandle, Result, Verdict,
};
use alla_prima::model::Painter as _;
use alla_prima::model::embedded::Embedded;
use tempfile::TempDir;

use self::server::{COMMIT, Mood, Server, sha256};

const MODEL: &str = "LlamaGen-B-256-classes";
const PAINTER: &str = "c2i_B_256.pt";
const CODEC: &str = "vq_ds16_c2i.pt";

/// Long enough to come in several pieces.
fn weights() -> Vec<u8> {
    (0..400_000_u32).map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// A machine with nothing on it, and a hub.
struct Scene {
    server: Server,
    catalog: Catalog,
    places: Places,
    folder: TempDir,
}

impl Scene {
    fn new() -> Self {
        Self::with_files(&[(PAINTER, &weights()), (CODEC, b"a codec")])
    }

    fn with_files(files: &[(&str, &[u8])]) -> Self {
        let server = Server::start(files);
        let folder = tempfile::tempdir().unwrap();
        let mut places = Places::from_env(Some(&folder.path().join("state")));
        places.cache = Some(folder.path().join("hub"));
        places.hub.clone_from(&server.address);
        places.token = None;
        places.is_offline = false;
        places.patience = Patience {
            silence: Duration::from_millis(300),
            tries: 3,
            pause: Duration::from_millis(1),
            longest_pause: Duration::from_secs(1),
        };
        let catalog = Catalog::new(places.clone());
        Self { server, catalog, places, folder }
    }

    /// With the codec here and the licence accepted, so that all that happens happens to the painter.
    fn with_codec() -> Self {
        let scene = Self::new();
        scene.accept(MODEL);
        scene.put("FoundationVision/LlamaGen", CODEC, b"a codec");
        scene
    }

    fn cache(&self) -> &Path {
        self.places.cache.as_deref().unwrap()
    }

    fn accept(&self, name: &str) {
        let known = KNOWN.iter().find(|it| it.name == name).unwrap();
        self.catalog.accept(known).unwrap();
    }

    /// As another program would have downloaded it.
    fn put(&self, repo: &str, name: &str, bytes: &[u8]) -> PathBuf {
        let repo = self.cache().join(format!("models--{}", repo.replace('/', "--")));
        let blob = repo.join("blobs").join(sha256(bytes));
        let pointer = repo.join("snapshots").join(COMMIT).join(name);
        fs::create_dir_all(blob.parent().unwrap()).unwrap();
        fs::create_dir_all(pointer.parent().unwrap()).unwrap();
        fs::create_dir_all(repo.join("refs")).unwrap();
        fs::write(repo.join("refs/main"), COMMIT).unwrap();
        fs::write(&blob, bytes).unwrap();
        place(&blob, &pointer);
        pointer
    }

    fn fetch(&self) -> Result<()> {
        let (mut line, _stop) = line();
        self.catalog.fetch(MODEL, &mut line)
    }

    fn blob(&self) -> PathBuf {
        self.blobs().join(sha256(&weights()))
    }

    fn incomplete(&self) -> PathBuf {
        self.blobs().join(format!("{}.incomplete", sha256(&weights())))
    }

    fn blobs(&self) -> PathBuf {
        self.cache().join("models--FoundationVision--LlamaGen/blobs")
    }

    /// The painter is whole, and other programs find it.
    #[track_caller]
    fn is_whole(&self) {
        let repo = self.cache().join("models--FoundationVision--LlamaGen");
        let newest = fs::read_to_string(repo.join("refs/main")).unwrap();
        let path = repo.join("snapshots").join(newest).join(PAINTER);
        assert!(fs::read(&path).unwrap() == weights());
        if cfg!(unix) {
            assert_eq!(fs::canonicalize(&path).unwrap(), fs::canonicalize(self.blob()).unwrap());
        }
        assert!(!self.incomplete().exists());
        let ModelState::Here { sources, .. } = self.catalog.entry(MODEL).unwrap().state else {
            panic!("it is not here")
        };
        assert_eq!(fs::read(sources.painter).unwrap(), weights());
        assert_eq!(fs::read(sources.codec.unwrap()).unwrap(), b"a codec");
    }

    /// Nothing passes for the painter.
    #[track_caller]
    fn is_absent(&self) {
        assert!(!self.blob().exists());
        let pointers = self.cache().join("models--FoundationVision--LlamaGen/snapshots");
        assert!(!pointers.join(COMMIT).join(PAINTER).exists());
        assert!(matches!(self.catalog.entry(MODEL).unwrap().state, ModelState::Absent { .. }));
        assert!(matches!(self.catalog.sources(MODEL), Err(Error::Absent(_))));
    }
}

/// Makes a blob a file of a snapshot.
#[cfg(unix)]
fn place(blob: &Path, pointer: &Path) {
    let name = blob.file_name().unwrap();
    std::os::unix::fs::symlink(Path::new("../../blobs").join(name), pointer).unwrap();
}

/// Where links need rights that few have, the file itself lies in the snapshot.
#[cfg(not(unix))]
fn place(blob: &Path, pointer: &Path) {
    fs::rename(blob, pointer).unwrap();
}

fn line() -> (ProgressHandle, Sender<()>) {
    ProgressHandle::new(|_| ())
}

#[test]
fn the_built_in_model_is_called_what_it_calls_itself() {
    assert_eq!(Embedded::load().unwrap().facts().name(), BUILT_IN);
}

#[test]
fn a_model_is_downloaded_into_the_hubs_own_cache() {
    let scene = Scene::new();
    scene.accept(MODEL);
    let (told, heard) = std::sync::mpsc::channel();
    let (mut line, _stop) = ProgressHandle::new(move |it| told.send(it).unwrap());
    scene.catalog.fetch(MODEL, &mut line).unwrap();
    scene.is_whole();
    let last = heard.try_iter().last().unwrap();
    assert_eq!((last.done, last.all), (400_007, 400_007));
    let ModelState::Here { bytes, .. } = scene.catalog.entry(MODEL).unwrap().state else {
        panic!()
    };
    assert_eq!(bytes, 400_007);
}

#[test]
fn nothing_is_asked_of_the_network_unasked() {
    let scene = Scene::new();
    assert!(scene.catalog.entries().iter().all(|it| it.known.is_none() || !it.is_here()));
    let err = scene.fetch().unwrap_err();
    assert!(matches!(err, Error::NotAccepted(_)), "{err}");
    scene.accept(MODEL);
    let offline = Catalog::new(Places { is_offline: true, ..scene.places.clone() });
    let err = offline.fetch(MODEL, &mut line().0).unwrap_err();
    assert!(matches!(err, Error::Offline), "{err}");
    assert!(scene.server.asked().is_empty());
    assert!(!scene.cache().exists());
}

#[test]
fn what_other_programs_have_downloaded_is_here() {
    let scene = Scene::with_codec();
    scene.put("FoundationVision/LlamaGen", PAINTER, &weights());
    scene.is_whole();
    scene.fetch().unwrap();
    assert!(scene.server.asked().is_empty());
    let removal = scene.catalog.remove(MODEL).unwrap();
    assert_eq!((removal.freed_bytes, removal.n_kept), (0, 2));
    scene.is_whole();
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_was() {
    let scene = Scene::with_codec();
    scene.server.will(&[Mood::BreaksOff(100_000), Mood::BreaksOff(50_000)]);
    scene.fetch().unwrap();
    scene.is_whole();
    assert_eq!(scene.server.ranges(), ["", "bytes=100000-", "bytes=150000-"]);
    let last = scene.server.asked().pop().unwrap();
    assert_eq!(last.headers["if-range"], format!("\"{}\"", sha256(&weights())));
}

#[test]
fn a_download_goes_on_after_the_program_was_left() {
    let scene = Scene::with_codec();
    scene.server.will(&[
        Mood::BreaksOff(100_000),
        Mood::BreaksOff(0),
        Mood::BreaksOff(0),
        Mood::BreaksOff(0),
    ]);
    let err = scene.fetch().unwrap_err();
    let text = err.to_string();
    assert!(text.starts_with("The download broke off at 100000 of 400000 bytes"), "{text}");
    scene.is_absent();
    let state = scene.catalog.entry(MODEL).unwrap().state;
    assert_eq!(state, ModelState::Absent { bytes_here: 100_000 });
    scene.server.will(&[]);
    Catalog::new(scene.places.clone()).fetch(MODEL, &mut line().0).unwrap();
    scene.is_whole();
    assert_eq!(scene.server.ranges().last().unwrap(), "bytes=100000-");
}

#[test]
fn a_stalled_download_is_given_up_and_taken_up_again() {
    let scene = Scene::with_codec();
    scene.server.will(&[Mood::Stalls(70_000)]);
    scene.fetch().unwrap();
    scene.is_whole();
    assert_eq!(scene.server.ranges(), ["", "bytes=70000-"]);
}

#[test]
fn a_hub_that_never_says_a_word_is_named() {
    let scene = Scene::with_codec();
    scene.server.will(&[Mood::Stalls(0), Mood::Stalls(0), Mood::Stalls(0)]);
    let err = scene.fetch().unwrap_err();
    assert!(err.to_string().contains("broke off at 0 of 400000"), "{err}");
    scene.is_absent();
}

#[test]
fn too_many_bytes_are_no_file() {
    let scene = Scene::with_codec();
    scene.server.will(&[Mood::SaysMore(1)]);
    let err = scene.fetch().unwrap_err();
    assert!(matches!(err, Error::TooLong { all: 400_000, .. }), "{err}");
    scene.is_absent();
    assert!(!scene.incomplete().exists());
}

#[test]
fn too_few_bytes_are_asked_for_again() {
    let scene = Scene::with_codec();
    scene.server.will(&[Mood::SaysLess(10)]);
    scene.fetch().unwrap();
    scene.is_whole();
    assert_eq!(scene.server.ranges(), ["", "bytes=399990-"]);
}

#[test]
fn a_hub_that_lies_about_the_size_is_not_believed() {
    for (claimed, is_expected) in [
        (399_000, (|it: &Error| matches!(it, Error::TooLong { .. })) as fn(&Error) -> bool),
        (401_000, |it: &Error| matches!(it, Error::BrokenOff { .. } | Error::OtherContent { .. })),
    ] {
        let scene = Scene::with_codec();
        scene.server.claims(claimed);
        let err = scene.fetch().unwrap_err();
        assert!(is_expected(&err), "{err}");
        scene.is_absent();
    }
}

#[test]
fn other_bytes_are_found_out() {
    let scene = Scene::with_codec();
    scene.server.will(&[Mood::SaysOther]);
    let err = scene.fetch().unwrap_err();
    assert!(matches!(err, Error::OtherContent { .. }), "{err}");
    scene.is_absent();
    assert!(!scene.incomplete().exists());
    assert_eq!(scene.server.ranges(), [""]);
}

#[test]
fn a_damaged_part_from_another_time_costs_a_second_try() {
    let scene = Scene::with_codec();
    fs::write(scene.incomplete(), vec![7; 1000]).unwrap();
    scene.fetch().unwrap();
    scene.is_whole();
    assert_eq!(scene.server.ranges(), ["bytes=1000-", ""]);
}

#[test]
fn a_part_longer_than_the_whole_is_thrown_away() {
    let scene = Scene::with_codec();
    fs::write(scene.incomplete(), vec![7; 500_000]).unwrap();
    scene.fetch().unwrap();
    scene.is_whole();
}

#[test]
fn a_part_that_is_all_there_needs_no_more() {
    let scene = Scene::with_codec();
    fs::write(scene.incomplete(), weights()).unwrap();
    scene.fetch().unwrap();
    scene.is_whole();
    assert!(scene.server.ranges().is_empty());
}

#[test]
fn a_hub_that_cannot_go_on_begins_again() {
    for mood in [Mood::IgnoresRanges, Mood::StartsElsewhere, Mood::Answers(416)] {
        let scene = Scene::with_codec();
        scene.server.will(&[Mood::BreaksOff(1000), mood]);
        scene.fetch().unwrap();
        scene.is_whole();
    }
}

#[test]
fn a_busy_hub_is_asked_again_later() {
    let scene = Scene::with_codec();
    scene.server.will(&[Mood::WantsPeace(0), Mood::Answers(503)]);
    scene.fetch().unwrap();
    scene.is_whole();
}

#[test]
fn a_hub_that_wants_peace_for_long_gets_it() {
    let scene = Scene::with_codec();
    scene.server.will(&[Mood::WantsPeace(300)]);
    let began = Instant::now();
    let err = scene.fetch().unwrap_err();
    assert!(err.to_string().contains("300 s"), "{err}");
    assert!(began.elapsed() < Duration::from_secs(60));
    scene.is_absent();
}

#[test]
fn refusals_are_explained() {
    for (status, says) in
        [(401, "HF_TOKEN"), (403, "HF_TOKEN"), (404, "does not have this file"), (418, "418")]
    {
        let scene = Scene::with_codec();
        scene.server.will(&[Mood::Answers(status)]);
        let text = scene.fetch().unwrap_err().to_string();
        assert!(text.contains(says) && text.contains("Address: http"), "{text}");
        scene.is_absent();
        scene.server.lists_with(status);
        let text = scene.fetch().unwrap_err().to_string();
        assert!(text.contains(says), "{text}");
    }
}

#[test]
fn a_hub_that_is_not_there_is_named() {
    let scene = Scene::with_codec();
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nowhere = Places { hub: format!("http://{free}"), ..scene.places.clone() };
    let err = Catalog::new(nowhere).fetch(MODEL, &mut line().0).unwrap_err();
    assert!(matches!(err, Error::Unreachable { .. }), "{err}");
}

#[test]
fn a_token_is_told_to_the_hub_and_to_nobody_else() {
    let scene = Scene::with_codec();
    let other = Server::start(&[(PAINTER, &weights())]);
    scene.server.keeps_files_at(&other);
    let places = Places { token: Some("secret".to_owned()), ..scene.places.clone() };
    Catalog::new(places).fetch(MODEL, &mut line().0).unwrap();
    scene.is_whole();
    let asked = scene.server.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|it| it.headers["authorization"] == "Bearer secret"));
    let elsewhere = other.asked();
    assert_eq!(elsewhere.len(), 1);
    assert!(!elsewhere[0].headers.contains_key("authorization"), "{elsewhere:?}");
}

#[test]
fn a_pause_keeps_what_has_come() {
    let scene = Scene::with_codec();
    scene.server.will(&[Mood::Stalls(200_000)]);
    let (told, heard) = std::sync::mpsc::channel();
    let (mut line, stop) = ProgressHandle::new(move |it| {
        // Nobody listens any more once it has been stopped.
        let _ = told.send(it);
    });
    std::thread::scope(|scope| {
        let fetching = scope.spawn(|| scene.catalog.fetch(MODEL, &mut line));
        while heard.recv().unwrap().done == 0 {}
        stop.send(()).unwrap();
        let err = fetching.join().unwrap().unwrap_err();
        assert!(matches!(err, Error::Paused), "{err}");
    });
    scene.is_absent();
    let ModelState::Absent { bytes_here } = scene.catalog.entry(MODEL).unwrap().state else {
        panic!()
    };
    assert!((1..=200_000).contains(&bytes_here), "{bytes_here}");
    scene.fetch().unwrap();
    scene.is_whole();
    assert_eq!(*scene.server.ranges().last().unwrap(), format!("bytes={bytes_here}-"));
}

#[test]
fn two_programs_do_not_write_into_one_file() {
    let scene = Scene::with_codec();
    let locks = scene.cache().join(".locks/models--FoundationVision--LlamaGen");
    fs::create_dir_all(&locks).unwrap();
    let lock = fs::File::create(locks.join(format!("{}.lock", sha256(&weights())))).unwrap();
    lock.lock().unwrap();
    let err = scene.fetch().unwrap_err();
    assert!(matches!(err, Error::Busy(_)), "{err}");
    drop(lock);
    scene.fetch().unwrap();
    scene.is_whole();
}

#[test]
fn weights_in_shards_come_with_all_that_belongs_to_them() {
    let files: &[(&str, &[u8])] = &[
        ("README.md", b"x"),
        ("config.json", b"{}"),
        ("tokenizer.json", b"{}"),
        ("pytorch_model.bin.index.json", b"{\"weight_map\":{}}"),
        ("pytorch_model-00001-of-00002.bin", b"one"),
        ("pytorch_model-00002-of-00002.bin", b"two"),
    ];
    let scene = Scene::with_files(files);
    scene.accept("Janus-Pro-7B");
    scene.catalog.fetch("janus-pro-7b", &mut line().0).unwrap();
    let ModelState::Here { sources, .. } = scene.catalog.entry("Janus-Pro-7B").unwrap().state
    else {
        panic!("it is not here")
    };
    let mut names: Vec<_> =
        fs::read_dir(&sources.painter).unwrap().map(|it| it.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names.len(), 5);
    assert_eq!(sources.tokenizer.unwrap(), sources.painter.join("tokenizer.json"));
    // With one of them gone, the model is not here.
    fs::remove_file(sources.painter.join("pytorch_model-00002-of-00002.bin")).unwrap();
    assert!(!scene.catalog.entry("Janus-Pro-7B").unwrap().is_here());
}

#[test]
fn a_repository_without_weights_is_no_model() {
    let scene = Scene::with_files(&[("config.json", b"{}"), ("tokenizer.json", b"{}")]);
    scene.accept("Janus-Pro-1B");
    let err = scene.catalog.fetch("Janus-Pro-1B", &mut line().0).unwrap_err();
    assert!(err.to_string().contains("no weights"), "{err}");
}

#[test]
fn what_was_downloaded_is_verified_and_removed() {
    let scene = Scene::new();
    scene.accept(MODEL);
    scene.fetch().unwrap();
    let sound = scene.catalog.verify(MODEL, &mut line().0).unwrap();
    assert_eq!(sound, Verdict { n_sound: 2, ..Verdict::default() });
    let mut damaged = weights();
    damaged[1234] ^= 1;
    fs::write(scene.blob(), damaged).unwrap();
    let found = scene.catalog.verify(MODEL, &mut line().0).unwrap();
    assert_eq!((found.n_sound, found.damaged.len()), (1, 1));
    assert!(found.damaged[0].ends_with(PAINTER));

    let removal = scene.catalog.remove(MODEL).unwrap();
    assert_eq!((removal.freed_bytes, removal.n_kept), (400_007, 0));
    scene.is_absent();
    assert!(!scene.cache().join("models--FoundationVision--LlamaGen").exists());
    assert_eq!(scene.catalog.entry(MODEL).unwrap().state, ModelState::Absent { bytes_here: 0 });
}

#[test]
fn a_codec_that_another_model_needs_stays() {
    let other = "c2i_L_256.pt";
    let files: &[(&str, &[u8])] = &[(PAINTER, &weights()), (CODEC, b"a codec"), (other, b"large")];
    let scene = Scene::with_files(files);
    scene.accept(MODEL);
    scene.fetch().unwrap();
    scene.catalog.fetch("LlamaGen-L-256-classes", &mut line().0).unwrap();
    let removal = scene.catalog.remove(MODEL).unwrap();
    assert_eq!((removal.freed_bytes, removal.n_kept), (400_000, 1));
    assert!(scene.catalog.entry("LlamaGen-L-256-classes").unwrap().is_here());
    scene.catalog.remove("LlamaGen-L-256-classes").unwrap();
    assert!(!scene.cache().join("models--FoundationVision--LlamaGen").exists());
}

#[test]
fn a_model_on_disk_is_shown_never_copied_and_only_forgotten() {
    let scene = Scene::new();
    let path = scene.folder.path().join("mine.safetensors");
    fs::write(&path, b"weights").unwrap();
    fs::write(scene.folder.path().join(CODEC), b"a codec").unwrap();
    assert_eq!(scene.catalog.add(&path, None, None).unwrap(), "mine");
    let sources = scene.catalog.sources("mine").unwrap().unwrap();
    assert_eq!(fs::read(&sources.painter).unwrap(), b"weights");
    assert!(sources.codec.unwrap().ends_with(CODEC));
    assert!(matches!(scene.catalog.add(&path, None, None), Err(Error::NameTaken(_))));
    scene.catalog.remove("mine").unwrap();
    assert!(path.exists());
    assert!(matches!(scene.catalog.entry("mine"), Err(Error::Unknown { .. })));

    scene.catalog.add(&path, Some("other"), None).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(matches!(scene.catalog.entry("other").unwrap().state, ModelState::Lost(_)));
    assert!(scene.catalog.sources("other").is_err());
    for bad in [scene.folder.path().join(CODEC).with_extension("txt"), "/no/such".into()] {
        assert!(scene.catalog.add(&bad, None, None).is_err());
    }
}

#[test]
fn a_text_encoder_is_named_or_found() {
    let scene = Scene::new();
    let path = scene.folder.path().join("t2i_256.pt");
    fs::write(&path, b"weights").unwrap();
    let folder_with_weights = |name: &str| {
        let folder = scene.folder.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("model.safetensors"), b"weights").unwrap();
        folder
    };
    let found = || scene.catalog.sources(path.to_str().unwrap()).unwrap().unwrap().text_encoder;
    assert_eq!(found(), None);
    fs::create_dir(scene.folder.path().join("t5-empty")).unwrap();
    assert_eq!(found(), None);
    let beside = folder_with_weights("Flan-T5-XL");
    assert_eq!(found(), Some(beside));

    let elsewhere = folder_with_weights("elsewhere/encoder");
    scene.catalog.add(&path, Some("mine"), Some(&elsewhere)).unwrap();
    let named = scene.catalog.sources("mine").unwrap().unwrap().text_encoder;
    assert_eq!(named, Some(fs::canonicalize(&elsewhere).unwrap()));
    let empty = scene.folder.path().join("t5-empty");
    assert!(scene.catalog.add(&path, Some("other"), Some(&empty)).is_err());
}

#[test]
fn a_path_is_as_good_as_a_name() {
    let scene = Scene::new();
    let path = scene.folder.path().join("mine.pt");
    fs::write(&path, b"weights").unwrap();
    let sources = scene.catalog.sources(path.to_str().unwrap()).unwrap().unwrap();
    assert_eq!(sources.painter, path);
    assert_eq!(scene.catalog.sources(BUILT_IN).unwrap(), None);
    for (name, says) in [("/no/such.pt", "no such file"), ("Rembrandt", "there are: Landscapes 3")]
    {
        let err = scene.catalog.sources(name).unwrap_err();
        assert!(err.to_string().contains(says), "{err}");
    }
    assert!(Path::new(&sources.painter).exists());
}

#[test]
fn without_a_home_directory_nothing_is_noted_or_downloaded() {
    let scene = Scene::new();
    let places = Places { cache: None, register: None, ..scene.places.clone() };
    let catalog = Catalog::new(places.clone());
    let known = KNOWN.iter().find(|it| it.name == MODEL).unwrap();
    assert!(matches!(catalog.accept(known), Err(Error::NoHome)));
    assert!(matches!(catalog.entry(MODEL).unwrap().state, ModelState::Absent { bytes_here: 0 }));

    scene.accept(MODEL);
    let without_cache = Catalog::new(Places { register: scene.places.register.clone(), ..places });
    let (mut line, _stop) = line();
    assert!(matches!(without_cache.fetch(MODEL, &mut line), Err(Error::NoHome)));
}
