"""Find a sentence in HTML and mark it."""

from hypothesis import given
from hypothesis import strategies as st

from ui.highlight import wrap


def mark(fragment: str, sentence: str) -> tuple[str, bool]:
    return wrap(fragment, sentence, "<mark>", "</mark>")


def test_a_sentence_is_marked_over_tags() -> None:
    html, found = mark("<p>One. The <em>rate</em> says how. Two.</p>", "The rate says how.")
    assert found
    assert html == "<p>One. <mark>The</mark> <em><mark>rate</mark></em> <mark>says how.</mark> Two.</p>"


def test_case_and_white_space_do_not_matter() -> None:
    assert mark("<p>A  small\nstep</p>", "a small step") == ("<p><mark>A  small\nstep</mark></p>", True)


def test_code_blocks_and_numbers_are_stepped_over() -> None:
    html, found = mark('<pre>a b</pre><p>a<a class="cite" href="x">1</a> b</p>', "a b")
    assert found
    assert html.startswith("<pre>a b</pre><p><mark>a</mark><a ")


def test_a_sentence_that_is_not_there_changes_nothing() -> None:
    assert mark("<p>a b</p>", "c") == ("<p>a b</p>", False)
    assert mark("<p>a b</p>", "") == ("<p>a b</p>", False)


def test_escaped_characters_stay_escaped() -> None:
    assert mark("<p>if a &lt; b &amp; c</p>", "a < b") == ("<p>if <mark>a &lt; b</mark> &amp; c</p>", True)


def test_a_note_follows_the_last_run_only() -> None:
    html, _ = wrap("<p>a <b>c</b></p>", "a c", "<i>", "</i>", "!")
    assert html == "<p><i>a</i> <b><i>c</i>!</b></p>"


@given(st.text(max_size=40))
def test_words_never_become_tags(sentence: str) -> None:
    html, _ = mark("<p>a &lt;b&gt; c</p>", sentence)
    assert html.replace("<mark>", "").replace("</mark>", "") == "<p>a &lt;b&gt; c</p>"
