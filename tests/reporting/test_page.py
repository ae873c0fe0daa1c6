"""The page of a draft, read back with the standard library's HTML reader."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import ECG, Patient, Statement, UsageError
from einthoven.knowledge.description import Quote
from einthoven.knowledge.extract import handbook_quotes
from einthoven.knowledge.passage import Passage
from einthoven.measurement import Measurements
from einthoven.reporting import DISCLAIMER, Draft, DraftStatement, MeasurementEvidence, NeighbourEvidence
from einthoven.reporting.draft import Quoted
from einthoven.reporting.outcomes import OUTCOMES
from einthoven.reporting.page import draft_page
from einthoven.reporting.parts import descriptions
from einthoven.reporting.parts.markup import plain
from einthoven.reporting.refine import Added, Kept, Refined
from einthoven.retrieval import Neighbour
from einthoven.statements import VOCABULARY
from einthoven.testing import simulate

VOID = {"meta", "br"}
HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>\u202egpj.exe \x1b[31mred\x1b[0m & </style>"
MEASURED = Measurements(61.2, 981.0, 14.0, np.array([100, 600]))
UNMEASURED = Measurements(
    None, None, None, np.zeros(0, np.intp), dict.fromkeys(("heart_rate", "rr_median", "rr_spread"), "Too <few> beats.")
)


class Read(HTMLParser):
    """Tags with their attributes, and the text of each element of a class; fails on tags that do not pair."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in {tag}"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("class") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        where = tuple(name for tag, classes in self.open for name in (tag, *classes.split()))
        self.texts.append((where, data))

    def text(self, name: str = "body") -> str:
        """All text inside elements of that tag or class."""
        return "".join(data for where, data in self.texts if name in where)

    @property
    def skeleton(self) -> list[tuple[str, tuple[str, ...]]]:
        """Tags and names of attributes."""
        return [(tag, tuple(attributes)) for tag, attributes in self.tags]


def _neighbour(rank: int, *codes: str) -> Neighbour:
    statements = tuple(Statement(code=code, system="SCP") for code in codes)
    return Neighbour(f"rec-{rank:02d}", 0.97 - 0.01 * rank, statements, "p", 40.0 + rank, "female")


NEIGHBOURS = tuple(
    _neighbour(rank, *(["AFIB"] if rank <= 17 else ["SR"]), *(["INJAS", "PVC"] if rank % 5 == 0 else []))
    for rank in range(1, 26)
)


def _statement(code: str, polarity: str, confidence: float, language: str = "en") -> DraftStatement:
    carrying = [n for n in NEIGHBOURS if code in n.codes]
    proof = tuple(NeighbourEvidence(n.record, n.similarity) for n in carrying[:5])
    wording = VOCABULARY[code].text(language)  # type: ignore[arg-type]
    rate = (MeasurementEvidence("heart_rate", 61.2, "bpm"),)
    return DraftStatement(code, wording, polarity, confidence, len(carrying), (*rate, *proof))  # type: ignore[arg-type]


