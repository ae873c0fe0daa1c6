"""From one ECG and an archive to a draft report in which every statement shows what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from einthoven.ecg import ECG, Patient, UsageError
from einthoven.formats.text import clean
from einthoven.measurement import Measurements
from einthoven.quality import Quality
from einthoven.reporting.broad import broad_tachycardia
from einthoven.reporting.checks import contradiction, passing_doubts, supporting
from einthoven.reporting.compared import device_doubt
from einthoven.reporting.draft import SHOWN, Draft, DraftStatement, NeighbourEvidence
from einthoven.reporting.given import check_archive, check_ecgs
from einthoven.reporting.look import Look, look, own_doubts
from einthoven.reporting.neighbour_reports import neighbour_reports
from einthoven.reporting.outcomes import Outcome, Polarity
from einthoven.reporting.reasons import in_language
from einthoven.reporting.unaccounted import unaccounted
from einthoven.retrieval import FEWEST_PATIENTS, NEIGHBOURS, POSSIBLE, Archive, Calibration, Evidence, Neighbour
from einthoven.retrieval.guarantee import Verdict
from einthoven.retrieval.kept import unnamed
from einthoven.statements import VOCABULARY, Finding, Language, overall, write_report
from einthoven.statements.term import check_language

Method = Literal["weighed", "nearest"]
METHODS: tuple[Method, ...] = get_args(Method)
PRESENT = 0.5
SHOWN_EVIDENCE = 5
MOST_MISSING = 2  # leads; confidences were learned with all twelve
SHORT_S = 5.0


@dataclass(frozen=True)
class _Candidate:
    code: str
    confidence: float
    neighbours: tuple[Neighbour, ...]

    @property
    def polarity(self) -> Polarity | None:
        if self.confidence >= PRESENT:
            return "present"
        return "possible" if VOCABULARY[self.code].critical and self.confidence >= POSSIBLE else None


def report(
    ecg: ECG,
    archive: Archive,
    k: int | None = None,
    language: Language = "en",
    seen: Look | None = None,
    where: str | None = None,
    method: Method = "weighed",
) -> Draft:
    """Drafts a report for an ECG from the most similar ones of an archive.

    A statement is drafted when its calibrated confidence, from the votes of the k nearest ECGs of other
    patients and the model's statement head, is at least 0.5 (critical findings: 0.2, as "possible"), at least one
    of these ECGs carries it, and no measurement contradicts it. A critical finding always asks for caution, and so does
    one that is unlikely, but not as unlikely as the calibration needs it to be in order to keep those missed within
    its level (`retrieval.Guarantee`), and a draft that long intervals, raised ST, tall QRS complexes, or what
    the file itself states, speak against.

    Args:
        k: neighbours that vote; None takes the number that the archive was calibrated with.
        language: "en" or "de", of the report text and of the reasons.
        seen: what `look` gave for this ECG, if it is at hand.
        where: which ECGs may vote, such as "age>=60,sex=F" (`retrieval.Where`); nothing is calibrated for some of them.
        method: "nearest" gives the report of the one nearest ECG as it stands, as ECG-ReGen does (`nearest`), in
            place of what many agree on; never more than "caution".

    Returns:
        A `Draft` with outcome "draft", "caution" or "none", and the reasons.

    Raises:
        UsageError: no ECG or archive, k below 1, an unknown language or method, or a k beside "nearest".
        CollectionError: the archive is empty or not fully embedded.
    """
    check_language(language)
    check_ecgs(ecg)
    check_archive(archive)
    if k is not None and k < 1:
        raise UsageError(f"{k} neighbours cannot vote.", "Ask for at least 1.")
    if method not in METHODS or (method == "nearest" and k not in (None, 1)):
        raise UsageError(f"No draft is made by '{method}' with k = {k}.", "Use 'weighed', or 'nearest' without k.")
    k = 1 if method == "nearest" else k
    calibrated = archive.calibration is not None
    seen = seen or look(ecg)
    quality, measured = seen.quality, seen.measured
    notices = tuple(str(n) for n in (*ecg.notices, *archive.model.notices(ecg)))
    refused = refusals(ecg, quality)
    if refused:
        return _draft(ecg, "none", refused, (), "", measured, (), notices, archive, language, calibrated)
    calibration = archive.calibration
    found = archive.evidence(ecg, k or (calibration.k if calibration else NEIGHBOURS), where)
    calibrated = found.calibrated
    far = _too_far(found, archive, where)
    nothing = ((), "", measured, found.neighbours, notices, archive, language, calibrated)
    if far:
        fast = broad_tachycardia(measured, quality)
        return _draft(ecg, "none", [*([fast.text] if fast else []), *passing_doubts(measured), far], *nothing)
    few = _fewer(k, len(found.neighbours))
    own = own_doubts(seen, None)
    doubts = [*own, *_narrowed(where), *few, *_doubts(ecg, found, archive)]
    if method == "nearest":
        from einthoven.reporting.nearest import taken

        one = taken(ecg, found.neighbours[0], archive, seen, language)
        fast = broad_tachycardia(measured, quality, {s.code for s in one.statements})
        doubts = [*([fast.text] if fast else []), *doubts]
        if fast and fast.withheld:
            return _draft(ecg, "none", doubts, *nothing)
        if not one.text:
            lacks = "The nearest ECG has no report and no coded statement that could be taken over."
            rest = ("", measured, found.neighbours, notices, archive, language, False)
            return _draft(ecg, "none", [lacks, *doubts], (), *rest)
        known = (one.statements, one.text, measured, found.neighbours, notices, archive, language, False)
        drafted = _draft(ecg, "caution", [*one.doubts, *doubts], *known)
        return replace(drafted, quoted=one.quoted, neighbour_reports=())
    statements, conflicts = _statements(found, measured, ecg.patient, language, calibration if calibrated else None)
    doubts += conflicts
    stated = {s.code for s in statements}
    fast = broad_tachycardia(measured, quality, {s.code for s in statements if s.polarity == "present"})
    if fast:
        doubts.insert(0, fast.text)
        if fast.withheld:
            return _draft(ecg, "none", doubts, *nothing)
    doubts += unaccounted(stated, measured, ecg.patient, conflicts)
    if not statements:
        doubts.append("The nearest ECGs agree on no statement.")
        return _draft(ecg, "none", doubts, (), "", measured, found.neighbours, notices, archive, language, calibrated)
    differs = device_doubt(ecg.statements, stated)
    doubts += [differs] if differs else []
    doubts += [
        f"{'Critical' if s.polarity == 'present' else 'Possible critical'} finding: {s.text}."
        for s in statements
        if VOCABULARY[s.code].critical
    ]
    doubts += _not_ruled_out(found, calibration, stated, language) if calibration and calibrated else []
    text = write_report([Finding(s.code, s.polarity) for s in statements], language)
    outcome: Outcome = "caution" if doubts else "draft"
    return _draft(
        ecg, outcome, doubts, statements, text, measured, found.neighbours, notices, archive, language, calibrated
    )


def refusals(ecg: ECG, quality: Quality) -> list[str]:
    """Why nothing may be concluded from an ECG; empty for one that is fit."""
    refused = [finding.text for finding in quality.findings if finding.severe]
    flat = [lead for one in quality.findings if one.kind == "flat-leads" for lead in one.leads]
    if len(ecg.missing) > MOST_MISSING:
        refused.append(f"{len(ecg.missing)} of 12 leads are missing: the model invents findings where it sees nothing.")
    elif len(ecg.missing) + len(flat) > MOST_MISSING:
        empty = len(ecg.missing) + len(flat)
        refused.append(f"{empty} of 12 leads are missing or flat: the model invents findings where it sees nothing.")
    return refused


def _too_far(found: Evidence, archive: Archive, where: str | None) -> str | None:
    calibration = archive.calibration
    nearest = found.neighbours[0].similarity if found.neighbours else -1.0
    if not found.neighbours:
        asked = f" of those asked for ({clean(where, 200)})" if where else ""
        return f"The archive holds no ECG of another patient{asked}."
    if calibration and nearest < calibration.far:
        return (
            f"No ECG of the archive is close enough: the nearest has similarity {nearest:.4f}, "
            f"99% of the ECGs asked in calibration had one above {calibration.far:.4f}."
        )
    return None


def _narrowed(where: str | None) -> list[str]:
    if where is None:
        return []
    return [
        f"Only ECGs with {clean(where, 200)} could vote, for which nothing is calibrated: confidences are bare votes."
    ]


def _fewer(asked: int | None, there: int) -> list[str]:
    if asked is None or there >= asked:
        return []
    return [f"{asked} neighbours were asked for, and {there} may vote: the archive has no more."]


def _doubts(ecg: ECG, found: Evidence, archive: Archive) -> list[str]:
    doubts = []
    calibration = archive.calibration
    if calibration is None:
        doubts.append("The archive is not calibrated for its present ECGs: confidences are bare votes.")
    elif calibration.k != len(found.neighbours):
        doubts.append(
            f"The archive is calibrated for {calibration.k} neighbours, not {len(found.neighbours)}: "
            "confidences are bare votes."
        )
    elif found.neighbours[0].similarity < calibration.distant:
        doubts.append(
            f"The nearest ECG is unusually far (similarity {found.neighbours[0].similarity:.4f}; "
            f"95% of the ECGs asked in calibration had one above {calibration.distant:.4f})."
        )
    if archive.patients < FEWEST_PATIENTS:
        doubts.append(f"The archive holds {archive.holding}; {FEWEST_PATIENTS} patients are needed for a plain draft.")
    if archive.nameless:
        doubts.append(unnamed(archive.nameless))
    if ecg.seconds < SHORT_S:
        doubts.append(f"The recording lasts only {ecg.seconds:.1f} s.")
    if not ecg.calibrated:
        doubts.append("The gain is unknown: nothing that depends on voltage can be relied on.")
    return doubts


def _not_ruled_out(found: Evidence, calibration: Calibration, stated: set[str], language: Language) -> list[str]:
    """Why the level of missed critical findings is not kept by a plain draft; nothing where one is stated anyway."""
    promise = calibration.guarantee
    kept_to = f"critical findings that go unnoticed to {promise.critical_alpha:.0%}"
    if promise.critical is None:
        return [f"The archive was calibrated with too few patients to keep {kept_to}."]
    critical = [
        (float(confidence), code)
        for code, confidence in zip(found.codes, found.confidence, strict=True)
        if code in VOCABULARY and VOCABULARY[code].critical
    ]
    confidence, code = max(critical, default=(0.0, ""))
    # One of POSSIBLE or more is stated, or a doubt says why it is not.
    if not promise.critical <= confidence < POSSIBLE or any(VOCABULARY[one].critical for one in stated):
        return []
    return [
        f"Not ruled out, a critical finding: {VOCABULARY[code].text(language)} ({confidence:.1%}; "
        f"below {promise.critical:.1%} keeps {kept_to})."
    ]


def _statements(
    found: Evidence,
    measured: Measurements,
    patient: Patient,
    language: Language,
    calibration: Calibration | None,
) -> tuple[tuple[DraftStatement, ...], list[str]]:
    """The statements that stand, and why others that nearly did do not."""
    kept: list[DraftStatement] = []
    conflicts: list[str] = []
    for candidate in _candidates(found):
        polarity = candidate.polarity
        if polarity is None:
            continue
        term = VOCABULARY[candidate.code]
        wording = term.text(language)
        clash = next((s for s in kept if s.code in term.excludes), None)
        why = contradiction(candidate.code, measured, patient)
        if why is None and clash is not None:
            why = f"it contradicts '{clash.text}'"
        if why is None and not candidate.neighbours:
            why = "no similar ECG carries it"
        if why is not None:
            alarm = ", a critical finding" if term.critical else ""
            conflicts.append(f"'{wording}' ({candidate.confidence:.0%}{alarm}) was left out: {why}.")
        else:
            proof = tuple(NeighbourEvidence(n.record, n.similarity) for n in candidate.neighbours[:SHOWN_EVIDENCE])
            kept.append(
                DraftStatement(
                    candidate.code,
                    wording,
                    polarity,
                    candidate.confidence,
                    len(candidate.neighbours),
                    (*supporting(candidate.code, measured), *proof),
                    _guarantee(candidate, calibration),
                )
            )
    return tuple(kept), conflicts


def _guarantee(candidate: _Candidate, calibration: Calibration | None) -> Verdict | None:
    if calibration is None or candidate.polarity != "present":
        return None
    return calibration.guarantee.verdict(candidate.code, candidate.confidence)


def _candidates(found: Evidence) -> list[_Candidate]:
    """The codes that may be stated, the most confident first."""
    carried = [(neighbour, set(neighbour.codes)) for neighbour in found.neighbours]
    every = [
        _Candidate(code, float(confidence), tuple(n for n, codes in carried if code in codes))
        for code, confidence in zip(found.codes, found.confidence, strict=True)
        if confidence >= POSSIBLE
    ]
    return sorted(every, key=lambda candidate: -candidate.confidence)


def _draft(
    ecg: ECG,
    outcome: Outcome,
    reasons: list[str],
    statements: tuple[DraftStatement, ...],
    text: str,
    measured: Measurements,
    neighbours: tuple[Neighbour, ...],
    notices: tuple[str, ...],
    archive: Archive,
    language: Language,
    calibrated: bool,
) -> Draft:
    return Draft(
        outcome=outcome,
        reasons=tuple(dict.fromkeys(in_language(reason, language) for reason in reasons)),
        statements=statements,
        report=text,
        overall=overall([s.code for s in statements if s.polarity == "present"], language) if statements else "",
        measurements=measured,
        neighbours=neighbours,
        language=language,
        neighbour_reports=neighbour_reports(archive, neighbours, SHOWN),
        notices=(*notices, *archive.notices),
        model={"name": archive.model.name, "sha256": archive.model.sha256},
        archive={
            "name": archive.name,
            "version": archive.collection.version,
            "records": len(archive),
            "calibrated": calibrated,
        },
        recorded=ecg.time,
    )
