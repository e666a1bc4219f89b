//! Layers: what is seen, what the model sees, and the way back from everything.

use alla_prima::base::{Cell, LayerId, PixelRect, Point};
use alla_prima::compose::BlendMode;
use alla_prima::document::selection::Mode;
use alla_prima::document::{
    Author, BrushStyle, LayerChange, LayerFinish, LayerKind, MaskChange, Picture, Place,
};
use alla_prima::finish::Style;
use alla_prima::model::toy::Manner;
use alla_prima::studio::{DocumentAction, LayerAction, Reach, Repaint, StudioAction};
use alla_prima::tools::{Pointer, Tool};
use proptest::prelude::*;

use super::teller::{Teller, middle_of};

fn white(size: f32) -> BrushStyle {
    BrushStyle { size, hardness: 1.0, colour: [255; 3], ..BrushStyle::default() }
}

/// A finished picture of 4 × 4 cells.
fn painted() -> Teller {
    let mut teller = Teller::quick(4, 4, Manner::Alphabet, "a");
    teller.perform(DocumentAction::Paint);
    assert_eq!(teller.picture(), "abcd efgh ijkl mnop");
    teller
}

fn picture(teller: &Teller) -> &Picture {
    teller.studio.active().picture()
}

fn active(teller: &Teller) -> LayerId {
    picture(teller).stack.active
}

fn layer(teller: &mut Teller, action: LayerAction) {
    teller.perform(DocumentAction::Layer(action));
}

fn change(teller: &mut Teller, change: LayerChange) {
    let id = active(teller);
    layer(teller, LayerAction::Change(id, change));
}

fn author(teller: &Teller, row: u16, col: u16) -> Author {
    picture(teller).state(Cell::new(row, col)).author
}

#[test]
fn a_layer_that_is_hidden_gives_its_cells_back() {
    let mut teller = painted();
    let before = teller.pixels();
    layer(&mut teller, LayerAction::Add);
    teller.studio.stroke(white(12.0), &[middle_of(Cell::new(1, 1))]);
    teller.rest();
    assert_eq!(author(&teller, 1, 1), Author::Artist);
    let drawn = (teller.picture(), teller.pixels());
    change(&mut teller, LayerChange::Visible(false));
    assert_eq!(author(&teller, 1, 1), Author::Model);
    assert!(teller.pixels() == before);
    assert_eq!(teller.picture(), "abcd efgh ijkl mnop", "it was read as it was painted");
    change(&mut teller, LayerChange::Visible(true));
    assert!((teller.picture(), teller.pixels()) == drawn);
    let labels: Vec<_> =
        teller.studio.active().history().done_labels().map(str::to_owned).collect();
    assert_eq!(labels[1..], ["Add Layer 2", "Stroke", "Hide Layer 2", "Show Layer 2"]);
}

#[test]
fn what_the_model_is_not_to_see_touches_nothing() {
    let mut teller = painted();
    layer(&mut teller, LayerAction::Add);
    change(&mut teller, LayerChange::Read(false));
    teller.studio.stroke(white(12.0), &[middle_of(Cell::new(1, 1))]);
    teller.rest();
    assert_eq!(author(&teller, 1, 1), Author::Model);
    assert_eq!(teller.studio.primary().label, teller.studio.primary().label);
    change(&mut teller, LayerChange::Read(true));
    assert_eq!(author(&teller, 1, 1), Author::Artist);
}

#[test]
fn locked_and_hidden_layers_and_groups_are_not_drawn_on() {
    let mut teller = painted();
    let before = teller.pixels();
    layer(&mut teller, LayerAction::AddGroup);
    for (act, why) in [
        (None, "on groups"),
        (Some(LayerChange::Locked(true)), "locked"),
        (Some(LayerChange::Visible(false)), "hidden"),
    ] {
        if let Some(it) = act {
            layer(&mut teller, LayerAction::Add);
            change(&mut teller, it);
        }
        teller.studio.stroke(white(12.0), &[middle_of(Cell::new(1, 1))]);
        teller.rest();
        assert!(teller.pixels() == before);
        let last = teller.studio.notices().last().unwrap().text.clone();
        assert!(last.contains(why), "{last}");
    }
    let painting = picture(&teller).stack.layers[0].id;
    layer(&mut teller, LayerAction::Delete(painting));
    assert!(teller.studio.notices().last().unwrap().text.contains("stays"));
}

#[test]
fn alpha_and_masks_hold_paint_in() {
    let mut teller = painted();
    layer(&mut teller, LayerAction::Add);
    let here = middle_of(Cell::new(1, 1));
    teller.studio.stroke(white(6.0), &[here]);
    change(&mut teller, LayerChange::KeepsAlpha(true));
    let red = BrushStyle { colour: [255, 0, 0], ..white(30.0) };
    teller.studio.stroke(red, &[here]);
    teller.rest();
    let pixels = picture(&teller).paint_layer().unwrap();
    assert_eq!(pixels.at(12, 12), [255, 0, 0, 255]);
    assert_eq!(pixels.at(22, 12)[3], 0);

    change(&mut teller, LayerChange::Mask(MaskChange::FromSelection));
    assert!(picture(&teller).stack.edits_mask);
    let eraser = BrushStyle { erase: true, ..white(60.0) };
    teller.studio.stroke(eraser, &[here]);
    teller.rest();
    assert!(picture(&teller).seen().at(12, 12) != [255, 0, 0, 255]);
    teller.perform(DocumentAction::Undo);
    assert_eq!(picture(&teller).seen().at(12, 12), [255, 0, 0, 255]);
}

