"""`einthoven knowledge check`: what is wrong with the handbook that ships."""

from __future__ import annotations

from dataclasses import asdict

import typer

from einthoven.cli.terminal import Json, print_json, say


def check(as_json: Json = False) -> None:
    """Check the handbook: missing sections and criteria, sentences against their braces, contradictions.

    Exits with 1 where something is wrong.
    """
    from einthoven.knowledge.handbook import SOURCE, sections
    from einthoven.knowledge.handbook_check import check as faults_of
    from einthoven.knowledge.handbook_check import required

    all_sections = sections()
    faults = faults_of(all_sections)
    criteria = [each for section in all_sections for each in section.criteria]
    numbers = sum(each.op is not None for each in criteria)
    verified = sum(each.verified for each in criteria)
    lacking = sum(fault.kind == "coverage" for fault in faults)
    if as_json:
        print_json(
            {
                "source": SOURCE,
                "sections": len(all_sections),
                "criteria": {"all": len(criteria), "with_number": numbers, "verified": verified},
                "statements": {"required": len(required()), "without_section": lacking},
                "faults": [asdict(fault) for fault in faults],
            }
        )
    else:
        for fault in faults:
            say(str(fault))
        say(f"{SOURCE}.")
        say(
            f"{len(all_sections)} sections, {len(criteria)} criteria ({numbers} with a number, {verified} verified); "
            f"{lacking} of {len(required())} statements without a section; {len(faults)} faults in all."
        )
    if faults:
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Adds the command to `einthoven knowledge`."""
    app.command("check")(check)
