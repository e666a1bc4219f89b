//! RandAR against its definition: one pass over the whole interleaved sequence, without a cache.

use alla_prima::base::Sources;
use alla_prima::base::{Cell, Code, Order};
use alla_prima::base::{Hardware, Precision};
use alla_prima::model::Ask;
use alla_prima::model::published::open;
use candle_core::{D, Device, Tensor};
use candle_nn::ops::softmax_last_dim;
use candle_nn::rotary_emb::rope_i;

use super::tiny::{self, DIM, N_CODES, N_LAYERS, Tensors, written};

const N_HEADS: usize = 2;
const HEAD_DIM: usize = DIM / N_HEADS;

/// Cosines and sines of the cells of some entries, each [entries, head_dim / 2]; `None` is the condition.
fn angles(cells: &[Option<Cell>]) -> (Tensor, Tensor) {
    let n = HEAD_DIM / 4;
    let (mut cos, mut sin) = (Vec::new(), Vec::new());
    for cell in cells {
        for idx in 0..2 * n {
            let speed = 10_000_f32.powf(-((idx % n) as f32) / n as f32);
            let angle = cell.map(|it| speed * f32::from(if idx < n { it.row } else { it.col }));
            cos.push(angle.map_or(0.0, f32::cos));
            sin.push(angle.map_or(0.0, f32::sin));
        }
    }
    let shape = (cells.len(), 2 * n);
    let tensor = |values| Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
    (tensor(cos), tensor(sin))
}

fn rms_norm(x: &Tensor, gain: &Tensor) -> Tensor {
    let mean = x.sqr().unwrap().mean_keepdim(D::Minus1).unwrap();
    let x = x.broadcast_div(&(mean + 1e-5).unwrap().sqrt().unwrap()).unwrap();
    x.broadcast_mul(gain).unwrap()
}

/// [entries, in] by a weight [out, in].
fn linear(x: &Tensor, weight: &Tensor) -> Tensor {
    x.matmul(&weight.t().unwrap()).unwrap()
}

/// [entries, dim] → [1, heads, entries, head_dim]
fn heads(x: &Tensor) -> Tensor {
    let x = x.reshape((1, x.dims()[0], N_HEADS, HEAD_DIM)).unwrap();
    x.transpose(1, 2).unwrap().contiguous().unwrap()
}

fn block(weights: &Tensors, idx: usize, x: &Tensor, cos: &Tensor, sin: &Tensor) -> Tensor {
    let weight = |part: &str| weights.get(&format!("layers.{idx}.{part}.weight"));
    let n = x.dims()[0];
    let qkv = linear(&rms_norm(x, weight("attention_norm")), weight("attention.wqkv"));
    let part = |idx: usize| heads(&qkv.narrow(1, idx * DIM, DIM).unwrap());
    let (q, k) = (rope_i(&part(0), cos, sin).unwrap(), rope_i(&part(1), cos, sin).unwrap());
    let scores = (q.matmul(&k.t().unwrap()).unwrap() * (HEAD_DIM as f64).powf(-0.5)).unwrap();
    let hidden = (0..n * n).map(|at| if at / n < at % n { f32::NEG_INFINITY } else { 0.0 });
    let mask = Tensor::from_iter(hidden, &Device::Cpu).unwrap().reshape((n, n)).unwrap();
    let probs = softmax_last_dim(&scores.broadcast_add(&mask).unwrap()).unwrap();
    let y = probs.matmul(&part(2)).unwrap().transpose(1, 2).unwrap().reshape((n, DIM)).unwrap();
    let x = (x + linear(&y, weight("attention.wo"))).unwrap();
    let y = rms_norm(&x, weight("ffn_norm"));
    let gate = linear(&y, weight("feed_forward.w1")).silu().unwrap();
    let up = linear(&y, weight("feed_forward.w3"));
    (&x + linear(&(gate * up).unwrap(), weight("feed_forward.w2"))).unwrap()
}

/// What the network answers for each cell of `story`, knowing those before it: [cells, codes].
fn reference(weights: &Tensors, class: usize, story: &[(Cell, Code)]) -> Vec<Vec<f32>> {
    let table = weights.get("cls_embedding.embedding_table.weight");
    let (mut x, mut cells) = (vec![table.narrow(0, class, 1).unwrap()], vec![None]);
    for &(cell, code) in story {
        let (cos, sin) = angles(&[Some(cell)]);
        let instruction = rope_i(&heads(weights.get("pos_instruct_embeddings")), &cos, &sin);
        x.push(instruction.unwrap().transpose(1, 2).unwrap().reshape((1, DIM)).unwrap());
        x.push(weights.get("tok_embeddings.weight").narrow(0, code as usize, 1).unwrap());
        cells.extend([Some(cell); 2]);
    }
    let (cos, sin) = angles(&cells);
    let mut x = Tensor::cat(&x, 0).unwrap();
    for idx in 0..N_LAYERS {
        x = block(weights, idx, &x, &cos, &sin);
    }
    let logits = linear(&rms_norm(&x, weights.get("norm.weight")), weights.get("output.weight"));
    logits.to_vec2().unwrap().into_iter().skip(1).step_by(2).collect()
}

#[test]
fn one_cell_after_the_other_is_the_same_as_the_whole_sequence() {
    let weights = tiny::randar();
    let (_folder, painter, codec) = written(&weights);
    let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
    let painter = open(&sources, Precision::F32, Hardware::Cpu).unwrap();
    let order = Order::Random.cells(painter.facts().grid, 11);
    let story: Vec<(Cell, Code)> =
        order.into_iter().zip((0..).map(|it| it * 31 % N_CODES as u32)).take(40).collect();
    let mut context = painter.begin(&[Some("207"), None]).unwrap();
    let expected = [reference(&weights, 207, &story), reference(&weights, tiny::N_CLASSES, &story)];
    for (idx, &placed) in story.iter().enumerate() {
        let ask = [Ask { cell: placed.0, after: idx }];
        let logits = context.read(&[], &ask).unwrap();
        context.read(&[placed], &[]).unwrap();
        for (text, expected) in expected.iter().enumerate() {
            let pairs = logits.of(text, 0).iter().zip(&expected[idx]);
            let error = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(error < 2e-4, "cell {idx}, text {text}: {error}");
        }
    }
}
