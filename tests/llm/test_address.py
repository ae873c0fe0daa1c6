"""Addresses: which are this machine, and which are refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.llm.address import read_address
from einthoven.llm.markers import without_markers


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://localhost", "http://localhost/v1"),
        ("http://LOCALHOST:11434/v1/", "http://localhost:11434/v1"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://127.9.8.7", "http://127.9.8.7/v1"),
        ("https://[::1]:8000/api/v1", "https://[::1]:8000/api/v1"),
    ],
)
def test_this_machine(url, base) -> None:
    address = read_address(url)
    assert address.local and address.base == base


@pytest.mark.parametrize(
    "host",
    [
        *(
            "example.org",
            "192.168.0.2",
            "10.0.0.1",
            "172.16.0.1",
            "0.0.0.0",
            "[::]",
            "[fe80::1]",
            "localhost.",
            "127.1",
        ),
        *("localhost.example.org", "a.localhost", "127.0.0.1.nip.io", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"),
        "localhost.localdomain",
    ],
)
def test_another_machine_or_one_that_may_be(host) -> None:
    assert not read_address(f"http://{host}:8000/v1").local


@pytest.mark.parametrize(
    "url",
    [
        *("", "localhost:11434", "ftp://localhost", "file:///etc/passwd", "http://", "http://a b/", "http://h:99999"),
        *("http://user:hush@localhost", "http://hush@localhost/v1", "http://@localhost", "http://h/v1?key=hush"),
        *("http://h/#hush", "http://h/v1\x1b[31m", "http://[::1", "http://127.0.0.1:80@evil.example/"),
    ],
)
def test_no_address(url) -> None:
    with pytest.raises(UsageError) as caught:
        read_address(url)
    assert "hush" not in str(caught.value)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=12))
def test_any_text_is_an_address_or_refused(text) -> None:
    for url in (text, f"http://{text}", f"http://localhost:{text}"):
        try:
            address = read_address(url)
        except UsageError:
            continue
        assert address.base.startswith(("http://", "https://")) and address.host


@given(st.text(alphabet="<|>[]/INSTs_ab \n", max_size=60))
def test_no_marker_is_left_and_nothing_else_is_changed(text) -> None:
    told = without_markers(text)
    assert without_markers(told) == told
    assert len(told) == len(text)
    assert all(a == b or (a in "<>[]" and b in "‹›()") for a, b in zip(text, told, strict=True))
