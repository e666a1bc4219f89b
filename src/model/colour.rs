//! Colours as networks know them: from -1 to 1 where pixels are 0 to 255.

/// Of each value.
pub(super) fn floats_of(rgb: &[u8]) -> Vec<f32> {
    rgb.iter().map(|&it| f32::from(it) / 127.5 - 1.0).collect()
}

/// The nearest value that a pixel can have to each.
pub(super) fn bytes_of(rgb: &[f32]) -> Vec<u8> {
    rgb.iter().map(|it| ((it.clamp(-1.0, 1.0) + 1.0) * 127.5).round() as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes_of(&floats_of(&all)), all);
        assert_eq!(bytes_of(&[-7.0, 0.0, 1.01]), [0, 128, 255]);
    }
}
