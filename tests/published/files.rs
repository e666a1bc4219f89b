//! Which files make a model, and what is said where one is missing or does not fit.

use std::fs;
use std::path::Path;

use alla_prima::base::{Cell, Hardware, ModelId, Precision, Sources};
use alla_prima::model::published::open;
use alla_prima::model::{Ask, Error, Painter, Prompts};

use super::tiny::{self, write_t5, write_tokenizer, written};

fn refusal(sources: &Sources) -> String {
    open(sources, Precision::F32, Hardware::Cpu).err().expect("it was opened").to_string()
}

#[test]
fn the_family_is_read_off_the_tensors() {
    for (network, name, is_any_order) in [
        (tiny::llamagen_of_classes(), "LlamaGen 128 wide, classes, 64 px", false),
        (tiny::arpg(), "ARPG 128 wide", true),
        (tiny::randar(), "RandAR 128 wide", true),
    ] {
        let (_folder, painter, codec) = written(&network);
        let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
        let painter = open(&sources, Precision::F32, Hardware::Cpu).unwrap();
        let facts = painter.facts();
        assert_eq!((facts.name(), facts.is_any_order), (name, is_any_order));
        assert_eq!((facts.prompts, facts.words.len()), (Prompts::Classes, 1000));
        assert!(!facts.licence.is_empty() && !facts.limits.is_empty());
    }
}

/// Of a network in `folder`, called as [`written`] calls it.
fn id_in(folder: &Path) -> ModelId {
    let [painter, codec] = ["tiny_64", "vq"].map(|it| folder.join(format!("{it}.safetensors")));
    let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
    open(&sources, Precision::Q8, Hardware::Cpu).unwrap().facts().id.clone()
}

#[test]
fn a_copy_is_the_same_model_and_changed_weights_are_another() {
    let (folder, painter, codec) = written(&tiny::llamagen_of_classes());
    let original = id_in(folder.path());
    assert!(original.digest.is_some());
    let copies = tempfile::tempdir().unwrap();
    for path in [&painter, &codec] {
        fs::copy(path, copies.path().join(path.file_name().unwrap())).unwrap();
    }
    assert_eq!(id_in(copies.path()), original);
    let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
    let exact = open(&sources, Precision::F32, Hardware::Cpu).unwrap();
    assert_eq!(exact.facts().id, original, "it depends on the precision");

    for changed in ["tiny_64.safetensors", "vq.safetensors"] {
        let path = copies.path().join(changed);
        let bytes = fs::read(&path).unwrap();
        let mut other = bytes.clone();
        // In the last value: still a number.
        let at = other.len() - 2;
        other[at] ^= 1;
        fs::write(&path, other).unwrap();
        let id = id_in(copies.path());
        assert_eq!(id.name, original.name);
        assert_ne!(id.digest, original.digest, "{changed}");
        assert!(!id.is_same(&original));
        fs::write(&path, bytes).unwrap();
    }
}

#[test]
fn a_context_takes_what_was_said_of_it() {
    for network in [tiny::llamagen_of_classes(), tiny::arpg(), tiny::randar()] {
        let (_folder, painter, codec) = written(&network);
        let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
        for precision in [Precision::F32, Precision::Q8] {
            let painter = open(&sources, precision, Hardware::Cpu).unwrap();
            let expected = painter.facts().context_bytes;
            let mut context = painter.begin(&[Some("goldfish"), None]).unwrap();
            assert_eq!(context.bytes(), expected, "{}", painter.facts().name());
            let cells: Vec<_> = painter.facts().grid.cells().map(|it| (it, 1)).collect();
            context.read(&cells, &[]).unwrap();
            assert_eq!(context.bytes(), expected, "{}, read", painter.facts().name());
        }
    }
}

#[test]
fn the_name_of_a_folder_says_nothing_of_the_model_in_it() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/janus-hf");
    let (folder, painter, codec) = written(&tiny::llamagen_of_classes());
    let facts_in = |name: &str| {
        let [janus, llamagen] = ["janus", "llamagen"].map(|it| folder.path().join(it).join(name));
        for folder in [&janus, &llamagen] {
            fs::create_dir_all(folder).unwrap();
        }
        for entry in fs::read_dir(&case).unwrap().map(Result::unwrap) {
            fs::copy(entry.path(), janus.join(entry.file_name())).unwrap();
        }
        write_tokenizer(
            &janus,
            &["<unk>", "<｜begin▁of▁sentence｜>", "<｜▁pad▁｜>", "<begin_of_image>"],
        );
        fs::copy(&painter, llamagen.join(painter.file_name().unwrap())).unwrap();
        let codec = Some(codec.clone());
        [janus, llamagen].map(|painter| {
            let sources = Sources { painter, codec: codec.clone(), ..Sources::default() };
            let model = open(&sources, Precision::F32, Hardware::Cpu).unwrap();
            (model.facts().id.clone(), model.facts().grid)
        })
    };
    let plain = facts_in("a");
    assert!(plain[0].0.name.starts_with("Janus ") && plain[1].1.rows == 8, "{plain:?}");
    assert_eq!(facts_in("Janus-Pro-7B_512"), plain);
}

