//! A machine for the pickles of PyTorch that runs nothing: it follows the instructions far enough
//! to learn which dictionary holds which tensors, and takes whatever else it meets for something
//! without meaning. Every class and function named is looked up in one short list, and those not in
//! it are never called, imported or built. Knows nothing of archives, nor of the values themselves.
//!
//! The instructions are those of protocols 2 to 5, as described in `Lib/pickletools.py` of CPython;
//! what stands for a tensor is described in `torch/_utils.py` and `torch/serialization.py` of
//! PyTorch.

mod machine;
mod meaning;
mod op;

use std::collections::BTreeMap;

use self::machine::{Machine, Value};
use super::entry::Kind;
use super::flaw::{self, Flaw};

/// Under these keys whole dictionaries of weights are found.
const OUTER_KEYS: [&str; 3] = ["model", "state_dict", "module"];

/// How deep such dictionaries lie in each other, at most.
const MAX_DEPTH: usize = 4;

/// A tensor: some of the values of a storage, all counted in values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View<'a> {
    pub(super) storage: Storage<'a>,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

/// A run of values beside the pickle, under the name of `key`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Storage<'a> {
    pub(super) kind: Kind,
    pub(super) key: &'a str,
    pub(super) n_values: usize,
}

/// The tensors in a pickle, by name.
///
/// # Errors
/// Says at which byte the pickle is no pickle, or that it holds no tensors.
pub(super) fn tensors(pickle: &[u8]) -> flaw::Result<BTreeMap<&str, View<'_>>> {
    let mut machine = Machine::new(pickle);
    let result = machine
        .run()
        .map_err(|reason| Flaw::Pickle { reason, at: pickle.len() - machine.n_left() })?;
    let Value::Dict(outermost) = result else { return Err("it is no dictionary".into()) };
    let tensors = named_tensors(&machine, outermost);
    if tensors.is_empty() { Err("it holds no tensors".into()) } else { Ok(tensors) }
}

/// The tensors in the dictionary that holds the weights: `outermost`, or one in it.
fn named_tensors<'a>(machine: &Machine<'a>, outermost: usize) -> BTreeMap<&'a str, View<'a>> {
    let mut weights = outermost;
    for _ in 0..MAX_DEPTH {
        match OUTER_KEYS.iter().find_map(|&key| dict_under(machine, key, weights)) {
            Some(inner) => weights = inner,
            None => break,
        }
    }
    let tensor = |&(key, value): &(Value<'a>, Value<'a>)| match (key, value) {
        (Value::Text(name), Value::Tensor(idx)) => Some((name, machine.tensors[idx].clone())),
        _ => None,
    };
    machine.dicts[weights].iter().filter_map(tensor).collect()
}

