"""What the painter has been taught, and in which words: for the program, which warns of words beyond that."""

import re

from training.corpus import Corpus
from training.corpus.objects import KINDS
from training.words import phrase


def sayings(attribute: str) -> tuple[str, ...]:
    """How captions may say an attribute."""
    group, _, value = attribute.partition(":")
    if group == "has" and value in KINDS:
        return KINDS[value].singular + KINDS[value].plural
    said = phrase(attribute)
    return (said,) if said else ()


def says(caption: str, attribute: str) -> bool:
    """Whether a caption claims it."""
    return any(re.search(rf"\b{re.escape(it)}\b", caption.lower()) for it in sayings(attribute))


def knows(corpus: Corpus) -> dict[str, dict[str, list[str]]]:
    """Group → attribute → the words for it, as far as the corpus has them."""
    vocabulary = set(corpus.vocabulary())
    known: dict[str, dict[str, list[str]]] = {}
    for attribute in corpus.attributes():
        group, _, value = attribute.partition(":")
        words = [it for it in sayings(attribute) if set(re.findall(r"[a-z]+", it)) <= vocabulary]
        if words:
            known.setdefault(group, {})[value] = words
    return known
