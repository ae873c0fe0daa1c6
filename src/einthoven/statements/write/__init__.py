"""Statements to text: a short report and the overall line, in English and German."""

from einthoven.statements.write.overall import Overall, overall, overall_of
from einthoven.statements.write.report import conflicts, report_sentences, write_report

__all__ = ["Overall", "conflicts", "overall", "overall_of", "report_sentences", "write_report"]
