"""Any list of labels against one ECG: how well each fits by the text side, and what the statement head says beside it.

The probability of a label is that of its being stated of ECGs of PTB-XL whose embedding is as near to the label's. It
was learned for labels of the vocabulary; for others it is guesswork, and marked so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from einthoven.ecg import ECG, ModelError
from einthoven.knowledge.labels import Label, read_labels, readable
from einthoven.models import Model, load_model
from einthoven.reporting.broad import broad_tachycardia
from einthoven.reporting.given import check_ecgs
from einthoven.reporting.look import look, own_doubts
from einthoven.reporting.outcomes import DISCLAIMER
from einthoven.reporting.report import PRESENT, SHORT_S, refusals
from einthoven.reporting.unaccounted import against
from einthoven.reporting.unsaid import unsaid_in, why_unsaid
from einthoven.retrieval import POSSIBLE
from einthoven.statements import VOCABULARY

GUESS = "outside the vocabulary: guesswork"
MEANING = (
    "Probability: how often a label is stated of ECGs that lie as near to it ({likely.data}, {likely.patients:,} "
    "patients, {likely.labels} labels); mean error {likely.error:.3f}. Labels outside the vocabulary were not in it."
)
UNREAD = "The text side cannot read it: its words are not among those that it was trained on."


@dataclass(frozen=True)
class Scored:
    """One label and how well it fits.

    Args:
        similarity: cosine of ECG and label; None for a label that was refused.
        probability: of its being stated, from the similarity; None without similarity, or where nothing was learned.
        head: the statement head's probability of each code that the label means, or of any code of a class under the
            class's own name; empty outside the vocabulary.
        refused: why it has no score; empty where it has one.
    """

    label: Label
    similarity: float | None
    probability: float | None
    head: Mapping[str, float]
    refused: str = ""

    @property
    def calibrated(self) -> bool:
        """Whether its probability was learned for labels of its kind: those that mean SCP codes."""
        return self.probability is not None and bool(self.label.codes)

    @property
    def critical(self) -> bool:
        """Whether it means a finding that somebody has to know of at once."""
        return not self.label.any and any(VOCABULARY[code].critical for code in self.label.codes)

    @property
    def convincing(self) -> bool:
        """Whether text side or head holds it for likely (0.5; of a critical finding possible, 0.2)."""
        least = POSSIBLE if self.critical else PRESENT
        head = min(self.head.values(), default=0.0)
        return self.similarity is not None and max(self.probability or 0.0, head) >= least

    def to_dict(self) -> dict[str, Any]:
        return {
            "label": self.label.asked,
            "text": self.label.text,
            "codes": list(self.label.codes),
            "similarity": None if self.similarity is None else round(self.similarity, 4),
            "probability": None if self.probability is None else round(self.probability, 4),
            "calibrated": self.calibrated,
            "head": {code: round(chance, 4) for code, chance in self.head.items()},
            "critical": self.critical,
            "convincing": self.convincing,
            "refused": self.refused or None,
        }


@dataclass(frozen=True)
class Classification:
    """Labels of an ECG, those that fit best first. `str()` is for people, `to_dict()` for programs.

    Args:
        outcome: "scored"; "caution", for `reasons`; or "none": the ECG is not fit, and no label was scored.
        none_of_these: whether no label is convincing; None where that cannot be said, for a label (or all) was not
            scored, or what similarities mean was not learned.
    """

    outcome: Literal["scored", "caution", "none"]
    reasons: tuple[str, ...]
    labels: tuple[Scored, ...]
    none_of_these: bool | None
    notices: tuple[str, ...]
    model: Mapping[str, str]
    meaning: str
    disclaimer: str = DISCLAIMER

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `einthoven classify --json`."""
        return {
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            "labels": [one.to_dict() for one in self.labels],
            "none_of_these": self.none_of_these,
            "meaning": self.meaning,
            "notices": list(self.notices),
            "model": dict(self.model),
            "disclaimer": self.disclaimer,
        }

    def __str__(self) -> str:
        head = {"scored": "LABELS", "caution": "LABELS WITH CAUTION", "none": "NO LABELS: the ECG is not fit"}
        lines = [head[self.outcome], *(f"  because: {reason}" for reason in self.reasons)]
        lines += [""] if self.outcome != "none" else []
        if self.none_of_these:
            lines += ["None of these is convincing. That does not make the ECG a normal one.", ""]
        width = max((len(one.label.asked) for one in self.labels), default=0)
        lines += [_line(one, one.similarity, width) for one in self.labels if one.similarity is not None]
        refused = [f"  {one.label.asked}: {one.refused}" for one in self.labels if one.refused]
        lines += ["", "Not scored", *refused] if refused else []
        lines += ["", self.meaning] if self.meaning else []
        lines += ["", "Notices", *(f"  {notice}" for notice in self.notices)] if self.notices else []
        return "\n".join([*lines, "", self.disclaimer])


