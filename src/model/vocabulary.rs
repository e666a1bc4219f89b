//! What a network that knows a list of words hears in a prompt: words it knows, words that stand
//! for them, and nothing else. What it does not know changes nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// English words → known ones, by sentence embeddings, looked through by eye
/// (`training/neighbours.py`).
static NEIGHBOURS: LazyLock<Table> =
    LazyLock::new(|| table(include_str!("../../assets/words/neighbours.tsv")));
static CHINESE: LazyLock<Table> =
    LazyLock::new(|| table(include_str!("../../assets/words/chinese.tsv")));
static EMOJI: LazyLock<Table> =
    LazyLock::new(|| table(include_str!("../../assets/words/emoji.tsv")));

/// What is written → known words with spaces between, or nothing where it carries no meaning.
type Table = HashMap<&'static str, &'static str>;

/// Characters of the longest entry in Chinese.
static LONGEST_CHINESE: LazyLock<usize> =
    LazyLock::new(|| CHINESE.keys().map(|it| it.chars().count()).max().unwrap_or(0));

fn table(lines: &'static str) -> Table {
    lines.lines().filter_map(|it| it.split_once('\t')).collect()
}

/// What became of a piece of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// As it was written, but for accents and large letters.
    pub word: String,
    pub fate: Fate,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The network knows it.
    Known,
    /// It stands for these words, which the network knows.
    TakenFor(String),
    /// It says nothing to the network.
    NotHeard,
    /// The network knows it, but has no slot left for it.
    TooLate,
}

impl Heard {
    /// The words that the network reads, with spaces between.
    #[must_use]
    pub fn as_known(&self) -> Option<&str> {
        match &self.fate {
            Fate::Known => Some(&self.word),
            Fate::TakenFor(words) => Some(words),
            Fate::NotHeard | Fate::TooLate => None,
        }
    }
}

/// The words of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// In alphabetical order.
    known: Vec<String>,
    /// Words that carry no meaning ("the", "of").
    ignored: Vec<String>,
    /// How many words of a prompt are heard, at most.
    max_words: usize,
}

impl Vocabulary {
    #[must_use]
    pub fn new(mut known: Vec<String>, ignored: Vec<String>, max_words: usize) -> Self {
        known.sort();
        Self { known, ignored, max_words }
    }

    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }

    fn knows(&self, word: &str) -> bool {
        self.known.binary_search_by(|it| it.as_str().cmp(word)).is_ok()
    }

    /// Each word of `text` that might carry a meaning, in order, and what became of it.
    #[must_use]
    pub fn understand(&self, text: &str) -> Vec<Heard> {
        let folded = fold(text);
        let pieces = pieces(&folded).into_iter();
        let mut heard: Vec<Heard> =
            pieces.filter_map(|(word, meaning)| self.hear(word, meaning)).collect();
        let (mut n_heard, mut is_full) = (0, false);
        for it in &mut heard {
            let Some(words) = it.as_known() else { continue };
            n_heard += words.split(' ').count();
            is_full |= self.max_words < n_heard;
            if is_full {
                it.fate = Fate::TooLate;
            }
        }
        heard
    }

    /// `None` for what carries no meaning for anybody.
    fn hear(&self, word: &str, meaning: Meaning) -> Option<Heard> {
        let fate = match meaning {
            Meaning::Nothing => return None,
            Meaning::NotHeard => Fate::NotHeard,
            Meaning::Words(words) => self.stands_for(words),
            Meaning::Itself if self.ignored.iter().any(|it| it == word) => return None,
            Meaning::Itself if self.knows(word) => Fate::Known,
            Meaning::Itself => match NEIGHBOURS.get(word) {
                Some(words) => self.stands_for(words),
                None if word.len() == 1 => return None, // the s of "lake's"
                None => Fate::NotHeard,
            },
        };
        Some(Heard { word: word.nfc().collect(), fate })
    }

    /// Another network may not have learned the words of the tables.
    fn stands_for(&self, words: &str) -> Fate {
        let known: Vec<&str> = words.split(' ').filter(|it| self.knows(it)).collect();
        if known.is_empty() { Fate::NotHeard } else { Fate::TakenFor(known.join(" ")) }
    }
}

