"""A process that indexes on request, one child a request, so that a test can kill the child at any moment.

Run: indexer.py FOLDER. Reads "index EDITION" (answers "started"), then "wait" or "kill" (answers how the child ended:
0 for done, -9 for killed).
"""

import os
import signal
import sys
from pathlib import Path

import bm25s  # noqa: F401 - imported before the fork, so that a child starts at once
import chromadb  # noqa: F401
import Stemmer  # noqa: F401
from index_documents import WordVectors, edition
from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: F401

from vectorstore.index import Index


def main() -> None:
    folder = Path(sys.argv[1])
    child = 0
    for line in sys.stdin:
        order, _, number = line.strip().partition(" ")
        if order == "index":
            child = os.fork()
            if child == 0:
                Index(folder, WordVectors()).update(edition(int(number)))
                os._exit(0)
            print("started", flush=True)
            continue
        if order == "kill":
            os.kill(child, signal.SIGKILL)  # not waited for yet, so the id is still the child's
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
