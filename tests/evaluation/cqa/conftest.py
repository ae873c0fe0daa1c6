"""A file in the form of torch_ecg's, with descriptions of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.evaluation.cqa_references import conditions


@pytest.fixture
def references(tmp_path: Path) -> Path:
    """All names with their full names; those without a description have none, and two repeat another's."""
    lines = ["import nothing_that_is_there", "raise RuntimeError('this file is read, not run')", "Leads = ['I', 'II']"]
    for one in conditions():
        said = [f"{one.statement} shows  sign {len(one.name)}.", "and another of " + one.name]
        if one.name == "SPB":
            lines.append("SPB = SVPB")
            continue
        knowledge = repr(said)
        if one.name == "VPB":
            knowledge = 'PVC["knowledge"]'
        elif one.name == "SVPB":
            knowledge = 'PAC["knowledge"] + PJC["knowledge"]'
        elif one.why:
            knowledge = '[""]' if one.name in ("STD", "STE") else "[]"
        lines.append(f'{one.name} = CFG({{"fullname": {one.statement!r}, "url": [f(1)], "knowledge": {knowledge}}})')
    path = tmp_path / "knowledge.py"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
