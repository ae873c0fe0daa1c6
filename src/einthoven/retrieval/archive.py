"""An archive: a collection, the model that embedded it, and what was calibrated on it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Collection, Row
from einthoven.ecg import ECG, CollectionError, Statement, chunks
from einthoven.models import Model, load_model
from einthoven.retrieval.calibration import DISTANT, FAR, Calibration, fit_weights, smoothed_votes
from einthoven.retrieval.search import ExactIndex
from einthoven.statements import from_snomed

VERSION = 1
SETTINGS, KEY = "archive.json", "key"
NEIGHBOURS = 25
CALIBRATION_QUERIES = 2500
FEWEST_PATIENTS = 200
BUNDLED = Path(__file__).parent.parent / "assets" / "archive"

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Neighbour:
    """One ECG of an archive that is near to another. `similarity` is the cosine of their embeddings."""

    record: str
    similarity: float
    statements: tuple[Statement, ...]
    patient: str | None
    age: float | None
    sex: str | None

    @property
    def codes(self) -> tuple[str, ...]:
        """The SCP codes among the statements."""
        return tuple(s.code for s in self.statements if s.code is not None)


@dataclass(frozen=True)
class Evidence:
    """What an archive and its model say of one ECG, before anything is drafted.

    `votes`, `head` and `confidence` are (codes,): the share of the neighbours that carry a code,
    the statement head's probability, and the calibrated probability, or the bare vote without calibration.
    """

    neighbours: tuple[Neighbour, ...]
    codes: tuple[str, ...]
    votes: NDArray[np.float64]
    head: NDArray[np.float64]
    confidence: NDArray[np.float64]


class Archive:
    """ECGs that can be searched for similar ones.

    A folder (0700): `ecgs.lance`, embeddings, `archive.json` (name, model, calibration) and `key`, the
    secret that patient ids are hashed with. Make one with `create` or `open`.
    """

    def __init__(self, path: Path, collection: Collection, settings: dict[str, Any], model: Model) -> None:
        self.path = path
        self.collection = collection
        self.model = model
        self._settings = settings

    @classmethod
    def create(cls, path: str | Path, model: Model | None = None, name: str | None = None, keep_ids: bool = False) -> Archive:
        """An empty archive in a new folder.

        Args:
            model: what embeds it; None takes the bundled one.
            keep_ids: store patient ids as they are, not as keyed hashes.

        Raises:
            CollectionError: the folder is not empty, or cannot be made.
        """
        path, model = Path(path), model or load_model()
        collection = Collection.create(path)
        settings = {
            "version": VERSION,
            "name": name or path.resolve().name,
            "model": {"name": model.name, "sha256": model.sha256},
            "keep_ids": keep_ids,
            "calibration": None,
        }
        _write_private(path / KEY, secrets.token_hex(32))
        _write_private(path / SETTINGS, json.dumps(settings, indent=1))
        return cls(path, collection, settings, model)

    @classmethod
    def open(cls, path: str | Path, model: Model | None = None) -> Archive:
        """The archive in a folder.

        Args:
            model: the model that embedded it; None takes the bundled one.

        Raises:
            CollectionError: none there, damaged, or embedded by another model.
        """
        path = Path(path)
        settings = _read_settings(path)
        model = model or load_model()
        if settings["model"]["sha256"] != model.sha256:
            raise CollectionError(
                f"The archive was embedded by {settings['model']['name']} ({settings['model']['sha256'][:12]}), "
                f"this model is {model.name} ({model.sha256[:12]}).",
                f"Pass --model with the archive's own, or embed it again: einthoven archive embed {path}.",
            )
        return cls(path, Collection.open(path), settings, model)

    @property
    def name(self) -> str:
        """What the archive is called in reports."""
        return str(self._settings["name"])

    def __len__(self) -> int:
        return len(self.collection)

    @property
    def patients(self) -> int:
        """Number of patients; an ECG without a patient id counts as one of its own."""
        return int(self._groups.max(initial=-1)) + 1

    @property
    def calibration(self) -> Calibration | None:
        """The calibration, or None when there is none or ECGs were added or removed since."""
        values = self._settings["calibration"]
        found = Calibration.from_dict(values) if values else None
        return found if found and found.version == self.collection.version else None

    def add(
        self,
        ecgs: Iterable[ECG | Row],
        names: Iterable[str] | None = None,
        keep_signal: bool = True,
        progress: Progress = lambda done: None,
    ) -> int:
        """Adds ECGs with their embeddings, all or none; those whose samples are there already are left out.

        Args:
            ecgs: ECGs, or rows that already have a record id.
            names: a record id for each ECG; None numbers them by the hash of their samples.
            progress: called with the number of ECGs read so far.

        Returns:
            How many were added.
        """
        rows: list[Row] = []
        embeddings: list[NDArray[np.float32]] = []
        known = set(self.collection.columns(["sha256"])["sha256"])
        labels = iter(names) if names is not None else None

        def stream() -> Iterator[Row]:
            done = 0
            for batch in chunks(ecgs, 64):
                pairs = [(item if isinstance(item, ECG) else item.ecg(), item) for item in batch]
                ids = [next(labels) if labels is not None else None for _ in batch]
                fresh = []
                for (ecg, item), label in zip(pairs, ids, strict=True):
                    if ecg.sha256 not in known:
                        known.add(ecg.sha256)
                        fresh.append((ecg, self._row(ecg, item, label, keep_signal)))
                if fresh:
                    embeddings.append(self.model.embed([ecg for ecg, _ in fresh]))
                    rows.extend(replace(row, signal=None, scale=None) for _, row in fresh)
                    yield from (row for _, row in fresh)
                done += len(batch)
                progress(done)

        count = self.collection.append(stream())
        if count:
            self.collection.set_embeddings(
                self.model.sha256, [row.record for row in rows], np.concatenate(embeddings), "float16"
            )
        self._forget()
        return count

    def embed(self, progress: Progress = lambda done: None) -> int:
        """Embeds what has no embedding by this archive's model: after an interruption, or with another model."""
        lacking = self.collection.without_embedding(self.model.sha256)
        for at in range(0, len(lacking), 256):
            names = lacking[at : at + 256]
            quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
            rows = list(self.collection.rows(where=f"record IN ({quoted})"))
            embeddings = self.model.embed([row.ecg() for row in rows])
            self.collection.set_embeddings(self.model.sha256, [row.record for row in rows], embeddings, "float16")
            progress(at + len(rows))
        self._settings["model"] = {"name": self.model.name, "sha256": self.model.sha256}
        self._save()
        return len(lacking)

    def remove(self, records: Iterable[str] = (), patients: Iterable[str] = (), purge: bool = False) -> int:
        """Removes ECGs by record id or by patient id (as in the files); with `purge`, every trace of them."""
        count = self.collection.remove(records, [self.patient_key(p) for p in patients])
        if purge:
            self.collection.purge()
        self._forget()
        return count

    def patient_key(self, patient: str) -> str:
        """The name under which this archive keeps a patient: a keyed hash, unless it keeps ids."""
        if self._settings["keep_ids"]:
            return patient
        key = self.path / KEY
        if not key.exists():
            return "unknown:" + patient  # an archive that is handed out keeps no key: nobody in it can be recognised
        return hmac.new(bytes.fromhex(key.read_text()), patient.encode(), hashlib.sha256).hexdigest()[:24]

    def search(self, ecg: ECG, k: int = 5) -> list[Neighbour]:
        """The k most similar ECGs, without this very recording and without its patient."""
        embedding = self.model.embed([ecg])
        similarity, index = self._index.search(embedding, k, [self._own_groups(ecg)])
        return self._neighbours(similarity[0], index[0])

    def evidence(self, ecg: ECG, k: int = NEIGHBOURS) -> Evidence:
        """Neighbours, votes, head and confidence for one ECG, from one pass through the model."""
        embedding, head = self.model.run([ecg])
        similarity, index = self._index.search(embedding, k, [self._own_groups(ecg)])
        index = index[:, index[0] >= 0]
        votes = self._votes(index)
        scores = self._head_scores(head)
        calibration = self.calibration
        usable = calibration is not None and calibration.k == k
        confidence = calibration.confidence(self._codes, votes, scores) if usable and calibration else votes
        return Evidence(self._neighbours(similarity[0], index[0]), self._codes, votes[0], scores[0], confidence[0])

    def calibrate(self, queries: Sequence[Row] | None = None, source: str | None = None, seed: int = 0) -> Calibration:
        """Learns confidence and distance limits, and stores them with the archive's present version.

        Args:
            queries: ECGs with known statements that neither the model nor the archive has seen. None
                asks the archive's own, each without its patient; honest only if the model was not trained on them.

        Raises:
            CollectionError: too few ECGs with signal and statements.
        """
        own = queries is None
        rows = self._own_queries(seed) if queries is None else list(queries)
        rows = [row for row in rows if row.signal is not None and row.statements]
        if len(rows) < FEWEST_PATIENTS:
            raise CollectionError(
                f"Only {len(rows)} ECGs with signal and statements can be asked; {FEWEST_PATIENTS} are needed.",
                "Add more ECGs with statements, or keep their signals.",
            )
        embedding, head = self.model.run([row.ecg() for row in rows])
        groups = [self._groups_of(row.sha256, row.patient if own else self._key_or_none(row.patient)) for row in rows]
        similarity, index = self._index.search(embedding, NEIGHBOURS, groups)
        truth = np.array([[code in carried for code in self._codes] for carried in map(scp_codes, rows)])
        votes, scores = self._votes(index), self._head_scores(head)
        found = Calibration(
            version=self.collection.version,
            k=NEIGHBOURS,
            source=source or ("leave one patient out" if own else "other ECGs"),
            queries=len(rows),
            patients=len({row.patient or row.record for row in rows}),
            far=float(np.quantile(similarity[:, 0], FAR)),
            distant=float(np.quantile(similarity[:, 0], DISTANT)),
            weights=fit_weights(self._codes, votes, scores, truth),
        )
        self._settings["calibration"] = found.to_dict()
        self._save()
        return found

    def info(self) -> dict[str, Any]:
        """Name, model, counts and calibration, ready for JSON."""
        calibration = self.calibration
        return {
            "name": self.name,
            "model": self._settings["model"],
            "patients": self.patients,
            "calibrated": calibration is not None,
            "calibration": None
            if calibration is None
            else {k: v for k, v in calibration.to_dict().items() if k != "weights"},
            "stale_calibration": calibration is None and self._settings["calibration"] is not None,
            "without_embedding": len(self.collection.without_embedding(self.model.sha256)),
            **self.collection.info(),
        }

    @cached_property
    def _rows(self) -> dict[str, Any]:
        return self.collection.columns(["record", "sha256", "patient", "age", "sex", "codes"])

    @cached_property
    def _index(self) -> ExactIndex:
        if not len(self.collection):
            raise CollectionError("The archive is empty.", f"Add ECGs: einthoven archive add {self.path} SOURCES.")
        records, embeddings = self.collection.embeddings(self.model.sha256)
        if records != self._rows["record"]:
            lacking = len(self._rows["record"]) - len(records)
            raise CollectionError(
                f"{lacking} ECGs of the archive have no embedding; adding them was interrupted.",
                f"Finish it: einthoven archive embed {self.path}.",
            )
        return ExactIndex(embeddings, self._groups)

    @cached_property
    def _groups(self) -> NDArray[np.intp]:
        """A number for each ECG's patient."""
        names = [p if p is not None else f"\0{r}" for p, r in zip(self._rows["patient"], self._rows["record"], strict=True)]
        return np.unique(np.array(names, dtype=object), return_inverse=True)[1] if names else np.empty(0, np.intp)

    @cached_property
    def _codes(self) -> tuple[str, ...]:
        return tuple(sorted({code for codes in self._rows["codes"] for code in codes}))

    @cached_property
    def _carried(self) -> NDArray[np.bool_]:
        """(ECGs, codes): which ECG carries which code."""
        place = {code: column for column, code in enumerate(self._codes)}
        carried = np.zeros((len(self._rows["record"]), len(place)), np.bool_)
        for row, codes in enumerate(self._rows["codes"]):
            carried[row, [place[code] for code in codes]] = True
        return carried

    def _votes(self, index: NDArray[np.intp]) -> NDArray[np.float64]:
        return smoothed_votes(self._carried[index], self._carried.mean(0))

    def _head_scores(self, head: NDArray[np.float32]) -> NDArray[np.float64]:
        """The head's columns in the order of the archive's codes; its base rate where the head does not know a code."""
        scores = np.tile(self._carried.mean(0), (len(head), 1))
        for column, code in enumerate(self._codes):
            if code in self.model.codes:
                scores[:, column] = head[:, self.model.codes.index(code)]
        return scores

    def _neighbours(self, similarity: NDArray[np.float32], index: NDArray[np.intp]) -> Any:
        return tuple(
            Neighbour(
                record=self._rows["record"][i],
                similarity=float(s),
                statements=tuple(Statement(code=code, system="SCP") for code in self._rows["codes"][i]),
                patient=self._rows["patient"][i],
                age=None if np.isnan(self._rows["age"][i]) else float(self._rows["age"][i]),
                sex=self._rows["sex"][i],
            )
            for s, i in zip(similarity, index, strict=True)
            if i >= 0
        )

    def _own_groups(self, ecg: ECG) -> NDArray[np.intp]:
        return self._groups_of(ecg.sha256, self._key_or_none(ecg.patient.id))

    def _key_or_none(self, patient: str | None) -> str | None:
        return None if patient is None else self.patient_key(patient)

    def _groups_of(self, sha256: str, patient: str | None) -> NDArray[np.intp]:
        same = [row for row, known in enumerate(self._rows["sha256"]) if known == sha256]
        if patient is not None:
            same += [row for row, known in enumerate(self._rows["patient"]) if known == patient]
        return np.unique(self._groups[same])

    def _own_queries(self, seed: int) -> list[Row]:
        names = np.array(self._rows["record"])
        chosen = np.sort(np.random.default_rng(seed).permutation(len(names))[:CALIBRATION_QUERIES])
        quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in names[chosen])
        return list(self.collection.rows(where=f"record IN ({quoted})"))

    def _row(self, ecg: ECG, item: ECG | Row, label: str | None, keep_signal: bool) -> Row:
        if isinstance(item, Row):
            row = item if keep_signal else replace(item, signal=None, scale=None)
        else:
            name = label or ecg.sha256[:16]
            row = Row.from_ecg(ecg, record=name, source=Path(name).stem, keep_signal=keep_signal)
        codes = tuple(Statement(code=code, system="SCP") for code in scp_codes(row))
        other = tuple(s for s in row.statements if s.code is None)
        return replace(row, patient=self._key_or_none(row.patient), statements=(*codes, *other))

    def _forget(self) -> None:
        for name in ("_rows", "_index", "_groups", "_codes", "_carried"):
            self.__dict__.pop(name, None)

    def _save(self) -> None:
        _write_private(self.path / SETTINGS, json.dumps(self._settings, indent=1))


