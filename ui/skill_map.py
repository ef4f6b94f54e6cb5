"""The skill map: what needs what, laid out in columns by depth, and the same as a nested list.

Knows nothing of learners, of lessons or of HTML. Pure: nodes in, places out, the same for the same nodes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NODE_WIDTH, NODE_HEIGHT = 148, 60
COLUMN_GAP, ROW_GAP = 36, 12
MARGIN = 4
"""Room for the outline of a focused node."""
LINE_CHARACTERS, MOST_LINES = 15, 3
_HYPHEN = re.compile(r"(?<=-)(?=.)")


@dataclass(frozen=True)
class Node:
    """One thing to learn.

    Args:
        id: Unique among the nodes.
        title: A few words.
        state: How far the learner is with it.
        requires: Ids of what comes first; those that are no nodes are left out.
        outside: It belongs to another skill.
    """

    id: str
    title: str
    state: str
    requires: tuple[str, ...] = ()
    outside: bool = False


@dataclass(frozen=True)
class Placed:
    """A node on the map; x and y of its upper left corner, in pixels."""

    node: Node
    x: int
    y: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Edge:
    """A line from what comes first to what needs it, as an SVG path."""

    source: str
    target: str
    path: str


@dataclass(frozen=True)
class SkillMap:
    """Nodes and lines with the size of the whole, in pixels."""

    nodes: tuple[Placed, ...]
    edges: tuple[Edge, ...]
    width: int
    height: int


@dataclass(frozen=True)
class Branch:
    """A node of the nested list.

    Args:
        node: The node; it stands below the one of its prerequisites that lies deepest.
        also: Titles of its other prerequisites.
        below: What stands below it.
    """

    node: Node
    also: tuple[str, ...]
    below: tuple["Branch", ...]


def depths(nodes: Sequence[Node]) -> dict[str, int]:
    """The column of each node: 0 without prerequisites, else one more than the deepest of them.

    A prerequisite that leads back to its own node (a fault of the curriculum) is passed over.
    """
    known = {node.id: node for node in nodes}
    found: dict[str, int] = {}

    def visit(name: str, above: frozenset[str]) -> int:
        if name not in found:
            first = [each for each in known[name].requires if each in known and each not in above | {name}]
            found[name] = max((visit(each, above | {name}) + 1 for each in first), default=0)
        return found[name]

    for node in nodes:
        visit(node.id, frozenset())
    return found


def needed(nodes: Sequence[Node], depth: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """What each node needs directly; what another prerequisite needs already is left out."""
    first = {
        node.id: tuple(dict.fromkeys(name for name in node.requires if depth.get(name, 1 << 30) < depth[node.id]))
        for node in nodes
    }
    beneath: dict[str, set[str]] = {}
    for name in sorted(first, key=lambda each: depth[each]):
        beneath[name] = set(first[name]).union(*(beneath[each] for each in first[name]))
    return {
        name: tuple(each for each in names if not any(each in beneath[other] for other in names))
        for name, names in first.items()
    }


def skill_map(nodes: Sequence[Node]) -> SkillMap:
    """Lay the nodes out: a column for each depth, in it each node as near to what it needs as there is room.

    Args:
        nodes: In the order in which they are learned, which also decides between equal places.
    """
    depth = depths(nodes)
    first = needed(nodes, depth)
    row: dict[str, float] = {}
    for column in range(max(depth.values(), default=-1) + 1):
        wished = [(_wish(first[node.id], row), place, node.id) for place, node in enumerate(nodes)
                  if depth[node.id] == column]  # fmt: skip
        row |= _spread(sorted(wished))
    top = min(row.values(), default=0)
    placed = tuple(
        Placed(
            node,
            MARGIN + depth[node.id] * (NODE_WIDTH + COLUMN_GAP),
            MARGIN + round((row[node.id] - top) * (NODE_HEIGHT + ROW_GAP)),
            lines_of(node.title),
        )
        for node in nodes
    )
    at = {each.node.id: each for each in placed}
    edges = tuple(Edge(name, node.id, _path(at[name], at[node.id])) for node in nodes for name in first[node.id])
    width = max((each.x + NODE_WIDTH for each in placed), default=0) + MARGIN
    height = max((each.y + NODE_HEIGHT for each in placed), default=0) + MARGIN
    return SkillMap(placed, edges, width, height)


def _wish(first: Sequence[str], row: Mapping[str, float]) -> float:
    """The middle of what a node needs; without any it goes to the end of the free rows."""
    return sum(row[name] for name in first) / len(first) if first else 0.0


def _spread(wished: Sequence[tuple[float, int, str]]) -> dict[str, float]:
    """Rows at least one apart, in the given order, moved as a block so that they lie around their wishes."""
    rows: list[float] = []
    for wish, _, _ in wished:
        rows.append(max(wish, rows[-1] + 1) if rows else wish)
    moved = sum(wish - row for (wish, _, _), row in zip(wished, rows, strict=True)) / max(1, len(rows))
    return {name: row + moved for (_, _, name), row in zip(wished, rows, strict=True)}


def _path(source: Placed, target: Placed) -> str:
    x1, y1 = source.x + NODE_WIDTH, source.y + NODE_HEIGHT // 2
    x2, y2 = target.x, target.y + NODE_HEIGHT // 2
    bend = COLUMN_GAP // 2
    # It runs level until the gap before its target, so that it stays behind the nodes in between.
    return f"M{x1} {y1}H{x2 - 2 * bend}C{x2 - bend} {y1} {x2 - bend} {y2} {x2} {y2}"


def _broken(word: str) -> list[str]:
    """A word; one too long for a line in parts that end with its hyphens."""
    return _HYPHEN.split(word) if len(word) > LINE_CHARACTERS else [word]


def lines_of(title: str) -> tuple[str, ...]:
    """A title in lines that fit into a node; what does not fit ends in an ellipsis."""
    lines = [""]
    for word in (part for each in title.split() for part in _broken(each)):
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= LINE_CHARACTERS or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    shown = lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        shown[-1] += "…"
    return tuple(line if len(line) <= LINE_CHARACTERS + 1 else f"{line[:LINE_CHARACTERS]}…" for line in shown)


def branches(nodes: Sequence[Node]) -> tuple[Branch, ...]:
    """The same as a nested list: every node once."""
    depth = depths(nodes)
    first = needed(nodes, depth)
    titles = {node.id: node.title for node in nodes}
    stem = {name: max(names, key=lambda each: depth[each]) for name, names in first.items() if names}

    def branch(node: Node) -> Branch:
        also = tuple(titles[name] for name in first[node.id] if name != stem.get(node.id))
        return Branch(node, also, tuple(branch(each) for each in nodes if stem.get(each.id) == node.id))

    return tuple(branch(node) for node in nodes if node.id not in stem)
