"""Answers to questions about an ECG: from a question's words to an answer with its evidence, or to "not sure"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from einthoven.answering.critical import OpenNames, denied, not_ruled_out, open_names
from einthoven.answering.decide import EXCLUSIVE, Judged, judge
from einthoven.answering.ground import Ground
from einthoven.answering.meaning import NONE, REGULARITY, UNSAID, Meaning, narrowed, plain
from einthoven.answering.normal import beside_normal, called_normal, not_normal
from einthoven.answering.passing import not_slow
from einthoven.answering.read import NotUnderstoodError, UntoldError, read_question
from einthoven.answering.regularity import judged as judged_regularity
from einthoven.answering.scales import Scales, shipped_scales
from einthoven.answering.undenied import not_absent, reasons_of
from einthoven.answering.unsaid import LEAVES_OPEN, leaning
from einthoven.answering.unsaid import judged as judged_unsaid
from einthoven.answering.values import UNITS, measured_ground, value_of, why_not
from einthoven.answering.view import View, see
from einthoven.ecg import ECG, UsageError
from einthoven.formats.text import clean
from einthoven.reporting import DISCLAIMER
from einthoven.reporting.compare.persons import days_between
from einthoven.reporting.draft import percent
from einthoven.reporting.given import check_archive, check_ecgs
from einthoven.reporting.limits import st_deviation
from einthoven.reporting.look import look
from einthoven.reporting.neighbour_reports import neighbour_reports
from einthoven.retrieval import Archive

SURE = 0.8
"""Probability of being right from which on an answer is given; see `docs/ask.md` for what that came to."""
OTHER_WAY = (
    "By their dates the second ECG is the older one: what is called new may be gone, and what is called gone new."
)
SHOWN_GROUNDS = 6
SHOWN_REPORTS = 3
BY_SIGNAL = ("noise", "noise-in-lead", "leads-of-noise")
BY_MEASURE = ("value", "level-of-feature", "features-at-level", "outside", "axis", UNSAID, REGULARITY)
READABLE = (
    "a finding (Is there atrial fibrillation?), a choice (Is it atrial fibrillation or atrial flutter?)",
    "lists (What is the rhythm? What does the ECG show? Which diagnoses are there?)",
    "measured values (What is the heart rate? Is the PR interval prolonged?), the heart axis, regularity",
    "ventricular tachycardia, fibrillation, torsades, asystole, pauses: by measurement, never denied by silence",
    "interference (Is there static noise in lead V1?), extrasystoles, the stage of an infarct",
    "with a second ECG, changes (What has changed? Has atrial fibrillation appeared? Is it gone?)",
    "in English or German",
)

Outcome = Literal["answer", "not sure", "not understood"]


@dataclass(frozen=True)
class Answer:
    """What is answered, and what it rests on.

    Args:
        question: as it was put. outcome: only an "answer" has `answers` or a `value`.
        answers: names among `options`, or yes or no.
        open_names: of a list, names that are neither sure to be there nor sure not to be, with their probability;
            critical ones from the archive's calibrated bound on.
        leaning: what would be answered, if it had to be; None where nothing is known.
        confidence: probability that `leaning` is right as a whole.
        value, unit: of a measured value.
        grounds: what it rests on. reasons: why it is not sure or not understood, and what asks for caution.
        by: "archive", "measurement", "signal quality", or the name of a language model.
    """

    question: str
    outcome: Outcome
    answers: tuple[str, ...] = ()
    open_names: tuple[tuple[str, float], ...] = ()
    leaning: tuple[str, ...] | None = None
    confidence: float | None = None
    value: float | None = None
    unit: str = ""
    options: tuple[str, ...] = ()
    grounds: tuple[Ground, ...] = ()
    reasons: tuple[str, ...] = ()
    by: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `einthoven ask --json`."""
        return {
            "question": self.question,
            "outcome": self.outcome,
            "answers": list(self.answers),
            "open": [{"name": name, "probability": round(chance, 3)} for name, chance in self.open_names],
            "leaning": None if self.leaning is None else list(self.leaning),
            "confidence": None if self.confidence is None else round(self.confidence, 3),
            "value": None if self.value is None else round(self.value, 1),
            "unit": self.unit or None,
            "options": list(self.options),
            "evidence": [ground.to_dict() for ground in self.grounds],
            "reasons": list(self.reasons),
            "by": self.by,
            "disclaimer": DISCLAIMER,
        }

    def __str__(self) -> str:
        lines = [f"question   {self.question}", f"answer     {self._said}"]
        lines += [f"evidence   {ground.text}" for ground in self.grounds[:SHOWN_GROUNDS]]
        lines += [f"because    {reason}" for reason in self.reasons]
        return "\n".join([*lines, f"by         {self.by}", DISCLAIMER] if self.by else [*lines, DISCLAIMER])

    @property
    def _said(self) -> str:
        if self.outcome == "not understood":
            return "NOT UNDERSTOOD"
        if self.value is not None:
            return f"{self.value:.0f} {self.unit}"
        sure = "" if self.confidence is None else f" ({percent(self.confidence)})"
        if self.outcome == "not sure":
            return f"NOT SURE; leaning to: {', '.join(self.leaning)}{sure}" if self.leaning else "NOT SURE"
        left = ", ".join(f"{name} ({percent(chance)})" for name, chance in self.open_names)
        return f"{', '.join(self.answers)}{f'; not sure of: {left}' if left else sure}"


