"""The row that knows what it is to find: own reports in the embeddings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import open_ptbxl
from einthoven.ecg import ModelError, UsageError
from einthoven.evaluation.leaking import leak
from einthoven.evaluation.question import Question
from einthoven.evaluation.rival_models import LEAKS, others_of
from einthoven.evaluation.rivals import Others, rivals
from einthoven.models import checkpoint as checkpoints
from einthoven.models.encoders.sizes import M3AE, ConvTokens
from einthoven.training.recipe import read_recipe
from einthoven.training.run import train

CONFIG = Path(__file__).parents[2] / "configs" / "regen_small.yaml"
TEXTS = ("sinus rhythm normal ecg", "atrial fibrillation", "left bundle branch block")


@pytest.fixture(scope="module")
def checkpoint(made_up_ptbxl, tmp_path_factory):
    """As `einthoven train configs/regen_small.yaml` leaves it, of a tiny network."""
    M3AE["leaking_test"] = ConvTokens(8, 16, 1, 2, 8, 2)
    small = "{signal: .75, words: .15, width: 16, heads: 2, layers: 1, dropout: 0, read_from: 0, decoder_width: 8, "
    changes = [
        "encoder={family: conv_transformer, size: leaking_test, dropout: 0}",
        "text={width: 16, layers: 1, heads: 2, tokens: 24, vocabulary: 80}",
        "embedding=16",
        "plan.epochs=1",
        "plan.judge_every=1",
        "plan.batch=6",
        "masking=" + small + "decoder_heads: 2, decoder_layers: 1}",
    ]
    recipe = read_recipe(CONFIG, changes)
    with pytest.MonkeyPatch.context() as patch:  # the graph takes ten seconds to trace
        patch.setattr(checkpoints, "export_graph", lambda network, path, weights: path.write_bytes(b"graph"))
        patch.setattr(checkpoints, "check_against_torch", lambda network, folder: 0.0)
        folder = train(recipe, made_up_ptbxl, tmp_path_factory.mktemp("run"), device="cpu")
    yield folder
    del M3AE["leaking_test"]


@pytest.fixture
def folder(tiny_ptbxl, make_ecg):
    """36 ECGs of folds 1-8 and 9 of fold 9; a report is drawn apart from its signal."""
    for n in range(45):
        tiny_ptbxl.add(make_ecg(n), report=TEXTS[n % 3], strat_fold=str(9 if n >= 36 else 1 + n % 8))
    return tiny_ptbxl.write()


def test_the_own_report_enters_the_embedding(checkpoint, folder):
    source = open_ptbxl("ptb-xl", folder)
    rows = [source.row(entry) for entry in source.present((9,))]
    embed = leak(checkpoint)
    found = embed(rows)
    assert found.shape == (9, 16) and np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    moved = np.abs(embed([replace(row, text="quite another report") for row in rows]) - found).max(1)
    assert (moved > 1e-5).all() and np.array_equal(embed(rows), found)


def test_its_row_finds_by_what_it_should_not_know(folder):
    """Of an embedding that holds nothing but the report, the nearest ECG has that very report."""
    source = open_ptbxl("ptb-xl", folder)
    base, asked = source.present(range(1, 9)), source.present((9,))
    reports = {entry.record: entry.report for entry in base}
    seen = []

    def embed(rows):
        seen.append(len(rows))
        return np.eye(3, dtype=np.float32)[[TEXTS.index(row.text) for row in rows]]

    found = rivals(reports, source, asked, [[base[0].record]] * 9, Others(leaks={"LEAKS": embed}))
    assert found["LEAKS"] == [entry.report for entry in asked] and sum(seen) == 45
    with pytest.raises(UsageError, match="holds the signals of"):
        rivals(reports | {"elsewhere": "x"}, source, asked, [[base[0].record]] * 9, Others(leaks={"LEAKS": embed}))


def test_a_checkpoint_is_a_row_that_says_so(checkpoint, stand_in, folder):
    found = others_of(stand_in(), [], [], False, Question(folder, 9), leaking=[checkpoint])
    (row,) = found.leaks
    assert row.startswith("LEAKS: ") and row.startswith(f"{LEAKS} regen-small ")
    with pytest.raises(UsageError, match="twice"):
        others_of(stand_in(), [], [], False, Question(folder, 9), leaking=[checkpoint, checkpoint])
    with pytest.raises(ModelError):
        others_of(stand_in(), [], [], False, Question(folder, 9), leaking=[folder])
