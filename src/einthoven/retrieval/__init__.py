"""Floor 4: archives of ECGs, searched by similarity, and what their answers can be trusted with."""

from einthoven.retrieval.archive import Archive
from einthoven.retrieval.bundled import demo_archive
from einthoven.retrieval.calibration import Calibration
from einthoven.retrieval.foreign import EmbeddingModel, ForeignModel
from einthoven.retrieval.guarantee import POSSIBLE, Guarantee
from einthoven.retrieval.kept import scp_codes
from einthoven.retrieval.learn import FEWEST_PATIENTS
from einthoven.retrieval.neighbour import Evidence, Neighbour
from einthoven.retrieval.readable import NEIGHBOURS
from einthoven.retrieval.search import ExactIndex
from einthoven.retrieval.verify import Verified, verify
from einthoven.retrieval.where import Where

__all__ = [
    "FEWEST_PATIENTS",
    "NEIGHBOURS",
    "POSSIBLE",
    "Archive",
    "Calibration",
    "EmbeddingModel",
    "Evidence",
    "ExactIndex",
    "ForeignModel",
    "Guarantee",
    "Neighbour",
    "Verified",
    "Where",
    "demo_archive",
    "scp_codes",
    "verify",
]
