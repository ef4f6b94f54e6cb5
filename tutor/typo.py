"""Whether a word is another one with a slip of the fingers, and not a word of its own.

Knows nothing of items. Pure but for the list of common words, which is read once.
"""

from collections.abc import Collection, Iterator

SHORTEST = 6
"""Letters from which a slip is forgiven: among shorter words too many are one letter apart."""
_VOWELS = "aeiou"
_ENDINGS = ("ing", "ed", "er", "ers", "s", "es", "ly")


def distance(first: str, second: str) -> int:
    """Damerau-Levenshtein distance with adjacent swaps (optimal string alignment).

    Example:
        >>> distance("wordpeice", "wordpiece"), distance("stemming", "steaming")
        (1, 1)
    """
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, char in enumerate(first, 1):
        last, before, row = before, row, [i]
        for j, other in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != other))
            if i > 1 and j > 1 and char == second[j - 2] and first[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def is_typo(written: str, wanted: str, others: Collection[str] = ()) -> bool:
    """Whether a written word is the wanted one with one letter missing, doubled, changed or swapped.

    Not when a digit or the first letter differs, nor when what was written is a word of its own: one of ``others``,
    a common English word, or one with a common ending (``steaming`` is not ``stemming``, ``casual`` not ``causal``).

    Args:
        written: A word in lower case.
        wanted: The word it may stand for.
        others: Further words that are known, such as those of the question.
    """
    if len(wanted) < SHORTEST or abs(len(written) - len(wanted)) > 1 or not (written.isalpha() and wanted.isalpha()):
        return False
    if written[0] != wanted[0] or distance(written, wanted) != 1:
        return False
    return written not in others and not _is_word(written)


def _is_word(word: str) -> bool:
    known = _common()
    return word in known or any(base in known for base in _bases(word))


def _bases(word: str) -> Iterator[str]:
    """What a word may be made of by an ending and the rules of spelling: ``planing`` of plane, ``planning`` of plan.

    A short vowel doubles the letter after it, so ``forgeting`` is not made of forget.
    """
    for ending in _ENDINGS:
        base = word.removesuffix(ending)
        if base == word or len(base) < 3:
            continue
        yield f"{base}e"
        if base[-1] == base[-2]:
            yield base[:-1]
        elif not _doubles(base):
            yield base


def _doubles(base: str) -> bool:
    """Whether a base ends in consonant, vowel, consonant, so that its last letter is doubled before an ending."""
    first, middle, last = (char in _VOWELS for char in base[-3:])
    return not first and middle and not last and base[-1] not in "wxy"


def _common() -> frozenset[str]:
    from vectorstore.errors import VectorstoreError
    from vectorstore.vocabulary import common_words

    try:
        return common_words()
    except VectorstoreError:
        return _Everything()


class _Everything(frozenset[str]):
    """Where the list is missing each word counts as known, so that nothing is forgiven by mistake."""

    def __contains__(self, word: object) -> bool:
        return True
