import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from index_documents import TOPICS, WordVectors, edition

from vectorstore.index import Index
from vectorstore.retrieve import SectionRetriever

KILLS = 20
SEARCHES = 1000

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills a forked process with a signal")


@pytest.fixture
def indexer(tmp_path):
    """A process that indexes an edition in a child: send it an order, get its answer."""
    here = Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
    with subprocess.Popen(
        [sys.executable, str(here / "indexer.py"), str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip

        def tell(order):
            process.stdin.write(f"{order}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield tell
        process.stdin.close()


def searched(retriever, count):
    """The edition of all ten sections found; more than one would be a mixture of versions."""
    found = retriever.search(TOPICS[count % len(TOPICS)], k=10)
    editions = {document.metadata["edition"] for document in found}
    editions |= {int(document.page_content.split("Edition ")[1].split(".")[0]) for document in found}
    assert len(found) == 10
    assert len(editions) == 1
    return editions.pop()


@pytest.mark.long
def test_twenty_kills_while_a_thousand_searches_run(tmp_path, indexer):
    for number in (0, 1):  # the first one waits for imports; the second shows how long an update takes here and now
        began = time.monotonic()
        assert (indexer(f"index {number}"), indexer("wait")) == ("started", "0")
        whole = time.monotonic() - began
    retriever = SectionRetriever(index=Index(tmp_path, WordVectors()))
    rng = random.Random(7)
    count, exits = 0, []
    for number in range(2, KILLS + 2):
        indexer(f"index {number}")
        end, enough = time.monotonic() + rng.uniform(0, whole), count + SEARCHES // KILLS
        while time.monotonic() < end:
            assert searched(retriever, count) <= number
            count += 1
        exits.append(indexer("kill"))
        while count < enough:
            assert searched(retriever, count) <= number
            count += 1
    assert count >= SEARCHES
    assert exits.count("-9") >= KILLS // 2  # the others had just finished
    assert (indexer("index 99"), indexer("wait")) == ("started", "0")
    assert searched(retriever, count) == 99
    assert Index(tmp_path, WordVectors()).update(edition(99)).unchanged == 40
    assert len(list((tmp_path / "lessons").glob("v*"))) == 2
