"""One process of the function, as a cold Lambda environment runs it.

Reads a JSON list of events on stdin, answers them one after another through `runtime.handler.handle`, and writes a
report to the file given: the answers, the modules imported and the peak resident memory. stdout is the log.
`UPLOADED_ID` in an event stands for the blueprint_id of the answer before.
"""

import json
import resource
import sys
from pathlib import Path

from tests.runtime.events import Context

UPLOADED_ID = "00000000-0000-4000-8000-000000000000"


def main() -> None:
    """Answer the events of stdin."""
    events = sys.stdin.read()
    from runtime.handler import handle

    answers = []
    uploaded_id = UPLOADED_ID
    for event in json.loads(events):
        answer = handle(json.loads(json.dumps(event).replace(UPLOADED_ID, uploaded_id)), Context())
        answers.append(answer)
        uploaded_id = json.loads(answer["body"]).get("blueprint_id", uploaded_id)
    # VmHWM and not getrusage: the latter carries the peak of the process that started this one.
    memory = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
    # Of a child that decoded a picture; what it shares with this process counts for both.
    child_memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    report = {"answers": answers, "modules": sorted(sys.modules), "peak_kib": max(memory, child_memory)}
    Path(sys.argv[1]).write_text(json.dumps(report))


if __name__ == "__main__":
    main()
