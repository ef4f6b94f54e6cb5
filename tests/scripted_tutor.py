"""A tutor that plays its part by the words of the question, for states of the pages that are hard to reach otherwise.

A test fixture only. It keeps what a real one keeps: the learner's message first, the finished answer as its own data.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tutor import keeping
from tutor.answer import Answer, Citation, Done, Event, Passage, Sources, Status, Suggestion, Token, answer_to_dict
from tutor.curriculum import Curriculum
from tutor.errors import TutorError
from tutor.learner import Learner
from tutor.lesson import Section
from tutor.practice import Practice
from tutor.store import Store, add_message, replace_message

CODE = """Because each step overshoots the minimum, and the error grows with every step instead of shrinking.[1] A rate
that is only a little too high shows as a loss that bounces; far too high, it becomes `nan` within a few steps.[2]

**Example.** On $f(w) = w^2$, any rate above 1 moves away from 0:

```python
lr, w = 1.1, 1.0
for step in range(4):
    w -= lr * 2 * w
    print(round(w, 2))
```

| rate | after 25 steps |
|---|---:|
| 0.1 | 1.43e-05 |
| 1.1 | 9.1e+03 |
"""


@dataclass
class ScriptedTutor:
    """Answers by script.

    Args:
        store: An open store.
        curriculum: Real lessons.
        pace: Seconds between two tokens.
        scripts: Question to the markdown that a model would write.
    """

    store: Store
    curriculum: Curriculum
    pace: float = 0.0
    scripts: Mapping[str, str] = field(default_factory=dict)
    reports: list[tuple[str, str, str, str]] = field(default_factory=list)
    model: None = None
    similarity: None = None
    practice: Practice | None = None
    retriever: object = None

    async def ask(
        self, learner: Learner, conversation: str | None, question: str, scope: str = "", retry_of: str = "",
        begun: bool = False,
    ) -> AsyncGenerator[Event, None]:  # fmt: skip
        """The events of one answer."""
        assert conversation
        if not retry_of and not begun:
            add_message(self.store, learner, conversation, "learner", question, now=datetime.now(UTC))
        answer = self._answer(question)
        written = ""
        try:
            yield Status("reading", {"sections": len(answer.passages)})
            if question == "hang":
                await asyncio.Event().wait()
            yield Sources(tuple(replace(citation, quote="") for citation in answer.citations))
            for piece in answer.text.split(" "):
                if written and self.pace:
                    await asyncio.sleep(self.pace)
                written += f"{piece} "
                yield Token(f"{piece} ")
                if question.startswith("break"):
                    raise TutorError("The model's answer broke off. Nothing is lost: try again.")
                if question.startswith("crash"):
                    raise RuntimeError("a fault of the program")
                if question == "wait in the middle" and len(written) > 60:
                    await asyncio.Event().wait()
            message = self._keep(learner, conversation, answer, retry_of)
            yield Done(answer, conversation, message)
            if question.startswith("linger"):
                await asyncio.sleep(0.7)
        except (asyncio.CancelledError, GeneratorExit):
            self._keep(learner, conversation, replace(answer, text=written, status="stopped", suggestions=()), retry_of)
            raise

    def report(self, learner: Learner, message: str, reason: str, note: str) -> None:
        """Keep what a learner says is wrong, as the real one does."""
        from tutor.session import Tutor

        Tutor.report(self, learner, message, reason, note)  # type: ignore[arg-type]
        self.reports.append((learner.principal, message, reason, note))

    def begin(self, learner: Learner, question: str, scope: str = "") -> str:
        """As the tutor's."""
        return keeping.begin(self.store, learner, self.cleaned(question), scope)

    def cleaned(self, question: str) -> str:
        """The question, unless it is too long."""
        if len(question) > 4000:
            raise TutorError("That is too many characters; a question may have 4,000. Shorten it.", "too_long")
        return question

    def _keep(self, learner: Learner, conversation: str, answer: Answer, retry_of: str) -> str:
        now, data = datetime.now(UTC), answer_to_dict(answer)
        if retry_of:
            return replace_message(self.store, learner, retry_of, answer.text, now=now, data=data).id
        return add_message(self.store, learner, conversation, "tutor", answer.text, now=now, data=data).id

    def _sections(self) -> list[Section]:
        lesson = self.curriculum.lesson("model-tuning", "02-learning-rate")
        return [section for section in lesson.sections if section.teaching][:2]

    def _answer(self, question: str) -> Answer:
        sections = self._sections()
        passages = tuple(Passage(s.skill, s.lesson, s.heading, s.anchor, s.objectives, 0.8, s.text) for s in sections)
        citations = tuple(
            Citation(n, s.skill, s.lesson, s.heading, s.anchor, first_sentence(s.text))
            for n, s in enumerate(sections, 1)
        )
        chips = (
            Suggestion("simpler", "Simpler", "Explain it in simpler words"),
            Suggestion("code", "Show it in code", "Show me code for this"),
            Suggestion("ask", "How do I choose one?", "How do I choose a learning rate?"),
        )
        read = tuple(Suggestion("read", s.heading, "", s.skill, s.lesson, s.anchor) for s in sections)
        answer = Answer(question, question, CODE, citations, passages, suggestions=chips, ms=12)
        if question in self.scripts:
            return replace(answer, text=self.scripts[question], model="scripted-model")
        if question.startswith("decline"):
            words = "I cannot help with that. I can help with the generative-AI skills in these lessons."
            return replace(answer, text=words, citations=(), declined=True, covered=False, suggestions=read)
        if question.startswith("uncovered"):
            words = "The lessons do not cover this. The nearest that they do cover:"
            return replace(answer, text=words, citations=(), covered=False, suggestions=read)
        if question.startswith("busy"):
            return replace(answer, notice="model_busy")
        if question.startswith("unsupported"):
            words = f"{first_sentence(sections[0].text)}[1] Bananas are a good source of gradients."
            return replace(
                answer,
                text=words,
                citations=citations[:1],
                model="scripted-model",
                removed=1,
                unsupported=("Bananas are a good source of gradients.",),
            )
        return answer


def first_sentence(markdown: str) -> str:
    """The first sentence of a section."""
    return " ".join(markdown.split("\n\n")[0].split()).split(". ")[0].removesuffix(".") + "."