/// Far more than any network hears; keeps a text from a file from taking all time.
const MAX_CHARS: usize = 10_000;

/// Without accents, wide letters, capitals, and what joins emoji.
fn fold(text: &str) -> String {
    let letters = text.chars().take(MAX_CHARS).nfkd();
    let plain: String = letters.filter(|&it| !is_combining_mark(it) && !is_joiner(it)).collect();
    plain.to_lowercase()
}

/// The word that is being typed at the end of a text; empty behind a space.
#[must_use]
pub fn typed_word(text: &str) -> &str {
    let is_letter = |it: char| it.is_ascii_alphabetic();
    &text[text.trim_end_matches(is_letter).len()..]
}

/// What a piece of a prompt may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// A word in Latin letters.
    Itself,
    /// What a table says.
    Words(&'static str),
    Nothing,
    NotHeard,
}

impl Meaning {
    fn of(entry: Option<&&'static str>) -> Self {
        match entry {
            None => Self::NotHeard,
            Some(&"") => Self::Nothing,
            Some(words) => Self::Words(words),
        }
    }
}

/// Joins emoji, or says that a character is to be shown as one.
const fn is_joiner(it: char) -> bool {
    matches!(it, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

const fn is_chinese(it: char) -> bool {
    matches!(it, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3134f}')
}

/// Arrows, symbols and pictures, but no punctuation.
const fn is_emoji(it: char) -> bool {
    matches!(it, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Cuts a folded, lower-case text up.
fn pieces(text: &str) -> Vec<(&str, Meaning)> {
    let (mut found, mut start) = (Vec::new(), 0);
    while let Some(first) = text[start..].chars().next() {
        let rest = &text[start..];
        let (len, meaning) = if let Some(len) = foreign_syntax(&text[..start], rest) {
            (len, Meaning::NotHeard)
        } else if is_chinese(first) {
            chinese(rest)
        } else if is_emoji(first) {
            let len = first.len_utf8();
            (len, Meaning::of(EMOJI.get(&rest[..len])))
        } else if first.is_alphanumeric() {
            word(rest)
        } else {
            (first.len_utf8(), Meaning::Nothing)
        };
        found.push((rest[..len].trim_end(), meaning));
        start += len;
    }
    found
}

/// How long the tag, weight or option is that `rest` begins with, if it begins with one: what other
/// programs understand as `<lora:name:0.8>`, `(word:1.3)`, `word::2`, `--ar 16:9`.
fn foreign_syntax(before: &str, rest: &str) -> Option<usize> {
    let last = before.chars().next_back();
    match rest.as_bytes() {
        [b'<', ..] => tag(rest),
        [b'-', b'-', ..] if last.is_none_or(char::is_whitespace) => option(rest),
        [b':', ..] if last.is_some_and(may_be_weighted) => weight(rest),
        _ => None,
    }
}

const MAX_TAG_BYTES: usize = 64;

fn tag(rest: &str) -> Option<usize> {
    let inside = &rest.as_bytes()[1..];
    let end = inside.iter().take(MAX_TAG_BYTES).position(|&it| it == b'>' || it == b'<')?;
    let is_one = inside[0].is_ascii_alphabetic() && inside[end] == b'>';
    is_one.then_some(end + 2)
}

fn option(rest: &str) -> Option<usize> {
    let is_of_name = |it: char| it.is_ascii_alphanumeric() || it == '-';
    let name = rest.find(|it| !is_of_name(it)).unwrap_or(rest.len());
    if !rest.as_bytes().get(2)?.is_ascii_alphabetic() {
        return None;
    }
    if &rest[..name] == "--no" {
        // What is to be left out is not heard.
        return Some(rest[name..].find(" --").map_or(rest.len(), |it| name + it));
    }
    let value = rest[name..].trim_start_matches(' ');
    let start = rest.len() - value.len();
    Some(if value.starts_with(|it: char| it.is_ascii_digit()) {
        start + number(value)
    } else {
        name
    })
}

const fn may_be_weighted(it: char) -> bool {
    matches!(it, 'a'..='z' | ')' | ']' | '"') || is_chinese(it) || is_emoji(it)
}

fn weight(rest: &str) -> Option<usize> {
    let colons = if rest.starts_with("::") { 2 } else { 1 };
    let value = &rest[colons..];
    let sign = usize::from(value.starts_with('-'));
    let len = number(&value[sign..]);
    let follows = value[sign + len..].chars().next();
    // "Before them: 3 boats" is a sentence.
    let is_weight = 0 < len && follows.is_none_or(|it| !it.is_alphanumeric());
    is_weight.then_some(colons + sign + len)
}

/// The length of the figures that `text` begins with, those of 16:9, 1.5 and 1920x1080 together.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_figure = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut len = usize::from(bytes.first() == Some(&b'.') && is_figure(1));
    while is_figure(len)
        || bytes.get(len).is_some_and(|it| b".,:/x".contains(it)) && 0 < len && is_figure(len + 1)
    {
        len += 1;
    }
    len
}

/// The longest entry that `rest` begins with, or all up to where the next one begins.
fn chinese(rest: &str) -> (usize, Meaning) {
    if let Some((len, words)) = entry(rest) {
        return (len, Meaning::of(Some(&words)));
    }
    let goes_on = |&(idx, it): &(usize, char)| is_chinese(it) && entry(&rest[idx..]).is_none();
    let len = rest.char_indices().take_while(goes_on).map(|(idx, it)| idx + it.len_utf8()).last();
    (len.unwrap_or_default(), Meaning::NotHeard)
}

fn entry(rest: &str) -> Option<(usize, &'static str)> {
    let ends = rest.char_indices().take(*LONGEST_CHINESE).map(|(idx, it)| idx + it.len_utf8());
    let found = ends.filter_map(|end| CHINESE.get(&rest[..end]).map(|&words| (end, words)));
    found.last()
}

/// A run of letters and figures.
fn word(rest: &str) -> (usize, Meaning) {
    let goes_on = |it: char| it.is_alphanumeric() && !is_chinese(it) && !is_emoji(it);
    let letters = rest.find(|it| !goes_on(it)).unwrap_or(rest.len());
    let len = letters.max(number(rest));
    let word = &rest[..len];
    let meaning = match word {
        "1" => Meaning::Nothing,
        "2" => Meaning::Words("two"),
        "3" => Meaning::Words("three"),
        "4" | "5" | "6" | "7" | "8" | "9" => Meaning::Words("several"),
        _ if word.bytes().all(|it| it.is_ascii_lowercase()) => Meaning::Itself,
        _ => Meaning::NotHeard,
    };
    (len, meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let known = include_str!("../../assets/model/words.json");
        let file: serde_json::Value = serde_json::from_str(known).unwrap();
        let list = |key: &str| serde_json::from_value(file[key].clone()).unwrap();
        Vocabulary::new(list("words"), list("ignored"), 32)
    }

    /// What is heard, words that stand for others with an arrow, and in brackets what is not.
    fn told(text: &str) -> String {
        let heard = vocabulary().understand(text).into_iter().map(|it| match it.fate {
            Fate::Known => it.word,
            Fate::TakenFor(words) => format!("{}→{}", it.word, words.replace(' ', "+")),
            Fate::NotHeard => format!("[{}]", it.word),
            Fate::TooLate => format!("[{} …]", it.word),
        });
        heard.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_stand_for_their_neighbours_or_for_nothing() {
        assert_eq!(told("The LAKE, at-night!"), "lake night");
        assert_eq!(told("a red barn by the lake"), "red barn→cabin lake");
        assert_eq!(told("zebra by the sea's shore"), "[zebra] sea shore");
        assert_eq!(told("gloaming, seagulls"), "gloaming→dusk seagulls→birds");
        assert_eq!(told(""), "");
        assert_eq!(told(" ,;!?… "), "");
    }

    #[test]
    fn accents_and_wide_letters_are_folded() {
        assert_eq!(told("lâke à Ｌａｋｅ"), "lake lake");
        assert_eq!(told("сад у озера"), "[сад] [у] [озера]");
    }

    #[test]
    fn emoji_are_words() {
        assert_eq!(told("🎈over the🏔️!"), "🎈→balloon over 🏔→snowy+mountains");
        assert_eq!(told("🦖"), "[🦖]");
    }

    #[test]
    fn figures_are_counts() {
        assert_eq!(
            told("1 castle, 2 balloons, 12 sailboats"),
            "castle 2→two balloons [12] sailboats"
        );
    }

    #[test]
    fn what_other_programs_understand_is_told() {
        assert_eq!(told("(red balloon:1.3), lake"), "red balloon [:1.3] lake");
        assert_eq!(
            told("lake::2 <lora:ink:0.8> sea --ar 16:9 --tile"),
            "lake [::2] [<lora:ink:0.8>] sea [--ar 16:9] [--tile]"
        );
        assert_eq!(told("sea < lake > night"), "sea lake night");
        assert_eq!(told("sunset--lake, 🎈:1.3"), "sunset lake 🎈→balloon [:1.3]");
        assert_eq!(told("--ar 16:9，湖上的帆船"), "[--ar 16:9] 湖上→lake 帆船→sailboat");
        assert_eq!(
            told("sea --no clouds, birds --v 6,lake"),
            "sea [--no clouds, birds] [--v 6] lake"
        );
        assert_eq!(told("8k, masterpiece"), "[8k] [masterpiece]");
    }

    #[test]
    fn what_comes_after_the_last_slot_is_said() {
        let few = Vocabulary { max_words: 2, ..vocabulary() };
        let fates = |text: &str| -> Vec<Fate> {
            few.understand(text).into_iter().map(|it| it.fate).collect()
        };
        assert_eq!(fates("zebra lake sea"), [Fate::NotHeard, Fate::Known, Fate::Known]);
        assert_eq!(
            fates("lake sea night zebra"),
            [Fate::Known, Fate::Known, Fate::TooLate, Fate::NotHeard]
        );
        // Nothing is heard in part, and nothing after what was not.
        assert_eq!(fates("lake 🏔 sea"), [Fate::Known, Fate::TooLate, Fate::TooLate]);
    }

    #[test]
    fn a_text_without_end_is_read_in_no_time() {
        let began = std::time::Instant::now();
        for text in ["<a", ":", " ", "a:", "--", "--a ", "1.", "恐", "🦖", "a<"] {
            let _heard = vocabulary().understand(&text.repeat(1 << 20));
        }
        assert!(began.elapsed().as_secs() < 20);
    }

    #[test]
    fn chinese_needs_no_spaces() {
        assert_eq!(told("日落时的湖"), "日落时→sunset 湖→lake");
        assert_eq!(told("湖恐龙海"), "湖→lake [恐龙] 海→sea");
    }

    #[test]
    fn both_languages_say_the_same() {
        let vocabulary = vocabulary();
        let words = |text: &str| -> Vec<String> {
            let heard = vocabulary.understand(text);
            assert!(heard.iter().all(|it| it.as_known().is_some()), "{text}: {heard:?}");
            let known = heard.iter().filter_map(Heard::as_known);
            known.flat_map(|it| it.split(' ').map(str::to_owned)).collect()
        };
        let pairs: Vec<_> = include_str!("../../tests/data/chinese_pairs.tsv")
            .lines()
            .filter_map(|it| it.split_once('\t'))
            .collect();
        assert_eq!(pairs.len(), 30);
        for (chinese, english) in pairs {
            assert_eq!(words(chinese), words(english), "{chinese}");
        }
    }

    #[test]
    fn the_tables_say_words_that_the_network_knows() {
        let vocabulary = vocabulary();
        for table in [&NEIGHBOURS, &CHINESE, &EMOJI] {
            for (written, words) in table.iter() {
                assert_eq!(fold(written), *written, "it could never be met");
                for word in words.split(' ').filter(|it| !it.is_empty()) {
                    assert!(vocabulary.knows(word), "{written} stands for {word}");
                }
            }
        }
        assert!(EMOJI.keys().all(|it| it.chars().count() == 1));
        assert!(500 <= CHINESE.len());
    }
}
