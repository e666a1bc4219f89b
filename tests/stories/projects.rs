//! Projects: saved, opened, gone on with.

use std::io::{Read as _, Write as _};
use std::path::Path;

use alla_prima::base::{Cell, Order, Pixmap};
use alla_prima::compose::BlendMode;
use alla_prima::document::{Author, BrushStyle, Layer, LayerChange, MaskChange, Picture};
use alla_prima::io::{self, OpenedProject, Project};
use alla_prima::model::toy::Manner;
use alla_prima::studio::{DocumentAction, LayerAction, NewCanvas, Reach, Repaint, StudioAction};

use super::teller::{Teller, middle_of};

fn picture(teller: &Teller) -> &Picture {
    teller.studio.active().picture()
}

fn layer(teller: &mut Teller, action: LayerAction) {
    teller.perform(DocumentAction::Layer(action));
}

fn save(teller: &mut Teller, path: &Path) {
    let document = teller.studio.active().id();
    teller.perform(StudioAction::Save { document, path: path.to_owned() });
}

fn open(path: &Path) -> Teller {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "else");
    teller.perform(StudioAction::Open(path.to_owned()));
    teller
}

/// Layers with masks, in a group, clipped, and hidden; on a canvas smaller than its grid.
fn with_layers() -> Teller {
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some");
    let canvas = NewCanvas { size: Some([50, 37]), scale: Some(1), background: Some([9, 80, 70]) };
    teller.perform(StudioAction::NewCanvas(canvas));
    teller.perform(DocumentAction::Paint);
    let dab = |teller: &mut Teller, colour: [u8; 3], at: Cell| {
        let style = BrushStyle { size: 13.0, colour, opacity: 0.8, ..BrushStyle::default() };
        teller.studio.stroke(style, &[middle_of(at), middle_of(Cell::new(3, 3))]);
        teller.rest();
    };
    dab(&mut teller, [200, 30, 20], Cell::new(1, 1));
    for (mode, at) in [(BlendMode::Multiply, Cell::new(1, 3)), (BlendMode::Hue, Cell::new(2, 1))] {
        layer(&mut teller, LayerAction::Add);
        let id = picture(&teller).stack.active;
        layer(&mut teller, LayerAction::Change(id, LayerChange::Blend(mode)));
        dab(&mut teller, [20, 90, 200], at);
        layer(&mut teller, LayerAction::Change(id, LayerChange::Opacity(0.7)));
    }
    let id = picture(&teller).stack.active;
    layer(&mut teller, LayerAction::Change(id, LayerChange::Clipped(true)));
    layer(&mut teller, LayerAction::Group(id));
    layer(&mut teller, LayerAction::Add);
    let id = picture(&teller).stack.active;
    dab(&mut teller, [250, 250, 20], Cell::new(0, 2));
    layer(&mut teller, LayerAction::Change(id, LayerChange::Mask(MaskChange::FromSelection)));
    let eraser = BrushStyle { size: 9.0, erase: true, ..BrushStyle::default() };
    teller.studio.stroke(eraser, &[middle_of(Cell::new(0, 2))]);
    teller.perform(DocumentAction::SelectAll);
    teller
}

/// The same picture, whatever its layers are called inside.
#[track_caller]
fn assert_alike(a: &Picture, b: &Picture) {
    let layers = |it: &Picture| {
        let named = |(depth, it): (usize, &Layer)| {
            let all = |it: &Pixmap| it.rgba(it.area());
            let pixels = (it.pixels().map(all), it.mask.as_ref().map(all));
            (depth, it.name.clone(), pixels, it.opacity, it.blend, it.is_clipped, it.is_read)
        };
        it.stack.walk().into_iter().map(named).collect::<Vec<_>>()
    };
    assert!(layers(a) == layers(b));
    let all = |it: &Picture| [&it.model_layer, &it.backdrop].map(|it| it.rgba(it.area()));
    assert!(all(a) == all(b));
    assert_eq!((a.grid, a.canvas, &a.cells), (b.grid, b.canvas, &b.cells));
    assert_eq!((&a.paint_settings, &a.regions), (&b.paint_settings, &b.regions));
    assert_eq!((&a.codes_of, &a.painters), (&b.codes_of, &b.painters));
    assert!(a.selection == b.selection);
    assert!(a.seen().rgba(a.canvas) == b.seen().rgba(b.canvas));
}