def classify(ecg: ECG, labels: Sequence[str | Label], model: Model | None = None) -> Classification:
    """How well each label fits an ECG.

    Args:
        labels: SCP codes, names of superclasses, or words, English or German; `vocabulary_labels` gives whole sets.
        model: one with a text side; None takes the bundled one.

    Raises:
        UsageError: no ECG, no label, an empty one, or two that mean the same.
        ModelError: the model has no text side, or a damaged one.
    """
    check_ecgs(ecg)
    asked = tuple(_refusing_unsaid(one) for one in read_labels(labels))
    model = load_model() if model is None else model
    text = model.text
    if text is None:
        model.embed_text([])  # says what is to be done
        raise ModelError(f"The model {model.name} has no text side.", "Name one that has.")
    known = {"name": model.name, "sha256": model.sha256, "text_sha256": text.sha256}
    notices = tuple(str(notice) for notice in (*ecg.notices, *model.notices(ecg)))
    seen = look(ecg)
    quality = seen.quality
    if unfit := refusals(ecg, quality):
        bare = tuple(Scored(one, None, None, {}, one.refused) for one in asked)
        return Classification("none", tuple(unfit), bare, None, notices, known, "")
    fast = broad_tachycardia(seen.measured, quality)
    doubts = own_doubts(seen, fast)
    doubts += [f"The recording lasts only {ecg.seconds:.1f} s."] if ecg.seconds < SHORT_S else []
    doubts += [] if ecg.calibrated else ["The gain is unknown: nothing that depends on voltage can be relied on."]
    asked = tuple(replace(one, text=readable(one, text.read) or "") for one in asked)
    why = [one.refused or ("" if one.text else UNREAD) for one in asked]
    embedding, head = model.run([ecg])
    near = text.embed([one.text or one.asked for one in asked]) @ embedding[0]
    likely = text.config.likelihood
    scored = []
    for one, refused, cosine in zip(asked, why, near.tolist(), strict=True):
        chance = None if likely is None else likely.probability(cosine)
        told = {} if one.refused else _told(one, model.codes, head[0])
        scored.append(Scored(one, None if refused else cosine, None if refused else chance, told, refused))
    order = sorted(scored, key=lambda one: (one.similarity is None, -(one.similarity or 0.0)))
    some = [one for one in scored if one.similarity is not None]
    none = None if likely is None or not some else not any(one.convincing for one in some)
    if none and len(some) < len(scored):  # what was not scored may be what it shows
        none = None
    stated = {code for one in some if one.convincing for code in one.label.codes}
    doubts += against(stated, seen, ecg.statements)
    meaning = "" if likely is None else MEANING.format(likely=likely)
    return Classification("caution" if doubts else "scored", tuple(doubts), tuple(order), none, notices, known, meaning)


def _refusing_unsaid(label: Label) -> Label:
    """A label that no statement says is not scored: a low score would deny what nothing here can tell."""
    name = None if label.codes or label.refused else unsaid_in(label.asked)
    if name is None:
        return label
    return replace(label, refused=f"{why_unsaid(name)} Ask for it: einthoven ask FILE 'Is there {name}?'.")


def _told(label: Label, codes: Sequence[str], head: np.ndarray) -> dict[str, float]:
    each = {code: float(head[codes.index(code)]) for code in label.codes if code in codes}
    if not label.any or len(each) < 2:
        return each
    return {"any of them": float(-np.expm1(np.log1p(-np.minimum(list(each.values()), 1 - 1e-9)).sum()))}


def _line(one: Scored, similarity: float, width: int) -> str:
    chance = "" if one.probability is None else f"{one.probability:7.1%}  "
    told = ", ".join(f"{head:.1%} ({code})" for code, head in one.head.items())
    note = f"statement head {told}" if one.head else "" if one.label.codes else GUESS
    mark = "  ! critical finding" if one.critical and one.convincing else ""
    return f"  {one.label.asked:<{width}}  {chance}similarity {similarity:+.3f}  {note}".rstrip() + mark
