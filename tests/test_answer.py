"""A stored answer comes back as it was."""

import json
from dataclasses import replace

from tutor.answer import Answer, Citation, Passage, Suggestion, answer_from_dict, answer_to_dict

PASSAGE = Passage("nlp", "02", "What is a token?", "t", ("nlp-tok",), 0.9, "Text.", 0.8, 3.0, (("Text.", 0.8),))
ANSWER = Answer(
    "q", "standalone q", "A token. [1]", (Citation(1, "nlp", "02", "What is a token?", "t", "A token."),), (PASSAGE,),
    unsupported=("Not so.",), removed=2, model="m", notice="model_busy",
    suggestions=(Suggestion("read", "x", "", "nlp", "02", "t"),),
    status="stopped", prompt_hash="h", ms=5,
)  # fmt: skip


def test_an_answer_survives_json_except_the_text_of_its_passages() -> None:
    back = answer_from_dict(json.loads(json.dumps(answer_to_dict(ANSWER))))
    assert back == replace(ANSWER, passages=(replace(PASSAGE, text="", chunks=()),))


def test_fields_of_another_version_are_ignored_and_missing_ones_have_defaults() -> None:
    data = {**answer_to_dict(ANSWER), "invented": 1}
    del data["ms"]
    assert answer_from_dict(data).ms == 0
    assert answer_from_dict({}) == Answer("", "", "")


def test_a_passage_is_identified_by_skill_lesson_and_anchor() -> None:
    assert PASSAGE.key == ("nlp", "02", "t")
