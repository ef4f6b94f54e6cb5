"""English or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.curriculum import Curriculum
from tutor.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Warum ist die Lernrate so wichtig?", "de"),
        ("Comment choisir la taille du vocabulaire pour mon modèle ?", "fr"),
        ("¿Cómo elijo la tasa de aprendizaje para mi modelo?", "es"),
        ("Como escolho a taxa de aprendizagem para o meu modelo?", "pt"),
        ("Che cosa è un token e perché non è una parola?", "it"),
        ("Wat is een token en hoe werkt het?", "nl"),
        ("Co to jest token i dlaczego nie jest to słowo?", "pl"),
        ("学习率是什么?", "zh"),
        ("トークンとは何ですか", "ja"),
        ("토큰이 뭐예요?", "ko"),
        ("Что такое токен?", "ru"),
        ("ما هو الرمز المميز؟", "ar"),
        ("מהו טוקן?", "he"),
        ("टोकन क्या है?", "hi"),
    ],
)
def test_other_languages_are_told_from_english(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😀",
        "42?",
        "naïve Bayes",
        "What does “der Hund” mean as tokens?",
        "How do I split 東京 into tokens with BERT?",
        "softmax",
        "`für` in the regex",
    ],
)
def test_a_doubtful_question_counts_as_english(text: str) -> None:
    assert language_of(text) == "en"


def test_every_question_that_the_lessons_list_is_english(shipped: Curriculum) -> None:
    other = [
        ask for section in shipped.sections() for ask in (section.heading, *section.asks) if language_of(ask) != "en"
    ]
    assert other == []


@given(st.text())
def test_every_text_has_a_language(text: str) -> None:
    assert len(language_of(text)) == 2
