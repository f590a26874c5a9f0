"""How many CPU cores this process may use."""

import math
import os
from pathlib import Path

CGROUP_CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def available_cores(cpu_limit_file: Path = CGROUP_CPU_LIMIT) -> int:
    """Returns the number of cores in the process's affinity mask, or fewer if its CPU quota (cgroup v2) is lower."""
    cores = len(os.sched_getaffinity(0))
    try:
        quota_us, period_us = cpu_limit_file.read_text().split()
        allowed = math.ceil(int(quota_us) / int(period_us))
    except (OSError, ValueError):  # no cgroup v2, or "max": no quota
        return cores
    return max(1, min(cores, allowed))
