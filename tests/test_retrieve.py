import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from index_documents import TOPICS, WordVectors, document, edition
from langchain_core.documents import Document

from vectorstore.errors import IndexMissing
from vectorstore.index import Index
from vectorstore.retrieve import SectionRetriever
from vectorstore.search import ASIDE, MEANING, TEXT, WORDS, Mode, _best_questions, _by_skill, search

DOCUMENTS = [
    document("stemming", "Stemming cuts endings off by rule.", asks=["Why do I get studi instead of study?"]),
    document("lemmas", "Lemmatisation looks the dictionary form up."),
    document("tokens", "A token is a piece of text; stemming plays no part.", lesson="02-tokens"),
    document("learning-rate", "The learning rate says how far a step goes.", skill="tuning"),
    document("batch-size", "The batch size says how many examples share a step.", skill="tuning"),
]
MODES = ("fusion", "dense", "bm25", "rrf")


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    index = Index(tmp_path_factory.mktemp("index"), WordVectors())
    index.update(DOCUMENTS)
    return index


def ids(documents):
    return [document.id for document in documents]


def test_whole_sections_come_back_with_their_metadata_and_scores(index):
    best = SectionRetriever(index=index).search("How does stemming cut endings?", k=2)[0]
    assert best.id == "nlp/01-words#stemming"
    assert best.page_content == DOCUMENTS[0].page_content
    assert {name: best.metadata[name] for name in DOCUMENTS[0].metadata} == DOCUMENTS[0].metadata
    assert 0 < best.metadata["score"] <= 1
    assert -1 <= best.metadata["cosine"] <= 1
    assert best.metadata["bm25"] > 0


def mixed_cosine(index, question, document):
    """TEXT of the best chunk's cosine and the rest of the best question's, computed from the documents alone."""
    vector = np.array(index.embedder.embed_query(question), np.float32)
    chunks = max(cosine for _, cosine in document.metadata["chunks"])
    asks = document.metadata["asks"]
    best = max(float(np.array(v) @ vector) for v in index.embedder.embed_documents(asks)) if asks else chunks
    return TEXT * chunks + (1 - TEXT) * best


def test_fusion_is_the_stated_sum(index):
    found = SectionRetriever(index=index).search("stemming endings", k=5, skill="nlp")
    most = max(document.metadata["bm25"] for document in found)
    for document_ in found:
        facts = document_.metadata
        expected = WORDS * facts["bm25"] / most + MEANING * max(0.0, mixed_cosine(index, "stemming endings", document_))
        assert facts["score"] == pytest.approx(expected, abs=1e-4)
    scores = [document_.metadata["score"] for document_ in found]
    assert scores == sorted(scores, reverse=True)


def test_the_skill_that_the_others_found_belong_to_comes_first_and_the_rest_keeps_its_order(tmp_path):
    six = Index(tmp_path / "index", WordVectors())
    six.update([document(topic, "Text.", skill=skill) for topic, skill in zip(TOPICS, "abbbccc", strict=False)])
    scores = np.array([0.60, 0.59, 0.58, 0.50, 0.1, 0.1, 0.1])
    skills = [section.skill for section in six.open().sections]
    assert skills == list("abbbccc")
    ordered = _by_skill(six.open(), np.arange(7), scores, list(range(7)), np.arange(7))
    assert ordered == [1, 2, 0, 3, 4, 5, 6]
    assert _by_skill(six.open(), np.arange(7), np.zeros(7), list(range(7)), np.arange(7)) == list(range(7))


def test_scores_fall_in_the_order_that_is_given(tmp_path):
    many = [
        document(f"b{n}", f"Stemming endings {word}.", skill="b") for n, word in enumerate(("rule", "step", "form"))
    ]
    two = Index(tmp_path / "index", WordVectors())
    two.update([document("a", "Stemming endings only.", skill="a"), *many, *(document(t, "Text.") for t in TOPICS)])
    found = SectionRetriever(index=two).search("stemming endings", k=8)
    scores = [each.metadata["score"] for each in found]
    assert scores == sorted(scores, reverse=True)
    assert len({*ids(found)}) == 8


