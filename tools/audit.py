"""Known weaknesses of the pinned packages, as the registry's advisories have them: a part of `make lint`.

It fails only on what was really looked up. Without a network, or where the registry that pip uses has no advisories, it says how
many packages were not looked up and lets the rest of lint go on.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60
_ASK = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "5", "--format", "json"]


def asked() -> dict | None:
    """What pip-audit found; None where it could not ask."""
    files = [part for name in ("requirements.txt", "requirements-dev.txt") for part in ("--requirement", str(ROOT / name))]
    command = [sys.executable, "-m", "pip_audit", *files, *_ASK]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None


def report(advisories: dict | None) -> tuple[list[str], bool]:
    """Lines to print, and whether anything was found."""
    if advisories is None:
        return ["No package was looked up: the registry's advisories could not be reached."], False
    packages = advisories["dependencies"]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    lines = [
        f"{package['name']} {package['version']} has {weakness['id']}; mended in {', '.join(weakness['fix_versions']) or 'no version yet'}."
        for package in packages
        for weakness in package.get("vulns", ())
    ]
    looked_up = len(packages) - len(skipped)
    said = f"{looked_up} of {len(packages)} packages looked up, {len(lines)} known weakness{'es' if len(lines) != 1 else ''}."
    if skipped:
        said += f" Not looked up, since the registry has no advisories here: {', '.join(skipped)}."
    return [*lines, said], bool(lines)


def main() -> None:
    lines, bad = report(asked())
    print("\n".join(lines))
    sys.exit(bad)


if __name__ == "__main__":
    main()
