"""Writes src/einthoven/answering/scales.json: how sure what is seen of interference, extra beats and the like is.

Learnt from the half of PTB-XL's fold 9 whose patients the shipped archive's confidences were fitted to; the other half
is left for `einthoven evaluate qa`. Run: python tools/fit_answers.py PTBXL
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from einthoven.answering import see
from einthoven.datasets import PTBXL
from einthoven.datasets.ecg_qa import facts_of_ptbxl
from einthoven.evaluation.qa_scales import fit_scales
from einthoven.retrieval import demo_archive
from einthoven.retrieval.guarantee import halves

PLACE = Path(__file__).parent.parent / "src" / "einthoven" / "answering" / "scales.json"


def main(data: Path) -> None:
    source, archive = PTBXL(data), demo_archive()
    entries = source.present((9,))
    first = halves([entry.patient for entry in entries])
    kept = [entry for entry, chosen in zip(entries, first, strict=True) if chosen]
    views = {entry.record: see(source.row(entry).ecg(), archive) for entry in kept}
    facts = {one.record: one for one, _ in facts_of_ptbxl(data, lambda record, fold: record in views)}
    lines = fit_scales(views, facts)
    about = {
        "data": f"ptb-xl {source.release}, fold 9, the patients that the archive's confidences are fitted to",
        "ecgs": len(kept),
        "patients": len({entry.patient for entry in kept}),
        "archive": archive.name,
        "model_sha256": archive.model.sha256,
    }
    document = {"about": about, "lines": {key: [round(one, 4) for one in line] for key, line in sorted(lines.items())}}
    PLACE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
