"""One thread a test process: several run beside each other. And nothing depends on an idle machine, which draws examples slowly."""

import gc
import logging

import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_collection_finish() -> None:
    """Thousands of tests and all that they import stay until the end: collections of garbage need not look through them."""
    gc.collect()
    gc.freeze()
    _one_log()


def _one_log() -> None:
    """Streamlit's hundred loggers each keep to themselves, and pytest would listen to each anew in every test."""
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.propagate = True
