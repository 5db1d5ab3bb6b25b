"""Finds nginx, which stands before the app on most hosts, or gets it where it can."""

import os
import shutil
import subprocess
from functools import cache

MISSING = "nginx is not here and could not be installed; on Debian: apt-get install nginx-light"


@cache
def find() -> str | None:
    """The path of an installed nginx. Debian keeps it where only an administrator looks."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def get() -> str | None:
    """The same, after an attempt to install it as an administrator on Debian."""
    if not find() and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "nginx-light"]):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=180, check=False)
        find.cache_clear()
    return find()
