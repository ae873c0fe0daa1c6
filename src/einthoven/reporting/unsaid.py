"""Rhythms that threaten life and that no statement of the vocabulary says: no archive and no model can deny them.

PTB-XL has no code for them and hardly an ECG with one, so that similar ECGs do not carry them, and a model's label for
them is guesswork, tells nothing. Measurement can call a tachycardia possible, or show that nothing was fast.
"""

from __future__ import annotations

import re

from einthoven.statements.parse import parse_report

UNSAID = {
    "ventricular-tachycardia": "ventricular tachycardia",
    "wide-qrs-tachycardia": "broad complex tachycardia",
    "torsades": "torsades de pointes",
    "ventricular-flutter": "ventricular flutter",
    "ventricular-fibrillation": "ventricular fibrillation",
    "asystole": "asystole",
}
"""What the parser of reports calls them, and what they are called in answers."""
_SHORT = {
    **dict.fromkeys(("vt", "nsvt", "vtach", "v-tach"), "ventricular-tachycardia"),
    **dict.fromkeys(("vf", "vfib", "v-fib"), "ventricular-fibrillation"),
    "vfl": "ventricular-flutter",
    "tdp": "torsades",
}


def unsaid_in(label: str) -> str | None:
    """What a label names of them, or None.

    >>> unsaid_in("VT"), unsaid_in("Kammerflimmern"), unsaid_in("supraventricular tachycardia")
    ('ventricular tachycardia', 'ventricular fibrillation', None)
    """
    words = re.findall(r"[\w-]+", label.casefold())
    short = next((_SHORT[word] for word in words if word in _SHORT), None)
    found = short or next((one for one in parse_report(label).mentions if one in UNSAID), None)
    return None if found is None else UNSAID[found]


def why_unsaid(name: str) -> str:
    """Why nothing learnt from the archive's statements can tell of one."""
    return f"No statement known here says {name}: neither similar ECGs nor the model can tell of it."
