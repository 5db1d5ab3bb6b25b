"""The pages of kl_core's API, one per module, made from its docstrings into docs/api (which git ignores)."""

import pkgutil
import shutil
import sys
import warnings
from pathlib import Path

import pdoc

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "api"


def modules() -> list[str]:
    """kl_core and all below it, one by one: below kl_core itself pdoc sees only what stands in __all__."""
    return ["kl_core", *(module.name for module in pkgutil.walk_packages([str(ROOT / "kl_core")], "kl_core."))]


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    warnings.filterwarnings("ignore", "The module specification", UserWarning)  # rooms without an __all__ bring theirs along
    pdoc.render.configure(docformat="markdown", show_source=True)
    pdoc.pdoc(*modules(), output_directory=FOLDER)
    print(f"docs/api/index.html and {len(modules())} modules")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
