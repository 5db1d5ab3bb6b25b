"""Several processes of the app behind one nginx, on one machine: `make serve N=4 PORT=8501`. Ends all of them with Ctrl+C.

nginx sends a visitor's requests to one process, by a cookie: what a visitor uploads and downloads is known to that process
alone. `python -m tools.serve --print …` only writes the settings of nginx, for a host that runs it by itself.
"""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.nginx import MISSING, get

ROOT = Path(__file__).parents[1]
_SETTINGS = (ROOT / "tools" / "nginx.conf").read_text(encoding="utf-8")


def settings(servers: list[str], port: int, folder: str) -> str:
    """nginx.conf before these servers, as host:port; its own files go to the folder."""
    lines = "\n    ".join(f"server {server} max_fails=1 fail_timeout=2s;" for server in servers)
    return _SETTINGS.replace("@SERVERS@", lines).replace("@PORT@", str(port)).replace("@FOLDER@", folder)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [bound.getsockname()[1] for bound in sockets]
    for bound in sockets:
        bound.close()
    return ports


def _app(port: int, secret: str) -> subprocess.Popen:
    """One process; all of them sign cookies with one secret, so that a visitor may change from one to another."""
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1", "--server.port", str(port)]
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | {"STREAMLIT_SERVER_COOKIE_SECRET": secret})


def _trainer() -> subprocess.Popen:
    """One of the workers that run trainings for all processes."""
    return subprocess.Popen([sys.executable, "-m", "pages.shared.jobs.worker"], cwd=ROOT)


TRAINERS = 2


def run(count: int, port: int) -> None:
    """Until a signal ends it; an app or a trainer that ends by itself is started again. Trainers are there if REDIS_URL is set."""
    program = get()
    if program is None:
        sys.exit(MISSING)
    secret, ports = os.environ.get("STREAMLIT_SERVER_COOKIE_SECRET") or secrets.token_hex(32), _free_ports(count)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # an administrator's nginx gives its workers to another user
        written = Path(folder) / "nginx.conf"
        written.write_text(settings([f"127.0.0.1:{one}" for one in ports], port, folder), encoding="utf-8")
        apps = {one: _app(one, secret) for one in ports}
        trainers = [_trainer() for _ in range(TRAINERS if os.environ.get("REDIS_URL") else 0)]
        front = subprocess.Popen([program, "-c", str(written)])
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            while front.poll() is None:
                apps = {one: app if app.poll() is None else _app(one, secret) for one, app in apps.items()}
                trainers = [trainer if trainer.poll() is None else _trainer() for trainer in trainers]
                time.sleep(0.5)
        except KeyboardInterrupt:
            pass
        finally:
            for process in (front, *apps.values()):
                process.terminate()
            for trainer in trainers:
                trainer.kill()  # asked to end, it would first end its training
            for process in (front, *apps.values(), *trainers):
                process.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--print", nargs="+", metavar="HOST:PORT", help="only write nginx.conf before these servers")
    asked = parser.parse_args()
    if asked.print:
        print(settings(asked.print, asked.port, "/tmp"))
    elif 1 <= asked.count <= 64:
        run(asked.count, asked.port)
    else:
        sys.exit("From 1 to 64 processes: make serve N=4")


if __name__ == "__main__":
    main()
