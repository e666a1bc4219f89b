//! What the few names in a pickle mean that stand for tensors.

use super::machine::{Machine, Value};
use super::{Storage, View};
use crate::model::checkpoint::entry::Kind;
use crate::model::checkpoint::reader::Result;

/// No weight has more dimensions than that of a convolution, 4.
const MAX_DIMS: usize = 8;

/// The only things whose calls mean something.
#[derive(Clone, Copy, Debug)]
pub(super) enum Callable {
    /// (storage, offset, shape, strides, ..) → tensor
    Rebuild,
    /// (tensor, ..) → tensor
    RebuildParameter,
    /// ([`Self::Rebuild`], class, its arguments, ..) → tensor
    RebuildFromType,
    /// () → dictionary
    Dict,
}

impl Value<'_> {
    /// What a class or function stands for.
    pub(super) fn of_name(module: &str, name: &str) -> Self {
        let callable = match (module, name) {
            ("torch._utils", "_rebuild_tensor_v2") => Callable::Rebuild,
            ("torch._utils", "_rebuild_parameter") => Callable::RebuildParameter,
            ("torch._tensor", "_rebuild_from_type_v2") => Callable::RebuildFromType,
            ("collections", "OrderedDict") => Callable::Dict,
            ("torch", name) => {
                return kind_of(name).map_or(Self::Meaningless, Self::StorageKind);
            }
            _ => return Self::Meaningless,
        };
        Self::Callable(callable)
    }
}

fn kind_of(storage: &str) -> Option<Kind> {
    Some(match storage {
        "DoubleStorage" => Kind::F64,
        "FloatStorage" => Kind::F32,
        "HalfStorage" => Kind::F16,
        "BFloat16Storage" => Kind::BF16,
        "LongStorage" => Kind::I64,
        "IntStorage" => Kind::I32,
        "ShortStorage" => Kind::I16,
        "CharStorage" => Kind::I8,
        "ByteStorage" | "BoolStorage" => Kind::U8,
        _ => return None,
    })
}

impl<'a> Machine<'a> {
    /// What a call leaves: a tensor, a dictionary, or nothing that means anything to us.
    pub(super) fn call(&mut self, callable: Value<'a>, arguments: Value<'a>) -> Result<Value<'a>> {
        let Value::Callable(callable) = callable else { return Ok(Value::Meaningless) };
        match callable {
            Callable::Dict => Ok(self.dict()),
            Callable::Rebuild => self.rebuild(arguments),
            Callable::RebuildParameter => match self.items(arguments) {
                &[tensor, ..] => Ok(tensor),
                _ => Err("a parameter has no tensor"),
            },
            Callable::RebuildFromType => match self.items(arguments) {
                &[Value::Callable(Callable::Rebuild), _, inner, ..] => self.rebuild(inner),
                _ => Ok(Value::Meaningless),
            },
        }
    }

    /// A tensor; without meaning where its values are of a kind that no network has.
    fn rebuild(&mut self, arguments: Value<'a>) -> Result<Value<'a>> {
        let &[storage, Value::Int(offset), shape, strides, ..] = self.items(arguments) else {
            return Err("a tensor lacks its storage, place or shape");
        };
        let Value::Storage(storage) = storage else { return Ok(Value::Meaningless) };
        let storage = self.storages[storage];
        let (shape, strides) = (self.sizes(shape)?, self.sizes(strides)?);
        let offset = usize::try_from(offset).map_err(|_| "a tensor begins before its storage")?;
        self.tensors.push(View { storage, offset, shape, strides });
        Ok(Value::Tensor(self.tensors.len() - 1))
    }

    /// What ("storage", kind, key, device, n) stands for.
    pub(super) fn storage(&mut self, id: Value<'a>) -> Result<Value<'a>> {
        match self.items(id) {
            &[_, Value::StorageKind(kind), Value::Text(key), _, Value::Int(n), ..] => {
                let n_values =
                    usize::try_from(n).map_err(|_| "a storage has less than no values")?;
                self.storages.push(Storage { kind, key, n_values });
                Ok(Value::Storage(self.storages.len() - 1))
            }
            [_, Value::Meaningless, Value::Text(_), _, Value::Int(_), ..] => Ok(Value::Meaningless),
            _ => Err("a storage lacks its kind or name"),
        }
    }

    fn sizes(&self, value: Value<'a>) -> Result<Vec<usize>> {
        let Value::Tuple(..) = value else { return Err("a tensor has no shape") };
        let items = self.items(value);
        if MAX_DIMS < items.len() {
            return Err("a tensor has more dimensions than any weight");
        }
        let size = |it: &Value<'a>| match *it {
            Value::Int(n) => usize::try_from(n).map_err(|_| "a tensor has a size below 0"),
            _ => Err("a tensor has a size that is no number"),
        };
        items.iter().map(size).collect()
    }
}
