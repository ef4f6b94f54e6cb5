"""Real lessons and quizzes, broken at random: a hypothesis strategy for the tests of the parsers."""

from functools import cache
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent / "curricula"
HOSTILE = (
    b"```", b"~~~\n", b"<!--", b"-->", b"---\n", b"### ", b"## ", b"# ", b"- [x] ", b"- [ ]", b"> Hint: ", b"> Why:",
    b"Answer: ", b"Answer: 1e999 +- nan", b"Points:\n", b"\0", b"\xff\xfe", b"\r", b"\xe2\x80\xae", b"|", b"\t",
    b"[x]: y\n", b"](a#%zz)", b"](http://[)", b"![](x)", b"<!-- item: a-b-c apply -->", b"<!-- teaches: , -->",
    b"$$", b"&#0;",
)  # fmt: skip


@cache
def real(kind: str) -> tuple[bytes, ...]:
    """The bytes of some real files, ``lesson`` or ``quiz``."""
    found = sorted(ROOT.glob("*/[0-9]*.md" if kind == "lesson" else "*/quiz/*.md"))
    return tuple(path.read_bytes() for path in found[::5])


def broken(kind: str) -> st.SearchStrategy[bytes]:
    """Real files after one to six random changes; sometimes something else entirely."""

    @st.composite
    def changed(draw: st.DrawFn) -> bytes:
        text = draw(st.sampled_from(real(kind)))
        for _ in range(draw(st.integers(1, 6))):
            text = _change(draw, text)
        return text

    return st.one_of(
        changed(), st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
    )


def _change(draw: st.DrawFn, text: bytes) -> bytes:
    at = draw(st.integers(0, len(text)))
    match draw(st.integers(0, 7)):
        case 0:
            return text[:at]
        case 1:
            return text[at:]
        case 2:
            return text[:at] + bytes([draw(st.integers(0, 255))]) + text[at + 1 :]
        case 3:
            return text[:at] + draw(st.sampled_from(HOSTILE)) + text[at:]
        case 4:
            lines = text.split(b"\n")
            gone = draw(st.integers(0, len(lines) - 1))
            return b"\n".join(lines[:gone] + lines[gone + draw(st.integers(1, 5)) :])
        case 5:
            return (
                text[:at] + draw(st.sampled_from([b"> ", b"- ", b"* > ", b"["])) * draw(st.integers(1, 400)) + text[at:]
            )
        case 6:
            return text[:at] + b"x " * draw(st.integers(1, 20_000)) + text[at:]
        case _:
            return text + text[at:]


DENSE = {
    "deep quotes": b"> " * 20_000 + b"a",
    "deep lists": b"- " * 20_000 + b"a",
    "open brackets": b"[" * 50_000,
    "open comments": b"<!-- " * 50_000,
    "open comments in text": b"a <!-- " * 50_000,
    "open emphasis": b"*a " * 50_000,
    "open code": b"`a``" * 20_000,
    "one huge line": b"word " * 200_000,
    "many fences": b"```\n" * 50_000,
    "many headings": b"## a\n" * 20_000,
    "many items": b"### a\n\n- [x] b\n\n" * 5_000,
    "wide table": b"|a" * 5_000 + b"\n" + b"|-" * 5_000 + b"\n" + b"|a" * 5_000,
    "many entities": b"&amp;" * 50_000,
    "backslashes": b"\\" * 200_000,
    "link titles": b'[a](b "' * 20_000,
    "quoted labels": b"> Hint: a\n" * 20_000,
    "long id": b"### a\n<!-- item: " + b"a-" * 50_000 + b"! apply -->\n",
    "long number": b"### a\n<!-- item: a-b-c apply -->\n\nAnswer: " + b"1" * 100_000 + b" +- x\n",
    "also also": b"### a\n<!-- item: a-b-c apply -->\n\nPoints:\n\n- a " + b"(also: " * 20_000 + b"\n",
}
"""Inputs that make careless parsers slow."""
