"""An ECG without what tells whose it is."""

from __future__ import annotations

import re
from datetime import datetime

from einthoven.ecg import ECG, Notice, Patient, Statement
from einthoven.formats.identity.pseudonym import pseudonym, shift_of
from einthoven.formats.identity.secret import secret_of
from einthoven.formats.write.encoded import stored_leads
from einthoven.statements import VOCABULARY

OLDEST, _OLDEST_TOLD = 90.0, 89.0
"""All ages above 89 become 90, as HIPAA's safe harbour asks (45 CFR 164.514(b)(2)(i)(C))."""

_MDC = re.compile(
    r"MDC_ECG(?:_(?:RHY|SINUS|ATR|ATRIAL|FIB|FLUT|FLUTTER|TACHY|TACHYCARDIA|BRADY|BRADYCARDIA|ARRHY|ARRHYTHMIA|NORMAL|NOS"
    r"|REG|IRREG|VENT|VENTRICULAR|SV|SVT|SUPRAVENT|SVTACH|VTACH|PREMATURE|PREM|CONTR|BEAT|BEATS|ECT|ECTOPIC|BIGEM|TRIGEM"
    r"|COUPLET|RUN|JUNC|JUNCTIONAL|NODAL|IDIOVENT|ESC|ESCAPE|ACCEL|PACED|PACE|PACEMAKER|PAUSE|ASYSTOLE|AV|BLK|BLOCK|HB"
    r"|FIRST|SECOND|THIRD|DEG|DEGREE|COMPLETE|INCOMPLETE|BBB|LBBB|RBBB|WPW|PREEXCIT|MULTIFOC|PAROX|UNK|UNKNOWN|ABSENT))+"
)
"""The words that names of rhythms are made of: another word in a code can be anybody's name."""


def deidentify(ecg: ECG, secret: bytes | str) -> ECG:
    """A copy with the samples, measurements, age and sex, without names, ids, true dates and free text.

    - The patient's id becomes a keyed hash (`pseudonym`): the same patient stays the same one.
    - The time is told 1 to 3,652 days earlier, by the same number of days for all ECGs of a patient, so that
      intervals and the time of day stay. Without an id it is dropped. (Safe harbour asks for no date but the
      year: whether shifted dates may leave the house is for whoever is responsible to say.)
    - Ages above 89 become 90.
    - Statements keep their codes of SCP-ECG, SNOMED CT and MDC and their likelihoods. Their texts, all other
      statements, and what is no code of these vocabularies are dropped; so are device and notices, which may
      quote the file.

    A heart's own signal can tell patients apart; no de-identification of an ECG is perfect.

    Args:
        secret: 16 bytes or more that nobody else knows; 64 hexadecimal digits are taken as 32 bytes.

    Raises:
        UsageError: the secret is too short.
    """
    key = secret_of(secret)
    known = tuple(kept for statement in ecg.statements if (kept := _kept(statement)))
    patient = Patient(
        id=pseudonym(key, ecg.patient.id) if ecg.patient.id else None,
        age=OLDEST if _too_old(ecg) else ecg.patient.age,
        sex=ecg.patient.sex if ecg.patient.sex in {"male", "female"} else None,
    )
    return bare(ecg, patient, _shifted(ecg, key), known, (_told(ecg, len(known)),))


def bare(
    ecg: ECG,
    patient: Patient,
    time: datetime | None,
    statements: tuple[Statement, ...],
    notices: tuple[Notice, ...] = (),
) -> ECG:
    """Samples and measurements of an ECG with these words and no others; notices are those of the samples alone."""
    leads = stored_leads(ecg)
    return ECG(
        [ecg.lead(lead) for lead in leads],
        ecg.rate,
        leads,
        ecg.calibrated,
        patient=patient,
        time=time,
        statements=[Statement(code=s.code, system=s.system, likelihood=s.likelihood) for s in statements],
        notices=notices,
        format=ecg.format,
        measured=ecg.measured,
    )


def _kept(statement: Statement) -> Statement | None:
    """The code of a statement alone, if a vocabulary has it: a field for codes can hold a name as well."""
    code, system = statement.code or "", statement.system
    known = (
        (system == "SCP" and code in VOCABULARY)
        or (system == "SNOMED" and VOCABULARY.snomed_name(code) is not None)
        or (system == "MDC" and _MDC.fullmatch(code) is not None)
    )
    return Statement(code=code, system=system, likelihood=statement.likelihood) if known else None


def _shifted(ecg: ECG, key: bytes) -> datetime | None:
    if ecg.time is None or not ecg.patient.id:
        return None
    try:
        return ecg.time.replace(tzinfo=None) - shift_of(key, ecg.patient.id)  # an offset tells of the place
    except OverflowError:  # in the first years of the calendar
        return None


def _too_old(ecg: ECG) -> bool:
    return ecg.patient.age is not None and not ecg.patient.age <= _OLDEST_TOLD


def _told(ecg: ECG, kept: int) -> Notice:
    done = ["the patient's id is a keyed hash"] if ecg.patient.id else []
    if ecg.time:
        done.append(
            "the date is shifted" if ecg.patient.id else "the time is dropped, as no id tells by how much to shift it"
        )
    done += [f"the age is told as {OLDEST:g}"] if _too_old(ecg) else []
    done += ["the device is dropped"] if ecg.device else []
    lost = len(ecg.statements) - kept
    done += [f"{lost} of {len(ecg.statements)} statements are dropped, as they are not coded"] if lost else []
    return Notice("deidentified", f"Identities were taken out: {'; '.join(done) or 'there were none'}.")
