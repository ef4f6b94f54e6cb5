"""What kind of answer a question asks for, and whether it can stand alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.intent import depends_on_conversation, form_only, intent_of, topic_terms
from tutor.suggestions import OFFER


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("What is a token?", "what"),
        ("define perplexity", "what"),
        ("why should I lemmatise at all?", "why"),
        ("What's the point of a validation set?", "why"),
        ("why?", "why"),
        ("Why does my loss go to nan?", "cause"),
        ("how come the model repeats itself", "cause"),
        ("How do I set the learning rate?", "how"),
        ("which optimizer when the data is small", "how"),
        ("Give me an example of overfitting", "example"),
        ("how does that look in practice", "example"),
        ("eli5 embeddings", "simpler"),
        ("I still don't get it", "simpler"),
        ("can you say it more simply?", "simpler"),
        ("stemming vs lemmatisation", "compare"),
        ("What is the difference between L1 and L2?", "compare"),
        ("should I use grid or random search", "compare"),
        ("show me the code", "code"),
        ("how to do this in Python", "code"),
        ("what are common mistakes with stop words", "mistake"),
    ],
)
def test_the_words_of_a_question_tell_what_kind_of_answer_is_asked_for(question: str, intent: str) -> None:
    assert intent_of(question) == intent


@pytest.mark.parametrize("kind", OFFER)
def test_the_question_behind_each_button_asks_for_what_the_button_says(kind: str) -> None:
    question = OFFER[kind][1]
    assert intent_of(question) == kind
    assert depends_on_conversation(question)


@pytest.mark.parametrize(
    "question",
    ["Can you give me an example?", "why?", "simpler please", "and the code?", "go on", "what is it good for"],
)
def test_a_question_of_form_alone_needs_the_conversation(question: str) -> None:
    assert form_only(question)
    assert depends_on_conversation(question)


@pytest.mark.parametrize(
    "question",
    [
        "and for German?",
        "does it also help with rare words?",
        "what about BERT?",
        "is that slower",
        "is it the same for Hindi?",
    ],
)
def test_a_question_that_points_back_needs_the_conversation(question: str) -> None:
    assert depends_on_conversation(question)


@pytest.mark.parametrize(
    "question",
    [
        "What is a token?",
        "tokenization",
        "Why does the same prompt cost more in German than in English?",
        "Why is the same prompt more expensive in Hindi or Japanese?",
        "How do I choose the learning rate for fine-tuning a small model?",
    ],
)
def test_a_question_that_names_its_topic_stands_alone(question: str) -> None:
    assert not depends_on_conversation(question)
    assert topic_terms(question)


@given(st.text())
def test_every_text_has_an_intent(text: str) -> None:
    assert intent_of(text) in {"what", "why", "how", "cause", "example", "simpler", "compare", "code", "mistake"}
    assert isinstance(depends_on_conversation(text), bool)
