"""The page's own words in English and German, and how each language writes numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from einthoven.reporting.outcomes import DISCLAIMER, OUTCOMES, Polarity
from einthoven.statements import Language
from einthoven.statements.term import check_language

NARROW = "\u202f"
"""The space of German numbers: narrow, and no line breaks at it."""


@dataclass(frozen=True)
class Words:
    """All that a page says by itself; `{}` takes what the draft says."""

    language: Language
    title: str
    disclaimer: str
    outcomes: Mapping[str, str]
    no_reason: str
    critical: str
    critical_here: str
    scroll: str
    paper: str
    draft: str
    reworded: str
    put_back: str
    additions: str
    measured: str
    measurements: dict[str, str]
    units: dict[str, str]
    not_measured: str
    statements: str
    columns: tuple[str, str, str, str, str, str]
    polarity: dict[Polarity, str]
    votes: str
    ticks: str
    described: str
    described_note: str
    described_general: str
    neighbours: str
    near_columns: tuple[str, str, str, str, str]
    no_neighbours: str
    waveforms: str
    shared: str
    plain: str
    lacking: str
    no_codes: str
    its_report: str
    codes: str
    unknown_code: str
    sexes: dict[str, str]
    years: str
    unknown: str
    about: str
    notices: str
    made_with: str
    model: str
    archive: str
    version: str
    recording: str
    records: str
    calibrated: str
    uncalibrated: str
    reading: str
    confidence: str
    bare_votes: str
    similarity: str
    diagnosis: str
    of_pages: str

    def number(self, value: float, digits: int = 0) -> str:
        """A number as the language writes it.

        >>> WORDS["en"].number(16342), WORDS["de"].number(0.914, 2)
        ('16,342', '0,91')
        """
        text = f"{value:,.{digits}f}"
        return text if self.language == "en" else text.replace(",", NARROW).replace(".", ",")

    def percent(self, share: float) -> str:
        """A probability, harmless in HTML; never rounded to certainty.

        >>> WORDS["en"].percent(0.874), WORDS["en"].percent(0.999)
        ('87%', '&gt;99%')
        """
        gap = "" if self.language == "en" else NARROW
        if 0.99 < share < 1:
            return f"&gt;{gap}99{gap}%"
        if 0 < share < 0.01:
            return f"&lt;{gap}1{gap}%"
        return f"{100 * share:.0f}{gap}%"


def words(language: str) -> Words:
    """The words of a language; UsageError for one that is not there."""
    return WORDS[check_language(language)]


_ENGLISH = Words(
    language="en",
    title="ECG report draft",
    disclaimer=DISCLAIMER,
    outcomes=OUTCOMES,
    no_reason="Nothing gave reason for more than the usual caution. Nobody has confirmed it.",
    critical="critical",
    critical_here="Critical findings in this draft",
    scroll="The ECG on millimetre paper",
    paper="12-lead ECG",
    draft="Draft report",
    reworded="Reworded by {} (it may drop and reword, not add)",
    put_back="Critical statements that it left out were put back: {}.",
    additions="Additions of it that were dropped: {}.",
    measured="Measured in this ECG",
    measurements={
        **{"heart_rate": "Heart rate", "rr_median": "RR interval, median", "rr_spread": "RR interval, SD"},
        **{"pr": "PR interval", "qrs": "QRS duration", "qt": "QT interval"},
        **{"qtc_fridericia": "QTc, Fridericia", "qtc_bazett": "QTc, Bazett"},
        **{"p_axis": "P axis", "qrs_axis": "QRS axis", "t_axis": "T axis"},
    },
    units={},
    not_measured="not measured",
    statements="What each statement rests on",
    columns=("Statement", "SCP code", "Polarity", "Confidence", "Votes", "Evidence"),
    polarity={"present": "present", "possible": "possible"},
    votes="{} of {} neighbours",
    ticks="Votes: one tick for each neighbour, the nearest on the left; a tall tick carries the statement. "
    "The mark on a confidence bar is the least at which the statement is drafted.",
    described="What such findings look like",
    described_note="It describes the finding in general, not this ECG.",
    described_general="Quoted from your knowledge base. It describes the finding in general, not this ECG.",
    neighbours="Most similar ECGs",
    near_columns=("Rank", "Similarity", "Age, sex", "Record", "Statements"),
    no_neighbours="No similar ECGs were looked up.",
    waveforms="Neighbours are shown by their statements; their waveforms are not part of this page.",
    shared="also in the draft",
    plain="not in the draft",
    lacking="in the draft, but not of this ECG",
    no_codes="no coded statement",
    its_report="Its report:",
    codes="Codes on this page",
    unknown_code="not in the vocabulary",
    sexes={"male": "male", "female": "female"},
    years="{} y",
    unknown="unknown",
    about="About this draft",
    notices="Notices",
    made_with="Made with",
    model="Model",
    archive="Archive",
    version="version {}",
    recording="This recording",
    records="{} ECGs",
    calibrated="calibrated",
    uncalibrated="not calibrated",
    reading="How to read the numbers",
    confidence="Confidence is a probability calibrated on other ECGs: of statements drafted at 80%, about 8 in 10 "
    "should hold (unless a reason above speaks of bare votes).",
    bare_votes="Confidence is here the bare share of the neighbours that carry a statement, not a probability: this "
    "archive is not calibrated.",
    similarity="Similarity is the cosine between two ECGs as the model sees them: 1 is the most there can be, and even "
    "that does not make two findings the same.",
    diagnosis="None of this is a diagnosis: it is a draft that nobody has confirmed, and the ECG itself has to be "
    "read.",
    of_pages="of",
)

_GERMAN = Words(
    language="de",
    title="EKG-Befundentwurf",
    disclaimer="Nur für Forschungszwecke. Kein Medizinprodukt. Nicht für Diagnose oder Behandlung. "
    "Unbestätigter Entwurf.",
    outcomes={
        "draft": "ENTWURF",
        "caution": "ENTWURF MIT VORSICHT",
        "none": "KEIN ENTWURF: nur die ähnlichsten EKGs",
    },
    no_reason="Nichts gab Grund zu mehr als der üblichen Vorsicht. Niemand hat ihn bestätigt.",
    critical="kritisch",
    critical_here="Kritische Befunde in diesem Entwurf",
    scroll="Das EKG auf Millimeterpapier",
    paper="12-Kanal-EKG",
    draft="Befundentwurf",
    reworded="Umformuliert von {} (es darf weglassen und umformulieren, nichts hinzufügen)",
    put_back="Kritische Aussagen, die es wegließ, stehen wieder da: {}.",
    additions="Verworfene Zusätze von ihm: {}.",
    measured="In diesem EKG gemessen",
    measurements={
        **{"heart_rate": "Herzfrequenz", "rr_median": "RR-Intervall, Median", "rr_spread": "RR-Intervall, SD"},
        **{"pr": "PQ-Zeit", "qrs": "QRS-Dauer", "qt": "QT-Zeit"},
        **{"qtc_fridericia": "QTc nach Fridericia", "qtc_bazett": "QTc nach Bazett"},
        **{"p_axis": "P-Achse", "qrs_axis": "QRS-Achse", "t_axis": "T-Achse"},
    },
    units={"bpm": "/min"},
    not_measured="nicht gemessen",
    statements="Worauf jede Aussage beruht",
    columns=("Aussage", "SCP-Code", "Polarität", "Konfidenz", "Stimmen", "Beleg"),
    polarity={"present": "vorhanden", "possible": "möglich"},
    votes="{} von {} Nachbarn",
    ticks="Stimmen: ein Strich je Nachbar, der nächste links; ein hoher Strich trägt die Aussage. "
    "Die Marke am Konfidenzbalken ist der Wert, ab dem die Aussage entworfen wird.",
    described="Wie solche Befunde aussehen",
    described_note="Beschrieben (auf Englisch) ist der Befund im Allgemeinen, nicht dieses EKG.",
    described_general="Zitiert aus Ihrer Wissensbasis. Beschrieben ist der Befund im Allgemeinen, nicht dieses EKG.",
    neighbours="Ähnlichste EKGs",
    near_columns=("Rang", "Ähnlichkeit", "Alter, Geschlecht", "Aufzeichnung", "Aussagen"),
    no_neighbours="Es wurden keine ähnlichen EKGs gesucht.",
    waveforms="Nachbarn sind mit ihren Aussagen gezeigt; ihre Kurven sind nicht Teil dieser Seite.",
    shared="auch im Entwurf",
    plain="nicht im Entwurf",
    lacking="im Entwurf, aber nicht bei diesem EKG",
    no_codes="keine codierte Aussage",
    its_report="Sein Befund:",
    codes="Codes auf dieser Seite",
    unknown_code="nicht im Vokabular",
    sexes={"male": "männlich", "female": "weiblich"},
    years="{} J.",
    unknown="unbekannt",
    about="Zu diesem Entwurf",
    notices="Hinweise",
    made_with="Entstanden aus",
    model="Modell",
    archive="Archiv",
    version="Version {}",
    recording="Diese Aufzeichnung",
    records="{} EKGs",
    calibrated="kalibriert",
    uncalibrated="nicht kalibriert",
    reading="Wie die Zahlen zu lesen sind",
    confidence="Die Konfidenz ist eine an anderen EKGs kalibrierte Wahrscheinlichkeit: Von Aussagen mit 80\u202f% "
    "sollten etwa 8 von 10 zutreffen (außer wenn oben ein Grund von bloßen Stimmen spricht).",
    bare_votes="Die Konfidenz ist hier der bloße Anteil der Nachbarn mit dieser Aussage und keine Wahrscheinlichkeit: "
    "Dieses Archiv ist nicht kalibriert.",
    similarity="Die Ähnlichkeit ist der Kosinus zwischen zwei EKGs, wie das Modell sie sieht: 1 ist das Höchste, und "
    "selbst das macht zwei Befunde nicht gleich.",
    diagnosis="Nichts davon ist eine Diagnose: Es ist ein Entwurf, den niemand bestätigt hat, und das EKG selbst muss "
    "befundet werden.",
    of_pages="von",
)

WORDS: dict[Language, Words] = {"en": _ENGLISH, "de": _GERMAN}
