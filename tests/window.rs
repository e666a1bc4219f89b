//! The window, driven through its accessible names, drawn by software Vulkan.
//!
//! Pictures of it are left under `target/window/`.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

#[path = "catalog/server.rs"]
#[expect(dead_code, reason = "the window's hub has fewer moods")]
mod server;

use std::path::Path;
use std::time::{Duration, Instant};

use alla_prima::base::{Grid, Hardware, Pixmap, Sources};
use alla_prima::catalog::Places;
use alla_prima::compose::BlendMode;
use alla_prima::document::{Layer, Stack};
use alla_prima::model::hardware::is_built_in;
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::model::{Painter, Result};
use alla_prima::settings::Settings;
use alla_prima::studio::{Choice, DocumentAction, LayerAction, Studio, StudioAction};
use alla_prima::ui::{App, WindowOptions};
use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use self::server::{Mood, Server};

const GRID: Grid = Grid { rows: 8, cols: 8, cell_pixels: 16 };

fn open(pass: Duration) -> Harness<'static, App> {
    open_at(pass, Path::new("/nowhere"), NO_HUB)
}

/// Nobody answers there.
const NO_HUB: &str = "http://127.0.0.1:9";

/// With its models in this folder, and downloads from this hub.
fn open_at(pass: Duration, folder: &Path, hub: &str) -> Harness<'static, App> {
    let has_driver = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"]
        .iter()
        .any(|it| std::fs::read_dir(it).is_ok_and(|mut it| it.next().is_some()));
    assert!(
        has_driver || !cfg!(target_os = "linux"),
        "No Vulkan driver was found: install mesa-vulkan-drivers, or run ./dev test, which does"
    );
    // The window remembers nothing of other runs, and other runs nothing of this one.
    let load = move || -> Result<Box<dyn Painter>> {
        let toy = Toy::new(GRID, Manner::Alphabet).with_words(&["lake", "lagoon", "at", "dusk"]);
        Ok(Box::new(toy.with_pass_of(pass)))
    };
    let mut window =
        Harness::builder().with_size(vec2(1280.0, 860.0)).with_max_steps(400).wgpu().build_eframe(
            |cc| {
                let mut places = Places::from_env(Some(folder));
                (places.cache, places.hub) = (Some(folder.join("hub")), hub.to_owned());
                places.patience.tries = 1;
                places.patience.silence = Duration::from_secs(5);
                let options = WindowOptions {
                    places: Some(places),
                    settings: Some(Settings::default()),
                    ..WindowOptions::default()
                };
                App::new(cc, Box::new(load), options).unwrap()
            },
        );
    wait(&mut window, "the model is ready", |it| it.facts().is_some());
    window.state_mut().studio_mut().perform(DocumentAction::SetPrompt("a lake".to_owned()));
    window.step();
    window
}

/// Draws frames until something is so.
#[track_caller]
fn wait(window: &mut Harness<'_, App>, what: &str, is_so: impl Fn(&Studio) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so(window.state().studio()) {
        assert!(Instant::now() < deadline, "it never came that {what}");
        window.step();
    }
}

fn keep_picture(window: &mut Harness<'_, App>, name: &str) {
    let picture = window.render().expect("the window could not be drawn");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/window");
    std::fs::create_dir_all(&folder).unwrap();
    picture.save(folder.join(format!("{name}.png"))).unwrap();
}

fn on_canvas(window: &Harness<'_, App>, share_x: f32, share_y: f32) -> Pos2 {
    let canvas = window.get_by_label("Canvas").rect();
    // The canvas is a square that fits into the area with a margin of 36 points.
    let side = canvas.width().min(canvas.height()) - 72.0;
    canvas.center() + vec2(share_x - 0.5, share_y - 0.5) * side
}

