"""The built-in tutor keeps what it promises, on the shipped lessons themselves."""

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tutor.answer import Answer, Done, Passage
from tutor.condense import Turn
from tutor.curriculum import Curriculum
from tutor.drafting import LABEL, plain
from tutor.extractive import (
    ALL_SAID,
    ALSO_CLOSE,
    DID_YOU_MEAN,
    MOST_ALSO,
    PROSE_WORDS,
    built_in_tutor,
    reply,
    stream,
)
from tutor.lesson import Section
from tutor.parts import blocks, parts
from tutor.session import Tutor
from tutor.suggestions import OFFER
from tutor.terms import words

CITED = re.compile(r" ?\[(\d+)\](?= |$)")
ASKED = {
    "what": "{}",
    "why": "Why does it matter? {}",
    "example": "Give me an example: {}",
    "simpler": "Say it more simply: {}",
    "code": "Show me the code: {}",
    "mistake": "What are common mistakes? {}",
}
HEADED = re.compile(r"^\*\*[^*]+\.\*\*\s*")  # a label
NAMED = re.compile(r"^- \*\*[^*]+\*\* (\*[^*]+\.\* )?")
STEP = 9  # every ninth section: all of them together take minutes
TURNS = 12


def passage(section: Section) -> Passage:
    return Passage(
        section.skill, section.lesson, section.heading, section.anchor, section.objectives, 0.8, section.text, 0.8
    )


def some(shipped: Curriculum) -> list[Section]:
    return list(shipped.sections())[::STEP]


def neighbours(shipped: Curriculum, section: Section) -> list[Passage]:
    """The section and the rest of its lesson, as search would give them."""
    others = shipped.lesson(section.skill, section.lesson).sections
    return [passage(section), *(passage(other) for other in others if other is not section)][:8]


def parted(text: str) -> tuple[str, list[tuple[str, int]]]:
    """The answer itself, and the sentences with which it names other sections that are close."""
    own, _, also = text.partition(f"\n\n{ALSO_CLOSE}\n\n")
    named: list[tuple[str, int]] = []
    for line in also.splitlines():
        found = CITED.split(NAMED.sub("", line))
        assert NAMED.match(line) and found[-1].strip() == "", line
        named += [(sentence.strip(), int(n)) for sentence, n in zip(found[:-1:2], found[1::2], strict=True)]
        assert not any(sentence.endswith(":") for sentence, _ in named), line
    return own, named


def pieces(text: str) -> tuple[list[tuple[str, int]], list[str]]:
    """The sentences of an answer with their numbers, and its other blocks. Fails on a sentence without a number."""
    said: list[tuple[str, int]] = []
    shown: list[str] = []
    for block in blocks(text):
        if block.kind != "paragraph":
            shown.append(block.markdown)
            continue
        rest = HEADED.sub("", block.markdown)
        found = CITED.split(rest)
        assert found[-1].strip() == "", f"no number behind: {found[-1]!r}"
        said += [(sentence.strip(), int(n)) for sentence, n in zip(found[:-1:2], found[1::2], strict=True)]
    return said, shown


def bare_block(markdown: str) -> str:
    """A block without what differs between lesson and answer: the language of a fence, a reason for not running."""
    return re.sub(
        r"\W", "", re.sub(r'no-run="[^"]*"|^```(?:output|text)|\(\.\./[\w-]+/images/|\(images/', "", markdown)
    )


def sources(held: Passage) -> tuple[set[str], set[str]]:
    """The sentences and the other blocks of a section, as an answer may hold them."""
    every = [block for part in parts(held.text) for block in part.blocks]
    others = {bare_block(block.markdown) for block in every if not block.sentences}
    return {sentence for block in every for sentence in block.sentences}, others


def assert_from_its_section(text: str, passages: Sequence[Passage]) -> None:
    """Each sentence stands in the section of its number; the answer itself is from one section, others are named as such."""
    own, named = parted(text)
    said, shown = pieces(own)
    assert said, text
    assert len({n for _, n in said}) == 1, f"stitched: {text}"
    assert not {n for _, n in said} & {n for _, n in named}
    cited = [passages[said[0][1] - 1]]
    for sentence, n in [*said, *named]:
        assert sentence in sources(passages[n - 1])[0], sentence
    others = set().union(*(sources(held)[1] for held in cited))
    for block in shown:
        assert bare_block(block) in others, block