#[test]
fn what_is_missing_is_named() {
    let (folder, painter, codec) = written(&tiny::llamagen_of_classes());
    let alone = Sources { painter: painter.clone(), ..Sources::default() };
    assert!(refusal(&alone).contains("VQ-16"), "{}", refusal(&alone));
    let swapped = Sources { painter: codec.clone(), codec: Some(codec.clone()), ..alone.clone() };
    assert!(refusal(&swapped).contains("no network"), "{}", refusal(&swapped));
    let amiss = Sources { codec: Some(painter), ..alone };
    assert!(refusal(&amiss).contains("is missing"), "{}", refusal(&amiss));
    let nowhere = Sources { painter: folder.path().join("none.pt"), ..amiss.clone() };
    assert!(refusal(&nowhere).contains("none.pt"), "{}", refusal(&nowhere));

    let (_folder, painter, codec) = written(&tiny::llamagen_of_texts());
    let texts = Sources { painter, codec: Some(codec), ..Sources::default() };
    assert!(refusal(&texts).contains("Flan-T5"), "{}", refusal(&texts));
}

#[test]
fn no_such_class_is_said_with_what_is_near() {
    let (_folder, painter, codec) = written(&tiny::llamagen_of_classes());
    let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
    let painter = open(&sources, Precision::F32, Hardware::Cpu).unwrap();
    let refused = painter.begin(&[Some("retriever")]).err().unwrap();
    assert!(matches!(&refused, Error::NoSuchClass(why) if why.contains("golden retriever")));
    let words: Vec<String> =
        painter.facts().completions("golden re").into_iter().map(|it| it.prompt).collect();
    assert_eq!(words, ["golden retriever"]);
    let words = painter.facts().completions("Retriever");
    assert_eq!(words.len(), 5, "{words:?}");
}

#[test]
fn rows_are_read_in_rows() {
    let (_folder, painter, codec) = written(&tiny::llamagen_of_classes());
    let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
    let painter = open(&sources, Precision::F32, Hardware::Cpu).unwrap();
    let mut context = painter.begin(&[None]).unwrap();
    let (first, second) = (Cell::new(0, 0), Cell::new(0, 1));
    let is_early = |it: Error| matches!(it, Error::NotNext { row: 0, col: 1 });
    assert!(is_early(context.read(&[(second, 0)], &[]).err().unwrap()));
    assert!(is_early(context.read(&[], &[Ask { cell: second, after: 0 }]).err().unwrap()));
    assert!(context.read(&[], &[Ask { cell: second, after: 1 }]).is_err());
    assert!(matches!(context.read(&[(first, 64)], &[]), Err(Error::NoSuchCode(64))));
    let nowhere = Cell::new(8, 0);
    assert!(matches!(context.read(&[(nowhere, 0)], &[]), Err(Error::NoSuchCell { .. })));
    assert!(context.is_empty());
    assert!(painter.begin(&[]).is_err());
}

/// A LlamaGen that paints from texts, with its text encoder.
fn from_texts() -> Box<dyn Painter> {
    let (folder, painter, codec) = written(&tiny::llamagen_of_texts());
    write_t5(folder.path());
    let text_encoder = Some(folder.path().to_owned());
    let sources = Sources { painter, codec: Some(codec), text_encoder, tokenizer: None };
    open(&sources, Precision::F32, Hardware::Cpu).unwrap()
}

#[test]
fn a_text_is_read_through_its_encoder() {
    let painter = from_texts();
    assert_eq!(painter.facts().prompts, Prompts::Text);
    let ask = [Ask { cell: Cell::new(0, 0), after: 0 }];
    let answer = |texts: &[Option<&str>]| {
        let logits = painter.begin(texts).unwrap().read(&[], &ask).unwrap();
        (0..texts.len()).map(|it| logits.of(it, 0).to_vec()).collect::<Vec<_>>()
    };
    let both = answer(&[Some("a red boat"), Some("a  Red boat ")]);
    assert_eq!(both[0], both[1]);
    assert_ne!(both[0], answer(&[Some("a red sea")])[0]);
    // Beside a text, so much is seen of what stands for none as there is of the text.
    let beside_short = answer(&[Some("sea"), None]);
    let beside_long = answer(&[Some("a red boat a red sea"), None]);
    assert_ne!(beside_short[1], beside_long[1]);
    // Longer ones are cut.
    assert_eq!(answer(&[Some(&"sea ".repeat(200))]), answer(&[Some(&"sea ".repeat(300))]));
}

#[test]
fn janus_reads_its_prompt_format() {
    let case = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/janus-hf");
    let folder = tempfile::tempdir().unwrap();
    let words = ["<unk>", "<｜begin▁of▁sentence｜>", "<｜▁pad▁｜>", "<begin_of_image>", "fox"];
    write_tokenizer(folder.path(), &words[1..]);
    let sources = Sources { painter: case.clone(), ..Sources::default() };
    assert!(refusal(&sources).contains("tokenizer.json"));
    let no_unknown = Some(folder.path().join("tokenizer.json"));
    let sources = Sources { tokenizer: no_unknown.clone(), ..sources };
    // A word that a tokenizer without a word for the unknown does not know.
    let painter = open(&sources, Precision::F32, Hardware::Cpu).unwrap();
    assert!(painter.begin(&[Some("fox")]).is_err());
    write_tokenizer(folder.path(), &words);
    let painter = open(&sources, Precision::F32, Hardware::Cpu).unwrap();
    let facts = painter.facts();
    assert_eq!((facts.grid.rows, facts.grid.cols, facts.paints_larger), (24, 24, false));
    let ask = [Ask { cell: Cell::new(0, 0), after: 0 }];
    let together = painter.begin(&[Some("fox"), None]).unwrap().read(&[], &ask).unwrap();
    let fox = painter.begin(&[Some("fox")]).unwrap().read(&[], &ask).unwrap();
    assert_eq!(together.of(0, 0), fox.of(0, 0));
    assert_ne!(together.of(0, 0), together.of(1, 0));
}