#[test]
fn a_slider_that_is_dragged_is_one_entry() {
    let mut teller = painted();
    layer(&mut teller, LayerAction::Add);
    teller.studio.stroke(white(12.0), &[middle_of(Cell::new(1, 1))]);
    teller.rest();
    let before = picture(&teller).clone();
    let n_before = teller.studio.active().history().done_labels().count();
    for opacity in [0.9, 0.7, 0.2] {
        change(&mut teller, LayerChange::Opacity(opacity));
    }
    assert_eq!(teller.studio.active().history().done_labels().count(), n_before + 1);
    let after = picture(&teller).clone();
    teller.perform(DocumentAction::Undo);
    assert_eq!(picture(&teller).composite(before.canvas), before.composite(before.canvas));
    teller.perform(DocumentAction::Redo);
    assert_eq!(picture(&teller).composite(before.canvas), after.composite(before.canvas));
}

#[test]
fn merged_into_what_the_model_paints_it_stays_the_artists() {
    let mut teller = painted();
    teller.studio.stroke(white(12.0), &[middle_of(Cell::new(1, 1))]);
    teller.rest();
    let seen = teller.pixels();
    let id = active(&teller);
    layer(&mut teller, LayerAction::MergeDown(id));
    assert!(teller.pixels() == seen);
    assert_eq!(picture(&teller).stack.layers.len(), 1);
    assert_eq!(author(&teller, 1, 1), Author::Artist);
    teller.perform(DocumentAction::Paint);
    let area = picture(&teller).grid.pixels(alla_prima::base::CellRect::of(Cell::new(1, 1)));
    assert!(picture(&teller).model_layer.rgba(area).chunks(4).all(|it| it[3] == 255));
    assert_eq!(picture(&teller).seen().at(12, 12), [255; 4], "the hand wins");
}

#[test]
fn what_is_clipped_is_seen_anew_when_its_base_is_another_one() {
    let mut teller = painted();
    teller.studio.stroke(white(12.0), &[middle_of(Cell::new(1, 1))]);
    teller.rest();
    let base = active(&teller);
    layer(&mut teller, LayerAction::Add);
    let red = BrushStyle { colour: [255, 0, 0], ..white(12.0) };
    teller.studio.stroke(red, &[middle_of(Cell::new(1, 1))]);
    teller.rest();
    change(&mut teller, LayerChange::Clipped(true));
    assert_eq!(picture(&teller).seen().at(12, 12), [255, 0, 0, 255]);
    let clipped = active(&teller);
    layer(&mut teller, LayerAction::MergeDown(base));
    assert!(teller.studio.notices().last().unwrap().text.contains("nothing below to merge"));
    teller.perform(DocumentAction::Layer(LayerAction::Activate { layer: base, mask: false }));
    let _: PixelRect = teller.studio.take_stale();
    layer(&mut teller, LayerAction::Add);
    assert_eq!(picture(&teller).seen().at(12, 12), [255; 4], "there is nothing in its base");
    assert!(!teller.studio.take_stale().is_empty(), "and that is shown");
    assert!(picture(&teller).stack.find(clipped).is_some());
}

/// Something that may be done.
#[derive(Clone, Copy, Debug)]
struct Whim {
    kind: u8,
    which: u8,
    amount: u8,
}

fn whim() -> impl Strategy<Value = Whim> {
    (any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(kind, which, amount)| Whim {
        kind,
        which,
        amount,
    })
}

