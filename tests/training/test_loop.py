from __future__ import annotations

import json
import math
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from einthoven.ecg import UsageError
from einthoven.models.encoders.settings import ResNet
from einthoven.training.ahead import ReadAhead
from einthoven.training.loop import batched
from einthoven.training.plan import TrainingError
from einthoven.training.schedule import cosine
from einthoven.training.state import FILE


class KilledError(Exception):
    pass


def kill_at(marks):
    """A `progress` that stops the run the first time that it reaches the epoch and step that a mark names."""
    left = list(marks)

    def progress(line):
        if left and line.startswith(left[0]):
            left.pop(0)
            raise KilledError

    return progress


def metrics(folder):
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


def same(one, two):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))


def test_training_lowers_the_loss_and_returns_the_best_averaged_weights(task, plan, tmp_path):
    start = task.judge(task.network())["score"]
    network = task(replace(plan, epochs=12), tmp_path)
    lines = metrics(tmp_path)
    assert [line["epoch"] for line in lines] == list(range(1, 13))
    assert lines[-1]["statements"] < lines[0]["statements"]
    assert {"statements", "groups", "contrast", "score"} <= set(lines[0])
    best = max(line["score"] for line in lines)
    assert not network.training
    assert task.judge(network)["score"] == pytest.approx(best, abs=1e-5) and best > start


@pytest.mark.parametrize("marks", [["epoch 2/4  step 1/3"], ["epoch 2/4  step 3/3", "epoch 4/4  step 2/3"]])
def test_a_killed_run_goes_on_exactly_where_it_was(task, plan, tmp_path, marks):
    whole = task(plan, tmp_path / "whole")
    stop = kill_at(marks)
    for _ in marks:
        with pytest.raises(KilledError):
            task(plan, tmp_path / "killed", progress=stop)
    torch.manual_seed(99)
    network = task(plan, tmp_path / "killed", progress=stop, network=task.network(seed=5))
    assert same(whole, network)
    assert metrics(tmp_path / "killed") == metrics(tmp_path / "whole")
    assert len(metrics(tmp_path / "whole")) == plan.epochs


def test_a_kill_between_state_and_metrics_loses_no_line(task, plan, tmp_path, monkeypatch):
    whole = task(plan, tmp_path / "whole")
    monkeypatch.setattr("einthoven.training.state.write_metrics", kill_always)
    with pytest.raises(KilledError):
        task(plan, tmp_path / "killed")
    monkeypatch.undo()
    assert same(whole, task(plan, tmp_path / "killed"))
    assert metrics(tmp_path / "killed") == metrics(tmp_path / "whole")


def kill_always(*given):
    raise KilledError


def test_a_finished_run_is_not_run_again(task, plan, tmp_path):
    whole = task(plan, tmp_path)
    assert same(whole, task(plan, tmp_path, progress=kill_always))
    (tmp_path / "metrics.jsonl").unlink()
    task(plan, tmp_path, progress=kill_always)
    assert len(metrics(tmp_path)) == plan.epochs


def test_a_run_from_the_start_leaves_no_old_lines(task, plan, tmp_path):
    task(plan, tmp_path)
    (tmp_path / FILE).unlink()
    task(replace(plan, epochs=1), tmp_path)
    assert [line["epoch"] for line in metrics(tmp_path)] == [1]


@pytest.mark.parametrize("before", [False, True])
def test_the_way_of_computing_is_put_back(task, plan, tmp_path, before):
    torch.set_flush_denormal(before)
    try:
        with pytest.raises(KilledError):
            task(plan, tmp_path, progress=kill_always)
        assert bool(torch.tensor(1e-40) * 1 == 0) == before
    finally:
        torch.set_flush_denormal(False)


def test_the_seed_decides(task, plan, tmp_path):
    one, two = (task(replace(plan, epochs=1), tmp_path / name) for name in "ab")
    assert same(one, two)
    assert not same(one, task(replace(plan, epochs=1, seed=1), tmp_path / "c"))


def test_another_plan_is_refused(task, plan, tmp_path):
    task(replace(plan, epochs=1), tmp_path)
    with pytest.raises(UsageError, match="another configuration"):
        task(plan, tmp_path)


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_state(task, plan, tmp_path):
    task_state = tmp_path / FILE
    seen = []

    def speak(row, rng):
        if task_state.exists():
            seen.append(task_state.read_bytes())
            task.examples.signal[:] = np.nan
        return task.speak(row, rng)

    with pytest.raises(TrainingError, match=r"not finite in epoch 2") as refusal:
        task(plan, tmp_path, speak=speak)
    assert refusal.value.mend
    assert task_state.read_bytes() == seen[0]
    batch = json.loads((tmp_path / "stopped.json").read_text())
    assert batch["epoch"] == 2 and len(batch["rows"]) == 5 and "nan" in batch["losses"].values()
    assert [line["epoch"] for line in metrics(tmp_path)] == [1]


