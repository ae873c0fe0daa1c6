from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.ecg import DataError
from einthoven.evaluation import cqa_frozen
from einthoven.evaluation.cqa_references import conditions, read_descriptions, read_references, rule
from einthoven.knowledge.describe import Assistant


def test_the_rule_leaves_28_of_34(references: Path) -> None:
    found = read_references(references)
    assert len(conditions()) == 34 and len(found) == 28
    assert found["atrial fibrillation"] == "atrial fibrillation shows sign 2. and another of AF."
    pac, pjc = found["premature atrial contraction"], found["premature junctional contraction"]
    assert found["supraventricular premature beats"] == f"{pac} {pjc}"
    left_out = {name for name, why in rule(read_descriptions(references)).items() if why}
    assert (
        left_out == {one.name for one in conditions() if not one.kept} == {"BBB", "CLBBB", "STD", "STE", "VPB", "SPB"}
    )


def test_every_condition_that_is_kept_can_be_asked_about() -> None:
    abstained = [one.name for one in conditions() if one.kept and Assistant().describe(one.statement).abstained]
    assert not abstained


def test_other_files_are_refused(references: Path, tmp_path: Path) -> None:
    text = references.read_text(encoding="utf-8")
    bad = tmp_path / "bad.py"
    with pytest.raises(DataError, match="cannot be read"):
        read_references(tmp_path / "none.py")
    for content, says in (
        ("x = (", "is not Python"),
        ("x = " + "(" * 5000, "is not Python"),
        ("x = '\0'", "is not Python"),
        ("x = 1", "has no AF"),
        (text.replace("'atrial flutter'", "'flutter'"), "another entry AFL"),
        (text.replace('PVC["knowledge"]', '["new"]'), "another entry VPB"),
        ("#" * 1_000_001, "larger than"),
    ):
        bad.write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match=says):
            read_references(bad)
    bad.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError):
        read_references(bad)


def test_a_change_of_the_handbook_or_the_prompts_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cqa_frozen, "now", lambda: dict(cqa_frozen.frozen()))
    assert cqa_frozen.said().startswith("The handbook is as frozen") and "The prompts are" in cqa_frozen.said()
    monkeypatch.setattr(cqa_frozen, "now", lambda: {**cqa_frozen.frozen(), "handbook_sha256": "0" * 64})
    assert "THE HANDBOOK IS NOT" in cqa_frozen.said() and "now 000000000000" in cqa_frozen.said()
