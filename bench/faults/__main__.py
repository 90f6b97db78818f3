"""Break parts of the running site and check what readers and editors get.

    python -m bench.faults [--short] [scenario ...]

See bench/README.md.
"""

import argparse
import importlib
import sys
from time import monotonic
from types import ModuleType

from bench.faults.site import running_site
from bench.servers import stop_in_time

SCENARIOS = ["workers", "database", "restarts", "slowloris", "changes", "addresses", "disk"]
# "addresses" needs wrk, and "disk" mounts file systems. "changes" withdraws an article that the
# others read, so it is the last.
SHORT_SCENARIOS = ["workers", "database", "restarts", "slowloris", "changes"]
SHORT_MAX_SECONDS = 300
SHORT_PAGES = 8


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="small numbers and one site for all")
    parser.add_argument("scenarios", nargs="*", metavar="scenario")
    options = parser.parse_args()
    available = SHORT_SCENARIOS if options.short else SCENARIOS
    names = options.scenarios or available
    unknown = set(names) - set(available)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(available)}")
    stop_in_time(SHORT_MAX_SECONDS if options.short else None)
    failures = run_short(names) if options.short else run_long(names)
    sys.exit(bool(failures))


def run_short(names: list[str]) -> list[str]:
    """Run the short forms of the scenarios on one site."""
    failures = []
    begun = monotonic()
    with running_site() as site:
        site.pages = site.pages[-SHORT_PAGES:]
        print(f"faults: the site runs after {monotonic() - begun:.0f} s", flush=True)
        for name in names:
            scenario = load_scenario(name)
            begun = monotonic()
            found = scenario.run(site, scenario.SHORT)
            failures += found
            print_result(name, found, monotonic() - begun)
    return failures


def run_long(names: list[str]) -> list[str]:
    """Run the long forms of the scenarios, each on a new site."""
    failures = []
    for name in names:
        scenario = load_scenario(name)
        print(f"\n=== {name}: {scenario.__doc__}", flush=True)
        begun = monotonic()
        if name == "disk":
            found = scenario.run()
        else:
            with running_site() as site:
                found = scenario.run(site, scenario.LONG)
        failures += found
        print_result(name, found, monotonic() - begun)
    return failures


def load_scenario(name: str) -> ModuleType:
    return importlib.import_module(f"bench.faults.{name}")


def print_result(name: str, failures: list[str], seconds: float) -> None:
    result = "; ".join(failures) or "ok"
    print(f"{name}: {result} ({seconds:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
