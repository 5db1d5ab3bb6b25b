"""`make serve`: several processes behind a real nginx."""

import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from tests.server import ROOT, free_port, serving
from tools.nginx import MISSING, get
from tools.serve import settings


def test_nginx_takes_the_settings_for_any_number_of_servers(tmp_path):
    if get() is None:
        pytest.skip(MISSING)
    text = settings([f"127.0.0.1:{9000 + i}" for i in range(5)], free_port(), str(tmp_path))
    assert "@SERVERS@" not in text and "@PORT@" not in text and "@FOLDER@" not in text
    (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
    done = subprocess.run([get(), "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def children(process: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(process)], capture_output=True, text=True, timeout=60, check=True)
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "streamlit" in line]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ps is asked as Linux has it")
def test_while_one_process_is_down_the_others_answer():
    if get() is None:
        pytest.skip(MISSING)
    port = free_port()
    with serving([sys.executable, "-m", "tools.serve", "--count", "2", "--port", str(port)], port, cwd=ROOT) as started:
        apps = children(started.pid)
        assert len(apps) == 2
        os.kill(apps[0], signal.SIGKILL)
        for _ in range(6):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/vae", timeout=90) as answer:
                assert answer.status == 200
