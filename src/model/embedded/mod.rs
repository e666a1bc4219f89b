//! The network that ships inside the program: it paints landscapes, on the processor alone.
//! Family `alla-prima-1`, see `assets/model/README.md`; trained only on pictures that our own
//! generator paints.

mod block;
mod codec;
mod config;
mod context;
mod decoder;
mod encoder;
mod folder;
mod fsq;
mod painter;
mod residual;
mod resize;
mod weights;
mod words;

use std::path::Path;
use std::sync::Arc;

pub use self::codec::{Codec, Floats};
pub use self::folder::is_in;

use self::config::Config;
use self::context::{Context, context_bytes};
use self::folder::Files;
use self::painter::Painter;
use self::weights::Weights;
use self::words::Words;
use crate::base::{ModelId, Precision, Sampling};
use crate::model::digest::digest;
use crate::model::hardware::PROCESSOR;
use crate::model::{self, Error, Facts, LabelGroup, Prompts, Result};

/// What the labels head tells apart, in the generator's order.
const LABELS: [&str; 12] = [
    "sky", "cloud", "disc", "mountain", "hill", "forest", "city", "water", "grass", "sand", "snow",
    "object",
];

/// What lies in the sky belongs to it.
fn sky() -> LabelGroup {
    let parts = ["cloud", "disc"].map(str::to_owned).to_vec();
    LabelGroup { label: "sky".to_owned(), parts }
}

/// A new picture is printed and shown at 1152 pixels: its strokes are crisp beside what the network paints.
const NEW_SCALE: u16 = 2;

const CONFIG: &[u8] = include_bytes!("../../../assets/model/config.json");
const WORDS: &[u8] = include_bytes!("../../../assets/model/words.json");
const CODEC: &[u8] = include_bytes!("../../../assets/model/codec.safetensors");
const PAINTER: &[u8] = include_bytes!("../../../assets/model/painter.safetensors");

/// The embedded network.
pub struct Embedded {
    facts: Facts,
    words: Words,
    painter: Arc<Painter>,
    codec: Codec,
}

impl Embedded {
    /// From the weights in the program itself.
    ///
    /// # Errors
    /// Where the program was built around damaged weights.
    pub fn load() -> Result<Self> {
        Self::load_with(Precision::Q8)
    }

    /// [`Self::load`], with weights as trained ([`Precision::F32`]) or in 8 bits: it is too small
    /// for fewer of them to be of use.
    ///
    /// # Errors
    /// As there.
    pub fn load_with(precision: Precision) -> Result<Self> {
        Self::assemble(CONFIG, WORDS, CODEC, PAINTER, precision)
    }

    /// From the folder at `path`, or the one in which that file lies; it may hold anything.
    ///
    /// # Errors
    /// Says what is wrong with it, the path last.
    pub fn open(path: &Path, precision: Precision) -> Result<Self> {
        let files = Files::read(path)?;
        let opened =
            Self::assemble(&files.config, &files.words, &files.codec, &files.painter, precision);
        opened.map_err(|err| match err {
            Error::Damaged(why) => Error::damaged(&why, path),
            err => err,
        })
    }

    /// From the bytes of its four files, which may be anything. Says what is wrong with them.
    fn assemble(
        config: &[u8],
        words: &[u8],
        codec: &[u8],
        painter: &[u8],
        precision: Precision,
    ) -> Result<Self> {
        let digest = digest(&[vec![config], vec![words], vec![codec], vec![painter]]);
        let config = Config::parse(config)?;
        let words = Words::parse(words, config.painter.words, config.painter.text_slots)?;
        let codec = Codec::load(&Weights::parse(codec)?, &config)?;
        let values = codec.fsq.table()?;
        let painter = Painter::load(&Weights::parse(painter)?, &config, &values, precision)?;
        let facts = Facts {
            new_scale: NEW_SCALE,
            id: ModelId { name: config.name.clone(), digest: Some(digest) },
            licence: "MIT".to_owned(),
            hardware: PROCESSOR.to_owned(),
            grid: painter.grid,
            n_codes: painter.n_codes,
            is_any_order: true,
            paints_larger: true,
            prompts: Prompts::Words,
            limits: Vec::new(),
            words: words.vocabulary.known().into(),
            subjects: config.subjects().into(),
            vocabulary: Some(Arc::clone(&words.vocabulary)),
            guidance: config.defaults.guidance,
            region_guidance: config.defaults.region_guidance,
            order: config.defaults.order.clone(),
            sampling: Sampling { temperature: config.defaults.temperature, ..Sampling::default() },
            encode_margin: codec.encode_margin(),
            context_bytes: context_bytes(&painter),
            labels: LABELS.map(str::to_owned).into(),
            label_groups: [sky()].into(),
        };
        Ok(Self { facts, words, painter: Arc::new(painter), codec })
    }

