"""What is counted for the operator, in Prometheus' form, and who may read it.

Knows nothing of learners: no label ever holds an identity, an address, a path or words.
"""

import hmac
import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from tutor.answer import Answer

if TYPE_CHECKING:
    from starlette.types import Scope

TEXT = CONTENT_TYPE_LATEST
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
FORWARDED = {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"forwarded", b"x-real-ip"}


class Metrics:
    """One server's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        # Not by method and status alone: a route's template is one of a few dozen, so the series stay few.
        self._requests = Counter(
            "tutor_requests", "Requests by route template.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "tutor_request_seconds",
            "Seconds from a request to the end of its response; an answer's stream lasts as long as the answer.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._refused = Counter("tutor_requests_refused", "Requests refused, by why.", ["kind"], registry=self.registry)
        self._answers = Counter(
            "tutor_answers",
            "Answers finished: by a model, by the built-in tutor, or by it because the model failed (fallback).",
            ["by", "status"],
            registry=self.registry,
        )
        self._declined = Counter(
            "tutor_answers_declined", "Questions not answered, by why.", ["kind"], registry=self.registry
        )
        self._open = Gauge("tutor_answers_open", "Answers being written now.", registry=self.registry)
        self._outbox = Gauge("tutor_outbox", "Results that wait to be sent to an LMS.", registry=self.registry)

    def request(self, method: str, route: str, status: int, seconds: float, refused: str) -> None:
        """Count one request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if refused:
            self._refused.labels(refused).inc()

    def answer(self, answer: Answer | None) -> None:
        """Count one answer; None for one that failed or was stopped before its end."""
        if answer is None:
            self._answers.labels("none", "unfinished").inc()
            return
        own = "built-in" if answer.model == "built-in" else "model"
        self._answers.labels("fallback" if answer.notice.startswith("model_") else own, answer.status).inc()
        if answer.declined:
            self._declined.labels(answer.refusal or "other").inc()
        elif not answer.covered:
            self._declined.labels("not_covered").inc()

    def watch_open(self, count: Callable[[], int]) -> None:
        """Ask this for the answers being written whenever somebody reads."""
        self._open.set_function(count)

    def watch_outbox(self, count: Callable[[], float]) -> None:
        """Ask this for the results that wait whenever somebody reads."""
        self._outbox.set_function(count)

    def text(self) -> bytes:
        """All counters in OpenMetrics' text form."""
        return generate_latest(self.registry)


def may_read(rule: str, scope: "Scope") -> bool:
    """Whether a request may read the counters.

    Args:
        rule: ``off``, ``loopback``, or the secret that a reader sends as a bearer token.
        scope: The request.
    """
    headers = dict(scope["headers"])
    if rule == "off":
        return False
    if rule != "loopback":
        return hmac.compare_digest(headers.get(b"authorization", b""), f"Bearer {rule}".encode())
    # A proxy on this machine would lend everybody its own address: what was forwarded is not from here.
    client = (scope.get("client") or ("", 0))[0]
    return _is_loopback(client) and not FORWARDED & set(headers)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
