//! Films as GIF: each frame has colours of its own, and what has not changed in it is left transparent.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};

use color_quant::NeuQuant;
use gif::{DisposalMethod, Encoder, EncodingError, Extension, Repeat};

use super::frame::{Clock, Frame};
use super::{FilmNotes, Sink};
use crate::io::error::Fault;

/// One of the 256 is kept for what is transparent.
const MAX_COLOURS: usize = 255;

/// From about so many pixels colours are learnt: from more it takes longer, and they become hardly better.
const N_LEARNT: usize = 100_000;

/// Shorter ones are shown for a tenth of a second by browsers.
const LEAST_TICKS: u64 = 2;

const TICKS_PER_SECOND: u64 = 100;

type Rgba = [u8; 4];

pub(super) struct Gif {
    encoder: Encoder<BufWriter<File>>,
    clock: Clock,
}

impl Gif {
    pub(super) fn begin(file: File, size: [u32; 2], notes: FilmNotes<'_>) -> io::Result<Self> {
        let begin = || {
            let [width, height] = size.map(|it| it as u16); // as large as that at most
            let mut encoder = Encoder::new(BufWriter::new(file), width, height, &[])?;
            encoder.set_repeat(Repeat::Infinite)?;
            if !notes.record.is_empty() {
                let comment = Extension::Comment.into();
                encoder.write_raw_extension(comment, &[notes.record.as_bytes()])?;
            }
            Ok(Self { encoder, clock: Clock::new(TICKS_PER_SECOND, LEAST_TICKS) })
        };
        begin().map_err(io_error)
    }
}

impl Sink for Gif {
    fn show(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        let area = frame.area;
        let news = frame.news(area);
        let colours = Colours::of(&news);
        let indices: Vec<u8> = news.iter().map(|&it| colours.nearest(it)).collect();
        let n_ticks = self.clock.advance(frame.millis); // 6001 at most
        self.encoder
            .write_frame(&gif::Frame {
                delay: n_ticks as u16,
                dispose: DisposalMethod::Keep,
                transparent: Some(colours.transparent()),
                left: area.left as u16,
                top: area.top as u16,
                width: area.width() as u16,
                height: area.height() as u16,
                palette: Some(colours.palette()),
                buffer: indices.into(),
                ..gif::Frame::default()
            })
            .map_err(|err| Fault::Write(io_error(err)))
    }

    fn finish(self: Box<Self>) -> Result<(), Fault> {
        let file = self.encoder.into_inner();
        file.map_err(io_error).and_then(|mut it| it.flush()).map_err(Fault::Write)
    }
}

fn io_error(err: EncodingError) -> io::Error {
    match err {
        EncodingError::Io(err) => err,
        err => io::Error::other(err),
    }
}

/// Those that a frame is shown in.
enum Colours {
    /// All of them, each with its index.
    Exact(BTreeMap<Rgba, u8>),
    Learnt(Box<NeuQuant>),
}

impl Colours {
    fn of(news: &[Rgba]) -> Self {
        let opaque = || news.iter().filter(|it| !is_transparent(**it)).copied();
        let mut exact = BTreeMap::new();
        for pixel in opaque() {
            let next = exact.len();
            if next == MAX_COLOURS && !exact.contains_key(&pixel) {
                let all: Vec<u8> = opaque().flatten().collect();
                let every = (news.len() / N_LEARNT).clamp(1, 30) as i32;
                return Self::Learnt(Box::new(NeuQuant::new(every, MAX_COLOURS, &all)));
            }
            exact.entry(pixel).or_insert(next as u8);
        }
        Self::Exact(exact)
    }

    fn nearest(&self, pixel: Rgba) -> u8 {
        match self {
            _ if is_transparent(pixel) => self.transparent(),
            Self::Exact(it) => it.get(&pixel).copied().unwrap_or_default(),
            Self::Learnt(it) => it.index_of(&pixel) as u8,
        }
    }

    /// The index behind all colours.
    fn transparent(&self) -> u8 {
        match self {
            Self::Exact(it) => it.len() as u8,
            Self::Learnt(_) => MAX_COLOURS as u8,
        }
    }

    /// RGB8 values by index, with one for what is transparent.
    fn palette(&self) -> Vec<u8> {
        let mut palette = match self {
            Self::Exact(it) => {
                let mut colours = vec![[0; 3]; it.len()];
                for (&[r, g, b, _], &idx) in it {
                    colours[usize::from(idx)] = [r, g, b];
                }
                colours.into_flattened()
            }
            Self::Learnt(it) => it.color_map_rgb(),
        };
        palette.extend([0; 3]);
        palette
    }
}

const fn is_transparent([.., alpha]: Rgba) -> bool {
    alpha == 0
}
