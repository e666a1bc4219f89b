//! Networks small enough to follow by eye, for tests and measurements of everything else.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use super::digest::digest;
use super::hardware::PROCESSOR;
use super::{
    Ask, Codec, Codes, Context, Decoded, Error, Facts, Logits, Painter, Prompts, Quality, Result,
    Vocabulary,
};
use crate::base::{Cell, CellRect, Code, Grid, ModelId, Order, PixelRect, Sampling};

/// The number of codes: the letters of the alphabet.
const N_CODES: usize = 26;

/// How a toy decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Sure of itself. A prompt in capitals ("X") paints that letter everywhere; any other goes on
    /// with the letter after the one it read last, and begins with the prompt's own first letter.
    Alphabet,

    /// Undecided: likes letters near those read nearby, but leaves much to chance.
    Undecided,
}

/// Where forward passes wait until a message lets one through; once there is no sender left, it stands open.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Mutex<Receiver<()>>>);

impl Gate {
    #[must_use]
    pub fn new(messages: Receiver<()>) -> Self {
        Self(Arc::new(Mutex::new(messages)))
    }
}

/// A network that paints letters. Each code is a shade of grey; label 0 is dark, 1 is light.
#[derive(Clone, Debug)]
pub struct Toy {
    facts: Facts,
    manner: Manner,
    /// How long a forward pass takes.
    pass: Duration,
    gate: Option<Gate>,
}

/// A prompt with one of these words goes wrong, as a defect in a network would.
const FALLS_OVER: &str = "kaboom";
const IS_NOT_A_NUMBER: &str = "nan";
const HAS_ANOTHER_SHAPE: &str = "shapeless";

impl Toy {
    #[must_use]
    pub fn new(grid: Grid, manner: Manner) -> Self {
        let facts = Facts {
            new_scale: 1,
            id: id("Toy"),
            licence: "MIT".to_owned(),
            hardware: PROCESSOR.to_owned(),
            grid,
            n_codes: N_CODES,
            is_any_order: true,
            paints_larger: true,
            prompts: Prompts::Words,
            limits: Vec::new(),
            words: Arc::default(),
            vocabulary: None,
            guidance: 2.0,
            region_guidance: 3.0,
            order: Order::Rows,
            sampling: Sampling::default(),
            subjects: Arc::default(),
            encode_margin: 0,
            context_bytes: 2 * (grid.n_cells() * size_of::<(Cell, Code)>()) as u64,
            labels: ["dark", "light"].map(str::to_owned).into(),
            label_groups: Arc::default(),
        };
        Self { facts, manner, pass: Duration::ZERO, gate: None }
    }

    /// Gives it a name of its own.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        self.facts.id = id(name);
        self
    }

    /// Makes it say that it computes on this.
    #[must_use]
    pub fn computing_on(mut self, hardware: &str) -> Self {
        hardware.clone_into(&mut self.facts.hardware);
        self
    }

    /// Makes it know no other words than these.
    #[must_use]
    pub fn with_words(mut self, words: &[&str]) -> Self {
        self.facts.words = words.iter().map(|it| (*it).to_owned()).collect();
        let vocabulary = Vocabulary::new(self.facts.words.to_vec(), Vec::new(), words.len());
        self.facts.vocabulary = Some(Arc::new(vocabulary));
        self
    }

    /// Makes it paint row by row.
    #[must_use]
    pub const fn in_rows(mut self) -> Self {
        self.facts.is_any_order = false;
        self
    }

    /// Makes it refuse canvases larger than its grid.
    #[must_use]
    pub const fn of_one_size(mut self) -> Self {
        self.facts.paints_larger = false;
        self
    }

    /// Makes it say that a guided context takes this much memory.
    #[must_use]
    pub const fn with_contexts_of(mut self, bytes: u64) -> Self {
        self.facts.context_bytes = bytes;
        self
    }

    /// Makes each forward pass take at least this long.
    #[must_use]
    pub fn with_pass_of(self, pass: Duration) -> Self {
        Self { pass, ..self }
    }

    /// Makes each forward pass wait at a gate.
    #[must_use]
    pub fn with_gate(self, gate: Gate) -> Self {
        Self { gate: Some(gate), ..self }
    }
}

/// Toys of one name are alike.
fn id(name: &str) -> ModelId {
    ModelId { name: name.to_owned(), digest: Some(digest(&[vec![name.as_bytes()]])) }
}

impl Painter for Toy {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn begin(&self, texts: &[Option<&str>]) -> Result<Box<dyn Context>> {
        assert!(
            !texts.iter().flatten().any(|it| it.contains(FALLS_OVER)),
            "the toy was told to fall over"
        );
        Ok(Box::new(ToyContext {
            toy: self.clone(),
            texts: texts.iter().map(|text| text.map(str::to_owned)).collect(),
            read: Vec::new(),
        }))
    }

    fn codec(&self) -> &dyn Codec {
        self
    }
}

struct ToyContext {
    toy: Toy,
    texts: Vec<Option<String>>,
    read: Vec<(Cell, Code)>,
}

impl Context for ToyContext {
    fn len(&self) -> usize {
        self.read.len()
    }

    fn bytes(&self) -> u64 {
        self.toy.facts.context_bytes / 2 * self.texts.len() as u64
    }

    fn rewind(&mut self, len: usize) {
        self.read.truncate(len);
    }