def _draft(outcome: str = "draft", **changes: object) -> Draft:
    some = outcome != "none"
    values: dict[str, object] = {
        "outcome": outcome,
        "reasons": () if outcome == "draft" else ("Leads are missing: V1.", "The gain is unknown."),
        "statements": (_statement("AFIB", "present", 0.874), _statement("INJAS", "possible", 0.27)) if some else (),
        "report": "Atrial fibrillation. Possible injury." if some else "",
        "overall": "Abnormal ECG" if some else "",
        "measurements": MEASURED,
        "neighbours": NEIGHBOURS,
        "notices": ("Resampled to 100 Hz.", "Invalid samples (gaps) in V3."),
        "model": {"name": "esi-tiny", "sha256": "0123456789abcdef" * 4},
        "archive": {"name": "ward-7", "version": 12, "records": 17418, "calibrated": True},
    }
    return Draft(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def ecg() -> ECG:
    return simulate().described(patient=Patient("secret-id", 63.0, "female"), device="Cardiograph 5")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("outcome", list(OUTCOMES))
def test_stands_alone_is_well_formed_and_says_what_it_is_not_for(ecg: ECG, outcome: str, language: str) -> None:
    page = draft_page(ecg, _draft(outcome), language)
    read = Read(page)
    assert not re.search(r"http|src=|@import|url\(|<script|javascript:|<link|<iframe|<form", page, re.IGNORECASE)
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on")]
    assert all(a["href"].startswith(("#near-", "#about-")) for tag, a in read.tags if tag == "a" and a["href"])
    assert len(page.encode()) <= 400_000
    assert [tag for tag, _ in read.tags].count("h1") == 1
    assert ("html", {"lang": language}) in read.tags
    assert read.text("header").count(DISCLAIMER) == 1
    assert read.text("footer").count(DISCLAIMER) == 1
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = {attributes["aria-labelledby"] for _, attributes in read.tags if "aria-labelledby" in attributes}
    assert named <= set(ids)


def test_the_time_of_the_recording_keeps_its_offset(ecg: ECG) -> None:
    at = datetime(2021, 5, 10, 13, 15, 18, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    page = draft_page(ecg.described(time=at), _draft())
    assert '<time datetime="2021-05-10T13:15:18-03:30">2021-05-10 13:15 UTC-03:30</time>' in page
    page = draft_page(ecg.described(time=at.replace(tzinfo=None)), _draft())
    assert '<time datetime="2021-05-10T13:15:18">2021-05-10 13:15</time>' in page


def test_german_page_is_german(ecg: ECG) -> None:
    draft = _draft("caution", statements=(_statement("AFIB", "present", 0.874, "de"),))
    read = Read(draft_page(ecg, draft, "de"))
    assert read.text("h1") == "EKG-Befundentwurf"
    assert "ENTWURF MIT VORSICHT" in read.text("h2")
    assert "Kein Medizinprodukt" in read.text("header")
    assert "87\u202f%" in read.text("statements")
    assert "17 von 25 Nachbarn" in read.text("statements")
    assert "0,960" in read.text("near")
    assert "17\u202f418 EKGs" in read.text("footer")
    assert "ventrikuläre Extrasystolen" in read.text("legend")
    with pytest.raises(UsageError):
        draft_page(ecg, draft, "fr")


@pytest.mark.parametrize("outcome", list(OUTCOMES))
def test_everything_of_the_draft_is_there(ecg: ECG, outcome: str) -> None:
    draft = _draft(outcome)
    read = Read(draft_page(ecg, draft))
    assert OUTCOMES[draft.outcome] in read.text("h2")
    for reason in draft.reasons:
        assert reason in read.text("reasons")
    assert draft.report in read.text("report")
    assert draft.overall in read.text("report")
    for statement in draft.statements:
        table = read.text("statements")
        assert statement.text in table
        assert statement.code in table
        assert f"{statement.votes} of 25 neighbours" in table
        assert f"{statement.confidence:.0%}" in table
        for item in statement.evidence:
            if isinstance(item, NeighbourEvidence):
                assert f"{item.record} {item.similarity:.3f}" in table
    assert ("Heart rate 61\u00a0bpm" in read.text("evidence")) == bool(draft.statements)
    assert "61\u00a0bpm" in read.text("measured")
    for neighbour in draft.neighbours:
        assert neighbour.record in read.text("near")
        assert f"{neighbour.similarity:.3f}" in read.text("near")
    for notice in draft.notices:
        assert notice in read.text("notices")
    for words in ("esi-tiny", "0123456789ab", "ward-7", "version 12", "17,418 ECGs", "calibrated", ecg.sha256[:12]):
        assert words in read.text("footer")
    for code in ("SR", "AFIB", "PVC", "INJAS"):
        assert f"{code}{VOCABULARY[code].english}" in read.text("legend")
    assert "63 y, female" in read.text("header")
    assert "secret-id" not in read.text("html")


def test_critical_findings_stand_in_the_head_and_in_their_row(ecg: ECG) -> None:
    read = Read(draft_page(ecg, _draft("caution")))
    assert "atrial fibrillation (present, 87%)" in read.text("header")
    assert "anteroseptal ST-T changes suggesting subendocardial injury (possible, 27%)" in read.text("header")
    assert read.text("statements").count("critical") == 2
    calm = Read(draft_page(ecg, _draft("draft", statements=(_statement("SR", "present", 0.9),))))
    assert "ritical" not in calm.text("header") + calm.text("statements")


def test_chips_tell_shared_other_and_lacking_statements(ecg: ECG) -> None:
    page = draft_page(ecg, _draft())
    row = re.search(r'<tr id="near-20">.*?</tr>', page)
    assert row
    chips = re.findall(r'<li class="chip (\w+)" title="([^"]+)">([^<]+)<', row[0])
    assert [(kind, code) for kind, _, code in chips] == [
        ("lacking", "AFIB"),
        ("shared", "INJAS"),
        ("other", "SR"),
        ("other", "PVC"),
    ]
    assert [title for _, title, _ in chips] == [VOCABULARY[code].english for _, _, code in chips]
    # Not by colour alone: what a screen reader says of them.
    assert "in the draft, but not of this ECG" in row[0]
    assert "also in the draft" in row[0]


def test_bar_and_ticks_show_what_the_numbers_say(ecg: ECG) -> None:
    page = draft_page(ecg, _draft())
    assert re.findall(r'class="fill" y="2.5" width="([\d.]+)"', page) == ["87.4", "27.0"]
    # Both findings are critical, so both are drafted from 20% on.
    assert re.findall(r'<path d="M([\d.]+) 0v10"/>', page) == ["20", "20"]
    tall, short = zip(
        *re.findall(r'class="ticks"[^>]*><path d="([^"]*)"/><path class="off" d="([^"]*)"', page), strict=True
    )
    assert [d.count("M") for d in tall] == [17, 5]
    assert [d.count("M") for d in short] == [8, 20]


def test_what_is_almost_sure_is_not_called_certain(ecg: ECG) -> None:
    sure = (_statement("SR", "present", 0.998), _statement("AFIB", "present", 1.0))
    shown = Read(draft_page(ecg, _draft(statements=sure))).text("statements")
    assert ">99%" in shown
    assert "100%" in shown


def test_says_why_nothing_was_measured_and_that_nothing_was_looked_up(ecg: ECG) -> None:
    read = Read(draft_page(ecg, _draft("none", measurements=UNMEASURED, neighbours=())))
    assert read.text("measured").count("not measured") == 3
    assert read.text("measured").count("Too <few> beats.") == 1
    assert "No similar ECGs were looked up." in read.text("main")
    assert "does not mean that the ECG is normal" in read.text("report")
    assert "table" not in [tag for tag, _ in read.tags]


def test_an_archive_without_calibration_has_no_probabilities(ecg: ECG) -> None:
    archive = {"name": "a", "version": 1, "records": 30, "calibrated": False}
    foot = Read(draft_page(ecg, _draft("caution", archive=archive))).text("footer")
    assert "not calibrated" in foot
    assert "not a probability" in foot


def test_tables_have_headers(ecg: ECG) -> None:
    read = Read(draft_page(ecg, _draft()))
    heads = [attributes.get("scope") for tag, attributes in read.tags if tag == "th"]
    assert heads.count("col") == 6 + 5
    assert heads.count("row") == 2 + 25


def test_the_paper_is_in_true_millimetres_between_the_margins_of_a4(ecg: ECG) -> None:
    page = draft_page(ecg, _draft())
    drawing = re.search(r'<div class="paper".*?>(<svg.*?</svg>)</div>', page)
    assert drawing
    svg = ET.fromstring(drawing[1])
    width, height = (float(side) for side in (svg.get("viewBox") or "").split()[2:])
    assert svg.get("width") == "277mm"
    assert width == 297 - 2 * 10  # one user unit is one millimetre
    assert height <= 150  # room for the head on the same sheet, 210 mm high
    assert "size: A4 landscape; margin: 7mm 10mm 11mm;" in page
    assert ".paper svg { width: 277mm; min-width: 0; }" in page
    leads = [path.get("data-lead") for path in svg.iter("path") if path.get("data-lead")]
    assert len(leads) == 13
    assert leads[-1] == "II"


def _filled_with(words: str) -> tuple[ECG, Draft]:
    recording = simulate(seconds=3).described(patient=Patient(words, 50.0, words), device=words, format=words)
    near = tuple(
        Neighbour(f"{words}{at}", 0.9, (Statement(code=words), Statement(code="SR")), words, 1e3, words)
        for at in (1, 2)
    )
    evidence = (NeighbourEvidence(f"{words}1", 0.9), MeasurementEvidence(words, 1.0, words))
    return recording, _draft(
        "caution",
        reasons=(words, words),
        statements=(DraftStatement("AFIB", words, "present", 0.9, 2, evidence),),
        report=words,
        overall=words,
        measurements=Measurements(None, 900.0, 20.0, np.zeros(0, np.intp), {"heart_rate": words}),
        neighbours=near,
        notices=(words,),
        model={"name": words, "sha256": words},
        archive={"name": words, "version": words, "records": 2, "calibrated": True},
        disclaimer=words,
    )


def test_hostile_words_stay_words() -> None:
    page = draft_page(*_filled_with(HOSTILE))
    read = Read(page)
    assert read.skeleton == Read(draft_page(*_filled_with("plain"))).skeleton
    assert not {"script", "img"} & {tag for tag, _ in read.tags}
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", page)
    assert page.count("</style>") == 1
    for place in ("reasons", "report", "statements", "near", "notices", "legend", "footer", "header", "measured"):
        assert "<script>alert(1)" in read.text(place), place  # shown as what it is


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60))
def test_no_words_change_the_structure_of_the_page(words: str) -> None:
    assert Read(draft_page(*_filled_with(f"x{words}"))).skeleton == Read(draft_page(*_filled_with("x"))).skeleton