def test_of_many_questions_one_in_eight_counts_and_of_few_the_best():
    asks = [0.9, 0.1, 0.8, 0.7, 0.6, *[0.0] * 19]  # 24: the mean of three
    rows = np.array([0.5, *asks, 0.4, 0.9, 0.2, 0.3], np.float32)  # then a section with two, then one without any
    ask = np.array([False, *[True] * 24, False, True, True, False])
    nearest, mean = _best_questions(np.where(ask, rows, np.float32(-1)), ask, np.array([0, 25, 28]))
    assert nearest.tolist() == pytest.approx([0.9, 0.9, -1])
    assert mean[:2].tolist() == pytest.approx([0.8, 0.9])


def test_cosine_is_the_best_of_all_chunks_and_questions(index):
    snapshot = index.open()
    vector = np.array(index.embedder.embed_query("Why do I get studi"), np.float32)
    hits = search(snapshot, "Why do I get studi", vector, k=5, mode="dense")
    ends = [*snapshot.starts[1:].tolist(), len(snapshot.vectors)]
    for hit in hits:
        number = snapshot.numbers[hit.section.id]
        rows = snapshot.vectors[snapshot.starts[number] : ends[number]]
        assert hit.cosine == pytest.approx(float((rows @ vector).max()), abs=1e-5)


def test_what_is_aside_steps_back_until_it_is_asked_for(tmp_path):
    made = [document("stemming", "Stemming cuts endings off.", lesson=lesson) for lesson in ("01-case", "02-words")]
    made[0].metadata |= {"aside": ["exercise"], "lesson_title": "Words"}
    made[1].metadata |= {"lesson_title": "Words"}
    two = Index(tmp_path / "index", WordVectors())
    two.update(made)
    found = SectionRetriever(index=two).search("stemming of endings", k=2)
    assert [each.metadata["lesson"] for each in found] == ["02-words", "01-case"]
    assert found[0].metadata["score"] - found[1].metadata["score"] == pytest.approx(ASIDE, abs=1e-5)
    asked = SectionRetriever(index=two).search("an exercise on stemming of endings", k=2)
    assert asked[0].metadata["score"] == asked[1].metadata["score"]


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_finds_the_obvious_section(index, mode):
    found = SectionRetriever(index=index, mode=mode).search("How far does the learning rate step go?", k=3)
    assert found[0].id == "tuning/01-words#learning-rate"
    assert all(0 <= document_.metadata["score"] <= 1 for document_ in found)


def test_questions_of_a_section_can_be_left_out(index):
    with_asks = SectionRetriever(index=index).search("studi instead", k=1)[0]
    without = SectionRetriever(index=index, asks=False).search("studi instead", k=5)
    assert with_asks.id == "nlp/01-words#stemming"
    assert max(document_.metadata["bm25"] for document_ in without) == 0
    assert max(document_.metadata["cosine"] for document_ in without) < with_asks.metadata["cosine"]


@pytest.mark.parametrize("mode", MODES)
def test_scope_keeps_to_the_skill(index, mode):
    found = SectionRetriever(index=index, mode=mode).search("stemming step", skill="tuning")
    assert found
    assert {document_.metadata["skill"] for document_ in found} == {"tuning"}


def test_scope_changes_no_cosine(index):
    everywhere = {hit.id: hit for hit in SectionRetriever(index=index).search("step of the batch")}
    for hit in SectionRetriever(index=index).search("step of the batch", skill="tuning"):
        assert hit.metadata["cosine"] == pytest.approx(everywhere[hit.id].metadata["cosine"], abs=1e-5)


def test_unknown_skill_and_blank_question_find_nothing(index):
    retriever = SectionRetriever(index=index)
    assert retriever.search("stemming", skill="cooking") == []
    assert retriever.search(" \n") == []
    assert retriever.search("stemming", k=0) == []


def test_words_alone_find_only_what_shares_a_word(index):
    assert SectionRetriever(index=index, mode="bm25").search("zebra") == []
    assert ids(SectionRetriever(index=index, mode="bm25").search("dictionary zebra")) == ["nlp/01-words#lemmas"]


def test_a_question_of_stop_words_is_ranked_by_meaning(index):
    found = SectionRetriever(index=index).search("what is it", k=5)
    assert len(found) == 5
    assert {document_.metadata["bm25"] for document_ in found} == {0.0}