def test_a_gradient_that_is_not_finite_stops(task, plan, tmp_path):
    network = task.network()
    network.encoder.norm.weight.register_hook(lambda slope: slope * math.nan)
    with pytest.raises(TrainingError, match="not finite in epoch 1, step 1"):
        task(plan, tmp_path, network=network)
    assert not (tmp_path / FILE).exists()


def test_a_score_that_is_not_finite_stops(task, plan, tmp_path):
    with pytest.raises(TrainingError, match="score after epoch 1"):
        task(plan, tmp_path, judge=lambda network: {"score": math.nan})
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("lacking", ["speak", "tokenizer"])
def test_a_contrast_without_texts_is_refused(task, plan, tmp_path, lacking):
    with pytest.raises(UsageError, match="contrast"):
        task(plan, tmp_path, **{lacking: None})
    task(replace(plan, epochs=1, contrast=0.0), tmp_path, **{lacking: None})
    assert "contrast" not in metrics(tmp_path)[0]


def test_a_last_batch_of_one_ecg_is_trained_on(task, plan, tmp_path):
    assert len(task.examples) % 5 == 1
    task(replace(plan, epochs=1, batch=5), tmp_path)
    assert math.isfinite(metrics(tmp_path)[0]["contrast"])


def test_every_ecg_is_spoken_of(task, plan, tmp_path):
    """The contrast takes the clean half of each batch, which must not be the same ECGs each time."""
    target = np.zeros((11, 3), np.float32)
    target[:, 0] = np.linspace(0.01, 0.99, 11)  # tells the ECGs apart
    heard = set()

    def speak(row, rng):
        heard.add(float(row[0]))
        return "normal"

    task(replace(plan, epochs=8), tmp_path, speak=speak, examples=replace(task.examples, target=target))
    assert len(heard) == 11


def test_without_mixup_every_ecg_of_a_batch_is_spoken_of(task, plan, tmp_path):
    heard = []

    def speak(row, rng):
        heard.append(row)
        return task.speak(row, rng)

    task(replace(plan, epochs=1, augmentation=replace(plan.augmentation, mixup=0.0)), tmp_path, speak=speak)
    assert len(heard) == 10  # a batch of one has nothing to be told apart from


def test_the_rate_of_every_step(task, plan, tmp_path, monkeypatch):
    rates = []
    step = torch.optim.AdamW.step

    def watched(self, *given):
        rates.append([group["lr"] for group in self.param_groups])
        assert [group["weight_decay"] for group in self.param_groups] == [plan.weight_decay, 0]
        return step(self, *given)

    monkeypatch.setattr(torch.optim.AdamW, "step", watched)
    task(plan, tmp_path)
    expected = [plan.rate * cosine(at / 12, plan.warmup) for at in range(12)]
    np.testing.assert_allclose(rates, np.array([expected, expected]).T)


def test_batches_do_not_change_embeddings(task):
    network = task.network().eval()
    whole, parts = (batched(network, task.examples.signal, size) for size in (256, 3))
    for one, two in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-5)
    assert whole[0].shape == (11, 8) and whole[1].shape == (11, 3)
    assert ((whole[1] > 0) & (whole[1] < 1)).all()


def judged(folder):
    return [line["epoch"] for line in metrics(folder) if "score" in line]


@pytest.mark.parametrize(("every", "epochs", "looks"), [(1, 3, [1, 2, 3]), (2, 4, [2, 4]), (3, 5, [3, 5]), (9, 2, [2])])
def test_held_out_ecgs_are_looked_at_now_and_then_and_at_the_end(task, plan, tmp_path, every, epochs, looks):
    asked = []

    def judge(network):
        asked.append(network.training)
        return task.judge(network)

    network = task(replace(plan, epochs=epochs, judge_every=every), tmp_path, judge=judge)
    assert judged(tmp_path) == looks and asked == [False] * len(looks)
    assert [line["epoch"] for line in metrics(tmp_path)] == list(range(1, epochs + 1))
    best = max(line["score"] for line in metrics(tmp_path) if "score" in line)
    assert task.judge(network)["score"] == pytest.approx(best, abs=1e-5)


