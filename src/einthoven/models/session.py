"""Opening an ONNX graph of a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from einthoven.ecg import ModelError


def open_session(path: Path, threads: int) -> Any:
    """An onnxruntime session on the processor.

    Args:
        threads: 0 takes all cores.

    Raises:
        ModelError: the graph, or the weights that it names, cannot be read.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # leave the cores to others while idle
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as fault:  # noqa: BLE001 - onnxruntime raises its own unrelated classes
        reason = str(fault).splitlines()[0][:200]
        raise ModelError(
            f"The checkpoint's model.onnx cannot be read ({reason}).", "Copy the checkpoint again."
        ) from None
