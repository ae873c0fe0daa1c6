"""Descriptions of conditions under several settings: passages, sources, prompts, with a language model and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from einthoven.ecg import EinthovenError
from einthoven.evaluation.cqa_alone import describe_alone
from einthoven.knowledge.describe import PASSAGES, Assistant
from einthoven.knowledge.description import Described
from einthoven.knowledge.prompts import STANDARD, prompts
from einthoven.knowledge.shelf import Shelf
from einthoven.llm import Chat

DEPTHS = (1, 2, 3, 4, 5)
MAIN = f"extractive, handbook, k = {PASSAGES}"
NAME, ANOTHER = "baseline: the condition's name", "baseline: another condition's extractive description"


@dataclass(frozen=True)
class Writer:
    """A language model and the settings that it is asked under.

    Args:
        depths: passages a finding; 0 asks it without any source.
        prompts: keys of the prompts; the others than the first are asked with `PASSAGES`.
    """

    chat: Chat
    depths: Sequence[int] = (0, PASSAGES)
    prompts: Sequence[str] = (STANDARD,)


@dataclass(frozen=True)
class Written:
    """What one setting wrote of each condition, in their order; "" where it wrote nothing.

    Args:
        described: with what was dropped; none for baselines.
        failures: conditions of which a language model gave no answer.
    """

    texts: tuple[str, ...]
    described: tuple[Described, ...] = ()
    failures: int = 0

    @property
    def there(self) -> int:
        """How many conditions are described."""
        return sum(bool(text) for text in self.texts)


def written(
    statements: Sequence[str],
    searched: Mapping[str, Shelf],
    writer: Writer | None,
    progress: Callable[[str], None],
) -> Iterator[tuple[str, Written]]:
    """Each setting by its name: baselines, extractive ones, then the language model's.

    Args:
        searched: shelves by what they hold, all searched in one way; the first one is the handbook.
    """
    own = {depth: _all(statements, Assistant(k=depth).describe) for depth in DEPTHS}
    yield NAME, Written(tuple(statements))
    yield ANOTHER, Written((*own[PASSAGES].texts[1:], own[PASSAGES].texts[0]))
    for depth, one in own.items():
        yield f"extractive, handbook, k = {depth}", one
    for name, shelf in searched.items():
        progress(f"extractive, {name}")
        yield f"extractive, {name}, searched, k = {PASSAGES}", _all(statements, Assistant(shelf, PASSAGES).describe)
    if writer is not None:
        yield from _by_model(statements, searched, writer, progress)


def _by_model(
    statements: Sequence[str], searched: Mapping[str, Shelf], writer: Writer, progress: Callable[[str], None]
) -> Iterator[tuple[str, Written]]:
    chat, first = writer.chat, writer.prompts[0]

    def asked(name: str, shelf: Shelf | None, depth: int, prompt: str) -> tuple[str, Written]:
        assistant = Assistant(shelf, depth, chat, prompt)
        return name, _all(statements, assistant.describe, lambda n: progress(f"{name}: {n} of {len(statements)}"))

    for prompt in writer.prompts if 0 in writer.depths else ():
        one = prompts()[prompt]
        yield (
            f"model, no source, prompt {prompt}",
            _all(statements, lambda said, one=one: describe_alone(said, chat, one)),  # type: ignore[misc]
        )
    depths = [depth for depth in writer.depths if depth]
    for depth in depths:
        yield asked(f"model, handbook, k = {depth}, prompt {first}", None, depth, first)
    if not depths:
        return
    for name, shelf in list(searched.items())[1:]:
        yield asked(f"model, {name}, searched, k = {PASSAGES}, prompt {first}", shelf, PASSAGES, first)
    for prompt in writer.prompts[1:]:
        yield asked(f"model, handbook, k = {PASSAGES}, prompt {prompt}", None, PASSAGES, prompt)


def _all(
    statements: Sequence[str], describe: Callable[[str], Described], progress: Callable[[int], None] = lambda n: None
) -> Written:
    found: list[Described] = []
    failures = 0
    for number, statement in enumerate(statements, 1):
        try:
            found.append(describe(statement))
        except EinthovenError as fault:
            failures += 1
            found.append(Described(statement, "finding", reason=fault.message))
        progress(number)
    return Written(tuple(one.text for one in found), tuple(found), failures)
