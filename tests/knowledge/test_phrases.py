from __future__ import annotations

import time

from einthoven.knowledge.phrases import find
from einthoven.statements.parse.normalise import tokens


def test_a_word_of_thousands_of_letters_takes_no_time() -> None:
    began = time.process_time()
    assert find(tokens("a" * 5000 + " " + "left" * 2000)) == []
    assert time.process_time() - began < 1