def _luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_reach_the_contrast_of_wcag_aa(ecg: ECG, theme: int) -> None:
    themes = [
        dict(re.findall(r"--([\w-]+): #(\w+)", block)) for block in re.findall(r":root \{(.*?)\}", _css(ecg), re.S)
    ]
    colours = themes[theme]
    pairs = [(text, ground) for text in ("ink", "quiet") for ground in ("ground", "card", "accent-soft")]
    pairs += [("accent", "card"), ("accent", "accent-soft"), ("alert", "card"), ("alert", "alert-soft")]
    pairs += [("caution", "card"), ("caution", "caution-soft")]
    for text, ground in pairs:
        light, dark = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


def _css(ecg: ECG) -> str:
    found = re.search(r"<style>(.*?)</style>", draft_page(ecg, _draft()), re.S)
    assert found
    return found[1]


def test_every_class_of_the_style_is_on_some_page(ecg: ECG) -> None:
    empty = _draft("none", measurements=UNMEASURED, neighbours=(_neighbour(1),))
    tags = [each for draft in (_draft("caution"), empty) for each in Read(draft_page(ecg, draft)).tags]
    used = {name for _, attributes in tags for name in (attributes.get("class") or "").split()}
    selectors = re.sub(r"/\*.*?\*/", " ", _css(ecg), flags=re.S)
    selectors = " ".join(re.findall(r"[^{};]+(?=\{)", selectors))
    assert set(re.findall(r"\.([a-z][\w-]*)", selectors)) <= used


