"""The handbook and the prompts as they were before anybody read the descriptions that they are compared with."""

from __future__ import annotations

import hashlib
import json
import pkgutil
from functools import cache

from einthoven.knowledge import handbook


@cache
def frozen() -> dict[str, str]:
    """SHA-256 of both and the day, `tables/cqa_frozen.json`."""
    data = pkgutil.get_data("einthoven.evaluation", "tables/cqa_frozen.json")
    if data is None:
        raise FileNotFoundError("einthoven/evaluation/tables/cqa_frozen.json")
    table: dict[str, str] = json.loads(data)
    return table


def now() -> dict[str, str]:
    """The same of what is installed."""
    data = pkgutil.get_data("einthoven.knowledge", "tables/prompts.csv") or b""
    return {"handbook_sha256": handbook.sha256(), "prompts_sha256": hashlib.sha256(data).hexdigest()}


def said() -> str:
    """In a sentence, whether both are still as they were."""
    parts = []
    for name, key in (("handbook", "handbook_sha256"), ("prompts", "prompts_sha256")):
        before, here = frozen()[key], now()[key]
        if before == here:
            parts.append(f"The {name} is as frozen on {frozen()['frozen']} ({here[:12]}).")
        else:
            parts.append(
                f"THE {name.upper()} IS NOT as frozen on {frozen()['frozen']}: {before[:12]}, now {here[:12]}."
            )
    return " ".join(parts).replace("The prompts is", "The prompts are").replace("THE PROMPTS IS", "THE PROMPTS ARE")
