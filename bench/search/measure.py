"""Measure the speed and quality of search with questions.txt. See bench/README.md."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from urllib.parse import quote

import django

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magazine.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.test import Client  # noqa: E402

from articles.models import Article, Publication  # noqa: E402
from bench.servers import free_port, gunicorn, listens, wait_until  # noqa: E402
from search.index import Source  # noqa: E402
from search.models import Entry  # noqa: E402
from search.parser import parse_query  # noqa: E402
from search.ranking import anywhere, search  # noqa: E402
from search.tokens import fold  # noqa: E402

RUNS = 3
READERS = 16
SECONDS = 10
TICK = os.sysconf("SC_CLK_TCK")
CLIENT = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0])
LIVE = Entry.objects.live()
BAD = {
    "all that a request line holds": "财政" * 200,
    "200 different pairs": "".join(chr(0x4E00 + 7 * place) for place in range(200)),
    "200 words": "财 " * 200,
    "100 quotations": '"财政预算"' * 100,
    "100 words that are not wanted": "财政 " + "-预算 " * 100,
    "quotes without an end": '"' * 200,
    "operators of tsquery": "财政 & | ! <-> :* ' \\ ( ( (",
    "operators of FTS5": 'NEAR(财政 预算) OR NOT * ^ { } "',
    "patterns": "(a+)+$ %_%_ [^ .* " * 10,
    "controls": "\x00\x01财\x08政\x1b[2J\u202e\u200b\ufeff",
    "half of a character": "财\ud800政",
    "emoji": "👩‍👩‍👧‍👦" * 30,
    "marks on marks": "财" + "\u0301" * 199,
    "authors": "author:" * 60,
    "numbers": "2024年第1期" * 30,
    "an identifier of dots": "1." * 100,
    "another script": "نص عربي " * 25,
    "everything": "的 一 是 在 了",
}


def processor() -> float:
    """Return the processor seconds of this process and of its database backend."""
    if connection.vendor != "postgresql":
        return process_time()
    stat = (
        Path(f"/proc/{connection.connection.info.backend_pid}/stat")
        .read_text()
        .rpartition(")")[2]
        .split()
    )
    return process_time() + (int(stat[11]) + int(stat[12])) / TICK


def spread(times: list[float]) -> str:
    times = sorted(times)
    return (
        f"median {median(times) * 1000:.1f} ms, 99% {times[len(times) * 99 // 100] * 1000:.1f} ms"
    )


def read_questions() -> list[tuple[str, str]]:
    lines = Path(__file__).with_name("questions.txt").read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines]


def main() -> None:
    print(
        f"{connection.vendor}, {LIVE.count():,} documents, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()


def timed(q: str | bytes) -> float:
    start = perf_counter()
    response = CLIENT.get("/search/", {"q": q})
    if response.status_code != 200:
        sys.exit(f"{q!r} answered {response.status_code}.")
    return perf_counter() - start


def time_pages() -> None:
    by_kind, everything, work = {}, [], 0.0
    for kind, question in read_questions():
        timed(question)
        before = processor()
        times = [timed(question) for _ in range(RUNS)]
        work += (processor() - before) / RUNS
        by_kind.setdefault(kind, []).append(median(times))
        everything.append(median(times))
    print(
        f"first page: {spread(everything)}; "
        f"processor {work / len(everything) * 1000:.1f} ms each (mean)"
    )
    for kind, times in by_kind.items():
        print(f"  {kind}: {spread(times)}")
    times = []
    for _kind, question in read_questions():
        start = perf_counter()
        CLIENT.get("/search/suggest/", {"q": question[:3]})
        times.append(perf_counter() - start)
    print(f"suggestions: {spread(times)}", flush=True)


def time_bad() -> None:
    times = {
        name: max(timed(question.encode(errors="replace")) for _ in range(RUNS))
        for name, question in BAD.items()
    }
    worst = max(times, key=times.get)
    print(
        f"bad input: {len(BAD)} kinds, at worst {times[worst] * 1000:.0f} ms ({worst})", flush=True
    )


def time_readers() -> None:
    """Measure concurrent readers at gunicorn as it is deployed.

    "anew" adds a number to each question, so that no page comes out of the page cache.
    """
    with TemporaryDirectory() as folder:
        port = free_port()
        host = settings.ALLOWED_HOSTS[0]
        addresses = ", ".join(
            f'"/search/?q={quote(question)}"' for _kind, question in read_questions()
        )
        with gunicorn(Path(folder), port, {}) as process:
            wait_until(lambda: listens(port), process=process)
            for name, number in {"anew": '.. "&number=" .. at', "again": ""}.items():
                script = Path(folder) / f"{name}.lua"
                script.write_text(
                    f"local at, all = 0, {{{addresses}}}\n"
                    "request = function() at = at + 1; "
                    f'return wrk.format("GET", all[at % #all + 1] {number}, '
                    f'{{["Host"] = "{host}"}}) end\n'
                )
                command = ["wrk", "-t", "1", "-c", str(READERS), "--latency", "-s", str(script)]
                for seconds in (SECONDS, 2 * SECONDS):  # the first to warm up
                    run = [*command, "-d", f"{seconds}s", f"http://127.0.0.1:{port}"]
                    done = subprocess.run(run, capture_output=True, text=True, check=True)  # noqa: S603
                lines = re.findall("(?m)^ *((?:50%|99%|Requests/sec|Non-2xx).*)$", done.stdout)
                print(f"{READERS} readers at once, {name}: {'; '.join(lines)}", flush=True)


@cache
def judged() -> list[tuple[str, str, str, set[int]]]:
    """Return the questions of one phrase and the entries that contain it."""
    phrases = {}
    for kind, text in read_questions():
        question = parse_query(text)
        if kind in {"word", "planted", "quoted", "title", "rare"} and len(question.terms) == 1:
            phrases[kind, text] = question.terms[0].phrase
    # A Latin word inside another one is not that word: ESG is not in NCSOESG.
    whole = {
        phrase: re.compile(rf"(?<![0-9a-z]){re.escape(phrase)}(?![0-9a-z])")
        for phrase in phrases.values()
    }
    saying = {phrase: set() for phrase in whole}
    for key, text, folded in LIVE.values_list("pk", "text", "folded").iterator(chunk_size=2000):
        said = folded or text.lower()
        for phrase, keys in saying.items():
            if phrase in said and (
                not re.search("^[0-9a-z]|[0-9a-z]$", phrase) or whole[phrase].search(said)
            ):
                keys.add(key)
    return [
        (kind, text, phrase, saying[phrase])
        for (kind, text), phrase in phrases.items()
        if saying[phrase]
    ]


def judge() -> None:
    recalls, first, ranks = [], [], []
    for kind, text, phrase, wanted in judged():
        question = parse_query(text)
        index = {
            *LIVE.matching(question.match(anywhere, as_phrase=True).tree).values_list(
                "pk", flat=True
            )
        }
        recalls.append(len(wanted & index) / len(wanted))
        rows = search(LIVE, question).rows
        first.append(len([row for row in rows[:10] if row.id in wanted]) / min(10, len(wanted)))
        if kind == "title":
            ranks.append(
                next((rank for rank, row in enumerate(rows, 1) if fold(row.title) == phrase), 0)
            )
    print(
        f"recall of phrases {min(recalls):.4f} at worst, of {len(recalls)}; "
        f"precision at 10 {mean(first):.3f}"
    )
    print(f"exact titles first: {sum(rank == 1 for rank in ranks)} of {len(ranks)}", flush=True)


def judge_icontains() -> None:
    """Judge `icontains`, ordered by date: all titles, and twelve other questions."""
    titles = [one for one in judged() if one[0] == "title"]
    first, ranks, times = [], [], []
    for kind, _text, phrase, wanted in [
        *titles,
        *[one for one in judged() if one[0] != "title"][:12],
    ]:
        start = perf_counter()
        found_titles = search_icontains(phrase)
        times.append(perf_counter() - start)
        first.append(len(found_titles) / min(10, len(wanted)))
        if kind == "title":
            ranks.append(
                next((rank for rank, one in enumerate(found_titles, 1) if fold(one) == phrase), 0)
            )
    print(
        f"icontains, {len(times)} of them: ten newest {spread(times)}; "
        f"precision at 10 {mean(first):.3f}"
    )
    print(f"exact titles first: {sum(rank == 1 for rank in ranks)} of {len(ranks)}", flush=True)


def search_icontains(phrase: str) -> list[str]:
    hits = Publication.objects.live().filter(Q(title__icontains=phrase) | Q(body__icontains=phrase))
    return list(hits.order_by("-date", "-article_id").values_list("title", flat=True)[:10])


def time_publishing() -> None:
    """Measure publishing with and without indexing, and roll it back."""
    for name in ["with", "without"]:
        times = []
        with transaction.atomic():
            if name == "without":
                Source.index_rows = lambda *args: None
            for article in Article.objects.order_by("-pk")[:40]:
                article.body = re.sub(
                    "。", "；", Publication.objects.filter(article=article).last().body
                )
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
        print(
            f"text {text / 1e6:.0f} MB, "
            f"all of search {everything / 1e6:.0f} MB ({everything / text:.2f} times), "
        )
        print(f"of which the index of tokens {index / 1e6:.0f} MB")


PARTS = {
    "pages": time_pages,
    "bad": time_bad,
    "publishing": time_publishing,
    "sizes": sizes,
    "readers": time_readers,
    "judge": judge,
    "plain": judge_icontains,
}

if __name__ == "__main__":
    main()
