"""Prompts become ids as the program makes them."""

from training.words import Words, phrase

WORDS = Words.of(["lake", "night", "sun"], ["clouds:many", "clouds:clear", "count:two"], 4)


def test_words_become_ids() -> None:
    def ids(*words: str) -> list[int]:
        found = [WORDS.known.index(it) + 3 for it in words]
        return found + [0] * (4 - len(found))

    assert WORDS.ids(None).tolist() == [1, 0, 0, 0]
    assert WORDS.ids("zebra").tolist() == [1, 0, 0, 0]
    assert WORDS.ids("The LAKE, at-night!").tolist() == ids("lake", "night")
    assert WORDS.ids("a zebra by the lake").tolist() == ids("lake")
    assert WORDS.ids("sun " * 9).tolist() == ids(*["sun"] * 4)


def test_attributes_are_said_in_words_that_are_known() -> None:
    assert phrase("clouds:many") == "many clouds"
    assert phrase("clouds:clear") == "clear sky"
    assert phrase("has:hot_air_balloon") == "hot air balloon"
    assert phrase("count:two") is None
    assert WORDS.known == ["clear", "clouds", "lake", "many", "night", "sky", "sun"]
