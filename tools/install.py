"""Installs Einthoven and some of its extras into the environment that runs this: python tools/install.py [EXTRAS].

torch is the one package that needs thought: without an NVIDIA card its CPU build is taken (200 MB instead of
several GB), from a folder of wheels that pip is configured with, or else from PyTorch's own CPU index. uv does the
installing, because it is several times faster than pip; it follows pip's configured index.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
UV = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]


def main() -> None:
    extras = sys.argv[1] if len(sys.argv) > 1 else ""
    settings = pip_settings()
    environment = dict(os.environ)
    if "index-url" in settings:
        environment.setdefault("UV_DEFAULT_INDEX", settings["index-url"])
    if "find-links" in settings:
        environment.setdefault("UV_FIND_LINKS", settings["find-links"].replace(" ", ","))
    run([*PIP, "install", "--quiet", "--quiet", "uv"], environment)
    if {"train", "bertscore"} & set(extras.split(",")):
        install_torch(environment)
    target = f"{ROOT}[{extras}]" if extras else str(ROOT)
    run([*UV, "--editable", target], environment)


def install_torch(environment: dict[str, str]) -> None:
    """torch, in the build that fits this machine; one that is there already stays."""
    if subprocess.run([sys.executable, "-c", "import torch"], capture_output=True).returncode == 0:
        return
    if shutil.which("nvidia-smi"):
        run([*UV, "torch"], environment)
        return
    wheel = cpu_wheel(environment.get("UV_FIND_LINKS", ""))
    if wheel:
        run([*UV, f"torch=={wheel}"], environment)
        return
    if subprocess.run([*UV, "--torch-backend", "cpu", "torch"], env=environment).returncode == 0:
        return
    print(
        "PyTorch's CPU index cannot be reached; taking the registry's default build, which is large.", file=sys.stderr
    )
    run([*UV, "torch"], environment)


def cpu_wheel(folders: str) -> str | None:
    """The version of a CPU build of torch among local folders of wheels."""
    names = [wheel.name for folder in folders.split(",") if folder for wheel in Path(folder).glob("torch-*+cpu-*.whl")]
    return sorted(names)[-1].split("-")[1] if names else None


def pip_settings() -> dict[str, str]:
    """pip's configuration by its keys without section, environment variables included."""
    said = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True)
    found = {}
    for line in said.stdout.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            found[key.rsplit(".", 1)[-1]] = value.strip().strip("'\"")
    return found


def run(command: list[str], environment: dict[str, str]) -> None:
    """Runs a command; its failure ends this program with its exit code."""
    code = subprocess.run(command, env=environment).returncode
    if code:
        sys.exit(code)


if __name__ == "__main__":
    main()
