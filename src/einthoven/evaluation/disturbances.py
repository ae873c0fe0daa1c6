"""What is done to ECGs on purpose, one kind a curve: a name, its strengths, and the ECG that comes of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from einthoven.ecg import ECG, LEADS
from einthoven.signal import resample
from einthoven.testing import add_noise_at, exchange, invert, reverse_precordials, swap_arms, with_signal

MICROVOLT = 1000.0
REVERSED = "V1...V6"
PAIRS = ("RA-LL", "LA-LL", "RA-RL", "LA-RL", "V1-V2", "V2-V3", "V3-V4", "V4-V5", "V5-V6")
DECIBELS = ("24", "18", "12", "6")

Change = Callable[[ECG, str, int], ECG]


@dataclass(frozen=True)
class Kind:
    """One kind of disturbance.

    Args:
        name: with its unit.
        strengths: in the order of the axis, `untouched` among them.
        untouched: what an ECG has that nothing was done to.
        change: an ECG, a strength and a seed to the disturbed ECG; equal seeds give equal disturbances, the same at
            each strength but for their size.
        ordered: whether the strengths lie on one axis, or stand beside each other.
    """

    name: str
    strengths: tuple[str, ...]
    untouched: str
    change: Change
    ordered: bool = True

    @property
    def disturbing(self) -> tuple[str, ...]:
        """The strengths that change something."""
        return tuple(strength for strength in self.strengths if strength != self.untouched)


def sampled_at(ecg: ECG, rate: str, seed: int) -> ECG:
    """The recording at another sampling rate; nothing is added that it did not hold."""
    return ECG(resample(ecg.signal, ecg.rate, float(rate)), float(rate), calibrated=ecg.calibrated, patient=ecg.patient)


def without_leads(ecg: ECG, count: str, seed: int) -> ECG:
    """The recording without `count` leads, by chance; limb leads that follow from the others are derived."""
    gone = np.random.default_rng(seed).permutation(12)[: int(count)]
    kept = [row for row in range(12) if row not in gone]
    return ECG(
        ecg.signal[kept],
        ecg.rate,
        [LEADS[row] for row in kept],
        calibrated=ecg.calibrated,
        patient=ecg.patient,
    )


def cut(ecg: ECG, seconds: str, seed: int) -> ECG:
    """The recording without its first seconds."""
    return with_signal(ecg, ecg.signal[:, round(float(seconds) * ecg.rate) :])


def noisy(kind: str) -> Change:
    """Noise of a kind, at a signal-to-noise ratio in decibels."""
    return lambda ecg, decibels, seed: add_noise_at(ecg, float(decibels), kind, seed)


def amplified(ecg: ECG, gain: str, seed: int) -> ECG:
    """The recording times a factor."""
    return with_signal(ecg, ecg.signal * np.float32(float(gain)))


def mixed_up(ecg: ECG, how: str, seed: int) -> ECG:
    """Microvolt taken for millivolt ("µV"), all leads inverted, the arm electrodes exchanged ("arms")."""
    if how == "arms":
        return swap_arms(ecg)
    return invert(ecg) if how == "inverted" else with_signal(ecg, ecg.signal * np.float32(MICROVOLT))


def misplaced(ecg: ECG, pair: str, seed: int) -> ECG:
    """Two electrodes exchanged, such as "LA-LL" or "V1-V2", or V1 to V6 in reverse order ("V1...V6")."""
    return reverse_precordials(ecg) if pair == REVERSED else exchange(ecg, *pair.split("-"))


KINDS = (
    Kind("sampling rate, Hz", ("100", "250", "500", "1000"), "100", sampled_at),
    Kind("leads missing", ("0", "1", "2", "3", "4", "5", "6"), "0", without_leads),
    Kind("cut from the start, s", ("0", "0.5", "1", "1.5", "2"), "0", cut),
    Kind("white noise, dB", ("none", *DECIBELS), "none", noisy("white")),
    Kind("muscle noise, dB", ("none", *DECIBELS), "none", noisy("muscle")),
    Kind("baseline wander, dB", ("none", *DECIBELS), "none", noisy("wander")),
    Kind("amplitude times", ("0.5", "1", "2"), "1", amplified),
    Kind("taken wrongly", ("as it is", "µV", "inverted", "arms"), "as it is", mixed_up, ordered=False),
    Kind("electrodes exchanged", ("none", *PAIRS, REVERSED), "none", misplaced, ordered=False),
)
