"""Words to scores: BM25 over whole sections, with stemming and English stop words.

Knows nothing of vectors, skills or files.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Lexicon:
    """BM25 (Lucene's variant, k1 1.5, b 0.75) of a fixed list of texts.

    Args:
        scores: The sparse matrix words x texts as bm25s computes it: data, indices, indptr, num_docs.
        words: Column of each stemmed word.
    """

    scores: Mapping[str, Any]
    words: Mapping[str, int]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Lexicon":
        """Count the words of texts; position in the list is a text's number."""
        import bm25s
        import numpy as np

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets its own logger to DEBUG
        tokens = _tokens(texts)
        if not any(tokens):
            nothing: NDArray[np.int32] = np.zeros(1, np.int32)
            empty = {"data": np.zeros(0, np.float32), "indices": nothing[:0], "indptr": nothing, "num_docs": len(texts)}
            return cls(empty, {})
        words = {word: column for column, word in enumerate(sorted({word for text in tokens for word in text}))}
        model = bm25s.BM25()
        model.index(([[words[word] for word in text] for text in tokens], words), show_progress=False)
        return cls(model.scores, {word: column for word, column in model.vocab_dict.items() if word in words})

    def score(self, question: str) -> "NDArray[np.float32]":
        """BM25 of each text for a question; zeros when no word of it is known."""
        import numpy as np

        data, indices, indptr = (self.scores[name] for name in ("data", "indices", "indptr"))
        texts = self.scores["num_docs"]
        columns = [self.words[word] for word in _tokens([question])[0] if word in self.words]
        if not columns:
            return np.zeros(texts, np.float32)
        spans = [slice(indptr[column], indptr[column + 1]) for column in columns]
        found, weights = (np.concatenate([each[span] for span in spans]) for each in (indices, data))
        return np.bincount(found, weights, texts).astype(np.float32)

    def to_arrays(self) -> "dict[str, NDArray[Any]]":
        """The lexicon as arrays for a file."""
        import numpy as np

        vocabulary = np.frombuffer(json.dumps(dict(self.words)).encode(), np.uint8)
        counts = {name: np.asarray(self.scores[name]) for name in ("data", "indices", "indptr", "num_docs")}
        return {"bm25_words": vocabulary} | {f"bm25_{name}": array for name, array in counts.items()}

    @classmethod
    def from_arrays(cls, arrays: "Mapping[str, NDArray[Any]]") -> "Lexicon":
        """What `to_arrays` gave."""
        scores: dict[str, Any] = {name: arrays[f"bm25_{name}"] for name in ("data", "indices", "indptr")}
        scores["num_docs"] = int(arrays["bm25_num_docs"])
        return cls(scores, json.loads(arrays["bm25_words"].tobytes()))


@cache
def _stop_words() -> list[str]:
    """English function words, and the verbs and fillers of questions that say nothing about their subject."""
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    asking = """
        would could shall get gets got use used uses using want wants need needs like one ones also please
        pls tell know say says said make makes made let lets thing things something anything way ways mean
        means really actually even still every ok okay hi hello thanks thank im ive dont doesnt isnt cant
        wont whats thats give gives show help
    """
    return [*STOPWORDS_EN_PLUS, *asking.split()]


def _tokens(texts: Sequence[str]) -> list[list[str]]:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")  # one a call: a stemmer must not be shared by threads
    tokens: list[list[str]] = bm25s.tokenize(
        list(texts), stopwords=_stop_words(), stemmer=stemmer, return_ids=False, show_progress=False
    )
    return tokens
