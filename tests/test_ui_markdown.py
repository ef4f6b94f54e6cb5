"""Markdown of lessons and models as HTML that is safe and readable."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.e2e.payloads import PAYLOADS
from ui.markdown import mathml, plain, render

FORBIDDEN = ("<script", "<img", "<svg", "<style", "<iframe", "<form", "<object", "<embed", "<link", "<meta", "<base")


def cite(n: int) -> str:
    return f'<a class="cite" href="read?n={n}">{n}</a>' if n < 3 else ""


def test_numbers_become_links_only_outside_code() -> None:
    html = render("So it is.[1] `x[1]` [9]\n\n```python\nx[2]\n```", cite)
    assert html.count('class="cite"') == 1
    assert "[9]" in html
    assert "<code>x[1]</code>" in html


def test_the_space_before_a_number_goes() -> None:
    assert 'is.<a class="cite"' in render("So it is. [1]", cite)


def test_a_number_with_an_address_is_a_link_and_no_citation() -> None:
    assert 'href="https://a.org"' in render("[1](https://a.org)", cite)


def test_code_is_highlighted_and_an_unknown_language_is_plain() -> None:
    assert '<span class="k">for</span>' in render("```python\nfor x in y: pass\n```")
    assert "<code>&lt;b&gt;\n</code>" in render("```nonsense\n<b>\n```")


def test_tables_keep_their_alignment_without_inline_styles() -> None:
    html = render("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert '<td class="right">2</td>' in html
    assert "style=" not in html


def test_maths_becomes_mathml_in_dollars_and_in_brackets() -> None:
    for text in ("$x^2$", r"\(x^2\)", "$$x^2$$", r"\[x^2\]"):
        assert "<msup>" in render(text), text


def test_prices_are_no_maths() -> None:
    assert "<math" not in render("It costs $5 and then $10 more.")


def test_a_formula_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert mathml(r"\left( a", False) == r"<code>\left( a</code>"
    assert mathml("x" * 5000, False).startswith("<code>")


def test_links_lead_outside_or_where_the_caller_says() -> None:
    html = render("[a](02-x.md#b) [c](https://c.org)", follow=lambda target: "read?x" if target.endswith("b") else None)
    assert 'href="read?x"' in html
    assert "https://c.org" not in html
    assert ">c<" not in html
    assert " c</p>" in html


def test_outside_links_tell_nobody_where_the_reader_came_from() -> None:
    assert 'rel="noopener noreferrer"' in render("[c](https://c.org)")


def test_headings_stand_below_those_of_the_page() -> None:
    assert render("# One\n\n###### Six") == "<h3>One</h3>\n<h6>Six</h6>\n"


def test_images_become_their_description() -> None:
    assert render("![a cat](http://far/cat.png)") == "<p><em>a cat</em></p>\n"


def test_no_payload_leaves_an_element_or_a_handler() -> None:
    for payload in PAYLOADS:
        html = render(payload, cite)
        assert not [tag for tag in FORBIDDEN if tag in html.lower()], payload
        assert not [link for link in re.findall(r'<[^>]*href="([^"]*)', html) if not link.startswith("http")], payload
        assert not re.search(r"<[^>]*\s(on\w+|style|src)=", html), payload


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="abc<>&\"'`$\\[]()!#*_|~-\n {}^1:=/", max_size=80))
def test_nothing_breaks_the_renderer_or_gets_through_it(text: str) -> None:
    html = render(text, cite)
    assert not [tag for tag in FORBIDDEN if tag in html.lower()]


def test_plain_words_of_a_heading() -> None:
    assert plain("What does `[CLS]` **do** [here](https://x.org) & there?") == "What does [CLS] do here & there?"


def test_only_images_of_our_own_origin_are_shown() -> None:
    ours = render("![A *falling* curve](images/a.png)", picture=lambda target: f"picture?of=x/{target[7:]}")
    assert '<img src="picture?of=x/a.png" alt="A falling curve" loading="lazy">' in ours
    for theirs in ("https://a.org/a.png", "//a.org/a.png", "data:image/png;base64,AAAA", "javascript:x"):
        html = render("![x](images/a.png)", picture=lambda target, theirs=theirs: theirs)
        assert "a.org" not in html and "src=" not in html
