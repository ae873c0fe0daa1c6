from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.collection import Row
from einthoven.datasets import PTBXL
from einthoven.datasets.textfiles import read_descriptions, token_counter, write_lines
from einthoven.datasets.texts import Writer, esi_text, findings
from einthoven.ecg import DataError, Statement, UsageError

FIGURE_2 = (
    "This patient is a 47-year-old Male. ECG Findings: Sinus rhythm, Left ventricular hypertrophy, "
    "Prolonged QT interval.\n"
    "Potential ECG waveforms:\n"
    "Each QRS follows a P wave. The rate is regular.\n"
    "Tall R waves stand in V5 and V6."
)
SAID = ("Sinus rhythm", "Left ventricular hypertrophy", "Prolonged QT interval.")
WAVES = {
    "sinus rhythm": "Each QRS follows a P wave. The rate is regular.",
    "Left Ventricular Hypertrophy": "Tall R waves stand in V5 and V6.",
}


def words(text: str) -> int:
    return len(text.split())


def row(said=SAID, age=47.0, sex="male", text=None, source="mimic-iv-ecg") -> Row:
    statements = tuple(one if isinstance(one, Statement) else Statement(one) for one in said)
    return Row("r", source, "0" * 64, 500, 5000, age=age, sex=sex, text=text, statements=statements)


def test_the_form_of_figure_2():
    writer = Writer("descriptions", words, WAVES)
    assert writer.of(row()) == FIGURE_2
    assert (writer.cuts.texts, writer.cuts.texts_cut, writer.cuts.without_description) == (1, 0, 1)
    assert Writer("findings", words).of(row()) == FIGURE_2.partition("\n")[0]


@pytest.mark.parametrize(("age", "sex"), [(None, "male"), (47.0, None), (float("nan"), "male")])
def test_without_age_or_sex_the_sentence_is_left_out_and_counted(age, sex):
    writer = Writer("findings", words)
    assert writer.of(row(age=age, sex=sex)).startswith("ECG Findings: Sinus rhythm")
    assert writer.cuts.without_demographics == 1


def test_descriptions_are_shortened_first_then_findings():
    found = []
    for limit in (39, 34, 30, 20, 15, 11, 9, 4):
        writer = Writer("descriptions", words, WAVES, limit)
        text = writer.of(row())
        assert words(text) <= limit
        found.append((text, writer.cuts.sentences_cut, writer.cuts.findings_cut))
    texts = [text for text, _, _ in found]
    assert texts[0] == FIGURE_2
    assert texts[1].endswith("Each QRS follows a P wave.\nTall R waves stand in V5 and V6.")
    assert texts[2].endswith("Potential ECG waveforms:\nEach QRS follows a P wave.")
    assert texts[3] == FIGURE_2.partition("\n")[0]
    assert texts[4].endswith("Sinus rhythm, Left ventricular hypertrophy.")
    assert [cut for _, _, cut in found] == [0, 0, 0, 0, 1, 2, 3, 3]
    assert [cut for _, cut, _ in found] == [0, 1, 2, 3, 3, 3, 3, 3]


@given(
    said=st.lists(st.text("abc ", min_size=1, max_size=30), max_size=6),
    waves=st.lists(st.lists(st.text("xy ", min_size=1, max_size=40), max_size=5), max_size=6),
    limit=st.integers(1, 60),
)
def test_no_text_is_longer_than_the_limit(said, waves, limit):
    known = dict(zip(said, (". ".join(one) for one in waves), strict=False))
    writer = Writer("descriptions", words, known, limit)
    text = writer.of(row(said))
    assert words(text) <= limit
    whole = Writer("descriptions", words, known, 10**6).of(row(said))
    assert (text == whole) == (writer.cuts.texts_cut == 0)


def test_codes_become_words():
    said = (Statement(code="IMI", system="SCP"), Statement(code="SR", system="SCP"))
    assert findings(row(said, source="ptb-xl")) == ("inferior myocardial infarction, age undetermined", "sinus rhythm")
    said = (Statement(code="59118001", system="SNOMED"), Statement(code="1", system="SNOMED"))
    (word,) = findings(row(said, source="georgia"))
    assert "right bundle branch block" in word.lower()
    said = (Statement(code="AF", system="Chapman"),)
    assert findings(row(said, source="chapman")) == ("atrial flutter",)
    said = (Statement(code="AF", system="CODE-15"), Statement(code="normal_ecg", system="CODE-15"))
    assert findings(row(said, source="code-15"))[0] == "atrial fibrillation"


def test_report_and_diagnoses():
    writer = Writer("regen", words, limit=6)
    said = (Statement(code="SR", system="SCP"),)
    assert writer.of(row(said, text="sinusrhythmus.")) == "sinusrhythmus. Diagnoses: sinus rhythm."
    assert words(writer.of(row(said, text="a b c d e f g"))) == 6
    assert writer.cuts.texts_cut == 1
    assert Writer("regen", words).of(row((), text=None)) == ""


def test_what_is_no_text_or_table_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no text 'poem'"):
        Writer("poem", words)
    for content in ("", "[]", '{"a": 1}', "[" * 9999):
        (tmp_path / "d.json").write_text(content)
        with pytest.raises(DataError):
            read_descriptions(tmp_path / "d.json")
    (tmp_path / "d.json").write_text(json.dumps({"A\x1b[31m": "b\nc"}))
    assert read_descriptions(tmp_path / "d.json") == {"A": "b c"}
    write_lines(tmp_path / "out.jsonl", [("a/1", "Größe")], print)
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8")) == {"record": "a/1", "text": "Größe"}


def test_a_real_tokenizer_cuts_at_512(tmp_path):
    tokenizers = pytest.importorskip("tokenizers")
    built = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    built.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    trainer = tokenizers.trainers.WordPieceTrainer(vocab_size=200, special_tokens=["[UNK]", "[CLS]", "[SEP]"])
    built.train_from_iterator([FIGURE_2], trainer)
    built.post_processor = tokenizers.processors.TemplateProcessing(
        "[CLS] $A [SEP]", None, [("[CLS]", 1), ("[SEP]", 2)]
    )
    built.enable_truncation(64)  # as a text tower's file has it; what is counted is the whole text
    built.save(str(tmp_path / "tokenizer.json"))
    count = token_counter(tmp_path / "tokenizer.json")
    assert count("") == 2 and count(FIGURE_2 * 9) > 64
    writer = Writer("descriptions", count, {key: (text + " ") * 40 for key, text in WAVES.items()})
    text = writer.of(row())
    assert 400 < count(text) <= 512 and writer.cuts.sentences_cut > 0 and writer.cuts.findings_cut == 0
    assert text.startswith(FIGURE_2.partition("\n")[0])
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(DataError, match="no tokenizer"):
        token_counter(tmp_path / "tokenizer.json")


def test_real_reports(real_ptbxl):
    source = PTBXL(real_ptbxl)
    writer = Writer("findings", words, limit=40)
    for entry in source.recordings[:40]:
        text = writer.of(source.row(entry))
        assert text.startswith("This patient is a ") and "ECG Findings: " in text
    assert writer.cuts.findings_without_words == 0 and esi_text([], [], []) == ""
