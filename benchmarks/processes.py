"""The processor time and memory of processes, as Linux counts them."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_KB_PER_MB = 1024


def session(leader: int) -> list[int]:
    """The process ids of a session: the server that leads it, and all processes that it has started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == leader:
                    found.append(int(entry.name))
            except ProcessLookupError:
                continue
    return found


def peak_memory_mb(processes: Iterable[int]) -> float:
    """The sum of the peak resident sizes of each process so far, in MB of 2^20 bytes."""
    return sum(_status_mb(process, "VmHWM") for process in processes)


def resident_memory_mb(processes: Iterable[int]) -> float:
    """The sum of the current resident sizes, in MB of 2^20 bytes."""
    return sum(_status_mb(process, "VmRSS") for process in processes)


def _status_mb(process: int, key: str) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0.0
    return next((int(line.split()[1]) / _KB_PER_MB for line in lines if line.startswith(f"{key}:")), 0.0)


@dataclass(frozen=True, kw_only=True)
class ProcessorTime:
    """Seconds of processor time so far: of a server's processes, of this one, of the whole machine; and the clock."""

    server: float
    client: float
    machine: float
    clock: float

    @classmethod
    def now(cls, server: Iterable[int]) -> Self:
        return cls(
            server=sum(map(_seconds, server)),
            client=time.process_time(),
            machine=_machine_seconds(),
            clock=time.perf_counter(),
        )


@dataclass(frozen=True, kw_only=True)
class Cores:
    """How many cores were busy on average with the server, with its clients, and with everything else."""

    server: float
    client: float
    others: float

    @classmethod
    def between(cls, before: ProcessorTime, after: ProcessorTime) -> Self:
        seconds = after.clock - before.clock
        server = (after.server - before.server) / seconds
        client = (after.client - before.client) / seconds
        machine = (after.machine - before.machine) / seconds
        return cls(server=server, client=client, others=max(0.0, machine - server - client))


def _seconds(process: int) -> float:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return 0.0
    # After the name in brackets, which may contain any character: state is the first, utime and stime 12th and 13th.
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def _machine_seconds() -> float:
    """Seconds in which a core was busy, or taken by the host; the sum over all cores."""
    _cpu, user, nice, system, _idle, _iowait, *rest = Path("/proc/stat").read_text().splitlines()[0].split()
    # irq, softirq and steal; the time of guests is included in user and nice.
    return sum(map(int, (user, nice, system, *rest[:3]))) / _TICKS_PER_SECOND
