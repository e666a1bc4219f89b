//! The window, driven through its accessible names, drawn by software Vulkan.
//!
//! Pictures of it are left under `target/window/`.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::time::{Duration, Instant};

use alla_prima::base::Grid;
use alla_prima::model::toy::{Manner, Toy};
use alla_prima::model::{Painter, Result};
use alla_prima::session::{Action, Session};
use alla_prima::ui::{App, WindowOptions};
use egui::{Key, Modifiers, Pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

const GRID: Grid = Grid { rows: 8, cols: 8, cell_pixels: 16 };

fn open(pass: Duration) -> Harness<'static, App> {
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
    let mut window = Harness::builder()
        .with_size(vec2(1280.0, 860.0))
        .with_max_steps(400)
        .wgpu()
        .build_eframe(|cc| App::new(cc, Box::new(load), WindowOptions::default()).unwrap());
    wait(&mut window, "the model is ready", |it| it.facts().is_some());
    window.state_mut().session_mut().perform(Action::SetWords("a lake".to_owned()));
    window.step();
    window
}

/// Draws frames until something is so.
#[track_caller]
fn wait(window: &mut Harness<'_, App>, what: &str, is_so: impl Fn(&Session) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so(window.state().session()) {
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
    for share in 1..=6 {
        window.hover_at(from + (to - from) * (share as f32 / 6.0));
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
    wait(&mut window, "it paints", Session::is_painting);
    window.step();
    window.get_by_label("Pause").click();
    wait(&mut window, "it pauses", |it| it.is_paused() || it.picture().is_finished());
    window.step();
    keep_picture(&mut window, "paused");
    if window.state().session().is_paused() {
        window.get_by_label("Continue").click();
    }
    wait(&mut window, "it is finished", |it| it.picture().is_finished() && !it.is_painting());
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
        assert_eq!(window.state().session().tool(), tool);
        window.key_press(Key::B);
        window.step();
        window.key_press(key);
        window.step();
        assert_eq!(window.state().session().tool(), tool);
    }
}

#[test]
fn a_stroke_is_drawn_followed_and_undone() {
    let mut window = open(Duration::ZERO);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    wait(&mut window, "it is finished", |it| it.picture().is_finished() && !it.is_painting());
    let before = window.state().session().picture().clone();
    drag(&mut window, (0.3, 0.3), (0.7, 0.4));
    wait(&mut window, "the stroke is read", |it| {
        !it.is_looking() && it.picture().cells != before.cells
    });
    window.step();
    keep_picture(&mut window, "stroke");
    window.get_by_label("Let the rest follow").click();
    window.step();
    wait(&mut window, "the rest followed", |it| !it.is_painting() && it.staged().is_some());
    window.step();
    keep_picture(&mut window, "followed");
    window.get_by_label("Discard").click();
    window.step();
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.step();
    assert!(*window.state().session().picture() == before, "undo does not lead back");
}

#[test]
fn a_selection_gets_words_of_its_own() {
    let mut window = open(Duration::ZERO);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    wait(&mut window, "it is finished", |it| it.picture().is_finished() && !it.is_painting());
    window.key_press(Key::M);
    window.step();
    drag(&mut window, (0.26, 0.26), (0.74, 0.49));
    assert_eq!(window.state().session().selected_cells().len(), 8);
    keep_picture(&mut window, "selected");
    window.get_by_label("Words for the selection").focus();
    window.step();
    window.get_by_label("Words for the selection").type_text("X");
    window.step();
    window.get_by_label("Only here").click();
    window.step();
    wait(&mut window, "it is repainted", |it| it.staged().is_some() && !it.is_painting());
    let session = window.state().session();
    assert_eq!(session.picture().regions[0].prompt, "X");
    assert_eq!(session.staged().unwrap().shown_of(), (0, 1));
    window.key_press(Key::Escape);
    window.step();
    window.step();
    assert!(window.state().session().picture().regions.is_empty());
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
    assert_eq!(window.state().session().tool(), alla_prima::tools::Tool::Brush);
    assert_eq!(window.state().session().wish().prompt, "a lake meb");
}

#[test]
fn a_dropped_file_that_is_none_of_ours_is_named() {
    let mut window = open(Duration::ZERO);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.png");
    std::fs::write(&path, b"").unwrap();
    window.state_mut().session_mut().perform(Action::Restore(path));
    wait(&mut window, "the file is looked at", |it| !it.is_on_an_errand());
    window.step();
    window.step();
    let text = window.state().session().notices()[0].text.clone();
    assert!(text.contains("empty"), "{text}");
    window.get_by_label("Dismiss the notice").click();
    window.step();
    window.step();
    assert!(window.state().session().notices().is_empty());
    keep_picture(&mut window, "empty");
}

#[test]
fn both_themes_and_all_keys_can_be_seen() {
    let mut window = open(Duration::ZERO);
    window.key_press(Key::F1);
    window.step();
    window.step();
    keep_picture(&mut window, "keys");
    window.key_press(Key::F1);
    window.get_by_label("View").click();
    window.step();
    window.step();
    window.get_by_label("Light or dark").click();
    window.step();
    window.step();
    keep_picture(&mut window, "light");
}

#[test]
fn a_suggestion_can_be_clicked() {
    let mut window = open(Duration::ZERO);
    let prompt = window.get_by_label("Prompt");
    prompt.click();
    window.step();
    window.state_mut().session_mut().perform(Action::SetWords("a la".to_owned()));
    window.step();
    window.step();
    window.get_by_label("lagoon").click();
    window.step();
    window.step();
    assert_eq!(window.state().session().wish().prompt, "a lagoon ");
    let events = vec![egui::Event::Text("at dusk".to_owned())];
    window.input_mut().events.extend(events);
    window.step();
    window.step();
    assert_eq!(window.state().session().wish().prompt, "a lagoon at dusk");
}

#[test]
fn escape_leaves_the_words_before_it_stops_the_painting() {
    let mut window = open(Duration::from_millis(20));
    window.get_by_label("Paint").click();
    wait(&mut window, "it paints", Session::is_painting);
    window.get_by_label("Prompt").click();
    window.step();
    window.step();
    window.key_press(Key::Escape);
    window.step();
    window.step();
    assert!(window.state().session().is_painting(), "it was only to leave the words");
    window.get_by_label("Picture").click();
    window.step();
    window.step();
    window.key_press(Key::Escape);
    window.step();
    window.step();
    assert!(window.state().session().is_painting(), "it was only to close the menu");
    window.key_press(Key::Escape);
    wait(&mut window, "it stops", |it| !it.is_painting());
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
    wait(&mut window, "it is painted", |it| it.picture().is_finished() && !it.is_painting());
    assert!(window.state().session().picture().brief.prompt.contains('s'));
}
