"""First files of a skill, a lesson or a quiz, which pass the check as a draft and say where to write.

Knows nothing of the command line or of search. It makes files that are missing and touches none that exist.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tutor.curriculum import read
from tutor.errors import TutorError
from tutor.skill import Skill

_SKILL = """id: "{id}"
title: {title}
rank: 100
summary: Say in two sentences what a learner can do afterwards and where it is used at work.
roles: []
requires: []
objectives:
  - id: "{id}-1"
    text: Explain and choose, begin with a verb that can be tested.
    bloom: apply
    requires: []
"""
_LESSON = """---
title: {title}
minutes: 10
updated: {today}
sources: []
---

Say in two or three sentences what the learner will be able to do and where that is used at work.

## Which question does this section answer?
<!-- teaches: {objective} -->
<!-- asks: The same question as a learner would put it | The symptom that somebody describes | What the boss asks -->

Answer the heading in the first sentence, because the tutor leads with it. Then explain on one concrete case, so that
this section makes sense to somebody who reads nothing else.

**Why it matters.** Say what goes wrong at work without this.

**Example.** Give a real input and a real result, with numbers.

**Common mistake.** Believing that something plausible is true. In fact say what is true instead.

## Try it
<!-- teaches: {objective} -->

Set one task. Good work shows:

- a first thing that can be checked,
- a second thing that can be checked.

## At work
<!-- teaches: {objective} -->

Say which jobs use this and how.
"""
_QUIZ = """# Items: {text}

### Which of these answers the question of the lesson?
<!-- item: {objective}-a understand -->

- [ ] An answer that somebody believes who has not read the lesson
  > Say why it is wrong.
- [x] The right answer, about as long as the others
- [ ] An answer that is right for another question
  > Say for which.

> Hint: Point to the place to think about, without the answer.

> Why: Say in one sentence why it is right, and link the section that teaches it.

### What is the word for it?
<!-- item: {objective}-b remember -->

Answer: first accepted answer | another spelling of it

> Hint: Say where the word comes from.

> Why: Say what the word means.
"""


@dataclass(frozen=True)
class Scaffold:
    """Files that are to be written, and what the author does then.

    Args:
        files: Path to text.
        following: Next steps, one line each.
    """

    files: Mapping[Path, str]
    following: tuple[str, ...]


def name_of(title: str) -> str:
    """A title as an id and file name: lower case, a to z, digits and hyphens.

    Raises:
        TutorError: Nothing of the title is left.

    Example:
        >>> name_of("Café prompts, part 2")
        'cafe-prompts-part-2'
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not name:
        raise TutorError(f"{title!r} has no letter from a to z; give a name such as: safe prompting")
    return name


def new_skill(folder: Path, title: str, today: date) -> Scaffold:
    """A skill with one objective and its first lesson."""
    name = name_of(title)
    place = folder / name
    lesson = place / "01-first-lesson.md"
    files = {
        place / "skill.yaml": _SKILL.format(id=name, title=_quoted(title)),
        lesson: _lesson("First lesson", f"{name}-1", today),
    }
    return Scaffold(
        files,
        (
            f"Write what learners will be able to do into {place / 'skill.yaml'}.",
            f"Write the lesson: {lesson}",
            *_look(folder),
            f"Then add items: genai-tutor new quiz {name} {name}-1",
        ),
    )


def new_lesson(folder: Path, skill: str, title: str, today: date) -> Scaffold:
    """The next lesson of a skill, for its first objective.

    Raises:
        TutorError: There is no such skill in the folder, or it has no objective.
    """
    found = _skill(folder, skill)
    if not found.objectives:
        raise TutorError(f"{found.path / 'skill.yaml'} lists no objective; a lesson needs one to teach.")
    numbers = [int(match[0]) for path in found.path.glob("*.md") if (match := re.match(r"\d+", path.name))]
    path = found.path / f"{max(numbers, default=0) + 1:02d}-{name_of(title)}.md"
    text = _lesson(title, found.objectives[0].id, today)
    return Scaffold({path: text}, (f"Write the lesson: {path}", *_look(folder)))


def new_quiz(folder: Path, skill: str, objective: str) -> Scaffold:
    """Two items for an objective.

    Raises:
        TutorError: There is no such skill in the folder, or no such objective in the skill.
    """
    found = _skill(folder, skill)
    texts = {known.id: known.text for known in found.objectives}
    if objective not in texts:
        listed = ", ".join(texts) or "none"
        raise TutorError(f"The skill {skill} has no objective {objective!r}; it has: {listed}.")
    path = found.path / "quiz" / f"{objective}.md"
    text = _QUIZ.format(objective=objective, text=texts[objective])
    return Scaffold({path: text}, (f"Write the items: {path}", *_look(folder)[:1]))


def write(scaffold: Scaffold) -> None:
    """Write all files, or none when one of them exists.

    Raises:
        TutorError: A file exists already, or cannot be written.
    """
    for path in scaffold.files:
        if path.exists():
            raise TutorError(f"{path} exists already and is left as it is. Choose another name, or edit the file.")
    try:
        for path, text in scaffold.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise TutorError(f"{error.filename} cannot be written: {error.strerror}.") from error


def _lesson(title: str, objective: str, today: date) -> str:
    return _LESSON.format(title=_quoted(title), objective=objective, today=today.isoformat())


def _quoted(title: str) -> str:
    """A title as a YAML string; what cannot be printed, YAML refuses."""
    return json.dumps("".join(sign for sign in " ".join(title.split()) if sign.isprintable()), ensure_ascii=False)


def _skill(folder: Path, skill: str) -> Skill:
    skills = {known.id: known for known in read([folder]).skills}
    if skill not in skills:
        listed = ", ".join(skills) or "none"
        raise TutorError(
            f"There is no skill {skill!r} in {folder}; there: {listed}. Make one: genai-tutor new skill NAME"
        )
    return skills[skill]


def _look(folder: Path) -> tuple[str, ...]:
    return (
        f"Check it as often as you like: genai-tutor check {folder}",
        f'Ask it: TUTOR_CURRICULA={folder} genai-tutor ask "Which question does this section answer?"',
    )
