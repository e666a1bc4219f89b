//! A linear map with weights of 8 bits and one scale per output: enough for networks whose weights
//! are all of one size, and fast where a matrix fits the processor's cache.

use candle_core::{Result, Tensor};

use super::strips::{EMPTY, GROUP, Group, Row, STRIP, TILES, max_rows, products, put, scale_of};

/// The weights of a linear map without bias; 8 bits each, and a factor per output.
#[derive(Clone, Debug)]
pub struct Q8PerRow {
    pub(super) n_in: usize,
    pub(super) n_out: usize,
    n_groups: usize,
    weights: Vec<Group>, // [tiles of outputs, groups of inputs]
    /// Per output.
    scales: Vec<f32>,
}

impl Q8PerRow {
    /// `weight` is [out, in].
    pub(super) fn new(weight: &Tensor) -> Result<Self> {
        let weight: Vec<Vec<f32>> = weight.to_vec2()?;
        let (n_in, n_out) = (weight.first().map_or(0, Vec::len), weight.len());
        let n_groups = n_in.div_ceil(GROUP);
        let mut weights = vec![EMPTY; n_out.div_ceil(STRIP) * TILES * n_groups];
        let scales: Vec<f32> = weight.iter().map(|row| scale_of(row)).collect();
        for ((output, row), scale) in weight.iter().enumerate().zip(&scales) {
            for (input, weight) in row.iter().enumerate() {
                let level = (weight / scale).round() as i8;
                put(&mut weights, n_groups, output, input, level);
            }
        }
        Ok(Self { n_in, n_out, n_groups, weights, scales })
    }

    /// [rows, in] → [rows, out], by this thread alone.
    pub(super) fn multiply(&self, x: &[f32], y: &mut [f32]) {
        let rows: Vec<Row> = x.chunks_exact(self.n_in).map(Row::new).collect();
        for strip in 0..self.n_out.div_ceil(STRIP) {
            let y = y.chunks_mut(max_rows() * self.n_out);
            for (rows, y) in rows.chunks(max_rows()).zip(y) {
                match rows {
                    [a] => self.strip(strip, [a], y),
                    [a, b] => self.strip(strip, [a, b], y),
                    [a, b, c, ..] => self.strip(strip, [a, b, c], y),
                    [] => (),
                }
            }
        }
    }

    /// The outputs of a strip for some rows.
    fn strip<const ROWS: usize>(&self, strip: usize, rows: [&Row; ROWS], y: &mut [f32]) {
        let start = strip * STRIP;
        let weights = &self.weights[strip * TILES * self.n_groups..];
        let mut found = [[0.0; STRIP]; ROWS];
        products(weights, self.n_groups, rows, found.each_mut().map(|it| it.as_mut_slice()));
        let scales = &self.scales[start..self.n_out.min(start + STRIP)];
        for ((y, found), row) in y.chunks_exact_mut(self.n_out).zip(&found).zip(rows) {
            let y = &mut y[start..][..scales.len()];
            for ((y, product), scale) in y.iter_mut().zip(found).zip(scales) {
                *y = product * (row.scale * scale);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn products_are_those_of_floats_but_for_rounding() {
        for (n_in, n_out) in [(50, 70), (256, 64), (3, 1), (1100, 5)] {
            let weight = Tensor::randn(0.0_f32, 1.0, (n_out, n_in), &Device::Cpu).unwrap();
            let x = Tensor::randn(0.0_f32, 1.0, (11, n_in), &Device::Cpu).unwrap();
            let expected = x.matmul(&weight.t().unwrap()).unwrap().flatten_all().unwrap();
            let x: Vec<f32> = x.flatten_all().unwrap().to_vec1().unwrap();
            let mut y = vec![0.0; 11 * n_out];
            Q8PerRow::new(&weight).unwrap().multiply(&x, &mut y);
            let tolerance = 0.04 * (n_in as f32).sqrt();
            for (y, expected) in y.iter().zip(expected.to_vec1::<f32>().unwrap()) {
                assert!((y - expected).abs() < tolerance, "{y} for {expected}");
            }
        }
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let weight = Tensor::zeros((5, 8), candle_core::DType::F32, &Device::Cpu).unwrap();
        let bytes = Q8PerRow::new(&weight).unwrap();
        let mut y = [1.0; 10];
        bytes.multiply(&[1.0; 16], &mut y);
        assert_eq!(y, [0.0; 10]);
        let weight = Tensor::ones((5, 8), candle_core::DType::F32, &Device::Cpu).unwrap();
        Q8PerRow::new(&weight).unwrap().multiply(&[0.0; 16], &mut y);
        assert_eq!(y, [0.0; 10]);
    }
}
