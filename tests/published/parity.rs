//! Every case in `tests/parity`, and in the folder that `ALLA_PRIMA_PARITY` names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use alla_prima::base::Precision;
use alla_prima::base::{Cell, Code, Grid};
use alla_prima::model::published::arpg::Arpg;
use alla_prima::model::published::janus::Janus;
use alla_prima::model::published::llamagen::{Condition, LlamaGen};
use alla_prima::model::published::vq::{Nearest, Vq};
use alla_prima::model::published::weights::Files;
use alla_prima::model::{Ask, Context};
use candle_core::{DType, Device, Tensor};
use serde_json::Value;

/// The largest difference of logits, and of pixels within -1 and 1.
const TOLERANCE: f32 = 2e-3;

/// A folder with a checkpoint, what it is, and what comes of it.
struct Case {
    folder: PathBuf,
    about: Value,
}

impl Case {
    fn tensor(&self, name: &str) -> Tensor {
        let file = self.folder.join("case.safetensors");
        candle_core::safetensors::load(file, &Device::Cpu).unwrap().remove(name).unwrap()
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        let values = self.tensor(name).to_dtype(DType::F32).unwrap();
        values.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn ids(&self, name: &str) -> Vec<u32> {
        let values = self.tensor(name).to_dtype(DType::U32).unwrap();
        values.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn weights(&self) -> Files {
        match self.about["checkpoint"].as_str() {
            Some(file) => Files::open(&self.folder.join(file)).unwrap(),
            None => Files::open(&self.folder).unwrap(),
        }
    }

    /// Cells of 16 pixels, of which networks know nothing.
    fn grid(&self) -> Grid {
        let side = |idx: usize| self.about["grid"][idx].as_u64().unwrap() as u16;
        Grid { rows: side(0), cols: side(1), cell_pixels: 16 }
    }

    fn is_equal(&self, what: &str, ours: &[f32], theirs: &[f32]) {
        assert_eq!(ours.len(), theirs.len());
        let error = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{}: {what}: {error:.6}", self.folder.display());
        assert!(error <= TOLERANCE, "{}: {what}: {error}", self.folder.display());
    }

    /// Reads `story`, at once and then cell by cell, and compares what is answered for each of its cells.
    fn check_logits(&self, mut context: Box<dyn Context>, story: &[(Cell, Code)]) {
        let ask = |idx: usize| Ask { cell: story[idx].0, after: idx };
        let asks: Vec<Ask> = (0..story.len()).map(ask).collect();
        let at_once = context.read(&story[..story.len() - 1], &asks).unwrap();
        context.rewind(0);
        for (text, name) in ["logits_cond", "logits_uncond"].into_iter().enumerate() {
            let ours: Vec<f32> =
                (0..asks.len()).flat_map(|idx| at_once.of(text, idx)).copied().collect();
            self.is_equal(name, &ours, &self.floats(name));
        }
        for idx in 0..story.len() {
            let one = context.read(&[], &[ask(idx)]).unwrap();
            context.read(&story[idx..=idx], &[]).unwrap();
            assert_eq!([0, 1].map(|it| one.of(it, 0)), [0, 1].map(|it| at_once.of(it, idx)));
        }
    }

    /// Cells with their codes, row by row.
    fn rows(&self) -> Vec<(Cell, Code)> {
        self.grid().cells().zip(self.ids("tokens")).collect()
    }

    fn check_codec(&self, weights: &Files, prefix: &str, decoded_codes: &str) {
        let nearest = if prefix.is_empty() { Nearest::Direction } else { Nearest::Place };
        let vq = Vq::load(weights, prefix, nearest).unwrap();
        let codes = vq.encode_floats(&self.tensor("pixels")).unwrap();
        assert_eq!(codes, self.ids("codes"), "{}", self.folder.display());
        let codes: Vec<_> = self.ids(decoded_codes).into_iter().map(Some).collect();
        let decoded = self.tensor("decoded");
        let (_, height, width) = decoded.dims3().unwrap();
        let size = usize::from(vq.cell_pixels());
        let digits = vq.digits(&codes).unwrap();
        let digits = digits.reshape((height / size, width / size, ())).unwrap();
        let ours = vq.decode_floats(&digits).unwrap().flatten_all().unwrap();
        self.is_equal("pixels", &ours.to_vec1::<f32>().unwrap(), &self.floats("decoded"));
    }

    fn check(&self) {
        let weights = self.weights();
        match self.about["family"].as_str().unwrap() {
            "llamagen" => self.check_llamagen(&weights),
            "llamagen-vq" => self.check_codec(&weights, "", "random_codes"),
            "janus" => self.check_janus(&weights),
            "arpg" => self.check_arpg(&weights),
            family => panic!("{}: nothing checks the family {family}", self.folder.display()),
        }
    }

    fn check_llamagen(&self, weights: &Files) {
        let network = LlamaGen::load(weights, self.grid(), Precision::F32).unwrap();
        let condition = match self.about["class"].as_u64() {
            Some(class) => Condition::Class(class as u32),
            None => Condition::Features(self.tensor("text_features")),
        };
        let context = Arc::new(network).begin(&[condition, Condition::Nothing]).unwrap();
        self.check_logits(context, &self.rows());
    }

    fn check_janus(&self, weights: &Files) {
        let config = weights.config();
        let network = Janus::load(weights, config, self.grid(), Precision::F32).unwrap();
        let prompts = [self.ids("prompt_ids"), self.ids("uncond_ids")];
        let context = Arc::new(network).begin(&prompts).unwrap();
        self.check_logits(context, &self.rows());
        let prefix = match self.about["naming"].as_str().unwrap() {
            "hf" => "model.vqmodel.",
            _ => "gen_vision_model.",
        };
        self.check_codec(weights, prefix, "tokens");
    }

    fn check_arpg(&self, weights: &Files) {
        let network = Arpg::load(weights, self.grid(), Precision::F32).unwrap();
        let class = Condition::Class(self.about["class"].as_u64().unwrap() as u32);
        let context = Arc::new(network).begin(&[class, Condition::Nothing]).unwrap();
        let codes = self.ids("tokens");
        let order = self.ids("order").into_iter().map(|it| it as usize);
        let story: Vec<_> = order.map(|idx| (self.grid().cell(idx), codes[idx])).collect();
        self.check_logits(context, &story);
    }
}

/// The cases in a folder, a folder each.
fn cases_in(folder: &Path) -> Vec<Case> {
    let folders = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let folders = folders.filter(|it| it.join("case.json").is_file());
    let cases = folders.map(|folder| {
        let about = std::fs::read(folder.join("case.json")).unwrap();
        Case { about: serde_json::from_slice(&about).unwrap(), folder }
    });
    cases.collect()
}

#[test]
fn every_network_computes_what_its_reference_computes() {
    let own = cases_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity"));
    assert_eq!(own.len(), 6);
    let others = std::env::var_os("ALLA_PRIMA_PARITY").map(|it| cases_in(Path::new(&it)));
    assert!(others.as_ref().is_none_or(|it| !it.is_empty()), "there are no other cases");
    own.iter().chain(others.iter().flatten()).for_each(Case::check);
}
