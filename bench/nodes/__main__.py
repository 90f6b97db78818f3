"""The site on several machines, with real servers: what bench/README.md says is shown, or this ends with an error.

python -m bench.nodes [name …]. All of it listens on the loopback alone, and is gone when this ends.
"""

import importlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.nodes.house import started

STEPS = ["nodes", "replica", "hanging", "media", "timers", "redis", "failover"]


def main() -> None:
    names = sys.argv[1:] or STEPS
    if unknown := {*names} - {*STEPS}:
        sys.exit(f"No such step: {', '.join(unknown)}. There are {', '.join(STEPS)}.")
    with TemporaryDirectory(prefix="magazine-nodes-") as folder, started(Path(folder)) as house:
        for name in names:
            step = importlib.import_module(f"bench.nodes.{name}")
            print(f"\n== {step.__doc__}", flush=True)
            step.run(house)
    print("\n== All of it was shown.")


if __name__ == "__main__":
    main()
