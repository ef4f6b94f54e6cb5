"""Where the marks of a plot lie."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ui.plots import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, across, columns, dots, line, top_of, up

shares = st.floats(0, 1)
FOOT, END = HEIGHT - BOTTOM, WIDTH - RIGHT


def test_axes_begin_at_the_lower_left() -> None:
    assert (across(0), up(0)) == (LEFT, FOOT)
    assert (across(1), up(1)) == (END, TOP)


def test_the_top_of_an_axis_is_a_round_number() -> None:
    assert [top_of(most) for most in (0, 10, 11, 25, 31, 80, 81, 101, 801)] == [10, 10, 20, 30, 40, 80, 100, 200, 1000]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=30))
def test_stacked_bars_stand_on_each_other_inside_the_plot(pairs: list[tuple[int, int]]) -> None:
    made = columns(pairs)
    assert len(made) == len(pairs)
    for column in made:
        for bar in (column.lower, column.upper):
            assert bar.x >= LEFT and bar.x + bar.width <= END + 0.1
            assert bar.y >= TOP - 0.1 and bar.height >= 0 and bar.y + bar.height <= FOOT + 0.1
        assert abs(column.upper.y + column.upper.height - column.lower.y) < 0.11
    for left, right in pairwise(made):
        assert left.lower.x + left.lower.width <= right.lower.x


@settings(deadline=None)
@given(st.lists(st.tuples(shares, shares, st.integers(1, 1000)), max_size=10))
def test_more_answers_make_a_larger_dot(points: list[tuple[float, float, int]]) -> None:
    made = dots(points)
    by_count = sorted(zip((count for _, _, count in points), made, strict=True), key=lambda each: each[0])
    radii = [dot.radius for _, dot in by_count]
    assert radii == sorted(radii)
    assert all(4 <= radius <= 10 for radius in radii)


@settings(deadline=None)
@given(st.lists(shares, min_size=1, max_size=400))
def test_a_line_has_a_point_for_each_share(values: list[float]) -> None:
    points = [tuple(map(float, each.split(","))) for each in line(values).split()]
    assert len(points) == len(values)
    assert all(LEFT <= x <= END and TOP <= y <= FOOT for x, y in points)
