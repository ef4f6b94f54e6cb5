"""The glossary: what is read, which faults are told, abbreviations of questions, links in lessons."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_curriculum import skill_folder

from tests.small_curriculum import Overlap, small_curriculum
from tutor import chain
from tutor.answer import Done
from tutor.curriculum import Curriculum, load, read
from tutor.glossary import Term, abbreviations, asked_for, expanded, parse_glossary
from tutor.session import Tutor
from tutor.settings import Settings, shipped_curricula
from ui.glossary import glossary_page, with_terms

GOOD = """# Glossary

## Token
Also: TK, word piece

A piece of text. [What is it?](made/01-tokens.md#what-is-a-token)

## Cleaning

Text made even. [Again](made/01-tokens.md#what-is-a-token-1)
"""


def term(name: str, *also: str, section: str = "nlp/02#x", text: str = "A definition.") -> Term:
    return Term(name, also, text, "", section, Path("glossary.md"), 1)


TERMS = (
    term("Learning rate", "LR"),
    term("Token", "TK"),
    term("Opening", section="img/06#x"),
    term("Otsu's method", "Otsu"),
)


@pytest.fixture(scope="module")
def shipped() -> Curriculum:
    return load([shipped_curricula()])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    skill_folder(tmp_path)
    return tmp_path


def faults(folder: Path, text: str) -> list[tuple[str, int]]:
    (folder / "glossary.md").write_text(text)
    return [(fault.code, fault.line) for fault in read([folder]).faults if fault.path.name == "glossary.md"]


def test_terms_are_read_with_names_definition_and_section(folder: Path) -> None:
    assert faults(folder, GOOD) == []
    token, cleaning = load([folder]).glossary
    assert (token.names, token.text) == (("Token", "TK", "word piece"), "A piece of text.")
    assert (token.section, token.line) == ("made/01-tokens#what-is-a-token", 3)
    assert cleaning.also == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("A piece of text. ", "", ("G001", 3)),
        ("A piece of text. [What is it?](made/01-tokens.md#what-is-a-token)", "", ("G001", 3)),
        ("#what-is-a-token)", "#gone)", ("G002", 3)),
        (" [Again](made/01-tokens.md#what-is-a-token-1)", "", ("G002", 8)),
        ("## Cleaning", "## token", ("G003", 8)),
        ("## Cleaning", "## Word piece", ("G003", 8)),
    ],
)
def test_faults_are_told_at_the_line_of_the_term(folder: Path, old: str, new: str, told: tuple[str, int]) -> None:
    assert old in GOOD
    assert told in faults(folder, GOOD.replace(old, new))


def test_a_file_that_cannot_be_read_keeps_the_last_good_terms(folder: Path) -> None:
    (folder / "glossary.md").write_text(GOOD)
    before = load([folder])
    (folder / "glossary.md").write_bytes(b"\xff")
    assert load([folder], previous=before).glossary == before.glossary
    assert load([folder]).glossary == ()


@given(st.text(max_size=200))
def test_any_text_is_terms_and_faults_and_no_exception(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.mktemp("g") / "glossary.md"
    file.write_text(f"{text}\n\n## Token\n\nA piece.\n", encoding="utf-8")
    terms, told = parse_glossary(file)
    assert terms is not None or told


def test_the_shipped_glossary_covers_all_ten_skills(shipped: Curriculum) -> None:
    assert len(shipped.glossary) >= 150 and all(term.section for term in shipped.glossary)
    taught = {term.section.split("/")[0] for term in shipped.glossary}
    assert {skill.id for skill in shipped.skills} - {"start"} <= taught
    assert abbreviations(shipped.glossary)["lr"] == "learning rate"


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("is my lr too high?", "is my lr too high? (learning rate)"),
        ("LR and TK", "LR and TK (learning rate, token)"),
        ("lr=0.1 diverges", "lr=0.1 diverges (learning rate)"),
        ("what lr, I mean learning rate", "what lr, I mean learning rate"),
        ("lr-finder or clr", "lr-finder or clr"),
        ("otsu fails", "otsu fails"),
        ("", ""),
    ],
)
def test_abbreviations_that_stand_alone_get_their_long_form(question: str, searched: str) -> None:
    assert expanded(question, TERMS) == searched


@given(st.text(max_size=80))
def test_a_question_only_ever_grows(question: str) -> None:
    assert expanded(question, TERMS).startswith(question.rstrip())


@pytest.mark.parametrize(
    "question",
    [
        "What is a token?", "what's TK", "What are tokens?", "what is the learning rate", "what exactly is a token?", "token",
        "explain learning rate to me", "How do tokens work?", "so what is a token exactly",
    ],
)  # fmt: skip
def test_a_bare_what_is_names_its_term(question: str) -> None:
    assert asked_for(question, TERMS) is not None


@pytest.mark.parametrize("question", ["What is a token worth?", "What is", "why is a token", "explain"])
def test_another_question_names_no_term(question: str) -> None:
    assert asked_for(question, TERMS) is None


async def test_the_chain_searches_the_long_form_and_shows_the_terms_section_first(tmp_path: Path) -> None:
    curriculum = small_curriculum(tmp_path)
    search = Overlap(curriculum)
    section = "text/01-tokens#what-is-a-learning-rate"
    terms = (term("Learning rate", "LR", section=section), term("Bytes", section=section))
    built = chain.build(Settings(data=tmp_path), search, glossary=lambda: terms)
    made = await built.ainvoke({"question": "What is lr?", "history": (), "said": (), "scope": ""})
    assert search.queries == ["What is lr? (learning rate)"] and made["standalone"] == "What is lr?"
    assert made["passages"][0].anchor == "what-is-a-learning-rate"
    made = await built.ainvoke({"question": "What are bytes?", "history": (), "said": (), "scope": ""})
    assert made["passages"][0].anchor == "what-is-a-learning-rate"


def test_the_first_occurrence_is_linked_outside_code_links_and_headings() -> None:
    html = "<h3>Token</h3><p><code>token</code> <a href='x'>token</a> Tokens are a token.</p>"
    made = with_terms(html, TERMS, "nlp", "nlp/03#y")
    assert made.count('class="term"') == 1
    assert '<a class="term" href="glossary#token" title="Token: A definition.">Tokens</a> are a token.' in made


def test_a_plain_word_is_linked_only_in_its_own_skill_and_never_where_it_is_taught() -> None:
    assert 'class="term"' not in with_terms("<p>the opening of a shop</p>", TERMS, "nlp", "nlp/03#y")
    assert 'class="term"' in with_terms("<p>opening the mask</p>", TERMS, "img", "img/06#y")
    assert 'class="term"' not in with_terms("<p>opening the mask</p>", TERMS, "img", "img/06#x")
    assert 'class="term"' in with_terms("<p>a learning\nrate</p>", TERMS, "img", "img/06#y")
    assert 'class="term"' not in with_terms("<p>opening the shop</p>", TERMS, "img", "img/02#y")
    assert 'class="term"' not in with_terms("<p>lr</p>", TERMS, "img", "img/06#y")


def test_a_definition_cannot_break_out_of_its_attribute() -> None:
    evil = (term("Evil thing", text='"><script>x</script>'),)
    made = with_terms("<p>an evil thing</p>", evil, "nlp", "nlp/03#y")
    assert "<script" not in made and '">evil thing</a>' in made


def test_words_of_a_lesson_are_unchanged_by_its_links(shipped: Curriculum) -> None:
    from ui.lessons import section_view

    linked = 0
    for section in shipped.lesson("nlp", "02-tokenization").sections:
        before = str(section_view(shipped, section).body)
        after = with_terms(before, shipped.glossary, "nlp", f"nlp/02-tokenization#{section.anchor}")
        assert re.sub(r"<[^>]+>", "", after) == re.sub(r"<[^>]+>", "", before)
        linked += after.count('class="term"')
    assert linked


def test_the_page_lists_every_term_with_its_section(shipped: Curriculum) -> None:
    html = glossary_page(shipped)
    assert html.count("<dfn>") == len(shipped.glossary)
    ids = re.findall(r'<div id="([^"]+)"><dt>', html)
    assert len(set(ids)) == len(ids) == len(shipped.glossary)
    assert 'href="read?lesson=nlp/02-tokenization&amp;section=what-is-a-token' in html


async def test_each_term_of_the_shipped_glossary_is_answered(tutor: Tutor) -> None:
    forms = ("what is {}?", "what exactly is a {}?", "explain {} to me", "{}", "how does {} work")
    refused = []
    for number, term in enumerate(tutor.curriculum.glossary):
        question = forms[number % len(forms)].format(term.name.lower())
        async for event in tutor.answer(question):
            if isinstance(event, Done) and not event.answer.covered:
                refused.append(question)
    assert refused == []
