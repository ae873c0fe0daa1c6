"""What an archive answers to ECGs whose statements are known: draft, head and neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.ecg import Bools, Floats
from einthoven.evaluation.adapter import Similarity
from einthoven.reporting import report
from einthoven.retrieval import Archive
from einthoven.statements import VOCABULARY
from einthoven.statements.elsewhere import Meaning, meaning

RHYTHMS = frozenset(code for code in VOCABULARY if VOCABULARY[code].group == "rhythm")


@dataclass(frozen=True)
class Asked:
    """One ECG and what the archive answers.

    Args:
        source, patient: where it comes from, and who it is of (its record id, where nobody says).
        named: whether the patient is named.
        said: what its own statements mean, as far as they have a code.
        outcome: of the draft. `stated`: the codes that it states as present; `possible`: those it calls possible.
        head: (codes,) probabilities of the statement head, in the order of the archive's codes.
        near: (neighbours, codes) which neighbour carries which code.
        confidence: (codes,) calibrated, or the bare vote in an archive without calibration.
        words: (codes,) how well each code's report wording fits the ECG; empty where that was not asked.
    """

    source: str
    patient: str
    named: bool
    said: tuple[Meaning, ...]
    outcome: str
    stated: frozenset[str]
    head: Floats
    near: Bools
    confidence: Floats = field(default_factory=lambda: np.empty(0))
    possible: frozenset[str] = frozenset()
    words: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def tells_rhythm(self) -> bool:
        """Whether its statements name a rhythm."""
        return any(each.covered <= RHYTHMS for each in self.said)


@dataclass(frozen=True)
class Answers:
    """ECGs (n) that one archive was asked for; `codes` are the archive's."""

    codes: tuple[str, ...]
    ecgs: tuple[Asked, ...]

    def __len__(self) -> int:
        return len(self.ecgs)

    @property
    def patients(self) -> NDArray[np.str_]:
        """(n,) ids."""
        return np.array([ecg.patient for ecg in self.ecgs], np.str_)

    def of(self, source: str) -> Answers:
        """Those of one source."""
        return Answers(self.codes, tuple(ecg for ecg in self.ecgs if ecg.source == source))

    def truth(self, target: Meaning) -> Bools:
        """(n,) whether an ECG's own statements say it, or something that implies it."""
        return np.array([any(each.covered <= target.covered for each in ecg.said) for ecg in self.ecgs], np.bool_)

    def judged(self, target: Meaning) -> Bools:
        """(n,) whether an ECG's own statements tell if it holds.

        They do not where the ECG's source never says it; where a broader statement may mean it; and, of a
        rhythm, where no rhythm is stated at all.
        """
        truth = self.truth(target)
        sources = {ecg.source for ecg, holds in zip(self.ecgs, truth, strict=True) if holds}
        told = [
            ecg.source in sources
            and not any(each.broad and each.covered & target.covered for each in ecg.said)
            and (ecg.tells_rhythm or not target.is_rhythm)
            for ecg in self.ecgs
        ]
        return np.asarray(truth | np.array(told, np.bool_))

    def knows(self, target: Meaning) -> bool:
        """Whether some ECG of the archive carries one of its codes."""
        return bool(target.covered & set(self.codes))

    def head(self, target: Meaning) -> Floats:
        """(n,) probability of any of the codes, as if they were independent."""
        columns = self._columns(target)
        return np.array([1 - np.prod(1 - np.minimum(ecg.head[columns], 1 - 1e-9)) for ecg in self.ecgs])

    def vote(self, target: Meaning) -> Floats:
        """(n,) share of the neighbours that carry any of the codes."""
        columns = self._columns(target)
        return np.array([ecg.near[:, columns].any(1).mean() if len(ecg.near) else 0.0 for ecg in self.ecgs])

    def words(self, target: Meaning) -> Floats:
        """(n,) how well the wording that fits best, of any of the codes, fits."""
        columns = self._columns(target)
        return np.array([ecg.words[columns].max() for ecg in self.ecgs])

    def stated(self, target: Meaning) -> Bools:
        """(n,) whether the draft states one of the codes as present."""
        return np.array([bool(ecg.stated & target.covered) for ecg in self.ecgs], np.bool_)

    def _columns(self, target: Meaning) -> list[int]:
        return [column for column, code in enumerate(self.codes) if code in target.covered]


def ask(
    archive: Archive, rows: Iterable[Row], progress: Callable[[int], None], similarity: Similarity | None = None
) -> Answers:
    """Asks the archive for each ECG; `progress` gets the number of those that are done.

    Args:
        similarity: of ECGs and texts; where it is given, each ECG is compared with the codes' report wordings, too.
    """
    codes: tuple[str, ...] = ()
    asked = []
    for row in rows:
        ecg = row.ecg()
        draft = report(ecg.described(statements=()), archive)  # some data sets' statements are words, and the truth
        found = archive.evidence(ecg)
        codes = found.codes
        meanings = (meaning(row.source, statement) for statement in row.statements)
        answer = Asked(
            source=row.source,
            patient=row.patient or row.record,
            named=row.patient is not None,
            said=tuple(each for each in meanings if each is not None),
            outcome=draft.outcome,
            stated=frozenset(s.code for s in draft.statements if s.polarity == "present"),
            head=found.head,
            near=np.array([np.isin(codes, neighbour.codes) for neighbour in found.neighbours], np.bool_),
            confidence=found.confidence,
            possible=frozenset(s.code for s in draft.statements if s.polarity == "possible"),
            words=similarity([ecg], [VOCABULARY[code].text() for code in codes])[0] if similarity else np.empty(0),
        )
        asked.append(answer)
        progress(len(asked))
    return Answers(codes, tuple(asked))


def targets(answers: Answers) -> tuple[Meaning, ...]:
    """What is said of some ECG and what the archive knows, in the vocabulary's order, each once."""
    order = list(VOCABULARY)
    found = {each.covered: each for ecg in answers.ecgs for each in ecg.said if answers.knows(each)}
    return tuple(sorted(found.values(), key=lambda each: [order.index(code) for code in each.codes]))
