"""The words of a comparison in English and German; `{}` takes numbers and names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from einthoven.reporting.compare.changes import Size
from einthoven.reporting.compare.stated import Kind
from einthoven.statements import Language
from einthoven.statements.term import check_language


@dataclass(frozen=True)
class Words:
    """All that a comparison says by itself."""

    language: Language
    title: str
    outcomes: Mapping[str, str]
    disclaimer: str
    earlier: str
    later: str
    change: str
    judged: str
    days: str
    reversed: str
    same: str
    doubts: Mapping[str, str]
    whose: Mapping[str, str]
    names: Mapping[str, str]
    rose: Mapping[bool, str]
    turned: str
    st: str
    st_sizes: Mapping[Size, str]
    sizes: Mapping[Size, str]
    within: str
    unmeasured: str
    not_judged: str
    kinds: Mapping[Kind, str]
    new: str
    gone: str
    no_news: str
    no_drafts: str
    codes: str
    no_code: str
    swapped: str
    placed: str
    quality: str
    statements: str
    in_words: str
    measured: str
    beats: str
    paper: str
    critical: str
    source: str
    polarity: Mapping[str, str]


def words(language: str) -> Words:
    """The words of a language; UsageError for one that is not there."""
    return _WORDS[check_language(language)]


_ENGLISH = Words(
    language="en",
    title="Two ECGs compared",
    outcomes={
        "compared": "COMPARED",
        "caution": "COMPARED WITH CAUTION",
        "none": "NOT COMPARED: nothing may be concluded",
    },
    disclaimer="Research use only. Not a medical device. Not for diagnosis or treatment. Unconfirmed comparison.",
    earlier="earlier",
    later="later",
    change="change",
    judged="against the error of measurement",
    days="{} days lie between them",
    reversed="The ECG named first is the older one: they are compared in the order of their dates.",
    same="Both files hold the very same recording: nothing can have changed.",
    doubts={
        "no-id": "Not both files name a patient: whether they are one person's is not known.",
        "other-id": "The files state different patients; they are compared because that was asked for.",
        "other-sex": "The files state different sexes.",
        "other-age": "The stated ages do not fit the dates: these may be two persons.",
        "no-date": "Not both files state a date: which is the earlier one is taken from how they were named.",
        "other-rate": "They were sampled at different rates ({} and {} Hz): narrow waves and ST may differ "
        "by that alone.",
        "other-device": "They come from different devices, whose filters may differ.",
    },
    whose={"earlier": "Earlier ECG", "later": "Later ECG"},
    names={
        "heart_rate": "heart rate",
        "pr": "PR interval",
        "qrs": "QRS duration",
        "qt": "QT interval",
        "qtc_fridericia": "QTc (Fridericia)",
        "qtc_bazett": "QTc (Bazett)",
        "p_axis": "P axis",
        "qrs_axis": "QRS axis",
        "t_axis": "T axis",
    },
    rose={True: "The {} rose from {} to {}", False: "The {} fell from {} to {}"},
    turned="The {} turned from {} to {}",
    st="ST at the J point changed in {}",
    st_sizes={
        "usual": "beyond each lead's error of measurement, yet two normal ECGs of one person differ as much",
        "more": "beyond each lead's error of measurement and more than two normal ECGs of one person differ",
    },
    sizes={
        "error": "within the error of measurement (±{})",
        "usual": "beyond the error of measurement (±{}), yet two normal ECGs of one person differ as much (±{})",
        "more": "beyond the error of measurement (±{}) and more than two normal ECGs of one person differ (±{})",
    },
    within="Within the error of measurement: {}.",
    unmeasured="Not measured in both: {}.",
    not_judged="Differences are not judged.",
    kinds={"new": "new", "gone": "gone", "kept": "as before", "surer": "surer", "less-sure": "less sure"},
    new="New in the draft of the later ECG: {}.",
    gone="No longer in the draft of the later ECG: {}.",
    no_news="Both drafts state the same.",
    no_drafts="Statements are not compared: there is no draft of {}.",
    codes="AHA comparison codes",
    no_code="None of the codes 400 to 406 applies by its rule.",
    swapped="The beats of the two fit each other far better with one exchange of electrodes undone ({}): what changed "
    "may be the electrodes and not the heart.",
    placed="Only V1 to V6 look different, I and II do not: their electrodes may have been placed elsewhere.",
    quality="{}: {}",
    statements="Statements of both drafts",
    in_words="In words",
    measured="Measured",
    beats="Median beats of both, laid over each other at R",
    paper="Both ECGs on one paper",
    critical="critical finding",
    source="Limits: 95% of the differences between two halves of one recording (error), 97.5% of those between two "
    "normal ECGs of one person within a year, measured on PTB-XL at 100 Hz: some lie beyond though nothing changed "
    "(docs/compare.md).",
    polarity={"present": "present", "possible": "possible"},
)

_GERMAN = Words(
    language="de",
    title="Zwei EKGs im Vergleich",
    outcomes={
        "compared": "VERGLICHEN",
        "caution": "MIT VORSICHT VERGLICHEN",
        "none": "NICHT VERGLICHEN: nichts darf geschlossen werden",
    },
    disclaimer="Nur für Forschungszwecke. Kein Medizinprodukt. Nicht für Diagnose oder Behandlung. "
    "Unbestätigter Vergleich.",
    earlier="früher",
    later="später",
    change="Änderung",
    judged="gegen den Messfehler",
    days="{} Tage liegen dazwischen",
    reversed="Das zuerst genannte EKG ist das ältere: Verglichen wird in der Reihenfolge der Daten.",
    same="Beide Dateien enthalten genau dieselbe Aufzeichnung: Nichts kann sich geändert haben.",
    doubts={
        "no-id": "Nicht beide Dateien nennen einen Patienten: Ob sie von einer Person stammen, ist nicht bekannt.",
        "other-id": "Die Dateien nennen verschiedene Patienten; verglichen wird, weil es verlangt wurde.",
        "other-sex": "Die Dateien nennen verschiedene Geschlechter.",
        "other-age": "Die Altersangaben passen nicht zu den Daten: Es können zwei Personen sein.",
        "no-date": "Nicht beide Dateien nennen ein Datum: Welches das frühere ist, folgt aus der Nennung.",
        "other-rate": "Die Abtastraten sind verschieden ({} und {} Hz): Schmale Wellen und ST können allein deshalb "
        "abweichen.",
        "other-device": "Sie stammen von verschiedenen Geräten, deren Filter sich unterscheiden können.",
    },
    whose={"earlier": "Früheres EKG", "later": "Späteres EKG"},
    names={
        "heart_rate": "Herzfrequenz",
        "pr": "PQ-Zeit",
        "qrs": "QRS-Dauer",
        "qt": "QT-Zeit",
        "qtc_fridericia": "QTc (Fridericia)",
        "qtc_bazett": "QTc (Bazett)",
        "p_axis": "P-Achse",
        "qrs_axis": "QRS-Achse",
        "t_axis": "T-Achse",
    },
    rose={True: "{} gestiegen von {} auf {}", False: "{} gesunken von {} auf {}"},
    turned="{} gedreht von {} auf {}",
    st="ST am J-Punkt geändert in {}",
    st_sizes={
        "usual": "mehr als der Messfehler der Ableitung, doch so weit weichen auch zwei normale EKGs einer Person ab",
        "more": "mehr als der Messfehler der Ableitung, und mehr als zwei normale EKGs einer Person abweichen",
    },
    sizes={
        "error": "innerhalb des Messfehlers (±{})",
        "usual": "mehr als der Messfehler (±{}), doch so weit weichen auch zwei normale EKGs einer Person ab (±{})",
        "more": "mehr als der Messfehler (±{}), und mehr als zwei normale EKGs einer Person abweichen (±{})",
    },
    within="Innerhalb des Messfehlers: {}.",
    unmeasured="Nicht in beiden gemessen: {}.",
    not_judged="Unterschiede werden nicht beurteilt.",
    kinds={"new": "neu", "gone": "entfallen", "kept": "wie zuvor", "surer": "sicherer", "less-sure": "weniger sicher"},
    new="Neu im Entwurf zum späteren EKG: {}.",
    gone="Nicht mehr im Entwurf zum späteren EKG: {}.",
    no_news="Beide Entwürfe sagen dasselbe aus.",
    no_drafts="Aussagen werden nicht verglichen: Es gibt keinen Entwurf zu: {}.",
    codes="Vergleichscodes der AHA",
    no_code="Keiner der Codes 400 bis 406 gilt nach seiner Regel.",
    swapped="Die Schläge beider EKGs passen weit besser zueinander, wenn eine Vertauschung von Elektroden "
    "zurückgenommen wird ({}): Geändert haben können sich die Elektroden und nicht das Herz.",
    placed="Nur V1 bis V6 sehen anders aus, I und II nicht: Ihre Elektroden können anders gelegen haben.",
    quality="{}: {}",
    statements="Aussagen beider Entwürfe",
    in_words="In Worten",
    measured="Gemessen",
    beats="Mittlere Schläge beider EKGs, an R übereinandergelegt",
    paper="Beide EKGs auf einem Papier",
    critical="kritischer Befund",
    source="Grenzen: 95 % der Unterschiede zwischen zwei Hälften einer Aufzeichnung (Messfehler), 97,5 % derer "
    "zwischen zwei normalen EKGs einer Person binnen eines Jahres, gemessen an PTB-XL mit 100 Hz: Einige liegen "
    "jenseits, obwohl sich nichts geändert hat (docs/compare.md).",
    polarity={"present": "vorhanden", "possible": "möglich"},
)

_WORDS: dict[Language, Words] = {"en": _ENGLISH, "de": _GERMAN}
