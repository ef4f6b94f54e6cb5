"""What kind of answer a question asks for, and whether it can stand alone.

Knows nothing of lessons or conversations. Pure rules over the words of one question.
"""

import re
from typing import Literal

from tutor.terms import stem, terms, words

Intent = Literal["what", "why", "how", "cause", "example", "simpler", "compare", "code", "mistake"]

_RULES: tuple[tuple[Intent, str], ...] = (
    ("simpler", r"\b(simpl(er|y|e terms|e words|ify)|plain (words|english|language)|eli5|like i('?m| am) (5|five|a child)|layman\w*|for dummies|"
     r"(do not|don't|didn't|did not|still (do not|don't)) (get|understand|follow)|confus(ed|ing)|analogy|too (hard|complicated|technical)|intuiti\w+|dumb(ed)? (it )?down|lost me)\b"),
    ("example", r"\b(examples?|for instance|e\.g\.|show me (one|a case|how it looks)|sample|demonstrat\w*|in practice|concrete(ly)?|illustrat\w*|real.?(life|world))\b"),
    ("compare", r"\b(differen(ce|t|ces)|differ|vs\.?|versus|compar\w+|better than|instead of|rather than|distinguish|trade-?offs?|pros and cons|same as|same thing)\b"
     r"|\bwhich (one )?(is|should|do)\b.*\bor\b|\b(should|do|would) (i|we|you) (use|choose|pick|go with|prefer)\b.* or\b"),
    ("code", r"\b(code|snippet|script|in python|python (code|example)|implement(ation|ing)?|function (that|for)|syntax|program|write .* in (python|numpy|pytorch|torch|sklearn|tensorflow|keras))\b"),
    ("mistake", r"\b(mistakes?|pitfalls?|go(es)? wrong|wrong with|what can fail|common errors?|gotchas?|watch out|misconceptions?|avoid)\b"),
    ("why", r"\bwhat('s| is) (the )?(point|benefit|use|purpose|advantage|good)\b|\bwhat for\b|\bwhat is it good for\b|\b(should|would|do) (i|we|you|anyone|anybody) (even )?(care|bother|need)\b"
     r"|\bwhy (should|would|do|must|bother|use|need|care|even) ?(i|we|you|people|one|anyone|teams|companies)?\b|\bwhy (is|are|does) \S+ (so )?(important|matter|needed|necessary|useful|relevant)|\bimportan(t|ce)\b|\bmatters?\b|^\W*(but |and |ok |so )*why\W*$"),
    ("cause", r"\bwhy\b|\bhow come\b|\bwhat('s| is| are)? ?(the )?(cause|reason|causing)\w*"),
    ("how", r"^\W*(so |but |and |ok |okay )*(how|which|when|what should i|can i|could i|can you|do i|should i|where)\b|\bhow (do|does|to|can|should|would|many|much|large|big|long)\b|\bsteps?\b|\bbest way\b"),
)  # fmt: skip
_COMPILED = tuple((intent, re.compile(pattern, re.IGNORECASE)) for intent, pattern in _RULES)

# Words that name a kind of answer and no topic: a question made of them alone needs the conversation.
_FORM = frozenset(
    stem(word)
    for word in ["example", "examples", "instance", "simpler", "simply", "simple", "plain", "words", "english", "terms", "layman", "eli5", "analogy", "code", "snippet", "python", "script", "difference", "differences", "different", "compare", "comparison", "versus", "vs", "better", "point", "reason", "benefit", "mistake", "mistakes", "wrong", "detail", "details", "more", "further", "elaborate", "continue", "again", "other", "another", "part", "last", "first", "second", "previous", "answer", "question", "case", "cases", "practice", "say", "said", "put", "short", "shorter", "longer", "briefly", "summary", "summarise", "summarize", "sentence", "version", "please", "ok", "okay", "thanks", "thank", "hmm", "yes", "yeah", "sure", "right", "good", "great", "cool", "nice", "go", "ahead", "work", "works", "happen", "happens", "apply", "matter", "matters", "important", "possible", "idea", "sense", "concrete", "real", "quick", "understand", "follow", "confused", "confusing", "lost", "hard", "complicated", "technical", "five", "child", "im", "still", "bit", "little", "better", "deeper", "step", "steps", "advantage", "advantages", "disadvantage", "disadvantages", "downside", "downsides", "pros", "cons", "drawback", "drawbacks", "drawn", "exactly", "correct", "true"]
)  # fmt: skip
_POINTING = re.compile(
    r"\b(it|its|that|this|they|them|their|those|these|one|ones|the (first|second|third|last|latter|former|other)( one)?|the other \w+|the (last|first) of|both|the same(?! \w)|same (?:true|thing|goes|applies|holds|for|in|with)|there|he|she|above|here)\b",
    re.IGNORECASE,
)
_DEFINING = re.compile(
    r"^\W*(what('?s| is| are| does)|define|explain|how (do|does|can) (i|you|we)|tell me about)\b|^\W*\w+\W*$",
    re.IGNORECASE,
)
_CONTINUING = re.compile(
    r"^\W*(and|but|so|or|then|also|what about|how about|what if|why not|which one|what else|anything else|really)\b",
    re.IGNORECASE,
)

_REPLYING = re.compile(
    r"^\W*(no|nope|nah|not|yes|yeah|ok|okay|hm+|wait|sorry|actually|i (meant?|was asking|am asking)|that'?s not)\b",
    re.IGNORECASE,
)


def intent_of(question: str) -> Intent:
    """The kind of answer that is asked for; ``what`` for a short question that no rule fits, ``cause`` for a told situation.

    Example:
        >>> intent_of("What is the difference between stemming and lemmatisation?")
        'compare'
    """
    for intent, pattern in _COMPILED:
        if pattern.search(question):
            return intent
    # A situation told rather than a question asked: somebody wants to know what to make of it.
    return "what" if _DEFINING.search(question) or len(words(question)) <= 6 else "cause"


def topic_terms(question: str) -> list[str]:
    """The terms of a question that name its topic: without stop words and words of form such as "example"."""
    return [term for term in terms(question) if term not in _FORM]


def form_only(question: str) -> bool:
    """Whether a question names no topic at all, such as "can you give me an example?"."""
    return not topic_terms(question)


def depends_on_conversation(question: str) -> bool:
    """Whether a question can only be understood with what was said before.

    Example:
        >>> depends_on_conversation("and for German?"), depends_on_conversation("What is a token?")
        (True, False)
    """
    topic = topic_terms(question)
    count = len(words(question))
    if not topic:
        return True
    if _CONTINUING.search(question) and len(topic) <= 4 and count <= 14:
        return True
    if len(topic) == 1 and count <= 6 and not _DEFINING.search(question):
        return True
    pointing = len(_POINTING.findall(question))
    return bool(pointing) and (len(topic) <= 2 or (len(topic) <= 4 and count <= 12 and _points_early(question)))


def goes_on(question: str) -> bool:
    """Whether a message points back or begins as a reply does: it may need what was said though it names a topic.

    Example:
        >>> goes_on("no, I meant the validation loss"), goes_on("What is a validation loss?")
        (True, False)
    """
    return any(pattern.search(question) for pattern in (_REPLYING, _CONTINUING, _POINTING))


def _points_early(question: str) -> bool:
    """Whether the pointing word comes before the topic is named: "does it also help with rare words" and not
    "is a token the same in German, and why is that".
    """
    match = _POINTING.search(question)
    return match is not None and len(topic_terms(question[: match.start()])) == 0
