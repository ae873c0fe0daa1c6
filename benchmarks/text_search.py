"""Searching an archive by text: how many of the ECGs found carry what was asked for, by phrasings not trained on.

    python benchmarks/text_search.py PTB-XL-FOLDER [--model CHECKPOINT] [--texts TEXTS.txt.gz]

The archive is fold 9 of PTB-XL, which trained neither side (it chose the epoch of both). Asked are the statements that
at least 10 of its ECGs carry, each in a phrasing of `text_search.csv` and in the report's own wording, English and
German. Beside the text side stand random ECGs; the statement head, for the code that the parser of statements reads in
the text; and looking that code up in the archive's labels, which is right whenever the text is read. `--texts` names
the texts of the training run: a phrasing that stands in there is not held out, and is left out.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from einthoven.datasets import open_ptbxl
from einthoven.ecg import chunks
from einthoven.knowledge.labels import read_label
from einthoven.models import load_model
from einthoven.statements import VOCABULARY

FEWEST = 10
DRAWS = 1000
Rank = Callable[[str], np.ndarray | None]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("data", type=Path)
    options.add_argument("--model")
    options.add_argument("--texts", type=Path)
    given = options.parse_args()
    model, source = load_model(given.model), open_ptbxl("ptb-xl", given.data)
    rows = source.present((9,))
    parts = [model.run([source.row(one).ecg() for one in batch]) for batch in chunks(rows, 64)]
    embedding, head = (np.concatenate(part) for part in zip(*parts, strict=True))
    carried = np.array([[code in {s.code for s in one.statements} for code in VOCABULARY] for one in rows])
    place = {code: column for column, code in enumerate(VOCABULARY)}
    trained = _folded(given.texts)
    asked = [line for line in _phrasings() if carried[:, place[line["code"]]].sum() >= FEWEST]

    def by_text(text: str) -> np.ndarray | None:
        return np.asarray(embedding @ model.embed_text([text])[0])

    def by_head(text: str) -> np.ndarray | None:
        codes = read_label(text).codes
        return head[:, [model.codes.index(code) for code in codes]].min(1) if codes else None

    def by_label(text: str) -> np.ndarray | None:
        codes = read_label(text).codes
        return carried[:, [place[code] for code in codes]].all(1).astype(float) if codes else None

    ranks: dict[str, Rank] = {"text side": by_text, "statement head, parsed": by_head, "label lookup, parsed": by_label}
    print(f"{len(rows)} ECGs of {len({one.patient for one in rows})} patients; {len(asked)} statements")
    for kind in ("held-out phrasing", "report wording"):
        for language in ("english", "german"):
            texts = [(line["code"], _said(line, kind, language)) for line in asked]
            kept = [
                (code, text) for code, text in texts if kind != "held-out phrasing" or text.casefold() not in trained
            ]
            truth = [carried[:, place[code]] for code, _ in kept]
            print(f"\n{kind}, {language}: {len(kept)} texts ({len(texts) - len(kept)} left out, trained on)")
            base = np.array([one.mean() for one in truth])
            print(f"  {'random':<24} P@5 {_interval(base)}  P@10 {_interval(base)}")
            for name, rank in ranks.items():
                found = [rank(text) for _, text in kept]
                at = {k: np.array([_precision(s, t, k) for s, t in zip(found, truth, strict=True)]) for k in (5, 10)}
                read = sum(one is not None for one in found)
                print(f"  {name:<24} P@5 {_interval(at[5])}  P@10 {_interval(at[10])}  read {read} of {len(found)}")
                if name == "text side":
                    worst = sorted(zip(at[10], kept, strict=True))[:8]
                    print("    worst: " + "; ".join(f"{code} {value:.1f} '{text}'" for value, (code, text) in worst))


def _phrasings() -> list[dict[str, str]]:
    with (Path(__file__).parent / "text_search.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _said(line: dict[str, str], kind: str, language: str) -> str:
    if kind == "held-out phrasing":
        return line[language]
    return VOCABULARY[line["code"]].text("en" if language == "english" else "de")


def _folded(path: Path | None) -> set[str]:
    if path is None:
        return set()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return {line.strip().casefold() for line in file}


def _precision(score: np.ndarray | None, truth: np.ndarray, k: int) -> float:
    """Of the k highest; a text that is not read finds nothing. Ties are broken by the ECGs' order."""
    return 0.0 if score is None else float(truth[np.argsort(-score, kind="stable")[:k]].mean())


def _interval(values: Sequence[float] | np.ndarray) -> str:
    """The mean over statements with the 95% bootstrap over statements."""
    each = np.asarray(values)
    draws = each[np.random.default_rng(0).integers(len(each), size=(DRAWS, len(each)))].mean(1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return f"{each.mean():.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
