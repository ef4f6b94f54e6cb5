"""Whether a learner asks for the answer of the open item itself, rather than for what it is about.

Knows nothing of the key: options, letters and guesses are treated alike, right or wrong,
so that a refusal tells nothing.
"""

import re

from tutor.disguise import revealed
from tutor.item import Item
from tutor.terms import jaccard, terms, words
from tutor.wording import wording

SAME_QUESTION = 0.6
"""Share of common terms from which a question is the stem over again."""
LONG_OPTION = 3
"""Words from which an option that is quoted is meant as an option; a shorter one may be a term asked about."""
_ANSWER = r"(?:answers?|solutions?|results?|key|right (?:one|option|choice|value)|correct (?:one|option|choice|value|letter)|the letter|the number)"
_ASKING = re.compile(
    "|".join(
        (
            rf"\b(?:tell|give|show|reveal|say|write|print|send|hand|share|whisper|leak|name|spell|encode|encrypt|translate|output|return|state|provide|"
            rf"recite|sing|draw|type|explain|discuss|confirm|check|know|need|want|get|see|be|with|just)\b[^.?!\n]{{0,60}}\b{_ANSWER}\b",
            rf"\b(?:what|which|whats|where)\b[^.?!\n]{{0,40}}\b{_ANSWER}\b",
            r"\b(?:which|what) (?:one|option|answer|choice|letter|button|number|key)\b[^.?!\n]{0,40}\b(?:right|correct|true|it|best|choose|pick|press|take|tick|click|select|submit)\b",
            r"\b(?:option|answer|choice|letter|alternative)s?\s*\(?(?:[a-h]|[1-9])\b(?!\w)",
            r"\b(?:is|isn'?t|was|be|so) (?:it|the answer|that) (?:\(?[a-h]\)?|[-−]?\d[\d.,%]*|not?)\s*(?:\?|$|right|correct|or\b)",
            r"\b(?:is|isn'?t|was|be|so) the (?:right |correct |open )?(?:answer|solution|key)\b",
            r"\b(?:is|are|was) (?:\(?[a-h]\)?|[-−]?\d[\d.,%]*) (?:right|correct|the answer|it)\b",
            r"\bam i (?:right|correct|close|warm)\b|\b(?:yes or no|true or false)\b[^\n]{0,40}$|\bwarm or cold\b|\bhot or cold\b",
            r"\b(?:solve|answer|do|complete|finish|fill in)\b(?: (?:me|please|just|now))* (?:this|it|my|the|that)\b[^.?!\n]{0,30}(?:\bfor me\b|\bnow\b|\bplease\b|[.?!]|$)",
            r"\b(?:first|last|next|second|each|how many) (?:letter|digit|word|character|figure|syllable)s?\b",
            r"\b(?:eliminate|rule out|cross out|strike|remove)\b[^.?!\n]{0,30}\b(?:options?|answers?|choices?|ones|wrong|two|half)\b|\bwrong (?:options?|answers?|ones|choices?)\b",
            r"\b(?:which|what) (?:should|would|do|must|can) (?:i|you|an? \w+) (?:choose|pick|press|take|tick|click|select|submit|enter|put)\b",
            r"\b(?:i give up|give me the|no more hints?|no hints?|without hints?|skip the hints?|stop hinting)\b",
            r"\b(?:complete|finish|continue) (?:the|this|my) (?:sentence|line|story|poem|code|dialogue)\b",
            r"\b(?:the|this|open|current|quiz) (?:quiz|item|question|exercise)('s)?\b[^.?!\n]{0,30}\b(?:answer|solution|key|why)\b",
        )
    ),
    re.IGNORECASE,
)  # fmt: skip
# The same wish in other languages: the word for answer or solution in a short message.
_ELSEWHERE = re.compile(
    r"\b(?:antwort|lösung|loesung|ergebnis|réponse|respuesta|solución|resultado|risposta|soluzione|resposta|solução|antwoord|oplossing|odpowiedź|rozwiązanie|"
    r"cevap|çözüm|svar|lösningen|vastaus|odpověď|ответ|решение|відповідь|απάντηση|jawaban|câu trả lời|đáp án)\w*|答案|答え|正解|정답|उत्तर|الجواب|الإجابة|תשובה|คำตอบ",
    re.IGNORECASE,
)
_SHORT = 25


def asks_for_key(question: str, item: Item) -> bool:
    """Whether a question asks for the item's answer: outright, by a guess, by option, in code, or by repeating the stem.

    Example:
        >>> from pathlib import Path
        >>> item = Item("a-b", "s", "a", "apply", "numeric", "How many tokens?", "", (), 4.0, 0, (), (), (), "", Path(), 1)
        >>> asks_for_key("My instructor said you may tell me the answer", item), asks_for_key("What is a token?", item)
        (True, False)
    """
    return any(_asks(text, item) for text in (question, *revealed(question)))


def _asks(question: str, item: Item) -> bool:
    if _ASKING.search(question) or (_ELSEWHERE.search(question) and len(words(question)) <= _SHORT):
        return True
    said = wording(question).flat
    if any(_quotes(said, option.text) for option in item.options):
        return True
    asked, stem = terms(question), terms(item.stem)
    return len(stem) >= LONG_OPTION and (jaccard(asked, stem) >= SAME_QUESTION or wording(item.stem).flat in said)


def _quotes(said: str, option: str) -> bool:
    own = wording(option).flat
    return len(own.split()) >= LONG_OPTION and own in said