def answer(
    ecg: ECG,
    question: str,
    archive: Archive,
    options: Sequence[str] = (),
    second: ECG | None = None,
    sure: float = SURE,
) -> Answer:
    """Answers a question about an ECG, in English or German, without a language model.

    Args:
        options: the answers that may be given; an answer outside them never comes.
        second: for questions about two ECGs, the later one, or that of another patient.
        sure: probability from which on an answer is given, and not "not sure".

    Raises:
        UsageError: options that are no answers to the question; a question about two ECGs with one, or the reverse.
        CollectionError: the archive is empty or not fully embedded.
    """
    check_ecgs(ecg, *([] if second is None else [second]))
    check_archive(archive)
    if not isinstance(question, str):
        raise UsageError(f"A question is needed, not a {type(question).__name__}.", "Ask it in words.")
    if isinstance(options, str):
        raise UsageError("Options are given in a list.", "Pass [option], not option.")
    asked = clean(question, 400)
    try:
        meaning = read_question(question, options)
    except UntoldError as fault:
        return untold_answer(asked, fault, ecg)
    except NotUnderstoodError as fault:
        return Answer(asked, "not understood", reasons=(fault.why, f"It can be asked for: {'; '.join(READABLE)}."))
    if options:
        meaning = narrowed(meaning, tuple(options))
    if meaning.pair != (second is not None):
        raise UsageError(
            "The question compares two ECGs." if meaning.pair else "The question is about one ECG.",
            "Name the later one with --with FILE." if meaning.pair else "Ask it without --with.",
        )
    views = [see(one, archive) for one in (ecg, second) if one is not None]
    allowed = tuple(options) if options else meaning.options
    found = answer_of(meaning, views, allowed, sure)
    apart = None if second is None else days_between(second.time, ecg.time)
    if apart is not None and apart < 0:
        found = replace(found, reasons=(OTHER_WAY, *found.reasons))
    return replace(found, question=asked, grounds=_with_reports(found, meaning, views[-1], archive))


def untold_answer(question: str, fault: UntoldError, ecg: ECG) -> Answer:
    """What is said of a question that nothing here can answer; where an acute infarct is asked of, its sign."""
    sign = st_deviation(look(ecg).measured, ecg.patient) if fault.key == "acute" else None
    signs = [f"{sign[0].upper()}{sign[1:]}."] if sign else []
    return Answer(question, "not sure", reasons=(*signs, fault.why, f"Ask instead: {' '.join(fault.ask)}"))


