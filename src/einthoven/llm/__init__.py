"""Language models: any OpenAI-compatible endpoint, or a GGUF file in this process. Off unless one is named."""

from einthoven.llm.chat import Answer, Chat, Message
from einthoven.llm.concurrency import Outcomes, Progress, map_concurrently
from einthoven.llm.endpoint import Endpoint
from einthoven.llm.errors import AccessError, AnswerError, EndpointError, LanguageModelError, NotTriedError, RemoteError
from einthoven.llm.local import Local
from einthoven.llm.naming import open_llm
from einthoven.llm.patience import Patience
from einthoven.llm.remembered import Remembered

__all__ = [
    "AccessError",
    "Answer",
    "AnswerError",
    "Chat",
    "Endpoint",
    "EndpointError",
    "LanguageModelError",
    "Local",
    "Message",
    "NotTriedError",
    "Outcomes",
    "Patience",
    "Progress",
    "Remembered",
    "RemoteError",
    "map_concurrently",
    "open_llm",
]