def test_looking_changes_nothing_but_what_is_kept(task, plan, tmp_path):
    """The last weights are the same however often they are looked at."""
    always = task(plan, tmp_path / "always", judge=lambda network: {"score": float(len(judged(tmp_path / "always")))})
    once = task(replace(plan, judge_every=9), tmp_path / "once")
    assert same(always, once)


@pytest.fixture
def demanding(task, small_resnet, plan):
    """A plan and a network with all that a resumed run could lose: votes, batch normalisation, bfloat16, dropout."""
    encoder = ResNet(size=small_resnet, stem_kernel=5, drop_path=0.2, dropout=0.2)
    plan = replace(plan, vote=1.0, memory=7, precision="bfloat16", judge_every=2, contrast=0.2)
    return plan, lambda seed=0: task.network(seed, encoder=encoder)


def test_a_run_with_memory_batch_normalisation_and_bfloat16_goes_on_exactly(task, demanding, tmp_path):
    plan, network = demanding
    whole = task(plan, tmp_path / "whole", network=network())
    stop = kill_at(["epoch 2/4  step 2/3", "epoch 4/4  step 1/3"])
    for seed in (0, 3):  # only the first start needs the weights that it was given
        with pytest.raises(KilledError):
            task(plan, tmp_path / "killed", progress=stop, network=network(seed))
    assert same(whole, task(plan, tmp_path / "killed", progress=stop, network=network(5)))
    assert metrics(tmp_path / "killed") == metrics(tmp_path / "whole")
    assert "vote" in metrics(tmp_path / "whole")[0] and judged(tmp_path / "whole") == [2, 4]
    states = [load_file(tmp_path / name / FILE) for name in ("killed", "whole")]
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(one, states[1][name]) for name, one in states[0].items())


def test_batch_normalisation_counts_its_steps_and_keeps_its_statistics(task, demanding, tmp_path):
    plan, network = demanding
    start = network()
    task(plan, tmp_path, network=start)
    state = load_file(tmp_path / FILE)
    counters = {name: value.item() for name, value in state.items() if name.endswith("num_batches_tracked")}
    assert counters and {value for name, value in counters.items() if name.startswith("weights.")} == {12}
    assert {value for name, value in counters.items() if name.startswith("mean.")} == {12}
    means = [value for name, value in state.items() if name.endswith("running_mean")]
    assert all(value.abs().max() > 0 for value in means)


def test_votes_bring_the_alike_together(task, plan, tmp_path):
    plan = replace(plan, epochs=12, contrast=0.0, vote=2.0, groups=0.0)
    task(plan, tmp_path)
    lines = metrics(tmp_path)
    assert lines[-1]["vote"] < 0.8 * lines[0]["vote"]


def test_reports_to_contrast_with_are_needed_for_each_ecg(task, plan, tmp_path):
    plan = replace(plan, epochs=1, contrast_text="report")
    for reports in ((), ("normal",) * 10):
        with pytest.raises(UsageError, match="one for each ECG"):
            task(plan, tmp_path, examples=replace(task.examples, reports=reports))
    task(plan, tmp_path, examples=replace(task.examples, reports=tuple("abcdefghijk")))
    assert metrics(tmp_path)[0]["contrast"] > 0


def test_embeddings_in_bfloat16_are_close_and_float32(task, bfloat16):
    network = task.network().eval()
    exact, rough = (batched(network, task.examples.signal, precision=kind) for kind in ("float32", "bfloat16"))
    for one, two in zip(exact, rough, strict=True):
        assert two.dtype == np.float32 and not np.array_equal(one, two)
        np.testing.assert_allclose(one, two, atol=0.03)


def test_signals_that_are_read_ahead_teach_the_same(task, plan, tmp_path):
    class Held(ReadAhead):
        def __init__(self, signal):
            self.signal, self.by = signal, []
            super().__init__()

        def __len__(self):
            return len(self.signal)

        def _read(self, chosen):
            self.by.append(threading.current_thread().name)
            return self.signal[chosen]

    signal = Held(task.examples.signal)
    network = task(plan, tmp_path / "ahead", examples=replace(task.examples, signal=signal))
    assert same(task(plan, tmp_path / "held"), network)
    assert len(signal.by) == 3 * plan.epochs and all(name.startswith("streaming") for name in signal.by)
