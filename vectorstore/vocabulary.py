"""The words that the bundled model's tokenizer knows whole: some 20,000 common English ones.

Knows nothing of what they are looked up for.
"""

import json
from functools import cache

from vectorstore.embed import _TOKENIZER, TOKENIZER_SHA256, _pinned


@cache
def common_words() -> frozenset[str]:
    """Common English words in lower case, from the tokenizer's own vocabulary.

    Raises:
        EmbedderMissing: The file is not installed or not the tested one.

    Example:
        >>> "steaming" in common_words(), "steming" in common_words()
        (True, False)
    """
    vocabulary = json.loads(_pinned(*_TOKENIZER, TOKENIZER_SHA256))["model"]["vocab"]
    return frozenset(word for word in vocabulary if word.isalpha() and word.isascii())
