//! A project without its pixels, as JSON: read back it is anybody's, and not trusted.

use serde::{Deserialize, Serialize};

use super::{Project, SavedPainting, parts};
use crate::base::{Cell, Code, Grid, Mask, ModelId, Order, PixelRect, Pixmap, Sampling};
use crate::compose::BlendMode;
use crate::document::{
    Author, CellState, Layer, LayerFinish, LayerKind, PaintSettings, Picture, Recording, Region,
    Stack,
};
use crate::finish::Style;

/// Raised when older versions of the program could no longer make sense of the record.
const VERSION: u32 = 1;

const MAX_CELL_PIXELS: u16 = 256;
const MAX_LAYERS: usize = 4096;
const MAX_DEPTH: usize = 64;

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    version: u32,
    grid: Grid,
    canvas: PixelRect,
    codes_of: Option<ModelId>,
    painters: Vec<ModelId>,
    settings: Settings,
    pending: Settings,
    regions: Vec<SavedRegion>,
    cells: SavedCells,
    layers: Vec<SavedLayer>,
    /// By its place among all layers.
    active: usize,
    edits_mask: bool,
    painting: Option<Painting>,
    #[serde(default)]
    unanswered: Vec<Cell>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Settings {
    prompt: String,
    negative: String,
    guidance: f32,
    sampling: Sampling,
    seed: u64,
    order: Order,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedRegion {
    prompt: String,
    guidance: f32,
    cells: Vec<Cell>,
}

/// One value per cell, row by row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedCells {
    codes: Vec<Option<Code>>,
    /// A letter each: nobody, model, artist, found, other model.
    authors: String,
    /// A letter each: wet or dry.
    wet: String,
    variations: Vec<u32>,
    labels: Vec<Option<u8>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedLayer {
    name: String,
    kind: SavedKind,
    opacity: f32,
    blend: BlendMode,
    visible: bool,
    locked: bool,
    keeps_alpha: bool,
    clipped: bool,
    read: bool,
    masked: bool,
    #[serde(default)]
    finish: Option<SavedFinish>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedFinish {
    style: Style,
    seed: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SavedKind {
    Paint,
    Generated,
    Group(Vec<SavedLayer>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Painting {
    label: String,
    open: Vec<Cell>,
    focus: Vec<Cell>,
}

impl Record {
    #[must_use]
    pub fn of(project: &Project) -> Self {
        let Project { picture, pending, painting, unanswered, recording: _ } = project;
        let walk = picture.stack.walk();
        Self {
            version: VERSION,
            grid: picture.grid,
            canvas: picture.canvas,
            codes_of: picture.codes_of.clone(),
            painters: picture.painters.clone(),
            settings: Settings::of(&picture.paint_settings),
            pending: Settings::of(pending),
            regions: picture.regions.iter().map(SavedRegion::of).collect(),
            cells: SavedCells::of(&picture.cells),
            layers: picture.stack.layers.iter().map(SavedLayer::of).collect(),
            active: walk.iter().position(|it| it.1.id == picture.stack.active).unwrap_or(0),
            edits_mask: picture.stack.edits_mask,
            painting: painting.as_ref().map(|it| Painting {
                label: it.label.clone(),
                open: it.open.clone(),
                focus: it.focus.clone(),
            }),
            unanswered: unanswered.clone(),
        }
    }

    /// The project, with pixels as `part` finds them by name: those that are missing are empty.
    ///
    /// # Errors
    /// Says what makes no sense.
    pub fn into_project(
        self,
        mut part: impl FnMut(&str) -> Option<Pixmap>,
    ) -> Result<Project, &'static str> {
        self.check()?;
        let Self { grid, canvas, .. } = self;
        let mut part = |name: &str| part(name).filter(|it| it.area() == grid.area());
        let blank = || Pixmap::new(grid.width(), grid.height());
        let mut n_layers = 0;
        let layers = self.layers.into_iter();
        let layers: Vec<Layer> =
            layers.map(|it| it.into_layer(grid, &mut n_layers, &mut part)).collect();
        let mut stack = Stack { layers, ..Stack::new(1, 1) };
        let ids: Vec<_> = stack.walk().iter().map(|it| it.1.id).collect();
        stack.active = *ids.get(self.active).ok_or("no layer is the active one")?;
        stack.edits_mask = self.edits_mask;
        let is_generated = |it: &(usize, &Layer)| matches!(it.1.kind, LayerKind::Generated);
        if stack.walk().into_iter().filter(is_generated).count() != 1 {
            return Err("it has no layer for the model, or several");
        }
        let model_layer = part(parts::MODEL).unwrap_or_else(blank);
        let picture = Picture {
            grid,
            canvas,
            backdrop: part(parts::BACKDROP).unwrap_or_else(|| model_layer.clone()),
            model_layer,
            stack,
            cells: self.cells.into_cells(),
            paint_settings: self.settings.into_settings(),
            regions: self.regions.into_iter().map(SavedRegion::into_region).collect(),
            selection: part(parts::SELECTION)
                .map(|it| Mask::of_alpha(&it))
                .filter(|it| !it.is_empty()),
            codes_of: self.codes_of,
            painters: self.painters,
        };
        let painting = self.painting.map(|it| SavedPainting {
            label: it.label,
            open: it.open,
            focus: it.focus,
        });
        let (pending, unanswered) = (self.pending.into_settings(), self.unanswered);
        Ok(Project { picture, pending, painting, unanswered, recording: Recording::default() })
    }

    pub(in crate::io) const fn grid(&self) -> Grid {
        self.grid
    }

    fn check(&self) -> Result<(), &'static str> {
        let Self { grid, canvas, .. } = self;
        let sides = 1..=Grid::MAX_SIDE;
        let is_grid = sides.contains(&grid.rows)
            && sides.contains(&grid.cols)
            && (1..=MAX_CELL_PIXELS).contains(&grid.cell_pixels);
        let is_on = |cell: &Cell| grid.all().contains(*cell);
        let places = self.regions.iter().flat_map(|it| &it.cells);
        let mut places = places.chain(&self.unanswered);
        let mut open = self.painting.iter().flat_map(|it| it.open.iter().chain(&it.focus));
        let settings = [&self.settings, &self.pending];
        if VERSION < self.version {
            Err("it was written by a newer version")
        } else if !is_grid {
            Err("its grid is none")
        } else if canvas.is_empty() || canvas.intersection(grid.area()) != *canvas {
            Err("its canvas is no part of its grid")
        } else if !self.cells.fits(grid.n_cells()) {
            Err("it has not as many cells as its grid")
        } else if !places.all(is_on) || !open.all(is_on) {
            Err("some of its cells are not on its grid")
        } else if usize::from(u16::MAX) <= self.regions.len() {
            Err("it has more regions than cells")
        } else if !self.regions.iter().all(|it| it.guidance.is_finite()) {
            Err("the guidance of a region is no number")
        } else if !settings.iter().all(|it| it.guidance.is_finite()) {
            Err("its guidance is no number")
        } else if MAX_LAYERS < self.layers.iter().map(|it| it.count(0)).sum() {
            Err("it has more layers, or groups in groups, than any picture")
        } else {
            Ok(())
        }
    }
}

impl Settings {
    fn of(settings: &PaintSettings) -> Self {
        let PaintSettings { prompt, negative, guidance, sampling, seed, order } = settings.clone();
        Self { prompt, negative, guidance, sampling, seed, order }
    }

    fn into_settings(self) -> PaintSettings {
        let Self { prompt, negative, guidance, sampling, seed, order } = self;
        PaintSettings { prompt, negative, guidance, sampling, seed, order }
    }
}

impl SavedRegion {
    fn of(region: &Region) -> Self {
        let Region { prompt, guidance, cells } = region.clone();
        Self { prompt, guidance, cells }
    }

    fn into_region(self) -> Region {
        let Self { prompt, guidance, cells } = self;
        Region { prompt, guidance, cells }
    }
}

impl SavedCells {
    fn of(cells: &[CellState]) -> Self {
        let author = |it: &CellState| match it.author {
            Author::Nobody => 'n',
            Author::Model => 'm',
            Author::Artist => 'a',
            Author::Found => 'f',
            Author::Former => 'o',
        };
        Self {
            codes: cells.iter().map(|it| it.code).collect(),
            authors: cells.iter().map(author).collect(),
            wet: cells.iter().map(|it| if it.wet { 'w' } else { 'd' }).collect(),
            variations: cells.iter().map(|it| it.variation).collect(),
            labels: cells.iter().map(|it| it.label).collect(),
        }
    }

    fn fits(&self, n_cells: usize) -> bool {
        let lens = [self.codes.len(), self.authors.len(), self.wet.len()];
        let others = [self.variations.len(), self.labels.len()];
        // A letter is a byte then.
        let is_plain = self.authors.is_ascii() && self.wet.is_ascii();
        is_plain && lens.into_iter().chain(others).all(|it| it == n_cells)
    }

    fn into_cells(self) -> Vec<CellState> {
        let letters = self.authors.chars().zip(self.wet.chars());
        let numbers = self.codes.into_iter().zip(self.variations).zip(self.labels);
        let cells = letters.zip(numbers).map(|((author, wet), ((code, variation), label))| {
            let author = match author {
                'm' => Author::Model,
                'a' => Author::Artist,
                'f' => Author::Found,
                'o' => Author::Former,
                _ => Author::Nobody,
            };
            CellState { code, author, wet: wet == 'w', variation, label }
        });
        cells.collect()
    }
}

impl SavedLayer {
    fn of(layer: &Layer) -> Self {
        let kind = match &layer.kind {
            LayerKind::Paint(_) => SavedKind::Paint,
            LayerKind::Generated => SavedKind::Generated,
            LayerKind::Group(layers) => SavedKind::Group(layers.iter().map(Self::of).collect()),
        };
        Self {
            name: layer.name.clone(),
            kind,
            opacity: layer.opacity,
            blend: layer.blend,
            visible: layer.is_visible,
            locked: layer.is_locked,
            keeps_alpha: layer.keeps_alpha,
            clipped: layer.is_clipped,
            read: layer.is_read,
            masked: layer.mask.is_some(),
            finish: layer.finish.as_ref().map(|it| SavedFinish { style: it.style, seed: it.seed }),
        }
    }

    /// How many layers it is; far too many where groups lie too deep in each other.
    fn count(&self, depth: usize) -> usize {
        match &self.kind {
            SavedKind::Paint | SavedKind::Generated => 1,
            SavedKind::Group(_) if MAX_DEPTH < depth => MAX_LAYERS,
            SavedKind::Group(layers) => {
                1 + layers.iter().map(|it| it.count(depth + 1)).sum::<usize>()
            }
        }
    }

    /// Counts layers as [`Stack::walk`] does: what a group holds before the group.
    fn into_layer(
        self,
        grid: Grid,
        n_before: &mut usize,
        part: &mut impl FnMut(&str) -> Option<Pixmap>,
    ) -> Layer {
        let blank = || Pixmap::new(grid.width(), grid.height());
        let kind = match self.kind {
            SavedKind::Group(layers) => LayerKind::Group(
                layers.into_iter().map(|it| it.into_layer(grid, n_before, part)).collect(),
            ),
            SavedKind::Generated => LayerKind::Generated,
            SavedKind::Paint => {
                LayerKind::Paint(part(&parts::layer(*n_before)).unwrap_or_else(blank))
            }
        };
        let mask = self.masked.then(|| part(&parts::mask(*n_before)).unwrap_or_else(blank));
        *n_before += 1;
        Layer {
            opacity: if self.opacity.is_finite() { self.opacity.clamp(0.0, 1.0) } else { 1.0 },
            blend: self.blend,
            is_visible: self.visible,
            is_locked: self.locked,
            keeps_alpha: self.keeps_alpha,
            is_clipped: self.clipped,
            is_read: self.read,
            mask,
            finish: self
                .finish
                .filter(|_| !matches!(kind, LayerKind::Group(_)))
                .map(|it| LayerFinish::new(it.style, it.seed)),
            ..Layer::new(self.name, kind)
        }
    }
}
