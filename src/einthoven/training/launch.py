"""Starting a training's processes: one a device, by torchrun's own machinery, with the very same command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from einthoven.ecg import UsageError
from einthoven.training.distributed import expected

PORT = 29400


def launched(devices: int, nodes: int, words: Sequence[str]) -> int | None:
    """Starts `einthoven WORDS` once for each of this machine's devices, and waits; the exit status.

    None where there is nothing to start: one device alone, or this process is one of those that were started, by this
    function or by torchrun.

    Several nodes meet at the address in MASTER_ADDR (and MASTER_PORT, or else 29400), which is one of them; the same
    command runs on each.

    Raises:
        UsageError: not as many processes as asked for, or several nodes and no address to meet at.
    """
    if expected() > 1:
        if devices * nodes not in (1, expected()):
            raise UsageError(
                f"{expected()} processes were started, not {devices} on each of {nodes} nodes.",
                "Leave out --devices and --nodes under torchrun.",
            )
        return None
    if devices * nodes == 1:
        return None
    return subprocess.run([*command(devices, nodes), *words], check=False).returncode


def command(devices: int, nodes: int) -> list[str]:
    """The command before the words that `einthoven` is called with."""
    meeting = ["--standalone"]
    if nodes > 1:
        address = os.environ.get("MASTER_ADDR")
        if not address:
            raise UsageError(
                f"{nodes} nodes do not know where to meet.",
                "Set MASTER_ADDR to the name of one of them on each, and run the same command there.",
            )
        port = os.environ.get("MASTER_PORT", PORT)
        meeting = ["--rdzv-backend", "c10d", "--rdzv-endpoint", f"{address}:{port}", "--rdzv-id", "einthoven"]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nnodes", str(nodes), "--nproc-per-node", str(devices)]
    return [*launcher, *meeting, "--max-restarts", "0", "-m", "einthoven"]
