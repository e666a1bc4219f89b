//! What is written beside the pixels comes back; what anybody else wrote there does no harm.

use std::fs;
use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::base::{CellPlan, Digest, ModelId, Order, Plan, Sampling};
use crate::base::{Depth, Samples};
use crate::io::artwork::Tells;
use crate::io::{FileOptions, Origin, write_artwork, write_png};

const GRID: Grid = Grid { rows: 3, cols: 4, cell_pixels: 2 };

fn metadata() -> Metadata {
    let prompt = Prompt {
        text: "a lake, \"very\" still\nand a <boat>".to_owned(),
        negative: "fog".to_owned(),
        guidance: 4.5,
    };
    let mut plan = Plan::fresh(GRID, Order::Outline);
    plan.cells[1] = CellPlan::Keep(77);
    Metadata {
        scale: 1,
        canvas: None,
        request: Request {
            model: ModelId { name: "embedded".to_owned(), digest: Some(Digest([0xa5; 8])) },
            prompts: vec![prompt],
            sampling: Sampling::default(),
            seed: u64::MAX,
            plan,
        },
        painters: vec![ModelId::named("embedded")],
        artist_painted: true,
        include_prompt: true,
        seconds: Some(0.25),
        finish: None,
        is_origin_left_out: false,
    }
}

fn write(path: &Path, size: [u32; 2], rgba: Vec<u8>, metadata: &Metadata) {
    write_artwork(path, size, &Samples::Eight(rgba), &FileOptions::default(), metadata).unwrap();
}

fn texts() -> Vec<Text> {
    metadata().beside([8, 6], Format::Png, Tells::default()).unwrap().texts()
}

/// A small picture with the given texts, as the bytes of its file.
fn png(texts: &[Text]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    let rgba: Vec<u8> = (0..8 * 6 * 4).map(|it| it as u8).collect();
    write_png(&path, 8, 6, &rgba, texts).unwrap();
    fs::read(&path).unwrap()
}

fn read(bytes: &[u8]) -> std::result::Result<Option<Metadata>, Fault> {
    metadata_in(Cursor::new(bytes))
}

/// The message for a picture whose record reads `record`.
fn refusal(record: &str) -> String {
    read(&png(&[(KEYWORD, record.to_owned())])).unwrap_err().to_string()
}

#[test]
fn every_format_brings_the_request_back_and_the_pixels_as_far_as_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let rgba: Vec<u8> = (0..64 * 48).flat_map(|it| [it as u8, (it / 64) as u8, 90, 255]).collect();
    for format in Format::ALL {
        let path = folder.path().join("a").with_extension(format.endings()[0]);
        write(&path, [64, 48], rgba.clone(), &metadata());
        if format == Format::Pdf {
            continue; // No picture is read from one; tests/readers.py reads it.
        }
        let opened = crate::io::open_picture(&path).unwrap();
        assert_eq!(opened.origin, Origin::Ours(Box::new(metadata())), "{format:?}");
        assert!(opened.notices.is_empty(), "{format:?}: {:?}", opened.notices);
        let found = opened.pixels.rgba(opened.pixels.area());
        let most = found.iter().zip(&rgba).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        let allowed = if format == Format::Jpeg { 24 } else { 0 };
        assert!(most <= allowed, "{format:?}: {most}");
        // What other programs read.
        let bytes = fs::read(&path).unwrap();
        let has = |text: &[u8]| bytes.windows(text.len()).any(|it| it == text);
        assert!(has(b"compositeWithTrainedAlgorithmicMedia"), "{format:?}");
    }
}

#[test]
fn sixteen_bits_are_kept_where_they_fit() {
    let folder = tempfile::tempdir().unwrap();
    let values: Vec<u16> = (0..20 * 10 * 4).map(|it| it * 81).collect();
    let samples = Samples::Sixteen(values.clone());
    let options = FileOptions { depth: Depth::Sixteen, ..FileOptions::default() };
    let size_of = |format: Format, options: &FileOptions| {
        let path = folder.path().join("a").with_extension(format.endings()[0]);
        write_artwork(&path, [20, 10], &samples, options, &metadata()).unwrap();
        let image = image::open(&path).unwrap();
        (image.color().bytes_per_pixel(), image.into_rgba16().into_raw())
    };
    for format in [Format::Png, Format::Tiff] {
        assert_eq!(size_of(format, &options), (8, values.clone()), "{format:?}");
        let (n_bytes, eight) = size_of(format, &FileOptions::default());
        assert_eq!((n_bytes, eight), (4, Samples::Eight(samples.eight().into()).sixteen().into()));
    }
    assert_eq!(size_of(Format::WebP, &options).0, 4);
}

