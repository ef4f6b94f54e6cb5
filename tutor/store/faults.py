"""What went wrong in the database, as one sentence that says where and what to do.

Knows nothing of tables or of what was being read or written.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tutor.errors import StoreError

# By the start of SQLite's error name; extended codes such as SQLITE_IOERR_WRITE begin with the plain one.
_SQLITE = {
    "SQLITE_FULL": "The disk is full: {where} could not be written. Nothing that was stored before is lost; "
    "free some space and try again.",
    "SQLITE_IOERR": "The disk did not take or give what was asked of {where}; it may be full or failing. "
    "Check free space and permissions, then try again.",
    "SQLITE_NOTADB": "{where} is not a database of the tutor. Move that file away, or name another one in "
    "TUTOR_DATABASE_URL.",
    "SQLITE_CORRUPT": "The database {where} is damaged. Move it away and put a backup in its place; the tutor makes "
    "a new one when there is none.",
    "SQLITE_CANTOPEN": "The database {where} cannot be opened. Check that its folder exists, has free space and may "
    "be written, or name another one in TUTOR_DATA.",
    "SQLITE_READONLY": "The database {where} may not be written. Change the permissions of the file and its folder, "
    "or name another one in TUTOR_DATA.",
    "SQLITE_BUSY": "The database {where} has been in use by another program for too long. Nothing was lost; "
    "try again, or close the other program.",
    "SQLITE_LOCKED": "The database {where} is locked by another program. Nothing was lost; try again.",
}

# By the start of PostgreSQL's SQLSTATE: https://www.postgresql.org/docs/15/errcodes-appendix.html
_POSTGRES = {
    "53100": "The disk of the database server {where} is full. Nothing that was stored before is lost; "
    "free some space there and try again.",
    "42501": "The user of TUTOR_DATABASE_URL may not do this on {where}. Grant it the right to create and write "
    "tables.",
    "25006": "The database server {where} is read-only now. Point TUTOR_DATABASE_URL to the primary server.",
}

_UNREACHABLE = (
    "There is no connection to the database server {where} ({reason}). Nothing that was stored is lost; check that it "
    "runs and that TUTOR_DATABASE_URL has the right address, user, password and database, then try again."
)


def place(url: URL) -> str:
    """Where the database is, for people: the file, or the address without its password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn every failure of the database inside the block into a StoreError.

    Raises:
        StoreError: The database failed.
        ValueError: A value cannot be stored (the caller's mistake).
        TypeError: Likewise.
    """
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_sentence(error, url)) from error
    except PoolTimeout as error:
        raise StoreError(f"All connections to the database {place(url)} are in use. Try again in a moment.") from error
    except StatementError as error:
        if isinstance(error.orig, ValueError | TypeError):
            raise error.orig from None
        raise


def _sentence(error: DBAPIError, url: URL) -> str:
    name = getattr(error.orig, "sqlite_errorname", None) or ""
    state = getattr(error.orig, "sqlstate", None) or ""
    known = [text for start, text in _SQLITE.items() if name.startswith(start)]
    known += [text for start, text in _POSTGRES.items() if state.startswith(start)]
    if known:
        return known[0].format(where=place(url))
    reason = str(error.orig).strip().partition("\n")[0]
    # The driver gives no SQLSTATE when a connection was never made or has gone; 08, 57P: it broke, the server stops.
    if not name and (not state or state.startswith(("08", "57P"))):
        return _UNREACHABLE.format(where=place(url), reason=reason)
    return f"The database {place(url)} refused what was asked of it: {reason}"
