"""Where the tensors lie in a safetensors file, read without the package of that name."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from einthoven.ecg import ModelError


def tensor_places(path: Path) -> dict[str, tuple[int, int]]:
    """Offset and length in bytes of each tensor.

    Raises:
        ModelError: the file is missing, no safetensors file, or not as long as its header says.
    """
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            size = path.stat().st_size - 8 - length
            if size < 0:
                raise ValueError("cut short")
            header = json.loads(file.read(length))
        spans = {name: entry["data_offsets"] for name, entry in header.items() if name != "__metadata__"}
        places = {name: (8 + length + start, end - start) for name, (start, end) in spans.items()}
        if max((end for _, end in spans.values()), default=0) != size:
            raise ValueError("cut short")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as fault:
        raise ModelError(f"The weights {path.name} cannot be read ({fault}).", "Copy the checkpoint again.") from None
    return places
