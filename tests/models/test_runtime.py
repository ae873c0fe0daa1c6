from __future__ import annotations

import json
import shutil
import subprocess
import sys
import types

import numpy as np
import pytest
import torch

from einthoven.ecg import ECG, ModelError, SignalError
from einthoven.models import Model, load_model, prepare
from einthoven.models.checkpoint import load_network
from einthoven.testing import simulate


@pytest.fixture(scope="module")
def model(checkpoint):
    return load_model(checkpoint, threads=1)


@pytest.fixture
def damaged(checkpoint, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(checkpoint, folder)
    return folder


def in_torch(checkpoint, ecgs):
    """Embeddings and probabilities of each window, by torch."""
    network = load_network(checkpoint)
    inputs = prepare(ecgs, network.config.preparation)
    with torch.no_grad():
        z, logits = network(torch.from_numpy(inputs.signal), torch.from_numpy(inputs.valid.astype(np.float32)))
    return z.numpy(), logits.sigmoid().numpy()


@pytest.mark.parametrize("seconds", [2, 5, 10])
def test_one_window_equals_torch(model, checkpoint, seconds):
    ecg = simulate(seconds=seconds)
    z, p = model.run([ecg])
    ours, probability = in_torch(checkpoint, [ecg])
    np.testing.assert_allclose(z, ours, atol=1e-4)
    np.testing.assert_allclose(p, probability, atol=1e-4)


@pytest.mark.parametrize("seconds", [11, 25, 60])
def test_several_windows_give_the_mean_direction_and_the_highest_probability(model, checkpoint, seconds):
    ecg = simulate(seconds=seconds, rhythm="af", noise=0.1)
    z, p = model.run([ecg])
    windows, probability = in_torch(checkpoint, [ecg])
    assert len(windows) > 1 and probability.std(0).max() > 1e-5
    mean = windows.mean(0)
    np.testing.assert_allclose(z[0], mean / np.linalg.norm(mean), atol=1e-4)
    np.testing.assert_allclose(p[0], probability.max(0), atol=1e-4)
    assert np.linalg.norm(z[0]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("batch", [1, 2, 3, 64])
def test_batches_do_not_matter(model, batch):
    ecgs = [
        simulate(60, seconds=25),
        simulate(70, seconds=5, rate=250),
        simulate(80, leads=("I", "II")),
        simulate(90, seconds=11, calibrated=False),
        simulate(100),
    ]
    z, p = model.run(ecgs, batch)
    assert z.shape == (5, 24) and p.shape == (5, 71)
    for index, ecg in enumerate(ecgs):
        one, probability = model.run([ecg])
        np.testing.assert_allclose(z[index], one[0], atol=1e-5)
        np.testing.assert_allclose(p[index], probability[0], atol=1e-5)


@pytest.mark.parametrize("rate", [100, 250, 1000])
def test_the_rate_of_the_file_does_not_matter(model, rate):
    usual, other = model.embed([simulate(rate=500), simulate(rate=rate)])
    assert usual @ other >= 0.99


def test_the_same_ecg_at_another_length_lies_nearer_than_another_ecg(model):
    long, whole, other = model.embed([simulate(seconds=20), simulate(), simulate(110, rhythm="af", axis=-60)])
    assert long @ whole > whole @ other


def test_what_a_model_tells_of_itself(model, trained):
    assert model.name == "made-up-1"
    assert len(model.codes) == 71 and "NORM" in model.codes
    assert len(model.sha256) == 64
    assert [notice.kind for notice in model.notices(simulate(seconds=5))] == ["padded"]
    np.testing.assert_array_equal(model.embed([simulate()]), model.run([simulate()])[0])
    np.testing.assert_array_equal(model.predict([simulate()]), model.run([simulate()])[1])


def test_no_ecgs(model):
    z, p = model.run([])
    assert z.shape == (0, 24) and p.shape == (0, 71)


def test_an_ecg_without_a_valid_sample_is_refused(model):
    signal = simulate().signal.copy()
    signal[:] = np.nan
    with pytest.raises(SignalError):
        model.run([simulate(), ECG(signal, 500)])


def test_a_long_recording_goes_through_in_parts(model, monkeypatch):
    sizes = []

    class Spy:
        def run(self, names, inputs):
            sizes.append(len(inputs["signal"]))
            return session.run(names, inputs)

    session = model._session
    monkeypatch.setattr(model, "_session", Spy())
    model.run([simulate(seconds=65), simulate()], batch=3)
    assert sizes == [3, 3, 2]


def test_a_probability_is_never_an_overflow(model, monkeypatch):
    class Sure:
        def run(self, names, inputs):
            return np.ones((1, 24), np.float32), np.full((1, 71), -200.0, np.float32)

    monkeypatch.setattr(model, "_session", Sure())
    with np.errstate(all="raise", under="ignore"):
        p = model.predict([simulate()])
    assert p.dtype == np.float32 and (p >= 0).all() and (p < 1e-30).all()


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "model.onnx"])
@pytest.mark.parametrize("keep", [None, 0.0, 0.5, 0.95])
def test_a_missing_or_cut_short_file_is_refused(damaged, name, keep):
    raw = (damaged / name).read_bytes()
    (damaged / name).unlink()
    if keep is not None:
        (damaged / name).write_bytes(raw[: int(keep * len(raw))])
    with pytest.raises(ModelError) as refusal:
        Model(damaged, threads=1)
    assert refusal.value.mend


