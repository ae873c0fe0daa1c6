"""`einthoven search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.cli.reports import ArchiveOption, WhereOption
from einthoven.cli.terminal import Json, ModelOption, open_archive, print_json, say

if TYPE_CHECKING:
    from einthoven.retrieval import Neighbour


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A finding in words, English or German, or a code.")],
    archive: ArchiveOption = None,
    k: Annotated[int, typer.Option("--k", min=1, help="How many ECGs.")] = 5,
    where: WhereOption = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """Find the ECGs of an archive that a text fits best, with their statements."""
    from einthoven.reporting import DISCLAIMER
    from einthoven.retrieval.text_search import search_label

    label = search_label(text)
    place = open_archive(archive, model)
    hits = place.search_text(text, k, where)
    known = "" if label.codes else "It names no finding of the vocabulary: what is found for it is guesswork."
    if as_json:
        print_json(
            {
                "text": label.asked,
                "codes": list(label.codes),
                "note": known or None,
                "neighbours": [_as_json(hit) for hit in hits],
                "archive": {"name": place.name, "version": place.collection.version, "records": len(place)},
                "model": {"name": place.model.name, "sha256": place.model.sha256},
                "disclaimer": DISCLAIMER,
            }
        )
        return
    say(f"ECGs of {place.name} that '{label.asked}' fits best")
    for hit in hits:
        age = "age ?" if hit.age is None else f"{hit.age:.0f} y"
        say(f"  {hit.similarity:+.3f}  {hit.record}  {age}, {hit.sex or 'sex ?'}  {', '.join(hit.codes)}")
    if label.codes:
        carry = "any" if label.any else "all"
        right = sum(_carries(hit, label.codes, label.any) for hit in hits)
        say(f"  {right} of {len(hits)} carry {carry} of {', '.join(label.codes)} in the archive")
    else:
        say(f"  {known}")
    say("")
    say(DISCLAIMER)


def _carries(hit: Neighbour, codes: tuple[str, ...], one_is_enough: bool) -> bool:
    there = [code in hit.codes for code in codes]
    return any(there) if one_is_enough else all(there)


def _as_json(hit: Neighbour) -> dict[str, Any]:
    return {
        "record": hit.record,
        "similarity": round(hit.similarity, 4),
        "statements": list(hit.codes),
        "age": hit.age,
        "sex": hit.sex,
    }
