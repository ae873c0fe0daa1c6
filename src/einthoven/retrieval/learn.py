"""Learning an archive's calibration from ECGs whose statements are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.ecg import Bools, CollectionError, Floats
from einthoven.retrieval.calibration import DISTANT, FAR, Calibration, fit_weights
from einthoven.retrieval.contents import Contents
from einthoven.retrieval.guarantee import NOTHING, guarantee_of, halves
from einthoven.retrieval.kept import scp_codes
from einthoven.statements import VOCABULARY

FEWEST_PATIENTS = 200


def askable(rows: Sequence[Row], patients: int, holding: str) -> list[Row]:
    """The rows that an archive can be calibrated with: those with signal and coded statements.

    Args:
        patients: of the archive. `holding`: the archive in words.

    Raises:
        CollectionError: too few patients, there or here.
    """
    kept = [row for row in rows if row.signal is not None and scp_codes(row)]
    asked = patients_in(kept)
    if min(asked, patients) < FEWEST_PATIENTS:
        raise CollectionError(
            f"The archive holds {holding}, and ECGs of {asked} with signal and coded statements "
            f"can be asked; {FEWEST_PATIENTS} patients of each are needed.",
            "Add ECGs of more patients, with statements and signals.",
        )
    return kept


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
    """Asks an archive's contents, and fits confidences, distance limits and the guarantee to the answers.

    Half of the patients are for the weights of confidences, the others for the guarantee, which would not hold
    on ECGs that the confidences were fitted to.

    Args:
        rows: what is asked (q), with the statements that are true of it.
        embedding, head: (q, d) and (q, head_codes) of these rows.
        leave_out: for each row the patients that must not answer for it.
        k: neighbours that vote; fewer than there are patients, so that each row gets as many.
    """
    similarity, near = contents.search(embedding, k, leave_out)
    said = [scp_codes(row) for row in rows]
    return fitted(
        Answered(
            codes=contents.codes,
            votes=contents.votes(near),
            head=contents.head_scores(head, head_codes),
            nearest=similarity[:, 0],
            truth=np.array([np.isin(contents.codes, codes) for codes in said]),
            critical=np.array([any(VOCABULARY[code].critical for code in codes) for codes in said]),
            patients=np.array([_person(row) for row in rows]),
        ),
        k,
        version,
        source,
    )


@dataclass(frozen=True)
class Answered:
    """What an archive answered to ECGs (q) whose statements are known.

    Args:
        votes, head: (q, codes) probabilities. nearest: (q,) similarity of the nearest ECG. truth: (q, codes).
        critical: (q,) whether a critical finding is stated, of whichever code. patients: (q,) ids.
    """

    codes: Sequence[str]
    votes: Floats
    head: Floats
    nearest: NDArray[np.float32]
    truth: Bools
    critical: Bools
    patients: NDArray[np.str_]

    def where(self, kept: Bools) -> Answered:
        """Some of them."""
        arrays = ("votes", "head", "nearest", "truth", "critical", "patients")
        return replace(self, **{name: getattr(self, name)[kept] for name in arrays})


def fitted(asked: Answered, k: int, version: int, source: str, seed: int = 0) -> Calibration:
    """The calibration that answers give; `seed` draws which half of the patients is for what."""
    first = halves(asked.patients.tolist(), seed)
    fit, kept = asked.where(first), asked.where(~first)
    without = Calibration(
        version=version,
        k=k,
        source=source,
        queries=len(asked.patients),
        patients=len(set(asked.patients)),
        far=float(np.quantile(asked.nearest, FAR)),
        distant=float(np.quantile(asked.nearest, DISTANT)),
        weights=fit_weights(fit.codes, fit.votes, fit.head, fit.truth),
        guarantee=NOTHING,
    )
    confidence = without.confidence(kept.codes, kept.votes, kept.head)
    return replace(without, guarantee=guarantee_of(kept.codes, confidence, kept.truth, kept.critical, kept.patients))


def _person(row: Row) -> str:
    return f"patient {row.patient}" if row.patient else f"record {row.record}"


def patients_in(rows: Sequence[Row]) -> int:
    """Number of patients; an ECG without a patient id counts as one of its own."""
    return len(set(map(_person, rows)))
