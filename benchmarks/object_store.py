"""The archive that ships, pushed to object storage and searched there, beside the folder; and embedding there.

    python benchmarks/object_store.py s3://bucket/prefix [--ecgs 100]

Access is what the environment gives: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION; for a server of one's own
also AWS_ENDPOINT and AWS_ALLOW_HTTP=true. Answers must be equal; seconds are printed.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from einthoven.models import load_model
from einthoven.retrieval import Archive
from einthoven.retrieval.bundled import BUNDLED
from einthoven.retrieval.kept import as_kept, new_row
from einthoven.retrieval.remote import push
from einthoven.testing import simulate

T = TypeVar("T")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("uri")
    ask.add_argument("--ecgs", type=int, default=100)
    asked = ask.parse_args()
    model = load_model()
    queries = [simulate(50 + number, seed=number) for number in range(20)]
    uri = f"{asked.uri.rstrip('/')}/shipped"
    print(f"push: {took(lambda: push(BUNDLED, uri))[1]:.2f} s")
    before = None
    for name, place in (("folder", BUNDLED), ("object storage", uri)):
        archive, opened = took(lambda place=place: Archive.open(place, model))
        first, began = took(lambda archive=archive: archive.search(queries[0], 5))
        rest, later = took(lambda archive=archive: [archive.search(one, 5) for one in queries])
        print(f"{name}: opened in {opened:.2f} s, first search {began:.2f} s, then {later / len(queries):.3f} s each")
        answers = (first, rest, archive.search(queries[1], 25, "age>=60,sex=F"))
        assert before in (None, answers), "answers differ"
        before = answers
    print("answers are equal")
    with tempfile.TemporaryDirectory() as folder:
        made = Archive.create(Path(folder) / "bare", model)
        rows = (new_row(f"r{n}", simulate(50 + n % 90, rate=100, seed=n)) for n in range(asked.ecgs))
        made.collection.append(as_kept(row, None, True, False) for row in rows)
        uri = f"{asked.uri.rstrip('/')}/bare"
        push(made.path, uri)
        far = Archive.open(uri, model)
        count, seconds = took(far.embed)
        again = Archive.open(uri, model)
        print(f"embedded {count} there in {seconds:.1f} s; lacking {again.info()['without_embedding']}")
        made.embed()
        assert [n.record for n in again.search(queries[0], 10)] == [n.record for n in made.search(queries[0], 10)]


def took(what: Callable[[], T]) -> tuple[T, float]:
    """What it gives, and its seconds."""
    began = time.perf_counter()
    return what(), time.perf_counter() - began


if __name__ == "__main__":
    main()
