"""Measure Core Web Vitals on a slow network and processor. See bench/README.md."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magazine.settings")
django.setup()

from django.db.models.functions import Length  # noqa: E402
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright  # noqa: E402

from articles.models import Publication  # noqa: E402

RUNS = 5
PORT = int(os.environ.get("PORT", "8765"))
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
]

# Slow 4G of Lighthouse: latency in ms, 1.6 Mbit/s down and 750 kbit/s up in bytes per second.
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 93_750,
}
SLOWDOWN = 4
SCREENS = {
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "device_scale_factor": 3,
        "is_mobile": True,
    },
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}
WANTED = {"FCP": 1000, "LCP": 1800, "CLS": 0.02, "TBT": 50}
SETTLED = 5000  # milliseconds after its load event in which a page may still block

OBSERVE = """
  window.seen = { shift: 0, largest: 0, tasks: [] };
  const watch = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note))
      .observe({ type, buffered: true });
  watch("layout-shift", ({ value }) => (seen.shift += value));
  watch("largest-contentful-paint", ({ startTime, element }) =>
    Object.assign(seen, { largest: startTime, element: element?.localName }));
  watch("longtask", ({ startTime, duration }) => seen.tasks.push([startTime, duration]));
"""
VITALS = """() => {
  const painted = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const blocking = ([start, duration]) =>
    Math.max(0, Math.min(duration, start + duration - painted) - 50);
  return {
    FCP: painted,
    LCP: seen.largest,
    TBT: seen.tasks.reduce((sum, task) => sum + blocking(task), 0),
    element: seen.element,
  };
}"""
SCROLL = """async () => {
  for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight / 2) {
    scrollTo(0, top);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}"""


def main() -> None:
    pages = addresses()
    with served() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        print(
            f"{'':35}{'FCP ms':>8}{'LCP ms':>8}{'CLS':>8}{'TBT ms':>8}{'requests':>10}"
            f"{'kB':>8}  largest, missed"
        )
        for name, address in pages.items():
            for screen in SCREENS:
                runs = [measure(browser, site + address, screen) for _ in range(RUNS)]
                print(line(name, screen, runs), flush=True)
        browser.close()


def addresses() -> dict[str, str]:
    """Return the home page and the longest articles with and without a cover."""
    live = Publication.objects.live().order_by(Length("body").desc(), "pk")
    return {
        "home": "/",
        "article with pictures": live.exclude(cover="")[0].get_absolute_url(),
        "article without": live.filter(cover="")
        .exclude(body__contains="<img")[0]
        .get_absolute_url(),
    }


@contextmanager
def served() -> Iterator[str]:
    """Serve the site as in production, but without nginx and TLS."""
    site = f"http://127.0.0.1:{PORT}"
    environment = os.environ | {"PORT": str(PORT), "DEBUG": "false", "SITE_URL": site}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "deploy/gunicorn.conf.py",
        "--access-logfile",
        os.devnull,
    ]
    server = subprocess.Popen([*command, "magazine.wsgi"], cwd=ROOT, env=environment)  # noqa: S603
    try:
        for _ in range(5):  # so that each worker has served its first request
            wait_for(site)
        yield site
    finally:
        server.terminate()
        server.wait()


def wait_for(site: str) -> None:
    for _ in range(100):
        try:
            urlopen(site).close()  # noqa: S310
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{site} does not answer.")


def measure(browser: Browser, address: str, screen: str) -> dict:
    """Load a page with an empty cache, scroll to its end, and return the figures."""
    context = browser.new_context(locale="zh-CN", **SCREENS[screen])
    page = context.new_page()
    page.add_init_script(OBSERVE)
    devtools = context.new_cdp_session(page)
    sizes = slow_down(devtools)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(SETTLED)
    vitals = page.evaluate(VITALS)
    scroll(page)
    vitals |= {
        "CLS": page.evaluate("seen.shift"),
        "requests": sum(map(bool, sizes.values())),
        "bytes": sum(sizes.values()),
    }
    context.close()
    return vitals


def slow_down(devtools: CDPSession) -> dict[str, int]:
    """Throttle network and processor; return the bytes of each request, headers included."""
    sizes = {}
    devtools.on("Network.requestWillBeSent", lambda event: sizes.setdefault(event["requestId"], 0))
    devtools.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    return sizes


def scroll(page: Page) -> None:
    page.evaluate(SCROLL)
    page.wait_for_load_state("networkidle")


def line(name: str, screen: str, runs: list[dict]) -> str:
    def of(figure: str) -> float:
        return median(run[figure] for run in runs)

    missed = [figure for figure, most in WANTED.items() if of(figure) > most]
    return (
        f"{name:<26}{screen:<9}{of('FCP'):>8.0f}{of('LCP'):>8.0f}{of('CLS'):>8.3f}{of('TBT'):>8.0f}"
        f"{of('requests'):>10.0f}{of('bytes') / 1000:>8.1f}  "
        f"{' '.join([runs[-1]['element'], *missed])}"
    )


if __name__ == "__main__":
    main()
