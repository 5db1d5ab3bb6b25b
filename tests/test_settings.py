"""The settings that decide how many people fit, as a really started server has them, under every way of starting."""

import json
import sys
from pathlib import Path
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


def reported(command: list[str], port: int, cwd: Path) -> dict:
    with serving(command, port, cwd), urlopen(f"http://127.0.0.1:{port}/_stcore/report.json", timeout=90) as answer:
        return json.load(answer)


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


@pytest.mark.parametrize("way", ["streamlit run", "python app.py", "uvicorn"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "from another folder"])
def test_the_settings_are_effective_and_torch_is_warm(way, elsewhere, tmp_path):
    port = free_port()
    command = ways(port, REPORTER.format(options=list(EXPECTED)))[way]
    found = reported(command, port, tmp_path if elsewhere else ROOT)
    assert found["options"] == EXPECTED
    assert found["torch"] == 1, "torch is imported before the first visitor, with one thread"
    assert found["warm"]


def test_an_unknown_script_ends_with_what_it_said():
    port = free_port()
    with pytest.raises(RuntimeError, match="ended at once"), serving(streamlit_run(port, ROOT / "no_such.py"), port):
        pass
