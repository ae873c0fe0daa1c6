"""What is kept is what the model said of these very samples, and it is asked for nothing twice."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import UsageError
from einthoven.evaluation import store as room
from einthoven.evaluation.store import Store, key_of
from einthoven.models import load_model
from einthoven.testing import simulate

ECGS = [simulate(60 + 5 * n, rate=100, seed=n) for n in range(5)]


class Counting:
    """Says of each ECG its first sample, and how many it was asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, ecgs):
        self.asked += len(ecgs)
        first = np.array([[ecg.signal[0, 0]] for ecg in ecgs], np.float32).reshape(-1, 1)
        return first, np.hstack([first, -first])


def test_nothing_is_asked_twice_even_by_the_next_one(tmp_path) -> None:
    run = Counting()
    expected = run(ECGS)
    run.asked = 0
    with Store(tmp_path) as store:
        first = store.run("plain", "x", run)
        for part in (ECGS[:3], ECGS, ECGS[::-1]):
            place = [ECGS.index(ecg) for ecg in part]
            for ours, theirs in zip(first(part), expected, strict=True):
                np.testing.assert_array_equal(ours, theirs[place])
        assert run.asked == 5
    with Store(tmp_path) as store:
        np.testing.assert_array_equal(store.run("plain", "x", run)(ECGS)[1], expected[1])
        assert run.asked == 5
        store.run("plain", "another", run)(ECGS)
        assert run.asked == 10


def test_the_last_bit_the_rate_and_an_unknown_gain_make_another_ecg() -> None:
    ecg = ECGS[0]
    signal = ecg.signal.copy()
    signal[3, 7] = np.nextafter(signal[3, 7], 9)
    others = [
        type(ecg)(signal, ecg.rate),
        type(ecg)(ecg.signal, ecg.rate + 1),
        type(ecg)(ecg.signal, ecg.rate, calibrated=False),
    ]
    assert len({key_of(one) for one in [ecg, *others]}) == 4
    assert key_of(ecg.described(statements=(), device="another")) == key_of(ecg)


def test_other_code_asks_anew(tmp_path, monkeypatch) -> None:
    run = Counting()
    with Store(tmp_path) as store:
        store.run("plain", "x", run)(ECGS)
    monkeypatch.setattr(room, "code_hash", lambda: "another")
    with Store(tmp_path) as store:
        store.run("plain", "x", run)(ECGS)
    assert run.asked == 10


def test_a_model_that_is_kept_says_the_same(tmp_path) -> None:
    model = load_model()
    with Store(tmp_path) as store:
        kept = store.model(model)
        for _ in range(2):
            for ours, theirs in zip(kept.run(ECGS), model.run(ECGS), strict=True):
                np.testing.assert_array_equal(ours, theirs)
        assert (kept.name, kept.sha256, kept.codes) == (model.name, model.sha256, model.codes)
        assert kept.config is model.config and kept.run([])[1].shape == (0, len(model.codes))


def test_an_interruption_loses_nothing_and_a_damaged_file_is_made_anew(tmp_path) -> None:
    run = Counting()
    with pytest.raises(KeyboardInterrupt), Store(tmp_path) as store:
        store.run("plain", "x", run)(ECGS[:4])
        raise KeyboardInterrupt
    with Store(tmp_path) as store:
        store.run("plain", "x", run)(ECGS)
    assert run.asked == 5
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-40])
    with Store(tmp_path) as store:
        store.run("plain", "x", run)(ECGS)
    assert run.asked == 10


def test_a_folder_that_cannot_be_made_is_refused(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made"):
        Store(tmp_path / "file" / "kept")
