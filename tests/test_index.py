import gc
import json
import os
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
from index_documents import WordVectors, document, edition, tree

from vectorstore.errors import IndexBusy, IndexCorrupt, IndexMissing, IndexUnwritable, VectorstoreError
from vectorstore.index import Index
from vectorstore.locks import Lock, alone
from vectorstore.snapshot import Snapshot

STEM = document("stemming", "Stemming cuts endings.", asks=["Why studi?"])
TOKEN = document("tokens", "A token is a piece of text.", lesson="02-tokens")
RATE = document("learning-rate", "The learning rate is the step.", skill="tuning")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


def versions(folder):
    return sorted(path.name for path in (folder / "lessons").glob("v*"))


def current(folder):
    return folder / "lessons" / (folder / "lessons" / "CURRENT").read_text().strip()


def same(one, other):
    assert one.sections == other.sections
    assert np.array_equal(one.vectors, other.vectors)
    assert np.array_equal(one.keys, other.keys)
    assert np.array_equal(one.lexicon.score("stemming tokens"), other.lexicon.score("stemming tokens"))


def test_first_update_adds_everything_and_open_gives_it_back(folder):
    index = Index(folder, WordVectors())
    report = index.update([TOKEN, STEM, RATE])
    assert (report.added, report.updated, report.removed, report.unchanged, report.rebuilt) == (3, 0, 0, 0, "")
    snapshot = index.open()
    assert snapshot.version == report.version
    assert [section.id for section in snapshot.sections] == [STEM.id, TOKEN.id, RATE.id]
    assert snapshot.sections[0].text == STEM.page_content
    assert snapshot.sections[0].metadata == STEM.metadata
    assert snapshot.ask.tolist() == [False, True, False, False]


def test_unchanged_update_writes_nothing(folder):
    Index(folder, WordVectors()).update([STEM, TOKEN])
    before = tree(folder)
    embedder = WordVectors()
    report = Index(folder, embedder).update([TOKEN, STEM])
    assert (report.unchanged, report.added, report.updated, report.removed) == (2, 0, 0, 0)
    assert tree(folder) == before
    assert embedder.embedded == []


def test_unchanged_update_and_open_import_neither_chroma_nor_the_model(folder):
    script = (
        "import sys; sys.path.insert(0, 'tests')\nfrom pathlib import Path\n"
        "from index_documents import edition\n"
        "from vectorstore.embed import MiniLM\nfrom vectorstore.index import Index\n"
        f"index = Index(Path({str(folder)!r}), MiniLM()); report = index.update(edition(1, 3)); index.open()\n"
        "print(report.unchanged, sorted({'chromadb', 'onnxruntime', 'langchain_text_splitters'} & set(sys.modules)))"
    )
    said = [
        subprocess.run([sys.executable, "-c", script], check=True, timeout=120, capture_output=True, text=True).stdout
        for _ in range(2)
    ]
    assert said[1].strip() == "3 []"


def test_only_what_changed_is_embedded(folder):
    embedder = WordVectors()
    index = Index(folder, embedder)
    index.update([STEM, TOKEN, RATE])
    embedder.embedded.clear()
    changed = document("stemming", "Stemming cuts endings by rule.", asks=["Why studi?"])
    report = index.update([changed, TOKEN, document("lemmas", "A lemma is a dictionary form.")])
    assert (report.added, report.updated, report.removed, report.unchanged) == (1, 1, 1, 1)
    assert [text.split("\n")[-1] for text in embedder.embedded] == [
        "A lemma is a dictionary form.",
        "Stemming cuts endings by rule.",
    ]


def test_changed_metadata_alone_is_an_update_without_embedding(folder):
    embedder = WordVectors()
    index = Index(folder, embedder)
    index.update([STEM, TOKEN])
    embedder.embedded.clear()
    report = index.update(
        [document("stemming", "Stemming cuts endings.", asks=["Why studi?"], objectives=["b"]), TOKEN]
    )
    assert (report.updated, report.unchanged, embedder.embedded) == (1, 1, [])
    assert index.open().sections[0].metadata["objectives"] == ["b"]


def test_an_edited_index_equals_one_made_from_nothing(folder, tmp_path):
    index = Index(folder, WordVectors())
    for number in range(4):
        index.update([*edition(0, 12)[number:], *edition(number, 12)[:number]])
    final = [*edition(0, 12)[3:], *edition(3, 12)[:3]]
    fresh = Index(tmp_path / "fresh", WordVectors())
    fresh.update(final)
    same(index.open(), fresh.open())
    (current(folder) / "snapshot.npz").unlink()
    recovered = Index(folder, WordVectors()).open()
    assert recovered.sections == fresh.open().sections
    assert recovered.keys.tolist() == fresh.open().keys.tolist()
    assert recovered.vectors == pytest.approx(fresh.open().vectors, abs=1e-6)


