"""Everyday words: those that many sections of the lessons use, so that one of them alone gives nothing away.

Knows nothing of items or answers.
"""

from tutor.terms import STOP_WORDS

# In at least one of twelve of the 658 sections of 26 November 2026, and the words that answer yes-or-no, more-or-less.
_LISTED = """
    add adds against ai all alone always another answer answers ask asks axis back batch believing best better
    bigger bot both call cannot card case cases change changed changes check checked checks class code colour come
    comes common compare content correct cost costs count counts customer customers cut data date day days decides
    decrease default delivery differ different digits down dpi either else empty end ends engineer enough error
    every everyone everything example fact facts fall falls false far faster fewer file find finds first fit five
    fixed float form found four full gives goes good half hand high higher holds human image images import in
    increase input inside instead join keep keeps kept kind known knows label labels lamp language large larger
    last later layer layout learning least leave leaves left length less light limit line lines list little load
    log long longer look looks loss lost low lower machine made many matters max may measure memory message
    minutes missing mistake model models more much must name names nearly needs neither network never new next no
    nobody none not nothing number numbers off often old on ones open order out output page parcel part parts pass
    people percent person photo picture pictures pixels place plain plan price print product program prompt python
    question questions random range rate read reads real reason report result return right rise rises rng round
    row rows rule rules run runs same say says score search second see seed seen send sentence set several shape
    share shop short shows side since single six size slower small smaller somebody someone split stands start
    stays step steps stop sum support table take takes task team ten test text texts thing think third three time
    times together top train trained training true turns twice two up value values version weight weights well
    whether whole whose within without word words work works write writes written wrong yes zip
"""
EVERYDAY = STOP_WORDS | frozenset(_LISTED.split())
# Words that read backwards are other words; palindromes need no list.
_TURNED = """
    part trap parts strap pool loop loops spool stop pots spot tops net ten nets sten now won not ton raw war top
    pot tip pit mood doom reward drawer live evil keep peek time emit edit tide star rats tool loot tools draw
    ward flow wolf lap pal leg gel step pets steps tab bat tar rat era are bad dab bin nib bus sub but tub gas sag
    pan nap pin nip pay yap saw was on no god dog mat tam map pam mar ram sit tis taps spat keels sleek dual laud
    loots stool port trop tap pat snap pans
"""
TWO_WAY = frozenset(_TURNED.split())


def everyday(words: tuple[str, ...]) -> bool:
    """Whether a phrase is too common to be a secret by itself: one or two everyday words, or a small number.

    Example:
        >>> everyday(("loss",)), everyday(("luhn",)), everyday(("7",))
        (True, False, True)
    """
    return len(words) <= 2 and all(word in EVERYDAY or small_number(word) for word in words)


def small_number(word: str) -> bool:
    """Whether a word is a whole number from 0 to 12 or a hundred: such numbers stand in nearly every text."""
    return word.isdigit() and len(word) <= 3 and (int(word) <= 12 or int(word) == 100)
