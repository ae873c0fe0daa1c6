from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven.ecg import MissingPackageError, ModelError, UsageError
from einthoven.models import BUNDLED, load_model, runtime
from einthoven.models.text_config import Likelihood, TextConfig
from einthoven.models.text_runtime import FILES
from einthoven.testing import simulate

TEXTS = ["left bundle branch block", "Vorhofflimmern", "Sinusrhythmus, normales EKG", "T wave inversion in V4 to V6"]


@pytest.fixture(scope="module")
def model():
    return load_model(threads=1)


@pytest.fixture
def damaged(tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(BUNDLED, folder)
    return folder


def test_texts_lie_on_the_sphere_of_the_ecgs(model):
    z = model.embed_text(TEXTS)
    assert z.shape == (4, model.config.embedding) and z.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), 1, atol=1e-5)


def test_a_text_is_the_same_in_any_company_and_order(model):
    z = model.embed_text(TEXTS)
    for text, row in zip(TEXTS, z, strict=True):
        np.testing.assert_allclose(model.embed_text([text])[0], row, atol=1e-5)
    np.testing.assert_allclose(model.embed_text([*TEXTS[::-1], "x " * 60])[:4], z[::-1], atol=1e-5)


def test_similarity_is_the_cosine_of_both_sides(model):
    ecgs = [simulate(), simulate(110, rhythm="af")]
    found = model.similarity(ecgs, TEXTS)
    np.testing.assert_allclose(found, model.embed(ecgs) @ model.embed_text(TEXTS).T, atol=1e-6)
    assert found.shape == (2, 4) and np.abs(found).max() <= 1 + 1e-5


def test_case_and_what_is_not_printable_do_not_matter_and_the_end_of_a_long_text_is_cut(model):
    plain, other = model.embed_text(["LBBB", "  lbbb\x1b[31m\u202e\n"])
    np.testing.assert_array_equal(plain, other)
    long = "sinus rhythm " * 200
    np.testing.assert_array_equal(*model.embed_text([long, long + " left bundle branch block"]))


def test_nothing_to_read_is_refused_and_no_text_is_no_fault(model):
    assert model.embed_text([]).shape == (0, model.config.embedding)
    with pytest.raises(UsageError, match="nothing to read"):
        model.embed_text(["sinus rhythm", " \x00 "])
    with pytest.raises(UsageError, match="in a list"):
        model.embed_text("sinus rhythm")


def test_it_knows_what_it_can_read(model):
    assert model.text.read("complete left bundle branch block") == 1
    assert model.text.read("Linksschenkelblock") == 1
    assert model.text.read("xyzzy quux") < 0.2
    assert model.text.read("инфаркт") == 0
    assert model.text.read("") == 0


def test_a_checkpoint_without_text_side_says_so(damaged):
    shutil.rmtree(damaged / "text")
    model = load_model(damaged)
    assert model.text is None
    with pytest.raises(ModelError, match=r"has no text side.*einthoven train configs/text.yaml"):
        model.similarity([simulate()], ["LBBB"])


def test_the_text_side_does_not_change_the_hash_of_the_ecg_side(damaged, model):
    shutil.rmtree(damaged / "text")
    assert load_model(damaged).sha256 == model.sha256


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["missing", "cut", "empty"])
def test_a_damaged_text_side_is_refused_and_the_ecg_side_works(damaged, name, how):
    path = damaged / "text" / name
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 if how == "cut" else 0])
    model = load_model(damaged)
    assert model.embed([simulate()]).shape == (1, 71)
    with pytest.raises(ModelError, match=r"Copy the checkpoint"):
        model.embed_text(["LBBB"])


def changed(folder, **values):
    path = folder / "text" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"ecg_sha256": "0" * 64}, "belongs to the ECG side 000000000000"),
        ({"ecg_sha256": "abc"}, "hash of the ECG side"),
        ({"version": 2}, "version 2"),
        ({"embedding": 70}, "does not fit"),
        ({"vocabulary": 100}, "tokenizer.json .* does not fit"),
        ({"likelihood": {"slope": -1.0}}, "lacking"),
        ({"stray": 1}, "Unknown setting stray"),
    ],
)
def test_a_text_side_that_does_not_fit_is_refused(damaged, values, said):
    changed(damaged, **values)
    with pytest.raises(ModelError, match=said):
        load_model(damaged).embed_text(["LBBB"])


def test_a_tokenizer_of_more_words_is_refused(damaged):
    path = damaged / "text" / "tokenizer.json"
    known = json.loads(path.read_text())
    known["model"]["vocab"]["zzz"] = 10_000
    path.write_text(json.dumps(known))
    with pytest.raises(ModelError, match="does not fit"):
        load_model(damaged).embed_text(["LBBB"])


def test_without_the_package_it_is_said_what_to_install(damaged, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", types.ModuleType("tokenizers"))
    with pytest.raises(MissingPackageError, match="pip install tokenizers"):
        load_model(damaged).embed_text(["LBBB"])


def test_a_hub_name_fetches_the_text_side_too(monkeypatch, tmp_path):
    asked = {}
    hub = types.ModuleType("huggingface_hub")
    hub.snapshot_download = lambda name, allow_patterns: asked.update(what=allow_patterns) or str(BUNDLED)
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    monkeypatch.chdir(tmp_path)
    assert runtime.load_model("some/model").text is not None
    assert "text/*" in asked["what"]


def test_texts_need_no_torch(tmp_path):
    script = (
        "import sys, einthoven\n"
        "from einthoven.cli.demo import demo_file\n"
        "str(einthoven.classify(einthoven.read(demo_file()), ['LBBB', 'Vorhofflimmern']))\n"
        "einthoven.demo_archive().search_text('Linksschenkelblock')\n"
        "print([name for name in ('torch', 'transformers', 'scipy', 'sklearn', 'onnx') if name in sys.modules])\n"
    )
    source = str(Path(einthoven.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": source}
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert said.stdout.strip() == "[]", said.stderr


def test_a_likelihood_grows_with_the_cosine():
    one = Likelihood(12.0, -6.0, "made up", 10, 10, 3, 0.02)
    assert one.probability(0.5) == pytest.approx(0.5)
    assert one.probability(-1) < one.probability(0.2) < one.probability(1)
    with pytest.raises(UsageError, match="slope above 0"):
        Likelihood(0.0, -6.0, "made up", 10, 10, 3, 0.02)


def test_configurations_are_read_as_they_were_written(tmp_path):
    one = TextConfig("a" * 64, 8, 12, 300, None, Likelihood(12.0, -6.0, "made up", 10, 10, 3, 0.02))
    one.save(tmp_path / "config.json")
    assert TextConfig.load(tmp_path / "config.json") == one
