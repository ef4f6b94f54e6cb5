"""The layout of the skill map."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.curriculum import Curriculum
from tutor.outline import outline_of
from ui.skill_map import MARGIN, NODE_HEIGHT, NODE_WIDTH, Branch, Node, branches, depths, lines_of, needed, skill_map


def node(name: str, *requires: str) -> Node:
    return Node(name, name.title(), "new", requires)


@st.composite
def graphs(draw: st.DrawFn, cycles: bool = True) -> list[Node]:
    names = [f"n{place}" for place in range(draw(st.integers(0, 14)))]
    made = []
    for place, name in enumerate(names):
        pool = [*names, "elsewhere"] if cycles else [*names[:place], "elsewhere"]
        made.append(node(name, *draw(st.lists(st.sampled_from(pool), max_size=4))))
    return draw(st.permutations(made))


def test_a_chain_stands_in_a_row() -> None:
    placed = {each.node.id: each for each in skill_map([node("c", "b"), node("b", "a"), node("a")]).nodes}
    assert placed["a"].x < placed["b"].x < placed["c"].x
    assert placed["a"].y == placed["b"].y == placed["c"].y == MARGIN


def test_what_a_prerequisite_needs_already_is_not_drawn_again() -> None:
    edges = skill_map([node("a"), node("b", "a"), node("c", "a", "b")]).edges
    assert [(each.source, each.target) for each in edges] == [("a", "b"), ("b", "c")]


def test_no_nodes_make_an_empty_map() -> None:
    found = skill_map([])
    assert found.nodes == found.edges == () and branches([]) == ()


@settings(deadline=None)
@given(graphs())
def test_no_two_nodes_overlap_and_all_lie_inside(nodes: list[Node]) -> None:
    found = skill_map(nodes)
    assert [each.node for each in found.nodes] == nodes
    for place, one in enumerate(found.nodes):
        assert MARGIN <= one.x <= found.width - NODE_WIDTH - MARGIN
        assert MARGIN <= one.y <= found.height - NODE_HEIGHT - MARGIN
        for other in found.nodes[place + 1 :]:
            assert abs(one.x - other.x) >= NODE_WIDTH or abs(one.y - other.y) >= NODE_HEIGHT


@settings(deadline=None)
@given(graphs())
def test_every_line_runs_from_left_to_right(nodes: list[Node]) -> None:
    found = skill_map(nodes)
    x = {each.node.id: each.x for each in found.nodes}
    assert all(x[edge.source] < x[edge.target] for edge in found.edges)


@settings(deadline=None)
@given(graphs(cycles=False))
def test_leaving_lines_out_loses_no_prerequisite(nodes: list[Node]) -> None:
    depth = depths(nodes)
    first = needed(nodes, depth)

    def reached(name: str) -> set[str]:
        return set(first[name]).union(*(reached(each) for each in first[name]))

    for each in nodes:
        wanted = {name for name in each.requires if name in depth}
        assert wanted <= reached(each.id)
        assert all(depth[name] < depth[each.id] for name in wanted)


@settings(deadline=None)
@given(graphs())
def test_the_list_holds_every_node_once_and_all_it_needs(nodes: list[Node]) -> None:
    seen: list[str] = []
    first = needed(nodes, depths(nodes))

    def walk(branch: Branch, above: str) -> None:
        seen.append(branch.node.id)
        assert len(branch.also) + bool(above) == len(first[branch.node.id])
        assert not above or above in first[branch.node.id]
        for each in branch.below:
            walk(each, branch.node.id)

    for each in branches(nodes):
        walk(each, "")
    assert sorted(seen) == sorted(each.id for each in nodes)


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "Zs"]), max_size=80))
def test_titles_fit_into_three_lines(title: str) -> None:
    lines = lines_of(title)
    assert 1 <= len(lines) <= 3
    assert all(len(line) <= 16 for line in lines)


def test_every_shipped_skill_has_a_map_with_its_whole_titles(shipped: Curriculum) -> None:
    outline = outline_of(shipped)
    cut = []
    for skill in outline.skills:
        nodes = [Node(topic.id, topic.title, "new", topic.requires) for topic in outline.of_skill(skill)]
        assert len(skill_map(nodes).nodes) == len(nodes) > 0
        cut += [each.title for each in nodes if any("…" in line for line in lines_of(each.title))]
    assert cut == []
