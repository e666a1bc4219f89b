//! Films of how pictures came about.

use std::path::Path;

use alla_prima::base::Cell;
use alla_prima::document::{BrushStyle, LayerChange, LayerFinish, Look};
use alla_prima::film::FilmOptions;
use alla_prima::finish::Style;
use alla_prima::model::toy::Manner;
use alla_prima::studio::{DocumentAction, LayerAction, StudioAction};
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder as _, Frame};

use super::teller::{Teller, middle_of};

fn film(teller: &mut Teller, path: &Path) {
    let options = FilmOptions { seconds: 2.0, hold: 0.4, ..FilmOptions::default() };
    let document = teller.studio.active().id();
    teller.perform(StudioAction::ExportFilm { document, path: path.to_owned(), options });
}

fn frames(path: &Path) -> Vec<Frame> {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    WebPDecoder::new(file).unwrap().into_frames().collect_frames().unwrap()
}

fn dab(teller: &mut Teller, colour: [u8; 3], at: Cell) {
    let style = BrushStyle { colour, size: 12.0, ..BrushStyle::default() };
    teller.studio.stroke(style, &[middle_of(at)]);
    teller.rest();
}

fn labels(teller: &Teller) -> Vec<&str> {
    teller.studio.active().recording().moments().iter().map(|it| it.label.as_str()).collect()
}

#[test]
fn a_film_shows_what_was_done_in_its_order_and_not_what_was_undone() {
    let folder = tempfile::tempdir().unwrap();
    let mut teller = Teller::in_rows(4, 4, Manner::Alphabet, "some words");
    teller.perform(DocumentAction::Paint);
    let settled = &teller.studio.active().recording().moments()[0].settled;
    assert!(settled.iter().copied().eq(teller.studio.active().picture().grid.cells()));
    dab(&mut teller, [250, 0, 0], Cell::new(1, 1));
    dab(&mut teller, [0, 250, 0], Cell::new(3, 3));
    teller.perform(DocumentAction::Undo);
    assert_eq!(labels(&teller).len(), 2, "{:?}", labels(&teller));

    let path = folder.path().join("a.webp");
    film(&mut teller, &path);
    let frames = frames(&path);
    // 50 frames, of which those alone are stored that change something.
    assert!((12..=52).contains(&frames.len()), "{}", frames.len());
    let pixel = |frame: usize, cell: Cell| {
        let at = middle_of(cell);
        frames[frame].buffer().get_pixel(at.x as u32, at.y as u32).0
    };
    let last = frames.len() - 1;
    assert_eq!(pixel(0, Cell::new(3, 3)), [255; 4], "still open");
    let [red, green, ..] = pixel(last, Cell::new(1, 1));
    assert!(200 < red && green < 60, "the stroke is there at the end");
    let is_green = |it: usize| {
        let [red, green, ..] = pixel(it, Cell::new(3, 3));
        u16::from(red) + 100 < u16::from(green)
    };
    assert!((0..=last).all(|it| !is_green(it)), "what was undone is in the film");
    // Row by row: when the first cell of the last row is there, the last cell of all may not be.
    let shown = |cell: Cell| (0..=last).find(|&it| pixel(it, cell) != [255; 4]).unwrap();
    assert!(shown(Cell::new(0, 0)) < shown(Cell::new(2, 0)));
    assert!(shown(Cell::new(2, 0)) < shown(Cell::new(3, 3)));
    let millis: u32 =
        frames.iter().map(|it| it.delay().numer_denom_ms()).map(|it| it.0 / it.1).sum();
    assert!((3800..=4200).contains(&millis), "two seconds, and the end: {millis}");
}

#[test]
fn a_project_tells_how_it_came_about() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("a.ora");
    let mut teller = Teller::in_rows(4, 4, Manner::Alphabet, "some words");
    teller.perform(DocumentAction::Paint);
    for shade in 0..30 {
        dab(&mut teller, [250, shade, 0], Cell::new(1, u16::from(shade) % 4));
    }
    // Most of them are small pictures by now: memory is for the newest.
    teller.wait_until("they are", |it| it.active().recording().n_pictures() < 30);
    let document = teller.studio.active().id();
    teller.perform(StudioAction::Save { document, path: project.clone() });

    let mut other = Teller::in_rows(4, 4, Manner::Alphabet, "else");
    other.perform(StudioAction::Open(project));
    assert_eq!(labels(&other), labels(&teller));
    let moments = other.studio.active().recording().moments();
    assert!(moments.iter().all(|it| matches!(it.look, Look::Still(_))));
    dab(&mut other, [0, 0, 250], Cell::new(0, 0));
    assert_eq!(labels(&other).len(), labels(&teller).len() + 1);
    let [here, there] = ["here.webp", "there.webp"].map(|it| folder.path().join(it));
    other.perform(DocumentAction::Undo);
    film(&mut teller, &here);
    film(&mut other, &there);
    let [here, there] = [here, there].map(|it| frames(&it));
    assert_eq!(here.len(), there.len());
    let apart = |a: &Frame, b: &Frame| {
        let pairs = a.buffer().iter().zip(b.buffer().iter());
        pairs.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>() / a.buffer().len() as u32
    };
    assert!(here.iter().zip(&there).all(|(a, b)| apart(a, b) < 4));
}

