//! What is asked before weights are loaded, and what is kept of them for the next start.

use std::fs::{self, File};

use alla_prima::base::{Cell, Precision, Sources};
use alla_prima::model::checkpoint::cache::Cache;
use alla_prima::model::hardware::Placement;
use alla_prima::model::published::open_at;
use alla_prima::model::{Ask, Error, Painter};

use super::tiny::{self, Tensors, written};

fn answer(painter: &dyn Painter) -> Vec<f32> {
    let mut context = painter.begin(&[Some("goldfish")]).unwrap();
    let cells = [Cell::new(0, 0), Cell::new(0, 1)];
    let logits = context.read(&[(cells[0], 7)], &[Ask { cell: cells[1], after: 1 }]).unwrap();
    logits.of(0, 0).to_vec()
}

#[test]
fn kept_weights_are_those_that_were_packed() {
    let networks: [Tensors; 3] = [tiny::llamagen_of_classes(), tiny::arpg(), tiny::randar()];
    for network in networks {
        let (folder, painter, codec) = written(&network);
        let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
        let cache = Cache::in_folder(folder.path().join("kept"), 1 << 30);
        for precision in [Precision::Q8, Precision::Q6K, Precision::Q4K] {
            let open = |cache| {
                answer(&*open_at(&Placement::on_processor(), &sources, precision, cache).unwrap())
            };
            let (first, second, without) = (open(Some(&cache)), open(Some(&cache)), open(None));
            assert_eq!(first, second);
            assert_eq!(first, without);
        }
        let n_kept = || fs::read_dir(folder.path().join("kept")).unwrap().count();
        assert_eq!(n_kept(), 3);
        // Weights as trained are in the checkpoint already.
        open_at(&Placement::on_processor(), &sources, Precision::F32, Some(&cache)).unwrap();
        assert_eq!(n_kept(), 3);
    }
}

#[test]
fn a_second_start_reads_what_was_kept() {
    let mut network = tiny::llamagen_of_classes();
    let (folder, painter, codec) = written(&network);
    let sources = Sources { painter: painter.clone(), codec: Some(codec), ..Sources::default() };
    let cache = Cache::in_folder(folder.path().join("kept"), 1 << 30);
    let open = || {
        answer(
            &*open_at(&Placement::on_processor(), &sources, Precision::Q8, Some(&cache)).unwrap(),
        )
    };
    let expected = open();
    // Other weights in a file of the same size and age: only what was kept can give the same answer.
    let age = fs::metadata(&painter).unwrap().modified().unwrap();
    let doubled = (network.get("output.weight") * 2.0).unwrap();
    network.replace("output.weight", doubled);
    network.write(&painter);
    File::options().append(true).open(&painter).unwrap().set_modified(age).unwrap();
    assert_eq!(open(), expected);
    fs::remove_dir_all(folder.path().join("kept")).unwrap();
    assert_ne!(open(), expected);
}

#[cfg(target_os = "linux")] // others do not tell how much memory is free
#[test]
fn what_needs_more_memory_than_there_is_is_refused_before_it_is_read() {
    let (folder, _, codec) = written(&tiny::llamagen_of_classes());
    let painter = folder.path().join("huge_256.safetensors");
    // A file with holes: 700 GB of zeros take no place on the disk.
    let (dim, n_layers) = (16_384_usize, 16);
    let mut header = serde_json::Map::new();
    let mut end = 0;
    let mut add = |name: String, shape: &[usize]| {
        let start = end;
        end += 2 * shape.iter().product::<usize>();
        let about =
            serde_json::json!({"dtype": "F16", "shape": shape, "data_offsets": [start, end]});
        header.insert(name, about);
    };
    add("tok_embeddings.weight".to_owned(), &[64, dim]);
    for idx in 0..n_layers {
        add(format!("layers.{idx}.attention.wqkv.weight"), &[3 * dim, dim]);
        add(format!("layers.{idx}.attention.wo.weight"), &[dim, dim]);
        for part in ["w1", "w3"] {
            add(format!("layers.{idx}.feed_forward.{part}.weight"), &[40 * dim, dim]);
        }
    }
    let header = serde_json::to_vec(&header).unwrap();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(&header);
    fs::write(&painter, &bytes).unwrap();
    let file = File::options().append(true).open(&painter).unwrap();
    file.set_len((bytes.len() + end) as u64).unwrap();
    let sources = Sources { painter, codec: Some(codec), ..Sources::default() };
    let refused =
        open_at(&Placement::on_processor(), &sources, Precision::Q4K, None).err().unwrap();
    assert!(
        matches!(refused, Error::OutOfMemory { needed_gib, .. } if 150.0 < needed_gib),
        "{refused}"
    );
}
