"""Two ECGs of one person: measured, drafted, and told apart as far as the measurements allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from einthoven.ecg import ECG
from einthoven.measurement import Measurements
from einthoven.reporting.broad import broad_tachycardia
from einthoven.reporting.compare.changes import Change, changes, limits
from einthoven.reporting.compare.codes import Coded, aha_codes
from einthoven.reporting.compare.likeness import Likeness, likeness
from einthoven.reporting.compare.persons import Order, in_order
from einthoven.reporting.compare.sentences import sentences
from einthoven.reporting.compare.stated import StatedChange, stated_changes
from einthoven.reporting.compare.words import Words, words
from einthoven.reporting.draft import Draft
from einthoven.reporting.given import check_archive, check_ecgs
from einthoven.reporting.look import Look, look, own_doubts
from einthoven.reporting.reasons import in_language
from einthoven.reporting.report import report
from einthoven.reporting.unaccounted import unaccounted
from einthoven.retrieval import Archive, demo_archive
from einthoven.statements import Language

Outcome = Literal["compared", "caution", "none"]
RATES_APART = 2.0


@dataclass(frozen=True, eq=False)
class Comparison:
    """What changed between two ECGs. `str(comparison)` is for people, `to_dict()` for programs.

    Args:
        outcome: "compared", "caution" (with `reasons` in mind), or "none": nothing may be concluded from one of them.
        reasons: why the outcome is not "compared", in `language`.
        order: which is the earlier one, and whose they are.
        measured: of the earlier and the later one. changes: in numbers, with what each amounts to.
        stated: what the drafts state differently; None where one of the two has no draft.
        codes: the AHA comparison codes that hold.
        alike: how alike the median beats are, and the exchange of electrodes that would explain the rest.
        electrodes: sentences on changes that may be the electrodes'.
        drafts: of the earlier and the later one.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    order: Order
    measured: tuple[Measurements, Measurements]
    changes: tuple[Change, ...]
    stated: tuple[StatedChange, ...] | None
    codes: tuple[Coded, ...]
    alike: Likeness
    electrodes: tuple[str, ...]
    drafts: tuple[Draft, Draft]
    language: Language

    @property
    def say(self) -> Words:
        """The words of its language."""
        return words(self.language)

    @property
    def disclaimer(self) -> str:
        """In its language."""
        return self.say.disclaimer

    @property
    def report(self) -> tuple[str, ...]:
        """The comparison in sentences."""
        if self.outcome == "none":
            return ()
        return tuple(sentences(self.changes, self.stated, self.drafts, self.electrodes, self.say))

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `einthoven compare --json` (docs/compare.md)."""
        pairs = zip(("earlier", "later"), (self.order.earlier, self.order.later), self.drafts, strict=True)
        apart = self.alike
        return {
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            **{name: _described(ecg, draft) for name, ecg, draft in pairs},
            "days_between": None if self.order.days is None else round(self.order.days, 3),
            "reversed": self.order.reversed,
            "same_recording": self.order.same_recording,
            "measurements": {one.name: one.to_dict() for one in self.changes},
            "statements": None if self.stated is None else [one.to_dict() for one in self.stated],
            "aha": [
                {"code": one.code, "text": one.text(self.language), "because": [_named(each) for each in one.because]}
                for one in self.codes
            ],
            "beats": {
                "unlike": _rounded(apart.all),
                "limb": _rounded(apart.limb),
                "chest": _rounded(apart.chest),
                "exchange": None if apart.exchange is None else apart.exchange.name,
            },
            "electrodes": list(self.electrodes),
            "report": list(self.report),
            "language": self.language,
            "disclaimer": self.disclaimer,
        }

    def __str__(self) -> str:
        from einthoven.reporting.compare.told import lines

        return "\n".join(lines(self))


def compare(
    ecg: ECG, earlier: ECG, archive: Archive | None = None, *, anyway: bool = False, language: Language = "en"
) -> Comparison:
    """Compares two ECGs of one person.

    Differences of measurements are held against how far they are without any change (`reporting/tables/retest.csv`),
    statements are those of both drafts, codes those of the AHA/ACC/HRS (`codes`). If the first is older by its date,
    the two are turned round, and that is said.

    Args:
        earlier: the ECG to compare with.
        archive: what the statements are drafted from; None is the one that ships.
        anyway: compare them although their patient ids differ.
        language: "en" or "de".

    Raises:
        PatientError: the files state different patients.
        UsageError: no ECG or archive, another language.
        CollectionError: the archive is empty or not fully embedded.

    >>> from einthoven.testing import simulate
    >>> found = compare(simulate(heart_rate=75), simulate(heart_rate=75))
    >>> found.outcome, found.order.same_recording
    ('none', True)
    """
    say = words(language)
    check_ecgs(ecg, earlier)
    if archive is not None:
        check_archive(archive)
    order = in_order(ecg, earlier, anyway)
    pair = (order.earlier, order.later)
    looks = tuple(look(one) for one in pair)
    source = demo_archive() if archive is None else archive
    drafts = tuple(report(one, source, language=language, seen=seen) for one, seen in zip(pair, looks, strict=True))
    first, second = looks
    refused = order.same_recording or not (first.quality.usable and second.quality.usable)
    found = changes(first.measured, second.measured, judged=not refused)
    alike = likeness(first.measured.median_beat, second.measured.median_beat)
    stated = None if "none" in (drafts[0].outcome, drafts[1].outcome) else stated_changes(*drafts)
    codes = () if refused else aha_codes(found, stated, _same_tracing(found, alike, *looks), order.later.patient.sex)
    electrodes = () if refused else tuple(_electrodes(alike, say))
    reasons = [*_reasons(order, looks, drafts, say), *electrodes, *_critical(stated or (), say)]
    outcome: Outcome = "none" if refused else "caution" if reasons else "compared"
    return Comparison(
        outcome,
        tuple(dict.fromkeys(reasons)),
        order,
        (first.measured, second.measured),
        found,
        None if refused else stated,
        codes,
        alike,
        electrodes,
        (drafts[0], drafts[1]),
        say.language,
    )


def _reasons(order: Order, looks: tuple[Look, ...], drafts: tuple[Draft, ...], say: Words) -> Iterator[str]:
    if order.same_recording:
        yield say.same
    yield from (say.doubts[key] for key in order.doubts)
    rates = sorted((order.earlier.rate, order.later.rate))
    if rates[1] >= RATES_APART * rates[0]:
        yield say.doubts["other-rate"].format(*(f"{rate:g}" for rate in rates))
    if order.earlier.device and order.later.device and order.earlier.device != order.later.device:
        yield say.doubts["other-device"]
    if order.reversed:
        yield say.reversed
    for whose, seen, draft in zip(("earlier", "later"), looks, drafts, strict=True):
        said = own_doubts(seen, broad_tachycardia(seen.measured, seen.quality))
        said += unaccounted({one.code for one in draft.statements}, seen.measured, seen.patient)
        yield from (say.quality.format(say.whose[whose], in_language(text, say.language)) for text in said)


def _critical(stated: tuple[StatedChange, ...], say: Words) -> Iterator[str]:
    for one in stated:
        if one.critical and one.kind in ("new", "surer"):
            yield f"{say.kinds[one.kind].capitalize()}, {say.critical}: {one.text}."


def _electrodes(alike: Likeness, say: Words) -> Iterator[str]:
    """What of the changes may be the electrodes'."""
    known = limits()
    if alike.all is None or alike.all <= known["unlike_all"].error:
        return
    if alike.exchange is not None:
        yield say.swapped.format(alike.exchange.name)
    elif alike.limb is None or alike.chest is None:
        return
    elif alike.limb <= known["unlike_limb"].usual and alike.chest > known["unlike_chest"].usual:
        yield say.placed


def _same_tracing(found: tuple[Change, ...], alike: Likeness, *looks: Look) -> bool:
    """Whether nothing measured changed beyond its error, rhythm and beats included."""
    if alike.all is None or alike.all > limits()["unlike_all"].error:
        return False
    if looks[0].measured.regular != looks[1].measured.regular:
        return False
    return all(one.size == "error" or (one.earlier is None and one.later is None) for one in found)


def _described(ecg: ECG, draft: Draft) -> dict[str, Any]:
    return {
        "recorded": ecg.time.isoformat() if ecg.time else None,
        "format": ecg.format,
        "rate_hz": ecg.rate,
        "seconds": round(ecg.seconds, 3),
        "sha256": ecg.sha256,
        "draft": {"outcome": draft.outcome, "reasons": list(draft.reasons), "report": draft.report},
    }


def _named(because: StatedChange | Change) -> dict[str, Any]:
    if isinstance(because, Change):
        return {"measurement": because.name}
    return {"statement": because.code, "change": because.kind}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
