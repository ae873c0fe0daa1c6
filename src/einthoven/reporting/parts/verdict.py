"""The head of the page: what this is, what it may not be used for, the outcome and why."""

from __future__ import annotations

import math
from datetime import datetime

from einthoven.ecg import ECG, Patient
from einthoven.reporting.draft import Draft
from einthoven.reporting.outcomes import Outcome
from einthoven.reporting.parts.markup import foreign, is_critical, items, plain
from einthoven.reporting.parts.words import Words
from einthoven.reporting.reasons import in_language

# Shapes as well as colours: a sheet with lines, a warning triangle, a crossed circle.
ICONS: dict[Outcome, str] = {
    "draft": "M5 2.5h9l5 5v14H5zM14 2.5v5h5M8.5 12h7M8.5 16h7",
    "caution": "M12 3 22 20.5H2zM12 9.5v5.5M12 17.4v.6",
    "none": "M12 2.5a9.5 9.5 0 1 0 0 19a9.5 9.5 0 1 0 0-19M5.3 5.3l13.4 13.4",
}


def head(ecg: ECG, draft: Draft, say: Words) -> str:
    """The `<header>`: disclaimer, title, recording, outcome, reasons, critical findings."""
    said = [in_language(reason, say.language) for reason in draft.reasons]
    reasons = items(said, "reasons", say.language) or f'<p class="quiet">{say.no_reason}</p>'
    return (
        f"<header>{disclaimer(draft, say)}"
        f'<div class="masthead"><h1>{say.title}</h1><p class="recording">{_recording(ecg, say)}</p></div>'
        f'<section class="verdict {draft.outcome}" aria-labelledby="outcome">'
        f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{ICONS[draft.outcome]}"/></svg>'
        f'<div><h2 id="outcome">{say.outcomes[draft.outcome]}</h2>'
        f"{reasons}{_critical(draft, say)}</div></section></header>"
    )


def disclaimer(draft: Draft, say: Words) -> str:
    """What the page may not be used for: in its language, and as the draft itself words it."""
    own = "" if say.disclaimer == draft.disclaimer else f"{say.disclaimer} "
    return f'<p class="disclaimer"><strong>{own}<span lang="en">{plain(draft.disclaimer)}</span></strong></p>'


def person(age: float | None, sex: str | None, say: Words) -> str:
    """Age and sex as far as they are known.

    >>> from einthoven.reporting.parts.words import words
    >>> person(63.7, "female", words("en")), person(None, None, words("de"))
    ('63 y, female', 'unbekannt')
    """
    known = [] if age is None or not math.isfinite(age) else [say.years.format(math.floor(age))]
    if sex:
        known.append(say.sexes.get(sex) or foreign(sex, 12))
    return ", ".join(known) or say.unknown


def _recording(ecg: ECG, say: Words) -> str:
    patient: Patient = ecg.patient
    seconds = say.number(ecg.seconds, 0 if ecg.seconds == round(ecg.seconds) else 1)
    found = [
        person(patient.age, patient.sex, say),
        f'<time datetime="{ecg.time.isoformat(timespec="seconds")}">{moment(ecg.time)}</time>' if ecg.time else "",
        f"{seconds} s, {ecg.rate:g} Hz",
        foreign(ecg.device, 60) if ecg.device else "",
    ]
    return " <span aria-hidden='true'>·</span> ".join(f"<span>{text}</span>" for text in found if text)


def moment(time: datetime) -> str:
    """To the minute, with the offset from UTC where one is stated.

    >>> moment(datetime.fromisoformat("2021-05-10T13:15:18+02:00")), moment(datetime(2021, 5, 10, 13, 15))
    ('2021-05-10 13:15 UTC+02:00', '2021-05-10 13:15')
    """
    offset = time.isoformat()[len(time.replace(tzinfo=None).isoformat()) :]
    return f"{time:%Y-%m-%d %H:%M}" + (f" UTC{offset}" if offset else "")


def _critical(draft: Draft, say: Words) -> str:
    found = [
        f"<b>{plain(s.text)}</b> ({say.polarity[s.polarity]}{'' if draft.quoted else f', {say.percent(s.confidence)}'})"
        for s in draft.statements
        if is_critical(s.code)
    ]
    return f'<p class="alert"><strong>{say.critical_here}:</strong> {"; ".join(found)}</p>' if found else ""
