//! Networks with random weights, in files as they are published, small enough for tests.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor};

pub(crate) const DIM: usize = 128;
pub(crate) const N_LAYERS: usize = 2;
pub(crate) const N_CODES: usize = 64;
pub(crate) const N_CLASSES: usize = 1000;

/// Entries of a text, and the width of their features.
pub(crate) const SLOTS: usize = 120;
pub(crate) const TEXT_WIDTH: usize = 32;

/// A file being filled.
pub(crate) struct Tensors {
    all: HashMap<String, Tensor>,
    dice: u64,
}

impl Tensors {
    fn new(seed: u64) -> Self {
        Self { all: HashMap::new(), dice: seed }
    }

    /// About normal: the sum of some uniform numbers.
    fn normal(&mut self) -> f32 {
        let uniform = |dice: &mut u64| {
            *dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (*dice >> 40) as f32 / (1 << 24) as f32 - 0.5
        };
        (0..4).map(|_| uniform(&mut self.dice)).sum::<f32>() * 1.73
    }

    fn add(&mut self, name: &str, shape: &[usize], scale: f32) {
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| self.normal() * scale).collect();
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
        assert!(self.all.insert(name.to_owned(), tensor).is_none(), "{name} is there twice");
    }

    /// [out, in], so that what comes out is about as large as what goes in.
    fn linear(&mut self, name: &str, n_out: usize, n_in: usize) {
        self.add(name, &[n_out, n_in], (n_in as f32).powf(-0.5));
    }

    /// Around 1.
    fn gain(&mut self, name: &str, n: usize) {
        let values: Vec<f32> = (0..n).map(|_| 1.0 + 0.1 * self.normal()).collect();
        self.all.insert(name.to_owned(), Tensor::new(values, &Device::Cpu).unwrap());
    }

    fn conv(&mut self, name: &str, n_out: usize, n_in: usize, kernel: usize) {
        let scale = ((n_in * kernel * kernel) as f32).powf(-0.5);
        self.add(&format!("{name}.weight"), &[n_out, n_in, kernel, kernel], scale);
        self.add(&format!("{name}.bias"), &[n_out], 0.1);
    }

    fn norm(&mut self, name: &str, n: usize) {
        self.gain(&format!("{name}.weight"), n);
        self.add(&format!("{name}.bias"), &[n], 0.1);
    }

    fn res(&mut self, name: &str, n: usize) {
        for part in ["1", "2"] {
            self.norm(&format!("{name}.norm{part}"), n);
            self.conv(&format!("{name}.conv{part}"), n, n, 3);
        }
    }

    fn attention(&mut self, name: &str, n: usize) {
        self.norm(&format!("{name}.norm"), n);
        ["q", "k", "v", "proj_out"]
            .iter()
            .for_each(|it| self.conv(&format!("{name}.{it}"), n, n, 1));
    }

    pub(crate) fn get(&self, name: &str) -> &Tensor {
        self.all.get(name).unwrap()
    }

    pub(crate) fn replace(&mut self, name: &str, tensor: Tensor) {
        assert!(self.all.insert(name.to_owned(), tensor).is_some(), "{name} was not there");
    }

    pub(crate) fn write(&self, path: &Path) {
        candle_core::safetensors::save(&self.all, path).unwrap();
    }
}

/// LlamaGen's blocks, codes and output; no condition.
fn transformer(tensors: &mut Tensors) {
    let hidden = 256;
    tensors.add("tok_embeddings.weight", &[N_CODES, DIM], 1.0);
    for idx in 0..N_LAYERS {
        let name = |part: &str| format!("layers.{idx}.{part}.weight");
        tensors.linear(&name("attention.wqkv"), 3 * DIM, DIM);
        tensors.linear(&name("attention.wo"), DIM, DIM);
        tensors.linear(&name("feed_forward.w1"), hidden, DIM);
        tensors.linear(&name("feed_forward.w3"), hidden, DIM);
        tensors.linear(&name("feed_forward.w2"), DIM, hidden);
        tensors.gain(&name("attention_norm"), DIM);
        tensors.gain(&name("ffn_norm"), DIM);
    }
    tensors.gain("norm.weight", DIM);
    tensors.linear("output.weight", N_CODES, DIM);
}

pub(crate) fn llamagen_of_classes() -> Tensors {
    let mut tensors = Tensors::new(1);
    transformer(&mut tensors);
    tensors.add("cls_embedding.embedding_table.weight", &[N_CLASSES + 1, DIM], 1.0);
    tensors
}

pub(crate) fn llamagen_of_texts() -> Tensors {
    let mut tensors = Tensors::new(2);
    transformer(&mut tensors);
    tensors.linear("cls_embedding.cap_proj.fc1.weight", DIM, TEXT_WIDTH);
    tensors.linear("cls_embedding.cap_proj.fc2.weight", DIM, DIM);
    tensors.add("cls_embedding.uncond_embedding", &[SLOTS, TEXT_WIDTH], 1.0);
    tensors
}

pub(crate) fn randar() -> Tensors {
    let mut tensors = Tensors::new(3);
    transformer(&mut tensors);
    tensors.add("cls_embedding.embedding_table.weight", &[N_CLASSES + 1, DIM], 1.0);
    tensors.add("pos_instruct_embeddings", &[1, DIM], 1.0);
    tensors
}

