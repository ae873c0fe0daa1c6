"""SCP-ECG (EN 1064, ISO 11073-91064), versions 1 and 2 in all their ways of storing, and what version 3 shares.

Read here rather than by ecgdatakit, the one package there is: that reads no bimodal compression, refuses
files whose section 2 says that there are no Huffman tables, and allocates what a header asks for (16 GB
for a file of a kilobyte) before it looks at the samples. Where both read a file, they agree.
"""

from __future__ import annotations

from pathlib import Path

from einthoven.ecg import ECG
from einthoven.formats import scp_sections, scp_words
from einthoven.formats.documents.channels import to_ecg
from einthoven.formats.documents.measured import measured_of
from einthoven.formats.documents.statements import statements_of
from einthoven.formats.files import read_bytes
from einthoven.formats.scp_rhythm import read_rhythm


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file begins as an SCP-ECG record; `path` tells nothing more."""
    return scp_sections.is_record(head)


def read(path: Path) -> ECG:
    """Reads the rhythm of an SCP-ECG file; errors as `einthoven.formats.read`."""
    record = scp_sections.parse(read_bytes(path))
    block = read_rhythm(record)
    header = scp_words.read_header(record.sections.get(1, b""))
    said = scp_words.statements(record.sections.get(8, b""), record.sections.get(11, b""), header.letters)
    statements, signed = statements_of(said)
    return to_ecg(
        [block],
        "SCP-ECG",
        header.patient,
        header.time,
        header.device,
        statements,
        measured_of(scp_words.measured(record.sections.get(7, b""))),
        [*record.notices, *header.notices, *signed],
    )
