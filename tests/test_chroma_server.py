import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import numpy as np
import pytest
from index_documents import TOPICS, WordVectors, document, edition

from vectorstore.collection import settings
from vectorstore.errors import IndexCorrupt, IndexMissing, IndexUnreachable
from vectorstore.index import Index
from vectorstore.retrieve import SectionRetriever

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A real Chroma server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = tmp_path_factory.mktemp("chroma")
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(place), "--port", str(port)]
    environment = os.environ | {"ANONYMIZED_TELEMETRY": "False"}
    with (
        (place / "log").open("w") as log,
        subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=log, stderr=log, env=environment) as server,
    ):
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(address), 60)
        yield address
        server.terminate()


@pytest.fixture
def name(request):
    """Collections of this test alone."""
    return request.node.name.replace("_", "-")[:40].strip("-")


def answers(address):
    try:
        return httpx.get(f"{address}/api/v2/heartbeat", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


def wait_until(holds, seconds=15):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never happened"
        threading.Event().wait(0.05)


def client(url):
    import chromadb

    return chromadb.HttpClient("127.0.0.1", int(url.rpartition(":")[2]), settings=settings())


def collections(url, name):
    return sorted(found.name for found in client(url).list_collections() if found.name.startswith(f"{name}-v"))


def results(index):
    return [SectionRetriever(index=index).search(topic, k=10) for topic in TOPICS]


def test_search_gives_what_the_embedded_index_gives(url, name, tmp_path):
    embedded = Index(tmp_path, WordVectors())
    embedded.update(edition(1))
    served = Index(None, WordVectors(), chroma_url=url, name=name)
    report = served.update(edition(1))
    assert (report.added, report.rebuilt) == (40, "")
    for one, other in zip(
        results(embedded), results(Index(None, WordVectors(), chroma_url=url, name=name)), strict=True
    ):
        assert [document_.id for document_ in one] == [document_.id for document_ in other]
        assert [d.metadata["score"] for d in one] == pytest.approx([d.metadata["score"] for d in other], abs=2e-6)
        assert [document_.page_content for document_ in one] == [document_.page_content for document_ in other]


def test_updates_are_incremental_and_old_versions_go_except_the_last(url, name):
    embedder = WordVectors()
    index = Index(None, embedder, chroma_url=url, name=name)
    made = [index.update(edition(1, 6)).version]
    embedder.embedded.clear()
    assert index.update(edition(1, 6)).unchanged == 6
    assert embedder.embedded == []
    report = index.update([*edition(1, 6)[:5], document("new", "Something new.")])
    assert (report.added, report.removed, report.unchanged) == (1, 1, 5)
    assert len(embedder.embedded) == 1
    made += [report.version, index.update(edition(2, 6)).version]
    assert collections(url, name) == [f"{name}-{version}" for version in made[-2:]]


def test_another_reader_takes_up_the_new_version(url, name, tmp_path):
    writer = Index(None, WordVectors(), chroma_url=url, name=name)
    writer.update(edition(1, 6))
    reader = Index(tmp_path, WordVectors(), chroma_url=url, name=name)
    assert reader.open().version == writer.open().version
    version = writer.update(edition(2, 6)).version
    wait_until(lambda: reader.open().version == version)
    assert {section.metadata["edition"] for section in reader.open().sections} == {2}


def test_searches_during_swaps_never_fail_nor_mix_versions(url, name):
    writer = Index(None, WordVectors(), chroma_url=url, name=name)
    writer.update(edition(0, 20))
    reader = SectionRetriever(index=Index(None, WordVectors(), chroma_url=url, name=name))
    done, faults, count = threading.Event(), [], []

    def searches():
        while not done.is_set():
            found = reader.search(TOPICS[len(count) % 10], k=10)
            count.append(len({document_.metadata["edition"] for document_ in found}))
            if count[-1] != 1 or len(found) != 10:
                faults.append(found)

    thread = threading.Thread(target=searches)
    thread.start()
    try:
        for number in range(1, 5):
            writer.update(edition(number, 20))
    finally:
        done.set()
        thread.join()
    assert faults == []
    assert len(count) > 20


def test_an_indexer_killed_before_the_pointer_moves_leaves_the_old_version(url, name):
    index = Index(None, WordVectors(), chroma_url=url, name=name)
    version = index.update(edition(1, 6)).version
    script = (
        "import os, sys; sys.path.insert(0, 'tests')\nfrom index_documents import WordVectors, edition\n"
        "from vectorstore import collection\nfrom vectorstore.index import Index\n"
        "write = collection.write\n"
        "def half(chunks, rows, vectors):\n    most = len(rows) // 2\n    write(chunks, rows[:most], vectors[:most])\n"
        "    os.kill(os.getpid(), 9)\n"
        "collection.write = half\n"
        f"Index(None, WordVectors(), chroma_url={url!r}, name={name!r}).update(edition(2, 6))\n"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=120).returncode == -9
    assert len(collections(url, name)) == 2
    assert Index(None, WordVectors(), chroma_url=url, name=name).open().version == version
    assert index.update(edition(3, 6)).updated == 6
    assert len(collections(url, name)) == 3  # the abandoned one is removed when it is surely abandoned: after an hour


def test_an_abandoned_collection_is_removed_after_an_hour(url, name, monkeypatch):
    index = Index(None, WordVectors(), chroma_url=url, name=name)
    index.update(edition(1, 6))
    client(url).create_collection(f"{name}-v7-abcdef", metadata={"created": 1}, embedding_function=None)
    index.update(edition(2, 6))
    assert f"{name}-v7-abcdef" not in collections(url, name)


def test_a_lost_collection_is_rebuilt_and_the_reason_said(url, name):
    index = Index(None, WordVectors(), chroma_url=url, name=name)
    index.update(edition(1, 6))
    client(url).delete_collection(collections(url, name)[0])
    fresh = Index(None, WordVectors(), chroma_url=url, name=name)
    with pytest.raises(IndexCorrupt, match="leads to a collection that is not there"):
        fresh.open()
    assert "leads to a collection that is not there" in fresh.update(edition(1, 6)).rebuilt
    assert len(fresh.open().sections) == 6


def test_lost_rows_are_noticed(url, name):
    Index(None, WordVectors(), chroma_url=url, name=name).update(edition(1, 6))
    chunks = client(url).get_collection(collections(url, name)[0], embedding_function=None)
    chunks.delete(ids=[chunks.get(limit=1)["ids"][0]])
    assert "and should hold" in Index(None, WordVectors(), chroma_url=url, name=name).update(edition(1, 6)).rebuilt


def test_the_copy_on_this_machine_is_used_and_made_again(url, name, tmp_path):
    Index(tmp_path, WordVectors(), chroma_url=url, name=name).update(edition(1, 6))
    copy = tmp_path / name / "server.npz"
    one = Index(tmp_path, WordVectors(), chroma_url=url, name=name).open()
    copy.write_bytes(b"garbage")
    other = Index(tmp_path, WordVectors(), chroma_url=url, name=name).open()
    assert one.sections == other.sections
    assert np.allclose(one.vectors, other.vectors, atol=1e-6)
    assert copy.stat().st_size > 1000


def test_nothing_indexed_says_so(url, name):
    with pytest.raises(IndexMissing):
        Index(None, WordVectors(), chroma_url=url, name=name).open()


def test_a_large_collection_is_searched_through_its_graph(url, name, monkeypatch):
    index = Index(None, WordVectors(), chroma_url=url, name=name)
    index.update(edition(1, 60))
    exact = results(index)
    monkeypatch.setattr("vectorstore.server.LARGE", 20)
    monkeypatch.setattr("vectorstore.search.LARGE", 20)
    large = Index(None, WordVectors(), chroma_url=url, name=name)
    assert len(large.open().nearest(np.ones(64, np.float32), 3)) == 3
    for one, other in zip(exact, results(large), strict=True):
        assert [document_.id for document_ in one] == [document_.id for document_ in other]


def test_a_server_that_is_away_is_one_plain_sentence():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    for act in (lambda index: index.open(), lambda index: index.update(edition(1, 2))):
        with pytest.raises(IndexUnreachable, match=f"The Chroma server at {address} does not answer"):
            act(Index(None, WordVectors(), chroma_url=address))


def test_searches_go_on_while_the_server_is_away(tmp_path, url, name, monkeypatch):
    index = Index(None, WordVectors(), chroma_url=url, name=name)
    index.update(edition(1, 20))
    before = results(index)
    monkeypatch.setattr(index._versions, "url", "http://127.0.0.1:9")
    monkeypatch.setattr("vectorstore.server._LOOK_SECONDS", 0.0)
    for _ in range(20):
        assert results(index) == before