    fn read(&mut self, placed: &[(Cell, Code)], ask: &[Ask]) -> Result<Logits> {
        sleep(self.toy.pass);
        if let Some(gate) = &self.toy.gate {
            // Without anybody at the other end, it stands open.
            let _ = gate.0.lock().unwrap_or_else(PoisonError::into_inner).recv();
        }
        for &(cell, code) in placed {
            let Cell { row, col } = cell;
            if !self.toy.facts.grid.all().contains(cell) {
                return Err(Error::NoSuchCell { row, col });
            }
            if N_CODES <= code as usize {
                return Err(Error::NoSuchCode(code));
            }
            self.check_turn(cell, self.read.len())?;
            self.read.push((cell, code));
        }
        for &Ask { cell, after } in ask {
            self.check_turn(cell, after)?;
        }
        let mut values = Vec::new();
        for text in &self.texts {
            for &Ask { cell, after } in ask {
                values.extend(self.logits(text.as_deref(), cell, &self.read[..after]));
            }
        }
        let is_said = |word: &str| self.texts.iter().flatten().any(|it| it.contains(word));
        if is_said(IS_NOT_A_NUMBER) {
            values.fill(f32::NAN);
        }
        if is_said(HAS_ANOTHER_SHAPE) {
            return Ok(Logits::new(
                self.texts.len(),
                ask.len(),
                N_CODES / 2,
                values.split_off(values.len() / 2),
            ));
        }
        Ok(Logits::new(self.texts.len(), ask.len(), N_CODES, values))
    }
}

impl ToyContext {
    /// Whether a cell may be read or asked for after `after` others.
    fn check_turn(&self, cell: Cell, after: usize) -> Result<()> {
        let Facts { grid, is_any_order, .. } = &self.toy.facts;
        let Cell { row, col } = cell;
        if *is_any_order || grid.idx(cell) == after {
            Ok(())
        } else {
            Err(Error::NotNext { row, col })
        }
    }

    fn logits(&self, text: Option<&str>, cell: Cell, read: &[(Cell, Code)]) -> [f32; N_CODES] {
        match (self.toy.manner, text) {
            (_, None) => [0.0; N_CODES],
            (Manner::Alphabet, Some(text)) => {
                let letter = text.chars().next().unwrap_or('a');
                let wanted = match read.last() {
                    _ if letter.is_ascii_uppercase() => letter as u32 - 'A' as u32,
                    None => (letter as u32).saturating_sub('a' as u32),
                    Some(&(_, last)) => last + 1,
                };
                let mut logits = [0.0; N_CODES];
                logits[wanted as usize % N_CODES] = 1000.0;
                logits
            }
            (Manner::Undecided, Some(text)) => {
                let mut logits = [0.0; N_CODES];
                logits[text.len() % N_CODES] += 1.0;
                for &(other, code) in read {
                    let near = other.row.abs_diff(cell.row) + other.col.abs_diff(cell.col);
                    if near <= 2 {
                        logits[code as usize] += 0.7 / f32::from(near);
                    }
                }
                logits
            }
        }
    }
}

impl Toy {
    /// Each cell a shade of grey, from 0 to 255.
    fn shade(grid: Grid, window: CellRect, shades: &[u8]) -> Decoded {
        let pixels = grid.pixels(window);
        let mut rgb = Vec::with_capacity((pixels.width() * pixels.height() * 3) as usize);
        for y in pixels.top..pixels.bottom {
            for x in pixels.left..pixels.right {
                let cell = grid.cell_of_pixel(x, y);
                rgb.extend([shades[grid.idx(cell)]; 3]);
            }
        }
        let labels = window.cells().map(|cell| label_of(shades[grid.idx(cell)]));
        Decoded { window, rgb, labels: labels.collect() }
    }
}

/// Dark or light.
fn label_of(shade: u8) -> u8 {
    u8::from(128 <= shade)
}

/// Open cells are grey.
fn shade_of(code: Option<Code>) -> u8 {
    code.map_or(128, |it| it * 255 / (N_CODES as u32 - 1)) as u8
}

impl Codec for Toy {
    fn encode(&self, rgb: &[u8], area: PixelRect, cells: CellRect) -> Result<Vec<Code>> {
        let size = usize::from(self.facts.grid.cell_pixels);
        let codes = cells.cells().map(|cell| {
            let (top, left) = (cell.row as usize * size, cell.col as usize * size);
            let mut sum = 0;
            for y in top..top + size {
                for x in left..left + size {
                    let row = y - area.top as usize;
                    let pixel = row * area.width() as usize + x - area.left as usize;
                    sum += rgb[pixel * 3..pixel * 3 + 3]
                        .iter()
                        .map(|&it| usize::from(it))
                        .sum::<usize>();
                }
            }
            let mean = sum / (3 * size * size);
            ((mean * (N_CODES - 1) + 127) / 255) as Code
        });
        Ok(codes.collect())
    }

    fn label(&self, codes: &[Code], _cells: CellRect) -> Result<Vec<u8>> {
        Ok(codes.iter().map(|&it| label_of(shade_of(Some(it)))).collect())
    }

    fn decode(&self, codes: Codes<'_>, window: CellRect, _quality: Quality) -> Result<Decoded> {
        let shades: Vec<u8> = codes.of_cells.iter().map(|&it| shade_of(it)).collect();
        Ok(Self::shade(codes.grid, window, &shades))
    }

    fn underpaint(
        &self,
        codes: Codes<'_>,
        probs: &[(Cell, &[f32])],
        window: CellRect,
    ) -> Result<Decoded> {
        let grid = codes.grid;
        let mut shades: Vec<u8> = codes.of_cells.iter().map(|&it| shade_of(it)).collect();
        for (cell, probs) in probs {
            let shades_of_codes = (0..N_CODES as Code).map(|it| f32::from(shade_of(Some(it))));
            let mean: f32 = shades_of_codes.zip(*probs).map(|(shade, prob)| shade * prob).sum();
            shades[grid.idx(*cell)] = mean as u8;
        }
        Ok(Self::shade(grid, window, &shades))
    }
}