#[test]
fn where_there_is_no_film_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut teller = Teller::in_rows(4, 4, Manner::Alphabet, "some words");
    let path = folder.path().join("a.webp");
    film(&mut teller, &path);
    let notice = teller.studio.notices().last().unwrap().text.to_owned();
    assert!(notice.contains("nothing to be seen"), "{notice}");
    teller.perform(DocumentAction::Paint);
    film(&mut teller, &folder.path().join("a.mov"));
    let notice = teller.studio.notices().last().unwrap().text.to_owned();
    assert!(notice.contains(".webp"), "{notice}");
    film(&mut teller, &folder.path().join("no/such/a.gif"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_was_undone_to_the_beginning_is_in_no_film() {
    let folder = tempfile::tempdir().unwrap();
    let (project, path) = (folder.path().join("a.ora"), folder.path().join("a.webp"));
    let mut teller = Teller::in_rows(4, 4, Manner::Alphabet, "some words");
    teller.perform(DocumentAction::Paint);
    teller.perform(DocumentAction::Undo);
    dab(&mut teller, [0, 0, 250], Cell::new(2, 2));
    assert_eq!(labels(&teller).len(), 1, "{:?}", labels(&teller));
    let document = teller.studio.active().id();
    teller.perform(StudioAction::Save { document, path: project.clone() });
    let mut other = Teller::in_rows(4, 4, Manner::Alphabet, "else");
    other.perform(StudioAction::Open(project));
    other.perform(DocumentAction::Undo);
    assert!(labels(&other).is_empty());
    other.perform(DocumentAction::Redo);
    film(&mut other, &path);
    let last = frames(&path).pop().unwrap();
    let pixel = |cell: Cell| {
        let at = middle_of(cell);
        last.buffer().get_pixel(at.x as u32, at.y as u32).0
    };
    assert!(pixel(Cell::new(0, 0)).iter().all(|it| 250 < *it), "nothing was painted there");
    let [red, _, blue, _] = pixel(Cell::new(2, 2));
    assert!(red < 60 && 200 < blue);
}

#[test]
fn a_film_shows_the_surface_of_a_layer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.webp");
    let mut teller = Teller::in_rows(4, 4, Manner::Alphabet, "some words");
    teller.perform(DocumentAction::Paint);
    let id = teller.studio.active().picture().stack.layers[0].id;
    let oil = LayerChange::Finish(Some(LayerFinish::new(Style::Oil, 1)));
    teller.perform(DocumentAction::Layer(LayerAction::Change(id, oil)));
    film(&mut teller, &path);
    let seen = {
        let picture = teller.studio.active().picture().with_finishes();
        picture.composite(picture.canvas)
    };
    let last = frames(&path).pop().unwrap();
    let pairs = last.buffer().as_raw().iter().zip(&seen);
    let apart = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>() / seen.len() as u64;
    assert!(apart < 6, "{apart}");
}

#[test]
fn a_film_that_was_tampered_with_costs_no_picture() {
    let folder = tempfile::tempdir().unwrap();
    let (project, other) = (folder.path().join("a.ora"), folder.path().join("b.ora"));
    let mut teller = Teller::in_rows(4, 4, Manner::Alphabet, "some words");
    teller.perform(DocumentAction::Paint);
    dab(&mut teller, [0, 0, 250], Cell::new(2, 2));
    let document = teller.studio.active().id();
    teller.perform(StudioAction::Save { document, path: project.clone() });
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&project).unwrap()).unwrap();
    let mut list: Vec<serde_json::Value> =
        serde_json::from_reader(archive.by_name("alla-prima/film.json").unwrap()).unwrap();
    let moment = list[0].clone();
    let with = |name: &str, value: serde_json::Value| {
        let mut moment = moment.clone();
        moment[name] = value;
        moment
    };
    list.extend([
        with("file", "data/layer0.png".into()),
        with("file", "alla-prima/film/none.jpg".into()),
        with("size", serde_json::json!([4_000_000_000_u32, 9])),
        with("area", serde_json::json!({ "left": 9, "top": 9, "right": 3, "bottom": 900 })),
        with("canvas", serde_json::json!({ "left": 0, "top": 0, "right": 0, "bottom": 0 })),
    ]);
    list.extend(std::iter::repeat_n(moment.clone(), 5000));
    let mut written = zip::ZipWriter::new(std::fs::File::create(&other).unwrap());
    for idx in 0..archive.len() {
        let file = archive.by_index_raw(idx).unwrap();
        if file.name().unwrap() != "alla-prima/film.json" {
            written.raw_copy_file(file).unwrap();
        }
    }
    written.start_file("alla-prima/film.json", zip::write::SimpleFileOptions::default()).unwrap();
    serde_json::to_writer(&mut written, &list).unwrap();
    written.finish().unwrap();

    let mut opened = Teller::in_rows(4, 4, Manner::Alphabet, "else");
    opened.perform(StudioAction::Open(other));
    assert_eq!(opened.picture(), teller.picture());
    assert!((3..=4096).contains(&labels(&opened).len()), "{}", labels(&opened).len());
    film(&mut opened, &folder.path().join("a.webp"));
    assert!(folder.path().join("a.webp").exists());
}
