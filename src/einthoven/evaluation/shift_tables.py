"""The tables of `einthoven evaluate shift`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from einthoven.ecg import Bools
from einthoven.evaluation.asked import Answers
from einthoven.evaluation.cells import Cell, Share
from einthoven.evaluation.partial import Partial, macro, micro
from einthoven.evaluation.table import Part
from einthoven.metrics import Statistic, patient_bootstrap, unpaired_difference
from einthoven.statements import VOCABULARY
from einthoven.statements.elsewhere import Meaning

FEWEST = 20
DRAWS = 1000
OUTCOMES = ("draft", "caution", "none")
POOLED, WITHIN = "pooled", "PTB-XL fold 9"

Cells = dict[str, dict[str, Cell]]
Way = Literal["head", "vote", "words"]
"""What gives a score: the statement head, the neighbours, or how well a code's report wording fits."""


def outcomes(elsewhere: Answers, within: Answers | None) -> Part:
    """Which share of each source's ECGs gets which outcome."""
    cells: Cells = {}
    for name, answers in _scopes(elsewhere, within):
        given = [ecg.outcome for ecg in answers.ecgs]
        cells[f"{name}: {_people(answers)}"] = {
            outcome: Share.of_count(given.count(outcome), len(given)) for outcome in OUTCOMES
        }
    return Part("Outcomes of drafts", cells)


def aucs(elsewhere: Answers, within: Answers | None, targets: Sequence[Meaning], ways: Sequence[Way]) -> Part:
    """AUC of each way where there are enough ECGs, with the same on fold 9, and what changes from there.

    Macro and micro are over the statements with enough ECGs among the pooled, and on fold 9 where that is asked.
    """
    cells: Cells = {}
    pooled = [target for target in targets if _label(elsewhere, target, "vote").enough(FEWEST)]
    both = [t for t in pooled if within is None or _label(within, t, "vote").enough(FEWEST)]
    if both:
        for name, kind in ((f"macro over {len(both)}", macro), (f"micro over {len(both)}", micro)):
            row = cells.setdefault(f"{POOLED}: {name}", {})
            for way in ways:
                here = kind([_label(elsewhere, target, way) for target in both])
                there = kind([_label(within, target, way) for target in both]) if within else None
                _compare(row, way, here, elsewhere, there, within)
    for scope, answers in _scopes(elsewhere, None):
        for target in targets:
            if _label(answers, target, "vote").enough(FEWEST):
                row = cells.setdefault(f"{scope}: {_title(target)}, {_size(answers, target)}", {})
                for way in ways:
                    here = _label(answers, target, way).statistic
                    again = _label(within, target, way) if within else None
                    there = again.statistic if again and again.enough(FEWEST) else None
                    _compare(row, way, here, answers, there, within)
    return Part(f"AUC [95% patient bootstrap], statements with {FEWEST} ECGs and {FEWEST} without", cells)


def counts(elsewhere: Answers, targets: Sequence[Meaning]) -> Part:
    """How often drafts state what is too rare, among the pooled, for an AUC."""
    cells: Cells = {}
    for target in targets:
        label = _label(elsewhere, target, "vote")
        if not label.enough(FEWEST):
            cells[f"{_title(target)}, {_size(elsewhere, target)}"] = _stated(elsewhere, target)
    return Part(f"Statements with fewer, pooled: how many drafts state them [{_CP}]", cells)


def counts_by_source(elsewhere: Answers, targets: Sequence[Meaning]) -> Part:
    """How often drafts state each statement of each source; in the JSON document alone."""
    cells: Cells = {}
    for scope, answers in _scopes(elsewhere, None)[1:]:
        for target in targets:
            if answers.truth(target).any():
                cells[f"{scope}: {_title(target)}, {_size(answers, target)}"] = _stated(answers, target)
    return Part(f"Every statement by source: how many drafts state it [{_CP}]", cells, shown=False)


def drafted(elsewhere: Answers, within: Answers | None, targets: Sequence[Meaning]) -> Part:
    """Precision and recall of drafted statements, by outcome, over the statements that mean one code."""
    single = [target for target in targets if not target.broad]
    cells: Cells = {}
    for scope, answers in _scopes(elsewhere, within):
        hit, said, there = (np.zeros(len(answers), np.int64) for _ in range(3))
        for target in single:
            known, truth, stated = answers.judged(target), answers.truth(target), answers.stated(target)
            hit += known & truth & stated
            said += known & stated
            there += known & truth
        given = np.array([ecg.outcome for ecg in answers.ecgs])
        for outcome in OUTCOMES:
            of: Bools = given == outcome
            row: dict[str, Cell] = {}
            for name, whole in (("precision", said), ("recall", there)):
                if whole[of].sum():
                    row[name] = Share.of_count(int(hit[of].sum()), int(whole[of].sum()))
            if row:
                cells[f"{scope}, {outcome}"] = row
    return Part(f"Drafted statements by outcome [{_CP}, statements taken as independent]", cells)


_CP = "95% Clopper-Pearson"


def _scopes(elsewhere: Answers, within: Answers | None) -> list[tuple[str, Answers]]:
    sources = sorted({ecg.source for ecg in elsewhere.ecgs})
    own = [(WITHIN, within)] if within is not None else []
    return [(POOLED, elsewhere), *((source, elsewhere.of(source)) for source in sources), *own]


def _label(answers: Answers, target: Meaning, way: Way) -> Partial:
    score = {"head": answers.head, "vote": answers.vote, "words": answers.words}[way](target)
    return Partial.of(answers.judged(target), answers.truth(target), score)


def _compare(
    row: dict[str, Cell],
    way: Way,
    here: Statistic,
    elsewhere: Answers,
    there: Statistic | None,
    within: Answers | None,
) -> None:
    row[way] = Cell.of(patient_bootstrap(here, elsewhere.patients, DRAWS))
    if there is not None and within is not None:
        row[f"{way}, fold 9"] = Cell.of(patient_bootstrap(there, within.patients, DRAWS))
        change = unpaired_difference(here, elsewhere.patients, there, within.patients, DRAWS)
        row[f"{way}: change"] = Cell.of(change)


def _stated(answers: Answers, target: Meaning) -> dict[str, Cell]:
    known, truth, stated = answers.judged(target), answers.truth(target), answers.stated(target)
    parts = {"where it holds": truth, "where it does not": known & ~truth}
    return {
        name: Share.of_count(int((stated & part).sum()), int(part.sum())) for name, part in parts.items() if part.any()
    }


def _title(target: Meaning) -> str:
    return target.name if target.broad else f"{target.name} {VOCABULARY[target.codes[0]].english}"


def _size(answers: Answers, target: Meaning) -> str:
    return f"{int(answers.truth(target).sum())} of {int(answers.judged(target).sum())}"


def _people(answers: Answers) -> str:
    named = {ecg.patient for ecg in answers.ecgs if ecg.named}
    nameless = sum(not ecg.named for ecg in answers.ecgs)
    if not nameless:
        return f"{len(answers)} ECGs of {len(named)} patients"
    return f"{len(answers)} ECGs, the patient{'' if nameless == len(answers) else f' of {nameless}'} not named"
