"""Measure the time and memory of the sitemap, its files and the feeds.

python manage.py shell < bench/sitemaps.py
"""

import re
import resource
import time
from statistics import median

from django.conf import settings
from django.test import Client

from articles.models import Publication

client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def seconds(address: str, **headers: str) -> tuple[float, str]:
    begun = time.perf_counter()
    response = client.get(address, headers=headers, secure=settings.HTTPS)
    return time.perf_counter() - begun, response.text


print(f"{Publication.objects.live().count()} publications live, {peak():.0f} MB")
taken = {"/sitemap.xml": [], "/feeds/": [], "/feeds/notices/": []}
found = re.findall(r"<loc>https?://[^/]*(.*?)</loc>", seconds("/sitemap.xml")[1])
largest = dict.fromkeys(["addresses", "bytes"], 0)
for address in [*taken, *found]:
    answers = [seconds(address) for _ in range(5)]
    taken[address] = median(took for took, _text in answers)
    text = answers[0][1]
    largest = {
        "addresses": max(largest["addresses"], text.count("<loc>")),
        "bytes": max(largest["bytes"], len(text)),
    }
    print(
        f"{address:32} {taken[address]:6.3f} s  first {answers[0][0]:6.3f} s  "
        f"{text.count('<loc>'):6} addresses"
    )
print(f"slowest {max(taken.values()):.3f} s, largest {largest}, peak memory {peak():.0f} MB")