#[test]
fn a_project_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.ora");
    let mut teller = with_layers();
    assert!(teller.studio.active().is_modified());
    save(&mut teller, &path);
    assert!(!teller.studio.active().is_modified());
    assert_eq!(teller.studio.active().file(), Some(&*path));
    assert_eq!(teller.studio.prefs().recent.last(), Some(&path));
    let again = open(&path);
    assert_alike(picture(&again), picture(&teller));
    assert_eq!(again.studio.active().name(), "whole");
    assert!(!again.studio.active().is_modified());
    assert_eq!(again.studio.active().pending(), teller.studio.active().pending());

    // The version before is kept.
    let first = std::fs::read(&path).unwrap();
    layer(&mut teller, LayerAction::Add);
    save(&mut teller, &path);
    assert!(std::fs::read(folder.path().join("whole.ora~")).unwrap() == first);
    assert!(std::fs::read(&path).unwrap() != first);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn strokes_that_were_not_yet_answered_still_are_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("strokes.ora");
    let mut teller = Teller::quick(4, 4, Manner::Undecided, "some");
    teller.perform(DocumentAction::Paint);
    let style = BrushStyle { size: 9.0, colour: [250, 30, 90], ..BrushStyle::default() };
    teller.studio.stroke(style, &[middle_of(Cell::new(1, 1))]);
    teller.rest();
    save(&mut teller, &path);
    let mut again = open(&path);
    for teller in [&mut teller, &mut again] {
        teller.perform(DocumentAction::FollowStrokes);
    }
    assert_ne!(again.picture(), open(&path).picture(), "the rest is painted anew");
    assert_alike(picture(&again), picture(&teller));
}

#[test]
fn a_paused_painting_goes_on_at_the_same_cell_with_the_same_codes() {
    for order in [Order::Rows, Order::Outline, Order::Random, Order::Around(Vec::new())] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("paused.ora");
        let begun = || {
            let mut teller = Teller::quick(6, 6, Manner::Undecided, "some");
            teller.studio.perform(DocumentAction::SetOrder(order.clone()));
            teller.studio.perform(DocumentAction::SetSeed(5));
            teller
        };
        let mut whole = begun();
        whole.perform(DocumentAction::Paint);
        let mut teller = begun();
        teller.studio.perform(DocumentAction::PauseAt(Some(13)));
        teller.perform(DocumentAction::Paint);
        assert!(teller.studio.active().is_paused());
        save(&mut teller, &path);
        drop(teller);

        let mut again = Teller::quick(6, 6, Manner::Undecided, "else");
        again.perform(StudioAction::Open(path));
        assert!(again.studio.active().is_paused(), "{:?}", again.studio.notices());
        assert_eq!(again.studio.active().progress().map(|it| it.1 - it.0), Some(23));
        again.perform(DocumentAction::Continue);
        assert_eq!(again.picture(), whole.picture(), "{order:?}");
        assert!(again.pixels() == whole.pixels());
    }
}

