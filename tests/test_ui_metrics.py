"""What is counted, and who may read it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tutor.answer import Answer
from ui.metrics import Metrics, may_read

ANSWER = Answer("words of a learner", "words of a learner", "text")


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(metrics.text().decode().replace("# EOF\n", ""))
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value for family in families for each in family.samples
    }


@pytest.mark.parametrize(
    ("answer", "by", "declined"),
    [
        (ANSWER, "built-in", ""),
        (replace(ANSWER, model="gpt"), "model", ""),
        (replace(ANSWER, notice="model_busy"), "fallback", ""),
        (replace(ANSWER, declined=True, covered=False, refusal="harm"), "built-in", "harm"),
        (replace(ANSWER, covered=False), "built-in", "not_covered"),
    ],
)
def test_answers_are_counted_by_who_gave_them_and_why_not(answer: Answer, by: str, declined: str) -> None:
    metrics = Metrics()
    metrics.answer(answer)
    found = samples(metrics)
    assert found["tutor_answers_total", (("by", by), ("status", "complete"))] == 1
    kinds = {dict(labels)["kind"] for name, labels in found if name == "tutor_answers_declined_total"}
    assert kinds == ({declined} if declined else set())
    assert b"words of a learner" not in metrics.text()


def test_an_answer_without_an_end_is_counted_as_unfinished() -> None:
    metrics = Metrics()
    metrics.answer(None)
    assert samples(metrics)["tutor_answers_total", (("by", "none"), ("status", "unfinished"))] == 1


def test_requests_refusals_and_what_is_open_are_counted() -> None:
    metrics, waiting = Metrics(), [3, 7]
    metrics.request("GET", "/x", 200, 0.2, "")
    metrics.request("POST", "/x", 429, 0.001, "rate")
    metrics.watch_open(lambda: waiting[0])
    metrics.watch_outbox(lambda: waiting[1])
    found = samples(metrics)
    assert found["tutor_requests_total", (("method", "GET"), ("route", "/x"), ("status", "200"))] == 1
    assert found["tutor_request_seconds_count", (("route", "/x"),)] == 2
    assert found["tutor_requests_refused_total", (("kind", "rate"),)] == 1
    assert (found["tutor_answers_open", ()], found["tutor_outbox", ()]) == (3, 7)


def test_two_servers_in_one_process_do_not_share_counters() -> None:
    one, two = Metrics(), Metrics()
    one.answer(None)
    assert b"unfinished" not in two.text()


def asked(host: str, **headers: str) -> Any:
    return {
        "client": (host, 1),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }


@pytest.mark.parametrize(
    ("rule", "scope", "may"),
    [
        ("loopback", asked("127.0.0.1"), True),
        ("loopback", asked("::1"), True),
        ("loopback", asked("10.0.0.1"), False),
        ("loopback", asked("127.0.0.1", x_forwarded_for="127.0.0.1"), False),
        ("loopback", asked("127.0.0.1", forwarded="for=10.0.0.1"), False),
        ("loopback", asked("strange"), False),
        ("loopback", {"client": None, "headers": []}, False),
        ("off", asked("127.0.0.1"), False),
        ("off", asked("127.0.0.1", authorization="Bearer off"), False),
        ("a-secret-of-16-characters", asked("10.0.0.1", authorization="Bearer a-secret-of-16-characters"), True),
        ("a-secret-of-16-characters", asked("127.0.0.1"), False),
        ("a-secret-of-16-characters", asked("127.0.0.1", authorization="a-secret-of-16-characters"), False),
    ],
)
def test_only_those_that_the_setting_names_may_read(rule: str, scope: Any, may: bool) -> None:
    assert may_read(rule, scope) is may


def test_no_label_of_any_counter_can_hold_an_identity() -> None:
    labels = {name for each in Metrics().registry.collect() for sample in each.samples for name in sample.labels}
    source = Path("ui/metrics.py").read_text(encoding="utf-8")
    assert labels <= {"method", "route", "status", "kind", "by", "le"}
    assert "principal" not in source and "request.url" not in source


def test_waiting_scores_are_no_number_while_the_database_fails(tmp_path):
    import math

    from tutor.store import open_store
    from ui.app import waiting_scores

    store = open_store(f"sqlite:///{tmp_path / 'data' / 'tutor.sqlite3'}")
    assert waiting_scores(store) == 0
    with store.writing() as connection:
        connection.exec_driver_sql("DROP TABLE lti_score")
    assert math.isnan(waiting_scores(store))
    store.close()
