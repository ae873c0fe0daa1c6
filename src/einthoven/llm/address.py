"""The address of an endpoint: what it may look like, and whether it is on this machine."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from einthoven.ecg import UsageError

_MEND = "Give it like http://localhost:11434/v1."


@dataclass(frozen=True)
class Address:
    """Where an endpoint is.

    Args:
        base: the address that paths such as /chat/completions follow.
        host: its name or number, lower case.
        local: whether it is this very machine.
        encrypted: whether it is https.
    """

    base: str
    host: str
    local: bool
    encrypted: bool

    @property
    def origin(self) -> str:
        """The address without its path, such as https://llm.example.org."""
        return "/".join(self.base.split("/", 3)[:3])


def read_address(url: str) -> Address:
    """The address that `url` gives; `/v1` is added where it has no path.

    Only `localhost`, 127.0.0.0/8 and ::1, written out, count as local. A name that happens to resolve to this machine
    does not: what a name resolves to can change between the check and the request, and is somebody else's to decide.
    A machine of the same private network is another machine.

    Raises:
        UsageError: not http(s), or with a user, password, query or fragment, where keys are wont to hide; the message
            does not repeat those.

    >>> read_address("http://localhost:11434").base
    'http://localhost:11434/v1'
    >>> read_address("http://192.168.1.20:8000/v1").local
    False
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise UsageError("The endpoint's address cannot be read.", _MEND) from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise UsageError(
            "The endpoint's address holds a user or password, which would end up in logs.",
            "Take it out, and name the environment variable that holds the key.",
        )
    if parts.query or parts.fragment:
        raise UsageError("The endpoint's address holds a query or a fragment.", f"End it at its path. {_MEND}")
    if parts.scheme not in ("http", "https") or not host or not url.strip().isprintable() or " " in url.strip():
        raise UsageError("The endpoint's address does not begin with http:// or https:// and a host.", _MEND)
    bracketed = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{bracketed}" + (f":{port}" if port is not None else "")
    return Address(origin + (parts.path.rstrip("/") or "/v1"), host, _is_local(host), parts.scheme == "https")


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return False
    return number == ipaddress.IPv6Address("::1") or number in ipaddress.ip_network("127.0.0.0/8")
