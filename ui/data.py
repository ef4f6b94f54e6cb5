"""My data: what is kept of a learner in plain words, and all of it as one file that a person can read.

Knows nothing of HTTP or of the database: it is given what it shows.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from tutor.curriculum import Curriculum
from tutor.learner import Learner
from tutor.models import DEFAULT_MODEL
from tutor.portfolio import pieces_from
from tutor.progress import from_json
from tutor.settings import Settings
from tutor.store import Counts, Event, Kept
from ui.frame import day, fragment, page
from ui.identity import ANONYMOUS
from ui.markdown import render
from ui.portfolio import piece_view
from ui.texts import has, text


@dataclass(frozen=True)
class Answered:
    """One answer to a question, ready to be shown."""

    when: str
    topic: str
    said: str
    verdict: str


def data_page(settings: Settings, learner: Learner, counts: Counts, written: int, notice: str = "") -> str:
    """What is kept, the downloads, the deletion.

    Args:
        settings: Say which database and which model.
        learner: Whose page it is.
        counts: How much is kept.
        written: Pieces in the portfolio.
        notice: What to say first; empty for nothing.
    """
    return page(
        "data.html",
        title=text("data.title"),
        kept=list(_kept(counts, written)),
        since=day(counts.since.date()) if counts.since else "",
        known=text("data.known.browser") if _anonymous(learner) else text("data.known", name=learner.principal),
        course="" if _anonymous(learner) else text("data.course"),
        place=text("data.place.server" if settings.database_url.startswith("postgres") else "data.place.file"),
        sent=sent_to(settings),
        notice=notice,
    )


def deleted_page(rest: bool, base: str = "") -> str:
    """What is shown after everything was deleted.

    Args:
        rest: Another program is reading the database's files, so that their last traces go later.
        base: What the page's addresses are relative to; empty for its own.
    """
    given = {"base": base} if base else {}
    return page("deleted.html", title=text("deleted.title"), rest=rest, **given)


def sent_to(settings: Settings) -> str:
    """What leaves the server, in one sentence."""
    if not (settings.base_url or settings.openai_api_key.get_secret_value()):
        return text("data.sent.nothing")
    host = urlsplit(settings.base_url).netloc or "api.openai.com"
    return text("data.sent", model=settings.model or DEFAULT_MODEL, host=host)


def readable(kept: Kept, curriculum: Curriculum, learner: Learner, now: datetime) -> str:
    """Everything as one HTML file without scripts, whole in itself.

    Args:
        kept: All that is stored, without keys of open questions.
        curriculum: Knows the titles of objectives; those that are gone are named by their id.
        learner: Whose it is.
        now: The present moment; aware.
    """
    progress = from_json(kept.state)
    titles = {name: objective.title for name, objective in curriculum.objectives.items()}
    topics = [(titles.get(name, name), standing) for name, standing in sorted(progress.objectives.items())]
    return fragment(
        "data_file.html",
        title=text("data.title"),
        made=moment(now),
        known=text("data.known.browser") if _anonymous(learner) else text("data.known", name=learner.principal),
        plan=progress.plan,
        path=next((path.title for path in curriculum.paths if path.id == progress.plan.path), progress.plan.path),
        talks=[(talk, moment(talk.created), _lines(said)) for talk, said in kept.conversations],
        pieces=[piece_view(curriculum, piece) for piece in pieces_from(kept.events)],
        answers=list(_answers(kept.events, titles)),
        topics=[
            (title, standing, day(standing.last.date()) if standing.last else "", _stand(standing))
            for title, standing in topics
        ],
        sessions=[(each, moment(each.created), moment(each.expires)) for each in kept.sessions],
        visits=[
            (each.title or each.context, moment(each.last), None if each.score is None else round(100 * each.score))
            for each in kept.visits
        ],
        steps=[(moment(event.at), kind_words(event.kind), _compact(event.payload)) for event in kept.events],
    )


def kind_words(kind: str) -> str:
    """What a kind of event is, in words; of one that has none its name."""
    return text(f"data.kind.{kind}") if has(f"data.kind.{kind}") else kind


def moment(when: datetime) -> str:
    """A moment in words, to the minute, in UTC."""
    utc = when.astimezone(UTC)
    return f"{day(utc.date())}, {utc:%H:%M}"


def _anonymous(learner: Learner) -> bool:
    return learner.principal.startswith(ANONYMOUS)


def _kept(counts: Counts, written: int) -> Iterator[str]:
    if counts.conversations:
        yield text("data.talks", count=counts.conversations, messages=counts.messages)
    if counts.events:
        yield text("data.steps", count=counts.events)
        yield text("data.standing")
    if written:
        yield text("data.written", count=written)
    if counts.visits:
        yield text("data.visits", count=counts.visits)
    yield text("data.sessions", count=counts.sessions)


def _lines(said: Sequence[Any]) -> list[tuple[str, str, str, Markup | None]]:
    """Role, moment, text, and of the tutor's lines their HTML."""
    return [
        (line.role, moment(line.at), line.text, Markup(render(line.text)) if line.role == "tutor" else None)
        for line in said
    ]


def _answers(events: Sequence[Event], titles: dict[str, str]) -> Iterator[Answered]:
    for event in events:
        if event.kind != "attempted":
            continue
        given, order = event.payload.get("answer", {}), event.payload.get("order", [])
        places = [order.index(choice) + 1 for choice in given.get("choices", []) if choice in order]
        said = given.get("text") or text("data.options", places=", ".join(str(place) for place in sorted(places)))
        verdict = given.get("verdict", "")
        objective = event.payload["objective"]
        words = text(f"data.verdict.{verdict}") if has(f"data.verdict.{verdict}") else verdict
        yield Answered(moment(event.at), titles.get(objective, objective), said, words)


def _stand(standing: Any) -> str:
    return text("standing.mastered") if standing.mastered else text("standing.learned") if standing.learned else ""


def _compact(payload: Any) -> str:
    return json.dumps(payload, ensure_ascii=False)
