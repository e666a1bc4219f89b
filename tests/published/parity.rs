//! Every case in `tests/parity`, and in the folder that `ALLA_PRIMA_PARITY` names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use alla_prima::base::Precision;
use alla_prima::base::{Cell, Code, Grid};
use alla_prima::model::checkpoint::Checkpoint;
use alla_prima::model::published::arpg::Arpg;
use alla_prima::model::published::janus::Janus;
use alla_prima::model::published::llamagen::{Condition, LlamaGen};
use alla_prima::model::published::t5::T5;
use alla_prima::model::published::vq::{Nearest, Vq};
use alla_prima::model::published::weights::{OnDevice, Weights};
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
        let tensors = candle_core::safetensors::load(file, &Device::Cpu);
        let mut tensors = tensors.unwrap_or_else(|err| self.is_damaged(&err));
        tensors.remove(name).unwrap_or_else(|| self.is_damaged(&format!("there is no {name}")))
    }

    fn is_damaged(&self, why: &dyn std::fmt::Display) -> ! {
        panic!("{}: the case is damaged: {why}", self.folder.display())
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        let values = self.tensor(name).to_dtype(DType::F32).unwrap();
        values.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn ids(&self, name: &str) -> Vec<u32> {
        let values = self.tensor(name).to_dtype(DType::U32).unwrap();
        values.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn weights(&self) -> Checkpoint {
        let file = self.about["checkpoint"].as_str().unwrap_or("");
        let opened = Checkpoint::open(&self.folder.join(file));
        opened.unwrap_or_else(|err| self.is_damaged(&err))
    }

    /// Cells of 16 pixels, of which networks know nothing.
    fn grid(&self) -> Grid {
        let side = |idx: usize| match self.about["grid"][idx].as_u64() {
            Some(side) => side as u16,
            None => self.is_damaged(&"case.json tells no grid"),
        };
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

    fn check_codec(&self, weights: &dyn Weights, prefix: &str, decoded_codes: &str) {
        let nearest = if prefix.is_empty() { Nearest::Direction } else { Nearest::Distance };
        let vq = Vq::load(weights, prefix, nearest).unwrap();
        let codes = vq.encode_floats(&channels_last(&self.tensor("pixels"))).unwrap();
        assert_eq!(codes, self.ids("codes"), "{}", self.folder.display());
        let codes: Vec<_> = self.ids(decoded_codes).into_iter().map(Some).collect();
        let decoded = channels_last(&self.tensor("decoded"));
        let (height, width, _) = decoded.dims3().unwrap();
        let size = usize::from(vq.cell_pixels());
        let latents = vq.latents(&codes).unwrap();
        let latents = latents.reshape((height / size, width / size, ())).unwrap();
        let ours = vq.decode_floats(&latents).unwrap().flatten_all().unwrap();
        let theirs: Vec<f32> = decoded.flatten_all().unwrap().to_vec1().unwrap();
        self.is_equal("pixels", &ours.to_vec1::<f32>().unwrap(), &theirs);
    }

    /// Reads nothing yet; and the cells that the reference has read, in its order.
    fn begin(
        &self,
        weights: &dyn Weights,
        precision: Precision,
    ) -> (Box<dyn Context>, Vec<(Cell, Code)>) {
        let grid = self.grid();
        let context = match self.about["family"].as_str().unwrap() {
            "llamagen" => {
                let condition = match self.about["class"].as_u64() {
                    Some(class) => Condition::Class(class as u32),
                    None => Condition::Features(self.tensor("text_features")),
                };
                let network = LlamaGen::load(weights, grid, precision).unwrap();
                Arc::new(network).begin(&[condition, Condition::Nothing])
            }
            "janus" => {
                let config = self.weights().config().cloned();
                let network = Janus::load(weights, config.as_ref(), grid, precision).unwrap();
                Arc::new(network).begin(&[self.ids("prompt_ids"), self.ids("uncond_ids")])
            }
            "arpg" => {
                let class = Condition::Class(self.about["class"].as_u64().unwrap() as u32);
                let network = Arpg::load(weights, grid, precision).unwrap();
                Arc::new(network).begin(&[class, Condition::Nothing])
            }
            family => panic!("{}: nothing checks the family {family}", self.folder.display()),
        };
        let story = if self.about["family"] == "arpg" { self.in_order() } else { self.rows() };
        (context.unwrap(), story)
    }

    /// Cells with their codes, as the case has their order.
    fn in_order(&self) -> Vec<(Cell, Code)> {
        let codes = self.ids("tokens");
        let order = self.ids("order").into_iter().map(|it| it as usize);
        order.map(|idx| (self.grid().cell(idx), codes[idx])).collect()
    }

    fn check(&self) {
        self.check_with(&self.weights());
    }

    /// The way of a GPU, with candle's processor in its place.
    fn check_on_device(&self) {
        self.check_with(&OnDevice { weights: &self.weights(), device: &Device::Cpu });
    }

    fn check_with(&self, weights: &dyn Weights) {
        if self.has_painter() {
            let (context, story) = self.begin(weights, Precision::F32);
            self.check_logits(context, &story);
        }
        let prefix = match (self.about["family"].as_str(), self.about["naming"].as_str()) {
            (Some("llamagen-vq"), _) => {
                return self.check_codec(weights, "", "random_codes");
            }
            (Some("flan-t5"), _) => return self.check_text_encoder(weights),
            (Some("janus"), Some("hf")) => "model.vqmodel.",
            (Some("janus"), _) => "gen_vision_model.",
            _ => return,
        };
        self.check_codec(weights, prefix, "tokens");
    }

    fn has_painter(&self) -> bool {
        self.about["family"] != "llamagen-vq" && self.about["family"] != "flan-t5"
    }

    fn features(&self, weights: &dyn Weights, precision: Precision) -> Vec<f32> {
        let config = self.weights().config().cloned().unwrap();
        let network = T5::open(weights, &config, precision).unwrap();
        let features = network.features(&self.ids("ids")).unwrap();
        features.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn check_text_encoder(&self, weights: &dyn Weights) {
        let theirs = self.floats("features");
        self.is_equal("features", &self.features(weights, Precision::F32), &theirs);
        let ours = self.features(weights, Precision::Q8);
        let squares = |it: &mut dyn Iterator<Item = f32>| it.map(|it| it * it).sum::<f32>();
        let off = squares(&mut ours.iter().zip(&theirs).map(|(a, b)| a - b));
        let off = (off / squares(&mut theirs.iter().copied())).sqrt();
        println!("{}: features, not exact: {off:.5} of their size", self.folder.display());
        assert!(off < 0.05, "{}: {off}", self.folder.display());
    }

    /// How far the probs of each next code are from the exact ones on average, in nats.
    fn divergence(&self, weights: &dyn Weights, precision: Precision) -> f32 {
        let answers = |weights: &dyn Weights, precision: Precision| {
            let (mut context, story) = self.begin(weights, precision);
            let ask = |idx: usize| Ask { cell: story[idx].0, after: idx };
            let asks: Vec<Ask> = (0..story.len()).map(ask).collect();
            let logits = context.read(&story[..story.len() - 1], &asks).unwrap();
            let of_text = |text: usize| (0..asks.len()).map(move |idx| (text, idx));
            let all = (0..2).flat_map(of_text);
            all.map(|(text, idx)| logits.of(text, idx).to_vec()).collect::<Vec<_>>()
        };
        let exact = answers(&self.weights(), Precision::F32);
        let ours = answers(weights, precision);
        let each = exact.iter().zip(&ours).map(|(exact, ours)| divergence(exact, ours));
        each.sum::<f32>() / exact.len() as f32
    }
}

/// Of the distribution `q` from the distribution `p`, both as logits, in nats (Kullback and Leibler).
fn divergence(p: &[f32], q: &[f32]) -> f32 {
    let log_sum = |x: &[f32]| x.iter().map(|it| f64::from(*it).exp()).sum::<f64>().ln();
    let (p_sum, q_sum) = (log_sum(p), log_sum(q));
    let parts = p.iter().zip(q).map(|(&p, &q)| {
        let (p, q) = (f64::from(p) - p_sum, f64::from(q) - q_sum);
        p.exp() * (p - q)
    });
    parts.sum::<f64>() as f32
}

/// [channels, height, width] → [height, width, channels]
fn channels_last(map: &Tensor) -> Tensor {
    map.to_dtype(DType::F32).unwrap().permute((1, 2, 0)).unwrap().contiguous().unwrap()
}

/// The cases in a folder, a folder each.
fn cases_in(folder: &Path) -> Vec<Case> {
    let folders = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let folders = folders.filter(|it| it.join("case.json").is_file());
    let cases = folders.map(|folder| {
        let about = std::fs::read(folder.join("case.json")).unwrap();
        let mut case = Case { about: Value::Null, folder };
        case.about = serde_json::from_slice(&about).unwrap_or_else(|err| case.is_damaged(&err));
        case
    });
    cases.collect()
}

#[test]
fn every_network_computes_what_its_reference_computes() {
    let own = cases_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity"));
    assert_eq!(own.len(), 7);
    let others = std::env::var_os("ALLA_PRIMA_PARITY").map(|it| cases_in(Path::new(&it)));
    assert!(others.as_ref().is_none_or(|it| !it.is_empty()), "there are no other cases");
    own.iter().chain(others.iter().flatten()).for_each(Case::check);
    own.iter().chain(others.iter().flatten()).for_each(Case::check_on_device);
}

#[test]
fn eight_bits_leave_the_odds_alone() {
    let cases = cases_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity"));
    for case in cases.iter().filter(|it| it.has_painter()) {
        let weights = case.weights();
        let [q8, q4k] = [Precision::Q8, Precision::Q4K].map(|it| case.divergence(&weights, it));
        println!("{}: 8 bits {q8:.6} nats, 4 bits {q4k:.6}", case.folder.display());
        assert!(q8 <= 1e-3, "{}: {q8}", case.folder.display());
        assert!(q8 < q4k, "{}: 8 bits are as far off as 4", case.folder.display());
        let on_device = OnDevice { weights: &weights, device: &Device::Cpu };
        let on_device = case.divergence(&on_device, Precision::Q8);
        println!("{}: 16 bits on a device {on_device:.6}", case.folder.display());
        assert!(on_device <= 1e-3, "{}: {on_device}", case.folder.display());
    }
}
