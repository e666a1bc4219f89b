//! Pictures with more light than a screen's white: their light is measured as ITU-R BT.2100 says, and what is brighter
//! than white is brought below it.

/// How such a picture's values become light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    /// The perceptual quantizer: absolute light.
    Pq,
    /// Hybrid log-gamma: light before the lens, seen on a screen of 1000 cd/m².
    Hlg,
}

/// The light of white paper or a text's background, in cd/m² (ITU-R BT.2408): it becomes a screen's white.
const WHITE: f32 = 203.0;

/// The light of a screen for hybrid log-gamma, in cd/m².
const HLG_SCREEN: f32 = 1000.0;

/// Up to here light stays as it is; 1 is white.
const KNEE: f32 = 0.8;

/// Takes RGBA values of 16 bits to sRGB.
#[derive(Clone, Debug)]
pub(super) struct ToneMap {
    curve: Curve,
    /// Light of each value; 1 is white.
    light: Vec<f32>,
    /// From linear light in the picture's primaries to that in sRGB's.
    matrix: [[f32; 3]; 3],
    /// The brightest light of the picture, at least 1.
    peak: f32,
}

impl ToneMap {
    pub(super) fn new(curve: Curve, matrix: [[f32; 3]; 3]) -> Self {
        let light = |value: u16| {
            let value = f32::from(value) / f32::from(u16::MAX);
            match curve {
                Curve::Pq => pq(value) / WHITE,
                Curve::Hlg => hlg(value),
            }
        };
        Self { curve, light: (0..=u16::MAX).map(light).collect(), matrix, peak: 1.0 }
    }

    /// To be called with all rows, before any is converted.
    pub(super) fn measure(&mut self, rgba: &[u16]) {
        for pixel in rgba.as_chunks::<4>().0 {
            self.peak = self.linear(*pixel).into_iter().fold(self.peak, f32::max);
        }
    }

    /// Light in sRGB's primaries; 1 is white.
    fn linear(&self, [red, green, blue, _]: [u16; 4]) -> [f32; 3] {
        let mut light = [red, green, blue].map(|it| self.light[usize::from(it)]);
        if self.curve == Curve::Hlg {
            let [red, green, blue] = light;
            // What a screen adds to the scene's contrast.
            let luminance = 0.2627 * red + 0.6780 * green + 0.0593 * blue;
            let gain = luminance.powf(0.2) * HLG_SCREEN / WHITE;
            light = light.map(|it| it * gain);
        }
        let sum = |row: [f32; 3]| row.iter().zip(light).map(|(factor, it)| factor * it).sum();
        self.matrix.map(sum)
    }

    /// Converts a row.
    pub(super) fn convert(&self, rgba: &[u16]) -> Vec<u8> {
        let mut out = Vec::with_capacity(rgba.len());
        for pixel in rgba.as_chunks::<4>().0 {
            let linear = self.linear(*pixel).map(|it| it.max(0.0));
            let brightest = linear.into_iter().fold(0.0, f32::max);
            let gain = if KNEE < brightest { self.dimmed(brightest) / brightest } else { 1.0 };
            out.extend(linear.map(|it| encoded(it * gain)));
            out.push((u32::from(pixel[3]) / 257) as u8);
        }
        out
    }

    /// Above the knee, brought below white: the peak becomes white, and nothing where the peak is white already.
    fn dimmed(&self, light: f32) -> f32 {
        let room = 1.0 - KNEE;
        let (above, peak) = ((light - KNEE) / room, (self.peak - KNEE) / room);
        KNEE + room * above * (1.0 + above / (peak * peak)) / (1.0 + above)
    }
}

/// In cd/m² (SMPTE ST 2084).
fn pq(value: f32) -> f32 {
    const M1: f32 = 0.159_301_76;
    const M2: f32 = 78.843_75;
    const C: [f32; 3] = [0.835_937_5, 18.851_562, 18.687_5];
    let root = value.powf(1.0 / M2);
    let light = ((root - C[0]).max(0.0) / (C[1] - C[2] * root)).powf(1.0 / M1);
    10_000.0 * light
}

/// Of the scene, from 0 to 1 (ARIB STD-B67).
fn hlg(value: f32) -> f32 {
    const A: f32 = 0.178_832_77;
    const B: f32 = 0.284_668_92;
    const C: f32 = 0.559_910_7;
    if value <= 0.5 { value * value / 3.0 } else { (((value - C) / A).exp() + B) / 12.0 }
}

/// As sRGB keeps light.
pub(super) fn encoded(light: f32) -> u8 {
    let light = light.min(1.0);
    let value =
        if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (value * 255.0).round() as u8
}

/// The other way round.
pub(super) fn decoded(value: u8) -> f32 {
    let value = f32::from(value) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAME: [[f32; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

    fn greys(curve: Curve, values: &[f32]) -> Vec<u8> {
        let deep = values.iter().map(|it| (it * 65535.0) as u16);
        let row: Vec<u16> = deep.flat_map(|it| [it, it, it, u16::MAX]).collect();
        let mut map = ToneMap::new(curve, SAME);
        map.measure(&row);
        let out = map.convert(&row);
        assert!(out.chunks_exact(4).all(|it| it[0] == it[1] && it[1] == it[2] && it[3] == 255));
        out.chunks_exact(4).map(|it| it[0]).collect()
    }

    #[test]
    fn white_paper_is_white_where_nothing_is_brighter() {
        // 58 % of the perceptual quantizer are 203 cd/m², as are 75 % of hybrid log-gamma.
        assert_eq!(greys(Curve::Pq, &[0.0, 0.5807])[..], [0, 255]);
        assert!(250 < greys(Curve::Hlg, &[0.0, 0.75])[1]);
    }

    #[test]
    fn what_is_brighter_than_white_keeps_its_order_and_the_dark_its_light() {
        let steps = [0.2, 0.4, 0.58, 0.65, 0.75];
        let bright = greys(Curve::Pq, &steps);
        assert!(bright.is_sorted_by(|a, b| a < b), "{bright:?}");
        assert_eq!(bright[4], 255);
        assert_eq!(bright[..2], greys(Curve::Pq, &steps[..2])[..]);
    }
}
