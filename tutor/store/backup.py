"""A copy of the database and of the key that signs its sessions, taken while the tutor runs.

Knows nothing of where copies are kept or for how long.
"""

import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from tutor.errors import StoreError

KEY = "signing-key"


def backup(url: str, data: Path, target: Path) -> list[str]:
    """Write an archive that holds what a data folder needs to go on from.

    Args:
        url: Address of the database; a SQLite file.
        data: The data folder, with the signing key if one was made.
        target: The archive to make, a ``.tar.gz``; must not exist.

    Returns:
        Names of the files in the archive.

    Raises:
        StoreError: The database is not a file that is there, or cannot be read.
        OSError: The archive cannot be written.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise StoreError("The database is on a PostgreSQL server: copy it with pg_dump. docs/operate.md shows how.")
    file = Path(str(parsed.database))
    if not file.is_file():
        raise StoreError(f"There is no database at {file}. Name its folder in TUTOR_DATA.")
    with tempfile.TemporaryDirectory(dir=target.resolve().parent, prefix=".backup-") as folder:
        copy = Path(folder) / file.name
        _copy(file, copy)
        parts = [copy, *(key for key in [data / KEY] if key.is_file())]
        _pack(parts, target)
    return [part.name for part in parts]


def _copy(file: Path, copy: Path) -> None:
    copy.touch(mode=0o600)
    try:
        # One consistent state, without what was deleted, while others go on writing.
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.Error as error:
        raise StoreError(f"The database {file} cannot be copied: {error}.") from error


def _pack(parts: list[Path], target: Path) -> None:
    # Conversations and a key: nobody but the owner reads the archive.
    handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
        for part in parts:
            archive.add(part, arcname=part.name)
