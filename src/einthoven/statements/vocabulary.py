"""The vocabulary: PTB-XL's 71 SCP-ECG codes, what each means, implies and excludes.

PTB-XL's infarction codes (IMI, ASMI ...) do not say whether the infarct is acute or old. Their
wordings therefore say "age undetermined", and they are not critical; the five INJ codes, which
stand for ongoing injury, are. Whoever needs every infarct to raise an alarm asks for
`VOCABULARY.superclass_of(code) == "MI"` as well. Where a code leaves open which of two findings
it means and one of them is dangerous (second-degree AV block, ST elevation), it is critical.

Exclusions state what cannot be true together, not what PTB-XL never states together: it gives
NORM beside codes that this vocabulary holds abnormal in 3 of 100 records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import cast

from einthoven.statements.implication import ancestors_of, exclusions
from einthoven.statements.suggest import unknown
from einthoven.statements.table import rows
from einthoven.statements.term import KINDS, Severity, Term


class Vocabulary:
    """All terms by code, in report order; read from the data tables on first use.

    Behaves as a read-only mapping, but an unknown code raises UsageError with near matches.

    >>> len(VOCABULARY), "AFIB" in VOCABULARY, VOCABULARY["AFIB"].german
    (71, True, 'Vorhofflimmern')
    """

    @cached_property
    def _terms(self) -> dict[str, Term]:
        table = rows("scp")
        # "Normal ECG" and an abnormal finding contradict each other by definition of the severity.
        pairs = [("NORM", row["code"]) for row in table if row["severity"] == "abnormal"]
        pairs += [(row["first"], row["second"]) for row in rows("exclusions")]
        excludes = exclusions(self._ancestors, pairs)
        return {
            row["code"]: Term(
                code=row["code"],
                english=row["english"],
                german=row["german"],
                english_absent=row["english_absent"],
                german_absent=row["german_absent"],
                kinds=tuple(row["kinds"].split()),
                superclass=row["superclass"] or None,
                subclass=row["subclass"] or None,
                aha=int(row["aha"]) if row["aha"] else None,
                snomed=row["snomed"] or None,
                severity=cast(Severity, row["severity"]),
                critical=row["critical"] == "yes",
                critical_reason=row["critical_reason"],
                group=row["group"],
                parents=tuple(row["parents"].split()),
                excludes=excludes[row["code"]],
            )
            for row in table
        }

    @cached_property
    def _ancestors(self) -> dict[str, frozenset[str]]:
        return ancestors_of({row["code"]: tuple(row["parents"].split()) for row in rows("scp")})

    @cached_property
    def _snomed(self) -> dict[str, dict[str, str]]:
        return {row["snomed"]: row for row in rows("snomed")}

    @cached_property
    def _aha(self) -> dict[int, Term]:
        return {term.aha: term for term in self.values() if term.aha is not None}

    def __getitem__(self, code: str) -> Term:
        return self.term(code)

    def __contains__(self, code: object) -> bool:
        return code in self._terms

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms)

    def __len__(self) -> int:
        return len(self._terms)

    def values(self) -> tuple[Term, ...]:
        """All terms, in report order."""
        return tuple(self._terms.values())

    def term(self, code: str) -> Term:
        """The term of a code; UsageError with near matches when there is none."""
        if code not in self._terms:
            raise unknown("SCP code", code, self._terms)
        return self._terms[code]

    def codes(self, kind: str | None = None) -> tuple[str, ...]:
        """All codes, or those of one kind ("diagnostic", "form", "rhythm"), in report order.

        >>> [len(VOCABULARY.codes(kind)) for kind in (None, "diagnostic", "form", "rhythm")]
        [71, 44, 19, 12]
        """
        if kind is not None and kind not in KINDS:
            raise unknown("kind of statement", kind, KINDS)
        return tuple(code for code, term in self._terms.items() if kind is None or kind in term.kinds)

    def superclass_of(self, code: str) -> str | None:
        """NORM, MI, STTC, CD or HYP; None for a code that is not diagnostic."""
        return self.term(code).superclass

    def critical_codes(self) -> tuple[str, ...]:
        """The codes that somebody has to know of at once, in report order."""
        return tuple(code for code, term in self._terms.items() if term.critical)

    def ancestors(self, code: str) -> frozenset[str]:
        """All codes that a code implies: its parents, theirs, and so on.

        >>> sorted(VOCABULARY.ancestors("ILMI"))
        ['IMI', 'LMI']
        """
        return self._ancestors[self.term(code).code]

    def contradictions(self, codes: Iterable[str]) -> list[tuple[str, str]]:
        """The pairs among the codes that cannot both be true of one ECG, in report order.

        >>> VOCABULARY.contradictions(["SBRAD", "AFIB", "CRBBB"])
        [('SBRAD', 'AFIB')]
        """
        wanted = {self.term(code).code for code in codes}
        given = [code for code in self._terms if code in wanted]
        return [
            (first, second)
            for at, first in enumerate(given)
            for second in given[at + 1 :]
            if second in self._terms[first].excludes
        ]

    def from_snomed(self, code: str) -> Term | None:
        """The term that a SNOMED CT finding means or implies; None where none does for certain.

        Covers the 133 findings of the PhysioNet Challenge 2021. Right bundle branch block and
        complete right bundle branch block, and the other pairs that the Challenge scores as one,
        give the same term. A finding more special than any term (atrial tachycardia) gives the
        term that it is a case of. Challenge files write CPSC2018's "normal" class as sinus
        rhythm (426783006), so this gives SR and never NORM; and PTB-XL's SVARR as supraventricular
        premature beats (63593006), which gives PAC.

        >>> VOCABULARY.from_snomed("59118001").code, VOCABULARY.from_snomed("164895002")
        ('CRBBB', None)
        """
        row = self._snomed.get(str(code).strip())
        return self._terms[row["code"]] if row and row["code"] else None

    def from_aha(self, number: int) -> Term | None:
        """The term of an AHA/ACC/HRS statement (Mason 2007), by PTB-XL's own map; None where it names none.

        >>> VOCABULARY.from_aha(161).code, VOCABULARY.from_aha(999)
        ('IMI', None)
        """
        return self._aha.get(number)

    def snomed_name(self, code: str) -> str | None:
        """What a SNOMED CT finding of the Challenge 2021 is called, also where no term fits.

        Among those without a term are ventricular tachycardia, ventricular fibrillation, acute
        infarction and acute ischemia, so a reader must keep them as text.

        >>> VOCABULARY.snomed_name("164895002")
        'ventricular tachycardia'
        """
        row = self._snomed.get(str(code).strip())
        return row["name"] if row else None


VOCABULARY = Vocabulary()