    /// The ids under which the network knows the words of a text, one per slot.
    #[must_use]
    pub fn text_ids(&self, text: Option<&str>) -> Vec<u32> {
        self.words.ids(text)
    }

    /// The codec with its access to values before rounding.
    #[must_use]
    pub const fn float_codec(&self) -> &Codec {
        &self.codec
    }
}

impl model::Painter for Embedded {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn begin(&self, texts: &[Option<&str>]) -> Result<Box<dyn model::Context>> {
        if texts.is_empty() {
            return Err(Error::NotSupported("there is no text to read".to_owned()));
        }
        let ids: Vec<u32> = texts.iter().flat_map(|&text| self.words.ids(text)).collect();
        Ok(Box::new(Context::new(Arc::clone(&self.painter), &ids)?))
    }

    fn codec(&self) -> &dyn model::Codec {
        &self.codec
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Cell, CellRect, Code};
    use crate::model::{Ask, Codes, Painter as _, Quality};

    fn check_damaged(config: &[u8], words: &[u8], codec: &[u8], painter: &[u8], reason: &str) {
        match Embedded::assemble(config, words, codec, painter, Precision::Q8) {
            Err(Error::Damaged(why)) => assert!(why.contains(reason), "{why}"),
            Err(err) => panic!("not called damaged: {err}"),
            Ok(_) => panic!("taken, against {reason}"),
        }
    }

    #[test]
    fn what_is_cut_short_is_damaged() {
        check_damaged(b"", WORDS, CODEC, PAINTER, "configuration");
        check_damaged(CONFIG, b"", CODEC, PAINTER, "words");
        for len in [0, 7, 8, 100, 5000, CODEC.len() / 2, CODEC.len() - 1] {
            check_damaged(CONFIG, WORDS, &CODEC[..len], PAINTER, "weights cannot be read");
        }
        for len in [0, 7, 8, 100, 5000, PAINTER.len() / 2, PAINTER.len() - 1] {
            check_damaged(CONFIG, WORDS, CODEC, &PAINTER[..len], "weights cannot be read");
        }
        check_damaged(CONFIG, WORDS, PAINTER, CODEC, "is missing");
    }

    #[test]
    fn weights_of_another_shape_are_damaged() {
        let heads = Config::parse(CONFIG).unwrap().painter.heads;
        let changes = [
            ("/painter/dim", 512 + 64 * heads),
            ("/painter/ffn", 8000),
            ("/painter/heads", 2 * heads),
            ("/painter/self_layers", 25),
            ("/painter/text_slots", 25),
            ("/grid/0", 17),
        ];
        for (path, value) in changes {
            let config = config::tests::changed(path, value);
            check_damaged(&config, WORDS, CODEC, PAINTER, "weight ");
        }
    }

    #[test]
    fn a_value_that_is_no_number_is_damaged() {
        let file = safetensors::SafeTensors::deserialize(PAINTER).unwrap();
        let bias = file.tensor("bias").unwrap().data();
        let start = bias.as_ptr().addr() - PAINTER.as_ptr().addr();
        let mut painter = PAINTER.to_vec();
        painter[start..start + bias.len()].fill(0xff); // NaN, at 16 bits and at 32.
        check_damaged(CONFIG, WORDS, CODEC, &painter, "no numbers");
    }

    #[test]
    fn a_flipped_bit_never_panics() {
        // The header is text; what it says of offsets and shapes must not be believed.
        for at in (0..7000).step_by(97) {
            let mut painter = PAINTER.to_vec();
            painter[at] ^= 1 << (at % 8);
            let _either = Embedded::assemble(CONFIG, WORDS, CODEC, &painter, Precision::Q8);
        }
    }

