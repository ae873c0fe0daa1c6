"""What is known of one ECG before a question is put: neighbours, head, measurements, quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from einthoven.answering.scales import shipped_scales
from einthoven.ecg import ECG, Patient, Statement
from einthoven.measurement import Measurements
from einthoven.quality import Quality
from einthoven.reporting.broad import BroadTachycardia, broad_tachycardia
from einthoven.reporting.compared import StatedCodes, stated_codes
from einthoven.reporting.limits import NOBODY
from einthoven.reporting.look import Look, look, own_doubts
from einthoven.reporting.report import PRESENT, refusals
from einthoven.retrieval import FEWEST_PATIENTS, NEIGHBOURS, Archive, Evidence
from einthoven.retrieval.kept import unnamed

NOTHING = Evidence((), (), np.empty(0), np.empty(0), np.empty(0), calibrated=False)


@dataclass(frozen=True)
class View:
    """One ECG, as an archive and its own signal show it.

    Args:
        found: neighbours, votes, head and confidences.
        unfit: why nothing can be concluded from the recording; empty where something can.
        far: why the archive has nothing to say of it, or what it says would mislead; empty where neither is so.
        cautions: what whoever reads an answer has to know.
        critical: confidence below which a critical finding may be called absent; None where nothing is calibrated.
        fast: what may be a ventricular tachycardia.
        patient: age and sex, which limits of normal depend on.
        statements: what the file itself states.
    """

    found: Evidence
    quality: Quality
    measured: Measurements
    missing: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()
    far: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    critical: float | None = None
    fast: BroadTachycardia | None = None
    patient: Patient = NOBODY
    statements: tuple[Statement, ...] = ()

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each code of the archive stands in `found`."""
        return {code: place for place, code in enumerate(self.found.codes)}

    @cached_property
    def confidences(self) -> Sequence[float]:
        """`found.confidence` as plain numbers, which lists of many names look up one by one."""
        return [float(one) for one in self.found.confidence]

    @cached_property
    def stated(self) -> tuple[StatedCodes, ...]:
        """`statements` as codes."""
        return stated_codes(self.statements)


def see(ecg: ECG, archive: Archive, seen: Look | None = None) -> View:
    """Looks at an ECG and asks the archive.

    Raises:
        CollectionError: the archive is empty or not fully embedded.
    """
    seen = seen or look(ecg)
    calibration = archive.calibration
    unfit = refusals(ecg, seen.quality)
    # A recording from which nothing can be concluded is not embedded: what a model makes of nothing is nothing.
    found = NOTHING if unfit else archive.evidence(ecg, calibration.k if calibration else NEIGHBOURS)
    likely = {code for code, chance in zip(found.codes, found.confidence, strict=True) if chance >= PRESENT}
    fast = broad_tachycardia(seen.measured, seen.quality, likely)
    misleads = (fast.text,) if fast and fast.withheld else ()
    return View(
        found,
        seen.quality,
        seen.measured,
        ecg.missing,
        tuple(unfit),
        () if unfit else (*misleads, *_far(found, archive)),
        tuple(_cautions(ecg, seen, fast, found, archive)),
        calibration.guarantee.critical if calibration and found.calibrated else None,
        fast,
        ecg.patient,
        ecg.statements,
    )


def _far(found: Evidence, archive: Archive) -> tuple[str, ...]:
    if not found.neighbours:
        return ("The archive holds no ECG of another patient.",)
    calibration, nearest = archive.calibration, found.neighbours[0].similarity
    if calibration is None or nearest >= calibration.far:
        return ()
    return (
        f"No ECG of the archive is close enough: the nearest has similarity {nearest:.4f}, "
        f"99% of the ECGs asked in calibration had one above {calibration.far:.4f}.",
    )


def _cautions(ecg: ECG, seen: Look, fast: BroadTachycardia | None, found: Evidence, archive: Archive) -> Sequence[str]:
    said = own_doubts(seen, fast)
    if not found.calibrated and found is not NOTHING:
        said.append("The archive is not calibrated for its present ECGs: confidences are bare votes.")
    if archive.patients < FEWEST_PATIENTS:
        said.append(f"The archive holds {archive.holding}; {FEWEST_PATIENTS} patients are needed for a plain answer.")
    if archive.model.sha256 != shipped_scales().about["model_sha256"]:
        said.append("How sure groups of statements, extra beats and infarcts' ages are was learnt with another model.")
    if archive.nameless:
        said.append(unnamed(archive.nameless))
    if not ecg.calibrated:
        said.append("The gain is unknown: nothing that depends on voltage can be relied on.")
    return list(dict.fromkeys(said))
