"""Several processes against one that holds the whole batch: the same loss and the same gradient."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.training import gathered
from einthoven.training.gathered import buckets, contrast_over_ranks, gather, ranks, text_keys
from einthoven.training.objectives import caption_loss, contrast_loss

SCRIPT = Path(__file__).parent / "ranks.py"
CASES = [(equal, reduction) for equal in (False, True) for reduction in ("mean", "sum")]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("ranks_of_tests", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_one_process(script, equal, reduction):
    """The whole batch by the losses for one process: both values, then every gradient."""
    signal, said, ids, texts = script.batch()
    model = script.Toy()
    ecg, text, scale, logits = model(signal, said)
    same = torch.from_numpy(np.array(texts)[:, None] == np.array(texts)[None]) if equal else None
    contrast = contrast_loss(ecg, text, scale, same, reduction)
    caption = caption_loss(logits, torch.from_numpy(ids), reduction)
    (contrast + caption).backward()
    return np.concatenate([[contrast.item(), caption.item()], *(p.grad.flatten().numpy() for p in model.parameters())])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_one_two_three_and_four_processes_are_one_with_the_whole_batch(script, tmp_path):
    said = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, timeout=400)
    assert said.returncode == 0, said.stderr
    for count in script.SPLITS:
        found = json.loads((tmp_path / f"{count}.json").read_text())
        for (equal, reduction), values in zip(CASES, found, strict=True):
            whole = in_one_process(script, equal, reduction)
            np.testing.assert_allclose(values, whole, rtol=1e-9, atol=1e-12, err_msg=f"{count} {equal} {reduction}")


def test_negatives_of_one_part_alone_would_be_another_loss(script):
    """What the test above could not see if it made no difference."""
    signal, said, _, _ = script.batch()
    ecg, text, scale, _ = script.Toy()(signal, said)
    whole = contrast_loss(ecg, text, scale)
    parts = [contrast_loss(ecg[rows], text[rows], scale) for rows in (slice(0, 6), slice(6, 12))]
    assert abs(sum(parts).item() / 2 - whole.item()) > 0.1


def test_without_a_process_group_it_is_the_plain_loss():
    ecg, text = (torch.nn.functional.normalize(torch.randn(5, 4), dim=1) for _ in range(2))
    assert ranks() == 1 and gather(ecg) == (ecg, 0)
    assert torch.equal(contrast_over_ranks(ecg, text, torch.tensor(3.0)), contrast_loss(ecg, text, torch.tensor(3.0)))


def test_keys_of_texts_are_equal_where_texts_are_and_the_same_everywhere():
    keys = text_keys(["sinus rhythm", "", "sinus rhythm", "Sinus rhythm"])
    assert keys[0] == keys[2] and len(set(keys.tolist())) == 3 and keys.dtype == torch.int64
    assert keys[1].item() == -2039914840885289964  # of the empty text's well-known SHA-256, e3b0c44298fc1c14...
    assert text_keys([]).shape == (0,)


def test_values_are_sent_in_lots_of_one_type(monkeypatch):
    monkeypatch.setattr(gathered, "BUCKET", 5)
    values = [torch.zeros(n) for n in (2, 3, 1, 9)] + [torch.zeros(1, dtype=torch.int64)]
    assert [[len(one) for one in lot] for lot in buckets(values)] == [[2, 3], [1], [9], [1]]
    assert list(buckets([])) == []
