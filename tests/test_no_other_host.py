"""The server itself asks no other host for anything; what the browser asks for, the browser tests watch."""

import base64
import os
import socket
import sys
from pathlib import Path

import pytest

from tests.server import ROOT, free_port, serving, streamlit_run

# Python runs this first in the server's process and writes down every name looked up and every connection made.
LISTENER = """
import os, sys

def note(event, args):
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and args[0].type != 2 and isinstance(args[1], tuple):  # 2: UDP, where connecting sends nothing
        host = args[1][0]
    else:
        return
    if host not in (None, "", "0.0.0.0", "::", "127.0.0.1", "::1", "localhost"):
        with open(os.environ["HOSTS_ASKED"], "a") as file:
            print(host, file=file)

sys.addaudithook(note)
"""


def connect_from_another_site(port: int) -> bytes:
    """What a page elsewhere gets that opens a WebSocket to this server."""
    key = base64.b64encode(bytes(16)).decode()
    lines = (
        "GET /_stcore/stream HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        "Origin: https://elsewhere.example",
        "",
        "",
    )
    with socket.create_connection(("127.0.0.1", port), timeout=90) as connection:
        connection.sendall("\r\n".join(lines).encode())
        return connection.recv(100).split(b"\r\n")[0]


@pytest.mark.parametrize("way", ["streamlit run", "uvicorn"])
def test_the_server_asks_no_other_host_at_start_nor_for_a_connection_from_another_site(way, tmp_path: Path, monkeypatch):
    asked = tmp_path / "asked"
    asked.touch()
    (tmp_path / "sitecustomize.py").write_text(LISTENER, encoding="utf-8")
    monkeypatch.setenv("HOSTS_ASKED", str(asked))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path) + os.pathsep + os.environ.get("PYTHONPATH", ""))
    port = free_port()
    uvicorn = [sys.executable, "-m", "uvicorn", "app:app", "--app-dir", str(ROOT), "--port", str(port)]
    with serving(streamlit_run(port) if way == "streamlit run" else uvicorn, port):
        assert b"403" in connect_from_another_site(port)
    assert not asked.read_text().splitlines()
