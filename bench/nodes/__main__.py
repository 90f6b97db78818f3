"""Run the site on two nodes with real servers on the loopback, and check each scenario.

    python -m bench.nodes [--short] [scenario ...]

See bench/README.md.
"""

import argparse
import importlib
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from bench.nodes.cluster import running_cluster
from bench.servers import stop_in_time

SCENARIOS = ["nodes", "replica", "hanging", "media", "timers", "redis", "failover"]
# "media" needs moto, a stand-in for an S3-compatible store that Debian does not package.
SHORT_SCENARIOS = ["nodes", "replica", "hanging", "timers", "redis", "failover"]
SHORT_MAX_SECONDS = 300


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.nodes", description=__doc__)
    parser.add_argument("--short", action="store_true", help="small numbers, no object storage")
    parser.add_argument("scenarios", nargs="*", metavar="scenario")
    options = parser.parse_args()
    available = SHORT_SCENARIOS if options.short else SCENARIOS
    names = options.scenarios or available
    unknown = set(names) - set(available)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(available)}")
    stop_in_time(SHORT_MAX_SECONDS if options.short else None)
    begun = monotonic()
    with (
        TemporaryDirectory(prefix="magazine-nodes-") as folder,
        running_cluster(Path(folder), short=options.short) as cluster,
    ):
        print(f"nodes: the cluster runs after {monotonic() - begun:.0f} s", flush=True)
        for name in names:
            scenario = importlib.import_module(f"bench.nodes.{name}")
            print(f"\n== {scenario.__doc__}", flush=True)
            begun = monotonic()
            scenario.run(cluster)
            print(f"{name}: ok ({monotonic() - begun:.0f} s)", flush=True)
    print("\nAll checks passed.")


if __name__ == "__main__":
    main()
