"""What `pip install .` installs: kl_core alone, with its data, its types and its licences, and it works there."""

import os
import subprocess
import sys
from email import message_from_string
from pathlib import Path
from zipfile import ZipFile

import pytest
import torch

from kl_core.families import FAMILIES
from pages.shared.downloads import INSTALL, runnable
from pages.shared.style import UNITS
from pages.shared.values import ChosenDistribution
from pages.views.beta.export import penalty_code
from pages.views.beta.scene import WorldSettings
from pages.views.distillation.examples import example_of_logits
from pages.views.distillation.export import soft_targets_code
from pages.views.forward_reverse.canvas_export import canvas_code
from pages.views.forward_reverse.canvas_state import DEFAULT
from pages.views.sample_estimates.export import estimates_code
from pages.views.two_distributions.export import pair_code
from pages.views.two_distributions.speculative_export import speculative_code
from pages.views.two_distributions.speculative_state import FIRST
from pages.views.vae.elbo_export import elbo_code
from pages.views.vae.elbo_state import ElboState
from pages.views.your_numbers.inputs import Piece, read_inputs
from pages.views.your_numbers.kinds import KINDS
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


def vector(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


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


def own_numbers() -> str:
    kind = KINDS["Probabilities"]
    inputs = read_inputs(kind, [Piece("0.3, 0.5, 0.2", "", "P"), Piece("0.35, 0.4, 0.25", "", "Q")])
    return kind.compare(inputs.p, inputs.q, None).code


def shown() -> dict[str, str]:
    """Programs as “Show the PyTorch” shows them, one of each page with numbers of its own, by what they print."""
    normal = FAMILIES["normal"]
    p, q = (ChosenDistribution(normal, {"loc": at, "scale": 1.0}) for at in (0.0, 1.0))
    tokens = (vector(-0.5, -1.2, -0.8, -0.3), vector(-0.3, -0.5, -0.4, -0.2))
    return {
        "KL(P‖Q) = 0.5 nats": pair_code(p, q, UNITS["nats"]),
        "-0.3500 nats": estimates_code(*tokens, 2.5, 0.05),
        "T": soft_targets_code(example_of_logits((3.0, 2.0, 1.0)), 10.0),
        "β": penalty_code(WorldSettings()),
        "reverse KL(Q‖P): the run ends at 0.688769 nats": canvas_code(DEFAULT),
        "acceptance": speculative_code(FIRST),
        "log p(x) -27.428910 = ELBO": elbo_code(ElboState()),
        "KL(P‖Q) = 0.0206979 nats": own_numbers(),
    }


def test_the_pytorch_that_a_page_shows_runs_where_it_is_pasted(wheel, tmp_path):
    """After what its first line asks for, and with nothing of the pages."""
    wheel.extractall(tmp_path)
    programs = {said: runnable(code) for said, code in shown().items()}
    for at, program in enumerate(programs.values()):
        assert "kl_core" not in program or program.startswith(INSTALL)
        (tmp_path / f"pasted_{at}.py").write_text(program, encoding="utf-8")
    run_all = f"import runpy\nfor at in range({len(programs)}): runpy.run_path(f'pasted_{{at}}.py', run_name='__main__'); print('-----')"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    options = {"capture_output": True, "encoding": "utf-8", "timeout": 300}
    done = subprocess.run([sys.executable, "-c", run_all], cwd=tmp_path, env=environment, **options)
    assert done.returncode == 0, done.stderr
    for said, printed in zip(programs, done.stdout.split("-----\n"), strict=False):
        assert said in printed
