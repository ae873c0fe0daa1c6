"""One training step of ESI: as its public code takes it, ours at the same precision, and ours as it is by default.

python benchmarks/train_step.py [--small] [--batch 48] [--steps 10] [--words 220] [--json FILE]

On a GPU: ESI-base, 48 ECGs of 12 x 5000, texts cut at 500 tokens, the public way in fp16 and ours in fp16 and bf16. On
a CPU all is float32; `--small` takes a batch of 4, an atto encoder and a BERT of 2 layers of 256. Weights are random
and texts made up (`--words` on average, evenly spread from a third of that to five thirds): speed depends on neither.
A step is data path, both passes and AdamW; the median counts. Each row has a process of its own, so that memory is its
own. "of peak" is counted work against a large matrix product on the same device at that precision. With one thread
(OMP_NUM_THREADS=1) time is the processor's, so that what else runs on the machine does not count.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
from public_step import PADDED, PublicModel, disturbed
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from einthoven.models.caption_settings import Captioning
from einthoven.models.captioner import Captioner
from einthoven.models.config import HuggingFaceTower
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.text_tower import build_tokenizer, encode
from einthoven.training.gathered import caption_over_ranks, contrast_over_ranks

ROWS = ("public", "ours, equal precision", "ours, one text pass", "ours, default")
TYPES = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}
Step = Callable[[], Tensor]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--small", action="store_true")
    ask.add_argument("--batch", type=int)
    ask.add_argument("--steps", type=int, default=10)
    ask.add_argument("--words", type=int, default=220)
    ask.add_argument("--json", type=Path)
    ask.add_argument("--row", choices=ROWS, help=argparse.SUPPRESS)
    asked = ask.parse_args()
    asked.batch = asked.batch or (4 if asked.small else 48)
    if asked.row:
        print(json.dumps(measured(asked)))
        return
    rows = {}
    for row in ROWS:
        done = subprocess.run(
            [sys.executable, __file__, *sys.argv[1:], "--row", row], stdout=subprocess.PIPE, check=True
        )
        one = rows[row] = json.loads(done.stdout.splitlines()[-1])
        faster = one["records_a_second"] / rows["public"]["records_a_second"]
        print(
            f"{row:<22} {one['precision']:<5} {one['records_a_second']:7.2f} records/s ({faster:.2f} x public)  step "
            f"{one['step_ms']:.0f} ms, of it data {one['data_ms']:.1f}  {one['memory_gib']:.2f} GiB  "
            f"{one['of_peak']:.0%} of peak  {one['parameters'] / 1e6:.1f} M parameters  tokens {one['tokens']}",
            flush=True,
        )
    if asked.json:
        asked.json.write_text(json.dumps({"device": device_name(), "rows": rows}, indent=1) + "\n")


def measured(asked: argparse.Namespace) -> dict[str, float | str]:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    precision = "fp32" if device == "cpu" else "bf16" if asked.row == "ours, default" else "fp16"
    rng = np.random.default_rng(0)
    records = rng.normal(0, 0.2, (asked.batch, 5000, 12))
    shares = rng.uniform(1 / 3, 5 / 3, asked.batch)
    texts = [" ".join(f"w{rng.integers(2000)}" for _ in range(int(share * asked.words))) for share in shares]
    with tempfile.TemporaryDirectory() as scratch:
        tower = made_up_bert(Path(scratch) / "bert", asked.small)
        data, loss, model = (public if asked.row == "public" else ours)(asked, tower, records, texts, device, rng)
    optimizer = torch.optim.AdamW(model.parameters(), 5e-5, fused=asked.row != "public" and device == "cuda")
    computing = nullcontext() if device == "cpu" else torch.autocast(device, TYPES[precision])

    def step() -> None:
        batch = data()
        with computing:
            total = loss(*batch)
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        optimizer.step()

    with FlopCounterMode(display=False) as counter:
        step()  # the first also warms up
    work, ids = counter.get_total_flops(), data()[1]
    seconds, data_seconds = timed(step, asked.steps, device), timed(data, asked.steps, device)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {
        "precision": precision,
        "records_a_second": asked.batch / seconds,
        "step_ms": 1e3 * seconds,
        "data_ms": 1e3 * data_seconds,
        "memory_gib": torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else rss,
        "of_peak": work / seconds / peak(device, TYPES[precision]),
        "work_gflop": work / 1e9,
        "parameters": sum(p.numel() for p in model.parameters()),
        "tokens": f"{ids.shape[1]}",
    }


def public(asked, tower, records, texts, device, rng):
    from transformers import AutoModel

    bert = AutoModel.from_pretrained(tower.name, use_safetensors=True)
    bert.pooler = None
    size = "convnextv2_atto" if asked.small else "convnextv2_base"
    model = PublicModel(size, bert, tower.width, bert.config.vocab_size).to(device).train()
    tokenizer = build_tokenizer((), tower)
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]", length=PADDED)

    def data():
        signal = torch.stack([disturbed(record, rng) for record in records])
        return signal.to(device), encode(tokenizer, texts).to(device)

    return data, model, model


def ours(asked, tower, records, texts, device, rng):
    size = "convnextv2_atto" if asked.small else "convnextv2_base"
    how = Captioning(text_pass="single" if asked.row == "ours, one text pass" else "double")
    model: nn.Module = Captioner(ConvNeXt(size=size), tower, tower.width, how).to(device).train()
    tokenizer = build_tokenizer((), tower)
    stored = records.transpose(0, 2, 1).astype(np.float16)  # a data set is prepared once, not once a step
    noise = np.random.default_rng(0)

    def data():
        gain = noise.normal(1, 0.003, (len(stored), 12, 1)).astype(np.float32)
        signal = torch.from_numpy(stored.astype(np.float32) * gain).to(device)
        signal.add_(torch.randn_like(signal), alpha=0.003)
        return signal, encode(tokenizer, texts).to(device)

    def loss(signal, ids):
        found = model(signal, ids)
        contrast = contrast_over_ranks(found.ecg.float(), found.text.float(), found.scale)
        return contrast + caption_over_ranks(found.logits.float(), ids)

    return data, loss, model


def made_up_bert(folder: Path, small: bool) -> HuggingFaceTower:
    """A BERT of BioLinkBERT-base's sizes, or a small one, with random weights and words."""
    import transformers

    width, layers, words = (256, 2, 4000) if small else (768, 12, 28895)
    config = transformers.BertConfig(
        vocab_size=words,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        intermediate_size=4 * width,
    )
    transformers.BertModel(config).save_pretrained(folder)
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "w", *(f"##{n}" for n in range(1000)), *"0123456789"]
    known += [f"w{n}" for n in range(1400)]  # the others fall into two pieces, as rare words do
    known += [f"[unused{n}]" for n in range(words - len(known))]
    (folder / "vocab.txt").write_text("\n".join(known), encoding="utf-8")
    transformers.BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return HuggingFaceTower(str(folder), width=width, tokens=PADDED)


def timed(work: Callable[[], object], times: int, device: str) -> float:
    """Median seconds of one call."""
    alone = device == "cpu" and torch.get_num_threads() == 1
    clock, spent = (time.process_time if alone else time.perf_counter), []
    for _ in range(times):
        if device == "cuda":
            torch.cuda.synchronize()
        began = clock()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        spent.append(clock() - began)
    return float(np.median(spent))


def peak(device: str, kind: torch.dtype) -> float:
    """Floating-point operations a second of the largest matrix product."""
    size = 8192 if device == "cuda" else 1024
    one, other = (torch.randn(size, size, device=device, dtype=kind) for _ in range(2))
    one @ other
    return 2 * size**3 / timed(lambda: one @ other, 10, device)


def device_name() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} threads"


if __name__ == "__main__":
    main()
