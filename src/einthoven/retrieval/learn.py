"""Learning an archive's calibration from ECGs whose statements are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.retrieval.calibration import DISTANT, FAR, Calibration, fit_weights
from einthoven.retrieval.contents import Contents
from einthoven.retrieval.kept import scp_codes


def learn(
    contents: Contents,
    rows: Sequence[Row],
    embedding: NDArray[np.float32],
    head: NDArray[np.float32],
    head_codes: Sequence[str],
    leave_out: Sequence[NDArray[np.intp]],
    k: int,
    version: int,
    source: str,
) -> Calibration:
    """Asks an archive's contents, and fits confidence and distance limits to the answers.

    Args:
        rows: what is asked (q), with the statements that are true of it.
        embedding, head: (q, d) and (q, head_codes) of these rows.
        leave_out: for each row the patients that must not answer for it.
        k: neighbours that vote; fewer than there are patients, so that each row gets as many.
    """
    similarity, near = contents.search(embedding, k, leave_out)
    truth = np.array([np.isin(contents.codes, scp_codes(row)) for row in rows])
    votes, scores = contents.votes(near), contents.head_scores(head, head_codes)
    return Calibration(
        version=version,
        k=k,
        source=source,
        queries=len(rows),
        patients=patients_in(rows),
        far=float(np.quantile(similarity[:, 0], FAR)),
        distant=float(np.quantile(similarity[:, 0], DISTANT)),
        weights=fit_weights(contents.codes, votes, scores, truth),
    )


def patients_in(rows: Sequence[Row]) -> int:
    """Number of patients; an ECG without a patient id counts as one of its own."""
    return len({("patient", row.patient) if row.patient else ("record", row.record) for row in rows})