def _with_reports(found: Answer, meaning: Meaning, view: View, archive: Archive) -> tuple[Ground, ...]:
    """What it rests on, and what the kept reports of the nearest ECGs say: what has no code may be named there."""
    if view.unfit or view.far or not (found.by == "archive" or meaning.about == UNSAID):
        return found.grounds
    told = [
        Ground(f"report of {one.record}, another patient's: {one}", (one.record,))
        for one in neighbour_reports(archive, view.found.neighbours, SHOWN_REPORTS)
    ]
    first = max(1, SHOWN_GROUNDS - len(told))
    return (*found.grounds[:first], *told, *found.grounds[first:])


def answer_of(
    meaning: Meaning, views: Sequence[View], allowed: Sequence[str], sure: float = SURE, scales: Scales | None = None
) -> Answer:
    """The answer to what was read; `question` is left empty.

    Args:
        allowed: the options, as whoever asks spells them.
    """
    by = "signal quality" if meaning.about in BY_SIGNAL else "measurement" if meaning.about in BY_MEASURE else "archive"
    cautions = tuple(dict.fromkeys(one for view in views for one in view.cautions)) if by != "signal quality" else ()
    refused = _refused(views, by)
    if meaning.verb == "value":
        return _value(meaning.place, views[0], refused, cautions)
    if meaning.about in (UNSAID, REGULARITY):
        return _by_rule(meaning, views[0], allowed, refused, cautions)
    judged = judge(meaning, views, scales or shipped_scales())
    base = Answer(
        "", "not sure", (), (), judged.best or None, judged.confidence, None, "", tuple(allowed), judged.tell(), (), by
    )
    if refused:
        return replace(base, leaning=None, confidence=None, reasons=refused)
    if not judged.best:
        reasons = tuple(ground.text for ground in base.grounds) or ("Nothing is known of what is asked.",)
        return replace(base, confidence=None, reasons=reasons)
    spelled = {plain(one): one for one in allowed}
    if meaning.verb == "query" and meaning.about not in EXCLUSIVE:
        nothing = denied(meaning, judged.best, views, sure)
        unbound = not_ruled_out(nothing, views[-1]) if views[-1].critical is None else []
        left = open_names(meaning, judged, views, sure)
        said = [name for name, chance in judged.chances.items() if chance >= sure and name not in dict(left)]
        against = not_normal(meaning, said, views[-1])
        if against:
            left += tuple((name, judged.chances[name]) for name in called_normal(meaning, said))
        kept = {name: why for name, why in not_absent(meaning, said, views).items() if name not in dict(left)}
        left += tuple((name, judged.chances[name]) for name in kept)
        beside = beside_normal(meaning, said, views[-1])
        reasons = tuple(dict.fromkeys((*unbound, *against, *reasons_of(kept), *beside, *cautions)))
        if kept and set(judged.best) <= {NONE}:  # what speaks for a name is no reason to lean to none
            base = replace(base, leaning=None, confidence=None)
        return _listed(base, judged, left, spelled, sure, reasons, bool(unbound))
    if short := not_slow(meaning, judged.best, views[0]):
        return replace(base, leaning=None, confidence=None, reasons=(*short, *cautions))
    if against := reasons_of(not_absent(meaning, judged.best, views)):
        return replace(base, leaning=None, confidence=None, reasons=tuple(dict.fromkeys((*against, *cautions))))
    reasons = _unsure(meaning, judged, views, spelled, sure)
    if reasons and judged.premise < 0.5:  # what would follow from what is not so is no leaning
        return replace(base, leaning=None, confidence=None, reasons=(*reasons, *cautions))
    if reasons:
        return replace(base, reasons=(*reasons, *cautions))
    said = tuple(spelled[plain(one)] for one in judged.best)
    reasons = tuple(dict.fromkeys((*beside_normal(meaning, judged.best, views[-1]), *cautions)))
    return replace(base, outcome="answer", answers=said, leaning=said, reasons=reasons)