def demo_archive() -> Archive:
    """The archive that ships: embeddings, codes, age and sex of PTB-XL's training ECGs; it cannot be changed."""
    return Archive.open(BUNDLED)


def scp_codes(row: Row) -> tuple[str, ...]:
    """The SCP codes that a row's statements mean; SNOMED CT codes through the standard map."""
    found = []
    for statement in row.statements:
        if statement.code is None:
            continue
        if statement.system == "SNOMED":
            term = from_snomed(statement.code)
            found += [term.code] if term else []
        else:
            found.append(statement.code)
    return tuple(dict.fromkeys(found))


def _read_settings(path: Path) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = json.loads((path / SETTINGS).read_text())
        if settings["version"] != VERSION:
            raise CollectionError(
                f"The archive is of version {settings['version']}; this Einthoven reads version {VERSION}.",
                "Build it again.",
            )
        settings["model"]["sha256"]
    except OSError:
        raise CollectionError(
            f"There is no archive in {path}.", f"Build one: einthoven archive build {path} SOURCES."
        ) from None
    except (json.JSONDecodeError, KeyError, TypeError):
        raise CollectionError("The archive's archive.json is damaged.", "Restore a copy, or build it again.") from None
    return settings


def _write_private(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n" if not text.endswith("\n") else text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
