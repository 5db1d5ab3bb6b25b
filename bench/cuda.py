"""python -m bench.cuda: logits on a GPU. Where there is none, it runs on the CPU and says so.

Accuracy in float32 and bfloat16, time and peak memory beside `log_softmax` + `F.kl_div` (as it stands, and compiled), and how
often one call makes the host wait for the device. A tenth of a second a row: the whole takes a minute, most of it compiling.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from statistics import median

import torch

from bench.accuracy import by_kl_div, wide_kl
from bench.rows import Row, line
from kl_core import kl_from_logits

SHAPES = ((16, 128_256), (64, 50_257))
ROUNDS = 30
Divergence = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def _pair(shape: tuple[int, int], apart: float, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    z_p = 3 * torch.randn(shape, generator=generator)
    return z_p.to(device), (z_p + apart * torch.randn(shape, generator=generator)).to(device)


def accuracy(device: torch.device) -> Iterator[Row]:
    for dtype, apart in ((torch.float32, 1.5e-3), (torch.float32, 0.05), (torch.float32, 4.0), (torch.bfloat16, 0.05)):
        z_p, z_q = (z.to(dtype) for z in _pair((16, 128_256), apart, device))
        truth = wide_kl(z_p.cpu(), z_q.cpu())
        ours, theirs = (float(abs(kl(z_p, z_q).double().cpu().numpy() / truth - 1).max()) for kl in (kl_from_logits, by_kl_div))
        yield Row(
            f"16×128 256 {str(dtype)[6:]} logits, KL about {truth[0]:.0e}", ours, "rel. error", theirs, "log_softmax + F.kl_div", 1e-7
        )


def _milliseconds(call: Callable[[], object], device: torch.device) -> float:
    """Median of ROUNDS calls, on the device's own clock, after it has warmed up."""
    if device.type == "cpu":
        call()
        times = []
        for _ in range(3):
            start = time.perf_counter()
            call()
            times.append(1e3 * (time.perf_counter() - start))
        return median(times)
    for _ in range(5):
        call()
    times = []
    for _ in range(ROUNDS):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        call()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end))
    return median(times)


def _both_ways(divergence: Divergence, z_p: torch.Tensor, z_q: torch.Tensor) -> Callable[[], None]:
    moving = z_q.clone().requires_grad_()

    def call() -> None:
        moving.grad = None
        divergence(z_p, moving).sum().backward()

    return call


def times(device: torch.device) -> Iterator[Row]:
    peers: dict[str, Divergence] = {"log_softmax + F.kl_div": by_kl_div}
    if device.type == "cuda":
        peers["the same, compiled"] = torch.compile(by_kl_div)
    for rows, classes in SHAPES:
        z_p, z_q = _pair((rows, classes), 0.05, device)
        what = f"{rows}×{classes:,} float32".replace(",", " ")
        forward, both = _milliseconds(lambda: kl_from_logits(z_p, z_q), device), _milliseconds(_both_ways(kl_from_logits, z_p, z_q), device)
        for name, peer in peers.items():
            yield Row(f"{what}, forward", forward, "ms", _milliseconds(lambda: peer(z_p, z_q), device), name)
            yield Row(f"{what}, with backward", both, "ms", _milliseconds(_both_ways(peer, z_p, z_q), device), name)


def _peak(call: Callable[[], object]) -> float:
    """MiB that one call takes beyond what was there."""
    call()
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    call()
    return (torch.cuda.max_memory_allocated() - before) / 2**20


def memory(device: torch.device) -> Iterator[Row]:
    if device.type != "cuda":
        return
    z_p, z_q = _pair((16, 128_256), 0.05, device)
    name = "log_softmax + F.kl_div"
    yield Row("peak memory, forward", _peak(lambda: kl_from_logits(z_p, z_q)), "MiB", _peak(lambda: by_kl_div(z_p, z_q)), name)
    yield Row(
        "peak memory, with backward", _peak(_both_ways(kl_from_logits, z_p, z_q)), "MiB", _peak(_both_ways(by_kl_div, z_p, z_q)), name
    )


def _waits(call: Callable[[], object]) -> int:
    call()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            call()
        finally:
            torch.cuda.set_sync_debug_mode("default")
    return sum("called a synchronizing" in str(warning.message) for warning in said)


def waits(device: torch.device) -> Iterator[Row]:
    """How often the host waits for the device: what a branch on a value costs."""
    if device.type != "cuda":
        return
    z_p, z_q = _pair((16, 128_256), 0.05, device)
    yield Row("waits of one call, forward", _waits(lambda: kl_from_logits(z_p, z_q)), "waits", limit=0)
    yield Row("waits of one call, with backward", _waits(_both_ways(kl_from_logits, z_p, z_q)), "waits", limit=0)


def main() -> None:
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    name = torch.cuda.get_device_name() if device.type == "cuda" else "no CUDA device here: these are the CPU's figures"
    print(f"torch {torch.__version__}; {name}")
    print("ratio = the other's figure ÷ ours, both taken in this run: above 1, ours is less")
    for measure in (accuracy, times, memory, waits):
        for row in measure(device):
            print(line(row), flush=True)


if __name__ == "__main__":
    main()
