"""The promised digits hold on every vector width of torch's kernels, which sum and take logarithms in another order each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]
WIDTHS = ("default", "avx2", "avx512")
HERE = torch.backends.cpu.get_cpu_capability().lower()


@pytest.mark.parametrize("width", WIDTHS)
def test_vectors_keep_their_digits_on_every_width(width):
    if HERE not in WIDTHS or WIDTHS.index(width) > WIDTHS.index(HERE):
        pytest.skip(f"this processor's kernels are {HERE}; {width} ones could not run")
    if width == HERE:
        pytest.skip("the whole suite runs on this width")
    tests = ["tests/kl_core/vectors", "tests/kl_core/numerics"]
    command = [sys.executable, "-m", "pytest", "-q", "-k", "digits", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    environment = {**os.environ, "ATEN_CPU_CAPABILITY": width}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
