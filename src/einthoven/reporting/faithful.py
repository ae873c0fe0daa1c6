"""Whether a reworded sentence says what the statements of a draft say, and no more.

Two locks. Its words: each stands in the sentences that it rewords, in a wording that the vocabulary has for the same
codes, or among a few that say nothing (`tables/plain_words.csv`); so no number, side, degree or name can come in. And
what it says when it is read back (`statements.parse`): the same codes as those sentences, each as sure as there.
"""

from __future__ import annotations

import csv
import pkgutil
import re
from collections.abc import Sequence
from functools import cache

from einthoven.statements import Finding, Language, wordings
from einthoven.statements.parse import Parsed, Stated, parse_report
from einthoven.statements.parse.normalise import tokens

_Claim = tuple[str, str, str, str]
LONGEST = 300
"""Characters of a sentence."""
_LETTERS = re.compile(r"[^\W_]|[ .,;:()/'’°–-]")
STAYS = frozenset({"otherwise", "sonst", "ubrigen"})
"""Words that make less of a statement and may not go missing."""
NOT = frozenset({"no", "not", "without", "kein", "keine", "keinen", "keiner", "nicht", "ohne"})


def addition(text: str, originals: Sequence[tuple[Finding, str]], language: Language) -> str | None:
    """What a sentence adds to those that it rewords, or how it turns them; None where it says the same.

    >>> old = [(Finding("CRBBB"), "Complete right bundle branch block.")]
    >>> addition("There is a complete right bundle branch block.", old, "en")
    >>> addition("There is a complete left bundle branch block.", old, "en")
    "it has the word 'left', which none of its statements has"
    >>> addition("No complete right bundle branch block.", old, "en")
    "it has the word 'no', which none of its statements has"
    """
    if text == " ".join(sentence for _, sentence in originals):
        return None
    if len(text) > LONGEST:
        return f"it has more than {LONGEST} characters"
    strange = next((letter for letter in text if not _LETTERS.fullmatch(letter)), None)
    if strange is not None:
        return f"it has the character U+{ord(strange):04X}"
    said, own = _words(text), {word for _, sentence in originals for word in _words(sentence)}
    allowed = own | _plain(language) | {word for finding, _ in originals for word in _of_code(finding, language)}
    new = next((word for word in said if word not in allowed or (word in NOT and word not in own)), None)
    if new is not None:
        return f"it has the word '{new}', which none of its statements has"
    gone = next((word for word in own if word in STAYS and word not in said), None)
    if gone is not None:
        return f"it leaves out the word '{gone}'"
    return _turned(parse_report(text), [parse_report(sentence) for _, sentence in originals], originals)


def _turned(read: Parsed, old: Sequence[Parsed], originals: Sequence[tuple[Finding, str]]) -> str | None:
    """What is read back and was not said, or the reverse; words that cannot be read are known by the first lock."""
    before = [{_claim(one) for one in parsed.statements} for parsed in old]
    own = [_own(finding) for finding, _ in originals]
    now = {_claim(one) for one in read.statements}
    new = now - {claim for claims in before for claim in claims} - set(own)
    if new:
        code, *how = min(new)
        return f"read back, it says {code} ({', '.join(filter(None, how))}), and its statements do not"
    for said, claim in zip(before, own, strict=True):
        if claim not in now and not (said and said <= now):
            return f"read back, it does not say {claim[0]} ({claim[1]}), which it names"
    mentions = set(read.mentions) - {mention for parsed in old for mention in parsed.mentions}
    return f"read back, it speaks of {min(mentions)}" if mentions else None


def _own(finding: Finding) -> _Claim:
    return (finding.code, finding.polarity, "", "")


def _claim(one: Stated) -> _Claim:
    return (one.code, one.polarity, one.severity, "likely" if one.likely else "")


def _words(text: str) -> list[str]:
    """Words and numbers, folded."""
    return [token.form for token in tokens(text) if token.form[0].isalnum()]


def _of_code(finding: Finding, language: Language) -> set[str]:
    return {word for wording in wordings(finding.code, language) for word in _words(wording)}


@cache
def _plain(language: Language) -> frozenset[str]:
    data = pkgutil.get_data("einthoven.reporting", "tables/plain_words.csv")
    if data is None:
        raise FileNotFoundError("einthoven/reporting/tables/plain_words.csv")
    rows = {row["language"]: row["words"] for row in csv.DictReader(data.decode("utf-8").splitlines())}
    return frozenset(_words(rows[language]))