#[test]
fn a_repaint_that_was_paused_goes_on_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("repaint.ora");
    let repaint = || {
        let cells = (1..4).flat_map(|row| (1..4).map(move |col| Cell::new(row, col))).collect();
        let (prompt, reach) = (Some("X".to_owned()), Reach::Only);
        DocumentAction::Repaint(Repaint { cells, prompt, reach, variation_step: 1 })
    };
    let begun = || {
        let mut teller = Teller::quick(6, 6, Manner::Undecided, "some");
        teller.perform(DocumentAction::Paint);
        teller
    };
    let mut whole = begun();
    whole.perform(repaint());
    let mut teller = begun();
    teller.studio.perform(DocumentAction::PauseAt(Some(30)));
    teller.perform(repaint());
    assert!(teller.studio.active().is_paused());
    save(&mut teller, &path);
    let mut again = Teller::quick(6, 6, Manner::Undecided, "else");
    again.perform(StudioAction::Open(path));
    assert!(again.studio.active().is_paused());
    assert_eq!(again.studio.active().ghosts().count(), teller.studio.active().ghosts().count());
    again.perform(DocumentAction::Continue);
    assert!(again.pixels() == whole.pixels());
    assert!(again.studio.active().staged().is_some(), "it is offered, as it would have been");
}

#[test]
fn what_another_program_has_changed_is_taken_from_what_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let (path, changed) = (folder.path().join("a.ora"), folder.path().join("b.ora"));
    let mut teller = with_layers();
    save(&mut teller, &path);
    // Another name for a layer, all else as it was.
    rewrite(&path, &changed, |name, bytes| match name {
        "stack.xml" => String::from_utf8(bytes).unwrap().replace("Layer 1", "Renamed").into_bytes(),
        _ => bytes,
    });
    let again = open(&changed);
    assert!(again.studio.notices().iter().any(|it| it.text.contains("Another program")));
    let opened = picture(&again);
    let is_renamed = |(_, it): (usize, &Layer)| it.name == "Renamed";
    assert!(opened.stack.walk().into_iter().any(is_renamed));
    let (seen, before) = (opened.composite(opened.canvas), teller.studio.active().picture());
    let before = before.composite(before.canvas);
    let unlike = seen.iter().zip(&before).filter(|(a, b)| 1 < a.abs_diff(**b)).count();
    assert_eq!(unlike, 0, "it looks the same without masks and clipping of ours");
    assert!(opened.cells.iter().all(|it| it.author == Author::Found));
    assert!(opened.cells.iter().all(|it| it.code.is_some()), "the model has read it");
}

/// The archive with other bytes in some files.
fn rewrite(from: &Path, to: &Path, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) {
    let mut old = zip::ZipArchive::new(std::fs::File::open(from).unwrap()).unwrap();
    let mut new = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    for idx in 0..old.len() {
        let mut file = old.by_index(idx).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        new.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        new.write_all(&change(&name, bytes)).unwrap();
    }
    new.finish().unwrap();
}

#[test]
fn damaged_projects_are_refused_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bad) = (folder.path().join("a.ora"), folder.path().join("bad.ora"));
    let mut teller = with_layers();
    save(&mut teller, &path);
    let before = picture(&teller).clone();
    let whole = std::fs::read(&path).unwrap();
    let mut files: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "empty"),
        (b"PK\x03\x04 or nearly so".to_vec(), "damaged"),
        (whole[..whole.len() / 2].to_vec(), "damaged"),
        (whole[..whole.len() - 9].to_vec(), "damaged"),
    ];
    for (name, text) in [
        ("stack.xml", "<image"),
        ("alla-prima/document.json", "{}"),
        ("alla-prima/document.json", r#"{"version": 99"#),
    ] {
        rewrite(&path, &bad, |it, bytes| if it == name { text.into() } else { bytes });
        files.push((std::fs::read(&bad).unwrap(), name));
    }
    for (bytes, why) in files {
        std::fs::write(&bad, bytes).unwrap();
        teller.perform(StudioAction::Open(bad.clone()));
        let last = teller.studio.notices().last().unwrap().text.clone();
        assert!(last.contains(why) && last.contains("bad.ora"), "{last}");
        assert_eq!(teller.studio.documents().len(), 1);
        assert!(*picture(&teller) == before);
    }
}

