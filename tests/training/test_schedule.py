"""Schedules against loops that count epochs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.training.plan import Plan
from einthoven.training.schedule import by_epoch, cosine, share


def slow(epochs, steps, warmup, drop, every):
    """ESI's words, one epoch after the other: the rate climbs by the same bit at each step of the first epochs, and is
    taken down after each ten."""
    rates, rate, level = [], 0.0, 1.0
    for epoch in range(epochs):
        if epoch and epoch % every == 0:
            level *= drop
        for _ in range(steps):
            rate = min(1.0, rate + 1 / (warmup * steps)) if warmup else 1.0
            rates.append(rate * level)
    return rates


@given(st.integers(1, 40), st.integers(1, 7), st.integers(0, 9), st.sampled_from([0.1, 0.5, 1.0]), st.integers(1, 12))
def test_by_epoch_is_the_slow_loop(epochs, steps, warmup, drop, every):
    found = [by_epoch(at, steps, warmup, drop, every) for at in range(epochs * steps)]
    assert found == pytest.approx(slow(epochs, steps, warmup, drop, every))


def test_the_papers_plan():
    plan = Plan(epochs=30, schedule="steps")
    rates = [share(plan, at, 100) for at in range(3000)]
    assert rates[0] == pytest.approx(1 / 500) and rates[499:1000] == [1.0] * 501
    assert rates[1000:2000] == pytest.approx([0.1] * 1000) and rates[2000:] == pytest.approx([0.01] * 1000)


def test_the_cosine_and_the_line():
    assert cosine(0, 0.1) == 0 and cosine(0, 0) == 1
    assert [cosine(done, 0.1) for done in (0.05, 0.1, 0.55, 1)] == pytest.approx([0.5, 1, 0.5, 0])
    plan = Plan(epochs=2, schedule="linear", warmup=0.1)
    assert [share(plan, at, 100) for at in (0, 10, 20, 110, 199)] == pytest.approx([0, 0.5, 1, 0.5, 1 / 180])
    assert share(replace(plan, schedule="cosine"), 110, 100) == pytest.approx(0.5)


@given(st.integers(1, 9), st.integers(1, 30), st.sampled_from([0.05, 0.5, 1.0]))
def test_three_stages_step_by_step(epochs, steps, final):
    """fairseq's: up by the same bit each step, whole, then down by the same factor each step."""
    plan = Plan(epochs=epochs, schedule="tri-stage", warmup=0.1, hold=0.4, final=final)
    total = epochs * steps
    for at in range(total):
        found = share(plan, at, steps)
        if at < 0.1 * total:
            assert found == pytest.approx(0.01 + 0.99 * at / (0.1 * total))
        elif at <= 0.5 * total:
            assert found == pytest.approx(1)
        else:
            assert found == pytest.approx(final ** ((at / total - 0.5) / 0.5))
            factor = final ** (1 / (0.5 * total))
            if at + 1 < total:
                assert share(plan, at + 1, steps) == pytest.approx(found * factor)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"drop": 0}, {"drop_every": 0}, {"warmup_epochs": -1}, {"clip": 0}, {"accumulate": 0}, {"accumulate": 65}),
        *({"hold": 0.95}, {"final": 0}, {"betas": (0.9,)}, {"betas": (0.9, 1.0)}, {"epsilon": 0}),
    ],
)
def test_what_no_plan_can_have(wrong):
    with pytest.raises(UsageError) as refusal:
        Plan(**wrong)
    assert refusal.value.mend
