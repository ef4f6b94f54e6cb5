"""What can go wrong between documents and passages, each as a plain sentence.

Knows nothing of who reads the sentences; the tutor translates them into its own tree. The tree::

    VectorstoreError
    ├── EmbedderMissing      the bundled embedding model is not installed, or is not the file we pinned
    ├── IndexMissing         nothing was indexed yet, or it was made by another embedding model
    ├── IndexCorrupt         the index cannot be read; `update` rebuilds it
    ├── IndexUnwritable      the folder cannot be written: full disk, no permission, not a folder
    ├── IndexBusy            another process has been indexing for too long
    └── IndexUnreachable     the Chroma server does not answer
"""


class VectorstoreError(Exception):
    """A failure that says what happened, where, and what to do."""


class EmbedderMissing(VectorstoreError):
    """The embedding model is not installed, or its files are not the pinned ones."""


class IndexMissing(VectorstoreError):
    """Nothing was indexed yet, or the index belongs to another embedding model."""


class IndexCorrupt(VectorstoreError):
    """The index cannot be read; indexing again rebuilds it."""


class IndexUnwritable(VectorstoreError):
    """The folder of the index cannot be written."""


class IndexBusy(VectorstoreError):
    """Another process holds the index and does not finish."""


class IndexUnreachable(VectorstoreError):
    """The Chroma server does not answer, or refuses us."""
