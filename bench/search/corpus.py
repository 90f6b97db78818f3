"""Generate a corpus to measure search with, always the same. See bench/README.md.

corpus.py 200000        adds publications until there are so many
corpus.py questions     writes questions.txt anew
"""

import os
import sys
import time
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from random import Random

import django

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "magazine.settings")
django.setup()

from django.db import connection, models  # noqa: E402

from articles.models import Article, Column, Publication  # noqa: E402
from articles.search_documents import Publications  # noqa: E402
from magazine.models import Issue, Magazine  # noqa: E402
from richtext.sanitizer import CleanHTML  # noqa: E402
from search.models import Entry  # noqa: E402

POSTGRESQL = import_module("search.migrations.0002_tokens").POSTGRESQL

BATCH = 1000
LENGTH = 1500  # characters of a text
FIRST_DAY, DAYS = date(2005, 1, 1), 7990
QUESTIONS = Path(__file__).with_name("questions.txt")

# Words of the trade, every twentieth of the frequent words: from half of the texts to a fortieth.
FREQUENT = "财政预算会计政策管理绩效审计资产成本税收改革国库采购债券内控报告"
FREQUENT += "制度监督企业项目乡村医院高校数据平台凭证准则收入支出补贴人大代表委员风险专项司库折旧"
KNOWN = [FREQUENT[start : start + 2] for start in range(0, len(FREQUENT), 2)]
KNOWN += ["增值税", "云计算", "内部控制", "ESG", "IPO", "2024", "PPP"]
PLANTED = [
    "财政政策",
    "2024年预算报告",
    "ESG报告",
    "人大代表委员",
    "零基预算改革",
    "国库集中支付",
    "权责发生制",
    "大数据审计",
]
FAMILIES = "沈陆顾许方唐宋韩江温苏叶柳祁白罗邵尹夏何"
LETTERS = "abcdefghiklmnoprstuvwy"


def zipf(count: int, flat: float = 0) -> list[float]:
    return list(accumulate(1 / (rank + flat) for rank in range(1, count + 1)))


def vocabulary() -> list[str]:
    chance = Random("words")  # noqa: S311
    common = [
        bytes([high, low]).decode("gb2312")
        for high in range(0xB0, 0xD7)
        for low in range(0xA1, 0xFA)
    ]
    chance.shuffle(common)
    weights = zipf(len(common), 8)
    words = dict.fromkeys(KNOWN)
    while len(words) < 40_000:
        if chance.random() < 0.03:
            words["".join(chance.choices(LETTERS, k=chance.randint(3, 9)))] = None
        else:
            size = chance.choices([1, 2, 3, 4], [3, 70, 14, 13])[0]
            words["".join(chance.choices(common, cum_weights=weights, k=size))] = None
    rest = [word for word in words if word not in KNOWN]
    for index, word in enumerate(KNOWN):
        rest.insert(40 + 20 * index, word)
    return rest