#[test]
fn what_is_not_to_be_told_is_nowhere_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let all = Tells::default();
    let cases: [(Tells, &[&str], &[&str]); 4] = [
        (Tells { prompt: false, ..all }, &["Steps: 11", "AISystemUsed"], &["lake", "fog"]),
        (Tells { recipe: false, ..all }, &["lake", "AISystemUsed"], &["Steps", "seed"]),
        (Tells { origin: false, ..all }, &["lake", "Steps: 11"], &["AISystemUsed", "SourceType"]),
        (
            Tells { prompt: false, recipe: false, origin: false },
            &[],
            &["lake", "fog", "Steps", "seed", "AISystemUsed", "SourceType", "embedded"],
        ),
    ];
    for format in Format::ALL {
        for (tells, told, left_out) in cases {
            let path = folder.path().join("a").with_extension(format.endings()[0]);
            let options = FileOptions { tells, ..FileOptions::default() };
            let samples = Samples::Eight(vec![200; 8 * 6 * 4]);
            write_artwork(&path, [8, 6], &samples, &options, &metadata()).unwrap();
            // Exif has the wider letters.
            let bytes = fs::read(&path).unwrap();
            let wide = |it: &str| it.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
            let has = |word: &str| {
                let [plain, wide] = [word.as_bytes().to_vec(), wide(word)];
                [plain, wide].iter().any(|it| bytes.windows(it.len()).any(|part| part == it))
            };
            // What A1111 writes has no place in TIFF and PDF; our own record tells the same.
            let is_short = matches!(format, Format::Tiff | Format::Pdf);
            for word in told.iter().filter(|it| !is_short || !it.starts_with("Steps")) {
                assert!(has(word), "{word} is not in the {format:?}");
            }
            for word in left_out {
                assert!(!has(word), "{word} is in the {format:?}");
            }
        }
    }
}

#[test]
fn a_jpeg_of_too_many_cells_says_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.jpg");
    let mut large = metadata();
    large.request.plan = Plan::fresh(Grid { rows: 170, cols: 170, cell_pixels: 8 }, Order::Rows);
    let beside = large.beside([8, 8], Format::Jpeg, Tells::default()).unwrap();
    assert!(beside.xmp.len() <= MAX_JPEG_PACKET);
    write(&path, [8, 8], vec![9; 8 * 8 * 4], &large);
    let origin = crate::io::read_origin(&path).unwrap();
    let Origin::Theirs(recipe) = origin else { panic!("{origin:?}") };
    assert_eq!(recipe.seed, Some(u64::MAX));
}

#[test]
fn the_request_comes_back_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    let rgba: Vec<u8> = (0..8 * 6 * 4).map(|it| it as u8).collect();
    write(&path, [8, 6], rgba, &metadata());
    assert_eq!(read_metadata(&path).unwrap(), Some(metadata()));

    let picture = crate::io::read_picture(&path).unwrap();
    assert_eq!(picture.at(1, 0), [4, 5, 6, 7]);
}

