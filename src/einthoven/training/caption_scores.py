"""How well a captioner knows ECGs and texts that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from einthoven.models.captioner import Captioner
from einthoven.models.text_tower import encode
from einthoven.training.batch import Examples
from einthoven.training.captions import Captions
from einthoven.training.objectives import caption_loss, contrast_loss

PAIRS = 512
"""At most so many held-out pairs, evenly spaced: chance finds 1 of as many."""
AT_A_TIME = 64
RANKS = (1, 10)


def pair_scores(
    network: Captioner,
    held_out: Examples,
    texts: Sequence[str],
    tokenizer: Tokenizer,
    how: Captions,
    precision: torch.autocast,
) -> dict[str, float]:
    """By name: how often an ECG's text is among the 1 and the 10 nearest of all held-out texts (one that says the same
    is right, too), the contrast in batches of 64, and the caption's loss, a mean over tokens."""
    chosen = np.unique(np.linspace(0, len(held_out) - 1, min(PAIRS, len(held_out))).round().astype(int))
    device = next(network.parameters()).device
    said = [texts[row] for row in chosen]
    ids = encode(tokenizer, said).to(device)
    ecgs: list[Tensor] = []
    words: list[Tensor] = []
    contrasts, cost, tokens = 0.0, 0.0, 0
    with torch.inference_mode(), precision:
        for at in range(0, len(chosen), AT_A_TIME):
            signal = torch.from_numpy(held_out.signal[chosen[at : at + AT_A_TIME]].astype(np.float32)).to(device)
            some = ids[at : at + AT_A_TIME]
            found = network(signal, some, contrast=how.contrast > 0, caption=how.caption > 0)
            if how.caption:
                cost += caption_loss(found.logits.float(), some, "sum").item()
                tokens += int((some[:, 1:] != 0).sum())
            if how.contrast:
                ecgs.append(found.ecg.float())
                words.append(found.text.float())
                contrasts += contrast_loss(ecgs[-1], words[-1], found.scale, reduction="sum").item()
    scores = {"held_out_caption": cost / max(tokens, 1)} if how.caption else {}
    if not how.contrast:
        return scores
    found_at = ranks_of_own(torch.cat(ecgs) @ torch.cat(words).T, said)
    hits = {f"retrieval_{rank}": float((found_at < rank).mean()) for rank in RANKS}
    return {**scores, "held_out_contrast": contrasts / len(chosen), **hits}


def ranks_of_own(cosines: Tensor, said: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """How many texts of another wording are nearer to each ECG than the nearest that says what its own text says.

    Args:
        cosines: (n, n) of ECGs and texts. said: the n texts.
    """
    same = torch.from_numpy(np.array(said)[:, None] == np.array(said)[None, :])
    values = cosines.cpu()
    own = values.masked_fill(~same, -torch.inf).amax(1, keepdim=True)
    rank: np.ndarray[tuple[int], np.dtype[np.int64]] = ((values > own) & ~same).sum(1).numpy()
    return rank