    #[test]
    fn codes_alone_tell_what_is_seen() {
        let model = Embedded::load().unwrap();
        let (grid, codec) = (model.facts().grid, model.codec());
        let codes: Vec<u32> = (0..grid.n_cells() as u32).map(|it| it * 37 % 4096).collect();
        let of_cells: Vec<_> = codes.iter().copied().map(Some).collect();
        let codes_of_all = Codes { grid, of_cells: &of_cells };
        let decoded = codec.decode(codes_of_all, grid.all(), Quality::Final).unwrap();
        assert_eq!(codec.label(&codes, grid.all()).unwrap(), decoded.labels);
        let cell = CellRect::of(Cell::new(3, 4));
        assert_eq!(codec.label(&codes[..1], cell).unwrap().len(), 1);
        assert!(codec.label(&codes[..1], grid.all()).is_err());
    }

    #[test]
    fn the_same_files_in_a_folder_are_the_same_network() {
        let built_in = Embedded::load().unwrap().facts().id.clone();
        assert_eq!(built_in.slug(), "landscapes-3");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/model");
        let opened = Embedded::open(&folder, Precision::F32).unwrap();
        assert_eq!(opened.facts().id, built_in);
    }

    #[test]
    fn a_context_takes_what_was_said_of_it() {
        for precision in [Precision::F32, Precision::Q8] {
            let model = Embedded::load_with(precision).unwrap();
            let guided = model.begin(&[Some("a lake"), None]).unwrap();
            assert_eq!(guided.bytes(), model.facts().context_bytes);
            assert_eq!(2 * model.begin(&[None]).unwrap().bytes(), guided.bytes());
        }
    }

    #[test]
    fn who_means_the_sky_means_what_is_in_it() {
        let facts = Embedded::load().unwrap().facts().clone();
        let groups = facts.label_groups.iter().flat_map(|it| it.parts.iter().chain([&it.label]));
        groups.for_each(|it| assert!(facts.labels.contains(it), "{it}"));
        assert!(facts.is_meant_by("cloud", "sky") && facts.is_meant_by("sky", "sky"));
        assert!(!facts.is_meant_by("sky", "cloud") && !facts.is_meant_by("water", "sky"));
    }

    #[test]
    fn what_can_be_asked_for_is_offered_in_order() {
        let facts = Embedded::load().unwrap().facts().clone();
        let titles: Vec<&str> = facts.subjects.iter().map(|it| it.title.as_str()).collect();
        let expected = ["Places", "Things", "Light", "Season", "Sky", "Weather", "Manner"];
        assert_eq!(titles, expected);
        assert!(facts.subjects.iter().all(|it| !it.things.is_empty()));
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        let model = Embedded::load().unwrap();
        let mut context = model.begin(&[None]).unwrap();
        let grid = model.facts().grid;
        let nowhere = Cell::new(grid.rows, 0);
        let ask = |cell, after| [Ask { cell, after }];
        assert!(matches!(context.read(&[(nowhere, 0)], &[]), Err(Error::NoSuchCell { .. })));
        assert!(matches!(context.read(&[], &ask(nowhere, 0)), Err(Error::NoSuchCell { .. })));
        let beyond = model.facts().n_codes as u32;
        let unknown = context.read(&[(Cell::new(0, 0), beyond)], &[]);
        assert!(matches!(unknown, Err(Error::NoSuchCode(code)) if code == beyond));
        assert!(context.read(&[], &ask(Cell::new(0, 0), 1)).is_err());
        assert!(context.is_empty());
        assert!(model.begin(&[]).is_err());

        let codec = model.codec();
        let (n, all) = (grid.n_cells(), grid.all());
        let wide = CellRect { right: grid.cols + 1, ..all };
        let is_refused = |codes: &[Option<Code>], window| {
            codec.decode(Codes { grid, of_cells: codes }, window, Quality::Final).is_err()
        };
        assert!(is_refused(&vec![None; n], wide));
        assert!(is_refused(&vec![None; n - 1], all));
        assert!(is_refused(&vec![Some(beyond); n], all));
        assert!(codec.encode(&[0; 5], grid.area(), all).is_err());
    }
}
