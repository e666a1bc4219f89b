//! Colours come out as their profiles say; what is sRGB stays as it is, bit for bit.

use proptest::prelude::*;

use super::*;

const RGB: RowFormat = RowFormat { channels: Channels::Rgb, is_deep: false };

fn icc(profile: &ColorProfile) -> ColourTag {
    ColourTag::Icc(profile.encode().unwrap())
}

fn converted(tag: &ColourTag, rgb: [u8; 3]) -> [u8; 3] {
    let out = ToSrgb::new(tag, RGB).unwrap().convert(&rgb);
    assert_eq!((out.len(), out[3]), (4, 255));
    [out[0], out[1], out[2]]
}

/// Every colour that may be in a row of 8 bits, or a good part of them.
fn many_colours() -> Vec<u8> {
    (0..9999_u32).flat_map(|it| [it as u8, (it / 7) as u8, (it / 39) as u8]).collect()
}

#[test]
fn what_is_srgb_stays_bit_for_bit() {
    let colours = many_colours();
    let rgba: Vec<u8> = colours.chunks(3).flat_map(|it| [it[0], it[1], it[2], 255]).collect();
    let chunks = [[0.3127, 0.329], [0.64, 0.33], [0.3, 0.6], [0.15, 0.06]];
    for tag in [
        ColourTag::Srgb,
        icc(&ColorProfile::new_srgb()),
        ColourTag::Cicp { primaries: 1, transfer: 13 },
        ColourTag::Measured { gamma: Some(0.45455), places: Some(chunks) },
        ColourTag::Measured { gamma: Some(0.45455), places: None },
    ] {
        assert_eq!(ToSrgb::new(&tag, RGB).unwrap().convert(&colours), rgba, "{tag:?}");
    }
}

#[test]
fn wide_colours_come_out_as_srgb_shows_them() {
    // Worked out by hand from the definitions: a grey stays grey, a colour becomes stronger.
    let p3 = icc(&ColorProfile::new_display_p3());
    let by_number = ColourTag::Cicp { primaries: 12, transfer: 13 };
    for tag in [p3, by_number] {
        for (before, after) in [([128; 3], [128_u8; 3]), ([200, 100, 50], [215, 93, 31])] {
            let found = converted(&tag, before);
            let is_near = found.iter().zip(after).all(|(a, b)| a.abs_diff(b) <= 2);
            assert!(is_near, "{before:?} → {found:?}, not {after:?}");
        }
        assert_eq!(converted(&tag, [255, 0, 0]), [255, 0, 0]);
    }
}

#[test]
fn the_two_ways_to_tell_adobe_rgb_are_one() {
    let places = [[0.3127, 0.329], [0.64, 0.33], [0.21, 0.71], [0.15, 0.06]];
    let measured = ColourTag::Measured { gamma: Some(0.45471), places: Some(places) };
    let profile = icc(&ColorProfile::new_adobe_rgb());
    for rgb in [[0; 3], [255; 3], [30, 60, 90], [200, 180, 40], [90, 128, 90]] {
        let (a, b) = (converted(&measured, rgb), converted(&profile, rgb));
        assert!(a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 1), "{rgb:?}: {a:?} and {b:?}");
    }
}

#[test]
fn deep_values_and_greys_are_converted_too() {
    let linear = ColourTag::Measured { gamma: Some(1.0), places: None };
    let deep = RowFormat { channels: Channels::GreyAlpha, is_deep: true };
    // A fifth of the light is more than half of the values.
    let out = ToSrgb::new(&linear, deep).unwrap().convert(&[0x36, 0xCC, 0x80, 0x80]);
    assert_eq!(out[0], 128);
    assert_eq!(out[..3], [out[0]; 3]);
    assert_eq!(out[3], 128);
    let grey = RowFormat { channels: Channels::Grey, is_deep: false };
    let profile = icc(&ColorProfile::new_gray_with_gamma(1.0));
    let out = ToSrgb::new(&profile, grey).unwrap().convert(&[0, 55, 255]);
    assert_eq!(out, [0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]);
}

#[test]
fn profiles_that_make_no_sense_are_refused() {
    let flaw = |tag: &ColourTag| ToSrgb::new(tag, RGB).err();
    assert_eq!(flaw(&ColourTag::Icc(b"no profile".to_vec())), Some(ProfileFlaw::Unreadable));
    assert_eq!(
        flaw(&ColourTag::Cicp { primaries: 3, transfer: 13 }),
        Some(ProfileFlaw::Unreadable)
    );
    assert_eq!(flaw(&icc(&ColorProfile::new_gray_with_gamma(2.2))), Some(ProfileFlaw::OtherKind));
    let mut dark = ColorProfile::new_srgb();
    dark.red_colorant = moxcms::Xyzd { x: 1e-4, y: 1e-4, z: 1e-4 };
    (dark.green_colorant, dark.blue_colorant) = (dark.red_colorant, dark.red_colorant);
    assert!(flaw(&icc(&dark)).is_some());
    let nowhere = ColourTag::Measured { gamma: Some(1e-5), places: Some([[0.0; 2]; 4]) };
    assert!(flaw(&nowhere).is_some());
}

#[test]
fn a_screenshot_with_more_light_than_white_becomes_a_picture() {
    let tag = ColourTag::Cicp { primaries: 9, transfer: 16 };
    let format = RowFormat { channels: Channels::Rgb, is_deep: true };
    let mut way = ToSrgb::new(&tag, format).unwrap();
    assert!(way.wants_to_measure());
    // 58 % is white, 75 % about five times as bright.
    let row: Vec<u8> = [0.0, 0.5807, 0.75]
        .into_iter()
        .flat_map(|it: f32| ((it * 65535.0) as u16).to_be_bytes().repeat(3))
        .collect();
    way.measure(&row);
    let out = way.convert(&row);
    assert_eq!((out[0], out[8]), (0, 255));
    assert!((200..250).contains(&out[4]), "{}", out[4]);
}

#[test]
fn what_is_darkest_in_print_becomes_black_and_white_stays_white() {
    let table = compensated([38, 34, 35]).unwrap();
    assert!(table.is_sorted());
    assert_eq!((table[35], table[255]), (0, 255));
    assert!(table[36] <= 4 && 120 < table[128] && table[128] < 128);
    assert!(compensated([0; 3]).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_damaged_profile_is_never_more_than_an_error(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..9),
        kept in 0.1..2.0_f64,
        is_grey in any::<bool>(),
    ) {
        let profile = if is_grey {
            ColorProfile::new_gray_with_gamma(2.2)
        } else {
            ColorProfile::new_display_p3()
        };
        let mut bytes = profile.encode().unwrap();
        bytes.truncate((bytes.len() as f64 * kept) as usize);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        for channels in [Channels::Rgb, Channels::Grey, Channels::Cmyk] {
            let format = RowFormat { channels, is_deep: false };
            if let Ok(way) = ToSrgb::new(&ColourTag::Icc(bytes.clone()), format) {
                way.convert(&[1; 12]);
            }
        }
    }
}
