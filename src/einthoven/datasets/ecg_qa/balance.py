"""How many ECGs are asked about for each answer, so that no answer pays by being common.

The numbers are those of the published questions, counted in the files that are public (training, templates 26-28;
validation, 1, 17, 25 and 68-70) and held to be the same for the rest: a verified name is asked of up to 100 ECGs that
have it and 200 that have not, but at most five of these for each of those; a fifth of that outside training.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from einthoven.datasets.ecg_qa.answer import NO, NONE
from einthoven.datasets.ecg_qa.asked import Asked
from einthoven.datasets.ecgqa import Part

Answers = tuple[str, ...]


@dataclass(frozen=True)
class Balance:
    """Most ECGs for each answer to one question.

    Args:
        verify: of "yes", and of "not sure". no: of "no". no_each: of "no" for each of the others that are asked.
        choose: of each answer to a choice. query: of each set of answers. one: of each answer of which only one can
            hold. none: of "none" to a query.
        fewest: different answers other than "no" and "none" that a choice needs.
    """

    verify: int
    no: int
    choose: int
    no_each: int = 5
    query: int = 25
    one: int = 50
    none: int = 50
    fewest: int = 1

    def drawn(
        self, asked: Asked, groups: Mapping[Answers, Sequence[int]], generator: random.Random
    ) -> list[tuple[int, Answers]]:
        """Which ECGs are asked, each with its answer; none where the question would have only one answer."""
        verb = asked.template.verb
        others = [group for answers, group in groups.items() if group and answers not in ((NO,), (NONE,))]
        if sum(bool(group) for group in groups.values()) < 2 or len(others) < (self.fewest if verb == "choose" else 1):
            return []
        found: list[tuple[int, Answers]] = []
        for answers in sorted(groups):
            group = groups[answers]
            taken = generator.sample(group, min(len(group), self._most(asked, answers, others)))
            found += [(one, answers) for one in taken]
        return found

    def _most(self, asked: Asked, answers: Answers, others: Sequence[Sequence[int]]) -> int:
        verb = asked.template.verb
        if verb == "choose":
            return self.choose
        if verb == "query":
            one_of_many = asked.template.about in ("axis", "every-stage", "level-of-feature")
            return self.none if answers == (NONE,) else self.one if one_of_many else self.query
        if answers != (NO,):
            return self.verify
        return min(self.no, self.no_each * sum(min(len(group), self.verify) for group in others))


BALANCES: Mapping[Part, Balance] = {
    "train": Balance(verify=100, no=200, choose=10, fewest=2),
    "valid": Balance(verify=20, no=40, choose=2),
    "test": Balance(verify=20, no=40, choose=2),
}
