//! Which rows the list of layers has, and where a layer lands that is dropped on it. Knows nothing of widgets.

use std::collections::BTreeSet;

use crate::base::LayerId;
use crate::document::{Layer, LayerKind, Place, Stack};

/// A layer as a row of the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) layer: &'a Layer,
    /// How deep it lies in groups.
    pub(super) depth: usize,
    pub(super) place: Place,
    /// Whether it is a group of which the layers are shown, too.
    pub(super) is_unfolded: bool,
}

/// Where something lands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drop {
    pub(super) place: Place,
    pub(super) mark: Mark,
}

/// What is shown where it would land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A line above the row of this number, as deep as this.
    Line { above: usize, depth: usize },
    /// A frame around a group's row.
    Into(usize),
}

/// The topmost first.
pub(super) fn rows<'a>(stack: &'a Stack, folded: &BTreeSet<LayerId>) -> Vec<Row<'a>> {
    let mut found = Vec::new();
    add_rows(&stack.layers, None, 0, folded, &mut found);
    found
}

fn add_rows<'a>(
    layers: &'a [Layer],
    parent: Option<LayerId>,
    depth: usize,
    folded: &BTreeSet<LayerId>,
    found: &mut Vec<Row<'a>>,
) {
    for (idx, layer) in layers.iter().enumerate().rev() {
        let is_unfolded = is_group(layer) && !folded.contains(&layer.id);
        found.push(Row { layer, depth, place: Place { parent, idx }, is_unfolded });
        if is_unfolded {
            add_rows(layer.children(), Some(layer.id), depth + 1, folded, found);
        }
    }
}

pub(super) const fn is_group(layer: &Layer) -> bool {
    matches!(layer.kind, LayerKind::Group(_))
}

/// Where `dragged` lands at `at`, in rows from the top of the list; `None` where it cannot lie.
pub(super) fn drop_at(rows: &[Row<'_>], dragged: &Layer, at: f32) -> Option<Drop> {
    let found = if at < rows.len() as f32 {
        let idx = at.max(0.0) as usize;
        on_row(rows.get(idx)?, idx, at - idx as f32)
    } else {
        let mark = Mark::Line { above: rows.len(), depth: 0 };
        Drop { place: Place { parent: None, idx: 0 }, mark }
    };
    if found.place.parent.is_some_and(|it| holds(dragged, it)) {
        return None;
    }
    // It counts as it will be without the layer.
    let from = rows.iter().find(|it| it.layer.id == dragged.id)?.place;
    let is_above = from.parent == found.place.parent && from.idx < found.place.idx;
    let place = Place { idx: found.place.idx - usize::from(is_above), ..found.place };
    Some(Drop { place, ..found })
}

/// `within` is 0 at the row's upper edge and 1 at its lower one.
fn on_row(row: &Row<'_>, idx: usize, within: f32) -> Drop {
    let Row { layer, depth, place, is_unfolded } = *row;
    let above = Drop {
        place: Place { idx: place.idx + 1, ..place },
        mark: Mark::Line { above: idx, depth },
    };
    let below = Drop { place, mark: Mark::Line { above: idx + 1, depth } };
    if !is_group(layer) {
        return if within < 0.5 { above } else { below };
    }
    let top = Place { parent: Some(layer.id), idx: layer.children().len() };
    if within < 0.3 {
        above
    } else if is_unfolded && 0.7 < within {
        Drop { place: top, mark: Mark::Line { above: idx + 1, depth: depth + 1 } }
    } else if 0.7 < within {
        below
    } else {
        Drop { place: top, mark: Mark::Into(idx) }
    }
}

/// Whether `layer` is this one, or has it in it.
fn holds(layer: &Layer, id: LayerId) -> bool {
    layer.id == id || layer.children().iter().any(|it| holds(it, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Pixmap;

    fn paint(name: &str) -> Layer {
        Layer::new(name, LayerKind::Paint(Pixmap::new(8, 8)))
    }

    /// From above: top, group (b, a), Layer 1, Painting.
    fn stack() -> Stack {
        let mut stack = Stack::new(8, 8);
        stack.layers.push(Layer::new("group", LayerKind::Group(vec![paint("a"), paint("b")])));
        stack.layers.push(paint("top"));
        stack
    }

    fn names(stack: &Stack) -> Vec<String> {
        let rows = rows(stack, &BTreeSet::new());
        rows.iter().map(|it| format!("{}{}", " ".repeat(it.depth), it.layer.name)).collect()
    }

    #[track_caller]
    fn check(dragged: &str, at: f32, expected: &[&str]) {
        let stack = stack();
        let rows = rows(&stack, &BTreeSet::new());
        let layer = rows.iter().find(|it| it.layer.name == dragged).unwrap().layer;
        let dropped = drop_at(&rows, layer, at).unwrap();
        let moved = stack.with_moved(layer.id, dropped.place);
        assert_eq!(names(&moved.unwrap_or_else(|| stack.clone())), expected);
    }

    #[test]
    fn the_topmost_is_the_first_row_and_folded_groups_keep_theirs() {
        let stack = stack();
        assert_eq!(names(&stack), ["top", "group", " b", " a", "Layer 1", "Painting"]);
        let folded = BTreeSet::from([stack.layers[2].id]);
        assert_eq!(rows(&stack, &folded).len(), 4);
    }

    #[test]
    fn what_is_dropped_lands_where_the_line_is() {
        check("top", 5.2, &["group", " b", " a", "Layer 1", "top", "Painting"]);
        check("top", 9.0, &["group", " b", " a", "Layer 1", "Painting", "top"]);
        check("Layer 1", 0.2, &["Layer 1", "top", "group", " b", " a", "Painting"]);
        // Beside itself is where it is.
        check("top", 0.2, &["top", "group", " b", " a", "Layer 1", "Painting"]);
        check("top", 0.8, &["top", "group", " b", " a", "Layer 1", "Painting"]);
    }

    #[test]
    fn groups_take_layers_in_and_give_them_away() {
        check("top", 1.5, &["group", " top", " b", " a", "Layer 1", "Painting"]);
        check("top", 2.7, &["group", " b", " top", " a", "Layer 1", "Painting"]);
        check("Layer 1", 3.8, &["top", "group", " b", " a", " Layer 1", "Painting"]);
        check("a", 4.2, &["top", "group", " b", "a", "Layer 1", "Painting"]);
        let stack = stack();
        let rows = rows(&stack, &BTreeSet::new());
        assert_eq!(
            drop_at(&rows, &stack.layers[2], 2.5),
            None,
            "a group lies in no layer of its own"
        );
    }
}
