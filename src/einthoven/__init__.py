"""Einthoven: 12-lead ECGs in, similar ECGs and draft reports with evidence out. Research use only."""
