"""The plots of the Progress page with their words and tables: activity, forgetting, predicted against actual.

Knows nothing of HTML, of the store or of where a bar lies (ui.plots).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tutor.progress import Progress
from tutor.report import ENOUGH, Answered, Evidence, calibration, forgetting, weeks
from tutor.review import RETENTION
from ui.frame import day
from ui.plots import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Column, Dot, Mark, across, columns, dots, line, top_of, up
from ui.texts import text


@dataclass(frozen=True, kw_only=True)
class Plot:
    """What every plot has.

    Args:
        id: Unique on the page.
        title: What it shows.
        described: What it says, in words.
        rows: Numbers at the left axis.
        marks: Numbers below.
        heads: Heads of the table's columns.
        table: The numbers themselves, a row each.
    """

    id: str
    title: str
    described: str
    rows: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    heads: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    foot: int = HEIGHT - BOTTOM


@dataclass(frozen=True, kw_only=True)
class ActivityPlot(Plot):
    """A stacked bar a week."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, kw_only=True)
class ForgettingPlot(Plot):
    """A curve with today and the due day on it."""

    line: str
    today: Dot
    due: float


@dataclass(frozen=True, kw_only=True)
class CalibrationPlot(Plot):
    """A dot a range of predictions."""

    dots: tuple[Dot, ...]


@dataclass(frozen=True)
class ForgettingView:
    """P(recalled) today of every learned objective, and the curve of one.

    Args:
        recall: Id, title and percentage of each, the most forgotten first.
        chosen: Id of the one whose curve is shown.
        asked: Whether the learner asked for it.
        plot: The curve; None while nothing is learned.
    """

    recall: tuple[tuple[str, str, int], ...]
    chosen: str = ""
    asked: bool = False
    plot: ForgettingPlot | None = None


def early_words(answers: int) -> str:
    """Why there is no plot yet."""
    return text("plot.early", count=answers, enough=ENOUGH)


def percent(share: float) -> str:
    """A share as a whole percentage, its sign on the same line."""
    return f"{round(100 * share)}\u00a0%"


def activity_plot(answers: Sequence[Answered], now: datetime) -> ActivityPlot | None:
    """First answers a week; None before ENOUGH of them."""
    if len(answers) < ENOUGH:
        return None
    found = weeks(answers, now)
    most = top_of(max(week.answers for week in found))
    made = columns([(week.right, week.wrong) for week in found])
    total = sum(week.answers for week in found)
    return ActivityPlot(
        id="plot-activity",
        title=text("activity.plot", count=len(found)),
        described=text("activity.described", answers=total, right=sum(week.right for week in found), weeks=len(found)),
        rows=tuple(Mark(up(share), f"{most * share:g}") for share in (0, 0.5, 1)),
        marks=tuple(
            Mark(column.middle, f"{week.begins.day} {week.begins:%b}")
            for place, (week, column) in enumerate(zip(found, made, strict=True))
            if place % 3 == 2
        ),
        heads=(text("activity.week"), text("activity.right"), text("activity.wrong")),
        table=tuple((day(week.begins), str(week.right), str(week.wrong)) for week in reversed(found)),
        columns=made,
    )


def forgetting_view(progress: Progress, found: Sequence[Evidence], now: datetime, wanted: str) -> ForgettingView:
    """What is remembered today, and the curve of the wanted objective or of the most forgotten one."""
    held = sorted((each.recall, each.topic.title, each.topic.id) for each in found if each.recall is not None)
    recall = tuple((name, title, round(100 * share)) for share, title, name in held)
    if not recall:
        return ForgettingView(())
    asked = wanted in {name for name, _, _ in recall}
    chosen = wanted if asked else recall[0][0]
    one = next(each for each in found if each.topic.id == chosen)
    return ForgettingView(recall, chosen, asked, _forgetting_plot(progress, one, now))


def _forgetting_plot(progress: Progress, one: Evidence, now: datetime) -> ForgettingPlot:
    card = progress.standing(one.topic.id).card
    assert card is not None and one.due is not None
    found = forgetting(card, now)
    last = len(found.recall) - 1
    recalled = percent(found.recall[found.today])
    steps = sorted({0, found.due, found.today, last // 4, last // 2, last * 3 // 4, last})
    return ForgettingPlot(
        id="plot-forgetting",
        title=text("forgetting.plot", topic=one.topic.title),
        described=text(
            "forgetting.described", recalled=recalled, days=found.today, date=day(one.due), aim=percent(RETENTION)
        ),
        rows=tuple(Mark(up(share), percent(share)) for share in (0, 0.5, 1)),
        marks=tuple(Mark(across(share), str(round(last * share))) for share in (0, 0.5, 1)),
        heads=(text("forgetting.day"), text("forgetting.recall")),
        table=tuple((str(step), percent(found.recall[step])) for step in steps),
        line=line(found.recall),
        today=Dot(across(found.today / last), up(found.recall[found.today]), 5),
        due=across(found.due / last),
    )


def calibration_plot(answers: Sequence[Answered]) -> CalibrationPlot | None:
    """Predicted against actual success; None before ENOUGH answers without help."""
    found = calibration(answers)
    if found.count < ENOUGH:
        return None
    held = [each for each in found.bins if each.count]
    better = found.brier < found.base_brier
    return CalibrationPlot(
        id="plot-calibration",
        title=text("calibration.plot"),
        described=text(
            "calibration.better" if better else "calibration.worse",
            count=found.count, brier=f"{found.brier:.2f}", share=percent(found.base_rate),
            base=f"{found.base_brier:.2f}",
        ),
        rows=tuple(Mark(up(share), percent(share)) for share in (0, 0.5, 1)),
        marks=tuple(Mark(across(share), percent(share)) for share in (0, 0.5, 1)),
        heads=(
            text("calibration.range"), text("calibration.answers"), text("calibration.predicted"),
            text("calibration.actual"),
        ),
        table=tuple(
            (
                f"{round(100 * each.low)}–{percent(each.high)}", str(each.count),
                percent(each.predicted) if each.count else "–", percent(each.actual) if each.count else "–",
            )
            for each in found.bins
        ),
        dots=dots([(each.predicted, each.actual, each.count) for each in held]),
    )  # fmt: skip
