//! What the program says of each published network: its name, what it can do, and what it cannot.

use std::sync::Arc;

use super::arpg::Arpg;
use super::classes;
use super::janus::Janus;
use super::llamagen::LlamaGen;
use super::randar::RandAr;
use super::vq::ENCODE_MARGIN;
use crate::base::{Grid, GuidedSpan, ModelId, Order, Sampling};
use crate::model::hardware::PROCESSOR;
use crate::model::{Facts, Prompts};

/// From this width on, in pixels, a model's own pixels do for a new picture.
const LARGE_PIXELS: u32 = 768;

const KNOWS_NO_LATER: &str =
    "Paints row by row: of what stands already, it knows only what comes before a cell";
const ONE_SIZE: &str = "Paints 24 × 24 cells and no other size: larger pictures garble";
const CLASSES_ONLY: &str = "Understands the names of its classes and nothing else";

/// For LlamaGen and its kin, by their width.
fn size_name(dim: usize) -> String {
    let sizes = [(768, "B"), (1024, "L"), (1280, "XL"), (1536, "XXL"), (2048, "1B"), (3200, "3B")];
    let size = sizes.iter().find(|it| it.0 == dim);
    size.map_or_else(|| format!("{dim} wide"), |it| it.1.to_owned())
}

/// What they have in common.
fn facts(name: String, grid: Grid, n_codes: usize, context_bytes: u64) -> Facts {
    Facts {
        new_scale: if grid.width() < LARGE_PIXELS { 2 } else { 1 },
        // Without a digest, until all files are open.
        id: ModelId { name, digest: None },
        licence: "Code and weights: MIT".to_owned(),
        hardware: PROCESSOR.to_owned(),
        grid,
        n_codes,
        is_any_order: true,
        paints_larger: true,
        prompts: Prompts::Text,
        limits: Vec::new(),
        words: Arc::default(),
        subjects: Arc::default(),
        vocabulary: None,
        guidance: 4.0,
        region_guidance: 4.0,
        order: Order::Rows,
        sampling: Sampling::default(),
        encode_margin: ENCODE_MARGIN,
        context_bytes,
        labels: Arc::default(),
        label_groups: Arc::default(),
    }
}

fn of_classes(facts: Facts, n_classes: usize) -> Facts {
    let mut limits = facts.limits;
    limits.push(CLASSES_ONLY.to_owned());
    Facts { prompts: Prompts::Classes, words: classes::names(n_classes).into(), limits, ..facts }
}

/// Its authors' defaults: guidance 4 and the best 2000 codes from a class, 7.5 and 1000 from a
/// text.
pub(super) fn llamagen(network: &LlamaGen, grid: Grid) -> Facts {
    let size = size_name(network.config().dim);
    let pixels = grid.width();
    let is_text = network.max_tokens().is_some();
    let kind = if is_text { "text" } else { "classes" };
    let name = format!("LlamaGen {size}, {kind}, {pixels} px");
    let facts = facts(name, grid, network.config().n_codes, network.context_bytes());
    let (guidance, top_k) = if is_text { (7.5, 1000) } else { (4.0, 2000) };
    let facts = Facts {
        is_any_order: false,
        limits: vec![KNOWS_NO_LATER.to_owned()],
        guidance,
        region_guidance: guidance,
        order: Order::Rows,
        sampling: Sampling { top_k, ..Sampling::default() },
        ..facts
    };
    if is_text { facts } else { of_classes(facts, network.n_classes()) }
}

/// Guidance 5, and all codes come into question. Whether it is a Janus-Pro, its weights do not tell:
/// those of 1 billion weights have the same names and shapes either way.
pub(super) fn janus(network: &Janus) -> Facts {
    let size = match network.dim {
        2048 => "1B".to_owned(),
        4096 => "7B".to_owned(),
        dim => format!("{dim} wide"),
    };
    let name = format!("Janus {size}");
    Facts {
        licence: "Code: MIT; weights: DeepSeek Model Licence".to_owned(),
        is_any_order: false,
        paints_larger: false,
        limits: vec![ONE_SIZE.to_owned(), KNOWS_NO_LATER.to_owned()],
        guidance: 5.0,
        region_guidance: 5.0,
        order: Order::Rows,
        ..facts(name, network.grid, network.n_codes, network.context_bytes())
    }
}

/// Guidance grows from cell to cell, as its authors have it.
const GROWING: GuidedSpan = GuidedSpan { from: 0.0, to: 1.0, ramp: 1.0 };

pub(super) fn arpg(network: &Arpg) -> Facts {
    let dim = network.dim;
    // The larger ones want more of it.
    let guidance = match dim {
        ..=1024 => 4.5,
        1025..=1280 => 6.0,
        _ => 7.5,
    };
    let name = format!("ARPG {}", size_name(dim));
    let facts = Facts {
        guidance,
        region_guidance: guidance,
        order: Order::Rows,
        sampling: Sampling { guided: GROWING, ..Sampling::default() },
        ..facts(name, network.grid, network.n_codes, network.context_bytes())
    };
    of_classes(facts, network.n_classes())
}

pub(super) fn randar(network: &RandAr) -> Facts {
    let config = network.config();
    let guidance = if config.dim <= 1024 { 3.4 } else { 4.0 };
    let name = format!("RandAR {}", size_name(config.dim));
    let facts = Facts {
        guidance,
        region_guidance: guidance,
        order: Order::Rows,
        sampling: Sampling { guided: GROWING, ..Sampling::default() },
        ..facts(name, network.grid(), config.n_codes, network.context_bytes())
    };
    of_classes(facts, network.n_classes())
}
