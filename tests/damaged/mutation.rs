//! Damage by chance: flipped bits, absurd numbers, parts cut out, doubled, or put elsewhere.

/// SplitMix64.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    /// Below `n`, which may be 0.
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Numbers at which lengths and sums break.
const ABSURD: [u64; 12] = [
    0,
    1,
    0x7f,
    0xff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x1_0000_0000,
    1 << 61,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    u64::MAX,
];

/// Up to four changes anywhere.
pub(crate) fn of_bytes(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=chance.below(4) {
        let (start, length) = (chance.below(bytes.len()), 1 + chance.below(40));
        let end = (start + length).min(bytes.len());
        let target = chance.below(bytes.len());
        match chance.below(7) {
            0 | 1 if start < end => bytes[start] ^= 1 << chance.below(8),
            2 if start < end => bytes[start] = chance.next() as u8,
            3 => {
                let width = [1, 2, 4, 8][chance.below(4)].min(bytes.len() - start);
                let number = ABSURD[chance.below(ABSURD.len())].to_le_bytes();
                bytes[start..start + width].copy_from_slice(&number[..width]);
            }
            4 => drop(bytes.drain(start..end)),
            5 => {
                let part = bytes[start..end].to_vec();
                bytes.splice(target..target, part);
            }
            _ => {
                let part = bytes[start..end].to_vec();
                let end = (target + part.len()).min(bytes.len());
                bytes.splice(target..end, part);
            }
        }
    }
    bytes
}

/// Changes in the first or last few kilobytes of a large file.
pub(crate) fn of_ends(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    const END: usize = 8 << 10;
    let (first, rest) = bytes.split_at(END);
    let (middle, last) = rest.split_at(rest.len() - END);
    match chance.below(3) {
        0 => [&of_bytes(first, chance), middle, last].concat(),
        1 => [first, middle, &of_bytes(last, chance)].concat(),
        _ => bytes[..chance.below(bytes.len())].to_vec(),
    }
}

/// The JSON of a safetensors file, its length set right so that it is read as such.
pub(crate) fn of_header(file: &[u8], chance: &mut Chance) -> Vec<u8> {
    let (length, rest) = file.split_first_chunk::<8>().unwrap();
    let (header, values) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header = of_text(std::str::from_utf8(header).unwrap(), chance);
    [&(header.len() as u64).to_le_bytes(), header.as_slice(), values].concat()
}

/// A JSON text in which a number, a name or a bracket is another one.
pub(crate) fn of_text(text: &str, chance: &mut Chance) -> Vec<u8> {
    const PARTS: [&str; 16] = [
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "null",
        "-1",
        "1e999",
        "0.5",
        "..",
        "/",
        "\\u0000",
        "\"F8_E4M3\"",
        "[[[[",
    ];
    if chance.below(4) == 0 {
        return of_bytes(text.as_bytes(), chance);
    }
    // Runs of letters and digits, and all else one by one.
    let mut parts: Vec<String> = Vec::new();
    for letter in text.chars() {
        match parts.last_mut() {
            Some(last) if letter.is_alphanumeric() && last.ends_with(char::is_alphanumeric) => {
                last.push(letter);
            }
            _ => parts.push(letter.to_string()),
        }
    }
    for _ in 0..=chance.below(3) {
        let (at, other) = (chance.below(parts.len()), chance.below(parts.len()));
        match chance.below(4) {
            0 => parts[at] = ABSURD[chance.below(ABSURD.len())].to_string(),
            1 => PARTS[chance.below(PARTS.len())].clone_into(&mut parts[at]),
            2 => parts.swap(at, other),
            _ => {
                let numbers: Vec<usize> =
                    (0..parts.len()).filter(|&it| parts[it].parse::<u64>().is_ok()).collect();
                let at = numbers.get(chance.below(numbers.len())).copied().unwrap_or(at);
                parts[at] = ABSURD[chance.below(ABSURD.len())].to_string();
            }
        }
    }
    parts.concat().into_bytes()
}
