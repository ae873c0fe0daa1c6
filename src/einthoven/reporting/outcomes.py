"""What becomes of a draft, how it states things, and what stands under all of it."""

from __future__ import annotations

from typing import Literal

DISCLAIMER = "Research use only. Not a medical device. Not for diagnosis or treatment. Unconfirmed draft."
OUTCOMES = {
    "draft": "DRAFT",
    "caution": "DRAFT WITH CAUTION",
    "none": "NO DRAFT: nearest ECGs only",
}

Outcome = Literal["draft", "caution", "none"]
Polarity = Literal["present", "possible"]
