"""PTB-XL's ECGs by ECG-QA's lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.datasets import ECGQA, PTBXL
from einthoven.datasets.ecgqa_split import entries_of_ecgqa
from einthoven.ecg import DataError


def lists(folder: Path, **parts: range | list[int]) -> ECGQA:
    inner = folder / "ecgqa" / "ptbxl"
    inner.mkdir(parents=True, exist_ok=True)
    for part in ("train", "valid", "test"):
        lines = "".join(f"{at}\t{number}\n" for at, number in enumerate(parts.get(part, ())))
        (inner / f"{part}_ecgs.tsv").write_text(lines)
    return ECGQA(folder)


def test_the_lists_say_who_is_in_which_part_whatever_the_fold(made_up_ptbxl, tmp_path):
    source = PTBXL(made_up_ptbxl)
    found = entries_of_ecgqa(source, lists(tmp_path, train=range(9, 17), valid=[1, 24], test=[2]))
    assert [entry.ecg_id for entry in found["train"]] == [*range(9, 17)]
    assert [entry.ecg_id for entry in found["valid"]] == [1, 24] and [entry.ecg_id for entry in found["test"]] == [2]
    assert 9 in {entry.fold for entry in found["train"]}


def test_lists_that_do_not_part_the_patients_are_refused(tiny_ptbxl, make_ecg, tmp_path):
    for n in range(6):
        tiny_ptbxl.add(make_ecg(n) if n < 5 else None, patient_id=f"{n // 2}.0", strat_fold=str(1 + n // 2))
    source = PTBXL(tiny_ptbxl.write())
    for said, parts in (
        ("1 patients have ECGs in train_ecgs.tsv and in test_ecgs.tsv", {"train": [1, 3], "test": [4], "valid": [5]}),
        ("1 patients have ECGs in train_ecgs.tsv and in valid_ecgs.tsv", {"train": [1], "valid": [1]}),
        # the second of a patient has no signal here, and is the same patient for all that
        ("1 patients have ECGs in valid_ecgs.tsv and in test_ecgs.tsv", {"train": [1], "valid": [5], "test": [6]}),
        ("lists ptb-xl/00077, which PTB-XL's table lacks", {"train": [1], "valid": [77]}),
        ("None of the ECGs of valid_ecgs.tsv", {"train": [1], "valid": [], "test": [5]}),
    ):
        with pytest.raises(DataError, match=said):
            entries_of_ecgqa(source, lists(tmp_path, **parts))


def test_the_published_lists_part_the_patients_of_the_real_table(real_data, real_ptbxl):
    published, source = ECGQA(real_data / "ecg-qa"), PTBXL(real_ptbxl)
    found = entries_of_ecgqa(source, published)
    fold = {entry.record: entry.fold for entry in source.entries}
    assert {fold[record] for record in published.records("train")} == set(range(1, 11))
    assert all(found.values())
