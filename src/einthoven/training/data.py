"""Which ECGs a training takes: folds of PTB-XL, data sets of a collection, or the lists of a published split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from einthoven.ecg import UsageError
from einthoven.models.settings import check_choices


@dataclass(frozen=True)
class Part:
    """A data set of a collection.

    Args:
        name: as the collection names its source, such as mimic-iv-ecg.
        whole: whether all of it is trained on, whatever folds it has, instead of `data.train` alone.
        ecgs: at most so many, drawn by patient; None takes all. seed: of the draw.
    """

    name: str
    whole: bool = False
    ecgs: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.ecgs is not None and self.ecgs < 1:
            raise UsageError(f"{self.ecgs} ECGs of {self.name} are none.", "Set ecgs to 1 or more, or leave it out.")


@dataclass(frozen=True)
class Lists:
    """A published split of PTB-XL that is not made of its folds: its own lists say who trains and who chooses.

    ECGs of folds 9 and 10 are among both. A checkpoint that is trained so says it in its configuration
    (`ModelConfig.split`): it is for that split's own test ECGs, and is evaluated on no fold.

    Args:
        of: "ecg-qa", whose train ECGs train and whose validation ECGs choose. folder: that holds `ecgqa/`.
    """

    of: Literal["ecg-qa"]
    folder: str

    def __post_init__(self) -> None:
        check_choices(self)


@dataclass(frozen=True)
class Data:
    """Which ECGs: a data set by name, its rate, the folds that are trained on and the one that chooses.

    `parts`, where there are any, are data sets of a collection that `einthoven data prepare` made, in place of
    `dataset` and `rate`. All their prepared signals are held in memory by each process, or are read from the disk when
    they are trained on: `stream` reads what the collection stores and prepares it each time anew; `kept` names a folder
    into which the prepared signals are written once, and from which all processes and later trainings read them.

    `targets` is what a stated code counts: "present" 1, or "likelihood" what its author gave it, of 1 (an unknown
    likelihood counts 1).

    `split` names the ECGs by lists; then `train` and `choose`, which would name folds, are empty.
    """

    dataset: str = "ptb-xl"
    rate: int = 100
    train: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    choose: tuple[int, ...] = (9,)
    targets: Literal["present", "likelihood"] = "present"
    parts: tuple[Part, ...] = ()
    stream: bool = False
    kept: str | None = None
    split: Lists | None = None

    def __post_init__(self) -> None:
        check_choices(self)
        names = [part.name for part in self.parts]
        if len(set(names)) != len(names) or (names and all(part.whole for part in self.parts)):
            raise UsageError(
                "data.parts names a data set twice, or none whose folds choose.",
                "Name each once, and leave whole out of one that has folds, such as ptb-xl.",
            )
        if self.stream and not self.parts:
            raise UsageError("Only a collection is streamed.", "Name data.parts, or set data.stream to false.")
        self._check_kept()
        folds = (*self.train, *self.choose)
        if self.split is not None:
            if folds or self.parts:
                raise UsageError(
                    "A published split names its ECGs itself: beside it stand neither folds nor parts.",
                    "Set data.train and data.choose to [] and leave data.parts out, or leave data.split out.",
                )
            return
        if not self.train or not self.choose or not set(folds) <= set(range(1, 11)):
            raise UsageError("data.train and data.choose name folds from 1 to 9.", "Give each at least one.")
        if set(self.train) & set(self.choose):
            raise UsageError("A fold both trains and chooses.", "Keep data.train and data.choose apart.")
        if 10 in folds:
            raise UsageError("Fold 10 is for reporting only.", "Take it out of data.train and data.choose.")

    def _check_kept(self) -> None:
        if self.kept is None:
            return
        if self.stream:
            raise UsageError(
                "data.stream prepares signals anew each time, and data.kept reads what was prepared once: not both.",
                "Set data.stream to false, or leave data.kept out.",
            )
        if not self.parts:
            raise UsageError(
                "Only the prepared signals of a collection are kept.",
                "Put the data set into one (einthoven data prepare) and name data.parts, or leave data.kept out.",
            )
        if not self.kept.strip():
            raise UsageError("data.kept names no folder.", "Name one, or leave it out.")

    def kept_in(self) -> Path | None:
        """The folder of prepared signals, if they are kept."""
        return None if self.kept is None else Path(self.kept).expanduser()
