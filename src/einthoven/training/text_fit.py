"""Fitting a text side onto a trained ECG side: locked-image tuning (Zhai 2022), the ECG's embeddings stay as they are.

Every text is compared with many ECGs at once, and each pair is a yes-or-no question: does what the text states hold of
this ECG? That is the sigmoid loss (Zhai 2023) with all that is known of the pairs in place of one match a row.
"""

from __future__ import annotations

import gzip
import json
import math
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from einthoven.datasets import open_ptbxl
from einthoven.ecg import FileError, UsageError
from einthoven.models import load_model
from einthoven.models.runtime import FILES
from einthoven.models.text_side import OwnText, save_text_side
from einthoven.models.text_tower import build_tokenizer, encode
from einthoven.statements import VOCABULARY
from einthoven.statements.withheld import withheld
from einthoven.training.plan import TrainingError
from einthoven.training.sayings import Kind, Saying, descriptions, labels, lists, own_words, reports, without
from einthoven.training.schedule import cosine
from einthoven.training.text_ecgs import EmbeddedECGs, embedded
from einthoven.training.text_judge import likelihood, scores
from einthoven.training.text_recipe import TextPlan, TextRecipe

Progress = Callable[[str], None]
Judge = Callable[[], dict[str, float]]
SCALE, BIAS = 20.0, -8.0
"""Of the cosines, where training starts: at first nothing holds."""
RAREST = 1e-3
"""Texts that hold for a smaller share of the ECGs count no more than one that holds for this."""


