"""How often the check of support errs on judged sentences: python benchmarks/support.py [LIST.tsv]

LIST.tsv has the columns passage, sentence, supported (yes or no) and why. Passages of odd places are there to mend the
check by, those of even places to judge it: both are printed apart.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import Counter
from pathlib import Path

from einthoven.knowledge.support import unsupported
from einthoven.metrics.intervals import clopper_pearson

LIST = Path(__file__).parent / "cqa" / "support.tsv"


def main(path: Path = LIST) -> None:
    """Prints the share of unsupported sentences let through, of supported ones dropped, and the mistakes."""
    data = path.read_bytes()
    lines = list(csv.DictReader(data.decode().splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    order = {passage: place for place, passage in enumerate(dict.fromkeys(line["passage"] for line in lines))}
    print(f"{path.name}, sha256 {hashlib.sha256(data).hexdigest()}")
    for half, name in ((0, "passages 1, 3, 5 ... (to mend by)"), (1, "passages 2, 4, 6 ... (to judge by)")):
        own = [line for line in lines if order[line["passage"]] % 2 == half]
        judged = [(line, unsupported(line["sentence"], [line["passage"]])) for line in own]
        wrong = [(line, why) for line, why in judged if (line["supported"] == "yes") == bool(why)]
        print(f"\n{name}: {len(own)} sentences, {len(wrong)} judged wrongly")
        for said, what in (("no", "not supported, and let through"), ("yes", "supported, and dropped")):
            count, total = sum(line["supported"] == said for line, _ in wrong), sum(x["supported"] == said for x in own)
            low, high = clopper_pearson(count, total)
            print(f"  {what}: {count} of {total}, {count / total:.3f} [{low:.3f}, {high:.3f}]")
        print("  by kind:", dict(Counter(line["why"] for line, _ in wrong)))
        for line, why in wrong if half == 0 else ():
            print(f"  - {line['supported']}, {line['why']}: {line['sentence']} [{why or 'let through'}]")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
