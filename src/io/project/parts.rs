//! The pixels of a picture by names: what a record leaves out.

use crate::base::{LayerId, Pixmap};
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

/// Pixels of a picture.
#[derive(Clone, Debug)]
pub(in crate::io) struct NamedPart {
    /// What a record calls them.
    pub(in crate::io) place: String,
    /// The same for as long as a layer is open, wherever it lies.
    pub(in crate::io) name: String,
    pub(in crate::io) pixels: Pixmap,
}

/// All that there are, but for what is empty or lies there already under another name.
pub(in crate::io) fn named_parts(picture: &Picture) -> Vec<NamedPart> {
    let fixed = |place: &str, pixels: Pixmap| NamedPart {
        place: place.to_owned(),
        name: place.to_owned(),
        pixels,
    };
    let mut parts = vec![fixed(MODEL, picture.model_layer.clone())];
    if picture.backdrop != picture.model_layer {
        parts.push(fixed(BACKDROP, picture.backdrop.clone()));
    }
    for (idx, (_, it)) in picture.stack.walk().into_iter().enumerate() {
        let LayerId(id) = it.id;
        let own = it.pixels().map(|pixels| (layer(idx), format!("pixels-{id}"), pixels));
        let masked = it.mask.as_ref().map(|pixels| (mask(idx), format!("mask-{id}"), pixels));
        parts.extend(own.into_iter().chain(masked).map(|(place, name, pixels)| NamedPart {
            place,
            name,
            pixels: pixels.clone(),
        }));
    }
    if let Some(selection) = &picture.selection {
        parts.push(fixed(SELECTION, selection.to_pixels()));
    }
    parts
}