def fit_text_side(recipe: TextRecipe, data: Path, out: Path, progress: Progress = lambda line: None) -> Path:
    """Fits a text side and writes `out/checkpoint`: a copy of the ECG side with the folder `text/`.

    `out` also receives `recipe.json`, `metrics.jsonl`, and `texts.txt.gz`, the texts that were trained on, which hold
    reports of the data set and stay where they are.

    Raises:
        DataError: the data set is not there. ModelError: the ECG side is no checkpoint.
        TrainingError: the loss is not finite, or nothing teaches. UsageError: `out` holds a run already, or the ECG
            side has seen all folds.
    """
    if (out / "metrics.jsonl").exists():
        raise FileError(f"{out} holds a run already.", "Name another --out.")
    model = load_model(recipe.checkpoint)
    if model.config.split is not None:
        raise UsageError(
            f"{model.name} has seen ECGs of fold 9, which chooses text sides.", "Name an ECG side trained on folds 1-8."
        )
    source = open_ptbxl(recipe.data.dataset, data, recipe.data.rate)
    kept = None if recipe.embeddings is None else Path(recipe.embeddings)
    train, choose = (embedded(model, source, some, kept, progress) for some in (recipe.data.train, recipe.data.choose))
    names = [code for code in VOCABULARY if recipe.without is None or code not in withheld(recipe.without)]
    sayings = _sayings(recipe, train, progress)
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n", encoding="utf-8")
    with gzip.open(out / "texts.txt.gz", "wt", encoding="utf-8") as file:
        file.writelines(f"{' '.join(text.split())}\n" for text in dict.fromkeys(one.text for one in sayings))
    words = own_words() if recipe.without is None else [s.text for s in sayings if s.kind in ("label", "description")]
    tokenizer = build_tokenizer(words, recipe.tower)
    torch.manual_seed(recipe.plan.seed)
    module = OwnText(recipe.tower, model.config.embedding)

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        with torch.no_grad():
            return np.asarray(module.eval()(encode(tokenizer, texts)).numpy(), np.float32)

    def judge() -> dict[str, float]:
        return scores(embed, choose.embedding, choose.carried(names), names)

    fit = Fit.of(train.embedding, train.carried(names), sayings, names, tokenizer, recipe.plan)
    lines = fit.run(module, judge, progress)
    (out / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    told = f"{recipe.data.dataset} {source.release}, folds {', '.join(map(str, recipe.data.choose))}"
    meaning = likelihood(embed, choose.embedding, choose.carried(names), names, choose.patients, told)
    (out / "checkpoint").mkdir(exist_ok=True)
    for name in (*FILES, "README.md"):
        if (recipe.checkpoint / name).exists():
            shutil.copyfile(recipe.checkpoint / name, out / "checkpoint" / name)
    save_text_side(module, tokenizer, out / "checkpoint", recipe.tower, recipe.bits, meaning)
    return out / "checkpoint"


def _sayings(recipe: TextRecipe, train: EmbeddedECGs, progress: Progress) -> list[Saying]:
    every = [*labels(), *descriptions(), *reports(zip(train.texts, train.codes, strict=True))]
    every += lists(train.codes, recipe.plan.seed)
    return every if recipe.without is None else without(every, recipe.without, progress)


@dataclass(frozen=True)
class Fit:
    """What is fitted on.

    Args:
        ecgs: (n, d), of length 1.
        carried: (n, codes), which ECG carries which code.
        ids: of each text its token ids.
        states: (texts, codes), which codes a text states.
        needed: (texts,), how many of them an ECG has to carry.
        weight: (texts,), what a text counts in the loss.
        chances: by kind, the places of the texts and how likely each is drawn: a label or description by the
            square root of how many ECGs it holds for, shared by its namesakes; reports and lists alike.
    """

    ecgs: torch.Tensor
    carried: torch.Tensor
    ids: Sequence[torch.Tensor]
    states: torch.Tensor
    needed: torch.Tensor
    weight: torch.Tensor
    chances: Mapping[Kind, tuple[NDArray[np.intp], NDArray[np.float64]]]
    plan: TextPlan

    @classmethod
    def of(
        cls,
        ecgs: NDArray[np.float32],
        carried: NDArray[np.bool_],
        sayings: Sequence[Saying],
        names: Sequence[str],
        tokenizer: Tokenizer,
        plan: TextPlan,
    ) -> Fit:
        """From embeddings (n, d), codes (n, names) and texts."""
        states = np.array([[code in one.codes for code in names] for one in sayings], np.float32)
        every = np.array([one.kind in ("report", "list") for one in sayings])
        needed = np.where(every, states.sum(1), 1).astype(np.float32)
        namesakes = Counter((one.kind, one.codes) for one in sayings)
        share = _shares(carried, states, needed)
        chances: dict[Kind, tuple[NDArray[np.intp], NDArray[np.float64]]] = {}
        for kind in get_args(Kind):
            places = np.array([place for place, one in enumerate(sayings) if one.kind == kind], np.intp)
            weight = np.ones(len(places))
            if kind in ("label", "description"):
                weight = np.sqrt(share[places]) / [namesakes[kind, sayings[place].codes] for place in places]
            if weight.sum() > 0:
                chances[kind] = places, weight / weight.sum()
        return cls(
            torch.from_numpy(ecgs),
            torch.from_numpy(carried).float(),
            [
                torch.tensor(line.ids[: sum(line.attention_mask)])
                for line in tokenizer.encode_batch([s.text for s in sayings])
            ],
            torch.from_numpy(states),
            torch.from_numpy(needed),
            torch.from_numpy(np.maximum(share, RAREST) ** -plan.rare),
            chances,
            plan,
        )

    def run(
        self, module: nn.Module, judge: Callable[[], dict[str, float]], progress: Progress
    ) -> list[dict[str, float]]:
        """Trains `module`, leaves it with the averaged weights that were judged best, and returns what was seen.

        Raises:
            TrainingError: the loss is not finite, or no text holds for any ECG.
        """
        plan = self.plan
        counts: dict[Kind, int] = dict(
            label=plan.labels, description=plan.descriptions, report=plan.reports, list=plan.lists
        )
        drawn = {kind: count for kind, count in counts.items() if count and kind in self.chances}
        if not drawn:
            raise TrainingError("No text holds for any training ECG.", "Check the data set, or name texts in the plan.")
        scale, bias = nn.Parameter(torch.tensor(math.log(SCALE))), nn.Parameter(torch.tensor(BIAS))
        plain = [p for p in module.parameters() if p.ndim < 2]
        optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in module.parameters() if p.ndim > 1], "weight_decay": plan.weight_decay},
                {"params": [*plain, scale, bias], "weight_decay": 0.0},
            ],
            plan.rate,
        )
        average = {name: value.detach().clone() for name, value in module.state_dict().items()}
        rng, began = np.random.default_rng(plan.seed), time.monotonic()
        lines: list[dict[str, float]] = []
        best: tuple[float, dict[str, torch.Tensor]] = (-1.0, average)
        for step in range(plan.steps):
            module.train()
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * cosine(step / plan.steps, plan.warmup)
            some = [rng.choice(self.chances[kind][0], count, p=self.chances[kind][1]) for kind, count in drawn.items()]
            loss = self._loss(module, np.concatenate(some), scale, bias, rng)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([*module.parameters(), scale, bias], 1.0)
            if not torch.isfinite(loss):
                raise TrainingError(f"The loss is not finite in step {step + 1}.", "Lower plan.rate.")
            optimizer.step()
            keep = min(plan.average, (1 + step) / (10 + step))
            for name, value in module.state_dict().items():
                average[name].lerp_(value, 1 - keep)
            progress(f"step {step + 1}/{plan.steps}  loss {loss.item():.4f}")
            if (step + 1) % plan.judge_every == 0 or step + 1 == plan.steps:
                own = {name: value.clone() for name, value in module.state_dict().items()}
                module.load_state_dict(average)
                found = judge()
                if found["score"] > best[0]:
                    best = (found["score"], {name: value.clone() for name, value in average.items()})
                module.load_state_dict(own)
                seconds = round(time.monotonic() - began, 1)
                lines.append(
                    {
                        "step": step + 1,
                        "seconds": seconds,
                        "loss": round(loss.item(), 5),
                        "scale": round(scale.detach().exp().item(), 2),
                        "bias": round(bias.item(), 2),
                        **{name: round(value, 5) for name, value in found.items()},
                    }
                )
        module.load_state_dict(best[1])
        return lines

    def _loss(
        self,
        module: nn.Module,
        texts: NDArray[np.intp],
        scale: nn.Parameter,
        bias: nn.Parameter,
        rng: np.random.Generator,
    ) -> torch.Tensor:
        rows = rng.permutation(len(self.ecgs))[: self.plan.ecgs]
        order = sorted(texts.tolist(), key=lambda text: len(self.ids[text]))
        parts = [order[at : at + 32] for at in range(0, len(order), 32)]  # texts of like length, little padding
        said = [
            module(nn.utils.rnn.pad_sequence([self.ids[text] for text in part], batch_first=True)) for part in parts
        ]
        logits = scale.exp() * torch.cat(said) @ self.ecgs[rows].T + bias
        truth = (self.states[order] @ self.carried[rows].T >= self.needed[order, None]).float()
        each = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(1)
        return (each * self.weight[order]).sum() / self.weight[order].sum()


def _shares(
    carried: NDArray[np.bool_], states: NDArray[np.float32], needed: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(texts,), of how many of the ECGs what each text states holds."""
    rows, place = np.unique(np.concatenate([states, needed[:, None]], 1), axis=0, return_inverse=True)
    every = carried.astype(np.float32)
    share = [(every @ row[:-1] >= row[-1]).mean() for row in rows]
    return np.array(share, np.float32)[place.ravel()]
