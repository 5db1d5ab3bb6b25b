"""One thread a test process: several run beside each other."""

import torch

torch.set_num_threads(1)
