"""What people write today to embed a folder of WFDB records: wfdb, scipy and torch, one record after the other.

python benchmarks/loop_today.py FOLDER
"""

import sys
import time
from pathlib import Path

import numpy as np
import scipy.signal
import torch
import wfdb

from einthoven.models import BUNDLED
from einthoven.models.checkpoint import load_network

ORDER = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]


def main(folder: Path) -> np.ndarray:
    network = load_network(BUNDLED)
    band = scipy.signal.butter(2, [0.5, 40], "bandpass", fs=100, output="sos")
    spent, found = dict.fromkeys(("read", "prepare", "network"), 0.0), []
    for header in sorted(folder.glob("*.hea")):
        start = time.perf_counter()
        record = wfdb.rdrecord(str(header.with_suffix("")))
        signal = record.p_signal.T[[[name.upper() for name in record.sig_name].index(lead) for lead in ORDER]]
        read = time.perf_counter()
        signal = scipy.signal.resample_poly(signal, 100, record.fs, axis=1)
        signal = scipy.signal.sosfiltfilt(band, signal, axis=1) / 0.2
        prepared = time.perf_counter()
        with torch.inference_mode():
            found.append(network(torch.from_numpy(signal.astype(np.float32))[None])[0].numpy()[0])
        spent["read"] += read - start
        spent["prepare"] += prepared - read
        spent["network"] += time.perf_counter() - prepared
    print(" ".join(f"{stage} {seconds:.3f}" for stage, seconds in spent.items()))
    return np.stack(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
