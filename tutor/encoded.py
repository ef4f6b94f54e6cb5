"""What a text says when it is read backwards, letter by letter, or out of base64, hex or rot13.

Knows nothing of what must not be said. Unlike tutor.disguise, which asks whether a question reads better decoded, it
gives every reading: a single encoded word counts.
"""

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tutor.everyday import EVERYDAY
from tutor.wording import visible

Disguise = Literal["reversed", "spaced", "base64", "hex", "rot13"]
_CUES: dict[Disguise, re.Pattern[str]] = {
    "reversed": re.compile(r"\b(backwards?|revers\w+|mirror\w*|right to left)\b", re.IGNORECASE),
    "spaced": re.compile(r"\b(spell\w*|spelt|letter by letter|letters|digit by digit)\b", re.IGNORECASE),
    "base64": re.compile(r"\bbase ?-?64\b|\bb64\b|\b(de|en)cod\w+", re.IGNORECASE),
    "hex": re.compile(r"\bhex\w*\b|\bascii\b|\bbase ?-?16\b|\b(de|en)cod\w+|0x|\\x", re.IGNORECASE),
    "rot13": re.compile(r"\brot ?-?13\b|\bcaesar\b|\bcipher\w*|\b(de|en)cod\w+|\bebg13\b", re.IGNORECASE),
}
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{2,}={0,2}(?![A-Za-z0-9+/_=])")
_HEX = re.compile(
    r"(?<![A-Za-z0-9.])(?:(?:0x|\\x|%|U\+00|&#x)?[0-9A-Fa-f]{2}(?:[\s,;:.|_-]|\\n)*)+(?![A-Za-z0-9])", re.IGNORECASE
)
_WHOLE_HEX = re.compile(r"\b0x([0-9A-Fa-f]{1,8})\b")
_RUN = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,7}[^\W_](?![^\W_]))+")
_DECIMAL = re.compile(r"(?<![\w.])\d[.,]\d(?![\w.])")
_TEXT = re.compile(r"[\w\s.,:;!?'\"()/%+=–—’“”-]+")
_LONG = 8
_READABLE = rb"[\x20-\x7e\n]{6,}"  # so many in a row are no chance any more
_SHORT = 6  # words of a text that may be written in the opposite order


@dataclass(frozen=True)
class Reading:
    """One way to read a text.

    Args:
        disguise: How it is hidden.
        text: What it says then.
        meant: It was certainly encoded on purpose: whatever stands in it counts, however common.
        mixed: It keeps the words of the text that hide nothing.
    """

    disguise: Disguise
    text: str
    meant: bool = False
    mixed: bool = False


def readings(text: str) -> list[Reading]:
    """Every reading of a text that is not the text itself, each once.

    Example:
        >>> [reading.text for reading in readings("It is bG9zcw==") if reading.disguise == "base64"]
        ['loss', 'It is loss']
    """
    plain = visible(text)
    found = [*_reversed(plain), *_spaced(plain), *_base64(plain), *_hex(plain), *_rot13(plain)]
    return list(dict.fromkeys(reading for reading in found if reading.text.strip() and reading.text != plain))


def cued(disguise: Disguise, text: str) -> bool:
    """Whether a text says itself that it hides something in this way."""
    return bool(_CUES[disguise].search(text))


def _reversed(text: str) -> Iterator[Reading]:
    meant = cued("reversed", text)
    yield Reading("reversed", text[::-1], meant)
    yield Reading("reversed", " ".join(word[::-1] for word in text.split()), meant)
    if len(text.split()) <= _SHORT:
        yield Reading("reversed", " ".join(reversed(text.split())), meant, mixed=True)
    yield Reading("reversed", _each_word(text, lambda word: word[::-1], meant), meant, mixed=True)


def _rot13(text: str) -> Iterator[Reading]:
    meant = cued("rot13", text)
    yield Reading("rot13", codecs.decode(text, "rot13"), meant)
    yield Reading("rot13", _each_word(text, lambda word: codecs.decode(word, "rot13"), meant), meant, mixed=True)


def _each_word(text: str, change: Callable[[str], str], also_labels: bool) -> str:
    """The text with each word changed that is no everyday English; single letters only where a disguise is named."""

    def one(match: re.Match[str]) -> str:
        word = match[0]
        if word.lower() in EVERYDAY or word.isdigit() or (len(word) < 3 and not also_labels):
            return word
        return change(word)

    return re.sub(r"[^\W_]+", one, text)


