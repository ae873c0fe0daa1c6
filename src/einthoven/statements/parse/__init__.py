"""The text of ECG reports to statements."""

from einthoven.statements.parse.claim import STANCES, Stance
from einthoven.statements.parse.parse import parse_report
from einthoven.statements.parse.stated import Parsed, Stated

__all__ = ["STANCES", "Parsed", "Stance", "Stated", "parse_report"]