pub(crate) fn arpg() -> Tensors {
    let mut tensors = Tensors::new(4);
    let hidden = 256;
    tensors.add("embeddings.weight", &[N_CODES + N_CLASSES + 3, DIM], 1.0);
    for (kind, parts) in
        [("self_dec", &["to_q", "to_k", "to_v", "proj"][..]), ("cross_dec", &["to_q", "proj"])]
    {
        for idx in 0..N_LAYERS {
            let name = |part: &str| format!("layers.{kind}.{idx}.{part}.weight");
            parts.iter().for_each(|it| tensors.linear(&name(&format!("attn.{it}")), DIM, DIM));
            tensors.linear(&name("ffn.w1"), hidden, DIM);
            tensors.linear(&name("ffn.w3"), hidden, DIM);
            tensors.linear(&name("ffn.w2"), DIM, hidden);
            tensors.gain(&name("attn_norm"), DIM);
            tensors.gain(&name("ffn_norm"), DIM);
        }
    }
    tensors.gain("layers.norm.weight", DIM);
    tensors.linear("layers.to_k.weight", DIM, DIM);
    tensors.linear("layers.to_v.weight", DIM, DIM);
    tensors.gain("norm.weight", DIM);
    tensors.linear("head.weight", N_CODES, DIM);
    tensors
}

/// VQ-8: cells of 8 pixels.
pub(crate) fn vq() -> Tensors {
    let mut tensors = Tensors::new(5);
    let (n, n_z, n_levels) = (32, 64, 4);
    tensors.conv("encoder.conv_in", n, 3, 3);
    tensors.conv("decoder.conv_in", n, n_z, 3);
    for (half, lowest, resize) in
        [("encoder", n_levels - 1, "downsample"), ("decoder", 0, "upsample")]
    {
        for level in 0..n_levels {
            let name = format!("{half}.conv_blocks.{level}");
            tensors.res(&format!("{name}.res.0"), n);
            if level == lowest {
                tensors.attention(&format!("{name}.attn.0"), n);
            }
            if level != n_levels - 1 {
                tensors.conv(&format!("{name}.{resize}.conv"), n, n, 3);
            }
        }
        tensors.res(&format!("{half}.mid.0"), n);
        tensors.attention(&format!("{half}.mid.1"), n);
        tensors.res(&format!("{half}.mid.2"), n);
        tensors.norm(&format!("{half}.norm_out"), n);
    }
    tensors.conv("encoder.conv_out", n_z, n, 3);
    tensors.conv("decoder.conv_out", 3, n, 3);
    tensors.conv("quant_conv", 8, n_z, 1);
    tensors.conv("post_quant_conv", n_z, 8, 1);
    tensors.add("quantize.embedding.weight", &[N_CODES, 8], 1.0);
    tensors
}

/// A folder with a Flan-T5 that knows a few words.
pub(crate) fn write_t5(folder: &Path) {
    let mut tensors = Tensors::new(6);
    let (n_words, hidden) = (16, 64);
    tensors.add("shared.weight", &[n_words, TEXT_WIDTH], 1.0);
    for idx in 0..2 {
        let name = |part: &str| format!("encoder.block.{idx}.layer.{part}.weight");
        for part in ["q", "k", "v", "o"] {
            tensors.linear(&name(&format!("0.SelfAttention.{part}")), TEXT_WIDTH, TEXT_WIDTH);
        }
        if idx == 0 {
            tensors.add(&name("0.SelfAttention.relative_attention_bias"), &[32, 2], 0.1);
        }
        tensors.gain(&name("0.layer_norm"), TEXT_WIDTH);
        tensors.linear(&name("1.DenseReluDense.wi_0"), hidden, TEXT_WIDTH);
        tensors.linear(&name("1.DenseReluDense.wi_1"), hidden, TEXT_WIDTH);
        tensors.linear(&name("1.DenseReluDense.wo"), TEXT_WIDTH, hidden);
        tensors.gain(&name("1.layer_norm"), TEXT_WIDTH);
    }
    tensors.gain("encoder.final_layer_norm.weight", TEXT_WIDTH);
    tensors.write(&folder.join("model.safetensors"));
    let config = serde_json::json!({
        "vocab_size": n_words, "d_model": TEXT_WIDTH, "d_kv": TEXT_WIDTH / 2, "d_ff": hidden,
        "num_layers": 2, "num_decoder_layers": 2, "num_heads": 2,
        "relative_attention_num_buckets": 32, "relative_attention_max_distance": 128,
        "dropout_rate": 0.1, "layer_norm_epsilon": 1e-6, "initializer_factor": 1.0,
        "feed_forward_proj": "gated-gelu", "tie_word_embeddings": false,
        "is_encoder_decoder": true, "use_cache": true, "pad_token_id": 0, "eos_token_id": 1,
        "decoder_start_token_id": 0,
    });
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    write_tokenizer(folder, &["<pad>", "</s>", "<unk>", "a", "red", "boat", "sea"]);
}

/// One that splits texts at blanks.
pub(crate) fn write_tokenizer(folder: &Path, words: &[&str]) {
    let ids: HashMap<&str, usize> = words.iter().copied().zip(0..).collect();
    let tokenizer = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": null, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null,
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": ids, "unk_token": "<unk>"},
    });
    std::fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
}

/// A folder with a network, called as one for 8 × 8 cells, and a codec.
pub(crate) fn written(network: &Tensors) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (painter, codec) =
        (folder.path().join("tiny_64.safetensors"), folder.path().join("vq.safetensors"));
    network.write(&painter);
    vq().write(&codec);
    (folder, painter, codec)
}
