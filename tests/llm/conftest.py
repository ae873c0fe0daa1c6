"""A server that does as a test says, and a real one: a small model in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest

from einthoven.llm import Endpoint, Patience


@dataclass
class Asked:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    raw: str


@dataclass
class Said:
    """What is answered: a JSON document, or bytes as they are; `declared` lies about the length."""

    document: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    declared: int | None = None
    delay: float = 0.0
    pause: float = 0.0  # after each of the first bytes


def completion(text: str | None, finish: str = "stop", tokens: tuple[int, int] | None = (10, 5), **more: Any) -> Said:
    """A well-formed chat completion."""
    usage = {} if tokens is None else {"usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}}
    message = {"role": "assistant", "content": text, **more}
    return Said({"model": "m-1", "choices": [{"index": 0, "message": message, "finish_reason": finish}], **usage})


@pytest.fixture
def say() -> Callable[..., Said]:
    """What makes a well-formed chat completion of a text."""
    return completion


class Server:
    """Answers with what `behave` makes of a request and its number, from 0; keeps what it was asked."""

    def __init__(self) -> None:
        self.behave: Callable[[Asked, int], Said] = lambda asked, n: completion("yes")
        self.asked: list[Asked] = []
        self.times: list[float] = []
        self.lock = Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"])).decode()
                asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(raw), raw)
                with outer.lock:
                    number = len(outer.asked)
                    outer.asked.append(asked)
                    outer.times.append(time.monotonic())
                said = outer.behave(asked, number)
                time.sleep(said.delay)
                payload = said.raw if said.raw is not None else json.dumps(said.document).encode()
                try:
                    self.send_response(said.status)
                    for name, value in said.headers.items():
                        self.send_header(name, value)
                    if "Transfer-Encoding" not in said.headers:
                        self.send_header("Content-Length", str(said.declared or len(payload)))
                    self.end_headers()
                    if said.pause:
                        for place in range(len(payload)):
                            self.wfile.write(payload[place : place + 1])
                            self.wfile.flush()
                            time.sleep(said.pause)
                    else:
                        self.wfile.write(payload)
                except OSError:
                    pass  # the client has had enough
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def endpoint(self, **settings: Any) -> Endpoint:
        """One that speaks to this server and loses patience quickly."""
        return Endpoint(self.url, "m", **({"patience": Patience(2, 0.01, 0.3), "timeout": 5.0} | settings))


@pytest.fixture
def server() -> Iterator[Server]:
    pytest.importorskip("openai")
    made = Server()
    thread = Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()


SERVE = """
import sys, time, xllamacpp as x
params = x.CommonParams()
params.model.path, params.n_ctx, params.n_parallel, params.warmup, params.ui = sys.argv[1], 2048, 2, False, False
params.cpuparams.n_threads, params.verbosity, params.api_keys = 1, -1, ["a-key-of-the-test"]
params.embedding, params.pooling_type = True, x.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
server = x.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def real_server(gguf: Path) -> Iterator[str]:
    """The address of llama.cpp's own server, in its own process."""
    pytest.importorskip("openai")
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(gguf)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address, "the server did not start"
    yield address
    process.kill()
    process.wait()