def _refused(views: Sequence[View], by: str) -> tuple[str, ...]:
    if by == "signal quality":
        return ()
    unfit = [reason for view in views for reason in view.unfit]
    return tuple(dict.fromkeys(unfit + ([reason for view in views for reason in view.far] if by == "archive" else [])))


def _value(feature: str, view: View, refused: tuple[str, ...], cautions: tuple[str, ...]) -> Answer:
    value = value_of(view, feature)
    if refused or value is None:
        return Answer("", "not sure", reasons=refused or (why_not(view, feature),), by="measurement")
    ground = measured_ground(view, feature)
    return Answer("", "answer", value=value, unit=UNITS[feature], grounds=(ground,), reasons=cautions, by="measurement")


def _by_rule(
    meaning: Meaning, view: View, allowed: Sequence[str], refused: tuple[str, ...], cautions: tuple[str, ...]
) -> Answer:
    unsaid = meaning.about == UNSAID
    said, grounds, reasons = judged_unsaid(meaning, view) if unsaid else judged_regularity(meaning, view)
    base = Answer("", "not sure", options=tuple(allowed), grounds=grounds, by="measurement")
    told = {ground.text for ground in grounds}
    reasons = (*reasons, *(one for one in cautions if one not in told))
    if refused:  # what looks like noise or like nothing may be fibrillation or asystole
        return replace(base, reasons=(*refused, LEAVES_OPEN) if unsaid else refused)
    spelled = {plain(one): one for one in allowed}
    if said in spelled:
        answers = (spelled[said],)
        return replace(base, outcome="answer", answers=answers, leaning=answers, reasons=reasons)
    if said:
        reasons = (f"What seems right ({said}) is not among the options.", *reasons)
    return replace(base, leaning=leaning(said, allowed), reasons=reasons)


def _listed(
    base: Answer,
    judged: Judged,
    left: OpenNames,
    spelled: dict[str, str],
    sure: float,
    cautions: tuple[str, ...],
    unbound: bool,
) -> Answer:
    """A list: what is sure to be there is answered, and what is in between is told apart.

    Args:
        unbound: whether "none" would deny critical findings without a calibrated bound.
    """
    free = {name: chance for name, chance in judged.chances.items() if name not in dict(left)}
    there = [name for name, chance in free.items() if chance >= sure and plain(name) in spelled]
    outside = any(chance >= sure and plain(name) not in spelled for name, chance in free.items())
    if not there and (left or outside or NONE not in spelled or unbound or judged.confidence < sure):
        why = "No name is sure enough to be there." if left else "None of the options seems right."
        if not left and NONE in spelled and not outside and judged.confidence < sure:
            why = f"That none is right has probability {judged.confidence:.0%}; {sure:.0%} is asked for."
        return replace(base, open_names=left, reasons=(why, *cautions))
    said = tuple(spelled[plain(name)] for name in there) or (spelled[NONE],)
    return replace(base, outcome="answer", answers=said, open_names=left, reasons=cautions)


def _unsure(
    meaning: Meaning, judged: Judged, views: Sequence[View], spelled: dict[str, str], sure: float
) -> tuple[str, ...]:
    reasons = []
    if strange := [one for one in judged.best if plain(one) not in spelled]:
        reasons.append(f"What seems right ({', '.join(strange)}) is not among the options.")
    if judged.premise < sure:
        reasons.append(f"What the question takes for granted of the first ECG has probability {judged.premise:.0%}.")
    elif judged.confidence < sure:
        reasons.append(f"The probability of being right is {judged.confidence:.0%}; {sure:.0%} is asked for.")
    if not reasons:
        reasons += not_ruled_out(denied(meaning, judged.best, views, sure), views[-1])
        reasons += not_normal(meaning, judged.best, views[-1])
    return tuple(reasons)
