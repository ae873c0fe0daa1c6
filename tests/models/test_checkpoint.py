from __future__ import annotations

import hashlib
import json
import pickletools
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.ecg import FileError, ModelError
from einthoven.models import checkpoint as module
from einthoven.models.checkpoint import check_against_torch, load_network, save_checkpoint

FILES = {"README.md", "config.json", "model.onnx", "model.safetensors"}


@pytest.fixture
def no_export(monkeypatch):
    """Saves without the graph, which takes ten seconds to trace."""

    def write(network, path, weights):
        path.write_bytes(b"graph")

    monkeypatch.setattr(module, "export_graph", write)
    monkeypatch.setattr(module, "check_against_torch", lambda network, folder: 0.0)


def contents(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_files_of_a_checkpoint(checkpoint):
    assert {path.name for path in checkpoint.iterdir()} == FILES | {"text"}
    assert [path.name for path in checkpoint.parent.iterdir() if path.name.startswith("tmp")] == []


def test_no_file_is_a_pickle(checkpoint):
    for path in filter(Path.is_file, checkpoint.rglob("*")):
        raw = path.read_bytes()
        assert not raw.startswith((b"PK\x03\x04", b"\x80"))
        with pytest.raises(ValueError):
            list(pickletools.genops(raw))


def test_saved_and_loaded_is_the_same_network(small_network, small_config, tmp_path, no_export):
    save_checkpoint(small_network, tmp_path / "a", "card")
    found = load_network(tmp_path / "a")
    assert found.config == small_config and not found.training
    x, valid = torch.randn(2, 12, 320), torch.ones(2, 320)
    for ours, theirs in zip(small_network(x, valid), found(x, valid), strict=True):
        assert torch.equal(ours, theirs)


def test_a_second_save_replaces_the_first(small_network, tmp_path, no_export):
    folder = tmp_path / "deep" / "a"
    save_checkpoint(small_network, folder, "one")
    (folder / "stray").write_text("")
    save_checkpoint(small_network, folder, "two")
    assert (folder / "README.md").read_text() == "two"
    assert {path.name for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["a"]


@pytest.mark.parametrize("step", ["export_graph", "check_against_torch", "replace"])
def test_a_failure_leaves_the_old_folder(small_network, tmp_path, no_export, monkeypatch, step):
    folder = tmp_path / "a"

    def fail(*given):
        raise OSError("no space left")

    def replace(self, target):
        if self.name == "new":
            fail()
        return whole(self, target)

    save_checkpoint(small_network, folder, "one")
    before = contents(folder)
    whole = module.Path.replace
    if step == "replace":
        monkeypatch.setattr(module.Path, "replace", replace)
    else:
        monkeypatch.setattr(module, step, fail)
    with pytest.raises(FileError, match="no space"):
        save_checkpoint(small_network, folder, "two")
    assert contents(folder) == before
    shutil.rmtree(folder)
    with pytest.raises(FileError, match="no space"):
        save_checkpoint(small_network, folder, "two")
    assert list(tmp_path.iterdir()) == []


def test_onnx_equals_torch_also_on_padded_input(checkpoint):
    network = load_network(checkpoint)
    assert check_against_torch(network, checkpoint) <= 1e-4


@pytest.mark.parametrize("value", [0.5, float("nan")])
def test_another_networks_graph_is_refused(checkpoint, value):
    network = load_network(checkpoint)
    with torch.no_grad():
        network.statements.bias[3] += value
    with pytest.raises(ModelError, match="differs"):
        check_against_torch(network, checkpoint)


@pytest.fixture
def damaged(checkpoint, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(checkpoint, folder)
    return folder


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
@pytest.mark.parametrize("keep", [None, 0.0, 0.5, 0.98])
def test_a_missing_or_cut_short_file_is_refused(damaged, name, keep):
    raw = (damaged / name).read_bytes()
    (damaged / name).unlink()
    if keep is not None:
        (damaged / name).write_bytes(raw[: int(keep * len(raw))])
    with pytest.raises(ModelError) as refusal:
        load_network(damaged)
    assert refusal.value.mend


def test_weights_of_another_network_are_refused(damaged):
    config = json.loads((damaged / "config.json").read_text())
    config["embedding"] += 8
    (damaged / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="do not fit"):
        load_network(damaged)


def test_weights_are_stored_in_16_bits(checkpoint):
    from safetensors.numpy import load_file

    tensors = load_file(checkpoint / "model.safetensors")
    assert {value.dtype for value in tensors.values()} == {np.dtype(np.float16)}
    network = load_network(checkpoint)
    assert set(tensors) == set(network.state_dict())
