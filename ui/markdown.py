"""Markdown to safe HTML: highlighted code, tables, maths as MathML, [n] as links.

Knows nothing of lessons, learners or where a link leads: the caller says so.
"""

import html
import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, cast

import nh3
from latex2mathml import converter
from latex2mathml import exceptions as latex_errors
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.texmath import texmath_plugin
from pygments import highlight as pygmentise
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

Cite = Callable[[int], str]
"""A number in brackets to the HTML of its link; an empty string leaves the text as it is."""
Follow = Callable[[str], str | None]
"""A link's target as written to where it leads; None makes the link plain text."""
Picture = Callable[[str], str | None]
"""An image's target as written to its address on our own origin; None shows its description instead."""

PICTURE = "picture?of="
"""How the address of each image begins; no other address of an image comes through."""

LONGEST_FORMULA = 2000
_LATEX_FAULTS = (
    *(fault for fault in vars(latex_errors).values() if isinstance(fault, type) and issubclass(fault, Exception)),
    *(AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError, StopIteration),
)
_TEXT = {
    "p",
    "br",
    "hr",
    "em",
    "strong",
    "s",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "span",
    "div",
    "mark",
    "img",
}
_HEADINGS = {"h3", "h4", "h5", "h6"}
_TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
_MATHS = {
    *("math", "menclose", "merror", "mfenced", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded"),
    *("mphantom", "mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup"),
    *("mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none"),
}
_ATTRIBUTES = {
    "a": {"href", "class", "target", "aria-label", "title"},
    "img": {"src", "alt", "loading"},
    "span": {"class"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "pre": {"class", "tabindex", "role", "aria-label"},
    "code": {"class"},
    "ol": {"start"},
    "th": {"class"},
    "td": {"class"},
    "math": {"display", "class"},
    "mo": {
        "stretchy",
        "fence",
        "form",
        "largeop",
        "movablelimits",
        "separator",
        "lspace",
        "rspace",
        "minsize",
        "maxsize",
    },
    "mi": {"mathvariant"},
    "mtext": {"mathvariant"},
    "mspace": {"width", "height", "depth", "linebreak"},
    "mfrac": {"linethickness"},
    "mtable": {"columnalign", "rowspacing", "columnspacing", "columnlines", "rowlines"},
    "mtd": {"columnalign", "columnspan", "rowspan"},
    "mover": {"accent"},
    "munder": {"accentunder"},
    "mstyle": {"displaystyle", "scriptlevel", "mathvariant"},
    "menclose": {"notation"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
}


def render(text: str, cite: Cite | None = None, follow: Follow | None = None, picture: Picture | None = None) -> str:
    """Markdown to HTML that is safe to put into a page.

    Raw HTML is shown as text, images that are not ours become their description, scripts, handlers, styles and
    addresses other than http, https and mailto never come through, whoever wrote the text.

    Args:
        text: CommonMark with tables, strike-through and maths in dollars or LaTeX brackets.
        cite: What becomes of [n] outside code; by default it stays text.
        follow: Where a link leads; by default only http, https and mailto links are kept.
        picture: Where an image lies; by default every image becomes its description.
    """
    environment: dict[str, Any] = {"cite": cite, "follow": follow or outside_only, "picture": picture}
    return sanitise(cast(str, _parser().render(text.replace("\x00", "\ufffd"), environment)))


def sanitise(fragment: str) -> str:
    """HTML reduced to what a lesson or an answer may hold."""
    return str(_cleaner().clean(fragment))


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TEXT | _HEADINGS | _TABLES | _MATHS,
        attributes=_ATTRIBUTES,
        attribute_filter=_own_pictures,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _own_pictures(tag: str, attribute: str, value: str) -> str | None:
    return value if (tag, attribute) != ("img", "src") or value.startswith(PICTURE) else None


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The words of a piece of markdown, without its marks."""
    return " ".join(
        html.unescape(re.sub(r"<[^>]+>", "", _parser().renderInline(text, {"follow": outside_only}))).split()
    )


def outside_only(target: str) -> str | None:
    """Follow only links that leave the tutor."""
    return target if target.startswith(("http://", "https://", "mailto:")) else None


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 40}).enable(["table", "strikethrough"])
    dollarmath_plugin(parser, allow_space=False, allow_digits=False, double_inline=True, allow_labels=False)
    texmath_plugin(parser, delimiters="brackets")
    parser.inline.ruler.before("link", "citation", _citation)
    parser.core.ruler.push("shape", _shape)
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def _citation(state: StateInline, silent: bool) -> bool:
    match = re.compile(r"\[(\d{1,3})\](?!\()").match(state.src, state.pos)
    cite = state.env.get("cite")
    if not match or cite is None:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.content = match[0]
        token.meta = {"html": cite(int(match[1]))}
    state.pos = match.end()
    return True


def _shape(state: Any) -> None:
    """Fit a text's headings under a page's, and say where its links lead."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, max(3, int(token.tag[1]) + 1))}"
        if token.children:
            _close_up(token.children)
            _follow_links(token.children, state.env["follow"])


def _close_up(children: Sequence[Token]) -> None:
    """Take out the space before a number, so that it stays with its sentence."""
    for before, token in pairwise(children):
        if token.type == "citation" and before.type == "text":
            before.content = before.content.rstrip()


def _follow_links(children: Sequence[Token], follow: Follow) -> None:
    kept: list[bool] = []
    for token in children:
        if token.type == "link_open":
            target = follow(str(token.attrs.get("href", "")))
            kept.append(target is not None)
            token.attrs = _link_attributes(target) if target is not None else {}
            token.hidden = target is None
        elif token.type == "link_close":
            token.hidden = not kept.pop()


def _link_attributes(target: str) -> dict[str, str | int | float]:
    if target.startswith(("http://", "https://")):
        return {"href": target, "class": "out", "target": "_blank"}
    return {"href": target}


def _link(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    return "" if tokens[index].hidden else renderer.renderToken(tokens, index, options, env)


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    token = tokens[index]
    words = html.escape(renderer.renderInlineAsText(token.children or [], options, env))
    picture = env.get("picture")
    address = picture(str(token.attrs.get("src", ""))) if picture else None
    if address is None:
        return f"<em>{words}</em>"
    return f'<img src="{html.escape(address)}" alt="{words}" loading="lazy">'


def _code(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    token = tokens[index]
    language = token.info.split()[0] if token.info.strip() else ""
    label = f"{language or 'code'}"
    kind = "output" if language == "output" else "code"
    return (
        f'<pre class="{kind}" tabindex="0" role="group" aria-label="{html.escape(label)}">'
        f"<code>{highlight(token.content, language)}</code></pre>\n"
    )


@lru_cache(maxsize=512)
def highlight(code: str, language: str) -> str:
    """Code to HTML with the classes of Pygments; plain escaped text for a language it does not know."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False) if language and language != "output" else None
    except ClassNotFound:
        lexer = None
    if lexer is None:
        return html.escape(code)
    return cast(str, pygmentise(code, lexer, HtmlFormatter(nowrap=True)))


def _math(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    token = tokens[index]
    display = token.type != "math_inline"
    formula = mathml(token.content, display)
    return (
        f'<div class="formula" tabindex="0" role="group" aria-label="formula">{formula}</div>' if display else formula
    )


@lru_cache(maxsize=512)
def mathml(latex: str, display: bool) -> str:
    """A formula as MathML; as code when it cannot be read."""
    if len(latex) <= LONGEST_FORMULA:
        try:
            return cast(str, converter.convert(latex.strip(), display="block" if display else "inline"))
        except _LATEX_FAULTS:
            pass
    return f"<code>{html.escape(latex)}</code>"


_RULES: Mapping[str, Any] = {
    "citation": lambda _, tokens, index, *__: tokens[index].meta["html"] or html.escape(tokens[index].content),
    "fence": _code,
    "code_block": _code,
    "image": _image,
    "link_open": _link,
    "link_close": _link,
    "math_inline": _math,
    "math_inline_double": _math,
    "math_block": _math,
    "math_block_eqno": _math,
    "table_open": lambda *_: '<div class="table" tabindex="0" role="group" aria-label="table"><table>\n',
    "table_close": lambda *_: "</table></div>\n",
    "th_open": lambda *arguments: _cell("th", *arguments),
    "td_open": lambda *arguments: _cell("td", *arguments),
}


def _cell(tag: str, _: RendererHTML, tokens: Sequence[Token], index: int, *__: Any) -> str:
    # markdown-it aligns with an inline style, which the page's policy forbids.
    side = str(tokens[index].attrs.get("style", "")).partition(":")[2]
    return f'<{tag} class="{side}">' if side in {"right", "center"} else f"<{tag}>"
