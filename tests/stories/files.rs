//! Out into files and back.

use alla_prima::base::Cell;
use alla_prima::io;
use alla_prima::model::toy::Manner;
use alla_prima::session::{Action, Reach, Repaint};

use super::teller::Teller;

#[test]
fn an_exported_picture_brings_its_request_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lake.png");
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some words");
    teller.session.perform(Action::SetSeed(77));
    teller.perform(Action::Paint);
    teller.perform(Action::Repaint(Repaint {
        cells: vec![Cell::new(3, 3)],
        words: Some("X".to_owned()),
        reach: Reach::Only,
        more_takes: 2,
    }));
    let painted = teller.session.picture().clone();
    teller.perform(Action::Export { path: path.clone(), with_words: true });
    assert!(io::read_request(&path).unwrap().is_some());

    let mut other = Teller::new(4, 4, Manner::Undecided, "something else");
    other.perform(Action::Restore(path));
    let restored = other.session.picture();
    assert_eq!(restored.brief, painted.brief);
    assert_eq!(restored.regions, painted.regions);
    let takes =
        |it: &alla_prima::document::Picture| it.cells.iter().map(|it| it.take).collect::<Vec<_>>();
    assert_eq!(takes(restored), takes(&painted));
    assert_eq!(other.session.wish().prompt, "some words");
    other.perform(Action::Paint);
    assert!(other.session.picture().is_finished());
}

#[test]
fn what_cannot_be_read_or_written_is_said_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut teller = Teller::new(4, 4, Manner::Undecided, "some words");
    teller.perform(Action::Paint);
    let before = teller.session.picture().clone();

    let empty = folder.path().join("empty.png");
    std::fs::write(&empty, b"").unwrap();
    let stranger = folder.path().join("stranger.png");
    io::write_png(&stranger, 2, 2, &[9; 16], &[]).unwrap();
    let huge = folder.path().join("huge.png");
    std::fs::write(&huge, huge_png()).unwrap();
    let missing = folder.path().join("missing.png");
    for (path, why) in [
        (&empty, "empty"),
        (&stranger, "carries no request"),
        (&huge, "carries no request"),
        (&missing, "could not be read"),
    ] {
        teller.perform(Action::Restore(path.clone()));
        let notice = teller.session.notices().last().unwrap().text.clone();
        assert!(notice.contains(why), "{}: {notice}", path.display());
        assert!(*teller.session.picture() == before);
    }
    let nowhere = folder.path().join("no/such/folder.png");
    teller.perform(Action::Export { path: nowhere, with_words: true });
    let notice = teller.session.notices().last().unwrap().text.clone();
    assert!(notice.contains("no such folder"), "{notice}");
}

/// A PNG that claims 20 000 × 20 000 pixels.
fn huge_png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(20_000_u32.to_be_bytes());
    bytes.extend(20_000_u32.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0]);
    bytes.extend(crc(&bytes[12..29]).to_be_bytes());
    bytes.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    bytes.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
    bytes
}

/// The checksum of a PNG chunk (PNG specification, annex D), bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

#[test]
fn an_empty_prompt_paints_nothing_and_says_so() {
    let mut teller = Teller::new(2, 2, Manner::Alphabet, "  ");
    teller.perform(Action::Paint);
    assert!(teller.session.picture().is_blank());
    assert!(teller.session.notices()[0].text.contains("few words"));
}
