"""Whether a question is in English, from its letters and its smallest words.

Knows nothing of what is done about it. A short question in an unknown language counts as English: better a try than a refusal.
"""

import re
import unicodedata

from tutor.terms import words

# The commonest function words of languages in Latin script; words that are English too are left out.
_WORDS = {
    "de": "der die das und ist nicht ein eine einen was wie warum ich mein mir mit für auf wenn kann oder wird zwischen den dem beim",
    "fr": "le la les des est une un pas que quoi comment pourquoi je mon ma dans avec pour sur quand peut ou entre qu'est-ce quelle du",
    "es": "el los las es una un no qué que cómo como por por qué para con cuando puede entre mi en del cuál está son",
    "pt": "o os as é uma um não que como por quê para com quando pode entre meu minha em do da são qual está",
    "it": "il lo gli è una un non che cosa come perché mio mia con per quando può tra di del della sono qual",
    "nl": "de het een is niet wat hoe waarom ik mijn met voor op als kan tussen van zijn welke en",
    "pl": "jest nie co jak dlaczego czy moje dla z na się kiedy można między to są który",
    "tr": "bir nedir nasıl neden ve için ile bu ne mi mı değil arasındaki olan",
    "sv": "är inte vad hur varför jag min med för på när kan mellan och det som ett en",
}
_SETS = {language: frozenset(listed.split()) for language, listed in _WORDS.items()}
_ENGLISH = frozenset(
    [
        "the",
        "is",
        "a",
        "an",
        "of",
        "to",
        "in",
        "and",
        "what",
        "how",
        "why",
        "do",
        "does",
        "i",
        "my",
        "me",
        "with",
        "for",
        "on",
        "when",
        "can",
        "or",
        "between",
        "not",
        "are",
        "it",
        "that",
        "this",
        "you",
        "which",
        "should",
        "if",
        "from",
        "be",
        "as",
        "at",
        "by",
        "was",
        "have",
        "has",
        "will",
        "would",
        "there",
        "their",
    ]
)
_SCRIPTS = {
    "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CYRILLIC": "ru", "ARABIC": "ar", "HEBREW": "he",
    "DEVANAGARI": "hi", "GREEK": "el", "THAI": "th", "BENGALI": "bn", "TAMIL": "ta", "GEORGIAN": "ka", "ARMENIAN": "hy",
}  # fmt: skip


def language_of(text: str) -> str:
    """ISO 639-1 code of the language, as far as it can be told; ``en`` in doubt.

    Example:
        >>> language_of("Warum ist die Lernrate so wichtig?")
        'de'
    """
    letters = [char for char in re.sub(r"`[^`]*`", "", text) if char.isalpha()]
    if not letters:
        return "en"
    scripts: dict[str, int] = {}
    for char in letters:
        name = unicodedata.name(char, "").split(" ")[0]
        scripts[name] = scripts.get(name, 0) + 1
    script, count = max(scripts.items(), key=lambda entry: entry[1])
    if script in _SCRIPTS and count > 0.4 * len(letters):
        return "ja" if scripts.get("HIRAGANA") or scripts.get("KATAKANA") else _SCRIPTS[script]
    used = words(text)
    english = sum(word in _ENGLISH for word in used)
    language, hits = max(
        ((name, sum(word in listed for word in used)) for name, listed in _SETS.items()), key=lambda e: e[1]
    )
    return language if hits >= 2 and hits > english else "en"
