//! Little vectors and matrices, of colours.

/// Red, green, blue, from 0 to 1, as they are stored and blended; or a colour in another space.
pub(super) type Colour = [f32; 3];

pub(super) type Matrix = [[f32; 3]; 3];

pub(super) fn sum(a: Colour, b: Colour) -> Colour {
    std::array::from_fn(|it| a[it] + b[it])
}

pub(super) fn difference(a: Colour, b: Colour) -> Colour {
    std::array::from_fn(|it| a[it] - b[it])
}

pub(super) fn dot(a: Colour, b: Colour) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn times(matrix: &Matrix, vector: Colour) -> Colour {
    matrix.map(|row| dot(row, vector))
}

/// How colours scatter about their mean; `least` is added to the variance of each channel.
pub(super) fn covariance(
    colours: impl Iterator<Item = Colour>,
    mean: Colour,
    n: usize,
    least: f32,
) -> Matrix {
    let mut matrix = [[0.0; 3]; 3];
    for colour in colours {
        let off = difference(colour, mean);
        for (row, a) in matrix.iter_mut().zip(off) {
            row.iter_mut().zip(off).for_each(|(it, b)| *it += a * b / n as f32);
        }
    }
    matrix.iter_mut().enumerate().for_each(|(idx, row)| row[idx] += least);
    matrix
}

/// Of a symmetric matrix: its inverse, and its determinant. In double precision, as colours on a line leave little else.
pub(super) fn inverted(matrix: Matrix) -> (Matrix, f32) {
    let [[a, b, c], [_, d, e], [_, _, f]] = matrix.map(|row| row.map(f64::from));
    let (aa, ab, ac) = (d * f - e * e, c * e - b * f, b * e - c * d);
    let (bb, bc, cc) = (a * f - c * c, b * c - a * e, a * d - b * b);
    let determinant = a * aa + b * ab + c * ac;
    let inverse = [[aa, ab, ac], [ab, bb, bc], [ac, bc, cc]];
    (inverse.map(|row| row.map(|it| (it / determinant) as f32)), determinant as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        // The second is nearly flat, as are windows of two colours.
        let line = covariance([[0.9, 0.8, 0.7], [0.1, 0.1, 0.1]].into_iter(), [0.5; 3], 2, 1e-6);
        for matrix in [[[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]], line] {
            let (inverse, determinant) = inverted(matrix);
            assert!(0.0 < determinant);
            for (idx, row) in matrix.iter().enumerate() {
                let product = times(&inverse, *row);
                let is_near = |it: usize| (product[it] - f32::from(it == idx)).abs() < 0.05;
                assert!((0..3).all(is_near), "{product:?}");
            }
        }
    }
}