def test_ties_are_broken_by_id(tmp_path):
    index = Index(tmp_path, WordVectors())
    for_one = {**document("part", "").metadata, "section": "Same"}
    index.update(
        Document(id=f"nlp/01-words#part-{n}", page_content="Same\n\nThe same words.", metadata=for_one)
        for n in (3, 1, 2)
    )
    for mode in MODES:
        found = SectionRetriever(index=index, mode=mode).search("same words", k=2)
        assert ids(found) == ["nlp/01-words#part-1", "nlp/01-words#part-2"]


def test_results_do_not_depend_on_the_order_of_documents(index, tmp_path):
    other = Index(tmp_path, WordVectors())
    other.update(reversed(DOCUMENTS))
    for topic in TOPICS:
        one = SectionRetriever(index=index).search(topic)
        assert one == SectionRetriever(index=other).search(topic)


def test_a_known_vector_is_not_made_again(index):
    vector = index.embedder.embed_query("batch size")
    embedder, index.embedder = index.embedder, None
    try:
        assert (
            SectionRetriever(index=index).search("batch size", k=1, vector=vector)[0].metadata["anchor"] == "batch-size"
        )
    finally:
        index.embedder = embedder


def test_unknown_mode_is_refused(index):
    with pytest.raises(ValueError, match="allowed are fusion, dense, bm25, rrf"):
        search(index.open(), "x", np.zeros(64, np.float32), mode="magic")
    with pytest.raises(ValueError, match="needs the question's vector"):
        search(index.open(), "x", None)


async def test_is_a_langchain_retriever(index):
    retriever = SectionRetriever(index=index, k=2, skill="nlp")
    found = retriever.invoke("stemming")
    assert ids(found) == ids(retriever.search("stemming", k=2, skill="nlp"))
    assert ids(await retriever.ainvoke("stemming")) == ids(found)
    assert ids(await retriever.asearch("stemming", k=2, skill="nlp")) == ids(found)


def test_nothing_indexed_is_said(tmp_path):
    with pytest.raises(IndexMissing):
        SectionRetriever(index=Index(tmp_path, WordVectors())).search("stemming")


def test_a_large_index_gives_what_an_exact_scan_gives(tmp_path, monkeypatch):
    index = Index(tmp_path, WordVectors())
    index.update(edition(1, 60))
    questions = [f"{topic} detail {number}" for number, topic in enumerate(TOPICS)]
    exact = [SectionRetriever(index=index).search(question, k=5) for question in questions]
    monkeypatch.setattr("vectorstore.embedded.LARGE", 20)
    monkeypatch.setattr("vectorstore.search.LARGE", 20)
    monkeypatch.setattr("vectorstore.search._CANDIDATES", 40)
    large = Index(tmp_path, WordVectors())
    asked = []
    graph = large.open().nearest
    object.__setattr__(large.open(), "nearest", lambda vector, most: (asked.append(most), graph(vector, most))[1])
    found = [SectionRetriever(index=large).search(question, k=5) for question in questions]
    assert len(asked) == len(questions)
    assert found == exact
    object.__setattr__(large.open(), "nearest", lambda vector, most: None)
    assert SectionRetriever(index=large).search(questions[0], k=5) == exact[0]


def test_searches_during_swaps_never_fail_nor_mix_versions(tmp_path):
    index = Index(tmp_path, WordVectors())
    index.update(edition(0))
    retrievers = [SectionRetriever(index=index), SectionRetriever(index=Index(tmp_path, WordVectors()))]
    done = threading.Event()

    def searches(number):
        count, seen = 0, set()
        while not done.is_set() or count < 50:
            found = retrievers[number % 2].search(TOPICS[count % 10], k=10)
            editions = {document_.metadata["edition"] for document_ in found}
            editions |= {int(document_.page_content.split("Edition ")[1].split(".")[0]) for document_ in found}
            assert len(editions) == 1
            assert len(found) == 10
            seen |= editions
            count += 1
        return seen

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(searches, number) for number in range(4)]
        try:
            for number in range(1, 6):
                index.update(edition(number))
        finally:
            done.set()
        assert set().union(*(future.result() for future in running)) >= {5}


async def test_many_questions_at_once_give_what_one_gives(index):
    retriever = SectionRetriever(index=index)
    together = await asyncio.gather(*(retriever.asearch(topic) for topic in TOPICS * 5))
    assert together[:10] == [retriever.search(topic) for topic in TOPICS]
    assert together[40:] == together[:10]


def test_modes_listed_here_are_all_there_are():
    assert Mode.__args__ == MODES