fn drag(window: &mut Harness<'_, App>, from: (f32, f32), to: (f32, f32)) {
    let (from, to) = (on_canvas(window, from.0, from.1), on_canvas(window, to.0, to.1));
    window.hover_at(from);
    window.step();
    window.drag_at(from);
    window.step();
    for step in 1..=6 {
        window.hover_at(from + (to - from) * (step as f32 / 6.0));
        window.step();
    }
    window.drop_at(to);
    window.step();
    window.step();
}

#[test]
fn the_button_paints_pauses_and_continues() {
    let mut window = open(Duration::from_millis(2));
    window.get_by_label("Paint").click();
    wait(&mut window, "it paints", |it| it.active().is_painting());
    window.step();
    window.get_by_label("Pause").click();
    wait(&mut window, "it pauses", |it| {
        it.active().is_paused() || it.active().picture().is_finished()
    });
    window.step();
    keep_picture(&mut window, "paused");
    if window.state().studio().active().is_paused() {
        window.get_by_label("Continue").click();
    }
    wait(&mut window, "it is finished", |it| {
        it.active().picture().is_finished() && !it.active().is_painting()
    });
    window.step();
    window.get_by_label("Another take");
    keep_picture(&mut window, "finished");
}

#[test]
fn every_tool_can_be_taken_by_name_and_by_key() {
    let mut window = open(Duration::ZERO);
    use alla_prima::tools::Tool;
    for (label, key, tool) in [
        ("Eraser (E)", Key::E, Tool::Eraser),
        ("Rectangle selection (M)", Key::M, Tool::Rectangle),
        ("Lasso selection (L)", Key::L, Tool::Lasso),
        ("Meaning wand (W)", Key::W, Tool::Wand),
        ("Brush (B)", Key::B, Tool::Brush),
    ] {
        window.get_by_label(label).click();
        window.step();
        window.step();
        assert_eq!(window.state().studio().prefs().tool, tool);
        window.key_press(Key::B);
        window.step();
        window.key_press(key);
        window.step();
        assert_eq!(window.state().studio().prefs().tool, tool);
    }
}

#[test]
fn a_stroke_is_drawn_followed_and_undone() {
    let mut window = open(Duration::ZERO);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    wait(&mut window, "it is finished", |it| {
        it.active().picture().is_finished() && !it.active().is_painting()
    });
    let before = window.state().studio().active().picture().clone();
    drag(&mut window, (0.3, 0.3), (0.7, 0.4));
    wait(&mut window, "the stroke is read", |it| {
        !it.active().is_looking() && it.active().picture().cells != before.cells
    });
    window.step();
    keep_picture(&mut window, "stroke");
    window.get_by_label("Let the rest follow").click();
    window.step();
    wait(&mut window, "the rest followed", |it| {
        !it.active().is_painting() && it.active().staged().is_some()
    });
    window.step();
    keep_picture(&mut window, "followed");
    window.get_by_label("Discard").click();
    window.step();
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.step();
    assert!(*window.state().studio().active().picture() == before, "undo does not lead back");
}

#[test]
fn a_selection_gets_words_of_its_own() {
    let mut window = open(Duration::ZERO);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    wait(&mut window, "it is finished", |it| {
        it.active().picture().is_finished() && !it.active().is_painting()
    });
    window.key_press(Key::M);
    window.step();
    drag(&mut window, (0.26, 0.26), (0.74, 0.49));
    assert_eq!(window.state().studio().active().selected_cells().len(), 8);
    keep_picture(&mut window, "selected");
    window.get_by_label("Words for the selection").focus();
    window.step();
    window.get_by_label("Words for the selection").type_text("X");
    window.step();
    window.get_by_label("Only here").click();
    window.step();
    wait(&mut window, "it is repainted", |it| {
        it.active().staged().is_some() && !it.active().is_painting()
    });
    let studio = window.state().studio();
    assert_eq!(studio.active().picture().regions[0].prompt, "X");
    assert_eq!(studio.active().staged().unwrap().shown_of(), (0, 1));
    window.key_press(Key::Escape);
    window.step();
    window.step();
    assert!(window.state().studio().active().picture().regions.is_empty());
}