def test_long_series_of_edits_is_written_anew_at_times(folder, monkeypatch):
    monkeypatch.setattr("vectorstore.index._EDITS", 2)
    index = Index(folder, WordVectors())
    edits = []
    for number in range(5):
        index.update([*edition(0, 9), document("last", f"Edition {number}.")])
        edits.append(json.loads((current(folder) / "manifest.json").read_text())["edits"])
    assert edits == [0, 1, 2, 0, 1]


def test_a_damaged_snapshot_file_is_made_again_from_chroma(folder):
    index = Index(folder, WordVectors())
    index.update(edition(1, 8))
    file = current(folder) / "snapshot.npz"
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    file.write_bytes(damaged)
    opened = Index(folder, WordVectors()).open()
    assert opened.sections == index.open().sections
    assert Snapshot.load(file, opened.version).sections == opened.sections


def garbage(path):
    path.write_bytes(b"\x00garbage" * 400)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda f: (f / "CURRENT").unlink(), "CURRENT is missing"),
        (lambda f: (f / "CURRENT").write_text("v99-ffffff"), "is incomplete"),
        (lambda f: (f / "CURRENT").write_bytes(b"\xff\xfe\x00"), "CURRENT is missing or unreadable"),
        (lambda f: [shutil.rmtree(path) for path in f.glob("v*")], "is incomplete"),
        (lambda f: [garbage(path) for path in f.glob("v*/manifest.json")], "cannot be read"),
        (lambda f: [path.write_text("{}") for path in f.glob("v*/manifest.json")], "cannot be read"),
        (lambda f: [garbage(path) for path in f.glob("v*/chroma/chroma.sqlite3")], "is not a database"),
        (lambda f: [shutil.rmtree(path) for path in f.glob("v*/chroma")], "is incomplete"),
    ],
)
def test_a_broken_index_is_rebuilt_and_the_reason_said(folder, damage, reason):
    Index(folder, WordVectors()).update([STEM, TOKEN])
    damage(folder / "lessons")
    index = Index(folder, WordVectors())
    with pytest.raises(IndexCorrupt, match=reason):
        index.open()
    report = index.update([STEM, TOKEN])
    assert reason in report.rebuilt
    assert report.added == 2
    assert len(index.open().sections) == 2
    assert Index(folder, WordVectors()).update([STEM, TOKEN]).rebuilt == ""


def test_both_copies_damaged_is_rebuilt_when_a_lesson_changes(folder):
    Index(folder, WordVectors()).update([STEM, TOKEN])
    garbage(current(folder) / "snapshot.npz")
    database = current(folder) / "chroma" / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:20_000])
    index = Index(folder, WordVectors())
    with pytest.raises(IndexCorrupt):
        index.open()
    assert "cannot be read" in index.update([STEM, TOKEN, RATE]).rebuilt
    assert len(index.open().sections) == 3


def test_a_damaged_database_behind_a_good_snapshot_is_written_anew(folder):
    Index(folder, WordVectors()).update(edition(1, 10))
    database = current(folder) / "chroma" / "chroma.sqlite3"
    database.write_bytes(database.read_bytes()[:20_000])
    embedder = WordVectors()
    index = Index(folder, embedder)
    assert index.update([*edition(1, 10), STEM]).added == 1
    assert len(embedder.embedded) == 2
    (current(folder) / "snapshot.npz").unlink()
    assert len(Index(folder, embedder).open().sections) == 11


def test_another_embedding_model_means_a_new_index(folder):
    Index(folder, WordVectors()).update([STEM])
    other = Index(folder, WordVectors("words-2", 32))
    with pytest.raises(IndexCorrupt, match="another embedding model"):
        other.open()
    assert "another embedding model (words-1)" in other.update([STEM]).rebuilt
    assert other.open().vectors.shape[1] == 32


def test_another_format_means_a_new_index(folder, monkeypatch):
    Index(folder, WordVectors()).update([STEM])
    monkeypatch.setattr("vectorstore.index.FORMAT", "2.0")
    assert "another version of the program" in Index(folder, WordVectors()).update([STEM]).rebuilt


def test_nothing_indexed_says_so(folder):
    with pytest.raises(IndexMissing, match="Nothing was indexed yet"):
        Index(folder, WordVectors()).open()


def test_an_empty_curriculum_is_an_index_without_sections(folder):
    index = Index(folder, WordVectors())
    index.update([STEM])
    assert index.update([]).removed == 1
    assert index.open().sections == ()
    assert Index(folder, WordVectors()).open().sections == ()


def test_two_sections_with_one_id_are_refused(folder):
    with pytest.raises(VectorstoreError, match="used twice"):
        Index(folder, WordVectors()).update([STEM, STEM])


def test_progress_counts_the_vectors_to_make(folder):
    calls = []
    Index(folder, WordVectors()).update(edition(1), lambda done, all_: calls.append((done, all_)))
    totals = {total for _, total in calls}
    assert len(totals) == 1
    assert calls[-1][0] == totals.pop()
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})