#[test]
fn other_programs_find_their_layout() {
    let [(_, parameters), ..] = &texts()[..] else { panic!("no texts") };
    let expected = format!(
        "a lake, \"very\" still and a <boat>\nNegative prompt: fog\n\
         Steps: 11, Sampler: Gumbel-max, CFG scale: 4.5, Seed: 18446744073709551615, Size: 8x6, \
         Model: embedded, Version: alla-prima {}",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(*parameters, expected);
    assert_eq!(quoted("a: \"b\", c"), r#""a: \"b\", c""#);
}

#[test]
fn a_prompt_left_out_is_nowhere_in_the_file() {
    let metadata = metadata();
    let tells = Tells { prompt: false, ..Tells::default() };
    let bytes = png(&metadata.beside([8, 6], Format::Png, tells).unwrap().texts());
    for word in ["lake", "boat", "fog"] {
        let found = bytes.windows(word.len()).any(|it| it == word.as_bytes());
        assert!(!found, "{word} is in the file");
    }
    let request = read(&bytes).unwrap().unwrap().request;
    assert_eq!(request.prompts[0].text, "");
    assert_eq!(request.seed, metadata.request.seed);
}

#[test]
fn a_picture_without_a_record_has_none() {
    assert_eq!(read(&png(&[])).unwrap(), None);
    assert_eq!(read(&png(&[("parameters", "a lake".to_owned())])).unwrap(), None);
}

#[test]
fn files_that_are_no_pictures_say_so() {
    let bytes = png(&texts());
    let message = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    assert!(message(b"hello").contains("it is not a PNG picture"));
    assert!(message(&[]).contains("it is not a PNG picture"));
    assert!(message(&bytes[..200]).contains("it ends too early"), "{}", message(&bytes[..200]));
    assert_eq!(read(&bytes[..bytes.len() - 20]).unwrap(), Some(metadata()));

    let missing = read_metadata(Path::new("/no/such.png")).unwrap_err().to_string();
    assert!(missing.starts_with("The file could not be read: "), "{missing}");
    assert!(missing.ends_with("\nFile: /no/such.png"), "{missing}");
}

#[test]
fn records_that_make_no_sense_are_refused() {
    assert!(refusal(r#"{"version":2,"request":"quite another"}"#).contains("newer version"));
    assert!(refusal("{").contains("request could not be read"));
    assert!(refusal(r#"{"version":1}"#).contains("request"));

    let [_, (_, sound), _] = &texts()[..] else { panic!("no record") };
    for (old, new, expected) in [
        (r#""temperature":1.0"#, r#""temperature":-1.0"#, "temperature"),
        (r#""guidance":4.5"#, r#""guidance":1e30"#, "guidance"),
        (r#""rows":3"#, r#""rows":300"#, "300 × 4 cells"),
        (r#""rows":3"#, r#""rows":5"#, "does not fit its grid"),
        (r#""cell_pixels":2"#, r#""cell_pixels":0"#, "cells of 0 pixels"),
        (r#""seed":18446744073709551615"#, r#""seed":1e99"#, "invalid type"),
    ] {
        let message = refusal(&sound.replace(old, new));
        assert!(message.contains(expected), "{message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damaged_files_are_never_more_than_an_error(
        kept in 0.0..3.0_f64,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        mend in any::<bool>(),
    ) {
        let mut bytes = png(&texts());
        bytes.truncate((bytes.len() as f64 * kept) as usize);
        if !bytes.is_empty() {
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
        }
        if mend {
            mend_checksums(&mut bytes);
        }
        read(&bytes).ok();
    }

    #[test]
    fn any_request_comes_back(
        text in ".*", negative in ".*", model in ".*", seed in any::<u64>(),
        guidance in 1.0..30.0_f32, temperature in 0.01..5.0_f32, top_p in 0.01..=1.0_f32,
    ) {
        let mut metadata = metadata();
        metadata.request.model.name = model;
        metadata.request.prompts = vec![Prompt { text, negative, guidance }];
        metadata.request.sampling = Sampling { temperature, top_k: 9, top_p, ..Sampling::default() };
        metadata.request.seed = seed;
        prop_assert_eq!(read(&png(&metadata.beside([8, 6], Format::Png, Tells::default()).unwrap().texts())).unwrap(), Some(metadata));
    }
}

/// Puts the right checksum behind each chunk, so that changes get past the first gate.
fn mend_checksums(bytes: &mut [u8]) {
    let mut start = 8;
    while let Some(head) = bytes.get(start..start + 4) {
        let len = u32::from_be_bytes(head.try_into().unwrap()) as usize;
        let (body, end) = (start + 4, (start + 8).saturating_add(len));
        let Some(checksum) = bytes.get(body..end).map(crc32fast::hash) else { return };
        let Some(place) = bytes.get_mut(end..end + 4) else { return };
        place.copy_from_slice(&checksum.to_be_bytes());
        start = end + 4;
    }
}
