from __future__ import annotations

import json
from dataclasses import replace

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


def card_of(trained, lines, **changes):
    facts = json.loads((trained / "recipe.json").read_text())
    facts["recipe"] |= changes
    return model_card(ModelConfig.load(trained / "checkpoint" / "config.json"), facts, lines)


def test_epochs_that_were_not_looked_at_are_no_candidates(trained):
    (line,) = map(json.loads, (trained / "metrics.jsonl").read_text().splitlines())
    plain = {"epoch": 1, "seconds": 60.0, "statements": 0.1}
    best, worse = ({**line, "score": score, "head_super": score, "seconds": 120.0} for score in (0.777, 0.666))
    card = card_of(trained, [plain, worse, plain, best, {**plain, "seconds": 240.0}])
    assert "0.777" in card and "0.666" not in card and "4 minutes |" in card


def test_the_card_names_teachers(trained):
    (line,) = map(json.loads, (trained / "metrics.jsonl").read_text().splitlines())
    assert "checkpoints" not in card_of(trained, [line])
    card = card_of(trained, [line], teachers={"folders": ["a", "b"], "share": 0.4})
    assert "40% of each target from 2 trained checkpoints" in card


def test_the_card_speaks_of_a_text_tower_only_where_there_is_one(trained):
    (line,) = map(json.loads, (trained / "metrics.jsonl").read_text().splitlines())
    config = ModelConfig.load(trained / "checkpoint" / "config.json")
    facts = json.loads((trained / "recipe.json").read_text())
    assert "with the text tower" in model_card(config, facts, [line])
    assert "text tower" not in model_card(replace(config, text=None), facts, [line])
