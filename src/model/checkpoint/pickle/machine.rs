//! The stack machine that follows a pickle's instructions.

use std::collections::HashMap;

use super::meaning::Callable;
use super::{Storage, View, op};
use crate::model::checkpoint::entry::Kind;
use crate::model::checkpoint::reader::{Reader, Result};

/// A pickle of more instructions is refused. A tensor takes about 35 of them, and what a training
/// run remembers besides some thousands.
pub(super) const MAX_STEPS: usize = 1 << 19;

/// Something on the stack. Small and without owner: what is large lies in one of the machine's
/// tables, so neither depth nor circles among the objects of a pickle mean anything to us.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    /// Numbers with fractions, lists, bytes, objects of any class.
    Meaningless,
    Int(i64),
    Text(&'a str),
    /// From one of the items to before another.
    Tuple(usize, usize),
    Dict(usize),
    Callable(Callable),
    StorageKind(Kind),
    Storage(usize),
    Tensor(usize),
}

/// A stack, what was noted of it, and tables of everything made.
#[derive(Default)]
pub(super) struct Machine<'a> {
    pickle: Reader<'a>,
    stack: Vec<Value<'a>>,
    /// How long the stack was at each mark that is still open.
    marks: Vec<usize>,
    memo: HashMap<u32, Value<'a>>,
    /// Of all tuples.
    items: Vec<Value<'a>>,
    pub(super) dicts: Vec<Vec<(Value<'a>, Value<'a>)>>,
    pub(super) storages: Vec<Storage<'a>>,
    pub(super) tensors: Vec<View<'a>>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(pickle: &'a [u8]) -> Self {
        Self { pickle: Reader::new(pickle), ..Self::default() }
    }

    /// Bytes that were not read yet.
    pub(super) const fn n_left(&self) -> usize {
        self.pickle.n_left()
    }

    /// What lies on top of the stack in the end.
    ///
    /// # Errors
    /// Where an instruction is unknown or finds nothing to work on, or there are too many of them.
    pub(super) fn run(&mut self) -> Result<Value<'a>> {
        for _ in 0..MAX_STEPS {
            let instruction = self.byte()?;
            if instruction == op::STOP {
                return self.pop();
            }
            self.step(instruction)?;
        }
        Err("the pickle is longer than that of any model")
    }

    fn step(&mut self, instruction: u8) -> Result<()> {
        match instruction {
            op::PROTO => _ = self.byte()?,
            op::FRAME => _ = self.bytes::<8>()?,
            op::MARK => self.marks.push(self.stack.len()),
            op::POP => _ = self.pop()?,
            op::POP_MARK => _ = self.pop_to_mark()?,
            op::DUP => {
                let top = self.top()?;
                self.stack.push(top);
            }
            op::BINPUT | op::LONG_BINPUT | op::MEMOIZE => {
                let key = match instruction {
                    op::BINPUT => self.byte()?.into(),
                    op::LONG_BINPUT => u32::from_le_bytes(self.bytes()?),
                    _ => self.memo.len() as u32, // fits: there are fewer steps
                };
                let top = self.top()?;
                self.memo.insert(key, top);
            }
            op::BINGET | op::LONG_BINGET => {
                let key = match instruction {
                    op::BINGET => self.byte()?.into(),
                    _ => u32::from_le_bytes(self.bytes()?),
                };
                let value = *self.memo.get(&key).ok_or("it recalls what it never noted")?;
                self.stack.push(value);
            }
            // What is put into lists and sets is lost to us.
            op::APPEND => _ = self.pop()?,
            op::APPENDS | op::ADDITEMS => _ = self.pop_to_mark()?,
            op::SETITEM => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.fill(&[key, value])?;
            }
            op::SETITEMS => {
                let items = self.pop_to_mark()?;
                self.fill(&items)?;
            }
            // An object is given its state: attributes, which no dictionary or tensor of ours has.
            op::BUILD => _ = self.pop()?,
            _ => {
                let value = self.made_by(instruction)?;
                self.stack.push(value);
            }
        }
        Ok(())
    }

    /// The value that an instruction leaves on the stack, built of those on top of it.
    fn made_by(&mut self, instruction: u8) -> Result<Value<'a>> {
        match instruction {
            op::EMPTY_TUPLE => Ok(self.tuple(self.stack.len())),
            op::TUPLE => {
                let start = self.mark()?;
                Ok(self.tuple(start))
            }
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let n_items = usize::from(instruction - op::TUPLE1) + 1;
                let start = self.floor_under(n_items)?;
                Ok(self.tuple(start))
            }
            op::EMPTY_DICT => Ok(self.dict()),
            op::DICT => {
                let items = self.pop_to_mark()?;
                let dict = self.dict();
                self.stack.push(dict);
                self.fill(&items)?;
                self.pop()
            }
            op::LIST | op::FROZENSET => self.pop_to_mark().map(|_| Value::Meaningless),
            op::GLOBAL => {
                let (module, name) = (self.line()?, self.line()?);
                Ok(Value::of_name(module, name))
            }
            op::STACK_GLOBAL => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (module, name) else {
                    return Err("a class has no name");
                };
                Ok(Value::of_name(module, name))
            }
            op::BINPERSID => {
                let id = self.pop()?;
                self.storage(id)
            }
            op::REDUCE | op::NEWOBJ => {
                let (arguments, callable) = (self.pop()?, self.pop()?);
                self.call(callable, arguments)
            }
            op::NEWOBJ_EX => {
                let _named = self.pop()?;
                let (arguments, callable) = (self.pop()?, self.pop()?);
                self.call(callable, arguments)
            }
            _ => self.literal(instruction),
        }
    }

    /// The value that stands in the pickle itself.
    fn literal(&mut self, instruction: u8) -> Result<Value<'a>> {
        Ok(match instruction {
            op::NONE | op::NEWTRUE | op::NEWFALSE | op::EMPTY_LIST | op::EMPTY_SET => {
                Value::Meaningless
            }
            op::BINFLOAT => {
                self.bytes::<8>()?;
                Value::Meaningless
            }
            op::BININT1 => Value::Int(self.byte()?.into()),
            op::BININT2 => Value::Int(u16::from_le_bytes(self.bytes()?).into()),
            op::BININT => Value::Int(i32::from_le_bytes(self.bytes()?).into()),
            op::LONG1 => {
                let length = self.length::<1>()?;
                long(self.pickle.run(length)?)
            }
            op::LONG4 => {
                let length = self.length::<4>()?;
                long(self.pickle.run(length)?)
            }
            // Texts, and bytes: protocol 2 writes texts of Python 2 as bytes.
            op::SHORT_BINUNICODE | op::SHORT_BINSTRING | op::SHORT_BINBYTES => {
                let length = self.length::<1>()?;
                self.text(length)?
            }
            op::BINUNICODE | op::BINSTRING | op::BINBYTES => {
                let length = self.length::<4>()?;
                self.text(length)?
            }
            op::BINUNICODE8 | op::BINBYTES8 | op::BYTEARRAY8 => {
                let length = self.length::<8>()?;
                self.text(length)?
            }
            _ => return Err("the pickle has an instruction that PyTorch does not write"),
        })
    }

    /// None of them where it is no tuple.
    pub(super) fn items(&self, value: Value<'a>) -> &[Value<'a>] {
        match value {
            Value::Tuple(start, end) => &self.items[start..end],
            _ => &[],
        }
    }

    /// Of what lies on the stack from `start` on.
    fn tuple(&mut self, start: usize) -> Value<'a> {
        let first = self.items.len();
        self.items.extend(self.stack.drain(start..));
        Value::Tuple(first, self.items.len())
    }

    pub(super) fn dict(&mut self) -> Value<'a> {
        self.dicts.push(Vec::new());
        Value::Dict(self.dicts.len() - 1)
    }

    /// Keys and values, in turn, into what is on top of the stack.
    fn fill(&mut self, items: &[Value<'a>]) -> Result<()> {
        let (pairs, rest) = items.as_chunks::<2>();
        if !rest.is_empty() {
            return Err("a key has no value");
        }
        match self.top()? {
            Value::Dict(idx) => {
                self.dicts[idx].extend(pairs.iter().map(|&[key, value]| (key, value)));
            }
            Value::Meaningless => {}
            _ => return Err("something that is no dictionary is filled like one"),
        }
        Ok(())
    }

    /// Where `n` values begin that lie above the last mark.
    fn floor_under(&self, n: usize) -> Result<usize> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let start = self.stack.len().checked_sub(n).filter(|&start| floor <= start);
        start.ok_or("it takes more than it has laid down")
    }

    fn pop(&mut self) -> Result<Value<'a>> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn top(&self) -> Result<Value<'a>> {
        Ok(self.stack[self.floor_under(1)?])
    }

    /// Where the values above the last mark begin; the mark is gone then. Nothing below a mark is
    /// ever taken away, so the stack is at least as long as it was there.
    fn mark(&mut self) -> Result<usize> {
        self.marks.pop().ok_or("a list has no beginning")
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value<'a>>> {
        let start = self.mark()?;
        Ok(self.stack.split_off(start))
    }

    fn byte(&mut self) -> Result<u8> {
        self.bytes::<1>().map(|[byte]| byte)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.pickle.bytes()
    }

    fn length<const N: usize>(&mut self) -> Result<u64> {
        let mut wide = [0; 8];
        wide[..N].copy_from_slice(&self.bytes::<N>()?);
        Ok(u64::from_le_bytes(wide))
    }

    fn text(&mut self, length: u64) -> Result<Value<'a>> {
        let bytes = self.pickle.run(length)?;
        Ok(std::str::from_utf8(bytes).map_or(Value::Meaningless, Value::Text))
    }

    fn line(&mut self) -> Result<&'a str> {
        let line = self.pickle.line()?;
        std::str::from_utf8(line).map_err(|_| "a class has a name that is no text")
    }
}

/// A whole number of any length; longer ones than ours mean nothing.
fn long(bytes: &[u8]) -> Value<'static> {
    let Some(last) = bytes.last() else { return Value::Int(0) };
    let sign = if last & 0x80 == 0 { 0 } else { 0xff };
    let mut wide = [sign; 8];
    match wide.get_mut(..bytes.len()) {
        Some(low) => low.copy_from_slice(bytes),
        None => return Value::Meaningless,
    }
    Value::Int(i64::from_le_bytes(wide))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_any_length() {
        let of = |bytes: &[u8]| match long(bytes) {
            Value::Int(n) => Some(n),
            _ => None,
        };
        assert_eq!(of(&[]), Some(0));
        assert_eq!(of(&[0xff]), Some(-1));
        assert_eq!(of(&[0xff, 0]), Some(255));
        assert_eq!(of(&[0, 0, 0, 0, 1]), Some(1 << 32));
        assert_eq!(of(&[1; 9]), None);
    }
}