def test_each_statement_leads_to_what_the_handbook_says_of_it(ecg: ECG) -> None:
    draft = _draft("draft")
    page = draft_page(ecg, draft)
    read = Read(page)
    # inside of the closed elements, so that browsers open them, and not their own places
    places = {attributes.get("id") for tag, attributes in read.tags if attributes.get("class") == "described"}
    assert not any(attributes.get("id") for tag, attributes in read.tags if tag == "details")
    linked = {a["href"].removeprefix("#") for tag, a in read.tags if tag == "a" and a["href"].startswith("#about-")}
    assert linked == places == {"about-" + statement.code.replace("/", "-") for statement in draft.statements}
    assert "Einthoven handbook, not reviewed by a physician" in page
    quotes = [quote for statement in draft.statements for quote in handbook_quotes(statement.code)]
    assert quotes and all(plain(quote.text, 4000) in page for quote in quotes)


def test_a_code_without_section_is_neither_linked_nor_described(ecg: ECG, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptions, "handbook_quotes", lambda code: ())
    page = draft_page(ecg, _draft("draft"))
    assert "#about-" not in page
    assert "<details" not in page


def test_books_of_the_users_describe_in_place_of_the_handbook_and_are_named(ecg: ECG) -> None:
    passage = Passage("AF has no P waves.", f"{HOSTILE}.pdf", "0" * 64, 12)
    first, second = _draft().statements
    named = replace(first, described=(Quote(passage, passage.text, "Atrial fibrillation"),))
    draft = _draft(statements=(named, replace(second, described=())), knowledge="my books")
    read = Read(draft_page(ecg, draft))
    assert read.text("described").startswith("AF has no P waves. ") and "page 12" in read.text("cite")
    assert "handbook" not in read.text() and "script" not in [tag for tag, _ in read.tags]
    assert [a["href"] for tag, a in read.tags if tag == "a" and "#about" in a["href"]] == ["#about-AFIB"]
    assert [one["described_in"] for one in draft.to_dict()["statements"]] == [
        {"source": passage.source, "page": 12},
        None,
    ]
    assert "einthoven describe AFIB INJAS --knowledge 'my books'" in str(draft)


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_a_language_model_made_of_it_and_whose_report_it_is_are_there(ecg: ECG, language: str) -> None:
    kept = (Kept("There is atrial fibrillation.", ("AFIB",), ("Atrial fibrillation.",)),)
    refined = Refined(f"model {HOSTILE}", kept, ("Possible injury.",), ("AFIB",), (Added("VT.", "new"),) * 2)
    page = Read(draft_page(ecg, _draft(refined=refined), language))
    shown = " ".join(page.text("report").split())
    assert page.text("ins") == "There is atrial fibrillation."
    assert page.text("del") == "Atrial fibrillation.Possible injury." and "VT." not in shown
    assert "script" not in [tag for tag, _ in page.tags] and ("Reworded by" in shown) == (language == "en")
    quoted = Quoted("rec-01", "de", False, {"prior": 2})
    assert "rec-01, another patient's" in Read(draft_page(ecg, _draft(quoted=quoted), language)).text("report")
