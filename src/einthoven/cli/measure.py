"""`einthoven measure`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from einthoven.cli.files import File, LeadsOption, RateOption, UnitOption, read_ecg
from einthoven.cli.terminal import Json, print_json, say
from einthoven.ecg.measured import MEASURED_UNITS, MEASURED_WORDS

if TYPE_CHECKING:
    from einthoven.ecg import ECG
    from einthoven.measurement import Measurements
    from einthoven.quality import Quality

DISCLAIMER = "Research use only. Not a medical device. Not for diagnosis or treatment."
ROWS = (
    *("heart_rate", "atrial_rate", "rr", "p", "pr", "qrs", "qt"),
    *("qtc", "qtc_bazett", "qtc_fridericia", "qtc_framingham", "qtc_hodges", "p_axis", "qrs_axis", "t_axis"),
)
NOT_OURS = ("atrial_rate", "qtc")
"""What only devices state: `qtc` is one whose formula they do not name."""


def measure(
    file: File, rate: RateOption = None, unit: UnitOption = None, leads: LeadsOption = None, as_json: Json = False
) -> None:
    """Measure rate, intervals, axes and voltages of an ECG, beside what its device measured."""
    from einthoven.measurement import measure as measured
    from einthoven.quality import assess

    ecg = read_ecg(file, rate, unit, leads)
    found, quality = measured(ecg), assess(ecg)
    if as_json:
        doubts = [finding.to_dict() for finding in quality.findings]
        told = {"device_measured": dict(ecg.measured), "quality": doubts, "disclaimer": DISCLAIMER}
        print_json(found.to_dict() | told)
        return
    parts = (_alarms(found), _table(ecg, found), [""], _voltages(found), _reasons(found), _doubts(found, quality))
    for line in (*chain.from_iterable(parts), DISCLAIMER):
        say(line)


def _alarms(found: Measurements) -> Iterator[str]:
    """What has to be looked at before any number; nothing of most ECGs."""
    if found.alarms:
        yield "Look at this first"
        yield from (f"  {alarm.text}" for alarm in found.alarms)
        yield ""


def values(found: Measurements) -> dict[str, float | None]:
    """Our values by the names that devices' values have (`einthoven.ecg.measured`)."""
    plain = ("heart_rate", "p", "pr", "qrs", "qt", "p_axis", "qrs_axis", "t_axis")
    return {
        "rr": None if found.heart_rate is None else 60_000 / found.heart_rate,  # the mean, which devices state
        **{name: getattr(found, name) for name in plain},
        **{f"qtc_{name}": found.qtc.get(name) for name in ("bazett", "fridericia", "framingham", "hodges")},
    }


def _table(ecg: ECG, found: Measurements) -> Iterator[str]:
    ours = values(found)
    beside = bool(ecg.measured)
    yield f"{'':<20}{'measured':>12}{'device' if beside else '':>12}".rstrip()
    for name in ROWS:
        theirs = ecg.measured.get(name)
        if name in NOT_OURS and theirs is None:
            continue
        mine = "" if name in NOT_OURS else _quantity(ours[name], MEASURED_UNITS[name])
        stated = _quantity(theirs, MEASURED_UNITS[name]) if beside else ""
        yield f"{MEASURED_WORDS[name]:<20}{mine:>12}{stated:>12}".rstrip()
    if found.regular is not None:
        kind = "regular" if found.regular else "irregular"
        yield f"{'rhythm':<20}{kind:>12}   RR varies by {found.rr_spread:.0f} ms (standard deviation)"
    if found.median_beat is not None:
        used, every = len(found.median_beat.beats), len(found.r_peaks)
        yield f"Measured on the median of {used} of {every} beats; waves over all leads together."


def _voltages(found: Measurements) -> Iterator[str]:
    """Amplitudes in mV by lead, and the voltages that are judged; nothing where they are withheld."""
    if not found.leads:
        return
    names = ("q", "r", "s", "st_j", "st_j60", "st_j80")
    yield "mV      " + "".join(f"{head:>9}" for head in ("Q", "R", "S", "ST at J", "J+60 ms", "J+80 ms"))
    for lead, amplitudes in found.leads.items():
        yield f"{lead:<8}" + "".join(f"{getattr(amplitudes, name):>9.2f}" for name in names)
    for words, value in (
        ("Sokolow-Lyon (S V1 + R V5 or V6)", found.sokolow_lyon),
        ("Cornell (R aVL + S V3)", found.cornell),
    ):
        if value is not None:
            yield f"{words:<34}{value:.2f} mV"
    yield ""


def _reasons(found: Measurements) -> Iterator[str]:
    """Each reason once, after all that it holds for."""
    held: dict[str, list[str]] = {}
    for name, reason in found.reasons.items():
        held.setdefault(reason, []).append(MEASURED_WORDS.get(name, name.replace("_", " ")))
    if held:
        yield "Not measured"
        yield from (f"  {', '.join(names)}: {reason}" for reason, names in held.items())
        yield ""


def _doubts(found: Measurements, quality: Quality) -> Iterator[str]:
    """What is wrong with the recording, and so with what was measured in it; what is told first is not said again."""
    said = {alarm.text for alarm in found.alarms}
    if doubts := [finding.text for finding in quality.findings if finding.text not in said]:
        yield "Use these values with caution" if quality.usable else "Do not use these values"
        yield from (f"  {text}" for text in doubts)
        yield ""


def _quantity(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.0f}{' ' if unit.isalpha() else ''}{unit}"
