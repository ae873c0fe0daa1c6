"""Descriptions in one call."""

from __future__ import annotations

from pathlib import Path
from typing import overload

from einthoven.knowledge.base import KnowledgeBase
from einthoven.knowledge.describe import PASSAGES, Assistant
from einthoven.knowledge.description import Described
from einthoven.knowledge.shelf import BaseShelf
from einthoven.llm import Chat, open_llm

Knowledge = str | Path | KnowledgeBase
Llm = str | Path | Chat


@overload
def describe(statement: str, k: int = ..., knowledge: Knowledge | None = ..., llm: Llm | None = ...) -> Described: ...
@overload
def describe(
    statement: list[str] | tuple[str, ...], k: int = ..., knowledge: Knowledge | None = ..., llm: Llm | None = ...
) -> list[Described]: ...
def describe(
    statement: str | list[str] | tuple[str, ...],
    k: int = PASSAGES,
    knowledge: Knowledge | None = None,
    llm: Llm | None = None,
) -> Described | list[Described]:
    """What findings look like on a 12-lead ECG, with sources; what is no finding abstains, with a reason.

    >>> found = describe("Left bundle branch block")
    >>> found.quotes[0].passage.source
    'Einthoven handbook, not reviewed by a physician'
    >>> "broad R wave" in found.text
    True
    >>> describe("age not entered").reason
    "A note about the patient: it tells of the patient's age or sex, not of the ECG."

    Args:
        statement: one, or several.
        k: passages a finding, 1 to 20.
        knowledge: a knowledge base, or its folder; our handbook by default.
        llm: a language model that puts the passages into words, or the path of its .gguf or .yaml file; see
            `einthoven.llm.open_llm` for one at an address. None quotes the sources.

    Returns:
        One description for one statement; for several a list in their order. In a list, one for which the model gave no
        answer has no text and says so in `reason`.

    Raises:
        LanguageModelError: the model gives no answer to the only question, or is not to be had at all.
        EinthovenError: a knowledge base or model file that cannot be opened.
    """
    shelf = None
    if knowledge is not None:
        shelf = BaseShelf(knowledge if isinstance(knowledge, KnowledgeBase) else KnowledgeBase.open(knowledge))
    chat = open_llm(str(llm)) if isinstance(llm, str | Path) else llm
    assistant = Assistant(shelf, k, chat)
    if isinstance(statement, str):
        return assistant.describe(statement)
    return assistant.describe_all(statement).listed(statement)
