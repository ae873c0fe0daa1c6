from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import ModelError
from einthoven.models import Model
from einthoven.retrieval import Archive, ForeignModel
from einthoven.retrieval.foreign import EmbeddingModel, checked

SHA = "ab" * 32


def halves(ecgs):
    """Two numbers an ECG: how much of it is in the limb leads, how much in the others."""
    return [[np.abs(ecg.signal[:6]).mean(), np.abs(ecg.signal[6:]).mean()] for ecg in ecgs]


def test_any_function_makes_an_archive(tmp_path, make_ecg):
    model: EmbeddingModel = ForeignModel(halves, "two halves", SHA)
    archive = Archive.create(tmp_path / "a", model)
    archive.add((f"r{n}", make_ecg(n)) for n in range(420))
    found = archive.search(make_ecg(3), 2)
    assert len(found) == 2
    archive.calibrate()
    evidence = archive.evidence(make_ecg(2001))
    assert evidence.calibrated
    assert evidence.head == pytest.approx([104 / 420, 108 / 420, 104 / 420, 108 / 420, 104 / 420], abs=0.01)
    assert Archive.open(tmp_path / "a", ForeignModel(halves, "two halves", SHA)).calibration is not None


@pytest.mark.parametrize("vector", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]])
def test_a_vector_without_direction_is_refused(make_ecg, vector):
    with pytest.raises(ModelError, match="zero or not finite"):
        ForeignModel(lambda ecgs: [vector for _ in ecgs], "broken", SHA).embed([make_ecg(0)])


@pytest.mark.parametrize("matrix", [np.ones((2, 4)), np.ones(4), np.full((1, 4), np.nan), np.ones((1, 4, 1))])
def test_what_is_no_matrix_of_unit_vectors_is_refused(matrix):
    with pytest.raises(ModelError):
        checked(matrix.astype(np.float32), 1, "broken")


def test_a_model_that_does_not_normalise_adds_nothing(tmp_path, make_ecg, stand_in):
    model = stand_in()
    model.embed = lambda ecgs: np.full((len(ecgs), 3), 2, np.float32)
    archive = Archive.create(tmp_path / "a", model)
    with pytest.raises(ModelError, match="not of length 1"):
        archive.add([("r", make_ecg(0))])
    assert len(archive) == 0


def test_the_checkpoints_of_this_project_are_such_models():
    for name in ("name", "codes", "embed", "run", "notices"):
        assert hasattr(Model, name)
