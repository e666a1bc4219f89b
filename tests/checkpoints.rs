//! Weights as they are published, opened and read whole; held against candle's own readers.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use alla_prima::model::Error;
use alla_prima::model::checkpoint::Checkpoint;
use candle_core::quantized::{GgmlDType, QTensor, gguf_file};
use candle_core::{DType, Device, Tensor};

fn parity() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity")
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn load(checkpoint: &Checkpoint, name: &str) -> Tensor {
    checkpoint.load(name, checkpoint.shape(name).unwrap()).unwrap()
}

/// What candle reads out of the same file.
fn twin(path: &Path) -> HashMap<String, Tensor> {
    if path.extension().is_some_and(|it| it == "safetensors") {
        return candle_core::safetensors::load(path, &Device::Cpu).unwrap();
    }
    let whole = candle_core::pickle::read_all(path).unwrap();
    let inner = || candle_core::pickle::read_all_with_key(path, Some("model")).unwrap();
    let tensors = if whole.is_empty() { inner() } else { whole };
    tensors.into_iter().collect()
}

#[test]
fn every_checkpoint_is_read_as_candle_reads_it() {
    let mut n_files = 0;
    for folder in fs::read_dir(parity()).unwrap() {
        let Ok(files) = fs::read_dir(folder.unwrap().path()) else { continue };
        for path in files.map(|it| it.unwrap().path()) {
            if path.extension().is_some_and(|it| it == "json") {
                continue;
            }
            let checkpoint = Checkpoint::open(&path).unwrap();
            let twin = twin(&path);
            let mut names: Vec<&str> = twin.keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(checkpoint.names().collect::<Vec<_>>(), names, "{}", path.display());
            let (mut n_bytes, mut n_values) = (0, 0);
            for (name, expected) in &twin {
                let found = load(&checkpoint, name);
                assert_eq!(found.dims(), expected.dims(), "{name}");
                assert!(values(&found) == values(expected), "{name} in {}", path.display());
                n_values += expected.elem_count() as u64;
                n_bytes += (expected.elem_count() * expected.dtype().size_in_bytes()) as u64;
            }
            assert_eq!((checkpoint.n_bytes(), checkpoint.n_values()), (n_bytes, n_values));
            n_files += 1;
        }
    }
    assert!(12 <= n_files, "only {n_files} files were found");
}

#[test]
fn a_folder_is_opened_by_what_is_in_it() {
    let names = |folder: &str| {
        let checkpoint = Checkpoint::open(&parity().join(folder)).unwrap();
        let files =
            checkpoint.files().map(|it| it.file_name().unwrap().to_owned()).collect::<Vec<_>>();
        (files, checkpoint.config().map(|it| it["model_type"].clone()))
    };
    assert_eq!(names("janus-hf"), (vec!["model.safetensors".into()], Some("janus".into())));
    let (files, kind) = names("janus-original");
    assert_eq!((files, kind), (vec!["pytorch_model.bin".into()], Some("multi_modality".into())));
    // No usual name: all of them.
    assert_eq!(names("arpg"), (vec!["arpg.pt".into(), "case.safetensors".into()], None));
    let alone = Checkpoint::open(&parity().join("janus-hf/model.safetensors")).unwrap();
    assert_eq!(alone.config().unwrap()["model_type"], "janus");
}

fn write_safetensors(path: &Path, names: &[&str]) {
    let tensor = Tensor::zeros((2, 3), DType::F32, &Device::Cpu).unwrap();
    let tensors: HashMap<&str, Tensor> = names.iter().map(|&name| (name, tensor.clone())).collect();
    candle_core::safetensors::save(&tensors, path).unwrap();
}

#[test]
fn parts_are_one_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let parts = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    write_safetensors(&folder.join(parts[0]), &["a", "b"]);
    write_safetensors(&folder.join(parts[1]), &["c"]);
    let names = |path: &Path| {
        let checkpoint = Checkpoint::open(path).unwrap();
        assert_eq!(values(&load(&checkpoint, "c")), [0.0; 6]);
        checkpoint.names().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names(folder), ["a", "b", "c"]);

    write_safetensors(&folder.join("other.safetensors"), &["d", "a"]);
    let twice = Checkpoint::open(folder).unwrap_err().to_string();
    assert!(twice.contains("weights of the same names\n"), "{twice}");

    let places = serde_json::json!({"a": parts[0], "b": parts[0], "c": parts[1]});
    let index = folder.join("model.safetensors.index.json");
    fs::write(&index, serde_json::json!({"weight_map": places}).to_string()).unwrap();
    assert_eq!(names(folder), ["a", "b", "c"]);
    assert_eq!(names(&index), ["a", "b", "c"]);
}

#[test]
fn quantised_weights_are_read_as_what_they_stand_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    let weight = Tensor::randn(0.0_f32, 1.0, (6, 512), &Device::Cpu).unwrap();
    let kinds = [
        ("f32", GgmlDType::F32),
        ("f16", GgmlDType::F16),
        ("bf16", GgmlDType::BF16),
        ("q8_0", GgmlDType::Q8_0),
        ("q6k", GgmlDType::Q6K),
        ("q4k", GgmlDType::Q4K),
        ("q4_0", GgmlDType::Q4_0),
    ];
    let tensors = kinds.map(|(name, kind)| (name, QTensor::quantize(&weight, kind).unwrap()));
    let entries: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    let mut file = fs::File::create(&path).unwrap();
    gguf_file::write(&mut file, &[], &entries).unwrap();

    let checkpoint = Checkpoint::open(&path).unwrap();
    for (name, tensor) in &tensors {
        let expected = tensor.dequantize(&Device::Cpu).unwrap();
        assert_eq!(values(&load(&checkpoint, name)), values(&expected), "{name}");
    }
    let n_bytes: usize = tensors.iter().map(|(_, it)| it.storage_size_in_bytes()).sum();
    assert_eq!(checkpoint.n_bytes(), n_bytes as u64);
}

#[test]
fn what_does_not_fit_is_told_with_file_and_weight() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let weights = Tensor::from_vec(vec![1.0_f32, f32::NAN], 2, &Device::Cpu).unwrap();
    candle_core::safetensors::save(&HashMap::from([("norm", weights)]), &path).unwrap();
    let checkpoint = Checkpoint::open(&path).unwrap();
    assert!(checkpoint.has("norm") && !checkpoint.has("wo"));
    for (name, shape, reason) in [
        ("wo", &[2][..], "wo is missing"),
        ("norm", &[2, 1], "norm has the shape [2] where [2, 1] is needed"),
        ("norm", &[2], "norm: some of its values are no numbers"),
    ] {
        let err = checkpoint.load(name, shape).unwrap_err();
        assert!(matches!(err, Error::Damaged(_)));
        let expected =
            format!("The model is damaged or of another kind: {reason}\n{}", path.display());
        assert_eq!(err.to_string(), expected);
    }
    let missing = folder.path().join("none.pt");
    let err = Checkpoint::open(&missing).unwrap_err().to_string();
    assert!(err.starts_with("The model could not be read: "), "{err}");
    assert!(err.ends_with(&format!("\n{}", missing.display())), "{err}");
    fs::write(folder.path().join("config.json"), "{").unwrap();
    let err = Checkpoint::open(&path).unwrap_err().to_string();
    assert!(err.contains("EOF") && err.ends_with("config.json"), "{err}");
    let empty = tempfile::tempdir().unwrap();
    let err = Checkpoint::open(empty.path()).unwrap_err().to_string();
    assert!(err.contains("the folder holds no weights"), "{err}");
}
