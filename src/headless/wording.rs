//! From the bytes of a script to its text, and from what the parser says of it to sentences.

use serde_json::error::Category;

/// `None` where it is no text.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let units = |pairs: &[u8], read: fn([u8; 2]) -> u16| -> Option<String> {
        let (pairs, rest) = pairs.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|&it| read(it)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0xFF, 0xFE, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

/// What is wrong with a script, and where.
pub(super) fn sentence(err: &serde_json::Error) -> String {
    let (line, column) = (err.line(), err.column());
    let what = match err.classify() {
        Category::Eof => "the script ends too early".to_owned(),
        Category::Io => "it cannot be read".to_owned(),
        Category::Syntax | Category::Data => in_words(&without_place(&err.to_string())),
    };
    format!("{what} (line {line}, column {column})")
}

fn without_place(text: &str) -> String {
    text.rfind(" at line ").map_or(text, |it| &text[..it]).to_owned()
}

/// The parser's texts have a form each. What has none of these stays as it is.
fn in_words(text: &str) -> String {
    let text = text.replace('`', "\"");
    if let Some((found, wanted)) = text
        .strip_prefix("invalid type: ")
        .or_else(|| text.strip_prefix("invalid value: "))
        .or_else(|| text.strip_prefix("invalid length "))
        .and_then(|it| it.split_once(", expected "))
    {
        return format!(
            "there is {} where {} is to be",
            found_in_words(found),
            wanted_in_words(wanted)
        );
    }
    if let Some((name, known)) = text
        .strip_prefix("unknown field ")
        .or_else(|| text.strip_prefix("unknown variant "))
        .and_then(|it| it.split_once(", expected "))
    {
        let known = known.trim_start_matches("one of ");
        return format!("{name} is not known here; there are {known}");
    }
    if let Some(name) = text.strip_prefix("missing field ") {
        return format!("{name} is missing");
    }
    if let Some(name) = text.strip_prefix("duplicate field ") {
        return format!("{name} stands there twice");
    }
    if text.starts_with("data did not match any variant") {
        return "a colour is written [red, green, blue], each from 0 to 255, or \"#rrggbb\""
            .to_owned();
    }
    match text.as_str() {
        "trailing comma" => "there is a comma too many".to_owned(),
        "trailing characters" => "there is something behind the end of the script".to_owned(),
        "expected value" | "expected ident" => "there is no value where one is to be".to_owned(),
        "key must be a string" => "a name is to stand in double quotes".to_owned(),
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            "a line ends within a text".to_owned()
        }
        _ => text.replace("expected", "it wants"),
    }
}

fn found_in_words(found: &str) -> String {
    match found {
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        "null" => "nothing (null)".to_owned(),
        it if it.bytes().all(|it| it.is_ascii_digit()) => format!("a list of {it}"),
        it => {
            let number = ["integer ", "floating point ", "boolean "]
                .into_iter()
                .find_map(|kind| it.strip_prefix(kind));
            match number {
                Some(number) => number.trim_matches('"').to_owned(),
                None => it.trim_start_matches("string ").to_owned(),
            }
        }
    }
}

fn wanted_in_words(wanted: &str) -> String {
    match wanted {
        "a sequence" => "a list",
        "a map" | "struct Entry" | "struct Stroke" | "struct Patch" | "struct Strips" => {
            "an object"
        }
        "usize" | "u64" | "u32" | "u16" | "u8" => "a whole number, 0 or more,",
        "f32" | "f64" => "a number",
        "a string" => "a text",
        "an array of length 2" => "a list of 2 numbers",
        "an array of length 4" => "a list of 4 numbers",
        it => it,
    }
    .to_owned()
}