#[test]
fn keys_do_not_paint_while_words_are_typed() {
    let mut window = open(Duration::ZERO);
    window.get_by_label("Prompt").focus();
    window.step();
    window.get_by_label("Prompt").type_text(" meb");
    window.step();
    window.key_press(Key::E);
    window.step();
    assert_eq!(window.state().studio().prefs().tool, alla_prima::tools::Tool::Brush);
    assert_eq!(window.state().studio().active().pending().prompt, "a lake meb");
}

#[test]
fn a_dropped_file_that_is_none_of_ours_is_named() {
    let mut window = open(Duration::ZERO);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.png");
    std::fs::write(&path, b"").unwrap();
    window.state_mut().studio_mut().perform(StudioAction::Open(path));
    wait(&mut window, "the file is looked at", |it| !it.has_running_tasks());
    window.step();
    window.step();
    let text = window.state().studio().notices()[0].text.clone();
    assert!(text.contains("empty"), "{text}");
    window.get_by_label("Dismiss the notice").click();
    window.step();
    window.step();
    assert!(window.state().studio().notices().is_empty());
    keep_picture(&mut window, "empty");
}

#[test]
fn a_value_from_elsewhere_stays_until_it_is_edited() {
    let mut window = open(Duration::ZERO);
    window.state_mut().studio_mut().perform(DocumentAction::SetGuidance(12.25));
    window.step();
    window.step();
    assert_eq!(window.state().studio().active().pending().guidance.to_bits(), 12.25_f32.to_bits());
}

#[test]
fn both_themes_and_all_keys_can_be_seen() {
    let mut window = open(Duration::ZERO);
    window.key_press(Key::F1);
    window.step();
    window.step();
    window.get_by_label("Grow selection");
    keep_picture(&mut window, "keys");
    window.key_press(Key::F1);
    window.step();
    assert!(window.query_by_label("Grow selection").is_none());
    assert!(window.ctx.global_style().visuals.dark_mode);
    window.get_by_label("View").click();
    window.step();
    window.step();
    window.get_by_label("Light or dark").click();
    window.step();
    window.step();
    assert!(!window.ctx.global_style().visuals.dark_mode);
    keep_picture(&mut window, "light");
}

/// As the dialog offers it.
fn new_picture(window: &mut Harness<'_, App>) {
    press(window, Modifiers::COMMAND, Key::N);
    press(window, Modifiers::NONE, Key::Enter);
}

fn press(window: &mut Harness<'_, App>, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.step();
    window.step();
}

