"""A draft for the terminal, in its language."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from einthoven.ecg.measured import MEASURED_WORDS
from einthoven.reporting.draft import (
    SHOWN,
    Draft,
    DraftStatement,
    MeasurementEvidence,
    Quoted,
    key_values,
    percent,
    reason,
)
from einthoven.reporting.parts.words import words
from einthoven.reporting.reasons import in_language
from einthoven.retrieval import Neighbour
from einthoven.retrieval.guarantee import Verdict
from einthoven.statements import VOCABULARY, Language

if TYPE_CHECKING:
    from einthoven.reporting.refine import Refined


@dataclass(frozen=True)
class Terms:
    """What the terminal says otherwise than the page (`parts.words`)."""

    because: str
    measured: str
    not_measured: str
    rests: str
    look: str
    similar: str
    recorded: str
    its_report: str
    left_out: str
    confidence: str
    bare_vote: str
    critical: str
    guarantee: Mapping[Verdict, str]
    no_age: str
    no_sex: str


TERMS: Mapping[Language, Terms] = {
    "en": Terms(
        because="because",
        measured="Measured",
        not_measured="not measured",
        rests="Each statement rests on",
        look="What such findings look like",
        similar="Most similar ECGs in {}",
        recorded="Recorded",
        its_report="its report",
        left_out="passages on that patient alone left out: {}",
        confidence="confidence",
        bare_vote="bare vote",
        critical="critical finding",
        guarantee={
            "kept": "within the guaranteed level of false calls",
            "open": "not sure enough for the guaranteed level of false calls",
            "none": "no guarantee: too few patients with it in calibration",
        },
        no_age="age ?",
        no_sex="sex ?",
    ),
    "de": Terms(
        because="weil",
        measured="Gemessen",
        not_measured="nicht gemessen",
        rests="Worauf jede Aussage beruht",
        look="Wie solche Befunde aussehen",
        similar="Ähnlichste EKGs in {}",
        recorded="Aufgezeichnet",
        its_report="sein Befund",
        left_out="Stellen nur zu jenem Patienten weggelassen: {}",
        confidence="Konfidenz",
        bare_vote="bloße Stimmen",
        critical="kritischer Befund",
        guarantee={
            "kept": "innerhalb des zugesicherten Anteils falscher Aussagen",
            "open": "nicht sicher genug für den zugesicherten Anteil falscher Aussagen",
            "none": "ohne Zusicherung: zu wenige Patienten damit bei der Kalibrierung",
        },
        no_age="Alter ?",
        no_sex="Geschlecht ?",
    ),
}


def lines(draft: Draft) -> Iterator[str]:
    """Outcome and reasons, text, measurements, what each statement rests on, neighbours, notices, disclaimer."""
    terms, say = TERMS[draft.language], words(draft.language)
    yield say.outcomes[draft.outcome]
    yield from (f"  {terms.because}: {one}" for one in draft.reasons)
    yield ""
    if draft.quoted:
        yield draft.quoted.heading if draft.language == "en" else _german_heading(draft.quoted)
    if draft.report:
        yield from (draft.report, "")
    if draft.refined:
        yield from (*(draft.refined.lines() if draft.language == "en" else _german_refined(draft.refined)), "")
    if draft.recorded:
        yield from (f"{terms.recorded} {draft.recorded.isoformat(' ')}", "")
    yield from (terms.measured, *_measured(draft, terms), "")
    if draft.statements:
        yield terms.rests
        for statement in draft.statements:
            yield from _explained(draft, statement, terms)
        codes = " ".join(one.code for one in draft.statements)
        own = f" --knowledge {shlex.quote(draft.knowledge)}" if draft.knowledge else ""
        yield from ("", terms.look, f"  einthoven describe {codes}{own}", "")
    if draft.neighbours:
        yield terms.similar.format(draft.archive["name"])
        told = {one.record: one for one in draft.neighbour_reports}
        for near in draft.neighbours[:SHOWN]:
            yield f"  {near.similarity:.3f}  {near.record}  {_person(near, draft)}  {', '.join(near.codes)}"
            if one := told.get(near.record):
                gone = f" ({terms.left_out.format(one.removed)})" if one.removed else ""
                yield f'         {terms.its_report}: "{one.text}"{gone}'
        yield ""
    if draft.notices:
        yield from (say.notices, *(f"  {in_language(notice, draft.language)}" for notice in draft.notices), "")
    yield say.disclaimer if draft.language != "en" else draft.disclaimer


def _german_heading(quoted: Quoted) -> str:
    whose = f"des ähnlichsten EKGs, {quoted.record}, von einem anderen Patienten"
    if quoted.written:
        return f"Die codierten Aussagen {whose}, denn einen Text davon gibt es hier nicht"
    cut = sum(quoted.removed.values())
    gone = f"; {TERMS['de'].left_out.format(cut)}" if cut else ""
    return f"Befund {whose}, wie er dasteht{gone}"


def _german_refined(refined: Refined) -> Iterator[str]:
    say = words("de")
    yield from (say.reworded.format(refined.model), f"  {refined.text}")
    yield from (f"    {mark} {text}" for mark, text in refined.diff())
    if refined.restored:
        yield f"  {say.put_back.format(', '.join(refined.restored))}"
    if refined.additions:
        yield f"  {say.additions.format(len(refined.additions))}"


def _explained(draft: Draft, statement: DraftStatement, terms: Terms) -> list[str]:
    say = words(draft.language)
    polarity = say.polarity[statement.polarity]
    head = f"  {statement.text} [{statement.code}] {polarity}{_sure(draft, statement, terms)}"
    head += f", {terms.guarantee[statement.guarantee]}" if statement.guarantee else ""
    mark = f"  ! {terms.critical}" if VOCABULARY[statement.code].critical else ""
    proof = ", ".join(_proof(one, draft) if isinstance(one, MeasurementEvidence) else str(one)
                      for one in statement.evidence)  # fmt: skip
    return [head + mark, f"      {say.votes.format(statement.votes, draft.k)}; {proof}"]


def _proof(one: MeasurementEvidence, draft: Draft) -> str:
    say = words(draft.language)
    if say.language == "en":
        return str(one)
    return f"{say.measurements[one.measurement]} {_value(one.value, one.unit, draft)}"


def _sure(draft: Draft, statement: DraftStatement, terms: Terms) -> str:
    """How sure a statement is; nothing of another patient's report, where 1 vote of 1 is no probability."""
    if draft.quoted:
        return ""
    shown = percent(statement.confidence)
    shown = shown if draft.language == "en" else shown.replace("%", " %")
    return f", {terms.confidence if draft.archive['calibrated'] else terms.bare_vote} {shown}"


def _measured(draft: Draft, terms: Terms) -> list[str]:
    """A line a measurement; a cause that holds for several is said once, after the first."""
    names = MEASURED_WORDS if draft.language == "en" else words(draft.language).measurements
    width = max(17, *(len(names[name]) for name, _, _ in key_values(draft.measurements)))
    found, said = [], set()
    for name, value, unit in key_values(draft.measurements):
        why = reason(draft.measurements, name)
        if value is not None:
            found.append(f"  {names[name]:<{width}} {_value(value, unit, draft)}")
        elif why not in said:
            found.append(
                f"  {names[name]:<{width}} {terms.not_measured}"
                + (f": {in_language(why, draft.language)}" if why else "")
            )
            said.add(why)
    return found


def _value(value: float, unit: str, draft: Draft) -> str:
    unit = words(draft.language).units.get(unit, unit)
    return f"{value:.0f}{' ' if unit.isalpha() else ''}{unit}"


def _person(near: Neighbour, draft: Draft) -> str:
    terms, say = TERMS[draft.language], words(draft.language)
    age = terms.no_age if near.age is None else say.years.format(f"{near.age:.0f}")
    return f"{age}, {say.sexes.get(near.sex, near.sex) if near.sex else terms.no_sex}"