@pytest.mark.parametrize("intent", ASKED)
def test_every_sentence_stands_word_for_word_in_one_section_and_carries_its_number(
    shipped: Curriculum, intent: str
) -> None:
    for section in some(shipped):
        passages = neighbours(shipped, section)
        assert_from_its_section(reply(ASKED[intent].format(section.heading), passages).text, passages)


def test_a_conversation_never_hears_the_same_words_twice_and_comes_to_an_end(shipped: Curriculum) -> None:
    questions = ["Tell me more", *(question for _, question in OFFER.values())]
    for section in some(shipped):
        passages = neighbours(shipped, section)
        said: list[str] = []
        heard: set[str] = set()
        for turn in range(TURNS):
            asked = section.heading if turn == 0 else questions[turn % len(questions)]
            made = reply(asked, passages, said, section.heading)
            if made.text.startswith(ALL_SAID):
                break
            sentences, shown = pieces(parted(made.text)[0])
            new = {plain(sentence) for sentence, _ in sentences} | {plain(block) for block in shown}
            assert heard.isdisjoint(new), (section.lesson, section.anchor, heard & new)
            heard |= new
            said.append(made.text)


def test_when_all_is_said_the_whole_section_is_offered(shipped: Curriculum) -> None:
    held = passage(shipped.section("nlp", "02-tokenization", "what-is-a-token-and-why-not-simply-a-word"))
    said: list[str] = []
    for _ in range(TURNS):
        made = reply("tell me more", [held], said, held.section)
        said.append(made.text)
    assert said[-1] == f"{ALL_SAID} [1]"
    (offer,) = made.suggestions
    assert (offer.kind, offer.anchor) == ("read", held.anchor)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Why does it matter?", "why"),
        ("Can you show me an example?", "example"),
        ("Can you say it more simply?", "analogy"),
        ("What does it compare with?", "compare"),
        ("What is a common mistake here?", "mistake"),
    ],
)
def test_each_kind_of_question_gets_its_typed_part(shipped: Curriculum, question: str, kind: str) -> None:
    for section in some(shipped):
        held = next((part for part in parts(section.text) if part.kind == kind), None)
        if held is None or not held.sentences:
            continue
        text = reply(question, [passage(section)], (), section.heading).text
        assert LABEL[kind].strip() in text or held.sentences[0] in text, (section.lesson, section.anchor, text)


def test_the_direct_answer_comes_first(shipped: Curriculum) -> None:
    for section in some(shipped):
        if not section.heading.endswith("?") or not section.heading.startswith("What is"):
            continue
        first, _ = pieces(reply(section.heading, [passage(section)]).text)[0][0]
        assert first == parts(section.text)[0].sentences[0]


def test_an_answer_is_about_as_long_as_one_reads_before_answering_back(shipped: Curriculum) -> None:
    for section in some(shipped):
        own, named = parted(reply(section.heading, neighbours(shipped, section)).text)
        said, _ = pieces(own)
        leading = sum(len(words(sentence)) for sentence in parts(section.text)[0].sentences)
        assert sum(len(words(sentence)) for sentence, _ in said) <= max(PROSE_WORDS + 40, leading + PROSE_WORDS)
        assert len({n for _, n in named}) <= MOST_ALSO


def test_sections_that_fit_nearly_as_well_are_named_once(shipped: Curriculum) -> None:
    first, *others = [section for section in some(shipped) if section.teaching][: MOST_ALSO + 2]
    passages = [passage(first), *(replace(passage(other), score=0.75) for other in others)]
    answer = reply(first.heading, passages)
    _, named = parted(answer.text)
    assert [n for n in dict.fromkeys(n for _, n in named)] == list(range(2, MOST_ALSO + 2))
    further = reply("Tell me more about it", passages, [answer.text], first.heading).text
    assert {n for _, n in parted(further)[1]} <= {MOST_ALSO + 2}
    far = [passages[0], *(replace(other, score=0.6) for other in passages[1:])]
    assert ALSO_CLOSE not in reply(first.heading, far).text


