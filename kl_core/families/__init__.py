"""The families, one module each, found by discovery: a module here with a `FAMILY` is a family.

FAMILIES maps a family's short name to it, the continuous ones first, each kind in a teaching order.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from .family import Affine, Family, Parameter

__all__ = ["FAMILIES", "Affine", "Family", "Parameter"]


def _discover() -> dict[str, Family]:
    modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    families = [module.FAMILY for module in modules if hasattr(module, "FAMILY")]
    families.sort(key=lambda family: (family.kind == "discrete", family.rank, family.name))
    return {family.name: family for family in families}


FAMILIES: dict[str, Family] = _discover()
