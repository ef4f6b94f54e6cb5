"""The next step under an answer: what its section still has to give, the neighbouring section, a first question.

Knows nothing of how the answer was made.
"""

from collections.abc import Collection, Mapping, Sequence

from tutor.answer import Passage, Suggestion
from tutor.curriculum import Curriculum
from tutor.intent import Intent
from tutor.parts import parts

OFFER = {
    "example": ("Show an example", "Can you show me an example?"),
    "simpler": ("Say it more simply", "Can you say it more simply?"),
    "code": ("Show the code", "Can you show me the code?"),
    "compare": ("Compare it", "What does it compare with?"),
    "why": ("Why it matters", "Why does it matter?"),
}
NEXT: Mapping[Intent, tuple[str, ...]] = {
    "what": ("example", "why", "compare"),
    "why": ("example", "simpler", "compare"),
    "cause": ("example", "compare", "simpler"),
    "how": ("example", "code", "compare"),
    "example": ("simpler", "compare", "why"),
    "simpler": ("example", "why", "code"),
    "compare": ("example", "why", "simpler"),
    "code": ("simpler", "why", "compare"),
    "mistake": ("example", "why", "simpler"),
}
MOST = 3
QUESTIONS = 3


def suggest(
    intent: Intent, n: int, passages: Sequence[Passage], shown: Collection[str], code_shown: bool
) -> tuple[Suggestion, ...]:
    """Next steps after an answer, the most useful first, at most three.

    Args:
        intent: What was asked.
        n: Number of the passage that the answer was made from.
        passages: All passages.
        shown: Kinds of the parts that the answer holds.
        code_shown: The answer holds code.
    """
    passage = passages[n - 1]
    held = parts(passage.text)
    left = {part.kind: part for part in held if part.kind not in shown}
    example = left.get("example")
    offers = {
        "example": example is not None,
        "simpler": "analogy" in left,
        "code": not code_shown and any(p.has_code for p in held) and not (example is not None and example.has_code),
        "compare": "compare" in left,
        "why": "why" in left,
    }
    made = [Suggestion(kind, *OFFER[kind]) for kind in dict.fromkeys((*NEXT[intent], *OFFER)) if offers[kind]][
        : MOST - 1
    ]
    other = next(
        (p for p in passages if p is not passage and p.section.endswith("?") and p.lesson == passage.lesson), None
    )
    if other is not None:
        made.append(Suggestion("ask", other.section, other.section, other.skill, other.lesson, other.anchor))
    return tuple(made)


def beginners_questions(curriculum: Curriculum, count: int = QUESTIONS, skill: str = "") -> list[str]:
    """The first question of the first section of the first skills with most to read, one a skill.

    Args:
        curriculum: All lessons.
        count: How many.
        skill: Id of a skill that the learner has come for: then the first of its lessons, one a lesson.
    """
    if skill:
        firsts = ([s.asks[0] for s in lesson.sections if s.asks] for lesson in curriculum.skill(skill).lessons)
        return list(dict.fromkeys(asked[0] for asked in firsts if asked))[:count]
    fullest = sorted(curriculum.skills, key=lambda each: (each.status == "opening", each.rank))
    questions: list[str] = []
    for each in fullest:
        asked = next((s.asks[0] for lesson in each.lessons for s in lesson.sections if s.asks), "")
        if asked and asked not in questions:
            questions.append(asked)
    return questions[:count]
