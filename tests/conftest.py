"""One thread a test process: several run beside each other. And nothing depends on an idle machine, which draws examples slowly."""

import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
