from __future__ import annotations

import json

from einthoven.models.card import model_card
from einthoven.models.config import ModelConfig


def test_the_card_tells_what_was_trained_on_what(trained):
    card = (trained / "checkpoint" / "README.md").read_text()
    for words in (
        "# made-up-1",
        "Research use only. Not a medical device.",
        "100 Hz, 10 s",
        "embedding of 24; probabilities of 71 SCP codes",
        "folds 1, 2, 3, 4, 5, 6, 7, 8: 12 ECGs",
        "folds 9: 12 ECGs",
        "1 epochs of 6",
    ):
        assert words in card, words
    facts = json.loads((trained / "recipe.json").read_text())
    assert facts["train"]["sha256"][:12] in card


def test_the_card_shows_the_best_epoch(trained):
    facts = json.loads((trained / "recipe.json").read_text())
    (line,) = map(json.loads, (trained / "metrics.jsonl").read_text().splitlines())
    worse = {**line, "score": line["score"] - 1, "head_super": 0.123456}
    card = model_card(ModelConfig.load(trained / "checkpoint" / "config.json"), facts, [line, worse])
    assert "0.123" not in card and f"{line['vote_all']:.3f}" in card
