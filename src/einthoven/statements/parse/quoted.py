"""SCP codes that a text quotes itself: after "Edit:", and in brackets, as in "(ASMI 15, IMI 15)"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from einthoven.statements.parse.split import Word
from einthoven.statements.vocabulary import VOCABULARY

_ALSO = {"isc": "ISC_", "ivcb": "IVCD", "prc": "PRC(S)", "plmi": "IPLMI", "nst": "NST_", "std": "STD_", "ste": "STE_"}
"""Older spellings in reports of PTB-XL; the last ones lack the mark that no report writes."""

SHORTEST = 4
"""Letters of a code that is read outside brackets, where a short one may be a word."""


def quoted(words: Sequence[Word], in_edit: bool) -> tuple[list[Word], bool]:
    """The words with "code:IMI" for those that quote a code, and whether "Edit:" has been read."""
    found: list[Word] = []
    depth = 0
    for at, word in enumerate(words):
        if word.means == "edit":
            in_edit = True
        depth += {"(": 1, ")": -1}.get(word.means, 0)
        form = word.form
        code = _codes().get(form, "")
        if form == "avb" and found and found[-1].means in ("number:1", "number:2", "number:3"):
            code = f"{found.pop().means[-1]}AVB"
        split_word = at > 0 and words[at - 1].start == word.start
        if code and (in_edit or depth > 0 or (len(form) >= SHORTEST and not word.is_known)):
            if not split_word:
                found.append(Word(f"code:{code}", word.start, word.end, form=form))
        else:
            found.append(word)
    return found, in_edit


@cache
def _codes() -> dict[str, str]:
    known = {part.lower(): code for code in VOCABULARY for part in (code, *code.split("/")) if part.isalpha()}
    known |= {code.lower().rstrip("_"): code for code in VOCABULARY if code.endswith("_")}
    return known | _ALSO