#[test]
fn pictures_lie_side_by_side_and_closing_asks_where_no_file_holds_one() {
    let mut window = open(Duration::ZERO);
    window.get_by_label("Paint").click();
    wait(&mut window, "it is finished", |it| {
        it.active().picture().is_finished() && !it.active().is_painting()
    });
    let first = window.state().studio().active().id();
    new_picture(&mut window);
    window.get_by_label("Picture: • Untitled 1");
    assert!(window.state().studio().active().picture().is_blank());
    // A blank one is closed without a word.
    window.get_by_label("Close Untitled 2").click();
    window.step();
    window.step();
    assert_eq!(window.state().studio().active().id(), first);
    assert!(window.query_by_label("Picture: • Untitled 1").is_none(), "a lone one has no tab");

    new_picture(&mut window);
    window.get_by_label("Picture: • Untitled 1").click();
    window.step();
    window.step();
    assert_eq!(window.state().studio().active().id(), first);
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    window.step();
    window.step();
    keep_picture(&mut window, "closing");
    window.get_by_label("Keep it open").click();
    window.step();
    window.step();
    assert_eq!(window.state().studio().documents().len(), 2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    window.step();
    window.step();
    window.get_by_label("Close anyway").click();
    window.step();
    window.step();
    assert_eq!(window.state().studio().documents().len(), 1);
    assert_ne!(window.state().studio().active().id(), first);
}

#[test]
fn a_suggestion_can_be_clicked() {
    let mut window = open(Duration::ZERO);
    let prompt = window.get_by_label("Prompt");
    prompt.click();
    window.step();
    window.state_mut().studio_mut().perform(DocumentAction::SetPrompt("a la".to_owned()));
    window.step();
    window.step();
    window.get_by_label("lagoon").click();
    window.step();
    window.step();
    assert_eq!(window.state().studio().active().pending().prompt, "a lagoon ");
    let events = vec![egui::Event::Text("at dusk".to_owned())];
    window.input_mut().events.extend(events);
    window.step();
    window.step();
    assert_eq!(window.state().studio().active().pending().prompt, "a lagoon at dusk");
}

#[test]
fn what_the_model_hears_is_told_below_the_words() {
    let mut window = open(Duration::ZERO);
    window.get_by_label("Prompt").click();
    window.step();
    window
        .state_mut()
        .studio_mut()
        .perform(DocumentAction::SetPrompt("a pond, zebras at dusk by".to_owned()));
    window.step();
    window.step();
    assert!(window.query_by_label("pond as lake · not heard: zebras").is_some());
}

#[test]
fn escape_leaves_the_words_before_it_stops_the_painting() {
    let mut window = open(Duration::from_millis(20));
    window.get_by_label("Paint").click();
    wait(&mut window, "it paints", |it| it.active().is_painting());
    window.get_by_label("Prompt").click();
    window.step();
    window.step();
    window.key_press(Key::Escape);
    window.step();
    window.step();
    assert!(window.state().studio().active().is_painting(), "it was only to leave the words");
    window.get_by_label("Picture").click();
    window.step();
    window.step();
    window.key_press(Key::Escape);
    window.step();
    window.step();
    assert!(window.state().studio().active().is_painting(), "it was only to close the menu");
    window.key_press(Key::Escape);
    wait(&mut window, "it stops", |it| !it.active().is_painting());
    window.step();
}

#[test]
fn the_button_knows_the_letters_typed_in_the_same_frame() {
    let mut window = open(Duration::ZERO);
    window.get_by_label("Prompt").click();
    window.step();
    window.step();
    let events = [
        egui::Event::Text("s".to_owned()),
        egui::Event::Key {
            key: Key::Enter,
            physical_key: None,
            pressed: true,
            repeat: false,
            modifiers: Modifiers::COMMAND,
        },
    ];
    window.input_mut().events.extend(events);
    window.step();
    wait(&mut window, "it is painted", |it| {
        it.active().picture().is_finished() && !it.active().is_painting()
    });
    assert!(window.state().studio().active().picture().paint_settings.prompt.contains('s'));
}

/// Draws frames until a control of this name is there.
#[track_caller]
fn wait_for(window: &mut Harness<'_, App>, label: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while window.query_by_label(label).is_none() {
        assert!(Instant::now() < deadline, "{label} never came");
        window.step();
    }
    window.step();
}

#[track_caller]
fn click(window: &mut Harness<'_, App>, label: &str) {
    wait_for(window, label);
    window.get_by_label(label).click();
    window.step();
    window.step();
}

#[test]
fn a_model_is_got_only_after_its_licence_was_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_at(Duration::ZERO, folder.path(), NO_HUB);
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    wait_for(&mut window, "Get Janus-Pro-1B");
    keep_picture(&mut window, "models");
    click(&mut window, "Get Janus-Pro-1B");
    wait_for(&mut window, "Accept and download");
    keep_picture(&mut window, "licence");
    click(&mut window, "Cancel");
    assert!(!folder.path().join("models.json").exists());
    click(&mut window, "Get Janus-Pro-1B");
    click(&mut window, "Accept and download");
    // There is no hub: the card says so, and the button is back.
    wait_for(&mut window, "Get Janus-Pro-1B");
    window.get_by_label_contains("The hub could not be reached");
    keep_picture(&mut window, "no-hub");
    let noted = std::fs::read_to_string(folder.path().join("models.json")).unwrap();
    assert!(noted.contains("DeepSeek"), "{noted}");
    window.key_press(Key::Escape);
    window.step();
    window.step();
    assert!(window.query_by_label("Get Janus-Pro-1B").is_none());
}

