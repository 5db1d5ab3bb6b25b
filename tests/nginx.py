"""A real nginx on a free port of this machine, before servers that are already there."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.server import free_port, serving
from tools.nginx import MISSING, get

_MAIN = """
daemon off; pid {folder}/nginx.pid; error_log stderr warn; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  map $http_upgrade $connection_upgrade {{ default upgrade; "" close; }}
  proxy_http_version 1.1; proxy_buffering off; proxy_read_timeout 300s;
  map $uri $cut_off {{ "~^(?<before>/user/x/proxy/8501)/" $before; default ""; }}
  map $uri $shown_host {{ "~^/https/" kl.example.org; default $http_host; }}
  map $uri $shown_scheme {{ "~^/https/" https; default $scheme; }}
  proxy_set_header Host $shown_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Forwarded-Proto $shown_scheme; proxy_set_header X-Forwarded-Context $cut_off;
  server {{ listen 127.0.0.1:{port}; location = /up {{ return 200 "up"; }} {locations} }}
}}
"""


@contextmanager
def nginx(folder: Path, locations: str) -> Iterator[str]:
    """Its address while it runs. locations: what stands in its `server` block."""
    program = get()
    if program is None:
        pytest.skip(MISSING)
    port = free_port()
    settings = folder / "nginx.conf"
    settings.write_text(_MAIN.format(folder=folder, port=port, locations=locations), encoding="utf-8")
    checked = subprocess.run([program, "-t", "-c", str(settings)], capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stderr
    with serving([program, "-c", str(settings)], port, health="/up"):
        yield f"http://localhost:{port}"