#[test]
fn a_project_that_cannot_be_saved_stays_open_and_the_old_file_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut teller = with_layers();
    for (name, why) in [("no/such/a.ora", "no such folder"), ("a.png", ".ora"), (".", "ora")] {
        save(&mut teller, &folder.path().join(name));
        let last = teller.studio.notices().last().unwrap().text.clone();
        assert!(last.contains(why), "{last}");
        assert!(teller.studio.active().is_modified());
    }
}

#[test]
fn layers_of_others_are_seen_by_the_model_which_paints_above_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.ora");
    let mut pixels = Pixmap::new(40, 24);
    pixels.update(pixels.area(), |x, y, _| [(x * 6) as u8, (y * 9) as u8, 90, 255]);
    io::write_png(&folder.path().join("a.png"), 40, 24, &pixels.rgba(pixels.area()), &[]).unwrap();
    let png = std::fs::read(folder.path().join("a.png")).unwrap();
    let xml = r#"<image w="40" h="24"><stack><stack name="g" composite-op="svg:multiply" opacity="0.5">
        <layer name="up" src="data/a.png" x="4" y="-3" composite-op="krita:weird"/></stack>
        <layer name="missing" src="data/none.png"/><layer name="low" src="data/a.png"/></stack></image>"#;
    let mut file = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, bytes) in [
        ("mimetype", &b"image/openraster"[..]),
        ("stack.xml", xml.as_bytes()),
        ("data/a.png", &png),
    ] {
        file.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        file.write_all(bytes).unwrap();
    }
    file.finish().unwrap();
    assert!(matches!(io::read_project(&path), Ok(OpenedProject::Foreign { width: 40, .. })));

    let mut teller = open(&path);
    let names: Vec<_> = picture(&teller).stack.walk().iter().map(|it| it.1.name.clone()).collect();
    assert_eq!(names, ["low", "missing", "up", "g", "Painting", "Layer 1"]);
    let said: Vec<_> = teller.studio.notices().iter().map(|it| it.text.clone()).collect();
    assert!(said.iter().any(|it| it.contains("krita:weird")), "{said:?}");
    assert!(said.iter().any(|it| it.contains("missing is empty")), "{said:?}");
    let before = teller.pixels();
    let cells = vec![Cell::new(1, 2)];
    let repaint = Repaint { cells, prompt: None, reach: Reach::Only, variation_step: 1 };
    teller.perform(DocumentAction::Repaint(repaint));
    assert_eq!(teller.cells_unlike(&before), [Cell::new(1, 2)]);
}

#[test]
fn a_record_that_makes_no_sense_is_refused() {
    let teller = with_layers();
    let project: Project = teller.studio.active().project();
    let record = serde_json::to_value(io::Record::of(&project)).unwrap();
    for (field, value, why) in [
        ("version", serde_json::json!(99), "newer"),
        ("grid", serde_json::json!({"rows": 0, "cols": 3, "cell_pixels": 8}), "grid"),
        ("canvas", serde_json::json!({"left": 0, "top": 0, "right": 9999, "bottom": 3}), "canvas"),
        ("active", serde_json::json!(77), "active"),
        ("layers", serde_json::json!([]), "active"),
        (
            "cells",
            serde_json::json!({"codes": vec![None::<u32>; 35], "authors": "é".repeat(17) + "n", "wet": "d".repeat(35), "variations": vec![0; 35], "labels": vec![None::<u8>; 35]}),
            "cells",
        ),
        (
            "regions",
            serde_json::json!([{"prompt": "a", "guidance": 1.0, "cells": [{"row": 99, "col": 0}]}]),
            "cells",
        ),
    ] {
        let mut changed = record.clone();
        changed[field] = value;
        let changed: io::Record = serde_json::from_value(changed).unwrap();
        let err = changed.into_project(|_| None).unwrap_err();
        assert!(err.contains(why), "{field}: {err}");
    }
}
