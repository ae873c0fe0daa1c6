"""The handbook's check: it finds what is planted, and the handbook has no fault."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import typer
from typer.testing import CliRunner

from einthoven.cli.handbook import add_to
from einthoven.knowledge.handbook import sections
from einthoven.knowledge.handbook_check import check, required, uncovered
from einthoven.knowledge.handbook_section import Criterion, Section
from einthoven.knowledge.handbook_sentence import disagreements, leads_in
from einthoven.reporting import checks, limits


def test_the_handbook_says_nothing_twofold() -> None:
    assert [str(fault) for fault in check(sections()) if fault.kind != "coverage"] == []


def test_every_statement_has_a_section() -> None:
    assert [str(fault) for fault in uncovered(sections())] == []


def test_what_needs_a_section() -> None:
    codes = required()
    assert sum(":" not in code for code in codes) == 71
    assert sum(code.startswith("aha:") for code in codes) == 117
    assert sum(code.startswith("snomed:") for code in codes) == 133
    assert codes["aha:88"] == "complete AV block" and "aha:200" not in codes


def section(code: str) -> Section:
    return next(each for each in sections() if code in each.codes)


def kinds(changed: Section) -> set[str]:
    """Kinds of the faults that come with a section in place of the one of its title."""
    there = {str(fault) for fault in check(sections())}
    found = check([changed if each.title == changed.title else each for each in sections()])
    return {fault.kind for fault in found if str(fault) not in there}


def test_what_is_planted_is_found() -> None:
    slow, fast = section("SBRAD"), section("STACH")
    assert kinds(replace(slow, criteria=())) == {"criteria"}
    assert kinds(replace(slow, apart=())) == {"criteria"}
    assert kinds(replace(slow, codes=(*slow.codes, "aha:81"))) == {"code"}
    assert kinds(replace(slow, codes=(*slow.codes, "aha:999"))) == {"code"}
    assert kinds(replace(slow, names=(*slow.names, "Vorhofflimmern"))) == {"name"}
    rate = replace(slow.criteria[0], sentence="The rate is less than 70 bpm.", value=(70.0,))
    assert kinds(replace(slow, criteria=(rate,))) == {"contradiction"}  # sinus rhythm begins at 60
    double = replace(fast.criteria[0], sentence="The rate is less than 90 bpm.", op="<", value=(90.0,))
    assert kinds(replace(fast, criteria=(*fast.criteria, double))) == {"contradiction"}
    far = Criterion("The P wave lasts 190 ms or more.", "p_duration", ">=", (190.0,), "ms", source="general")
    assert kinds(replace(fast, criteria=(*fast.criteria, far))) == {"measurement"}


def test_a_neighbour_that_is_told_otherwise_is_found() -> None:
    escape = section("aha:38")
    apart = Criterion("Accelerated junctional rhythm: a rate of 40 bpm or less.", "rate", "<=", (40.0,), "bpm")
    assert kinds(replace(escape, apart=(apart,))) == {"contradiction"}


def test_a_gap_is_found() -> None:
    less = [each for each in sections() if "AFIB" not in each.codes]
    texts = [str(fault) for fault in uncovered(less)]
    assert "AFIB (atrial fibrillation) has no section [coverage]" in texts
    assert sum("164889003" in text or "aha:50 " in text for text in texts) == 2


AGREE = [
    Criterion("The PR interval is more than 200 ms in adults.", "pr", ">", (200.0,), "ms"),
    Criterion("It lies between -30 and 90 degrees.", "axis_qrs", "in", (-30.0, 90.0), "degrees"),
    Criterion("In V1 to V3 it is at least 0.25 mV (2.5 mm) tall.", "st", ">=", (0.25,), "mV", ("V1", "V2", "V3")),
    Criterion("T waves lie at -0.1 mV (1 mm) or deeper.", "t_amplitude", "<=", (-0.1,), "mV"),
    Criterion("The inferior leads show 120 ms or less; others ask for 110 ms.", "qrs", "<=", (120.0,), "ms", ("II",)),
    Criterion("In 2:1 block of type II the PR interval is constant."),
]


@pytest.mark.parametrize("criterion", AGREE, ids=lambda each: each.sentence)
def test_sentences_that_agree_with_their_braces(criterion: Criterion) -> None:
    assert list(disagreements(criterion)) == []


@pytest.mark.parametrize(
    ("criterion", "changed"),
    [
        (0, {"value": (210.0,)}),
        (0, {"op": ">="}),
        (0, {"op": "<"}),
        (0, {"unit": "mV"}),
        (0, {"op": None, "measure": None, "value": (), "unit": None}),
        (0, {"leads": ("II",)}),
        (1, {"value": (-45.0, 90.0)}),
        (2, {"leads": ("V1", "V3")}),
        (2, {"leads": ("V1", "V2", "V3", "V4")}),
        (2, {"sentence": "In V1 to V3 it is at least 0.25 mV (25 mm) tall."}),
        (3, {"op": ">="}),
        (4, {"leads": ("V1",)}),
    ],
)
def test_sentences_that_do_not(criterion: int, changed: dict[str, object]) -> None:
    assert list(disagreements(replace(AGREE[criterion], **changed)))  # type: ignore[arg-type]


def test_leads_of_a_sentence() -> None:
    assert leads_in("in I, aVL and V5-V6, as IMI and type II do not") == {"I", "aVL", "V5", "V6"}


# What reporting holds a draft against, and the criterion of the handbook that says the same number.
SAME = [
    ("SBRAD", "rate", checks.RATE_RULES["SBRAD"].supports, 1),
    ("STACH", "rate", checks.RATE_RULES["STACH"].supports, 0),
    ("SVTAC", "rate", checks.RATE_RULES["SVTAC"].supports, 0),
    ("PSVT", "rate", checks.RATE_RULES["PSVT"].supports, 0),
    ("NORM", "qrs", (checks.INTERVAL_RULES["qrs"].limit,), 0),
    ("NORM", "qtc", (checks.INTERVAL_RULES["qtc_fridericia"].limit,), 0),
    ("LNGQT", "qtc", (checks.INTERVAL_RULES["qtc_fridericia"].limit,), 0),
    ("STE_", "st", (limits.ELEVATION,), 0),
    ("STE_", "st", (limits.V2_V3_WOMEN,), 0),
    ("STE_", "st", (limits.V2_V3_MEN,), 0),
    ("STE_", "st", (limits.V2_V3_YOUNG_MEN,), 0),
    ("STD_", "st", (-limits.DEPRESSION,), 0),
    ("LVH", "voltage", (limits.SOKOLOW_LYON,), 0),
    ("LVH", "voltage", (limits.CORNELL_WOMEN,), 0),
    ("LVH", "voltage", (limits.CORNELL_MEN,), 0),
]


@pytest.mark.parametrize(("code", "measure", "limit", "end"), SAME)
def test_reporting_uses_the_handbooks_number(code: str, measure: str, limit: tuple[float, ...], end: int) -> None:
    numbers = {value for each in section(code).criteria if each.measure == measure for value in each.value}
    assert limit[end] in numbers


def test_what_reporting_doubts_is_beyond_the_handbooks_limit() -> None:
    long = checks.INTERVAL_RULES["pr"].limit
    assert all(section(code).criteria[0].holds(long) for code in ("LPR", "1AVB"))
    (normal,) = [each for each in section("NORM").criteria if each.measure == "pr"]
    assert not normal.holds(long)


def command() -> typer.Typer:
    app = typer.Typer()

    @app.callback()
    def knowledge() -> None:
        """The knowledge base."""

    add_to(app)
    return app


def test_the_command() -> None:
    said = CliRunner().invoke(command(), ["check"])
    faults = check(sections())
    assert said.exit_code == (1 if faults else 0)
    assert said.stdout.splitlines()[-2] == "Einthoven handbook, not reviewed by a physician."
    assert f"{len(faults)} faults in all." in said.stdout.splitlines()[-1]
    document = json.loads(CliRunner().invoke(command(), ["check", "--json"]).stdout)
    assert document["sections"] == len(sections()) and len(document["faults"]) == len(faults)
