"""A collection's signals in one flat file: a cache for training, read several times as fast as the table at random.

The table stays the truth. The cache says which version of which rows it was made of, and is refused for another; it
lies where its maker wants it, not in the collection, so that a purge of the collection leaves nothing behind in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.collection.coding import GAP
from einthoven.collection.flat_file import FlatFile
from einthoven.collection.table import Collection
from einthoven.ecg import CollectionError, Floats
from einthoven.ecg.moving import move

FILE, FACTS, SCALES = "signals.i2", "signals.json", "scales.npy"


class FlatSignals:
    """Signals (n, 12, samples) of a collection's rows, in table order; make it with `build` or `open`."""

    def __init__(self, folder: Path, samples: int, scales: Floats) -> None:
        self._file, self._scales = FlatFile(folder / FILE, (12, samples), "<i2"), scales

    @classmethod
    def build(
        cls, collection: Collection, folder: Path, samples: int | None = None, where: str | None = None
    ) -> FlatSignals:
        """Writes the cache into a folder, which is only for its owner to read.

        Args:
            samples: of each lead; longer ECGs are cut at their end, shorter ones end in a gap. None takes the length
                that all have.
            where: which rows, as of `Collection.rows`.

        Raises:
            CollectionError: lengths that differ without `samples`, rates that differ, no signal kept, or the folder
                cannot be written to.
        """
        column = collection.columns(["rate", "samples", "scale"], where)
        lengths, rates = np.unique(column["samples"]), np.unique(column["rate"])
        if len(rates) != 1 or (samples is None and len(lengths) != 1):
            raise CollectionError(
                f"The ECGs have {len(rates)} rates and {len(lengths)} lengths.",
                "Choose those of one rate (where), and say how many samples.",
            )
        length = int(lengths[0]) if samples is None else samples
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / FACTS).unlink(missing_ok=True)
            with (folder / (FILE + ".new")).open("wb") as file:
                for row in collection.rows(["signal", "scale"], where):
                    if row.signal is None:
                        raise CollectionError("Some ECGs keep no signal.", "Ask for those that do: scale IS NOT NULL.")
                    whole = np.frombuffer(row.signal, "<i2").reshape(12, -1)[:, :length]
                    full = np.full((12, length), GAP, "<i2")
                    full[:, : whole.shape[1]] = whole
                    file.write(full.tobytes())
            move(folder / (FILE + ".new"), folder / FILE)
            np.save(folder / SCALES, column["scale"], allow_pickle=False)
            facts = _facts(collection, length, where) | {"records": len(column["scale"])}
            (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")
        except OSError as fault:
            raise CollectionError(
                f"The cache cannot be written ({fault.strerror}).", "Choose a folder with space for it."
            ) from None
        return cls(folder, length, column["scale"])

    @classmethod
    def open(
        cls, collection: Collection, folder: Path, samples: int | None = None, where: str | None = None
    ) -> FlatSignals:
        """The cache in a folder, which is built anew where it is none or of other rows; arguments as `build`."""
        try:
            facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            length = int(facts["samples"]) if samples is None else samples
            scales = np.load(folder / SCALES, allow_pickle=False)
            whole = (folder / FILE).stat().st_size == int(facts["records"]) * 24 * length
            same = facts == _facts(collection, length, where) | {"records": len(scales)}
        except (OSError, ValueError, KeyError, TypeError):
            whole = same = False
        if whole and same:
            return cls(folder, length, scales)
        return cls.build(collection, folder, samples, where)

    def __len__(self) -> int:
        return len(self._scales)

    def units(self, places: Sequence[int]) -> tuple[NDArray[np.int16], Floats]:
        """int16 (b, 12, samples) of some positions, and mV a unit (b,)."""
        if not all(0 <= place < len(self) for place in places):
            raise CollectionError("A position lies outside the cache.", f"It holds {len(self)} ECGs.")
        try:
            return self._file.read(places), self._scales[list(places)]
        except EOFError:
            raise CollectionError("The cache of signals is cut short.", "Delete it; it is built anew.") from None


def _facts(collection: Collection, samples: int, where: str | None) -> dict[str, object]:
    return {"collection": collection.uri, "version": collection.version, "samples": samples, "where": where}