fn follow(teller: &mut Teller, Whim { kind, which, amount }: Whim) {
    let stack = &picture(teller).stack;
    let ids: Vec<LayerId> = stack.walk().iter().map(|(_, it)| it.id).collect();
    let id = ids[usize::from(which) % ids.len()];
    let other = ids[usize::from(amount) % ids.len()];
    let is_so = amount % 2 == 0;
    let parent = stack.find(other).filter(|it| matches!(it.kind, LayerKind::Group(_)));
    let place = Place { parent: parent.map(|it| it.id), idx: usize::from(amount) % 3 };
    let at = Point::new(f32::from(which % 32), f32::from(amount % 32));
    let mask =
        [MaskChange::FromSelection, MaskChange::Invert, MaskChange::Remove, MaskChange::Apply];
    let action = match kind % 20 {
        0 => LayerAction::Add,
        1 => LayerAction::AddGroup,
        2 => LayerAction::Activate { layer: id, mask: is_so },
        3 => LayerAction::Delete(id),
        4 => LayerAction::Duplicate(id),
        5 => LayerAction::Move(id, place),
        6 => LayerAction::Change(id, LayerChange::Opacity(f32::from(amount) / 255.0)),
        7 => {
            let mode = BlendMode::ALL[usize::from(amount) % BlendMode::ALL.len()];
            LayerAction::Change(id, LayerChange::Blend(mode))
        }
        8 => LayerAction::Change(id, LayerChange::Visible(is_so)),
        9 => LayerAction::Change(id, LayerChange::Clipped(is_so)),
        10 => LayerAction::Change(id, LayerChange::Read(is_so)),
        11 => LayerAction::Change(id, LayerChange::Mask(mask[usize::from(amount) % 4])),
        12 => LayerAction::Group(id),
        13 => LayerAction::Ungroup(id),
        14 => LayerAction::MergeDown(id),
        15 if amount < 40 => LayerAction::Flatten,
        16 => {
            let cells = vec![Cell::new(u16::from(which % 4), u16::from(amount % 4))];
            let repaint = Repaint { cells, prompt: None, reach: Reach::Only, variation_step: 1 };
            return teller.perform(DocumentAction::Repaint(repaint));
        }
        17 => {
            teller.studio.perform(StudioAction::PickTool(Tool::Rectangle));
            for pointer in [
                Pointer::Down(at),
                Pointer::Move(Point::new(20.0, 20.0)),
                Pointer::Up(Point::new(20.0, 20.0)),
            ] {
                teller.studio.perform(StudioAction::Pointer { pointer, mode: Mode::Replace });
            }
            return teller.rest();
        }
        _ => {
            let style = BrushStyle {
                erase: amount % 5 == 0,
                colour: [which, amount, 90],
                ..white(f32::from(amount % 14))
            };
            teller.studio.stroke(style, &[at, Point::new(16.0, at.x)]);
            return teller.rest();
        }
    };
    layer(teller, action);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_done_to_layers_can_be_undone_and_redone(whims in prop::collection::vec(whim(), 1..24)) {
        let mut teller = painted();
        let look = |teller: &Teller| (teller.pixels(), picture(teller).read().rgba(picture(teller).canvas));
        // What is seen after so many entries.
        let n_done = |teller: &Teller| teller.studio.active().history().done_labels().count();
        let mut looks = vec![(n_done(&teller), look(&teller))];
        for whim in whims {
            follow(&mut teller, whim);
            let n = n_done(&teller);
            looks.retain(|it| it.0 < n);
            looks.push((n, look(&teller)));
        }
        let n_all = n_done(&teller);
        for n in (1..=n_all).rev() {
            if let Some((_, seen)) = looks.iter().find(|it| it.0 == n) {
                prop_assert!(look(&teller) == *seen, "back at {n} of {n_all}");
            }
            teller.perform(DocumentAction::Undo);
        }
        prop_assert!(picture(&teller).is_blank());
        for n in 1..=n_all {
            teller.perform(DocumentAction::Redo);
            if let Some((_, seen)) = looks.iter().find(|it| it.0 == n) {
                prop_assert!(look(&teller) == *seen, "forth at {n} of {n_all}");
            }
        }
    }
}

#[test]
fn a_surface_follows_the_layer_and_the_model_does_not_see_it() {
    let mut teller = Teller::quick(6, 6, Manner::Alphabet, "some words");
    teller.perform(DocumentAction::Paint);
    let id = teller.studio.active().picture().stack.layers[0].id;
    let raw = teller.studio.active().picture().model_layer.clone();
    let oil = LayerChange::Finish(Some(LayerFinish::new(Style::Oil, 1)));
    teller.perform(DocumentAction::Layer(LayerAction::Change(id, oil)));
    let seen = |teller: &Teller| {
        let picture = teller.studio.active().picture();
        picture.composite(picture.canvas)
    };
    let is_made = |it: &alla_prima::studio::Studio| it.active().picture().due_finish().is_none();
    teller.wait_until("the layer is finished", is_made);
    let finished = seen(&teller);
    assert_ne!(finished, raw.rgba(raw.area()));
    let codes = teller.studio.active().picture().codes();
    assert!(codes.iter().all(Option::is_some), "the model knows its cells as before");

    // After an edit it is as if all were finished anew.
    teller.perform(DocumentAction::SetSeed(9));
    teller.perform(DocumentAction::Paint);
    teller.wait_until("the layer is finished again", is_made);
    let expected = {
        let mut picture = teller.studio.active().picture().clone();
        picture.stack.layers[0].finish = Some(LayerFinish::new(Style::Oil, 1));
        picture.with_finishes().composite(picture.canvas)
    };
    assert!(seen(&teller) == expected);

    teller.perform(DocumentAction::Undo);
    teller.perform(DocumentAction::Undo);
    assert_eq!(teller.studio.active().picture().stack.layers[0].finish, None);
    assert!(seen(&teller) == raw.rgba(raw.area()));
    teller.perform(DocumentAction::Redo);
    teller.wait_until("the layer is finished once more", is_made);
    assert!(seen(&teller) == finished);
}
