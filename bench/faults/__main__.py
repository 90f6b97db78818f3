"""What happens when things break, on real servers of our own: python -m bench.faults [name …]."""

import importlib
import sys
from time import monotonic

FAULTS = ["changes", "workers", "database", "restarts", "slowloris", "addresses", "disk"]


def main() -> None:
    names = sys.argv[1:] or FAULTS
    if unknown := {*names} - {*FAULTS}:
        sys.exit(f"No such fault: {', '.join(unknown)}. There are {', '.join(FAULTS)}.")
    failed = []
    for name in names:
        fault, begun = importlib.import_module(f"bench.faults.{name}"), monotonic()
        print(f"\n=== {name}: {fault.__doc__}", flush=True)
        complaints = fault.run()
        failed += complaints
        print(
            f"{'; '.join(complaints) or 'as it should be'} ({monotonic() - begun:.0f} s)",
            flush=True,
        )
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
