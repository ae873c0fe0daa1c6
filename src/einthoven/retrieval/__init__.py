"""Floor 4: archives of ECGs, searched by similarity, and what their answers can be trusted with."""

from einthoven.retrieval.archive import FEWEST_PATIENTS, NEIGHBOURS, Archive, demo_archive, scp_codes
from einthoven.retrieval.calibration import Calibration
from einthoven.retrieval.neighbour import Evidence, Neighbour
from einthoven.retrieval.search import ExactIndex

__all__ = [
    "FEWEST_PATIENTS",
    "NEIGHBOURS",
    "Archive",
    "Calibration",
    "Evidence",
    "ExactIndex",
    "Neighbour",
    "demo_archive",
    "scp_codes",
]