#[test]
fn another_model_is_chosen_after_saying_what_becomes_of_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open_at(Duration::ZERO, folder.path(), NO_HUB);
    window.get_by_label("Paint").click();
    wait(&mut window, "it is finished", |it| {
        it.active().picture().is_finished() && !it.active().is_painting()
    });
    click(&mut window, "Model: Toy");
    keep_picture(&mut window, "model-menu");
    // The name of a menu's entry tells its key, too.
    window.get_by_label_contains("Models…").click();
    window.step();
    window.step();
    click(&mut window, "compute on");
    wait_for(&mut window, "Metal");
    for (gpu, name) in [(Hardware::Cuda, "CUDA"), (Hardware::Metal, "Metal")] {
        let is_offered = !window.get_by_label(name).accesskit_node().is_disabled();
        assert_eq!(is_offered, is_built_in(gpu), "{name}");
    }
    keep_picture(&mut window, "hardware");
    click(&mut window, "the processor");
    click(&mut window, "Use Landscapes 3");
    wait_for(&mut window, "Use it");
    window.get_by_label_contains("a blank one is begun beside it");
    keep_picture(&mut window, "another-model");
    click(&mut window, "Use it");
    wait(&mut window, "the model is ready", |it| {
        it.facts().is_some_and(|it| it.name() == "Landscapes 3")
    });
    window.step();
    let picture = window.state().studio().active().picture();
    assert!(picture.is_blank());
    assert_eq!(picture.grid.cell_pixels, 48);
    let choice = window.state().studio().choice();
    assert_eq!(choice.map(|it| it.hardware), Some(Hardware::Cpu));
    wait_for(&mut window, "Model: Landscapes 3");
    // Under which terms it paints is told where it is chosen.
    let licence = format!("Licence: {}", window.state().studio().facts().unwrap().licence);
    wait_for(&mut window, &licence);
    // So is what it computes on, where that is not what might have been expected.
    let toy = || Toy::new(GRID, Manner::Alphabet).computing_on("the processor: CUDA is full");
    let load = move || -> Result<Box<dyn Painter>> { Ok(Box::new(toy())) };
    window.state_mut().studio_mut().change_painter(Box::new(load));
    wait(&mut window, "the model is ready", |it| it.facts().is_some());
    window.step();
    wait_for_part(&mut window, "Computes on the processor: CUDA is full");
}

#[test]
fn a_model_that_cannot_be_loaded_gives_way_to_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("mine.safetensors");
    std::fs::write(&mine, b"none").unwrap();
    let mut window = open_at(Duration::ZERO, folder.path(), NO_HUB);
    let studio = window.state_mut().studio_mut();
    studio.perform(StudioAction::UseModel(Choice::default()));
    wait(&mut window, "the model is ready", |it| {
        it.facts().is_some_and(|it| it.name() == "Landscapes 3")
    });
    let sources = Sources { painter: mine, ..Sources::default() };
    let broken = Choice { name: "mine".to_owned(), sources: Some(sources), ..Choice::default() };
    window.state_mut().studio_mut().perform(StudioAction::UseModel(broken));
    wait(&mut window, "it is said", |it| !it.notices().is_empty());
    wait(&mut window, "the one before is back", |it| it.facts().is_some());
    let studio = window.state().studio();
    assert_eq!(studio.facts().unwrap().name(), "Landscapes 3");
    assert_eq!(studio.choice().unwrap().name, "Landscapes 3");
}

