"""The gate: what a statement of an ECG report is, before anyone describes it.

Only findings are described. A note about the leads, the patient or an earlier ECG names no wave of this one, so a
description of it would be made up. Reading is done by `einthoven.statements.parse`; `tables/gate.csv` has the wordings
of notes, and of findings that have no SCP code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from einthoven.formats.text import clean
from einthoven.knowledge.names import section_named
from einthoven.knowledge.past import past
from einthoven.knowledge.phrases import ENDS, Found, find, listed, mention
from einthoven.knowledge.stances import called_normal, denied, denied_beside, only_of_a_part, shut_out
from einthoven.statements import VOCABULARY
from einthoven.statements.parse import parse_report
from einthoven.statements.parse.lexicon import lexicon
from einthoven.statements.parse.normalise import Token, tokens
from einthoven.statements.parse.split import LEADS

Kind = Literal["finding", "technical", "demographic", "comparison", "unknown"]
KINDS: tuple[Kind, ...] = get_args(Kind)

LONGEST = 1000
"""Characters of a statement; a longer text is no statement."""

_UNITS = 2
"""Letters of "mm" and "mV": words as short are not told where they are not known."""

MOST_UNREAD = 0.6
"""The share of words that are not known above which a text is not taken for a statement, from four of them on."""

_BRACKETS = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*(?:[<>]|rate)[^()]*\)|\((?:lo[ck]ali[sz]ation|location)\)")
"""Criteria, and what a form asks for: neither is said of the ECG."""

_CODES = frozenset(part.strip("_()").lower() for code in VOCABULARY for part in code.split("/"))
_SHORT = frozenset("vadzn")
_FAULTS = frozenset(["aha:185", "aha:186", "aha:187", "aha:188", "aha:189", "aha:190"])
"""Faults of pacemakers, beside which PACE, a pacemaker that works, is not meant."""
_ABNORMAL = ("path", "abn", "anormal", "auff", "unnormal")
_LABELS = {"technical": "A technical note", "demographic": "A note about the patient", "comparison": "A comparison"}


@dataclass(frozen=True)
class Sorted:
    """A statement and what it is.

    Args:
        text: the statement on one line, without what is not printable; cut if it is far too long.
        normalised: the same in lower case, without the marks around it: equal for statements that differ in form alone.
        kind: "finding", "technical" (of the recording, the device or the report), "demographic" (of the patient),
            "comparison" (with an earlier ECG, or that there is none) or "unknown".
        codes: of a finding, the SCP codes, or `aha:NUMBER` and `snomed:NUMBER`, that it names; empty where it has none.
        reason: why it is not described, in a sentence; empty for a finding that is.
        part: the words of `normalised` that name the finding, without the notes around it; empty where it abstains.
        unread: words of a finding's statement that are not known: there a finding may stand that was missed.
    """

    text: str
    normalised: str
    kind: Kind
    codes: tuple[str, ...] = ()
    reason: str = ""
    part: str = ""
    unread: tuple[str, ...] = ()

    @property
    def abstains(self) -> bool:
        """Whether it is not to be described: every note, and a finding that is only denied."""
        return bool(self.reason)


def sort_statement(text: str) -> Sorted:
    """What a statement in any vendor's wording is: English, German, or what is common in Swedish.

    No text raises an error; time grows with its length, up to `LONGEST` characters, and longer ones are not read.

    >>> sort_statement("RIGHT AXIS DEVIATION, CONSIDER ARM LEAD REVERSAL").part
    'right axis deviation'
    >>> sort_statement("Age not entered, assumed to be 50 years old").reason
    "A note about the patient: it tells of the patient's age or sex, not of the ECG."
    """
    shown = clean(re.sub(r"\s*[\r\n\u2028\u2029]+\s*", "; ", text[: 8 * LONGEST]), LONGEST)
    normalised = _bare(shown.lower())
    if len(text) > LONGEST:
        return Sorted(shown, normalised, "unknown", reason=f"More than {LONGEST} characters are no single statement.")
    if not any(letter.isalpha() for letter in normalised):
        return Sorted(shown, normalised, "unknown", reason="There are no words in it.")
    read = _BRACKETS.sub(lambda found: " " * len(found[0]), normalised)
    words = tokens(read)
    found = find(words)
    notes = [one for one in found if one.meaning.kind != "finding"]
    hostile = next((one for one in notes if one.meaning.scope == "text"), None)
    if hostile:
        return Sorted(shown, normalised, "unknown", reason=_reason(hostile))
    notes += past(words, _codes_of)
    apart = [one for one in notes if one.meaning.scope not in ("kept", "hint")]
    left = _blanked(read, words, apart)
    unread, known = _unread(words, found, apart)
    if len(unread) >= 4 and len(unread) > MOST_UNREAD * (len(unread) + known):
        if apart:
            return _note(shown, normalised, apart, ())
        return Sorted(shown, normalised, "unknown", reason="Most of its words are not known.")
    named = _named(left, words, found, apart)
    if named.stated:
        missed = tuple(dict.fromkeys(word for word in unread if len(word) > _UNITS and word not in listed("aside")))
        return Sorted(shown, normalised, "finding", named.codes, part=_part(left, named), unread=missed)
    if named.verdict:
        return Sorted(shown, normalised, "finding", reason=_reason(named.verdict), part="")
    compared = next((one for one in notes if one.meaning.kind == "comparison"), None)
    if named.denials and compared is None:
        what = ", ".join(dict.fromkeys(map(_name, named.denied))) or "a finding"
        why = f"It denies {what}: a description would invent it."
        return Sorted(shown, normalised, "finding", named.denied, why)
    if named.prior and compared is None:
        return Sorted(shown, normalised, "comparison", reason="A comparison: it speaks of an earlier ECG alone.")
    section = None if notes else section_named(left)
    if section is not None:
        return Sorted(shown, normalised, "finding", section.codes[:1], part=_bare(left))
    measured = next((one for one in found if one.meaning.scope == "measured"), None)
    if measured and not notes and any(letter.isdigit() for letter in normalised):
        return Sorted(shown, normalised, "finding", reason=_reason(measured))
    return _note(shown, normalised, notes, named.mentions)


@dataclass(frozen=True)
class _Named:
    """What the text without its notes names."""

    stated: bool
    codes: tuple[str, ...]
    denied: tuple[str, ...]
    prior: bool
    starts: tuple[int, ...]
    denials: tuple[int, ...]
    verdict: Found | None
    mentions: tuple[str, ...]


def _named(left: str, words: Sequence[Token], found: Sequence[Found], notes: Sequence[Found]) -> _Named:
    covered = {place for note in notes for place in places_of(words, note)}
    own = [one for one in found if one.meaning.kind == "finding" and one.first not in covered]
    verdicts = [one for one in own if one.meaning.scope in ("verdict", "borderline")]
    parsed = parse_report(_blanked(left, words, verdicts))
    gone = [one for one in parsed.statements if shut_out(words, *one.span)]
    stated = [one for one in parsed.statements if one.polarity in ("present", "possible") and one not in gone]
    stated = [one for one in stated if one.code != "NORM" or not only_of_a_part(words, *one.span)]
    own = [one for one in own if one.meaning.scope in ("also", "alone")]
    absent = [one for one in own if _is_denied(words, one)]
    exact = [one for one in own if one.meaning.scope == "also" and one not in absent]
    weak = [one for one in own if one.meaning.scope == "alone" and one not in absent]
    said_not = [one for one in parsed.statements if one not in stated and (one.polarity == "absent" or one in gone)]
    abnormal = [one for one in said_not if one.code == "NORM" and left[slice(*one.span)].startswith(_ABNORMAL)]
    said_not = [one for one in said_not if one.code != "NORM" or one in abnormal]  # "sign" by itself denies nothing
    denials = dict.fromkeys([*(one.code for one in said_not), *(code for one in absent for code in one.meaning.codes)])
    mentions = [meant for name in parsed.mentions if (meant := mention(name))]
    mentions = [one for one in mentions if not absent or not set(one.codes) <= set(denials)]
    codes = [*(one.code for one in stated), *(code for one in exact for code in one.meaning.codes)]
    codes += [code for one in mentions for code in one.codes]
    codes = [code for code in codes if code != "PACE" or not _FAULTS & set(codes)]
    if not codes and not exact:
        mentions = [] if said_not or absent else mentions
        codes = [code for one in weak for code in one.meaning.codes if code not in denials]
        weak = weak if codes or not (said_not or absent) else []
    else:
        weak = []
    denials.pop("NORM", None)
    starts = [*(one.span[0] for one in stated), *(words[one.first].start for one in (*exact, *weak))]
    says = bool(stated or exact or weak or mentions)
    if not says and not verdicts and abnormal:
        says, codes, starts = True, ["aha:3"], [abnormal[0].span[0]]
    if not says and verdicts:
        codes = [code for one in verdicts for code in one.meaning.codes]
        says = any(one.meaning.scope == "verdict" for one in verdicts)
        starts = [words[one.first].start for one in verdicts]
    return _Named(
        says,
        tuple(dict.fromkeys(codes)),
        tuple(code for code in denials if code not in codes),
        any(one.polarity == "prior" for one in parsed.statements),
        tuple(starts),
        (*(one.span[0] for one in said_not), *(words[one.first].start for one in absent)),
        verdicts[0] if verdicts and not says else None,
        parsed.mentions,
    )


def _codes_of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a clause by itself states and denies."""
    words = tokens(text)
    named = _named(text, words, find(words), ())
    return named.codes if named.stated else (), named.denied


