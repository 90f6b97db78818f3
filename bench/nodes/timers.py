"""Every timer on all nodes at once."""

from bench.nodes.articles import article_of
from bench.nodes.house import COUNT, Engine, House, show

TIMES = 3  # that they run


def run(house: House) -> None:
    for _ in range(TIMES):
        key = article_of(house, "告知搜索引擎的文章")
        house.shell(
            f"from articles.models import Article; Article.objects.get(pk={key}).publish(by=None)"
        )
        ended = house.everywhere("push_addresses")
        show("push_addresses ends well everywhere", ended == [0] * COUNT)
        show("and told of the article once", Engine.told[f"{house.site}/articles/{key}/"] == 1)
    show(
        "it told of nothing twice",
        set(Engine.told.values()) == {1},
        f"{len(Engine.told)} addresses",
    )
    state = (
        "from articles.models import Publication; from articles.mentions import Mention;"
        "print(sorted(Publication.objects.values_list('pk', 'related')), Mention.objects.count())"
    )
    house.manage(0, "refresh_related")
    right = house.shell(state)
    for _ in range(TIMES):
        house.shell(
            "from articles.models import Publication; from articles.mentions import Mention;"
            "Mention.objects.all().delete();"
            "keys = list(Publication.objects.values_list('pk', flat=True));"
            "[Publication.objects.filter(pk=key).set_related([]) for key in keys]"
        )
        show(
            "refresh_related ends well everywhere",
            house.everywhere("refresh_related") == [0] * COUNT,
        )
        house.manage(1, "refresh_related")
        show("and what it wrote is right", house.shell(state) == right)
    for _ in range(TIMES):
        house.shell(
            "from datetime import timedelta; from django.utils import timezone;"
            "from django.contrib.sessions.models import Session; old = timezone.now() - timedelta(days=1);"
            "Session.objects.bulk_create(Session(session_key=f'old{n}', expire_date=old) for n in range(2000))"
        )
        show("clearsessions ends well everywhere", house.everywhere("clearsessions") == [0] * COUNT)
        left = house.shell(
            "from django.contrib.sessions.models import Session;"
            "print(Session.objects.filter(session_key__startswith='old').count())"
        )
        show("and clears them all", left.split()[-1] == "0")
