"""Questions about ECGs with answers from fixed lists, made as ECG-QA makes them (Oh 2023), in words of our own.

    facts of an ECG  ──►  seen: what it shows of one subject  ──►  answer to a template  ──►  balanced questions

A template (`templates.csv`) is a verb, a subject and, for two ECGs, a change. `answer` alone decides what is true: the
generator, the check against published questions and the upper bounds all ask it. What the facts leave open has no
answer (None) and is never asked.
"""

from einthoven.datasets.ecg_qa.answer import answer, options
from einthoven.datasets.ecg_qa.asked import Asked, asked_of
from einthoven.datasets.ecg_qa.balance import BALANCES, Balance
from einthoven.datasets.ecg_qa.facts import Facts, Marks, levels_of
from einthoven.datasets.ecg_qa.frozen import VERSION, frozen_hash
from einthoven.datasets.ecg_qa.generate import generate
from einthoven.datasets.ecg_qa.ptbxl import facts_of_ptbxl
from einthoven.datasets.ecg_qa.rows import facts_of_row, split_by_patient
from einthoven.datasets.ecg_qa.template import KINDS, Template, templates

__all__ = [
    "BALANCES",
    "KINDS",
    "VERSION",
    "Asked",
    "Balance",
    "Facts",
    "Marks",
    "Template",
    "answer",
    "asked_of",
    "facts_of_ptbxl",
    "facts_of_row",
    "frozen_hash",
    "generate",
    "levels_of",
    "options",
    "split_by_patient",
    "templates",
]
