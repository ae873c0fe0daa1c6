from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from einthoven.statements.implication import ancestors_of, exclusions

# Random forests: a parent always has a smaller number, so there is no circle.
FORESTS = st.integers(1, 8).flatmap(
    lambda n: st.tuples(*(st.sets(st.integers(0, max(at - 1, 0)), max_size=2 if at else 0) for at in range(n)))
)


@given(FORESTS, st.data())
def test_against_a_walk_of_every_path(forest: tuple[set[int], ...], data: st.DataObject) -> None:
    parents = {str(at): tuple(sorted(map(str, each))) for at, each in enumerate(forest)}
    found = ancestors_of(parents)
    for code in parents:
        reached, edge = set(), list(parents[code])
        while edge:
            at = edge.pop()
            reached.add(at)
            edge += parents[at]
        assert found[code] == reached
    first, second = (data.draw(st.sampled_from(sorted(parents))) for _ in range(2))
    excluded = exclusions(found, [(first, second)])
    for one in parents:
        for other in parents:
            below = {first} <= {one, *found[one]} and {second} <= {other, *found[other]}
            above = {second} <= {one, *found[one]} and {first} <= {other, *found[other]}
            assert (other in excluded[one]) == (below or above)
