"""Prompt ↔ word ids, as the program does it: lower-case words in a row, nothing of grammar."""

import re
from collections.abc import Iterable, Mapping

import numpy as np

PAD, NULL_PROMPT, UNKNOWN, FIRST_WORD = range(4)
IGNORED = frozenset(
    ("a", "an", "the", "of", "with", "and", "at", "on", "by", "in", "is", "are", "it", "its", "some")
    + ("painting", "picture", "landscape")
)

# How an attribute `group:value` is said where the value alone would not do.
PHRASES: Mapping[str, str] = {
    "clouds:clear": "clear sky",
    "clouds:few": "few clouds",
    "clouds:many": "many clouds",
    "clouds:overcast": "overcast sky",
    "clouds:storm": "stormy sky",
}
UNSAID = frozenset({"count"})  # groups that mean nothing without a noun


def words_in(text: str) -> list[str]:
    """The words that count."""
    return [word for word in re.findall(r"[a-z]+", text.lower()) if word not in IGNORED]


def phrase(attribute: str) -> str | None:
    """An attribute in words, for prompts that are bare lists."""
    group, _, value = attribute.partition(":")
    if group in UNSAID:
        return None
    return PHRASES.get(attribute, re.sub(r"[^a-z]+", " ", value.lower()))


class Words:
    """The words that the painter knows, in alphabetical order."""

    def __init__(self, known: Iterable[str], n_slots: int) -> None:
        self.known = list(known)
        self.n_slots = n_slots
        self.id_of = {word: idx for idx, word in enumerate(self.known, FIRST_WORD)}

    @classmethod
    def of(cls, vocabulary: Iterable[str], attributes: Iterable[str], n_slots: int) -> "Words":
        """All that captions and attributes may say."""
        texts = [*vocabulary, *filter(None, map(phrase, attributes))]
        return cls(sorted({word for text in texts for word in words_in(text)}), n_slots)

    def __len__(self) -> int:
        """Rows of the word table."""
        return len(self.known) + FIRST_WORD

    def ids(self, text: str | None) -> np.ndarray:
        """One id per slot, int64 [slots]; `None` is the null prompt, and so is a text of which nothing is heard:
        words that are not known are left out."""
        heard = [self.id_of[word] for word in words_in(text or "") if word in self.id_of]
        found = heard or [NULL_PROMPT]
        ids = np.full(self.n_slots, PAD, np.int64)
        ids[: len(found)] = found[: self.n_slots]
        return ids

    def to_json(self) -> dict:
        """`words.json`."""
        ids = {"pad": PAD, "null": NULL_PROMPT, "unknown": UNKNOWN, "first_word": FIRST_WORD}
        return {"words": self.known, "ids": ids, "ignored": sorted(IGNORED), "max_words": self.n_slots}