@pytest.mark.parametrize(
    "change", [{"embedding": 32}, {"codes": ["NORM"]}, {"preparation": {"seconds": 5.0}}, {"colour": 1}, {"version": 2}]
)
def test_a_config_that_does_not_fit_is_refused(damaged, change):
    values = json.loads((damaged / "config.json").read_text())
    (damaged / "config.json").write_text(json.dumps({**values, **change}))
    with pytest.raises(ModelError) as refusal:
        Model(damaged, threads=1)
    assert refusal.value.mend


def test_the_hash_follows_what_a_checkpoint_computes(checkpoint, damaged):
    same = Model(damaged, threads=1).sha256
    assert same == Model(checkpoint, threads=1).sha256
    (damaged / "README.md").write_text("another card")
    assert Model(damaged, threads=1).sha256 == same
    values = json.loads((damaged / "config.json").read_text())
    (damaged / "config.json").write_text(json.dumps({**values, "name": "another"}))
    assert Model(damaged, threads=1).sha256 != same


def test_a_checkpoint_runs_without_torch(checkpoint):
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from einthoven.models.encoders.sizes import CONVNEXTV2\n"
        "CONVNEXTV2['convnextv2_test'] = ((1, 1, 1, 1), (8, 16, 32, 64))\n"
        "from einthoven.models import load_model\n"
        "from einthoven.testing import simulate\n"
        f"z = load_model(Path({str(checkpoint)!r}), threads=1).embed([simulate()])\n"
        "heavy = {'torch', 'onnx', 'safetensors', 'tokenizers', 'scipy.signal'} & set(sys.modules)\n"
        "assert z.shape == (1, 24) and not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["nowhere", "./no/where", "a/b/c", "/no/such/folder"])
def test_no_such_checkpoint(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ModelError, match="no checkpoint folder") as refusal:
        load_model(name)
    assert refusal.value.mend


def test_a_hub_name_without_the_hub_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ModelError, match="huggingface_hub"):
        load_model("somebody/model")


def test_a_hub_name(monkeypatch, checkpoint):
    asked = []

    def fetch(name, allow_patterns):
        asked.append((name, allow_patterns))
        if name == "somebody/nothing":
            raise ConnectionError("offline")
        return str(checkpoint)

    hub = types.ModuleType("huggingface_hub")
    hub.snapshot_download = fetch
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    assert load_model("somebody/model", threads=1).name == "made-up-1"
    assert set(asked[0][1]) == {
        "config.json",
        "model.safetensors",
        "model.onnx",
        "tokenizer.json",
        "README.md",
        "text/*",
    }
    with pytest.raises(ModelError, match="offline"):
        load_model("somebody/nothing")
