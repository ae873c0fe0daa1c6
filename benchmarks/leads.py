"""How often the check of support sees that one lead of a sentence was exchanged: python benchmarks/leads.py

Each sentence of the handbook is judged by the passages of its section, as it stands and with one of its leads replaced
by another of the section, both drawn at random (seed 1). The replaced one may happen to be true as well.
"""

from __future__ import annotations

import random
import re

from einthoven.knowledge.handbook import passages, sections
from einthoven.knowledge.handbook_sentence import leads_in
from einthoven.knowledge.sentences import sentences_of
from einthoven.knowledge.support import unsupported


def main() -> None:
    """Prints how many sentences are dropped as they stand, and how many of the others are seen."""
    draw = random.Random(1)
    whole = dropped = exchanged = seen = 0
    for section in sections():
        texts = [passage.text for passage in passages(section)][:3]
        for sentence in sentences_of(" ".join(texts)):
            whole += 1
            dropped += bool(unsupported(sentence, texts))
            mine = sorted(leads_in(sentence))
            others = sorted(leads_in(" ".join(texts)) - set(mine))
            if not mine or not others:
                continue
            turned = re.sub(rf"\b{draw.choice(mine)}\b", draw.choice(others), sentence, count=1)
            if turned != sentence:  # a lead inside of "V4 to V6" is not written out
                exchanged += 1
                seen += bool(unsupported(turned, texts))
    print(f"as they stand: {dropped} of {whole:,} dropped")
    print(f"one lead exchanged: {seen} of {exchanged:,} dropped")


if __name__ == "__main__":
    main()
