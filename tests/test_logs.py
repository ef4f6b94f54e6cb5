"""What a log line holds, and what it never holds."""

import io
import json
import logging

import pytest

from tutor.logs import configure, origin, request_id

WORDS = "words of a learner"


def lines(form: str, write, level: str = "INFO") -> str:
    stream = io.StringIO()
    configure(level, form, stream)
    write()
    return stream.getvalue()


def test_a_json_line_is_one_object_with_the_request_and_the_records_fields() -> None:
    kept = request_id.set("abc")
    written = lines("json", lambda: logging.getLogger("ui.logs").info("request", extra={"fields": {"status": 200}}))
    request_id.reset(kept)
    line = json.loads(written)
    assert written.count("\n") == 1
    assert (line["level"], line["logger"], line["message"]) == ("INFO", "ui.logs", "request")
    assert (line["request"], line["status"]) == ("abc", 200)
    assert line["time"].endswith("+00:00")


def test_a_text_line_shows_the_same() -> None:
    kept = request_id.set("abc")
    written = lines("text", lambda: logging.getLogger("ui.logs").info("request", extra={"fields": {"status": 200}}))
    request_id.reset(kept)
    assert written == "INFO ui.logs: request status=200 [abc]\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_error_shows_its_kind_and_places_but_not_its_message(form: str) -> None:
    def fail() -> None:
        try:
            try:
                int(WORDS)
            except ValueError as error:
                raise RuntimeError(WORDS) from error
        except RuntimeError:
            logging.getLogger("ui.runs").exception("An answer failed")

    written = lines(form, fail)
    assert WORDS not in written
    for part in ("ValueError", "RuntimeError", "tests/test_logs.py", "fail", "An answer failed"):
        assert part in written


def test_libraries_are_not_heard_below_warning_however_low_our_level_is() -> None:
    def write() -> None:
        logging.getLogger("openai").debug(WORDS)
        logging.getLogger("httpx").info(WORDS)
        logging.getLogger("tutor.x").debug("ours")
        logging.getLogger("chromadb").warning("theirs")

    written = lines("text", write, "DEBUG")
    assert WORDS not in written
    assert "ours" in written and "theirs" in written


def test_a_higher_level_holds_for_libraries_too() -> None:
    assert lines("text", lambda: logging.getLogger("chromadb").warning("theirs"), "ERROR") == ""


def test_causes_that_go_round_end() -> None:
    one, two = ValueError(), KeyError()
    one.__cause__, two.__cause__ = two, one
    assert origin(one) == ["builtins.KeyError", "builtins.ValueError"]
