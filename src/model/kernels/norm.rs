//! RMS norm (Zhang and Sennrich, <https://arxiv.org/abs/1910.07467>).

use super::sums::fold_of;

/// Divides each row of `width` values by the root of its mean square. Learned gains come after it,
/// or are folded into the weights behind it, see [`with_gain`](super::with_gain).
pub fn rms_norm(rows: &mut [f32], width: usize, eps: f32) {
    for row in rows.chunks_exact_mut(width) {
        let squares = fold_of(row, |it| it * it, 0.0, |a, b| a + b);
        let factor = (squares / width as f32 + eps).sqrt().recip();
        row.iter_mut().for_each(|it| *it *= factor);
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Tensor};
    use candle_nn::ops;

    use super::*;

    #[test]
    fn rows_are_normed_one_by_one() {
        let (width, eps) = (40, 1e-3);
        let x = Tensor::randn(0.0_f32, 3.0, (7, width), &Device::Cpu).unwrap();
        let ones = Tensor::ones(width, DType::F32, &Device::Cpu).unwrap();
        let expected = ops::rms_norm(&x, &ones, eps).unwrap().flatten_all().unwrap();
        let mut rows: Vec<f32> = x.flatten_all().unwrap().to_vec1().unwrap();
        rms_norm(&mut rows, width, eps);
        for (row, expected) in rows.iter().zip(expected.to_vec1::<f32>().unwrap()) {
            assert!((row - expected).abs() < 1e-5, "{row} for {expected}");
        }
    }
}
