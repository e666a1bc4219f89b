//! What tells a network's weights from all others, wherever its files lie and whatever they are
//! called: a digest of samples, since those of a large network take minutes to read.

use sha2::{Digest as _, Sha256};

use crate::base::Digest;

/// Bytes of each sample: the first ones of a file, those in its middle, and the last ones. Between
/// them they hold a header, or the directory at an archive's end, and values of some weights.
const SAMPLE: usize = 64 << 10;

/// Of a network made of `parts` (painter, codec …), which come in an order of their own; each of
/// them is one file or several, in any order.
pub(super) fn digest(parts: &[Vec<&[u8]>]) -> Digest {
    let mut all = Sha256::new();
    for files in parts {
        // By what is in them: shards that were given other names are still the same.
        let mut files: Vec<[u8; 32]> = files.iter().map(|it| of_file(it)).collect();
        files.sort_unstable();
        all.update((files.len() as u64).to_le_bytes());
        files.iter().for_each(|it| all.update(it));
    }
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(all.finalize());
    Digest([a, b, c, d, e, f, g, h])
}

fn of_file(bytes: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update((bytes.len() as u64).to_le_bytes());
    if bytes.len() <= 3 * SAMPLE {
        digest.update(bytes);
    } else {
        for start in [0, (bytes.len() - SAMPLE) / 2, bytes.len() - SAMPLE] {
            digest.update(&bytes[start..start + SAMPLE]);
        }
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_part_come_in_any_order_and_parts_in_theirs() {
        let (a, b) = (&b"aaa"[..], &b"bb"[..]);
        assert_eq!(digest(&[vec![a, b]]), digest(&[vec![b, a]]));
        let others = [
            vec![vec![a], vec![b]],
            vec![vec![b], vec![a]],
            vec![vec![a, b], vec![]],
            vec![vec![b"aaabb"]],
            vec![vec![a]],
        ];
        let mut all: Vec<Digest> = others.iter().map(|it| digest(it)).collect();
        all.push(digest(&[vec![a, b]]));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 1 + others.len());
    }

    #[test]
    fn a_byte_in_a_sample_or_another_length_makes_another_digest() {
        let bytes: Vec<u8> = (0..10 * SAMPLE).map(|it| (it % 251) as u8).collect();
        let of = |bytes: &[u8]| digest(&[vec![bytes]]);
        let changed = |at: usize| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            of(&bytes)
        };
        for at in [0, SAMPLE - 1, bytes.len() / 2, bytes.len() - SAMPLE, bytes.len() - 1] {
            assert_ne!(changed(at), of(&bytes), "byte {at}");
        }
        assert_ne!(of(&bytes[1..]), of(&bytes));
        assert_ne!(of(&bytes[..bytes.len() - 1]), of(&bytes));
        // Of a small file every byte counts.
        let small = &bytes[..3 * SAMPLE];
        let mut other = small.to_vec();
        other[SAMPLE + 1] ^= 1;
        assert_ne!(of(&other), of(small));
    }
}
