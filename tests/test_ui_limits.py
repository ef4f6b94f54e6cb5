"""How much may be sent, and how often."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ui.limits
from tutor.learner import Learner
from ui.limits import LARGEST_BODY, BodyLimit, Buckets, RateLimit, address_of

ONE, TWO = Learner("anon:1"), Learner("anon:2")


async def inner(scope: Any, receive: Any, send: Any) -> None:
    body = (await receive()).get("body", b"")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


async def call(
    app: Any, method: str = "POST", pieces: tuple[bytes, ...] = (b"",), learner: Learner | None = ONE,
    host: str = "10.0.0.1", **headers: str,
) -> tuple[int, bytes, dict[bytes, bytes]]:  # fmt: skip
    sent: list[Any] = []
    waiting = list(pieces)

    async def receive() -> Any:
        if not waiting:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting) or pieces[-1] == b"..."}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": "/x", "client": (host, 1), "state": {"learner": learner},
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], sent[1]["body"], dict(sent[0]["headers"])


async def test_a_body_that_is_small_enough_arrives_whole() -> None:
    assert (await call(BodyLimit(inner), pieces=(b"ab", b"c")))[:2] == (200, b"3")
    assert (await call(BodyLimit(inner), pieces=(b"x" * LARGEST_BODY,)))[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "DELETE"])
async def test_a_body_that_says_it_is_too_large_is_refused_unread(method: str) -> None:
    status, words, _ = await call(BodyLimit(inner), method, content_length=str(LARGEST_BODY + 1))
    assert status == 413
    assert words.endswith(b".")


async def test_a_body_that_turns_out_too_large_is_refused() -> None:
    half = b"x" * (LARGEST_BODY // 2 + 1)
    assert (await call(BodyLimit(inner), pieces=(half, half, b"...")))[0] == 413


async def test_files_are_refused() -> None:
    assert (await call(BodyLimit(inner), content_type="multipart/form-data; boundary=x"))[0] == 415


async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui.limits, "SLOWEST_BODY", 0.01)
    assert (await call(BodyLimit(inner), pieces=(b"a", b"...")))[0] == 408


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_each_learner_has_writes_of_their_own_and_is_told_how_long_to_wait() -> None:
    clock = Clock()
    limit = RateLimit(inner, 2, clock)
    assert [(await call(limit))[0] for _ in range(3)] == [200, 200, 429]
    assert (await call(limit, learner=TWO))[0] == 200
    assert (await call(limit, "GET"))[0] == 200
    status, words, headers = await call(limit)
    assert (status, headers[b"retry-after"]) == (429, b"30")
    assert b"30 seconds" in words and words.count(b".") == 1
    clock.now = 30.0
    assert [(await call(limit))[0] for _ in range(2)] == [200, 429]


async def test_without_a_session_the_address_counts_ten_times_as_many() -> None:
    limit = RateLimit(inner, 1, Clock())
    assert [(await call(limit, learner=None))[0] for _ in range(11)] == [200] * 10 + [429]
    assert (await call(limit, learner=None, host="10.0.0.2"))[0] == 200
    assert (await call(limit))[0] == 200


async def test_zero_is_no_limit() -> None:
    limit = RateLimit(inner, 0, Clock())
    assert {(await call(limit))[0] for _ in range(500)} == {200}


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_of_ipv6_stands_for_its_network(host: str, key: str) -> None:
    assert address_of({"type": "http", "client": (host, 1)}) == key


def test_forgotten_keys_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui.limits, "MOST_KEYS", 3)
    buckets = Buckets(1, 60.0, Clock())
    for key in "abcd":
        assert buckets.take(key) == 0.0
    assert buckets.take("d") > 0.0
    assert buckets.take("a") == 0.0


@given(st.integers(1, 20), st.lists(st.floats(0, 30), max_size=60))
def test_never_more_is_granted_than_a_full_bucket_and_what_flowed_in(most: int, pauses: list[float]) -> None:
    clock = Clock()
    buckets, granted = Buckets(most, 60.0, clock), 0
    for pause in pauses:
        clock.now += pause
        wait = buckets.take("k")
        granted += wait == 0.0
        assert wait == 0.0 or 0.0 < wait <= 60.0 / most + 1e-6
    assert granted <= most + clock.now * most / 60.0 + 1e-6
