from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save_file

from einthoven.ecg import ModelError
from einthoven.models.weights import tensor_places


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"a": np.arange(6, dtype=np.float16), "b": np.arange(12.0)}, path, {"note": "x"})
    return path


def test_places(file):
    raw = file.read_bytes()
    places = tensor_places(file)
    found = {name: raw[start : start + length] for name, (start, length) in places.items()}
    assert found == {"a": np.arange(6, dtype=np.float16).tobytes(), "b": np.arange(12.0).tobytes()}


def test_every_shortened_file_is_refused(file):
    raw = file.read_bytes()
    for length in range(len(raw)):
        file.write_bytes(raw[:length])
        with pytest.raises(ModelError) as refusal:
            tensor_places(file)
        assert refusal.value.mend


@pytest.mark.parametrize("raw", [b"\xff" * 64, b"\x02" + bytes(7) + b"[]", b"\x07" + bytes(7) + b'{"a":1}'])
def test_what_is_no_safetensors_file_is_refused(file, raw):
    file.write_bytes(raw)
    with pytest.raises(ModelError):
        tensor_places(file)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelError):
        tensor_places(tmp_path / "none")