#[test]
fn a_download_is_watched_paused_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let weights = vec![7; 3_000_000];
    let hub = Server::start(&[("arpg_300m.pt", &weights), ("vq_ds16_c2i.pt", b"a codec")]);
    hub.will(&[Mood::Stalls(1_000_000)]);
    let mut window = open_at(Duration::ZERO, folder.path(), &hub.address);
    window.key_press_modifiers(Modifiers::COMMAND, Key::M);
    let name = "ARPG-L";
    click(&mut window, &format!("Get {name}"));
    click(&mut window, "Accept and download");
    wait_for(&mut window, &format!("Pause {name}"));
    // However much came first: more than nothing.
    let begun: Vec<String> = (1..=9).map(|digit| format!("Downloading {digit}")).collect();
    wait_for_any(&mut window, &begun);
    click(&mut window, &format!("Pause {name}"));
    keep_picture(&mut window, "downloading");
    click(&mut window, &format!("Resume {name}"));
    wait_for(&mut window, &format!("Use {name}"));
    keep_picture(&mut window, "downloaded");
    click(&mut window, &format!("Verify {name}"));
    wait_for_part(&mut window, "Sound: 2 files");
    click(&mut window, &format!("Remove… {name}"));
    wait_for(&mut window, "Keep");
    keep_picture(&mut window, "removing");
    click(&mut window, "Remove");
    wait_for(&mut window, &format!("Get {name}"));
}

/// As [`wait_for`], for a part of a text.
#[track_caller]
fn wait_for_part(window: &mut Harness<'_, App>, text: &str) {
    wait_for_any(window, &[text.to_owned()]);
}

/// The same for one of several.
#[track_caller]
fn wait_for_any(window: &mut Harness<'_, App>, texts: &[String]) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let is_there = |window: &Harness<'_, App>, text: &String| {
        window.query_all_by_label_contains(text).next().is_some()
    };
    while !texts.iter().any(|text| is_there(window, text)) {
        assert!(Instant::now() < deadline, "{texts:?} never came");
        window.step();
    }
    window.step();
}

fn stack<'a>(window: &'a Harness<'_, App>) -> &'a Stack {
    &window.state().studio().active().picture().stack
}

/// Of all layers, from below.
fn layer_names(window: &Harness<'_, App>) -> Vec<String> {
    stack(window).walk().into_iter().map(|(_, it)| it.name.clone()).collect()
}

/// Presses on one control and lets go over another, this far down in it.
fn drag_onto(window: &mut Harness<'_, App>, from: &str, to: &str, share: f32) {
    let from = window.get_by_label(from).rect().center();
    let to = window.get_by_label(to).rect();
    let to = Pos2::new(from.x, to.top() + to.height() * share);
    window.hover_at(from);
    window.step();
    window.drag_at(from);
    window.step();
    for step in 1..=4 {
        window.hover_at(from + (to - from) * (step as f32 / 4.0));
        window.step();
    }
    window.drop_at(to);
    window.step();
    window.step();
}

#[test]
fn layers_come_are_changed_and_go() {
    let mut window = open(Duration::ZERO);
    click(&mut window, "New layer");
    assert_eq!(layer_names(&window), ["Painting", "Layer 1", "Layer 2"]);
    press(&mut window, Modifiers::COMMAND | Modifiers::SHIFT, Key::N);
    assert_eq!(stack(&window).active().unwrap().name, "Layer 3");

    click(&mut window, "Layer: Layer 2");
    assert_eq!(stack(&window).active().unwrap().name, "Layer 2");
    click(&mut window, "Hide Layer 2");
    assert!(!stack(&window).active().unwrap().is_visible);
    click(&mut window, "Show Layer 2");
    assert!(stack(&window).active().unwrap().is_visible);

    click(&mut window, "Blend mode");
    click(&mut window, "Multiply");
    assert_eq!(stack(&window).active().unwrap().blend, BlendMode::Multiply);
    window.get_by_label("Opacity of the layer").set_value_accesskit(40.0);
    window.step();
    window.step();
    assert!((stack(&window).active().unwrap().opacity - 0.4).abs() < 1e-6);
    for (label, is_on) in [
        ("Lock", (|it: &Layer| it.is_locked) as fn(&Layer) -> bool),
        ("Lock alpha", |it| it.keeps_alpha),
        ("Clip to layer below", |it| it.is_clipped),
        ("Model sees it", |it| !it.is_read),
    ] {
        click(&mut window, label);
        assert!(is_on(stack(&window).active().unwrap()), "{label}");
    }
    keep_picture(&mut window, "layers");

    click(&mut window, "Delete layer");
    assert_eq!(layer_names(&window), ["Painting", "Layer 1", "Layer 3"]);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(layer_names(&window), ["Painting", "Layer 1", "Layer 2", "Layer 3"]);

    click(&mut window, "Layer: Painting");
    assert!(window.get_by_label("Delete layer").accesskit_node().is_disabled());
    assert!(window.get_by_label("Duplicate layer").accesskit_node().is_disabled());
}

