//! Bytes as hexadecimal digits.

/// Two small digits for each byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|it| [it >> 4, it & 15]);
    digits.map(|it| char::from(DIGITS[usize::from(it)])).collect()
}

/// The bytes that [`hex`] has written, in digits of either size; `None` where it is something else.
#[must_use]
pub(super) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: Vec<u8> =
        text.chars().map(|it| it.to_digit(16).map(|it| it as u8)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|it| it[0] << 4 | it[1]).collect();
    if digits.len() == 2 * N { bytes.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_their_digits() {
        assert_eq!(hex(&[0, 0x0f, 0xa0, 0xff]), "000fa0ff");
        assert_eq!(from_hex("000fA0ff"), Some([0, 0x0f, 0xa0, 0xff]));
        for other in ["", "000fa0f", "000fa0ff0", "000fa0ff00", "000fa0fg", "000fa0f€"] {
            assert_eq!(from_hex::<4>(other), None, "{other}");
        }
    }
}
