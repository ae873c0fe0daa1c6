"""No leak in questions (contract 6): no asked ECG, nor its patient, is in the index or was trained on."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from einthoven.datasets.csvfile import lines
from einthoven.datasets.ecgqa import QuestionAnswer
from einthoven.ecg import DataError, UsageError
from einthoven.evaluation.qa_exam import Exam
from einthoven.retrieval import Archive

_TRAINED = re.compile(r"^\| trained on \| ptb-xl [\d.]+, folds ([\d, ]+):", re.MULTILINE)


@dataclass(frozen=True)
class Who:
    """Of each of PTB-XL's ECGs, signals or not, the patient and the fold."""

    patient: Mapping[str, str]
    fold: Mapping[str, int]

    @classmethod
    def of(cls, data: Path) -> Who:
        """From the table in PTB-XL's folder.

        Raises:
            DataError: it is missing or damaged.
        """
        patient, fold = {}, {}
        try:
            for line in lines(data / "ptbxl_database.csv", ("ecg_id", "patient_id", "strat_fold")):
                record = f"ptb-xl/{int(line['ecg_id']):05d}"
                patient[record], fold[record] = f"ptb-xl/{int(float(line['patient_id']))}", int(line["strat_fold"])
        except ValueError as fault:
            raise DataError(f"ptbxl_database.csv is damaged ({fault}).", "Use PTB-XL as published.") from None
        return cls(patient, fold)


def trained_folds(archive: Archive, told: Collection[int] = ()) -> frozenset[int]:
    """PTB-XL's folds that the archive's model was trained on, by its card, or as told.

    Raises:
        UsageError: neither says.
    """
    folder = getattr(archive.model, "folder", None)
    card = folder / "README.md" if isinstance(folder, Path) else None
    found = _TRAINED.search(card.read_text(encoding="utf-8")) if card is not None and card.is_file() else None
    if found is None and not told:
        raise UsageError(
            f"Nobody says which of PTB-XL's folds {archive.model.name} was trained on.", "Add --trained-on 1,2,3."
        )
    by_card = {int(one) for one in found[1].split(",")} if found else set()
    return frozenset(by_card | set(told))


def only_about(exam: Exam, kept: Collection[str]) -> Exam:
    """The questions all of whose ECGs are among these; and what is learnt from loses fold 10, unless that is asked.

    Raises:
        UsageError: none is left.
    """
    known = set(kept)
    questions = [one for one in exam.questions if set(one.records) <= known]
    if not questions:
        raise UsageError("No question is about such ECGs alone.", "Name another --part or --fold, or more data.")
    asked_ten = any(exam.folds.get(record) == 10 for one in questions for record in one.records)
    learnt = [one for one in exam.learnt if asked_ten or all(exam.folds.get(record) != 10 for record in one.records)]
    return replace(exam, questions=questions, learnt=learnt)


def refuse_leaks(
    questions: Sequence[QuestionAnswer], archive: Archive, who: Who, seen: Collection[str]
) -> Mapping[str, object]:
    """What a table says of it.

    Args:
        seen: the records that the model was trained on.

    Raises:
        UsageError: an asked ECG or its patient is in the index, or among those that the model was trained on; or the
            index holds ECGs whose patients are not known here.
    """
    asked = {record for one in questions for record in one.records}
    patients = {who.patient[record] for record in asked}
    index = archive.collection.columns(["record"])["record"]
    if strange := [record for record in index if record not in who.patient]:
        raise UsageError(
            f"The archive holds {strange[0]}, whose patient is not in PTB-XL's table.", "Use an archive of PTB-XL."
        )
    if shared := patients & {who.patient[record] for record in index} or asked & set(index):
        raise UsageError(
            f"{len(shared)} patients that are asked about are in the archive.", "Use an archive of other patients."
        )
    if shared := patients & {who.patient[record] for record in seen}:
        raise UsageError(
            f"The model was trained on {len(shared)} of the patients that are asked about.",
            "Ask about other folds or parts, or use a model that was trained without them.",
        )
    return {
        "index": f"{archive.name}, {len(index)} ECGs",
        "model": archive.model.name,
        "model_sha256": archive.model.sha256,
        "shared_records": 0,
        "shared_patients": 0,
    }
