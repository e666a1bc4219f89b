//! What can be done to a layer from the panel, the menus and the keys, and why not where it cannot be done.

use crate::base::LayerId;
use crate::document::{Layer, LayerChange, LayerKind, MaskChange, Picture};
use crate::studio::LayerAction;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LayerCommand {
    Add,
    AddGroup,
    Duplicate,
    MergeDown,
    Delete,
    Group,
    Ungroup,
    Flatten,
    AddMask,
    InvertMask,
    ApplyMask,
    RemoveMask,
    ApplyFinish,
    ToggleVisible,
    ToggleLock,
    ToggleAlphaLock,
    ToggleClip,
    ToggleRead,
}

const MODELS_OWN: &str = "What the model paints stays: hide it, if it is not to be seen";
const NO_MASK: &str = "The layer has no mask";
const NO_PAINT: &str = "Only for layers that are painted on";

impl LayerCommand {
    /// In a menu of a layer's own.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Add => "New layer",
            Self::AddGroup => "New group",
            Self::Duplicate => "Duplicate layer",
            Self::MergeDown => "Merge down",
            Self::Delete => "Delete layer",
            Self::Group => "Group layer",
            Self::Ungroup => "Ungroup",
            Self::Flatten => "Flatten picture",
            Self::AddMask => "Add mask from selection",
            Self::InvertMask => "Invert mask",
            Self::ApplyMask => "Apply mask",
            Self::RemoveMask => "Remove mask",
            Self::ApplyFinish => "Apply surface",
            Self::ToggleVisible => "Visible",
            Self::ToggleLock => "Lock",
            Self::ToggleAlphaLock => "Lock alpha",
            Self::ToggleClip => "Clip to layer below",
            Self::ToggleRead => "Model sees it",
        }
    }

    /// What it does to a layer of a picture.
    ///
    /// # Errors
    /// Says why not.
    pub(super) fn on(self, picture: &Picture, id: LayerId) -> Result<LayerAction, &'static str> {
        let layer = picture.stack.find(id).ok_or("There is no such layer any more")?;
        let change = |it: LayerChange| Ok(LayerAction::Change(id, it));
        let is_generated = matches!(layer.kind, LayerKind::Generated);
        let has_paint = layer.pixels().is_some();
        match self {
            Self::Add => Ok(LayerAction::Add),
            Self::AddGroup => Ok(LayerAction::AddGroup),
            Self::Flatten => Ok(LayerAction::Flatten),
            Self::Group => Ok(LayerAction::Group(id)),
            Self::Duplicate | Self::Delete if layer.holds_generated() => Err(MODELS_OWN),
            Self::Duplicate => Ok(LayerAction::Duplicate(id)),
            Self::Delete => Ok(LayerAction::Delete(id)),
            Self::MergeDown => {
                cannot_merge(picture, layer).map_or_else(|| Ok(LayerAction::MergeDown(id)), Err)
            }
            Self::Ungroup if layer.children().is_empty() => {
                Err("Only for groups with layers in them")
            }
            Self::Ungroup => Ok(LayerAction::Ungroup(id)),
            Self::ApplyFinish if layer.finish.is_none() => {
                Err("The layer has no surface of its own")
            }
            Self::ApplyFinish if !has_paint => Err(NO_PAINT),
            Self::ApplyFinish => change(LayerChange::ApplyFinish),
            Self::AddMask if layer.mask.is_some() => Err("The layer has a mask already"),
            Self::AddMask => change(LayerChange::Mask(MaskChange::FromSelection)),
            Self::InvertMask | Self::ApplyMask | Self::RemoveMask if layer.mask.is_none() => {
                Err(NO_MASK)
            }
            Self::ApplyMask if !has_paint => Err(NO_PAINT),
            Self::InvertMask => change(LayerChange::Mask(MaskChange::Invert)),
            Self::ApplyMask => change(LayerChange::Mask(MaskChange::Apply)),
            Self::RemoveMask => change(LayerChange::Mask(MaskChange::Remove)),
            Self::ToggleVisible => change(LayerChange::Visible(!layer.is_visible)),
            Self::ToggleLock | Self::ToggleAlphaLock if !has_paint => Err(NO_PAINT),
            Self::ToggleLock => change(LayerChange::Locked(!layer.is_locked)),
            Self::ToggleAlphaLock => change(LayerChange::KeepsAlpha(!layer.keeps_alpha)),
            Self::ToggleClip if is_lowest(picture, id) && !layer.is_clipped => {
                Err("There is no layer below")
            }
            Self::ToggleClip => change(LayerChange::Clipped(!layer.is_clipped)),
            Self::ToggleRead if is_generated => Err("The model sees what it paints"),
            Self::ToggleRead => change(LayerChange::Read(!layer.is_read)),
        }
    }

    /// Whether a toggle is on; `None` for what is none.
    pub(super) fn is_on(self, layer: &Layer) -> Option<bool> {
        match self {
            Self::ToggleVisible => Some(layer.is_visible),
            Self::ToggleLock => Some(layer.is_locked),
            Self::ToggleAlphaLock => Some(layer.keeps_alpha),
            Self::ToggleClip => Some(layer.is_clipped),
            Self::ToggleRead => Some(layer.is_read),
            Self::Add
            | Self::AddGroup
            | Self::Duplicate
            | Self::MergeDown
            | Self::Delete
            | Self::Group
            | Self::Ungroup
            | Self::Flatten
            | Self::AddMask
            | Self::InvertMask
            | Self::ApplyMask
            | Self::RemoveMask
            | Self::ApplyFinish => None,
        }
    }
}

fn is_lowest(picture: &Picture, id: LayerId) -> bool {
    picture.stack.place_of(id).is_none_or(|it| it.idx == 0)
}

/// Why a layer cannot be merged with the one below, if so.
fn cannot_merge(picture: &Picture, layer: &Layer) -> Option<&'static str> {
    if layer.holds_generated() {
        return Some("What the model paints can be merged into, but not down");
    }
    let stack = &picture.stack;
    let place = stack.place_of(layer.id)?;
    let siblings = match place.parent {
        Some(parent) => stack.find(parent)?.children(),
        None => &stack.layers,
    };
    match place.idx.checked_sub(1).and_then(|it| siblings.get(it)).map(|it| &it.kind) {
        None => Some("There is no layer below"),
        Some(LayerKind::Group(_)) => {
            Some("Below is a group: ungroup it, or put the layer elsewhere")
        }
        Some(LayerKind::Paint(_) | LayerKind::Generated) => None,
    }
}
