"""A made-up PTB-XL with all folds that tasks need, a model that is quick to compare, and few draws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

KINDS = ("normal", "fibrillation", "slow")
CODES = {"normal": "{'NORM': 100.0, 'SR': 0.0}", "fibrillation": "{'AFIB': 0.0, 'IMI': 50.0}", "slow": "{'LVH': 80.0}"}
DATES = ("1990-01-01 08:00:00", "1990-01-01 20:00:00", "1990-03-01 08:00:00", "1994-01-01 08:00:00")
SIZES = {1: 12, 3: 12, 7: 12, 8: 36, 9: 36}


@pytest.fixture(scope="session")
def folder(ptbxl_at, make_ecg, tmp_path_factory) -> Path:
    """36 ECGs in folds 1-7, 36 in fold 8 and 36 in fold 9, of three kinds; two of each patient, at growing distance.

    One of fold 9 has no diagnosis, and one has a rare one.
    """
    made = ptbxl_at(tmp_path_factory.mktemp("tasks") / "ptb-xl")
    n = 0
    for fold, size in SIZES.items():
        for _ in range(size):
            kind = KINDS[n // 2 % 3]
            codes = "{'SR': 0.0}" if n == 80 else "{'LVH': 80.0, 'CLBBB': 100.0}" if n == 76 else CODES[kind]
            date = DATES[0] if n % 2 == 0 else DATES[1 + n // 2 % 3]
            made.add(
                make_ecg(n, kind=kind),
                scp_codes=codes,
                strat_fold=str(fold),
                patient_id=f"{n // 2}.0",
                recording_date=date,
            )
            n += 1
    return made.write()


@pytest.fixture
def model(stand_in, small_size):
    """A stand-in whose baselines have a small encoder."""
    made = stand_in()
    encoder = replace(made.config.encoder, size=small_size)
    made.config = replace(made.config, encoder=encoder)
    return made


@pytest.fixture(autouse=True)
def _quick(monkeypatch, tmp_path, one_thread) -> None:
    for module in ("classified", "people", "tasks.reidentify"):
        monkeypatch.setattr(f"einthoven.evaluation.{module}.DRAWS", 30)
    monkeypatch.chdir(tmp_path)
