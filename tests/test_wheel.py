"""What `pip install .` installs: kl_core alone, with its data, its types and its licences, and it works there."""

import os
import subprocess
import sys
from email import message_from_string
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools.wheel import built

ROOT = Path(__file__).parents[1]
READS_ITS_DATA = """
import kl_core
from kl_core.data.digits import load_digits
from kl_core.distilling.shipped import load_students
from kl_core.rlhf.language import read_corpus
from kl_core.vaes.shipped import load_vaes
assert all((load_digits(), load_students(), read_corpus(), load_vaes()))
print(kl_core.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> ZipFile:
    with ZipFile(built(tmp_path_factory.mktemp("wheel"))) as archive:
        yield archive


def test_the_wheel_has_every_file_of_kl_core_and_no_other(wheel):
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "kl_core").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert names == files
    assert {"kl_core/py.typed", "kl_core/data/corpus.txt", "kl_core/data/vae.npz"} <= names


def test_the_wheel_needs_torch_numpy_and_scipy_and_states_both_licences(wheel):
    metadata = next(name for name in wheel.namelist() if name.endswith("/METADATA"))
    head = message_from_string(wheel.read(metadata).decode())
    assert {requirement.split(">")[0] for requirement in head.get_all("Requires-Dist")} == {"torch", "numpy", "scipy"}
    assert head["License-Expression"] == "MIT AND CC-BY-4.0"
    assert head.get_all("License-File") == ["LICENSE", "kl_core/data/SOURCE.txt"]


def test_kl_core_works_from_the_wheel_outside_the_checkout(wheel, tmp_path):
    wheel.extractall(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", READS_ITS_DATA], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(tmp_path)
