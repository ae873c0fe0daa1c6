"""An answer of a language model beside ours: it is taken only among the options, and never against ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from einthoven.answering.answer import SURE, Answer, answer_of, untold_answer
from einthoven.answering.critical import denied, not_ruled_out
from einthoven.answering.ground import Ground
from einthoven.answering.meaning import NO, REGULARITY, UNSAID, YES, Meaning, name_of, narrowed, plain
from einthoven.answering.normal import not_normal
from einthoven.answering.prompts import Context, Kind
from einthoven.answering.protocol import K, Protocol
from einthoven.answering.read import NotUnderstoodError, UntoldError, read_question
from einthoven.answering.undenied import not_absent, reasons_of
from einthoven.answering.view import View, see
from einthoven.collection import quoted
from einthoven.ecg import ECG, UsageError
from einthoven.formats.text import clean
from einthoven.retrieval import Archive, Neighbour
from einthoven.statements import VOCABULARY

UNCALIBRATED = "A language model's answer has no calibrated confidence, and it has not seen the ECG."


def advised(
    ecg: ECG,
    question: str,
    archive: Archive,
    protocol: Protocol,
    options: Sequence[str] = (),
    k: int = K,
    sure: float = SURE,
) -> Answer:
    """Answers by ECG-ReGen's protocol. Where ours is sure of something else, or the recording is unfit, it is not sure.

    Args:
        options: needed where the question cannot be read here, for a language model is asked with options only.

    Raises:
        UsageError: no options; a question about two ECGs, or for a measured value.
        LanguageModelError: no answer came.
    """
    try:
        meaning = _read(question, options)
    except UntoldError as fault:
        return untold_answer(clean(question, 400), fault, ecg)
    view = see(ecg, archive)
    if meaning is not None and meaning.about in (UNSAID, REGULARITY):
        # the reports that a language model is given cannot say it
        return replace(
            answer_of(meaning, [view], tuple(options) or meaning.options, sure), question=clean(question, 400)
        )
    if view.unfit or view.far:
        reasons = tuple(dict.fromkeys((*view.unfit, *view.far)))
        return Answer(clean(question, 400), "not sure", reasons=reasons, by=protocol.chat.name)
    allowed = tuple(options) or (meaning.options if meaning else ())
    context = contexts(archive, view.found.neighbours[:k])
    said = protocol.ask(kind_of(meaning, allowed), question, allowed, context)
    grounds = tuple(Ground(f"report of {one.record}: {one.report}", (one.record,)) for one in context)
    base = Answer(
        clean(question, 400),
        "not sure",
        options=allowed,
        grounds=grounds,
        reasons=(UNCALIBRATED,),
        by=protocol.chat.name,
    )
    if said.answers is None:
        outside = f" ({', '.join(clean(one, 80) for one in said.outside)})" if said.outside else ""
        return replace(base, reasons=(f"What the language model said is not among the options{outside}.", UNCALIBRATED))
    ours = answer_of(meaning, [view], allowed, sure) if meaning else None
    if ours is not None and ours.outcome == "answer" and set(ours.answers) != set(said.answers):
        against = f"The language model says {', '.join(said.answers)}; without it, it is {', '.join(ours.answers)}."
        return replace(base, leaning=ours.answers, grounds=(*ours.grounds, *grounds), reasons=(against, UNCALIBRATED))
    if meaning is not None and (unsafe := _unsafe(meaning, said.answers, view, sure)):
        return replace(base, reasons=(*unsafe, UNCALIBRATED, *view.cautions))
    reasons = (UNCALIBRATED, *view.cautions)
    return replace(base, outcome="answer", answers=said.answers, leaning=said.answers, reasons=reasons)


def _unsafe(meaning: Meaning, said: Sequence[str], view: View, sure: float) -> list[str]:
    """Why these answers may not be given, whoever gives them: what they deny is not ruled out, or speaks for itself."""
    names = {plain(one): one for one in (YES, NO, *meaning.names)}
    best = [names.get(plain(one), one) for one in said]
    open_ones = not_ruled_out(denied(meaning, best, [view], sure), view)
    return [*open_ones, *not_normal(meaning, best, view), *reasons_of(not_absent(meaning, best, [view]))]


def _read(question: str, options: Sequence[str]) -> Meaning | None:
    try:
        meaning = read_question(question, options)
    except UntoldError:
        raise
    except NotUnderstoodError:
        if not options:
            raise UsageError(
                "A language model is asked with options, and this question has none.", "Add --options A,B."
            ) from None
        return None
    if meaning.pair or meaning.verb == "value":
        raise UsageError(
            "A language model is not asked about two ECGs, nor for measured values.", "Ask it without --llm."
        )
    return narrowed(meaning, tuple(options)) if options else meaning


def kind_of(meaning: Meaning | None, options: Sequence[str]) -> Kind:
    """The kind of question whose prompt fits."""
    if meaning is not None and meaning.verb in ("verify", "any"):
        return "verify"
    if meaning is not None:
        return "choose" if meaning.verb == "choose" else "query"
    return "verify" if {plain(one) for one in options} <= {YES, NO} else "query"


def contexts(archive: Archive, neighbours: Sequence[Neighbour]) -> tuple[Context, ...]:
    """Reports and diagnoses of neighbours; where the archive keeps no report, what their codes say as one."""
    names = ", ".join(quoted(one.record) for one in neighbours)
    rows = archive.collection.rows(["text"], where=f"record IN ({names})") if neighbours else []
    texts = {row.record: row.text for row in rows}
    return tuple(
        Context(one.record, clean(texts.get(one.record) or report_of(one.codes), 1500), diagnoses_of(one.codes))
        for one in neighbours
    )


def report_of(codes: Sequence[str]) -> str:
    """What codes say, in a report's words; codes of an archive may contradict each other, and are told as they are."""
    return ". ".join(VOCABULARY[code].english for code in codes if code in VOCABULARY) or "no statement"


def diagnoses_of(codes: Sequence[str]) -> tuple[str, ...]:
    """The names of codes."""
    return tuple(name_of(code) for code in codes if code in VOCABULARY)
