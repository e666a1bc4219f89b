//! The embedded network computes what its reference in PyTorch computes.
//! The case was made by `export.py`, together with the weights.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(clippy::print_stdout, reason = "measured errors, shown with --nocapture")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use alla_prima::base::Precision;
use alla_prima::base::{Cell, CellRect, Code, Grid, PixelRect};
use alla_prima::model::embedded::Embedded;
use alla_prima::model::{Ask, Codes, Painter as _, Quality};
use candle_core::{DType, Device, Tensor};

static GRID: LazyLock<Grid> = LazyLock::new(|| Embedded::load().unwrap().facts().grid);

/// The step between the rows and columns of the decoded picture that are in the case.
const PIXEL_STRIDE: usize = 5;

/// The step between the places of the order at which the case holds what the reference answers.
const STRIDE: usize = 16;

fn case_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/model/case.safetensors")
}

fn case(name: &str) -> Tensor {
    let mut case = candle_core::safetensors::load(case_file(), &Device::Cpu).unwrap();
    case.remove(name).unwrap()
}

/// The prompt that the case was made with, from the head of its file.
fn prompt() -> String {
    let bytes = std::fs::read(case_file()).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let head: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    head["__metadata__"]["prompt"].as_str().unwrap().to_owned()
}

fn floats(name: &str) -> Vec<f32> {
    case(name).to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn ids(name: &str) -> Vec<u32> {
    case(name).to_dtype(DType::U32).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// The largest difference.
fn error(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Cells with their codes, in one of the case's orders.
fn story(order: &str) -> Vec<(Cell, Code)> {
    let codes = ids("tokens");
    ids(order).into_iter().map(|it| (GRID.cell(it as usize), codes[it as usize])).collect()
}

/// What the network answers where the case does, each cell knowing those before it: the prompt's
/// logits first, then those of the null prompt.
fn answers(model: &Embedded, order: &str) -> Vec<f32> {
    let story = story(order);
    let ask: Vec<Ask> = (0..story.len())
        .step_by(STRIDE)
        .map(|idx| Ask { cell: story[idx].0, after: idx })
        .collect();
    let mut context = model.begin(&[Some(&prompt()), None]).unwrap();
    let logits = context.read(&story[..story.len() - 1], &ask).unwrap();
    let texts =
        [0, 1].map(|text| (0..ask.len()).flat_map(|it| logits.of(text, it)).copied().collect());
    let [with, without]: [Vec<f32>; 2] = texts;
    [with, without].concat()
}

#[test]
fn words_are_those_of_the_reference() {
    let model = Embedded::load().unwrap();
    let ours = [model.text_ids(Some(&prompt())), model.text_ids(None)].concat();
    assert_eq!(ours, ids("text_ids"));
}

#[test]
fn the_painter_answers_like_the_reference() {
    let model = Embedded::load_with(Precision::F32).unwrap();
    for (order, name) in [("order_rows", "logits_rows"), ("order_mask", "logits_mask")] {
        let error = error(&answers(&model, order), &floats(name));
        println!("{name}: {error:.6}");
        assert!(error <= 2e-3, "{name}: {error}");
    }
}

#[test]
fn eight_bits_leave_the_odds_alone() {
    let model = Embedded::load_with(Precision::Q8).unwrap();
    for (order, name) in [("order_rows", "logits_rows"), ("order_mask", "logits_mask")] {
        let (ours, theirs) = (answers(&model, order), floats(name));
        let n_codes = model.facts().n_codes;
        let pairs = theirs.chunks(n_codes).zip(ours.chunks(n_codes));
        let divergences: Vec<f32> = pairs.map(|(p, q)| divergence(p, q)).collect();
        let mean = divergences.iter().sum::<f32>() / divergences.len() as f32;
        println!("{name}: divergence {mean:.6} nats, largest error {}", error(&ours, &theirs));
        // Of some 2.7 nats that a cell takes.
        assert!(mean <= 2e-3, "{name}: {mean}");
    }
}

/// Of the distribution `q` from the distribution `p`, in nats.
fn divergence(p: &[f32], q: &[f32]) -> f32 {
    let log_sum = |x: &[f32]| x.iter().map(|it| it.exp()).sum::<f32>().ln();
    let (p_sum, q_sum) = (log_sum(p), log_sum(q));
    let parts = p.iter().zip(q).map(|(p, q)| (p - p_sum).exp() * ((p - p_sum) - (q - q_sum)));
    parts.sum()
}

#[test]
fn the_decoder_paints_like_the_reference() {
    let model = Embedded::load().unwrap();
    let of_cells: Vec<Option<Code>> = ids("tokens").into_iter().map(Some).collect();
    let codes = Codes { grid: *GRID, of_cells: &of_cells };
    let painted = model.float_codec().decode_floats(codes, GRID.all(), Quality::Final).unwrap();
    // The reference has colours and labels outermost.
    let decoded = case("decoded").permute((1, 2, 0)).unwrap().flatten_all().unwrap();
    let kept = painted.rgb.chunks(GRID.width() as usize * 3).step_by(PIXEL_STRIDE);
    let kept = kept.flat_map(|row| row.chunks(3).step_by(PIXEL_STRIDE)).flatten().copied();
    let kept: Vec<f32> = kept.collect();
    let error_rgb = error(&kept, &decoded.to_vec1::<f32>().unwrap());
    let labels = case("labels").permute((1, 2, 0)).unwrap().flatten_all().unwrap();
    let error_labels = error(&painted.labels, &labels.to_vec1::<f32>().unwrap());
    println!("pixels: {error_rgb:.6}, labels: {error_labels:.6}");
    assert!(error_rgb <= 2e-3 && error_labels <= 2e-3, "{error_rgb} {error_labels}");
}

#[test]
fn the_encoder_finds_the_codes_of_the_reference() {
    let model = Embedded::load().unwrap();
    let pixels = case("pixels").to_dtype(DType::F32).unwrap().permute((1, 2, 0)).unwrap();
    let pixels = pixels.affine(1.0 / 127.5, -1.0).unwrap();
    let pixels: Vec<f32> = pixels.flatten_all().unwrap().to_vec1().unwrap();
    let codes = model.float_codec().encode_floats(&pixels, GRID.area(), GRID.all()).unwrap();
    assert_eq!(codes, ids("codes"));
}

#[test]
fn reading_one_by_one_and_all_at_once_gives_the_same_odds() {
    for precision in [Precision::F32, Precision::Q8] {
        let model = Embedded::load_with(precision).unwrap();
        let story = &story("order_mask")[..64];
        let ask: Vec<Ask> = (0..64).map(|idx| Ask { cell: story[idx].0, after: idx }).collect();
        let mut context = model.begin(&[Some(&prompt()), None]).unwrap();
        let at_once = context.read(story, &ask).unwrap();
        context.rewind(0);
        let mut largest = 0.0_f32;
        for (idx, &placed) in story.iter().enumerate() {
            let one = context.read(&[], &ask[idx..=idx]).unwrap();
            context.read(&[placed], &[]).unwrap();
            for text in [0, 1] {
                largest = largest.max(error(one.of(text, 0), at_once.of(text, idx)));
            }
        }
        println!("{precision:?}: {largest}");
        assert!(largest <= 1e-4, "{precision:?}: {largest}");
    }
}

#[test]
fn what_was_forgotten_leaves_no_trace() {
    let model = Embedded::load().unwrap();
    let story = story("order_rows");
    let ask = [Ask { cell: Cell::new(9, 9), after: 20 }];
    let mut fresh = model.begin(&[Some(&prompt())]).unwrap();
    let expected = fresh.read(&story[..20], &ask).unwrap();

    let mut context = model.begin(&[Some(&prompt())]).unwrap();
    context.read(&story[..10], &[]).unwrap();
    context.read(&story[100..150], &[]).unwrap();
    context.rewind(10);
    assert_eq!(context.len(), 10);
    let logits = context.read(&story[10..20], &ask).unwrap();
    assert!(error(expected.of(0, 0), logits.of(0, 0)) <= 1e-4);
}

#[test]
fn an_exact_window_is_a_part_of_the_whole() {
    let model = Embedded::load().unwrap();
    let of_cells: Vec<Option<Code>> =
        (0_u32..).zip(ids("tokens")).map(|(idx, code)| (idx % 7 != 3).then_some(code)).collect();
    let codes = Codes { grid: *GRID, of_cells: &of_cells };
    let codec = model.float_codec();
    let whole = codec.decode_floats(codes, GRID.all(), Quality::Final).unwrap();
    for (left, top, right, bottom) in
        [(0, 0, 4, 4), (6, 6, 10, 10), (0, 8, 16, 9), (15, 15, 16, 16)]
    {
        let window = CellRect { left, top, right, bottom };
        let part = codec.decode_floats(codes, window, Quality::Final).unwrap();
        let PixelRect { left, top, right, bottom } = GRID.pixels(window);
        let rows = (top..bottom).flat_map(|y| {
            let (start, end) = ((y * GRID.width() + left) * 3, (y * GRID.width() + right) * 3);
            &whole.rgb[start as usize..end as usize]
        });
        let error = error(&part.rgb, &rows.copied().collect::<Vec<_>>());
        println!("{window:?}: {error}");
        assert!(error <= 1e-5, "{window:?}: {error}");
    }
}

#[test]
fn an_encoded_part_has_the_codes_of_the_whole() {
    let model = Embedded::load().unwrap();
    let codec = model.codec();
    let rgb: Vec<u8> = (0..GRID.width() as usize * GRID.height() as usize * 3)
        .map(|it| (it % 4093 * (it % 4093) / 977 % 251) as u8)
        .collect();
    let whole = codec.encode(&rgb, GRID.area(), GRID.all()).unwrap();
    let cells = CellRect { left: 9, top: 0, right: 12, bottom: 3 };
    let area = GRID.pixels(cells.grown(model.facts().encode_margin, *GRID));
    let rows = (area.top..area.bottom).flat_map(|y| {
        let (start, end) =
            ((y * GRID.width() + area.left) * 3, (y * GRID.width() + area.right) * 3);
        &rgb[start as usize..end as usize]
    });
    let part = codec.encode(&rows.copied().collect::<Vec<_>>(), area, cells).unwrap();
    let expected: Vec<Code> = cells.cells().map(|cell| whole[GRID.idx(cell)]).collect();
    assert_eq!(part, expected);
}
