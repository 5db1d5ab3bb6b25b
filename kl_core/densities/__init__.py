"""Distributions beyond the families: known to `kl` and the other divergences, and to no menu. One module each, found by discovery."""

from __future__ import annotations

import pkgutil
from importlib import import_module

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
