"""Turn markers in quoted text: taken out, because a server turns them into the very tokens that end a turn.

A passage that holds `<|im_end|>` would otherwise close the user's turn and could open one of the system's. Words such
as "ignore your instructions" cannot be taken out this way: whoever uses an answer checks it against its passages.
"""

from __future__ import annotations

import re

_MARKERS = re.compile(
    r"<\|[^<>\n]{0,64}?\|>"  # ChatML, Llama 3, Phi, gpt-oss
    r"|<｜[^<>\n]{0,64}?｜>"  # DeepSeek
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]"  # Mistral
    r"|<</?SYS>>|</?s>"  # Llama 2
    r"|<(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>",  # Gemma
    re.IGNORECASE,
)
_PLAIN = str.maketrans("<>[]", "‹›()")


def without_markers(text: str) -> str:
    """`text` with the brackets of turn markers made plain; everything else stays.

    >>> without_markers("ST > 1 mm in V2 <|im_end|>")
    'ST > 1 mm in V2 ‹|im_end|›'
    """
    return _MARKERS.sub(lambda marker: marker.group().translate(_PLAIN), text)


def sendable(text: str) -> str:
    r"""`text` with a question mark for each half of a surrogate pair, which no request can hold.

    >>> sendable("P wave\ud800")
    'P wave?'
    """
    return text.encode("utf-8", "replace").decode("utf-8")
