//! The pixels of a picture by names: what a record leaves out.

use crate::base::{Mask, Pixmap};
use crate::document::Picture;

pub(super) const MODEL: &str = "model";
pub(super) const BACKDROP: &str = "backdrop";
pub(super) const SELECTION: &str = "selection";

/// Of the layer at this place of [`Stack::walk`](crate::document::Stack::walk).
pub(super) fn layer(idx: usize) -> String {
    format!("layer{idx}")
}

pub(super) fn mask(idx: usize) -> String {
    format!("layer{idx}-mask")
}

/// All that there are, but for what is empty or lies there already under another name.
pub(super) fn of(picture: &Picture) -> Vec<(String, Pixmap)> {
    let mut parts = vec![(MODEL.to_owned(), picture.model_layer.clone())];
    if picture.backdrop != picture.model_layer {
        parts.push((BACKDROP.to_owned(), picture.backdrop.clone()));
    }
    for (idx, (_, it)) in picture.stack.walk().into_iter().enumerate() {
        parts.extend(it.pixels().map(|pixels| (layer(idx), pixels.clone())));
        parts.extend(it.mask.as_ref().map(|pixels| (mask(idx), pixels.clone())));
    }
    if let Some(selection) = &picture.selection {
        let mut pixels = Pixmap::new(selection.width(), selection.height());
        pixels.update(pixels.area(), |x, y, _| [0, 0, 0, selection.at(x, y)]);
        parts.push((SELECTION.to_owned(), pixels));
    }
    parts
}

/// A selection from its pixels.
pub(super) fn selection_of(pixels: &Pixmap) -> Option<Mask> {
    let mask = Mask::from_fn(pixels.width(), pixels.height(), |x, y| pixels.at(x, y)[3]);
    (!mask.is_empty()).then_some(mask)
}
