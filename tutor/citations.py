"""From [n] in an answer to the sentence of a lesson that supports it, and which claims nothing supports.

Knows nothing of models, of search or of how marks are shown. A pure core: a text and its passages in, findings out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tutor.answer import Citation, Passage
from tutor.parts import blocks, without_label
from tutor.terms import held, negations, numbers, sentences, terms, words

NUMBER = re.compile(r"(?<![ \t])[ \t]*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`)", re.DOTALL)
_MARKUP = re.compile(r"(\*\*|__|(?<!\w)[*_]|[*_](?!\w)|`|^#+ |^> |^[-*] |^\d+\. )", re.MULTILINE)
OPPOSITES = tuple(
    frozenset(pair.split())
    for pair in (
        "increase decrease", "raise lower", "higher lower", "more fewer", "more less", "most least", "before after",
        "large small", "larger smaller", "faster slower", "fast slow", "first last", "always never", "all none",
        "supervised unsupervised", "train validation", "rare frequent", "rare common", "cheap expensive",
        "better worse",
        "grow shrink", "grows shrinks", "rises falls", "overfitting underfitting", "minimum maximum", "remove add",
        "removes adds", "longer shorter", "precision recall", "encoder decoder", "with without", "same different",
        "open closed", "early late", "high low", "frozen trained", "freeze train", "static dynamic", "true false",
        "numerator denominator", "helps hurts", "easier harder", "reduces increases", "lowers raises", "keeps discards",
        "input output", "positive negative", "above below", "deterministic random", "lossy lossless",
    )
)  # fmt: skip

# Set on the tuning half of tests/evals/support.jsonl; docs/quality.md holds precision and recall of the other half.
COVERAGE = 0.5
COVERAGE_WITH_COSINE = 0.34
COSINE = 0.62
BELIEF = 0.6  # share of a claim's terms from which it is the wrong belief of a sentence


@dataclass(frozen=True)
class Support:
    """How well a passage supports one claim.

    Args:
        supported: The verdict.
        quote: The sentence of the passage that comes nearest.
        coverage: Share of the claim's terms that the passage's nearest three sentences hold, 0 to 1.
        reason: Why not: ``absent``, ``number`` or ``negation``; empty when supported.
    """

    supported: bool
    quote: str
    coverage: float
    reason: str = ""


@dataclass(frozen=True)
class Checked:
    """A finished text and what the check found.

    Args:
        text: The text without invented numbers, each list ``[1, 2]`` split into ``[1][2]``.
        citations: One for each [n] of the text, in order.
        unsupported: Sentences that no passage supports.
        removed: How many invented numbers were taken out.
    """

    text: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]
    removed: int


def check(
    text: str, passages: Sequence[Passage], cosine: Callable[[str, Sequence[str]], Sequence[float]] | None = None
) -> Checked:
    """Resolve the citations of an answer and mark what its passages do not support.

    Args:
        text: Markdown with [n]; n counts the passages from 1.
        passages: The sections that the answer was made from.
        cosine: Similarity of one claim to several sentences, -1 to 1; without it words alone decide.
    """
    text, removed = clean_numbers(text, len(passages))
    citations: list[Citation] = []
    unsupported = []
    for claim, numbered in claims(text):
        # What looks like code to one reading of a broken text is prose to another: its numbers may still be invented.
        cited = [n for n in numbered if 1 <= n <= len(passages)]
        own = {n: support(claim, [passages[n - 1]], cosine) for n in cited}
        pool = [passages[n - 1] for n in cited] or list(passages)
        found = own[cited[0]] if len(own) == 1 else support(claim, pool, cosine)
        if not found.supported and cited and len(passages) > len(cited):
            elsewhere = support(claim, passages, cosine)
            found = elsewhere if elsewhere.supported else found
        if not found.supported and is_claim(claim):
            unsupported.append(claim)
        for n in cited:
            passage = passages[n - 1]
            quote = own[n].quote if own[n].coverage > 0.2 else ""
            citations.append(Citation(n, passage.skill, passage.lesson, passage.section, passage.anchor, quote))
    return Checked(text, tuple(citations), tuple(dict.fromkeys(unsupported)), removed)


def clean_numbers(text: str, count: int) -> tuple[str, int]:
    """Take out [n] with no passage behind it and split ``[1, 2]``; code is left alone.

    Returns:
        The text, and how many numbers were removed.
    """
    removed = 0

    def one(match: re.Match[str]) -> str:
        nonlocal removed
        listed = [int(n) for n in match.group(1).split(",")]
        kept = [n for n in listed if 1 <= n <= count]
        removed += len(listed) - len(kept)
        return (" " if match.group(0)[0] in " \t" and kept else "") + "".join(f"[{n}]" for n in kept)

    pieces = _CODE.split(text)
    return "".join(piece if i % 2 else NUMBER.sub(one, piece) for i, piece in enumerate(pieces)), removed


def claims(text: str) -> list[tuple[str, list[int]]]:
    """The sentences of an answer's prose with the numbers that stand in or right after each.

    Lists and table rows count as sentences; code, headings and formulas do not.
    """
    found: list[tuple[str, list[int]]] = []
    for block in blocks(text):
        if block.kind in {"code", "output", "maths"} or block.markdown.lstrip().startswith("#"):
            continue
        lines = block.markdown.split("\n") if block.kind in {"list", "table"} else [block.markdown]
        for line in lines:
            found += _line_claims(line)
    return found


def _line_claims(line: str) -> list[tuple[str, list[int]]]:
    found: list[tuple[str, list[int]]] = []
    for sentence in sentences(line):
        cited = [int(n) for group in NUMBER.findall(_CODE.sub("", sentence)) for n in group.split(",")]
        claim = bare(sentence)
        if not claim and found:
            found[-1][1].extend(cited)
        elif claim or cited:
            found.append((claim, cited))
    return found


def bare(sentence: str) -> str:
    """A sentence without citation numbers and markdown marks."""
    return " ".join(_MARKUP.sub("", NUMBER.sub("", sentence)).split())


def is_claim(sentence: str) -> bool:
    """Whether a sentence says something that could be wrong: no question, no lead-in, more than three terms."""
    return not sentence.endswith(("?", ":")) and len(set(terms(sentence))) > 3


@lru_cache(maxsize=2048)
def passage_sentences(text: str) -> tuple[str, ...]:
    """Every sentence, list line and table row of a passage, without marks; code stays out."""
    found: list[str] = []
    for block in blocks(text):
        if block.kind in {"list", "table"}:
            found += [bare(line) for line in block.markdown.split("\n")]
        elif block.kind in {"paragraph", "other"}:
            found += [bare(sentence) for sentence in sentences(without_label(block.markdown))]
    return tuple(sentence for sentence in found if words(sentence))


def support(
    claim: str,
    passages: Sequence[Passage],
    cosine: Callable[[str, Sequence[str]], Sequence[float]] | None = None,
) -> Support:
    """Whether any of the passages says what the claim says.

    A claim is supported when the terms of its nearest sentences cover enough of its own, each of its numbers occurs
    there, and it neither adds nor drops a negation nor turns a word into its opposite.
    """
    pool = [sentence for passage in passages for sentence in passage_sentences(passage.text)]
    if claim in pool:  # word for word, as the built-in tutor quotes
        return Support(True, claim, 1.0)
    wanted = set(terms(claim))
    if not pool or not wanted:
        return Support(not wanted, "", 0.0 if wanted else 1.0, "absent" if wanted else "")
    if not _denies(claim):
        if belief := _stated_belief(wanted, pool):
            return Support(False, belief, len(wanted & held(belief)) / len(wanted), "negation")
        pool = [rest for sentence in pool if (rest := _BELIEF.sub("", sentence)).strip()] or pool
    similar = list(cosine(claim, pool)) if cosine is not None else [0.0] * len(pool)
    said = [held(sentence) for sentence in pool]
    score = [len(wanted & s) / len(wanted) + 0.5 * c for s, c in zip(said, similar, strict=True)]
    order = sorted(range(len(pool)), key=lambda i: (-score[i], i))
    best = order[0]
    near = frozenset().union(*(said[i] for i in order[:3]))
    coverage = len(wanted & near) / len(wanted)
    quote = pool[best]
    if _swapped_number(claim, [passage.text for passage in passages], [pool[i] for i in order[:3]]):
        return Support(False, quote, coverage, "number")
    if _turned(claim, [pool[i] for i in order[:2] if score[i] > 0.75 * score[best]]):
        return Support(False, quote, coverage, "negation")
    needed = COVERAGE_WITH_COSINE if similar[best] >= COSINE else COVERAGE
    return Support(coverage >= needed, quote, coverage, "" if coverage >= needed else "absent")


_BELIEF = re.compile(r"^(Believing|Thinking|Assuming|Expecting) that .*?(: in fact |$)", re.IGNORECASE)
_DENYING = re.compile(
    r"\b(believing|thinking|assuming|expecting|myth|mistake|misconception|wrong(ly)?|false|untrue|contrary)\b",
    re.IGNORECASE,
)


def _denies(claim: str) -> bool:
    """Whether a claim itself says that something is not so."""
    return bool(_DENYING.search(claim)) or negations(claim) > 0


def _stated_belief(wanted: set[str], pool: Sequence[str]) -> str:
    """The sentence whose wrong belief holds nearly all of a claim's terms, more than any other sentence; else empty."""
    best, share, elsewhere = "", 0.0, 0.0
    for sentence in pool:
        match = _BELIEF.match(sentence)
        rest = sentence[match.end() :] if match else sentence
        elsewhere = max(elsewhere, len(wanted & held(rest)) / len(wanted))
        if match and len(wanted & held(match.group(0))) / len(wanted) > share:
            best, share = sentence, len(wanted & held(match.group(0))) / len(wanted)
    return best if share >= BELIEF and share > elsewhere else ""


def _swapped_number(claim: str, whole: Sequence[str], nearest: Sequence[str]) -> bool:
    stated = set(numbers(claim))
    near = {n for sentence in nearest for n in numbers(sentence)}
    if stated <= near:
        return False
    everywhere = {n for text in whole for n in numbers(text)}
    # A number from elsewhere in the passage is a swap when the nearest sentence has a number of its own in its place.
    return bool(stated - everywhere) or bool(near - stated)


def _turned(claim: str, nearest: Sequence[str]) -> bool:
    """Whether each of the nearest sentences differs from the claim by a negation or an opposite."""
    return bool(nearest) and all(_differs(claim, sentence) for sentence in nearest)


def _differs(claim: str, sentence: str) -> bool:
    said, read = set(words(claim)), set(words(sentence))
    wanted = set(terms(claim))
    shared = len(wanted & held(sentence)) / max(1, len(wanted))
    if shared < 0.5:
        return False
    if (negations(claim) > 0) != (negations(sentence) > 0):
        return True
    for pair in OPPOSITES:
        mine, theirs = pair & said, pair & read
        if len(mine) == 1 and len(theirs) == 1 and mine != theirs:
            return True
    return False