def _is_denied(words: Sequence[Token], one: Found) -> bool:
    wave = one.meaning.scope == "alone"  # a wave that may be abnormal, or may be said to be normal
    return (
        denied(words, one.first, one.after)
        or denied_beside(words, one.first, one.after)
        or (wave and called_normal(words, one.first, one.after))
    )


def places_of(words: Sequence[Token], note: Found) -> range:
    """The words that a note takes: its own and doubt before them; its clause, or its sentence; all the rest."""
    first, after, scope = note.first, note.after, note.meaning.scope
    if scope == "words":
        while first and words[first - 1].form in listed("hedge"):
            first -= 1
        return range(first, after)
    parting = (",",) if scope == "clause" else ()
    if scope in ("sentence", "clause"):
        while first and words[first - 1].form not in ENDS and words[first - 1].form not in parting:
            first -= 1
    if scope in ("sentence", "clause", "after"):
        ends = (at for at in range(after, len(words)) if _ends(words, at) or words[at].form in parting)
        after = next(ends, len(words))
    return range(first, len(words) if scope == "rest" else after)


def _ends(words: Sequence[Token], at: int) -> bool:
    """Whether a sentence ends there; the points of "V.a.", "V.d." (suspected) and "Z.n." (after) end none."""
    return words[at].form in ENDS and not (words[at].form == "." and words[at - 1].form in _SHORT)