def _spaced(text: str) -> Iterator[Reading]:
    """Runs of single letters or digits as words: the narrowest gap joins, wider ones part."""
    pieces, end = [], 0
    text = _DECIMAL.sub("xxx", text)
    short = len(text.split()) <= _SHORT or cued("spaced", text)
    for match in _RUN.finditer(text):
        spelt, letters = _joined(match[0]), len(re.findall(r"[^\W_]", match[0]))
        if letters < 3 and not short:
            continue
        if letters >= 3 or cued("spaced", text):
            yield Reading("spaced", spelt, True)
            yield Reading("spaced", re.sub(r"[\W_]+", "", match[0]), True)
        pieces += [text[end : match.start()], spelt]
        end = match.end()
    yield Reading("spaced", "".join([*pieces, text[end:]]), mixed=True)


def _joined(run: str) -> str:
    narrow = min(len(gap) for gap in re.findall(r"[\W_]+", run))
    return re.sub(r"[\W_]+", lambda gap: "" if len(gap[0]) <= narrow else gap[0][narrow:-narrow] or " ", run)


def _base64(text: str) -> Iterator[Reading]:
    meant, mixed = cued("base64", text), text
    for match in _BASE64.finditer(text):
        said = _from_base64(match[0])
        if said is None:
            continue
        if meant or len(said) >= 3 or (match[0].endswith("=") and len(match[0]) % 4 == 0):
            yield Reading("base64", said, True)
        mixed = mixed.replace(match[0], said, 1)
    yield Reading("base64", mixed, mixed=True)
    for block in re.findall(r"(?:^[ \t]*[\"'`>]*[ \t]*[A-Za-z0-9+/_=-]{1,76}[\"'`]*[ \t]*$\n?)+", text, re.MULTILINE):
        said = _from_base64(re.sub(r"[^A-Za-z0-9+/_=-]", "", block))
        if said is not None:
            yield Reading("base64", said, True)
    yield from _any_alignment(text)


def _any_alignment(text: str) -> Iterator[Reading]:
    """Base64 that is broken up by spaces, line ends or other text: decoded from each of the four alignments."""
    for piece in re.sub(r"[^A-Za-z0-9+/_=-]", "", text).split("="):
        code = piece.replace("-", "+").replace("_", "/")
        for skip in range(min(4, len(code))):
            kept = code[skip:]
            kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
            raw = base64.b64decode(kept + "=" * (-len(kept) % 4))
            runs = [run for run in re.findall(_READABLE, raw) if _wordy(run)]
            if runs:
                yield Reading("base64", b"\n".join(runs).decode("ascii"))


def _wordy(run: bytes) -> bool:
    """Whether most of a run is letters, digits and blanks: any text taken for base64 gives a few signs by chance."""
    return 2 * sum(char.isalnum() or char.isspace() for char in run.decode("ascii")) > len(run)


def _from_base64(token: str) -> str | None:
    code = token.rstrip("=").replace("-", "+").replace("_", "/")
    if len(code) % 4 == 1:
        return None
    try:
        said = base64.b64decode(code + "=" * (-len(code) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return said if _reads(said) else None


def _reads(said: str) -> bool:
    """Whether decoded characters are text: a few may be printable by chance, so they must be letters or the like."""
    if len(said) < _LONG:
        return bool(_TEXT.fullmatch(said))
    return all(char.isprintable() or char in "\n\t" for char in said)


def _hex(text: str) -> Iterator[Reading]:
    meant, mixed = cued("hex", text), text
    for match in _HEX.finditer(text):
        said = _from_hex(match[0])
        if said is None:
            continue
        certain = meant or len(said) >= 3 or (len(said) == 2 and said.isalnum())
        if certain:
            yield Reading("hex", said, True)
        if certain or said.isalpha():
            mixed = mixed.replace(match[0].strip(), said, 1)
    yield Reading("hex", mixed, mixed=True)
    yield Reading("hex", _WHOLE_HEX.sub(lambda match: str(int(match[1], 16)), text), meant, mixed=True)
    if meant:
        yield Reading(
            "hex", re.sub(r"\b[0-9A-Fa-f]{1,8}\b", lambda match: str(int(match[0], 16)), text), True, mixed=True
        )


def _from_hex(run: str) -> str | None:
    digits = re.sub(r"0x|\\x|\\n|U\+00|&#x|[^0-9A-Fa-f]", "", run, flags=re.IGNORECASE)
    if len(digits) % 2:
        return None
    try:
        said = bytes.fromhex(digits).decode("utf-8")
    except ValueError:
        return None
    return said if _reads(said) else None
