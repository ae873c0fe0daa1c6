"""What was measured, what was noticed, and what the draft was made with."""

from __future__ import annotations

from einthoven.ecg import ECG
from einthoven.reporting.draft import Draft, key_values, reason
from einthoven.reporting.parts.markup import foreign, items, plain
from einthoven.reporting.parts.statements import measurement, quantity
from einthoven.reporting.parts.verdict import disclaimer
from einthoven.reporting.parts.words import Words
from einthoven.reporting.reasons import in_language

ALWAYS = ("heart_rate", "rr_median", "rr_spread")
"""Measurements that are named even where nothing says why they are not there."""
PREFIX = 12
"""Digits of a hash that are shown."""


def measured(draft: Draft, say: Words) -> str:
    """The section with the measurements, or why there are none."""
    found = draft.measurements
    values = (("rr_median", found.rr_median, "ms"), ("rr_spread", found.rr_spread, "ms"))
    # One cause commonly holds for all that was not measured; it is said once.
    said: set[str] = set()
    entries = ""
    for name, value, unit in (*key_values(found)[:1], *values, *key_values(found)[1:]):
        if value is not None:
            shown = f"<dd><b>{quantity(value, unit, say)}</b></dd>"
        else:
            why = reason(found, name)
            if not why and name not in ALWAYS:
                continue
            shown = f"<dd><em>{say.not_measured}</em></dd>"
            if why and why not in said:
                shown += _why(why, say)
            said.add(why)
        entries += f"<div><dt>{measurement(name, say)}</dt>{shown}</div>"
    return (
        f'<section class="card measured" aria-labelledby="measured"><h2 id="measured">{say.measured}</h2>'
        f"<dl>{entries}</dl></section>"
    )


def _why(why: str, say: Words) -> str:
    told = in_language(why, say.language)
    marked = ' lang="en"' if told == why else ""
    return f'<dd class="why"{marked}>{plain(told)}</dd>'


def about(ecg: ECG, draft: Draft, say: Words) -> str:
    """The footer: how to read the numbers, notices, model and archive, and the disclaimer again."""
    confidence = say.confidence if draft.archive["calibrated"] else say.bare_votes
    reading = "".join(f"<p>{sentence}</p>" for sentence in (confidence, say.similarity, say.diagnosis))
    notices = items([in_language(one, say.language) for one in draft.notices], "notices")
    noticed = f"<section><h3>{say.notices}</h3>{notices}</section>" if notices else ""
    made_with = _model(draft, say) + _archive(draft, say) + _recording(ecg, say)
    return (
        f'<footer class="card" aria-labelledby="about"><h2 id="about">{say.about}</h2><div class="columns">'
        f"<section><h3>{say.reading}</h3>{reading}</section>{noticed}"
        f"<section><h3>{say.made_with}</h3><dl>{made_with}</dl></section>"
        f"</div>{disclaimer(draft, say)}</footer>"
    )


def _model(draft: Draft, say: Words) -> str:
    name, digest = draft.model["name"], draft.model["sha256"]
    return f"<div><dt>{say.model}</dt><dd>{foreign(name)} {_hash(digest)}</dd></div>"


def _archive(draft: Draft, say: Words) -> str:
    archive = draft.archive
    version = say.version.format(plain(archive["version"], 24))
    records = int(archive["records"])
    size = say.records.format(say.number(records)).removesuffix("s" if records == 1 else "")
    state = say.calibrated if archive["calibrated"] else say.uncalibrated
    return f"<div><dt>{say.archive}</dt><dd>{foreign(archive['name'])}, {version}, {size}, {state}</dd></div>"


def _recording(ecg: ECG, say: Words) -> str:
    return f"<div><dt>{say.recording}</dt><dd>{plain(ecg.format, 24)} {_hash(ecg.sha256)}</dd></div>"


def _hash(digest: str) -> str:
    return f'<span class="quiet">SHA-256 <code>{plain(digest[:PREFIX])}…</code></span>'
