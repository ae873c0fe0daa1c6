"""A passage: the piece of a source that is found, quoted and cited."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """Some sentences of one source, and where they stand.

    Args:
        text: the sentences, as they stand in the source but for white space.
        source: the name that it is cited by, such as a file's.
        sha256: of the source's content.
        page: from 1, where the source has pages; None otherwise.
        section: the headings above it, outermost first, joined by " > "; None where there are none.
        codes: SCP codes, or `aha:NUMBER` and `snomed:NUMBER`, that the section is about; empty where nobody said so.
    """

    text: str
    source: str
    sha256: str
    page: int | None = None
    section: str | None = None
    codes: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it stands, in words: `page 12`, `section "..."`, or both."""
        page = f"page {self.page}" if self.page is not None else ""
        section = f'section "{self.section}"' if self.section else ""
        return ", ".join(part for part in (page, section) if part) or "no page or section"
