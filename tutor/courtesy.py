"""Greetings, thanks and questions about the tutor itself, which no lesson answers.

Knows nothing of lessons, models or replies. Pure: a message in, the code of a reply out (tutor/replies.json).
"""

import re

_GREETING = (
    r"(hi+|hello+|hey+|hiya|hallo|moin|good (morning|afternoon|evening|day)|greetings)( there| tutor| all| again)?"
)
_PRAISE = r"(that|this|it) (helped|was helpful|helps|makes sense|was good)( me)?( a lot)?|got it|great|perfect|nice|good job|well done"
_THANKS = (
    r"(ok(ay)?,? )?(many )?(thanks|thank you|thankyou|thx|ty|cheers)( (a lot|a bunch|so much|very much|again|tutor|for (that|this|your help|the help)))*"
    rf"(,? ({_PRAISE}))?|{_PRAISE}"
)
_ABOUT = (
    r"(so )?(who|what) (are|r) (you|u)( exactly)?|who (made|built|wrote|created|programmed) you|what is this( (place|site|page|thing|bot))?|"
    r"(and )?what (can|do) (you|i|we) (do|know|ask( you)?|teach|learn)( here| with you)?|what (all )?can you help( me)? with|(can|could) you help( me)?( please)?|help( me)?( please)?|"
    r"how (do|does|can) (this|it|you|i use (this|you|it)) ?(work)?|(which|what) (ai |language )?model (are|do) you( use)?|"
    r"are you (chat ?gpt|gpt.{0,4}|claude|gemini|an? (ai|bot|robot|human|person|real person)|real|human)( or .{1,30})?|do you (use|run on) (chat ?gpt|gpt.{0,4}|an? (ai|model))|"
    r"(is (this|it)|are you) free( to use)?|do you (speak|know|understand) (german|french|spanish|italian|dutch|polish|english|other languages)"
)
_DATA = (
    r"(please )?(delete|remove|close|erase|download|export) (all )?(of )?(my|the) (account|data|history|chats?|conversations?|profile)( please)?|"
    r"how (do|can) i (delete|remove|close|erase|download|export|see) (all )?(of )?my (account|data|history|chats?|conversations?|profile)|"
    r"(what|which data) do you (know|store|keep|save) about me|who can (see|read) (my (questions|answers|chats?|conversations?|progress|mistakes|messages)|what i (write|ask|type)( here)?)|"
    r"do you (store|keep|save) (my (questions|answers|chats?|conversations?|data|messages)|what i (write|ask|type)( here)?)"
)
_KINDS = tuple(
    (code, re.compile(rf"(?:{pattern})", re.IGNORECASE))
    for code, pattern in (("hello", _GREETING), ("thanks", _THANKS), ("about", _ABOUT), ("data", _DATA))
)
_MOST_WORDS = 12


def courtesy(message: str) -> str:
    """What a message is when it is nothing else: ``hello``, ``thanks``, ``about`` or ``data``; else empty.

    Example:
        >>> courtesy("Hi! What can you do?"), courtesy("What is a token?")
        ('about', '')
    """
    said = message.replace("’", "'").lower().split()
    if len(said) > _MOST_WORDS:
        return ""
    text = " ".join(said)
    parts = [part.strip(" -:)(;*") for part in re.split(r"[.!?,]+\s*", text) if part.strip(" -:)(;*")]
    if not parts:
        return ""
    whole, *codes = (_code(part) for part in (" ".join(parts), *parts))
    if whole or not all(codes):
        return whole
    return next((code for code in ("data", "about") if code in codes), codes[-1])


def _code(part: str) -> str:
    return next((code for code, kind in _KINDS if kind.fullmatch(part)), "")
