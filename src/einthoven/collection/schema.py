"""The columns of a collection, in one place, with their version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from einthoven.ecg import CollectionError

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = 1
VERSION_KEY = "einthoven.collection"

REQUIRED = ("record", "source", "sha256", "rate", "samples", "calibrated", "format")
OPTIONAL = (
    "patient",
    "age",
    "sex",
    "time",
    "signal",
    "scale",
    "text",
    "statements",
    "fold",
    "derived",
    "notices",
)
COLUMNS = REQUIRED + OPTIONAL


def arrow_schema() -> pa.Schema:
    """The Arrow schema, its version in the metadata.

    `signal` is int16 little-endian (12, samples) in C order, -32768 for a gap; `scale`
    its unit in mV, as float64 because 0.001 must be the 0.001 that was divided by.
    `time` is the wall clock of the recording. Notices are "kind: text".
    """
    import pyarrow as pa

    statement = pa.struct(
        [
            ("code", pa.string()),
            ("system", pa.string()),
            ("text", pa.string()),
            ("likelihood", pa.float32()),
        ]
    )
    fields = [
        pa.field("record", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("sha256", pa.string(), nullable=False),
        pa.field("rate", pa.float32(), nullable=False),
        pa.field("samples", pa.int32(), nullable=False),
        pa.field("calibrated", pa.bool_(), nullable=False),
        pa.field("format", pa.string(), nullable=False),
        pa.field("patient", pa.string()),
        pa.field("age", pa.float32()),
        pa.field("sex", pa.string()),
        pa.field("time", pa.timestamp("us")),
        pa.field("signal", pa.large_binary()),
        pa.field("scale", pa.float64()),
        pa.field("text", pa.string()),
        pa.field("statements", pa.list_(statement)),
        pa.field("fold", pa.int8()),
        pa.field("derived", pa.list_(pa.string())),
        pa.field("notices", pa.list_(pa.string())),
    ]
    return pa.schema(fields, metadata={VERSION_KEY: str(VERSION)})


def check_schema(schema: pa.Schema) -> None:
    """Refuse a table that this version of Einthoven does not write.

    Raises:
        CollectionError: no collection, another schema version, or columns that differ.
    """
    found = (schema.metadata or {}).get(VERSION_KEY.encode())
    if found is None:
        raise CollectionError(
            "The table is a Lance table but not a collection of ECGs.",
            "Make one with `einthoven data prepare`, or by `einthoven archive build`.",
        )
    if found != str(VERSION).encode():
        raise CollectionError(
            f"The collection has schema version {found.decode()}; this Einthoven reads version {VERSION}.",
            "Build it again from its source files, or use the Einthoven version that wrote it.",
        )
    if not schema.equals(arrow_schema()):
        raise CollectionError(
            "The collection's columns are not those of its schema version.",
            "It was changed by another program: build it again from its source files.",
        )
