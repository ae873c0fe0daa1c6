"""Floor 5: answers to questions about ECGs, with evidence or none.

    question  ──►  what it asks  ──►  chances of its names (neighbours, head, measurements, quality)  ──►  answer

`read` takes English and German words and the templates of ECG-QA; what it cannot read whole is not understood, never
guessed. `protocol` is ECG-ReGen's way: a language model is given the neighbours' reports and the options.
"""

from einthoven.answering.answer import SURE, Answer, answer, answer_of
from einthoven.answering.ground import Ground
from einthoven.answering.meaning import Meaning, meaning_of
from einthoven.answering.read import NotUnderstoodError, read_question
from einthoven.answering.scales import Scales, fit_line, shipped_scales
from einthoven.answering.view import View, see

__all__ = [
    "SURE",
    "Answer",
    "Ground",
    "Meaning",
    "NotUnderstoodError",
    "Scales",
    "View",
    "answer",
    "answer_of",
    "fit_line",
    "meaning_of",
    "read_question",
    "see",
    "shipped_scales",
]