fn dict_under(machine: &Machine<'_>, wanted: &str, dict: usize) -> Option<usize> {
    machine.dicts[dict].iter().find_map(|&(key, value)| match (key, value) {
        (Value::Text(key), Value::Dict(idx)) if key == wanted => Some(idx),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::machine::MAX_STEPS;
    use super::*;

    /// A tensor of 6 numbers, as PyTorch writes it; `shape` and `strides` are instructions.
    fn tensor(shape: &str, strides: &str) -> String {
        let storage = "(X\x07\0\0\0storagectorch\nHalfStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x06tQ";
        format!("ctorch._utils\n_rebuild_tensor_v2\n({storage}K\0{shape}{strides}NNtR")
    }

    fn rows() -> String {
        tensor("(K\x02K\x03t", "(K\x03K\x01t")
    }

    fn view(shape: &[usize], strides: &[usize]) -> View<'static> {
        let storage = Storage { kind: Kind::F16, key: "0", n_values: 6 };
        View { storage, offset: 0, shape: shape.to_vec(), strides: strides.to_vec() }
    }

    #[track_caller]
    fn check(pickle: &str, expected: &[(&str, View<'static>)]) {
        let found = tensors(pickle.as_bytes()).unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    }

    #[track_caller]
    fn check_refused(pickle: &str, reason: &str) {
        let err = tensors(pickle.as_bytes()).unwrap_err();
        assert!(err.to_string().contains(reason), "{err}");
    }

    #[test]
    fn tensors_are_found_under_their_names() {
        let rows = rows();
        let cols = tensor("(K\x03K\x02t", "(K\x01K\x03t");
        check(
            &format!("}}(X\x01\0\0\0b{rows}X\x01\0\0\0a{cols}u."),
            &[("a", view(&[3, 2], &[1, 3])), ("b", view(&[2, 3], &[3, 1]))],
        );
        // A parameter, in an ordered dictionary with attributes.
        let parameter = format!("ctorch._utils\n_rebuild_parameter\n({rows}NNtR");
        let dict = "ccollections\nOrderedDict\n)R";
        check(
            &format!("{dict}X\x01\0\0\0a{parameter}s}}X\x01\0\0\0mK\x01sb."),
            &[("a", view(&[2, 3], &[3, 1]))],
        );
    }

    #[test]
    fn whatever_else_was_saved_is_passed_over() {
        let rows = rows();
        let args = "X\x04\0\0\0argscargparse\nNamespace\n)\u{81}}X\x02\0\0\0lrG\0\0\0\0\0\0\0\0sb";
        let command = "X\x03\0\0\0runcos\nsystem\n(X\x08\0\0\0rm -rf /tR";
        let list = "X\x04\0\0\0list](K\x01K\x02eK\x03a";
        let steps = "X\x05\0\0\0stepsK\x07";
        // "\u{81}" is NEWOBJ in Latin-1.
        let pickle =
            format!("}}({args}{command}{list}{steps}X\x05\0\0\0model}}X\x01\0\0\0a{rows}su.");
        let bytes: Vec<u8> = pickle.chars().map(|it| it as u8).collect();
        let found = tensors(&bytes).unwrap();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [("a", view(&[2, 3], &[3, 1]))]);
    }

    #[test]
    fn a_dictionary_is_the_same_wherever_it_is_recalled() {
        let rows = rows();
        // Noted while it is empty, filled, then recalled as the model.
        check(
            &format!("}}q\x01X\x01\0\0\0a{rows}s0}}X\x05\0\0\0modelh\x01s."),
            &[("a", view(&[2, 3], &[3, 1]))],
        );
        // One that holds itself.
        check(
            &format!("}}q\x01(X\x05\0\0\0modelh\x01X\x01\0\0\0a{rows}u."),
            &[("a", view(&[2, 3], &[3, 1]))],
        );
    }

    #[test]
    fn nonsense_is_told_apart() {
        check_refused("", "breaks off");
        check_refused("}", "breaks off");
        check_refused("X\u{7f}\u{7f}\u{7f}\u{7f}abc", "breaks off");
        check_refused(".", "more than it has laid down");
        check_refused("K\x01(0", "more than it has laid down");
        check_refused("K\x01(s.", "more than it has laid down");
        check_refused("t", "no beginning");
        check_refused("h\x05", "never noted");
        check_refused("}(K\x01u.", "no value");
        check_refused("K\x01(K\x01K\x02u.", "no dictionary");
        check_refused("K\x01.", "no dictionary");
        check_refused("}.", "no tensors");
        check_refused("Vtext\n", "PyTorch does not write");
        check_refused(&tensor("(J\u{1}\u{1}\u{1}\u{1}Nt", ")"), "no number");
        check_refused(&tensor("(\u{1}", ")"), "does not write");
        check_refused(&tensor("N", ")"), "no shape");
        check_refused(&tensor(&format!("({}t", "K\x01".repeat(9)), ")"), "more dimensions");
        check_refused(&"(".repeat(MAX_STEPS + 1), "longer than that of any model");
    }
}
