import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import escape
from itertools import islice
from random import Random
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from articles.models import Article, Column, Mention, Publication
from demo.management.commands.load_demo import read_articles
from magazine.models import Issue, Magazine
from richtext.sanitizer import CleanHTML, clean, plain_text

BATCH = 1000
YEARS = 20
ISSUES_A_YEAR = {"zgcz": 24, "cwykj": 24, "cwyj": 6}

PLACES = [
    "云岭县",
    "临澜市",
    "江渡县",
    "青屏县",
    "石桥镇",
    "江川集团",
    "河埠区",
    "某省属高校",
    "三家制造企业",
    "县级医院",
]
SUBJECTS = [
    "零基预算",
    "预算绩效管理",
    "国库集中支付",
    "政府采购内控",
    "资产盘活",
    "司库建设",
    "成本核算",
    "收入确认",
]
SUBJECTS += [
    "电子凭证归档",
    "财务共享服务",
    "专项债券管理",
    "数据资源入表",
    "惠农补贴发放",
    "会计信息质量",
    "审计整改",
]
TREATMENTS = [
    "的实践与思考",
    "若干问题探析",
    "案例研究",
    "的难点与对策",
    "调查报告",
    "操作指南",
    "改革观察",
    "回顾与展望",
]
FAMILY_NAMES = "沈陆顾许方唐宋韩江温苏叶柳祁白罗邵尹夏何"
GIVEN_NAMES = [
    "砚秋",
    "知微",
    "临川",
    "望舒",
    "若溪",
    "明远",
    "庭芳",
    "牧野",
    "书简",
    "青禾",
    "景行",
    "清越",
    "北辰",
    "念",
]


class Command(BaseCommand):
    help = "Fill the demo house with many articles and their publications, to measure the site by."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--count", type=int, default=100_000, help="how many of them are live (default: 100000)"
        )

    def handle(self, *, count: int, **options) -> None:
        begun = time.monotonic()
        issues = past_issues()
        if not issues:
            raise CommandError("There is no magazine to write for: run load_demo first.")
        articles = invented_articles(Writer(issues), count)
        done = 0
        while batch := list(islice(articles, BATCH)):
            store(batch)
            done += len(batch)
            self.stdout.write(f"{done} articles, {time.monotonic() - begun:.0f} s")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # so much at once, and the planner knows nothing of it


class Invention(NamedTuple):
    """An article and the spans in which versions of it stand in public."""

    article: Article
    spans: list[dict[str, Any]]


def past_issues() -> list[Issue]:
    """The issues of the past years, oldest first; those that are missing are made."""
    this_year = timezone.localdate().year
    for magazine in Magazine.objects.filter(slug__in=ISSUES_A_YEAR):
        a_year = ISSUES_A_YEAR[magazine.slug]
        Issue.objects.bulk_create(
            (
                Issue(
                    magazine=magazine,
                    year=year,
                    number=number + 1,
                    published_on=issue_day(year, number / a_year),
                )
                for year in range(this_year - YEARS, this_year)
                for number in range(a_year)
            ),
            ignore_conflicts=True,
        )
    past = Issue.objects.filter(
        year__lt=this_year, magazine__slug__in=ISSUES_A_YEAR, published_on__isnull=False
    )
    return list(past.select_related("magazine").order_by("published_on", "pk"))


def issue_day(year: int, share: float) -> date:
    return date(year, 1, 5) + timedelta(days=int(360 * share))


def invented_articles(writer: "Writer", count: int) -> Iterator[Invention]:
    """As many as are to be live, oldest first, and among them some that are not: withdrawn, or still to come."""
    for number in range(count):
        article = writer.article(number / count)
        yield Invention(article, live_spans(number, begin(article.date), writer.now))
        if number % 50 == 10:
            article = writer.article(number / count)
            yield Invention(article, withdrawn_span(begin(article.date)))
        if number % 50 == 30:
            yield Invention(
                writer.article(1), [{"starts_at": writer.now + timedelta(days=1 + number % 60)}]
            )


def begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=timezone.get_current_timezone())


def live_spans(number: int, starts_at: datetime, now: datetime) -> list[dict[str, Any]]:
    """One span that is live; for one article in twenty after an older one, in fifty before a scheduled one."""
    instants = [starts_at]
    if number % 20 == 0:
        instants.append(starts_at + timedelta(days=2))
    if number % 50 == 20:
        instants.append(now + timedelta(days=1 + number % 60))
    return [
        {"starts_at": one, "ends_at": next_one}
        for one, next_one in zip(instants, [*instants[1:], None], strict=True)
    ]


def withdrawn_span(starts_at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(days=30),
            "end_reason": "内容有误，已撤回。",
        }
    ]


def store(inventions: list[Invention]) -> None:
    with transaction.atomic():
        Article.objects.bulk_create(invention.article for invention in inventions)
        publications = []
        for article, spans in inventions:
            for span in spans:
                publications.append(Publication(article=article, **article.content(), **span))
        # Rows and mentions only: related articles, cards and search would take hours.
        Publication.objects.insert(publications)
        Mention.objects.record(publications)


class Writer:
    """Invents articles of the demo articles' own sentences, always the same ones in the same order."""

    def __init__(self, issues: list[Issue]):
        self.issues = issues
        self.chance = Random("generate_publications")  # noqa: S311
        self.columns = list(Column.objects.filter(magazine=None).order_by("pk"))
        self.now = timezone.now()
        text = "\n".join(plain_text(clean(row["body"])) for row in read_articles())
        self.sentences = [
            sentence + "。" for line in text.splitlines() for sentence in line.split("。")[:-1]
        ]

    def article(self, age: float) -> Article:
        """An article of about the oldest issue (0) to the newest (1). One in four belongs to no issue."""
        chance = self.chance
        place = int(age * len(self.issues)) + chance.randrange(12)
        issue = self.issues[min(place, len(self.issues) - 1)]
        in_issue = chance.random() < 0.75
        return Article(
            title=chance.choice(PLACES) + chance.choice(SUBJECTS) + chance.choice(TREATMENTS),
            authors="\n".join(self.name() for _ in range(chance.choice([0, 1, 1, 2, 3]))),
            date=issue.published_on,
            responsible_editor=self.name(),
            abstract="".join(chance.sample(self.sentences, 2)),
            keywords="\n".join(chance.sample(SUBJECTS, 4)),
            body=self.body(),
            column=chance.choice(self.columns),
            magazine=issue.magazine,
            issue=issue if in_issue else None,
            position=chance.randrange(1, 60) if in_issue else 0,
            lead=chance.random() < 0.002,
        )

    def name(self) -> str:
        return self.chance.choice(FAMILY_NAMES) + self.chance.choice(GIVEN_NAMES)

    def body(self) -> CleanHTML:
        paragraphs = [
            self.chance.sample(self.sentences, 4) for _ in range(self.chance.randrange(5, 11))
        ]
        return CleanHTML(
            "\n".join(f"<p>{escape(''.join(some), quote=False)}</p>" for some in paragraphs)
        )
