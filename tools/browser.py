"""Finds a Chromium for the browser tests, or gets one; says in one sentence when there is none to be had.

The system's browser comes first: Playwright's own download does not work everywhere. Of Debian's, the shell without windows comes
before the whole browser: a page costs it a tenth less.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def system_browser() -> str | None:
    """The path of an installed Chromium or Chrome; KL_BROWSER names another."""
    named = os.environ.get("KL_BROWSER")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    return found or (str(MAC) if MAC.exists() else None)


def playwright_browser() -> str | None:
    """The path of the Chromium that Playwright has downloaded, if it has."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def find() -> str | None:
    return system_browser() or playwright_browser()


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def _get() -> None:
    print("Getting a browser for the tests …", flush=True)
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        _succeeds("apt-get", "update")
        if any(_succeeds("apt-get", "install", "-y", name) for name in ("chromium-headless-shell", "chromium")):
            return
    _succeeds(sys.executable, "-m", "playwright", "install", "--with-deps", "chromium")


if __name__ == "__main__":
    if not find():
        _get()
    if not find():
        sys.exit("No Chromium was found and none could be installed; install one, or name it: KL_BROWSER=/path make test")
