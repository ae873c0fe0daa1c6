"""A draft reworded by a language model, as a difference: it may drop and reword, and never add.

The model sees the draft's own sentences alone, no neighbour's text. Each sentence that it gives names the statements
that it rewords; what adds to them or turns them (`faithful`) is dropped and counted. A critical statement that it
leaves out is put back as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from einthoven.formats.text import clean
from einthoven.llm.schema import sentences_with
from einthoven.reporting.draft import Draft
from einthoven.reporting.faithful import LONGEST, addition
from einthoven.statements import VOCABULARY, Finding, Language, report_sentences

if TYPE_CHECKING:
    from einthoven.llm import Chat, Message

SCHEMA = sentences_with("statements")
"""Of an answer: sentences, each with the numbers of the statements that it rewords."""
_RULES = (
    "You edit the wording of a draft ECG report. You get its statements, numbered, as data. Write them as a few plain "
    "sentences in {language}. You may join statements, reword them and leave out what another one says already. You "
    "may not add anything: no finding, no side, no degree, no number, no cause, no advice, no comparison. Keep "
    "'possible' and every 'no'. Behind each sentence give the numbers of the statements that it rewords. "
    "Answer in JSON: "
    '{{"sentences": [{{"text": "...", "statements": [1]}}]}}'
)
_LANGUAGES = {"en": "English", "de": "German"}
SHOWN = 20
"""Additions that are shown; all are counted."""


@dataclass(frozen=True)
class Kept:
    """A sentence of the refined text, and the statements that it stands for; `reworded` if it is not as it was."""

    text: str
    codes: tuple[str, ...]
    originals: tuple[str, ...]

    @property
    def reworded(self) -> bool:
        """Whether it differs from the draft's own sentences."""
        return self.text != " ".join(self.originals)


@dataclass(frozen=True)
class Added:
    """A sentence that was dropped: what the model wrote, cleaned, and why it is an addition."""

    text: str
    why: str


@dataclass(frozen=True)
class Refined:
    """A draft's text as a language model would have it, as far as it says the same.

    Args:
        model: its name.
        kept: the sentences, in the model's order; critical statements that it left out stand last.
        dropped: the draft's sentences that it left out. restored: codes of the critical ones, which stay.
        additions: what it wrote that the draft does not say.
    """

    model: str
    kept: tuple[Kept, ...]
    dropped: tuple[str, ...]
    restored: tuple[str, ...]
    additions: tuple[Added, ...]

    @property
    def text(self) -> str:
        """The refined report."""
        return " ".join(one.text for one in self.kept)

    def diff(self) -> Iterator[tuple[str, str]]:
        """Lines of the difference: "=" stays, "-" was in the draft, "+" is the new wording."""
        for one in self.kept:
            if one.reworded:
                yield from (("-", sentence) for sentence in one.originals)
                yield ("+", one.text)
            else:
                yield ("=", one.text)
        yield from (("-", sentence) for sentence in self.dropped)

    def lines(self) -> list[str]:
        """For the terminal."""
        count = len(self.additions)
        found = [f"Reworded by {self.model} (it may drop and reword, not add)", f"  {self.text}"]
        found += [f"    {mark} {text}" for mark, text in self.diff()]
        if self.restored:
            found.append(f"  critical statements that it left out were put back: {', '.join(self.restored)}")
        if count:
            found.append(f"  {count} addition{'s' * (count != 1)} of it dropped:")
            found += [f"    x {one.text} ({one.why})" for one in self.additions[:SHOWN]]
        return found

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "model": self.model,
            "report": self.text,
            "diff": [{"mark": mark, "text": text} for mark, text in self.diff()],
            "sentences": [{"text": one.text, "statements": list(one.codes)} for one in self.kept],
            "dropped": list(self.dropped),
            "restored": list(self.restored),
            "additions": len(self.additions),
            "added": [{"text": one.text, "why": one.why} for one in self.additions[:SHOWN]],
        }


def refine(draft: Draft, chat: Chat, language: Language = "en") -> Draft:
    """The draft with `refined` filled in; its own text, statements and evidence stay.

    Without statements there is nothing to reword, and no model is asked.

    Args:
        language: that of the draft.

    Raises:
        LanguageModelError: no answer, or none of the form that was asked for.
    """
    own = report_sentences([Finding(one.code, one.polarity) for one in draft.statements], language)
    if not own:
        return draft
    answer = chat.complete(messages([sentence for _, sentence in own], language), SCHEMA)
    return replace(draft, refined=judged(answer.parsed["sentences"], own, clean(answer.model, 80), language))


def messages(sentences: Sequence[str], language: Language) -> list[Message]:
    """The rules, then the numbered statements as data."""
    from einthoven.llm import Message

    numbered = [{"statement": number, "text": sentence} for number, sentence in enumerate(sentences, 1)]
    asked = f"Statements, as data:\n{json.dumps(numbered, ensure_ascii=False, indent=1)}"
    return [Message("system", _RULES.format(language=_LANGUAGES[language])), Message("user", asked)]


def judged(
    answered: Sequence[dict[str, Any]], own: Sequence[tuple[Finding, str]], model: str, language: Language
) -> Refined:
    """What of an answer stands.

    Args:
        answered: sentences of the form of `SCHEMA`. own: the draft's findings with their sentences.
    """
    kept: list[Kept] = []
    additions: list[Added] = []
    said: set[int] = set()
    for one in answered:
        text = clean(" ".join(str(one["text"]).split()), 2 * LONGEST)
        cited = list(dict.fromkeys(number - 1 for number in one["statements"]))
        why = _unfounded(cited, said, len(own)) or addition(text, [own[place] for place in cited], language)
        if why:
            additions.append(Added(text, why))
            continue
        said.update(cited)
        kept.append(_kept(text, [own[place] for place in cited]))
    lacking = [place for place in range(len(own)) if place not in said]
    critical = [place for place in lacking if VOCABULARY[own[place][0].code].critical]
    kept += [_kept(own[place][1], [own[place]]) for place in critical]
    return Refined(
        model,
        tuple(kept),
        tuple(own[place][1] for place in lacking if place not in critical),
        tuple(own[place][0].code for place in critical),
        tuple(additions),
    )


def _unfounded(cited: Sequence[int], said: set[int], there: int) -> str | None:
    if not cited:
        return "it names no statement"
    if any(not 0 <= place < there for place in cited):
        return "it names a statement that is not there"
    return "its statement was said before" if said & set(cited) else None


def _kept(text: str, originals: Sequence[tuple[Finding, str]]) -> Kept:
    return Kept(text, tuple(finding.code for finding, _ in originals), tuple(sentence for _, sentence in originals))
