"""Findings that may not be called absent over what was measured, or over what the file itself states.

Similar ECGs and the head know how PTB-XL's reports use a word, and reports name ST elevation, a long QT or a long PR
far less often than they are there: their silence denies nothing that can be read off the paper. Nor does it deny
what a device, or whoever read the ECG before, wrote into the file. No pacemaker is denied at all (`LEAVES_NO_TRACE`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from einthoven.answering.chances import OF_EXTRA, codes_of
from einthoven.answering.meaning import NO, YES, Meaning, plain
from einthoven.answering.normal import tall
from einthoven.answering.view import View
from einthoven.datasets.ecg_qa.tables import names
from einthoven.reporting.limits import lowered, raised, shown
from einthoven.statements import VOCABULARY

SHORT_OF = {"STE_": 0.05, "STD_": 0.02}
"""mV that ST may fall short of its limit and is still not called absent. With them 24 and 14 of 250 ECGs with NORM of
PTB-XL's folds 1-8 are left open, and so are 8 of the 22 with STE_ and 46 of 60 with STD_."""
LONG_PR = 200.0
LONG_QTC = {"female": 460.0}
LONG_QTC_OTHERS = 450.0
"""ms from which on QTc (Fridericia) is long: AHA/ACC/HRS 2009, part IV. The lower one where the sex is not known."""
QT = ("qt interval", "qt corrected")
LEAVES_NO_TRACE = frozenset({"PACE"})
NO_TRACE = (
    "Similar ECGs alone do not rule out a pacemaker: most recordings hardly show its spikes, and one that only waits "
    "leaves no trace."
)
"""What may be there and is never denied. The encoder sees ECGs at 100 Hz: of the 8 with pacing among LUDB's first 100
similar ECGs would deny 4, with 98% and more. Spikes in the median beat (`measurement.spikes`) are no help: they stand
in the 6 of them with unipolar pacing or P-synchrony, not in the other 2, and in 8 of some 170 from elsewhere without
such a statement."""


def not_absent(meaning: Meaning, best: Sequence[str], views: Sequence[View]) -> dict[str, tuple[str, ...]]:
    """Names that an answer would call absent although something speaks for them, each with what does.

    Of two ECGs the later one counts, and of what is new or kept also whether the first one shows the same. ST that
    deviates keeps ischaemia and infarcts from being denied where they are asked for; a list does not name all of them.
    """
    found: dict[str, tuple[str, ...]] = {}
    listed = meaning.verb == "query"
    for name in (*_denied(meaning, best), *_called_normal(meaning, best)):
        codes = codes_of(meaning, name) or _of_level(meaning, name) or _of_marks(meaning, name)
        said = _speaks_for(codes, views[-1], listed)
        if said and len(views) > 1 and meaning.change in ("new", "kept"):
            said = said if bool(_speaks_for(codes, views[0], listed)) == (meaning.change == "kept") else ()
        if said:
            found[name] = said
    return found


def reasons_of(found: Mapping[str, tuple[str, ...]]) -> list[str]:
    """What speaks for the names, each once."""
    return list(dict.fromkeys(reason for said in found.values() for reason in said))


def _denied(meaning: Meaning, best: Sequence[str]) -> Sequence[str]:
    if meaning.verb in ("verify", "any"):
        says_no = [plain(one) for one in best] == [NO if meaning.change in ("", "new", "kept") else YES]
        return (meaning.names or ("",)) if says_no else ()
    return [name for name in meaning.names if name not in best] if not meaning.pair else ()


def _called_normal(meaning: Meaning, best: Sequence[str]) -> Sequence[str]:
    """What an answer says by calling a value normal or short: it denies that the value, or the level, is high."""
    above = names("level")["above"]
    if meaning.about == "level-of-feature":
        asked = meaning.verb in ("verify", "any") and above not in meaning.names and meaning.change != "gone"
        return (above,) if asked and [plain(one) for one in best] == [YES] else ()
    return list(best) if meaning.about == "features-at-level" and meaning.place != above else ()


