"""Writing a text for an ECG, token by token: greedily, by beams, or drawn from the nucleus.

Nothing is kept from one token to the next: each step reads what is written so far anew, as training does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from einthoven.ecg import ModelError, UsageError
from einthoven.models.captioner import Captioner
from einthoven.models.text_tower import Marks

OURS = Marks()
"""The marks of a text tower of ours."""

Step = Callable[[Tensor, Tensor], Tensor]
"""From ids (rows, length) written so far, and the number of the ECG (rows,) that each is about, to logits (rows,
vocabulary) of what follows."""

Write = Callable[[Step, int, int, Marks], "list[Written]"]
"""`greedy`, `beam` or `nucleus`: a step, the number of ECGs, the most tokens and the marks to one text for each ECG.

Tokens that are never part of a text are left out; what is probable among the others is all that counts."""


@dataclass(frozen=True)
class Written:
    """A text.

    Args:
        ids: its tokens, without the marks of start and end.
        log_probability: natural logarithm, of these tokens and the end mark if there is one, given the ECG.
        ended: False where the text was cut because it had the most tokens that were allowed.
    """

    ids: tuple[int, ...]
    log_probability: float
    ended: bool


@torch.inference_mode()
def describe(
    model: Captioner, signal: Tensor, valid: Tensor | None = None, write: Write | None = None
) -> list[Written]:
    """A text for each ECG (batch, 12, time), greedily unless told; the model's own tokenizer turns ids into words.

    Raises:
        UsageError: the model was trained on states that have seen what follows, so that it cannot write.
        ModelError: the model gives numbers that are not finite.
    """
    training = model.training
    model.eval()
    try:
        _, context = model.read(signal, valid)

        def step(ids: Tensor, owner: Tensor) -> Tensor:
            return model.next_token(ids.to(signal.device), context[owner.to(signal.device)]).float().cpu()

        return (write or greedy)(step, len(signal), model.tokens - 1, model.text.marks)
    finally:
        model.train(training)


def greedy(step: Step, count: int, longest: int, marks: Marks = OURS) -> list[Written]:
    """The most probable token each time; the first of equals."""
    return _one_by_one(step, count, longest, marks, lambda log_p: log_p.argmax(-1))


def nucleus(
    step: Step,
    count: int,
    longest: int,
    marks: Marks = OURS,
    p: float = 0.9,
    temperature: float = 1.0,
    seed: int = 0,
) -> list[Written]:
    """Tokens drawn from the fewest most probable ones that hold `p` of the probability (Holtzman 2020, section 3.1).

    Args:
        p: above 0, at most 1; 1 draws from all.
        temperature: logits are divided by it before. The log-probability of what is written is the model's own.
        seed: the same draws the same.

    Raises:
        UsageError: no such p or temperature.
    """
    if not (0 < p <= 1 and 0 < temperature < float("inf")):
        raise UsageError(f"There is no nucleus of {p} at temperature {temperature}.", "Choose 0 < p <= 1, and above 0.")
    generator = torch.Generator().manual_seed(seed)

    def draw(log_p: Tensor) -> Tensor:
        share, tokens = (log_p / temperature).softmax(-1).double().sort(dim=-1, descending=True, stable=True)
        share[share.cumsum(-1) - share >= p] = 0  # the most probable token always stays
        return tokens.gather(-1, torch.multinomial(share, 1, generator=generator)).squeeze(-1)

    return _one_by_one(step, count, longest, marks, draw)


def beam(
    step: Step, count: int, longest: int, marks: Marks = OURS, width: int = 4, length_penalty: float = 0.0
) -> list[Written]:
    """The best of the `width` texts that are kept each time, for each ECG; a text that has ended keeps its place.

    Args:
        width: 1 is greedy; as many as there are texts finds the best of all.
        length_penalty: texts are ordered by log-probability / tokens ** length_penalty; 0 for the most probable text,
            which tends to be short, 1 for the mean of a token. A text of `longest` tokens counts as it stands.

    Raises:
        UsageError: no such width.
    """
    if width < 1:
        raise UsageError(f"A beam of {width} keeps no text.", "Choose a width of 1 or more.")

    def worth(text: Written) -> float:
        return text.log_probability / float(max(len(text.ids) + text.ended, 1) ** length_penalty)

    found = []
    for ecg in range(count):
        kept = [Written((), 0.0, False)]
        for _ in range(longest):
            growing = [text for text in kept if not text.ended]
            if not growing:
                break
            log_p = _log_p(step, [text.ids for text in growing], [ecg] * len(growing), marks)
            best, tokens = log_p.sort(dim=-1, descending=True, stable=True)
            candidates = [text for text in kept if text.ended]
            for row, text in enumerate(growing):
                following = zip(best[row, :width].tolist(), tokens[row, :width].tolist(), strict=True)
                candidates += [
                    _longer(text, token, value, marks) for value, token in following if value > -float("inf")
                ]
            kept = sorted(candidates, key=worth, reverse=True)[:width]
        found.append(kept[0])
    return found


def _one_by_one(
    step: Step, count: int, longest: int, marks: Marks, choose: Callable[[Tensor], Tensor]
) -> list[Written]:
    texts = [Written((), 0.0, False)] * count
    for _ in range(longest):
        growing = [ecg for ecg, text in enumerate(texts) if not text.ended]
        if not growing:
            break
        log_p = _log_p(step, [texts[ecg].ids for ecg in growing], growing, marks)
        for row, (ecg, token) in enumerate(zip(growing, choose(log_p).tolist(), strict=True)):
            texts[ecg] = _longer(texts[ecg], token, log_p[row, token].item(), marks)
    return texts


def _longer(text: Written, token: int, log_p: float, marks: Marks) -> Written:
    ended = token == marks.end
    return Written(text.ids if ended else (*text.ids, token), text.log_probability + log_p, ended)


def _log_p(step: Step, written: Sequence[tuple[int, ...]], owner: Sequence[int], marks: Marks) -> Tensor:
    """Log-probabilities (rows, vocabulary) of tokens that may follow; minus infinity for those that never do."""
    logits = step(torch.tensor([[marks.start, *ids] for ids in written]), torch.tensor(owner))
    if torch.isnan(logits).any() or (logits == float("inf")).any():
        raise ModelError("The model's logits are not finite.", "Look at the ECG, or use another checkpoint.")
    allowed = logits.clone()
    allowed[:, list(marks.never)] = -float("inf")
    return allowed.log_softmax(-1)