def _blanked(text: str, words: Sequence[Token], notes: Sequence[Found]) -> str:
    """The text with a full stop and spaces for the notes, so that every other word keeps its place."""
    for note in notes:
        places = places_of(words, note)
        start, end = words[places[0]].start, words[places[-1]].end
        text = text[:start] + ";".ljust(end - start) + text[end:]
    return text


def _unread(words: Sequence[Token], found: Sequence[Found], notes: Sequence[Found]) -> tuple[list[str], int]:
    """The words outside of all wordings that are not known, and how many words are or stand inside."""
    own = {place for one in found if one.meaning.scope != "hint" for place in range(one.first, one.after)}
    own |= {place for one in notes for place in places_of(words, one)}
    rest = [word.form for place, word in enumerate(words) if word.is_word and place not in own]
    known = LEADS | _CODES
    unread = [form for form in rest if form not in known and form[:1] != "v" and not lexicon().meaning(form)]
    return unread, sum(word.is_word for word in words) - len(unread)


def _part(left: str, named: _Named) -> str:
    """The clauses without notes, and without those that deny alone."""
    kept = []
    for clause in re.finditer(r"(?:[^,;.]|[,.](?!\s))+[,;.]?", left):
        inside = range(*clause.span())
        denies = any(at in inside for at in named.denials) and not any(at in inside for at in named.starts)
        if not denies:
            kept.append(clause[0])
    return _bare(re.sub(r"(?:\s*[;,]\s*)*;[\s;,]*", "; ", " ".join("".join(kept).split())))


def _note(shown: str, normalised: str, notes: Sequence[Found], mentions: Sequence[str]) -> Sorted:
    if notes:
        best = min(notes, key=_rank)
        kind = next(kind for kind in KINDS if kind == best.meaning.kind)
        return Sorted(shown, normalised, kind, reason=_reason(best))
    if "lead-reversal" in mentions or "artifact" in mentions:
        return Sorted(shown, normalised, "technical", reason="A technical note: it tells of the recording.")
    return Sorted(shown, normalised, "unknown", reason="It names no finding that is known here.")


def _rank(note: Found) -> tuple[bool, bool, bool, bool, int]:
    """What tells the kind: a comparison, what is more than a hint, more than "unknown", then of more than one word."""
    said = note.meaning
    hint = said.scope == "hint"
    return hint, said.kind != "comparison", said.kind == "unknown", note.after - note.first == 1, note.first


def _reason(found: Found) -> str:
    label = _LABELS.get(found.meaning.kind, "")
    return f"{label}: it {found.meaning.reason}." if label else f"It {found.meaning.reason}."


def _name(code: str) -> str:
    return VOCABULARY[code].english if code in VOCABULARY else "a finding"


def _bare(text: str) -> str:
    return text.strip(" \t.,;:!*-_#=~|/\\<>\"'`").strip()
