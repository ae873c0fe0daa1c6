"""Starting a training's processes: one a device, by torchrun's own machinery, with the very same command."""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from einthoven.ecg import UsageError
from einthoven.training.distributed import expected
from einthoven.training.faults import FOLDER, TeamError, told

PORT = 29400


def launched(devices: int, nodes: int, words: Sequence[str]) -> bool:
    """Starts `einthoven WORDS` once for each of this machine's devices, and waits; whether it did.

    Nothing is done where there is nothing to start: one device alone, or this process is one of those that were
    started, by this function or by torchrun.

    Several nodes meet at the address in MASTER_ADDR (and MASTER_PORT, or else 29400), which is one of them; the same
    command runs on each.

    Raises:
        UsageError: not as many processes as asked for, or several nodes and no address to meet at.
        TeamError: what ended the processes, once, whichever of them said it. KeyboardInterrupt: on a signal, when all
            have ended.
    """
    if expected() > 1:
        if devices * nodes not in (1, expected()):
            raise UsageError(
                f"{expected()} processes were started, not {devices} on each of {nodes} nodes.",
                "Leave out --devices and --nodes under torchrun.",
            )
        return False
    if devices * nodes == 1:
        return False
    _run(settings(devices, nodes), words)
    return True


def settings(devices: int, nodes: int) -> dict[str, Any]:
    """What torchrun would be told."""
    meeting = {"rdzv_endpoint": "localhost:0", "run_id": str(uuid.uuid4())}
    if nodes > 1:
        address = os.environ.get("MASTER_ADDR")
        if not address:
            raise UsageError(
                f"{nodes} nodes do not know where to meet.",
                "Set MASTER_ADDR to the name of one of them on each, and run the same command there.",
            )
        meeting = {"rdzv_endpoint": f"{address}:{os.environ.get('MASTER_PORT', PORT)}", "run_id": "einthoven"}
    together = {"min_nodes": nodes, "max_nodes": nodes, "nproc_per_node": devices}
    return {**together, **meeting, "rdzv_backend": "c10d", "max_restarts": 0}


def _run(how: dict[str, Any], words: Sequence[str]) -> None:
    """Waits for the processes; what they say goes where ours goes, but errors, of which one is told."""
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.elastic.rendezvous import RendezvousError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.disable(logging.ERROR)  # its words for what is told below
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as torchrun does
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with tempfile.TemporaryDirectory() as folder:
        os.environ[FOLDER] = folder
        try:
            elastic_launch(LaunchConfig(**how), sys.executable)("-u", "-m", "einthoven", *words)
        except ChildFailedError as fault:
            ended = {rank: one.exitcode for rank, one in fault.failures.items()}
            raise told(Path(folder), ended) from None
        except SignalException:
            raise KeyboardInterrupt from None
        except (RendezvousError, TimeoutError, ConnectionError) as fault:
            raise TeamError(
                f"The machines did not find each other at {how['rdzv_endpoint']} ({fault}).",
                "Start the same command on each, and see whether each reaches the one that MASTER_ADDR names.",
            ) from None
        finally:
            logging.disable(logging.NOTSET)
            del os.environ[FOLDER]
            for number, how_before in before.items():
                signal.signal(number, how_before)
