"""Builds kl_core's wheel into dist/, installs it in a clean environment and runs the core's tests there, outside the checkout.

    python tools/wheel.py [pytest arguments]

torch, numpy, scipy and pytest are those of the environment that runs this: none of them is downloaded again.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def built(folder: Path) -> Path:
    """The wheel of this checkout, built into a folder by the backend that is installed here."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, timeout=300)
    return next(folder.glob("kl_core-*.whl"))


def clean_environment(folder: Path) -> Path:
    """The Python of a new environment that sees the packages of this one, and not the checkout."""
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    home = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()
    (Path(home) / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def copied_tests(folder: Path) -> None:
    for path in ("tests/__init__.py", "tests/conftest.py"):
        (folder / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    shutil.copytree(ROOT / "tests/kl_core", folder / "tests/kl_core", ignore=shutil.ignore_patterns("__pycache__"))


def main(arguments: list[str]) -> int:
    wheel = built(ROOT / "dist")
    with tempfile.TemporaryDirectory() as outside:
        folder = Path(outside)
        python = clean_environment(folder / "environment")
        install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--disable-pip-version-check"]
        subprocess.run([*install, "--ignore-installed", str(wheel)], check=True, timeout=300)
        copied_tests(folder)
        where = subprocess.run(
            [python, "-c", "import kl_core; print(kl_core.__file__)"], cwd=folder, check=True, capture_output=True, text=True
        )
        assert Path(where.stdout.strip()).is_relative_to((folder / "environment").resolve()), f"tested would be {where.stdout}"
        print(f"{wheel.relative_to(ROOT)}, tested outside the checkout", flush=True)
        return subprocess.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, "tests/kl_core"], cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
