"""A language model's description without any passage: what it knows, or makes up, by itself."""

from __future__ import annotations

from einthoven.formats.text import clean
from einthoven.knowledge.description import Described
from einthoven.knowledge.prompts import Prompt
from einthoven.llm import Chat, Message

RULES = (
    "You describe what a finding looks like on an ECG. Write two to five short English sentences about waves, "
    "intervals and leads. Give no diagnosis, no treatment and nothing about a patient."
)
MAX_TOKENS = 250
LONGEST = 2_000


def describe_alone(statement: str, chat: Chat, prompt: Prompt) -> Described:
    """What the model answers to the prompt, unchecked: no passage is there that could support it.

    Raises:
        LanguageModelError: no answer.
    """
    question = prompt.question(statement)
    answer = chat.complete([Message("system", RULES), Message("user", question)], max_tokens=MAX_TOKENS)
    text = clean(" ".join(answer.text.split()), LONGEST)
    return Described(
        statement,
        "finding",
        reason="" if text else f"{answer.model} said nothing.",
        text=text,
        model=answer.model,
        tokens=(answer.tokens_in, answer.tokens_out),
    )
