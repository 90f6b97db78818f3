"""How soon and how well the questions of questions.txt are answered. bench/README.md says how to run it."""

import os
import re
import sys
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time

import django

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magazine.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from articles.models import Article, Publication  # noqa: E402
from search.models import Entry, Standing  # noqa: E402
from search.questions import understood  # noqa: E402
from search.ranking import anywhere, found  # noqa: E402
from search.tokens import fold  # noqa: E402

RUNS = 2
SAMPLED = 12  # one of so many questions is judged: what texts say word for word, the database has to read all of
TICK = os.sysconf("SC_CLK_TCK")


def processor() -> float:
    """Seconds that this process and the database's have worked."""
    if connection.vendor != "postgresql":
        return process_time()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return process_time() + (int(stat[11]) + int(stat[12])) / TICK


def spread(times: list[float]) -> str:
    times = sorted(times)
    return f"median {median(times) * 1000:.1f} ms, 99% {times[len(times) * 99 // 100] * 1000:.1f} ms"


def asked() -> list[tuple[str, str]]:
    lines = Path(__file__).with_name("questions.txt").read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines]


def main() -> None:
    setup_test_environment()
    live = Entry.objects.live()
    print(f"{connection.vendor}, {live.count():,} documents, load {os.getloadavg()[0]:.1f}")
    time_pages()
    judge(live)
    time_publishing()
    sizes()


def time_pages() -> None:
    client, by_kind, everything, work = Client(), {}, [], 0.0
    for kind, question in asked():
        client.get("/search/", {"q": question})
        before, times = processor(), []
        for _ in range(RUNS):
            start = perf_counter()
            client.get("/search/", {"q": question})
            times.append(perf_counter() - start)
        work += (processor() - before) / RUNS
        by_kind.setdefault(kind, []).append(median(times))
        everything.append(median(times))
    print(f"first page: {spread(everything)}; processor {work / len(everything) * 1000:.1f} ms each (mean)")
    for kind, times in by_kind.items():
        print(f"  {kind}: {spread(times)}")
    times = []
    for _kind, question in asked():
        start = perf_counter()
        client.get("/search/suggest/", {"q": question[:3]})
        times.append(perf_counter() - start)
    print(f"suggestions: {spread(times)}")


def judge(live) -> None:
    """Against what a text says word for word; `icontains` has no order but by date."""
    recalls, first, plain, ranks, plain_ranks, plain_times = [], [], [], [], [], []
    for kind, text in asked()[::SAMPLED]:
        question = understood(text)
        if kind not in {"word", "planted", "quoted", "title", "rare"} or len(question.terms) != 1:
            continue
        phrase = question.terms[0].phrase
        wanted = {*live.filter(Standing(phrase)).values_list("pk", flat=True)}
        index = {*live.matching(question.match(anywhere, close=True)).values_list("pk", flat=True)}
        recalls.append(len(wanted & index) / len(wanted) if wanted else 1)
        rows = found(live, question).rows
        first.append(mean([row.id in wanted for row in rows[:10]] or [1]))
        start = perf_counter()
        hits = Publication.objects.live().filter(Q(title__icontains=phrase) | Q(body__icontains=phrase))
        best = list(hits.order_by("-date", "-article_id").values_list("title", flat=True)[:10])
        plain_times.append(perf_counter() - start)
        plain.append(bool(best) or not wanted)
        if kind == "title":
            ranks.append(next((place for place, row in enumerate(rows, 1) if fold(row.title) == phrase), 0))
            plain_ranks.append(next((place for place, one in enumerate(best, 1) if fold(one) == phrase), 0))
    print(f"recall of phrases {min(recalls):.4f} at worst, of {len(recalls)}; precision at 10 {mean(first):.3f}")
    print(f"exact titles first: {sum(rank == 1 for rank in ranks)} of {len(ranks)}")
    print(f"icontains: ten newest {spread(plain_times)}; exact titles first {sum(r == 1 for r in plain_ranks)}")


def time_publishing() -> None:
    """With and without indexing; nothing of it stays."""
    for name in ["with", "without"]:
        times = []
        with transaction.atomic():
            if name == "without":
                Publication.objects.all()  # the same work but for `note`
                from search.sources import Source  # patched for this measurement alone

                Source.note = lambda *arguments: None
            for article in Article.objects.order_by("-pk")[:40]:
                article.body = re.sub("。", "；", Publication.objects.filter(article=article).last().body)
                start = perf_counter()
                article.publish(by=None)
                times.append(perf_counter() - start)
            transaction.set_rollback(True)
        print(f"publishing {name} indexing: {spread(times)}")


def sizes() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(octet_length(text)), pg_total_relation_size('search_entry'),"
                " pg_relation_size('search_entry_tokens') FROM search_entry"
            )
            text, everything, index = cursor.fetchone()
        print(f"text {text / 1e6:.0f} MB, all of search {everything / 1e6:.0f} MB ({everything / text:.2f} times), ")
        print(f"of which the index of tokens {index / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
