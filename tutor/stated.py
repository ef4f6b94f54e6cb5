"""Whether a text states a phrase as THE answer, rather than mentioning it.

Knows nothing of items or keys: a wording and a phrase in, yes or no out.
"""

import re
from functools import lru_cache

from tutor.wording import ARTICLES, Wording

_ANSWER = (
    r"(?:answers?|solutions?|keys?|results?|totals?|(?:right|correct|best|true|missing|wanted|required|expected|proper)"
    r"(?: (?:ones?|options?|choices?|values?|numbers?|words?|terms?|picks?|things?|responses?))?)"
)
_FILL = (
    r"(?: (?:just|simply|exactly|about|approximately|roughly|around|nearly|a|an|the|called|named|option|word|term|value|number|"
    r"is|are|was|be|would|should|must|will|has|to|equals|reads|being|of|course|here|clearly|obviously|that|it|its|therefore|"
    r"thus|so|then|you|want|need|for|this|question|item|one|1|only|[:=(,→⇒—–>-]|\n))"
)
_WEAK = (
    r"(?:it is|its|it was|it must be|it has to be|it should be|it would be|you (?:will |would |should )?(?:find|get|have|need)|that is|thats|this is|choose|pick|select|take|tick|go with|go for|write|enter|type|put|"
    r"submit|say|name|respond with|reply with|answer with|that would be|you (?:want|need|seek)|looking for is|i (?:count|mean|say|would say|vote for|bet on)|(?:number|value|word|term|thing|pick|vote|choice|guess|bet) (?:is|was|would be|must be)|namely|gives?|gets?|got|makes?|comes? to|comes? out (?:at|as)|equals?|results? in|"
    r"yields?|amounts? to|arrives? at|ends? up (?:with|at)|leaves?|is called|are called|known as|=|→|⇒|correct|right|yes|indeed|exactly)"
)
_AFTER = r"(?: (?:is|are|was|its|would be|it is|thats|it must be))?(?: (?:of course|clearly|indeed|just|exactly))?"
_VERDICT = (
    r"(?: (?:the|your|a|what|1))*(?: (?:only|one|1))? (?:right|correct|true|answers?|solution|key|winner|you (?:need|want|are looking for)|"
    r"they (?:want|ask for)|the item asks|is asked for|it)\b"
)
# What may follow a phrase that is itself the end of a statement.
_END = r"(?= (?:[.!?;,)\n]|because|since|as|here|and that|so)| *$)"
_TICK = r"(?: [(:,=—–-])*(?: (?:[✓✔✅☑]|correct|right answer|the answer|is it))"

_EMPHASIS = frozenset(
    [
        "obviously",
        "clearly",
        "of",
        "course",
        "simply",
        "just",
        "definitely",
        "certainly",
        "yes",
        "yeah",
        "sure",
        "indeed",
        "well",
        "so",
        "exactly",
        "hmm",
        "ok",
    ]
)


@lru_cache(maxsize=4096)
def _frames(phrase: str) -> tuple[re.Pattern[str], ...]:
    """Patterns over ``Wording.marked`` for a phrase given as its words, marks allowed between them."""
    said = r"(?: [^\w\s])*(?: (?:a|an|the))? ".join(re.escape(word) for word in phrase.split())
    unit = r"(?: [^\W\d]\w*){0,2}" if phrase.replace(".", "").isdigit() else ""
    return (
        re.compile(rf" {_ANSWER}(?: (?:here|to this|in short))?{_FILL}{{1,7}} {said}(?= )"),
        re.compile(rf" {_WEAK}{_FILL}{{0,4}} {said}{unit}{_END}"),
        re.compile(rf" [:=] {said}{unit}(?= [.!]? *$)"),
        re.compile(rf" {said}{unit}{_AFTER}{_VERDICT}"),
        re.compile(rf" {said}{unit}{_TICK}(?= )"),
        re.compile(rf"(?: [✓✔✅☑]| correct :| right :| yes ,)(?: [^\w\s])* {said}(?= )"),
    )


def stated(text: Wording, phrase: str) -> bool:
    """Whether the phrase stands where an answer is named, or makes up a whole sentence or line.

    Args:
        text: What is said.
        phrase: Words of a wording, joined by spaces.

    Example:
        >>> from tutor.wording import wording
        >>> stated(wording("So the answer is simply the loss."), "loss")
        True
        >>> stated(wording("Watch how the loss changes."), "loss")
        False
    """
    if f" {phrase} " not in text.flat:
        return False
    own = tuple(word for word in phrase.split() if word not in ARTICLES) or tuple(phrase.split())
    if any(tuple(word for word in said if word not in _EMPHASIS) == own for said in text.sentences):
        return True
    return any(frame.search(text.marked) for frame in _frames(phrase))


def ticked(text: Wording, phrase: str) -> bool:
    """Whether the phrase carries a tick or is called right, for a list in which all options stand."""
    return any(frame.search(text.marked) for frame in _frames(phrase)[3:])
