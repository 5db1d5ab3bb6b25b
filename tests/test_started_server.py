"""A really started server, under every way of starting: its settings, and that it asks no other host for anything.

What the browser asks for, the browser tests watch.
"""

import base64
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import pytest

from tests.server import ROOT, free_port, serving, streamlit_run

EXPECTED = {
    "runner.postScriptGC": False,
    "runner.fastReruns": False,
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "global.disableWidgetStateDuplicationWarning": True,
    "theme.light.blueColor": "#1d4ed8",
}

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


# Starts the app as usual, with one more route that tells what the running server's settings are.
REPORTER = """
import json, sys
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
import streamlit.web.server.starlette.starlette_app as shell

options = {options!r}
create = shell.create_streamlit_routes

def with_report(runtime):
    from streamlit import config
    def report(_):
        return JSONResponse({{
            "options": {{name: config.get_option(name) for name in options}},
            "torch": "torch" in sys.modules and sys.modules["torch"].get_num_threads(),
            "warm": "kl_core" in sys.modules,
        }})
    return [Route("/_stcore/report.json", report), *create(runtime)]

shell.create_streamlit_routes = with_report
"""


def ways(port: int, prelude: str) -> dict[str, list[str]]:
    run = f"import sys\n{prelude}\n"
    app = str(ROOT / "app.py")
    starts = {
        "streamlit run": f"sys.argv = ['streamlit', 'run', {app!r}, '--server.port', '{port}']\nfrom streamlit.web.cli import main\nmain()",
        # As `python app.py` does, which has no way to name a port.
        "python app.py": f"sys.argv = [{app!r}]\nsys.path.insert(0, {str(ROOT)!r})\n"
        f"from app import app\napp.run(config={{'server.port': {port}}})",
        "uvicorn": f"import uvicorn\nuvicorn.run('app:app', app_dir={str(ROOT)!r}, port={port})",
    }
    return {way: [sys.executable, "-c", run + start] for way, start in starts.items()}


class Started(NamedTuple):
    """port: where it answers. hosts: the file in which it writes down which other hosts it has asked."""

    port: int
    hosts: Path


# From another folder the app first goes into its own; after that nothing differs from a start there, save for `streamlit run`, which
# reads the settings of the folder it is called in before it has looked at the app.
STARTS = {
    "streamlit run, here": ("streamlit run", True),
    "streamlit run, from another folder": ("streamlit run", False),
    "python app.py, from another folder": ("python app.py", False),
    "uvicorn, from another folder": ("uvicorn", False),
}


@pytest.fixture(scope="module", params=STARTS.values(), ids=STARTS)
def started(request, tmp_path_factory) -> Iterator[Started]:
    """A server started in one of the ways; all tests of this way ask the same one."""
    way, here = request.param
    port, notes = free_port(), tmp_path_factory.mktemp("notes")
    (notes / "asked").touch()
    (notes / "sitecustomize.py").write_text(LISTENER, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOSTS_ASKED", str(notes / "asked"))
        patch.setenv("PYTHONPATH", str(notes) + os.pathsep + os.environ.get("PYTHONPATH", ""))
        folder = ROOT if here else tmp_path_factory.mktemp("elsewhere")
        with serving(ways(port, REPORTER.format(options=list(EXPECTED)))[way], port, folder):
            yield Started(port, notes / "asked")


def test_the_settings_are_effective_and_torch_is_warm(started):
    with urlopen(f"http://127.0.0.1:{started.port}/_stcore/report.json", timeout=90) as answer:
        report = json.load(answer)
    assert report["options"] == EXPECTED
    assert report["torch"] == 1, "torch is imported before the first visitor, with one thread"
    assert report["warm"]


def test_the_server_asks_no_other_host_at_start_nor_for_a_connection_from_another_site(started):
    assert b"403" in connect_from_another_site(started.port)
    assert not started.hosts.read_text(encoding="utf-8").splitlines()


def test_an_unknown_script_ends_with_what_it_said():
    port = free_port()
    with pytest.raises(RuntimeError, match="ended at once"), serving(streamlit_run(port, ROOT / "no_such.py"), port):
        pass
