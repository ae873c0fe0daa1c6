"""The text of ECG reports to statements."""

from einthoven.statements.parse.parse import parse_report
from einthoven.statements.parse.stated import STANCES, Parsed, Stance, Stated
from einthoven.statements.parse.synonyms import Synonyms, read_synonyms, synonyms_of

__all__ = ["STANCES", "Parsed", "Stance", "Stated", "Synonyms", "parse_report", "read_synonyms", "synonyms_of"]
