"""Long work in the background: two at a time for the whole machine, the others wait in line where all can see it.

A job is known by its key: whoever asks for the same gets the same job, running or done. Of one visitor's jobs one runs at a time,
and whose turn was longest ago goes first. A job ends when nobody has looked at it for a minute, and after ten minutes.

QUEUE is for what visitors ask for. It is in this process, or in Redis where REDIS_URL is set: then workers of their own
(`python -m pages.shared.jobs.worker`) do the work, and processes share runs. OWN is for what the server makes for all.
"""

import os

from .in_process import Queue
from .job import GRACE, LONGEST, Job, Jobs

__all__ = ["GRACE", "LONGEST", "OWN", "QUEUE", "Job", "Jobs", "Queue"]

OWN = Queue()


def _of_visitors() -> Jobs:
    url = os.environ.get("REDIS_URL")
    if not url:
        return OWN
    from .in_redis import RedisQueue

    return RedisQueue(url)


QUEUE: Jobs = _of_visitors()