def test_a_listed_misconception_is_corrected_before_anything_else(shipped: Curriculum) -> None:
    held = passage(shipped.section("nlp", "02-tokenization", "what-is-a-token-and-why-not-simply-a-word"))
    text = reply("a token is a word in plain English, right?", [held]).text
    assert text.startswith("**Common mistake.** ")


def test_a_request_for_an_example_states_no_belief(shipped: Curriculum) -> None:
    held = passage(shipped.section("nlp", "02-tokenization", "what-is-a-token-and-why-not-simply-a-word"))
    text = reply("show me an example where a token is a word", [held]).text
    assert "**Example.**" in text and not text.startswith("**Common mistake.** ")


def test_a_tie_becomes_did_you_mean_with_both_sections_cited_and_offered(shipped: Curriculum) -> None:
    one = passage(shipped.section("nlp", "02-tokenization", "what-is-a-token-and-why-not-simply-a-word"))
    two = next(passage(s) for s in shipped.sections() if s.skill == "model-tuning")
    made = reply("zebra", [one, two])
    assert made.text.startswith(DID_YOU_MEAN)
    assert "[1]" in made.text and "[2]" in made.text
    assert [(offer.question, offer.anchor) for offer in made.suggestions] == [(p.section, p.anchor) for p in (one, two)]
    assert not reply("zebra", [one, two], said=["Something else."]).text.startswith(DID_YOU_MEAN)


def test_every_suggestion_leads_to_a_section_that_exists_or_brings_something_new(shipped: Curriculum) -> None:
    for section in some(shipped):
        passages = neighbours(shipped, section)
        made = reply(section.heading, passages)
        for offer in made.suggestions:
            if offer.anchor:
                assert shipped.section(offer.skill, offer.lesson, offer.anchor).heading == offer.label
            else:
                then = reply(offer.question, passages, [made.text], section.heading)
                assert not then.text.startswith(ALL_SAID), (section.anchor, offer)


def test_the_stream_is_the_whole_text_in_pieces(shipped: Curriculum) -> None:
    for section in some(shipped):
        text = reply(section.heading, [passage(section)]).text
        found = list(stream(text))
        assert "".join(found) == text
        assert len(found) == len(text.strip().split("\n\n"))


async def test_the_runnable_streams_what_reply_says(shipped: Curriculum) -> None:
    held = passage(next(shipped.sections()))
    inputs = {"question": held.section, "standalone": held.section, "passages": [held], "said": ()}
    pieces = [piece async for piece in built_in_tutor().astream(inputs)]
    assert "".join(pieces) == reply(held.section, [held]).text
    assert len(pieces) > 1


async def test_asked_for_its_heading_each_section_answers_with_itself(shipped: Curriculum, tutor: Tutor) -> None:
    headings = [s for s in shipped.sections() if s.heading.endswith("?")][::16]
    right = 0
    for section in headings:
        answer = await finished(tutor, section.heading)
        assert answer.covered and not answer.declined, section.heading
        assert answer.citations and all(citation.quote for citation in answer.citations)
        right += answer.citations[0].anchor == section.anchor
    assert right / len(headings) >= 0.9


async def test_each_button_under_a_real_answer_continues_with_the_same_section(tutor: Tutor) -> None:
    question = "What is a token, and why not simply a word?"
    first = await finished(tutor, question)
    assert first.suggestions
    history = [Turn("learner", question), Turn("tutor", first.text, first.citations[0].section, question)]
    for offer in first.suggestions:
        then = await finished(tutor, offer.question, history)
        assert then.covered
        assert then.text != first.text
        if not offer.anchor:
            assert then.citations[0].lesson == first.citations[0].lesson


async def finished(tutor: Tutor, question: str, history: Sequence[Turn] = ()) -> Answer:
    async for event in tutor.answer(question, history):
        if isinstance(event, Done):
            return event.answer
    raise AssertionError("no answer")
