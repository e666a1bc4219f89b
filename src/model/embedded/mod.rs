//! The network that ships inside the program: it paints landscapes, on the processor alone.
//! Family `alla-prima-1`, see `design/embedded-model.md`; trained only on pictures that our own
//! generator paints.

mod attention;
mod codec;
mod config;
mod context;
mod conv;
mod decoder;
mod encoder;
mod fsq;
mod linear;
mod painter;
mod resize;
mod silu;
mod sums;
mod weights;
mod words;

use std::sync::Arc;

pub use self::codec::{Codec, Floats};
pub use self::linear::Precision;

use self::config::Config;
use self::context::Context;
use self::painter::Painter;
use self::weights::Weights;
use self::words::Words;
use crate::base::Order;
use crate::model::{self, Facts, Result};

const NAME: &str = "Landscapes 1";

/// What the labels head tells apart, in the generator's order.
const LABELS: [&str; 12] = [
    "sky", "cloud", "disc", "mountain", "hill", "forest", "city", "water", "grass", "sand", "snow",
    "object",
];

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

    /// [`Self::load`], computing as exactly as asked.
    ///
    /// # Errors
    /// As there.
    pub fn load_with(precision: Precision) -> Result<Self> {
        Self::from_parts(
            include_bytes!("../../../assets/model/config.json"),
            include_bytes!("../../../assets/model/words.json"),
            include_bytes!("../../../assets/model/codec.safetensors"),
            include_bytes!("../../../assets/model/painter.safetensors"),
            precision,
        )
    }

    /// From the bytes of its four files, which may be anything.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub fn from_parts(
        config: &[u8],
        words: &[u8],
        codec: &[u8],
        painter: &[u8],
        precision: Precision,
    ) -> Result<Self> {
        let config = Config::parse(config)?;
        let words = Words::parse(words, config.painter.words, config.painter.text_slots)?;
        let codec = Codec::load(&Weights::parse(codec)?, &config)?;
        let values = codec.fsq.table()?;
        let painter = Painter::load(&Weights::parse(painter)?, &config, &values, precision)?;
        let facts = Facts {
            name: NAME.to_owned(),
            grid: painter.grid,
            n_codes: painter.n_codes,
            orders: vec![Order::Rows, Order::Outline],
            words: words.known.clone(),
            ignored_words: words.ignored.clone(),
            guidance: config.defaults.guidance,
            region_guidance: config.defaults.region_guidance,
            encode_margin: codec.encode_margin(),
            labels: LABELS.map(str::to_owned).to_vec(),
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
        let ids: Vec<u32> = texts.iter().flat_map(|&text| self.words.ids(text)).collect();
        Ok(Box::new(Context::new(Arc::clone(&self.painter), &ids)?))
    }

    fn codec(&self) -> &dyn model::Codec {
        &self.codec
    }
}
