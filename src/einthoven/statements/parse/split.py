"""A text as sentences of meanings, each with its place: full stops that end no sentence do not part it."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.statements.parse.lexicon import IGNORED, Entry, Lexicon
from einthoven.statements.parse.normalise import LOST, Token, tokens
from einthoven.statements.parse.ranges import spread
from einthoven.statements.parse.synonyms import MOST_WORDS, Synonyms

LEADS = frozenset(("i", "ii", "iii", "avr", "avl", "avf", "afl", "l", "f", "vl", "vf", "lll", "ll"))
ROMAN = frozenset(("i", "ii", "iii"))
"""Numbers before "Grades"; leads everywhere else."""
MARKS = {"&": "and", "+": "and", ";": ".", "!": ".", "\n": "."}
CONTRASTS = frozenset(("but", "however", "aber", "jedoch", "sondern", "men"))
"""After what is denied, another sentence: "no infarct, but left bundle branch block" states the block."""
DENIES = "not"
POSSIBLE = "possible"
LONGEST_FORM = 4
LONGEST_SENTENCE = 250
"""Words after which a sentence is cut, so that time grows with the length of a text alone."""


@dataclass(frozen=True, slots=True)
class Word:
    """One meaning, "lead:V1", "number:80", a mark, or "?word" for a word that is not known, and its place."""

    means: str
    start: int
    end: int
    language: str = ""
    form: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the lexicon knows it."""
        return not self.means.startswith("?") or self.means == "?"


def sentences(text: str, words: Lexicon, own: Synonyms | None = None) -> list[list[Word]]:
    """The meanings of a text, sentence by sentence, without the words that say nothing.

    >>> from einthoven.statements.parse.lexicon import lexicon
    >>> [[word.means for word in one] for one in sentences("V.a. chron. Hinterwandinfarkt. T neg.", lexicon())]
    [['suspicion', 'age', 'wall:inferior', 'infarct'], ['t', 'inverted']]
    """
    found: list[list[Word]] = [[]]
    line = spread(text, tokens(text))
    place = 0
    while place < len(line):
        token = line[place]
        taken, meant = (_own(line, place, own) if own else None) or _read(line, place, words)
        for word in meant:
            if word.means != IGNORED:
                found[-1].append(word)
        place += taken
        if token.form in CONTRASTS and any(word.means == DENIES for word in found[-1]):
            found.append([])
        if len(found[-1]) >= LONGEST_SENTENCE:
            found.append([])
        if MARKS.get(token.form) == "." or (token.form == "." and _ends(line, place - 1, words)):
            found.append([])
    return [sentence for sentence in found if sentence]


def _own(line: list[Token], place: int, own: Synonyms) -> tuple[int, list[Word]] | None:
    """How many tokens a site's own phrase takes at a place, and the word for its codes."""
    if line[place].form not in own.phrases:
        return None
    following, ends = _following(line, place, MOST_WORDS, any_stop=True)
    found = own.longest(following)
    if found is None:
        return None
    taken = ends[found[0] - 1]
    return taken, [Word(f"synonym:{found[1]}", line[place].start, line[place + taken - 1].end)]


def _read(line: list[Token], place: int, words: Lexicon) -> tuple[int, list[Word]]:
    """How many tokens are read at a place, and what they mean."""
    token = line[place]
    if token.form in words.phrases:
        following, ends = _following(line, place)
        if form := words.phrase(following):
            taken = ends[form[0] - 1]
            end = line[place + taken - 1].end
            if place + taken < len(line) and line[place + taken].form == "." and len(line[place + taken - 1].form) < 3:
                taken += 1  # the full stop of "V.a."
            return taken, _words(form[1], token.start, end)
    if not token.is_word:
        means = MARKS.get(token.form, token.form)
        if means == ".":
            return 1, []
        return 1, [Word(f"number:{means}" if means[0].isdigit() else means, token.start, token.end)]
    if token.form in LEADS or _is_chest(token.form) or token.form == "v":
        return 1, [Word(f"lead:{token.form}", token.start, token.end)]
    entry = words.meaning(token.form, cut=place == len(line) - 1)
    asked = words.whole(token.form[1:]) if token.form[0] == LOST else None
    if asked and asked.meanings != (IGNORED,):  # "?LVH" is no word that lost its first letter
        first = Word(POSSIBLE, token.start, token.start + 1)
        return 1, [first, *_words(asked, token.start + 1, token.end, token.form[1:])]
    if entry is None:
        return 1, [Word(f"?{token.form}", token.start, token.end, form=token.form)]
    return 1, _words(entry, token.start, token.end, token.form)


def _is_chest(form: str) -> bool:
    return form[0] == "v" and form[1:].isdigit()


def _words(entry: Entry, start: int, end: int, form: str = "") -> list[Word]:
    return [Word(means, start, end, entry.language, form) for means in entry.meanings]


def _following(
    line: list[Token], place: int, most: int = LONGEST_FORM, any_stop: bool = False
) -> tuple[list[str], list[int]]:
    """The words from a place on, full stops between them left out, and how many tokens each needs."""
    forms, ends = [], []
    for at in range(place, min(place + 2 * most, len(line))):
        if line[at].is_word or line[at].form.isdigit():
            forms.append(line[at].form)
            ends.append(at - place + 1)
        elif line[at].form != "." or (len(line[at - 1].form) > 2 and not any_stop):
            break
        if len(forms) == most:
            break
    return forms, ends


def _ends(line: list[Token], place: int, words: Lexicon) -> bool:
    """Whether the full stop at a place ends a sentence: not after an abbreviation or an ordinal number."""
    before = line[place - 1] if place else None
    after = line[place + 1] if place + 1 < len(line) else None
    if before is None or after is None:
        return True
    if after.form.startswith(("degree", "grad", "gr")) and (not before.is_word or before.form in ROMAN):
        return False
    if before.is_word and before.form not in LEADS and not _is_chest(before.form):
        entry = words.meaning(before.form)
        if (entry and entry.abbreviation) or (entry is None and len(before.form) < 3):
            return False
    return after.start > line[place].end or (before.is_word and after.is_word)