def test_readers_of_another_index_object_see_the_new_version(folder):
    writer, reader = Index(folder, WordVectors()), Index(folder, WordVectors())
    writer.update([STEM])
    assert reader.open().version == writer.open().version
    report = writer.update([STEM, TOKEN])
    assert reader.open().version == report.version


def test_reader_keeps_serving_when_the_folder_goes(folder):
    index = Index(folder, WordVectors())
    index.update([STEM])
    version = index.open().version
    shutil.rmtree(folder)
    assert index.open().version == version


def test_old_versions_go_except_the_last(folder):
    index = Index(folder, WordVectors())
    made = [index.update(edition(number, 4)).version for number in range(4)]
    assert versions(folder) == sorted(made[-2:])


def test_what_a_killed_indexer_left_is_removed(folder):
    index = Index(folder, WordVectors())
    index.update([STEM])
    (folder / "lessons" / "v7-abcdef" / "chroma").mkdir(parents=True)
    index.update([STEM, TOKEN])
    assert "v7-abcdef" not in versions(folder)


def test_a_version_in_use_is_kept_until_its_reader_is_done(folder, monkeypatch):
    monkeypatch.setattr("vectorstore.embedded.LARGE", 5)
    monkeypatch.setattr("vectorstore.search.LARGE", 5)
    writer, reader = Index(folder, WordVectors()), Index(folder, WordVectors())
    first = writer.update(edition(0, 6)).version
    snapshot = reader.open()
    for number in (1, 2):
        writer.update(edition(number, 6))
    assert first in versions(folder)
    assert len(snapshot.nearest(np.ones(64, np.float32), 3)) == 3
    reader.open()
    del snapshot
    gc.collect()
    writer.update(edition(3, 6))
    assert first not in versions(folder)


def test_two_indexers_do_not_clash(folder):
    failures, barrier = [], threading.Barrier(3)

    def work(number):
        barrier.wait()
        try:
            for turn in range(3):
                Index(folder, WordVectors()).update(edition(10 * number + turn, 6))
        except VectorstoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len({section.metadata["edition"] for section in Index(folder, WordVectors()).open().sections}) == 1
    assert len(versions(folder)) <= 2


def test_an_indexer_that_never_ends_is_named(tmp_path):
    lock = Lock(tmp_path / "lock")
    with pytest.raises(IndexBusy, match="Another process has been indexing"), alone(tmp_path / "lock", 0.0):
        pass
    lock.release()
    with alone(tmp_path / "lock", 0.0):
        pass


def test_a_folder_that_cannot_be_made_is_one_plain_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(IndexUnwritable, match="The index cannot be written to"):
        Index(tmp_path / "file" / "index", WordVectors()).update([STEM])


def test_a_read_only_folder_serves_an_unchanged_index(folder):
    Index(folder, WordVectors()).update([STEM])
    (folder / "lessons").chmod(0o500)
    script = (
        "import sys; sys.path.insert(0, 'tests'); from pathlib import Path\n"
        "from test_index import STEM, TOKEN, Index, IndexUnwritable, WordVectors\n"
        f"index = Index(Path({str(folder)!r}), WordVectors()); assert index.update([STEM]).unchanged == 1\n"
        "try: index.update([TOKEN])\n"
        "except IndexUnwritable as error: print(error)\n"
        "assert index.open().sections[0].id == STEM.id\n"
    )
    # Root may write anywhere, unless it gives that right away.
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    try:
        done = subprocess.run([*bound, sys.executable, "-c", script], capture_output=True, text=True)
    finally:
        (folder / "lessons").chmod(0o700)
    assert done.returncode == 0, done.stderr
    assert "Permission denied" in done.stdout


@pytest.mark.parametrize("most", [20_000, 120_000, 400_000])
def test_a_full_disk_is_one_plain_sentence_and_loses_nothing(folder, most):
    # A limit on file sizes stands in for a full disk: writes fail in the middle, wherever that is.
    Index(folder, WordVectors()).update([STEM, TOKEN])
    script = (
        "import sys; sys.path.insert(0, 'tests'); import chromadb, resource; from pathlib import Path\n"
        "from index_documents import WordVectors, edition; from vectorstore.index import Index\n"
        "from vectorstore.errors import IndexUnwritable\n"
        f"index = Index(Path({str(folder)!r}), WordVectors()); before = index.open().version\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
        "try:\n    index.update(edition(1, 300))\n"
        "except IndexUnwritable as error:\n    print(error)\n"
        "assert index.open().version == before\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=120, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"The index cannot be written to {folder / 'lessons'}")
    assert len(done.stdout.strip().splitlines()) == 1
    assert len(versions(folder)) == 1
    assert Index(folder, WordVectors()).update([STEM, TOKEN]).unchanged == 2
    assert Index(folder, WordVectors()).update([STEM, TOKEN, RATE]).added == 1