class Writer:
    """Write texts by number; a number always gives the same text."""

    def __init__(self) -> None:
        self.words = vocabulary()
        self.weights = zipf(len(self.words), 5)
        chance = Random("phrases")  # noqa: S311
        # Half of a text is phrases that other texts contain as well.
        sizes = chance.choices([2, 3, 4], k=60_000)
        self.phrases = [
            "".join(chance.choices(self.words, cum_weights=self.weights, k=size)) for size in sizes
        ]
        self.frequency = zipf(len(self.phrases), 20)
        self.names = [family + given for family in FAMILIES for given in self.words[2000:2040]]

    def text(self, number: int) -> dict:
        chance = Random(number)  # noqa: S311
        words = iter(chance.choices(self.words, cum_weights=self.weights, k=LENGTH))
        phrases = iter(chance.choices(self.phrases, cum_weights=self.frequency, k=LENGTH))
        sentences, length = [], 0
        while length < LENGTH:
            sentence = [
                next(chance.choice([words, words, phrases])) for _ in range(chance.randint(4, 12))
            ]
            if chance.random() < 0.004:
                sentence.insert(3, chance.choice(PLANTED))
            sentences.append("".join(sentence) + chance.choice("。。。，；"))
            length += len(sentences[-1])
        title = [next(words) for _ in range(chance.randint(4, 7))]
        if chance.random() < 0.01:
            title[0] = chance.choice(PLANTED)
        paragraphs = [
            "".join(sentences[start : start + 5]) for start in range(0, len(sentences), 5)
        ]
        return {
            "title": "".join(title)[:60],
            "authors": "\n".join(chance.sample(self.names, chance.choice([1, 1, 2, 3]))),
            "keywords": "\n".join(next(words) for _ in range(4)),
            "abstract": "".join(sentences[:3])[:150],
            "body": CleanHTML("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)),
        }


def create_site() -> tuple[list[Issue], list[Column]]:
    magazines = [
        Magazine.objects.get_or_create(
            slug=f"bench-{number}", defaults={"title": f"测量月刊{number}"}
        )[0]
        for number in range(1, 5)
    ]
    issues = [
        Issue.objects.get_or_create(
            magazine=magazine, year=year, number=number, defaults={"published_on": day}
        )[0]
        for year in range(2005, 2027)
        for number in range(1, 13)
        for magazine in magazines
        if (day := date(year, number, 1)) < date(2026, 11, 1)
    ]
    columns = [
        Column.objects.get_or_create(
            slug=f"bench-{number}", defaults={"title": f"测量栏目{number}"}
        )[0]
        for number in range(1, 13)
    ]
    return issues, columns


def fill(count: int) -> None:
    issues, columns = create_site()
    writer, source, begun = Writer(), Publications(), time.monotonic()
    for start in range(Publication.objects.count(), count, BATCH):
        publications = []
        for number in range(start, min(start + BATCH, count)):
            # The years fill up evenly, however many there are.
            day = FIRST_DAY + timedelta(days=number * 6151 % DAYS)
            issue = Random(-number).choice(issues)  # noqa: S311
            content = writer.text(number) | {
                "date": day,
                "column": columns[number % 12],
                "magazine": issue.magazine,
            }
            content |= {"issue": issue if number % 4 else None}
            # No measurement reads the working copies, so they have no text.
            article = Article(**content | {"body": CleanHTML("")})
            noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
            publications.append(Publication(article=article, starts_at=noon, **content))
        Article.objects.bulk_create(publication.article for publication in publications)
        for publication in publications:
            publication.article_id = publication.article.pk
        models.QuerySet.bulk_create(Publication.objects.all(), publications)
        Entry.objects.bulk_create(
            source.entry(row.pk, source.document(row)) for row in publications
        )
        print(f"{start + len(publications)}, {time.monotonic() - begun:.0f} s", flush=True)


def write_questions() -> None:
    """Write two hundred questions, ordered by kind."""
    writer, chance = Writer(), Random("questions")  # noqa: S311
    numbers = [chance.randrange(40_000) for _ in range(60)]
    texts = [writer.text(number) for number in numbers]
    questions_by_kind = {
        "word": chance.sample(KNOWN, 36),
        "planted": [*PLANTED, "財政政策", "ＥＳＧ报告", "大數據審計"],
        "two words": [" ".join(chance.sample(KNOWN, 2)) for _ in range(20)],
        "scattered": ["".join(chance.sample(KNOWN[:30], 2)) for _ in range(20)],
        "odd run": ["".join(chance.sample(KNOWN[:30], 2)) + "年" for _ in range(6)],
        "quoted": [f"“{phrase}”" for phrase in PLANTED],
        "left out": [f"{one} -{other}" for one, other in zip(KNOWN[:8], KNOWN[8:16], strict=True)],
        "title": [text["title"] for text in texts[:20]],
        "author": [f"作者:{text['authors'].split()[0]}" for text in texts[20:30]],
        "sentence": [text["abstract"][:40] for text in texts[30:42]],
        "character": list("财政算审国改的一"),
        "issue": [f"{year}年第{year % 12 + 1}期" for year in range(2006, 2018)],
        "year": [f"{year}年{word}" for year, word in zip(range(2006, 2018), KNOWN, strict=False)],
        "rare": [writer.words[rank] for rank in range(20_000, 36_000, 2_000)],
        "nothing": [
            "火星殖民地",
            "10.1234/abc.2024",
            "-财政",
            "。。",
            "zzzzzz",
            "ISSN 9999-9999",
            "预蒜绩效",
            "鼹鼹鼹",
            "Q",
        ],
    }
    lines = [
        f"{kind}\t{question}"
        for kind, questions in questions_by_kind.items()
        for question in questions
    ]
    QUESTIONS.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(lines)} questions")


def main() -> None:
    if sys.argv[1:] == ["questions"]:
        return write_questions()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP INDEX IF EXISTS search_entry_tokens")
        fill(int(sys.argv[1]))
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL[-1])
            cursor.execute("VACUUM ANALYZE search_entry")
        cursor.execute("ANALYZE")
    return None


if __name__ == "__main__":
    main()
