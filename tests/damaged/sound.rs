//! Small sound files of every kind, to be damaged.

use std::collections::HashMap;
use std::io::{Cursor, Write as _};

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{DType, Device, Tensor};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Numbers, another one in each place.
pub(crate) fn tensor(shape: &[usize]) -> Tensor {
    let n: usize = shape.iter().product();
    Tensor::arange(0.0, n as f32, &Device::Cpu).unwrap().reshape(shape).unwrap()
}

pub(crate) fn safetensors() -> Vec<u8> {
    let tensors = HashMap::from([
        ("layers.0.wq", tensor(&[8, 4])),
        ("layers.0.norm", tensor(&[4]).to_dtype(DType::F16).unwrap()),
        ("embeddings", tensor(&[3, 4]).to_dtype(DType::BF16).unwrap()),
        ("position_ids", tensor(&[1, 5]).to_dtype(DType::I64).unwrap()),
    ]);
    safetensors::serialize(&tensors, None).unwrap()
}

pub(crate) fn gguf() -> Vec<u8> {
    let tensors = [("wq", [4, 64], GgmlDType::Q8_0), ("wo", [2, 256], GgmlDType::Q4K)];
    let quantised = tensors.map(|(name, shape, kind)| {
        (name, QTensor::quantize(&(tensor(&shape) / 512.0).unwrap(), kind).unwrap())
    });
    let norm = QTensor::quantize(&tensor(&[8]), GgmlDType::F32).unwrap();
    let [(a, wq), (b, wo)] = &quantised;
    let notes = [
        ("general.alignment", Value::U32(32)),
        (
            "words",
            Value::Array(vec![Value::String("sea".to_owned()), Value::String("sky".to_owned())]),
        ),
        ("scales", Value::Array(vec![Value::F32(1.0), Value::F32(2.0)])),
    ];
    let notes: Vec<_> = notes.iter().map(|(name, value)| (*name, value)).collect();
    let mut file = Cursor::new(Vec::new());
    gguf_file::write(&mut file, &notes, &[(a, wq), (b, wo), ("norm", &norm)]).unwrap();
    file.into_inner()
}

/// A pickle as a training run of LlamaGen leaves it, with a matrix and its transposed.
pub(crate) fn pickle() -> Vec<u8> {
    let mut bytes = b"\x80\x02}q\x00(".to_vec();
    text(&mut bytes, "model");
    bytes.extend(b"ccollections\nOrderedDict\n)Rq\x01(");
    let matrix = Stored { storage: "FloatStorage", key: "0", n: 32, offset: 0 };
    for (name, stored, shape, strides) in [
        ("layers.0.wq", matrix, &[8, 4][..], &[4, 1][..]),
        ("layers.0.wk", matrix, &[4, 8], &[1, 4]),
        ("layers.0.wv", Stored { offset: 8, ..matrix }, &[4, 4], &[4, 1]),
        ("norm", Stored { storage: "HalfStorage", key: "1", n: 4, offset: 0 }, &[4], &[1]),
        (
            "freqs_cis",
            Stored { storage: "ComplexFloatStorage", key: "2", n: 4, offset: 0 },
            &[4],
            &[1],
        ),
    ] {
        text(&mut bytes, name);
        stored.write(&mut bytes, shape, strides);
    }
    bytes.extend(b"u}q\x02");
    text(&mut bytes, "_metadata");
    bytes.extend(b"Nsb");
    text(&mut bytes, "steps");
    bytes.extend(b"J\xff\xff\0\0");
    text(&mut bytes, "args");
    bytes.extend(b"cargparse\nNamespace\n)\x81}");
    text(&mut bytes, "lr");
    bytes.extend(b"G\x3f\xf0\0\0\0\0\0\0sbu.");
    bytes
}

#[derive(Clone, Copy)]
struct Stored {
    storage: &'static str,
    key: &'static str,
    n: u8,
    offset: u8,
}

impl Stored {
    fn write(self, bytes: &mut Vec<u8>, shape: &[u8], strides: &[u8]) {
        bytes.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(bytes, "storage");
        bytes.extend(b"ctorch\n");
        bytes.extend(self.storage.as_bytes());
        bytes.push(b'\n');
        text(bytes, self.key);
        text(bytes, "cpu");
        bytes.extend([b'K', self.n, b't', b'Q', b'K', self.offset]);
        for sizes in [shape, strides] {
            bytes.push(b'(');
            bytes.extend(sizes.iter().flat_map(|&size| [b'K', size]));
            bytes.push(b't');
        }
        bytes.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    }
}

pub(crate) fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(b'X');
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
}

/// The archive around a pickle, with the storages of [`pickle`].
pub(crate) fn torch(pickle: &[u8]) -> Vec<u8> {
    let matrix: Vec<u8> = (0..32_u8).flat_map(|it| f32::from(it).to_le_bytes()).collect();
    let norm = [0, 0x3c].repeat(4);
    let files = [
        ("data.pkl", pickle),
        ("byteorder", b"little"),
        ("data/0", &matrix),
        ("data/1", &norm),
        ("data/2", &[0; 32]),
        ("version", b"3\n"),
    ];
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(format!("gpt/{name}"), stored).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

pub(crate) fn index() -> String {
    let places = [
        ("layers.0.wq", "model-1-of-2.safetensors"),
        ("embeddings", "model-1-of-2.safetensors"),
        ("wq", "model-2-of-2.gguf"),
        ("norm", "model-2-of-2.gguf"),
    ];
    let places: serde_json::Map<_, _> =
        places.iter().map(|&(name, file)| (name.to_owned(), file.into())).collect();
    serde_json::json!({"metadata": {"total_size": 1234}, "weight_map": places}).to_string()
}
