"""What checks the browser code is pinned, and named without a registry's host, so that each machine asks its own."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_lock_file_names_versions_and_checksums_but_no_host():
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages = {name: package for name, package in locked.items() if name}
    assert packages and all(package["version"] and package["integrity"] for package in packages.values())
    assert not any("resolved" in package for package in packages.values())


def test_every_file_of_the_browser_code_asks_to_be_checked():
    paths = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "pages").rglob("*.js")}
    assert not [name for name, path in paths.items() if not path.read_text(encoding="utf-8").startswith("// @ts-check\n")]
