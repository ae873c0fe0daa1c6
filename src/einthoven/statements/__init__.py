"""Floor 0: the vocabulary of ECG statements, what they mean and imply, and how to write them.

The data tables (`tables/*.csv`) hold facts of PTB-XL's SCP-ECG codes and the Challenge 2021
SNOMED CT map, and this project's own wordings, severities and alarms. Critical codes were fixed
before any model was trained.
"""

from einthoven.statements.classes import DiagnosticClass, subclass, subclasses, superclass, superclasses
from einthoven.statements.finding import POLARITIES, Finding, Polarity
from einthoven.statements.labels import LABEL_SETS, label_map, label_set, labels_of, membership
from einthoven.statements.term import GROUPS, KINDS, LANGUAGES, SEVERITIES, Language, Severity, Term
from einthoven.statements.vocabulary import VOCABULARY, Vocabulary
from einthoven.statements.wordings import wordings
from einthoven.statements.write import Overall, conflicts, overall, overall_of, report_sentences, write_report

__all__ = [
    "GROUPS",
    "KINDS",
    "LABEL_SETS",
    "LANGUAGES",
    "POLARITIES",
    "SEVERITIES",
    "VOCABULARY",
    "DiagnosticClass",
    "Finding",
    "Language",
    "Overall",
    "Polarity",
    "Severity",
    "Term",
    "Vocabulary",
    "conflicts",
    "label_map",
    "label_set",
    "labels_of",
    "membership",
    "overall",
    "overall_of",
    "report_sentences",
    "subclass",
    "subclasses",
    "superclass",
    "superclasses",
    "wordings",
    "write_report",
]