#[test]
fn a_layer_gets_another_name_unless_escape_leaves_it() {
    let mut window = open(Duration::ZERO);
    for (key, expected) in [(Key::Escape, "Layer 1"), (Key::Enter, "Sky")] {
        let row = window.get_by_label("Layer: Layer 1").rect().center();
        // All within a frame: as quickly as a hand does it.
        let button = |pressed| egui::Event::PointerButton {
            pos: row,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        let clicks = [true, false, true, false].map(button);
        window.hover_at(row);
        window.step();
        window.input_mut().events.extend(clicks);
        window.step();
        wait_for(&mut window, "Name of the layer");
        window.get_by_label("Name of the layer").type_text("Sky");
        window.step();
        press(&mut window, Modifiers::NONE, key);
        assert!(window.query_by_label("Name of the layer").is_none());
        assert_eq!(layer_names(&window), ["Painting", expected]);
        // So that the next two clicks are not taken for the third and fourth.
        window.run_steps(4);
    }
}

#[test]
fn layers_are_dragged_into_groups_and_out() {
    let mut window = open(Duration::ZERO);
    click(&mut window, "New group");
    click(&mut window, "Layer: Layer 1");
    drag_onto(&mut window, "Layer: Layer 1", "Layer: Group 1", 0.5);
    let group = |window: &Harness<'_, App>| stack(window).layers.last().unwrap().clone();
    assert_eq!(group(&window).children().len(), 1);
    keep_picture(&mut window, "group");
    click(&mut window, "Fold Group 1");
    assert!(window.query_by_label("Layer: Layer 1").is_none());
    click(&mut window, "Unfold Group 1");
    drag_onto(&mut window, "Layer: Layer 1", "Layer: Group 1", 0.1);
    assert_eq!(layer_names(&window), ["Painting", "Group 1", "Layer 1"]);
    press(&mut window, Modifiers::COMMAND, Key::G);
    assert_eq!(layer_names(&window), ["Painting", "Group 1", "Layer 1", "Group 2"]);
}

#[test]
fn a_mask_is_made_from_the_menu_of_a_layer_and_drawn_on() {
    let mut window = open(Duration::ZERO);
    window.get_by_label("Layer: Layer 1").click_secondary();
    window.step();
    wait_for(&mut window, "Add mask from selection");
    keep_picture(&mut window, "layer-menu");
    click(&mut window, "Add mask from selection");
    wait_for(&mut window, "Mask of Layer 1");
    assert!(stack(&window).surface().is_mask);
    click(&mut window, "Pixels of Layer 1");
    assert!(!stack(&window).surface().is_mask);
    click(&mut window, "Mask of Layer 1");
    assert!(stack(&window).surface().is_mask);
}

/// Types into a field that has something in it.
fn fill(window: &mut Harness<'_, App>, label: &str, text: &str) {
    window.get_by_label(label).click();
    window.step();
    press(window, Modifiers::COMMAND, Key::A);
    window.get_by_label(label).type_text(text);
    window.step();
    window.step();
}

#[test]
fn a_new_picture_is_as_large_as_was_asked_for() {
    let mut window = open(Duration::ZERO);
    press(&mut window, Modifiers::COMMAND, Key::N);
    fill(&mut window, "Width in pixels", "300");
    fill(&mut window, "Height in pixels", "nine");
    assert!(window.get_by_label("Create").accesskit_node().is_disabled());
    window.get_by_label_contains("The height is a whole number of pixels");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.query_by_label("Create").is_some(), "nothing comes of a bad size");
    fill(&mut window, "Height in pixels", "200");
    click(&mut window, "Scale 2");
    click(&mut window, "Swap width and height");
    keep_picture(&mut window, "new-picture");
    click(&mut window, "Scale 1");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert!(window.query_by_label("Create").is_none());
    let picture = window.state().studio().active().picture();
    assert_eq!((picture.canvas.width(), picture.canvas.height()), (200, 300));
    assert_eq!(picture.grid.cell_pixels, GRID.cell_pixels);

    press(&mut window, Modifiers::COMMAND, Key::N);
    press(&mut window, Modifiers::NONE, Key::Escape);
    assert!(window.query_by_label("Create").is_none());
    assert_eq!(window.state().studio().documents().len(), 1);
}

