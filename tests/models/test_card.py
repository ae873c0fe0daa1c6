from __future__ import annotations

import json
import shutil

import pytest

from einthoven.ecg import ModelError
from einthoven.models.card import BEGIN, END, audit_section, check_card, model_card, with_audit, write_audit
from einthoven.models.config import ModelConfig
from einthoven.models.runtime import checkpoint_hash

FACTS = {
    "fold": 10,
    "dataset": "ptb-xl 1.0.1",
    "ecgs": 2183,
    "patients": 1953,
    "index": "folds 1-8, 7 ECGs, 6 patients",
    "model_sha256": "ab" * 32,
    "made": "2024-05-06",
    "commit": "abc123",
}


def test_the_card_tells_what_was_trained_on_what(trained):
    card = (trained / "checkpoint" / "README.md").read_text()
    for words in (
        "# made-up-1",
        "Research use only. Not a medical device.",
        "100 Hz, 10 s",
        "embedding of 24; probabilities of 71 SCP codes",
        "folds 1, 2, 3, 4, 5, 6, 7, 8: 12 ECGs",
        "folds 9: 12 ECGs",
        "1 epochs in batches of 6",
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


def test_the_audit_section_names_what_it_was_made_of():
    section = audit_section(FACTS, {"By sex": "| | AUC |\n|---|---|\n| female | 0.9 |", "Calibration": "| x |"})
    for words in (
        "## Audit\n",
        "on fold 10 of ptb-xl 1.0.1: 2,183 ECGs of 1,953 patients",
        "folds 1-8, 7 ECGs",
        "Checkpoint abababababab; 2024-05-06, commit abc123.",
        "### By sex\n\n| | AUC |\n|---|---|\n| female | 0.9 |\n",
        "### Calibration\n\n| x |",
    ):
        assert words in section, words
    assert "optimistic" not in section
    assert "optimistic" in audit_section(FACTS | {"fold": 9}, {})


def test_a_section_is_put_at_the_end_and_later_in_its_place():
    card = "# model\n\ntext\n"
    first = with_audit(card, "## Audit\none\n")
    assert first == f"# model\n\ntext\n\n{BEGIN}\n## Audit\none\n{END}\n"
    assert with_audit(first, "## Audit\none\n") == first
    assert with_audit(first, "two") == f"# model\n\ntext\n\n{BEGIN}\ntwo\n{END}\n"
    longer = first + "\n## More\nby hand\n"
    assert with_audit(longer, "two") == f"# model\n\ntext\n\n{BEGIN}\ntwo\n{END}\n\n## More\nby hand\n"
    assert with_audit(with_audit(longer, "two"), "## Audit\none") == longer


@pytest.mark.parametrize("card", [BEGIN, END, f"{END} {BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"])
def test_damaged_marks_are_refused(card):
    with pytest.raises(ModelError, match="damaged"):
        with_audit(card, "section")


def test_writing_it_leaves_the_rest_and_the_hash_as_they_are(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "copy")
    card, sha256 = (folder / "README.md").read_text(), checkpoint_hash(folder)
    check_card(folder, sha256)
    assert (folder / "README.md").read_text() == card
    for section in ("first", "second", "second"):
        write_audit(folder, section)
        written = (folder / "README.md").read_text()
        assert written == f"{card.rstrip()}\n\n{BEGIN}\n{section}\n{END}\n"
    assert checkpoint_hash(folder) == sha256
    assert {path.name for path in folder.iterdir()} == {path.name for path in checkpoint.iterdir()}


def test_a_card_that_cannot_take_it_is_refused(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "copy")
    sha256 = checkpoint_hash(folder)
    with pytest.raises(ModelError) as caught:
        check_card(folder, "00" * 32)
    assert "--model" in caught.value.mend
    (folder / "README.md").write_text(f"# model {END}")
    with pytest.raises(ModelError, match="damaged"):
        check_card(folder, sha256)
    (folder / "README.md").unlink()
    for attempt in (lambda: check_card(folder, sha256), lambda: write_audit(folder, "section")):
        with pytest.raises(ModelError, match="no model card"):
            attempt()
    assert not list(folder.glob("README*"))


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
    assert "text tower" not in model_card(config, {**facts, "recipe": {**facts["recipe"], "text": None}}, [line])


def test_a_card_says_of_ptbxl_only_what_is_trained_on_it(trained):
    (line,) = map(json.loads, (trained / "metrics.jsonl").read_text().splitlines())
    assert "1984 to 2001" in card_of(trained, [line]) and "Wagner et al. 2020" in card_of(trained, [line])
    config, facts = (
        ModelConfig.load(trained / "checkpoint" / "config.json"),
        json.loads((trained / "recipe.json").read_text()),
    )
    facts["recipe"]["data"]["parts"] = [{"name": "ptb-xl"}, {"name": "own"}]
    facts["dataset"] = {"name": "ptb-xl + own", "release": "ptb-xl, own: 9 ECGs of a collection"}
    card = model_card(config, facts, [line])
    assert "1984" not in card and "PTB-XL" not in card and "Apache" not in card and "docs/" not in card
    assert "| licence | none is stated here" in card and "| trained on | ptb-xl, own: 9 ECGs" in card
    assert "Any decision about a person." in card
