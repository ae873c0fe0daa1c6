"""A report from findings: rhythm first, then group by group, each finding once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from einthoven.ecg import UsageError
from einthoven.statements.finding import POLARITIES, Finding, Polarity
from einthoven.statements.term import Language, check_language
from einthoven.statements.vocabulary import VOCABULARY
from einthoven.statements.write.overall import TEXTS

NOTHING: dict[Language, str] = {
    "en": "No statements were drafted. This does not mean that the ECG is normal.",
    "de": "Es wurde keine Aussage entworfen. Das bedeutet nicht, dass das EKG normal ist.",
}


def write_report(findings: Iterable[Finding], language: Language = "en") -> str:
    """A short report: a sentence a finding, in the order rhythm, pacing, ... , normal.

    A code that comes twice is named once, at its most certain. A general statement is left
    out beside a more special one that is at least as certain ("sinus rhythm" beside "sinus
    bradycardia"). A denial is left out where a more general denial says it. "Normal ECG"
    becomes "Otherwise normal ECG" beside anything that a normal ECG does not show.

    Raises:
        UsageError: findings that contradict each other (see `conflicts`), or an unknown language.

    >>> print(write_report([Finding("NORM"), Finding("IRBBB", "possible"), Finding("SR")]))
    Sinus rhythm. Possible incomplete right bundle branch block. Otherwise normal ECG.
    >>> print(write_report([Finding("AFIB"), Finding("IRBBB", "possible"), Finding("LVH", "absent")], "de"))
    Vorhofflimmern. Inkompletter Rechtsschenkelblock möglich. Keine sichere linksventrikuläre Hypertrophie.
    """
    return (
        " ".join(sentence for _, sentence in report_sentences(findings, language)) or NOTHING[check_language(language)]
    )


def report_sentences(findings: Iterable[Finding], language: Language = "en") -> tuple[tuple[Finding, str], ...]:
    """The sentences of `write_report`, each with the finding that it states; none where nothing is stated.

    Raises:
        UsageError: as `write_report`.
    """
    check_language(language)
    given = list(findings)
    clashes = conflicts(given)
    if clashes:
        said = "; ".join(f"{_say(first)} and {_say(second)}" for first, second in clashes)
        raise UsageError(
            f"These findings contradict each other: {said}.",
            "Keep the better supported of each pair, or mark both as possible.",
        )
    kept = _without_redundant(_strongest(given))
    return tuple((each, f"{_sentence(each, kept, language)}.") for each in kept)


def conflicts(findings: Iterable[Finding]) -> list[tuple[Finding, Finding]]:
    """The pairs of findings that cannot stand in one report, in report order.

    Codes that exclude each other, unless both are only possible: that is a differential
    diagnosis. And a denial of what another finding asserts, weighs or implies.

    >>> conflicts([Finding("AFIB", "possible"), Finding("SR", "possible")])
    []
    >>> conflicts([Finding("IMI", "absent"), Finding("ILMI")])
    [(Finding(code='ILMI', polarity='present'), Finding(code='IMI', polarity='absent'))]
    """
    given = list(dict.fromkeys(findings))
    order = {code: at for at, code in enumerate(VOCABULARY)}
    claims = sorted((each for each in given if each.polarity != "absent"), key=lambda each: order[each.code])
    denials = sorted((each for each in given if each.polarity == "absent"), key=lambda each: order[each.code])
    excluded = [
        (first, second)
        for at, first in enumerate(claims)
        for second in claims[at + 1 :]
        if second.code in VOCABULARY[first.code].excludes and "present" in (first.polarity, second.polarity)
    ]
    denied = [
        (claim, denial)
        for claim in claims
        for denial in denials
        if denial.code == claim.code or denial.code in VOCABULARY.ancestors(claim.code)
    ]
    return excluded + denied


def _strongest(findings: Sequence[Finding]) -> dict[str, Polarity]:
    """Code to its most certain polarity, in report order with denials last but before NORM."""
    best: dict[str, Polarity] = {}
    for each in sorted(findings, key=lambda each: POLARITIES.index(each.polarity)):
        best.setdefault(each.code, each.polarity)
    claimed = [code for code in VOCABULARY if best.get(code, "absent") != "absent" and code != "NORM"]
    denied = [code for code in VOCABULARY if best.get(code) == "absent" and code != "NORM"]
    closing = ["NORM"] if "NORM" in best else []
    return {code: best[code] for code in claimed + denied + closing}


def _without_redundant(polarities: dict[str, Polarity]) -> list[Finding]:
    """Leaves out what another finding says: general claims and special denials."""
    kept = []
    for code, polarity in polarities.items():
        if polarity == "absent":
            said = any(polarities.get(general) == "absent" for general in VOCABULARY.ancestors(code))
        else:
            certain = ("present",) if polarity == "present" else ("present", "possible")
            said = any(
                other in certain and code in VOCABULARY.ancestors(special) for special, other in polarities.items()
            )
        if not said:
            kept.append(Finding(code, polarity))
    return kept


def _sentence(finding: Finding, kept: Sequence[Finding], language: Language) -> str:
    term = VOCABULARY[finding.code]
    if finding.polarity == "absent":
        return _capital(term.absent_text(language))
    if finding.code == "NORM":
        return _closing(finding.polarity, kept, language)
    if finding.polarity == "present":
        return _capital(term.text(language))
    if language == "de":  # "möglich" after the noun needs no agreement in gender or number
        return f"{_capital(term.text(language))} möglich"
    return f"Possible {term.text(language)}"


def _closing(polarity: Polarity, kept: Sequence[Finding], language: Language) -> str:
    if polarity == "possible":
        return "Possibly normal ECG" if language == "en" else "Möglicherweise normales EKG"
    beside = [VOCABULARY[each.code].severity for each in kept if each.polarity != "absent"]
    return TEXTS[language]["normal" if set(beside) == {"normal"} else "otherwise-normal"]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _say(finding: Finding) -> str:
    return f"{finding.code} ({finding.polarity})"