#[test]
fn an_export_shows_how_it_will_look_and_how_large_it_becomes() {
    let mut window = open(Duration::ZERO);
    press(&mut window, Modifiers::COMMAND, Key::E);
    wait_for(&mut window, "Tells");
    click(&mut window, "Oil");
    click(&mut window, "2 ×");
    let canvas = window.state().studio().active().picture().canvas;
    let size = format!("{} × {} pixels", 2 * canvas.width(), 2 * canvas.height());
    wait_for_part(&mut window, &size);
    keep_picture(&mut window, "export");
    click(&mut window, "Cancel");
    window.step();
    assert!(window.query_by_label("Tells").is_none());
}

#[test]
fn a_canvas_grows_away_from_its_anchor_and_a_picture_keeps_its_proportions() {
    let mut window = open(Duration::ZERO);
    let size = |window: &Harness<'_, App>| {
        let canvas = window.state().studio().active().picture().canvas;
        (canvas.width(), canvas.height())
    };
    press(&mut window, Modifiers::COMMAND | Modifiers::ALT, Key::C);
    fill(&mut window, "Width in pixels", "160");
    click(&mut window, "Anchor: middle left");
    window.get_by_label("adds 32 right");
    keep_picture(&mut window, "canvas-size");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(size(&window), (160, 128));
    press(&mut window, Modifiers::COMMAND | Modifiers::ALT, Key::I);
    fill(&mut window, "Width in pixels", "320");
    keep_picture(&mut window, "resize");
    press(&mut window, Modifiers::NONE, Key::Enter);
    assert_eq!(size(&window), (320, 256));
}

#[test]
fn a_picture_is_pasted_into_the_middle_as_a_layer() {
    let mut window = open(Duration::ZERO);
    let pasted = Pixmap::filled(20, 10, [9, 8, 7, 255]);
    window.state_mut().studio_mut().perform(DocumentAction::Layer(LayerAction::Paste(pasted)));
    window.step();
    assert_eq!(layer_names(&window), ["Painting", "Layer 1", "Pasted 1"]);
    let seen = |window: &Harness<'_, App>, x, y| {
        window.state().studio().active().picture().seen().at(x, y)
    };
    let inside = [(54, 59), (73, 68)].map(|(x, y)| seen(&window, x, y));
    assert_eq!(inside, [[9, 8, 7, 255]; 2]);
    let beside = [(53, 59), (74, 68), (54, 58), (73, 69)].map(|(x, y)| seen(&window, x, y));
    assert_eq!(beside, [[0; 4]; 4]);
    press(&mut window, Modifiers::COMMAND, Key::Z);
    assert_eq!(layer_names(&window), ["Painting", "Layer 1"]);
}
