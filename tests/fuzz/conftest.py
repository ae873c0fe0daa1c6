"""The mutator, the seeds and the runner are plain modules, which a program uses as well as these tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
