//! The classes of ImageNet by their names: the networks that paint from a class know no other
//! words. The list in `imagenet.txt` has the first name that WordNet gives each class, in the order
//! of the challenge of 2012, where two classes would share it another one.

use crate::model::{Error, Result};

const IMAGENET: &str = include_str!("imagenet.txt");

/// Names offered where a prompt fits none.
const MAX_NEAR: usize = 4;

/// The names of ImageNet's classes in order; where there are not 1000, classes are called by their
/// numbers.
pub(super) fn names(n_classes: usize) -> Vec<String> {
    let names: Vec<String> = IMAGENET.lines().map(str::to_owned).collect();
    if names.len() == n_classes {
        names
    } else {
        (0..n_classes).map(|idx| idx.to_string()).collect()
    }
}

/// The class that `text` names: by its name, by its number, or by words that only one name has.
pub(super) fn class_of(text: &str, names: &[String]) -> Result<u32> {
    let wanted = words(text);
    let found = names.iter().position(|it| words(it) == wanted);
    let by_number = || text.trim().parse().ok().filter(|&idx: &usize| idx < names.len());
    if let Some(idx) = found.or_else(by_number) {
        return Ok(idx as u32);
    }
    let has_all = |name: &&String| {
        let name = words(name);
        !wanted.is_empty() && wanted.iter().all(|it| name.contains(it))
    };
    let near: Vec<&String> = names.iter().filter(has_all).collect();
    if let [only] = near.as_slice() {
        return Ok(names.iter().position(|it| it == *only).unwrap_or(0) as u32);
    }
    let near: Vec<&str> = near.iter().take(MAX_NEAR).map(|it| it.as_str()).collect();
    Err(Error::NoSuchClass(match near.as_slice() {
        [] => format!("“{}”", text.trim()),
        near => format!("“{}”; there are: {}", text.trim(), near.join(", ")),
    }))
}

/// In small letters, without an article in front.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    let words = words.map(str::to_lowercase);
    words.skip_while(|it| ["a", "an", "the"].contains(&it.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_name_of_its_own() {
        let names = names(1000);
        assert_eq!(names.len(), 1000);
        for (idx, name) in names.iter().enumerate() {
            assert_eq!(class_of(name, &names).unwrap() as usize, idx, "{name}");
            assert_eq!(class_of(&idx.to_string(), &names).unwrap() as usize, idx);
        }
    }

    #[test]
    fn a_class_is_found_by_what_people_write() {
        let names = names(1000);
        let check = |text: &str, class: u32| assert_eq!(class_of(text, &names).unwrap(), class);
        check("A golden retriever", 207);
        check("  Golden-Retriever ", 207);
        check("207", 207);
        check("the lesser panda", 387);
        check("bulbul", 16);
    }

    #[test]
    fn what_is_no_class_is_told_with_what_is_near() {
        let names = names(1000);
        let why = class_of("terrier", &names).unwrap_err().to_string();
        assert!(why.contains("“terrier”") && why.contains("toy terrier"), "{why}");
        assert!(class_of("1000", &names).is_err());
        assert!(class_of("", &names).is_err());
        assert!(class_of("a unicorn", &names).is_err());
    }

    #[test]
    fn other_lists_are_called_by_numbers() {
        let names = names(10);
        assert_eq!(class_of("7", &names).unwrap(), 7);
        assert!(class_of("golden retriever", &names).is_err());
    }
}
