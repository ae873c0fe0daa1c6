"""How well a masked autoencoder tells which text belongs to an ECG, on pairs that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from einthoven.models.masked_autoencoder import MaskedAutoencoder
from einthoven.models.text_tower import encode
from einthoven.training.batch import Examples
from einthoven.training.exchange import exchanged, say_the_same

SEED = 9
BATCH = 128


def match_scores(
    network: MaskedAutoencoder,
    examples: Examples,
    texts: Sequence[str],
    tokenizer: Tokenizer,
    precision: torch.autocast,
) -> dict[str, float]:
    """The share of pairs that are judged rightly, `held_out_match`, and how many pairs there are, `match_pairs`."""
    right = judged_rightly(network, examples, texts, tokenizer, precision)
    return {"held_out_match": float(right.mean()), "match_pairs": float(right.size)} if right.size else {}


def judged_rightly(
    network: MaskedAutoencoder,
    examples: Examples,
    texts: Sequence[str],
    tokenizer: Tokenizer,
    precision: torch.autocast,
) -> NDArray[np.bool_]:
    """(n, 2) bool: of each ECG, whether its own text is called its own, and an exchanged one not.

    Every ECG and every text is once in its place and once not, so that neither alone tells more than chance, .5. ECGs
    that found no partner with other statements are left out.
    """
    device = next(network.parameters()).device
    stated = (examples.target if examples.stated is None else examples.stated) > 0
    rng = np.random.default_rng(SEED)
    found = [np.zeros((0, 2), bool)]
    places = rng.permutation(len(examples))
    for at in range(0, len(places), BATCH):
        rows = places[at : at + BATCH]
        said = [texts[row] for row in rows]
        order = exchanged(say_the_same(stated[rows], said), 1.0, rng)
        signal = torch.from_numpy(examples.signal[rows].astype(np.float32)).to(device)
        ids = encode(tokenizer, said).to(device)
        with torch.inference_mode(), precision:
            states, _ = network.read(signal)
            words = network.text.states(ids)
            own, other = (
                network.match(network.join(states, words[given], ids[given]).whole).float().argmax(1).cpu().numpy()
                for given in (torch.arange(len(rows)), torch.from_numpy(order))
            )
        partnered = order != np.arange(len(rows))
        found.append(np.stack([own == 1, other == 0], 1)[partnered])
    return np.concatenate(found)