def _of_level(meaning: Meaning, name: str) -> Sequence[str]:
    """A QT that is asked of as it was measured is not called normal or short where it is long for the heart rate."""
    if meaning.about == "level-of-feature":
        return ("LNGQT",) if meaning.place in QT and name == names("level")["above"] else ()
    return ("LNGQT",) if meaning.about in ("features-at-level", "outside") and name in QT else ()


def _of_marks(meaning: Meaning, name: str) -> Sequence[str]:
    """What a file may state of extra beats, or of an infarct of any stage; the name is empty for any extra beats."""
    if meaning.about == "extra":
        kinds = {called: kind for kind, called in names("extra").items()}
        return OF_EXTRA[kinds.get(name, "ES")]
    of_infarct = meaning.about in ("stage", "every-stage") and name != names("stage")["none"]
    return [code for code in VOCABULARY if VOCABULARY[code].superclass == "MI"] if of_infarct else ()


def _speaks_for(codes: Sequence[str], view: View, listed: bool) -> tuple[str, ...]:
    rules = [rule for rule, of in (_RULES if listed else (*_RULES, *_CAUSES)) if of & set(codes)]
    measured = [said for rule in rules for said in rule(view)]
    stated = [one.quote for one in view.stated if one.codes & set(codes)]
    unseen = [NO_TRACE] if not listed and set(codes) == LEAVES_NO_TRACE else []
    return (*measured, *([f"The file's own statements say: {'; '.join(stated)}."] if stated else []), *unseen)


def _raised(view: View) -> Sequence[str]:
    pair, near = (raised(view.measured, view.patient, short) for short in (0.0, SHORT_OF["STE_"]))
    return _st(view, "elevation", pair, near)


def _lowered(view: View) -> Sequence[str]:
    pair, near = (lowered(view.measured, short) for short in (0.0, SHORT_OF["STD_"]))
    return _st(view, "depression", pair, near)


def _st(view: View, name: str, pair: tuple[str, str] | None, near: tuple[str, str] | None) -> Sequence[str]:
    if pair is None and near is None:
        return ()
    where = "beyond" if pair else "near"
    return [f"The measured ST {name} in {shown(view.measured, pair or near or ('', ''))} is {where} the limits."]


def _deviates(view: View) -> Sequence[str]:
    return _infarct(view) or _st(view, "depression", lowered(view.measured), None)


def _infarct(view: View) -> Sequence[str]:
    return _st(view, "elevation", raised(view.measured, view.patient), None)


def _long_pr(view: View) -> Sequence[str]:
    pr = view.measured.pr
    return [f"The measured PR of {pr:.0f} ms is long."] if pr is not None and pr >= LONG_PR else ()


def _long_qt(view: View) -> Sequence[str]:
    qtc = view.measured.qtc.get("fridericia")
    limit = LONG_QTC.get(view.patient.sex or "", LONG_QTC_OTHERS)
    return [f"The measured QTc (Fridericia) of {qtc:.0f} ms is long."] if qtc is not None and qtc >= limit else ()


_RULES: tuple[tuple[Callable[[View], Sequence[str]], frozenset[str]], ...] = (
    (_raised, frozenset({"STE_"})),
    (_lowered, frozenset({"STD_"})),
    (_long_pr, frozenset({"1AVB", "LPR"})),
    (_long_qt, frozenset({"LNGQT"})),
    (tall, frozenset({"LVH", "VCLVH"})),
)
_CAUSES: tuple[tuple[Callable[[View], Sequence[str]], frozenset[str]], ...] = (
    (_deviates, frozenset(code for code in VOCABULARY if code.startswith(("INJ", "ISC")))),
    (_infarct, frozenset(code for code in VOCABULARY if VOCABULARY[code].superclass == "MI")),
)
