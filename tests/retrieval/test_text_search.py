from __future__ import annotations

import shutil

import numpy as np
import pytest

from einthoven import demo_archive
from einthoven.ecg import ModelError, UsageError
from einthoven.models import BUNDLED, load_model
from einthoven.retrieval import Archive
from einthoven.retrieval.text_search import text_query


@pytest.fixture(scope="module")
def archive():
    return demo_archive()


@pytest.mark.parametrize(
    ("text", "code"),
    [("left bundle branch block", "CLBBB"), ("Vorhofflimmern", "AFIB"), ("RSB", "CRBBB"), ("pacemaker rhythm", "PACE")],
)
def test_a_text_finds_ecgs_that_carry_it(archive, text, code):
    hits = archive.search_text(text, 5)
    assert len(hits) == 5 and sum(code in hit.codes for hit in hits) >= 3


def test_hits_are_the_nearest_of_all(archive):
    hits = archive.search_text("Linksschenkelblock", 7)
    index = archive._contents.index
    cosine = index.embeddings @ archive.model.embed_text(["Linksschenkelblock"])[0]
    best = np.argsort(-cosine)[:7]
    assert [hit.record for hit in hits] == [archive._contents.records[row] for row in best]
    np.testing.assert_allclose([hit.similarity for hit in hits], cosine[best], atol=1e-5)


def test_a_code_is_searched_by_its_wording(archive):
    assert archive.search_text("clbbb", 3) == archive.search_text("complete left bundle branch block", 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("no LBBB", "nothing to search for"),
        ("age 50 years", "about the patient"),
        ("xyzzy quux", "cannot read"),
    ],
)
def test_what_cannot_be_searched_for(archive, text, said):
    with pytest.raises(UsageError, match=said):
        archive.search_text(text)


def test_k_is_at_least_one(archive):
    with pytest.raises(UsageError, match="at least 1"):
        archive.search_text("LBBB", 0)


def test_a_model_without_text_side_says_what_to_do(stand_in, tmp_path):
    archive = Archive.create(tmp_path / "archive", stand_in())
    with pytest.raises(ModelError, match="no text side: it cannot be searched by text"):
        archive.search_text("LBBB")
    shutil.copytree(BUNDLED, tmp_path / "bare")
    shutil.rmtree(tmp_path / "bare" / "text")
    with pytest.raises(ModelError, match="einthoven train"):
        text_query(load_model(tmp_path / "bare"), "LBBB")
