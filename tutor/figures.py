"""What a curriculum holds, in figures: a row a skill, how well its items resist guessing, as JSON and as a page.

Knows nothing of faults.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tutor.bank import GUESSES, share_right
from tutor.curriculum import Curriculum
from tutor.examples import examples
from tutor.item import KINDS
from tutor.required import covered, required_of
from tutor.skill import Skill

_PAGE = """# What the curriculum holds

`genai-tutor check --table` writes this page (`make table`). Words count the lessons' text, code included;
sub-topics are those of required.yaml; blocks are the Python examples, which the tests run.

{table}

## Can the items be guessed?

The share of single-choice items that a rule without knowledge gets right, against chance (the mean of one
over the number of options). `check` warns from 10 points above chance on.

{guesses}
"""


def rows(curriculum: Curriculum) -> Iterator[dict[str, Any]]:
    """The figures of each skill, as in `table`, for JSON."""
    required = required_of(curriculum)
    for skill in curriculum.skills:
        requirement = required.get(skill.id)
        yield figures(skill) | {
            "subtopics_covered": len(covered(skill, requirement)) if requirement else 0,
            "subtopics_required": len(requirement.subtopics) if requirement else 0,
        }


def figures(skill: Skill) -> dict[str, Any]:
    """The figures of one skill that need nothing but the skill."""
    blocks = [example for lesson in skill.lessons for example in examples(lesson.path)]
    texts = [text for lesson in skill.lessons for text in (lesson.opening, *(s.text for s in lesson.sections))]
    kinds = Counter(item.kind for item in skill.items)
    oldest = min((lesson.updated for lesson in skill.lessons), default=None)
    return {
        "skill": skill.id,
        "status": skill.status,
        "lessons": len(skill.lessons),
        "sections": sum(len(lesson.sections) for lesson in skill.lessons),
        "words": sum(len(text.split()) for text in texts),
        "objectives": len(skill.objectives),
        "items": len(skill.items),
        "items_by_kind": {kind: kinds[kind] for kind in KINDS},
        "blocks": len(blocks),
        "no_run": sum(bool(example.no_run) for example in blocks),
        "sources": len({source.address for lesson in skill.lessons for source in lesson.sources}),
        "oldest_updated": oldest.isoformat() if oldest else "",
        "guessing": guessing(skill),
    }


def guessing(skill: Skill) -> dict[str, float]:
    """Shares of single-choice items that each rule without knowledge gets right, and chance; empty without items."""
    singles = [item for item in skill.items if item.kind == "single"]
    if not singles:
        return {}
    chance = sum(1 / len(item.options) for item in singles) / len(singles)
    shares = {name: round(share_right(singles, guess), 4) for _, name, guess in GUESSES}
    return {"items": len(singles), "chance": round(chance, 4), **shares}


def table(curriculum: Curriculum) -> str:
    """A markdown table: one row a skill, and the totals."""
    head = (
        "skill", "lessons", "words", "objectives", "sub-topics", "items", *KINDS, "blocks run", "no-run", "sources",
        "oldest updated",
    )  # fmt: skip
    body = [_row(row) for row in rows(curriculum)]
    lines = [head, tuple("---" if i in {0, len(head) - 1} else "---:" for i in range(len(head))), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in [*lines, _totals(curriculum)])


def guesses(curriculum: Curriculum) -> str:
    """A markdown table: one row a bank, how often each rule without knowledge is right."""
    head = ("skill", "single choice", "chance", *(name for _, name, _ in GUESSES))
    lines: list[tuple[str, ...]] = [head, ("---", *["---:"] * (len(head) - 1))]
    for skill in curriculum.skills:
        if found := guessing(skill):
            shares = (f"{share:.0%}" for name, share in found.items() if name != "items")
            lines.append((skill.id, f"{found['items']:.0f}", *shares))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(curriculum: Curriculum) -> str:
    """The markdown of docs/curriculum.md."""
    return _PAGE.format(table=table(curriculum), guesses=guesses(curriculum))


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    name = row["skill"] + (" (opening)" if row["status"] == "opening" else "")
    kinds = [str(row["items_by_kind"][kind]) for kind in KINDS]
    subtopics = f"{row['subtopics_covered']}/{row['subtopics_required']}"
    return (
        name, str(row["lessons"]), str(row["words"]), str(row["objectives"]), subtopics,
        str(row["items"]), *kinds, str(row["blocks"] - row["no_run"]), str(row["no_run"]),
        str(row["sources"]), row["oldest_updated"],
    )  # fmt: skip


def _totals(curriculum: Curriculum) -> tuple[str, ...]:
    every = list(rows(curriculum))
    whole: dict[str, Any] = {"skill": "total", "status": ""}
    for name in ("lessons", "words", "objectives", "items", "blocks", "no_run", "sources"):
        whole[name] = sum(row[name] for row in every)
    for name in ("subtopics_covered", "subtopics_required"):
        whole[name] = sum(row[name] for row in every)
    whole["items_by_kind"] = {kind: sum(row["items_by_kind"][kind] for row in every) for kind in KINDS}
    whole["oldest_updated"] = min((row["oldest_updated"] for row in every if row["oldest_updated"]), default="")
    return _row(whole)
