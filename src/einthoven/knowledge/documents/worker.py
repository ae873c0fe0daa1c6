"""The process that reads documents: `main` is a program of its own that answers paths with what stands in them.

A request is a frame with a path. Answers are frames of JSON: `{"page": n}` while it reads, then `{"document": ...}` or
`{"error": [kind, message, mend]}`. What reading a page may cost is bounded by the system (`Limits`).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from einthoven.ecg import EinthovenError
from einthoven.ingest.limits import Limits, arm, confine
from einthoven.ingest.supervisor import read_frame, write_frame
from einthoven.knowledge.documents.read import read_document

PAGE_LIMITS = Limits(cpu_s=20.0, wall_s=90.0, memory=1024 * 2**20)
"""What one page or chapter may cost; the whole of an HTML, Markdown or text file counts as one."""


def serve(requests: int, answers: int, limits: Limits) -> None:
    """Answers requests until there are no more."""
    confine(limits)

    def show(page: int) -> None:
        arm(limits)
        write_frame(answers, json.dumps({"page": page}).encode())

    while (request := read_frame(requests)) is not None:
        arm(limits)
        answer: dict[str, Any]
        try:
            document = read_document(Path(os.fsdecode(request)), show)
            blocks = [[block.text, block.level, block.page] for block in document.blocks]
            answer = {"document": [document.kind, blocks, document.pages, document.notices]}
        except EinthovenError as fault:
            answer = {"error": [fault.kind, fault.message, fault.mend]}
        except MemoryError:
            answer = {"broke": "memory"}
        except Exception as fault:  # noqa: BLE001 (a reader's own mistake must not end the whole build)
            answer = {"broke": type(fault).__name__}
        write_frame(answers, json.dumps(answer).encode())


def main() -> None:
    """Reads the limits from the command line, then serves standard input and output."""
    cpu, wall, memory = sys.argv[1:4]
    requests, answers = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    serve(requests, answers, Limits(float(cpu), float(wall), int(memory)))
