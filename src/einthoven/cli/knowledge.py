"""`einthoven knowledge`: build, info, search; review is in `review`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.cli import review
from einthoven.cli.language import AllowRemote, EmbedKeyFrom, EmbedModel, EmbedUrl, open_embedder
from einthoven.cli.terminal import Json, print_json, progress_line, say

if TYPE_CHECKING:
    from einthoven.knowledge.build import Outcome

app = typer.Typer(
    help="Knowledge bases: passages of books and guidelines that you own, to be found and cited.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Knowledge = Annotated[Path, typer.Option("--knowledge", metavar="DIR", help="The knowledge base's folder.")]


@app.command()
def build(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCES...", help="PDF, EPUB, HTML, Markdown and text files, or folders.")
    ],
    knowledge: Knowledge,
    prune: Annotated[bool, typer.Option("--prune", help="Remove sources that are not named, without trace.")] = False,
    embed_url: EmbedUrl = None,
    embed_model: EmbedModel = None,
    embed_key_from: EmbedKeyFrom = None,
    allow_remote: AllowRemote = False,
    as_json: Json = False,
) -> None:
    """Read documents into a knowledge base, which is made if there is none.

    Sources whose content has not changed are not read again. A build that was interrupted goes on when it is given
    again. PDF files need one more package: pip install 'einthoven[knowledge]'.
    """
    from einthoven.knowledge.base import KnowledgeBase
    from einthoven.knowledge.build import build as fill
    from einthoven.knowledge.reading import NOT_ISOLATED, isolated

    embedder = open_embedder(embed_url, embed_model, embed_key_from, allow_remote)
    make = KnowledgeBase.open if KnowledgeBase.exists(knowledge) else KnowledgeBase.create
    base = make(knowledge, embedder)
    with progress_line() as show:
        outcomes = fill(base, sources, prune, show)
    if as_json:
        print_json(
            {
                "knowledge": str(knowledge),
                "passages": len(base),
                "sources": [
                    {
                        "source": one.source,
                        "status": one.status,
                        "pages": one.pages,
                        "passages": one.passages,
                        "why": one.why or None,
                        "mend": one.mend or None,
                        "notices": list(one.notices),
                    }
                    for one in outcomes
                ],
                "notes": [] if isolated() else [NOT_ISOLATED],
            }
        )
    else:
        _table(outcomes)
        say(f"{len(base):,} passages of {len(base.sources()):,} sources in {knowledge}")
        if not isolated():
            say(f"note: {NOT_ISOLATED}")
    if all(one.status in {"refused", "removed"} for one in outcomes):
        raise typer.Exit(1)


def _table(outcomes: list[Outcome]) -> None:
    width = min(max([len(one.source) for one in outcomes] + [6]), 60)
    say(f"{'source':<{width}}  {'status':<9}  {'pages':>5}  {'passages':>8}")
    for one in outcomes:
        pages = "-" if one.pages is None else str(one.pages)
        counts = f"{pages:>5}  {one.passages or '-':>8}"
        say(f"{one.source:<{width}}  {one.status:<9}  {counts}  {one.why} {one.mend}".rstrip())
        for notice in one.notices:
            say(f"{'':<{width}}  note: {notice}")


@app.command()
def info(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The knowledge base's folder.")], as_json: Json = False
) -> None:
    """Show which sources a knowledge base holds."""
    from einthoven.knowledge.base import KnowledgeBase

    found = KnowledgeBase.open(folder, embedder=None).info()
    if as_json:
        print_json(found)
        return
    say(f"{found['passages']:,} passages of {len(found['sources']):,} sources, {found['bytes'] / 1e6:.1f} MB")
    say(f"found by words, and by vectors: {found['embedding']}")
    width = min(max([len(one["source"]) for one in found["sources"]] + [6]), 60)
    for one in found["sources"]:
        pages = "" if one["pages"] is None else f"{one['pages']} pages, "
        say(f"{one['source']:<{width}}  {one['kind']:<8}  {pages}{one['passages']} passages, {one['sha256'][:12]}")


@app.command()
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is looked for.")],
    knowledge: Knowledge,
    k: Annotated[int, typer.Option("--k", min=1, max=1000, help="How many passages at most.")] = 5,
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="NAME", help="Only of this source; may be given again.")
    ] = None,
    embed_url: EmbedUrl = None,
    embed_model: EmbedModel = None,
    embed_key_from: EmbedKeyFrom = None,
    allow_remote: AllowRemote = False,
    as_json: Json = False,
) -> None:
    """Find passages, best first, with where they stand. What they say is the sources', not Einthoven's."""
    from einthoven.knowledge.base import KnowledgeBase

    embedder = open_embedder(embed_url, embed_model, embed_key_from, allow_remote)
    found = KnowledgeBase.open(knowledge, embedder).search(text, k, source or None)
    if as_json:
        print_json(
            [
                {
                    "text": one.passage.text,
                    "source": one.passage.source,
                    "page": one.passage.page,
                    "section": one.passage.section,
                    "codes": list(one.passage.codes),
                    "sha256": one.passage.sha256,
                    "score": round(one.score, 6),
                    "rank_by_vectors": one.ranks.vectors,
                    "rank_by_words": one.ranks.words,
                    "similarity": round(one.similarity, 4),
                }
                for one in found
            ]
        )
        return
    if not found:
        say("No passage has anything of it.")
    for number, one in enumerate(found, 1):
        say(f"{number}. {one.passage.source}, {one.passage.place}")
        say(f"   {one.passage.text}")


app.command("review")(review.review)
