"""Run every periodic command on all nodes at once."""

from bench.nodes.articles import create_article
from bench.nodes.cluster import COUNT, Cluster, IndexNowServer, check

TIMES = 3
SHORT_TIMES = 1


def run(cluster: Cluster) -> None:
    times = SHORT_TIMES if cluster.short else TIMES
    for _ in range(times):
        key = create_article(cluster, "告知搜索引擎的文章")
        cluster.shell(
            f"from articles.models import Article; Article.objects.get(pk={key}).publish(by=None)"
        )
        ended = cluster.manage_all("push_addresses")
        check("push_addresses ends well everywhere", ended == [0] * COUNT)
        check(
            "and sends the article once",
            IndexNowServer.received[f"{cluster.site}/articles/{key}/"] == 1,
        )
    check(
        "no address is sent twice",
        set(IndexNowServer.received.values()) == {1},
        f"{len(IndexNowServer.received)} addresses",
    )
    state = (
        "from articles.models import Mention, Publication;"
        "print(sorted(Publication.objects.values_list('pk', 'related')), Mention.objects.count())"
    )
    cluster.manage(0, "refresh_related")
    right = cluster.shell(state)
    for _ in range(times):
        cluster.shell(
            "from articles.models import Mention, Publication;"
            "Mention.objects.all().delete();"
            "keys = list(Publication.objects.values_list('pk', flat=True));"
            "[Publication.objects.filter(pk=key).set_related([]) for key in keys]"
        )
        check(
            "refresh_related ends well everywhere",
            cluster.manage_all("refresh_related") == [0] * COUNT,
        )
        cluster.manage(1, "refresh_related")
        check("and writes the same as a single run", cluster.shell(state) == right)
    for _ in range(times):
        cluster.shell(
            "from datetime import timedelta; from django.utils import timezone;"
            "from django.contrib.sessions.models import Session;"
            "old = timezone.now() - timedelta(days=1);"
            "sessions = [Session(session_key=f'old{n}', expire_date=old) for n in range(2000)];"
            "Session.objects.bulk_create(sessions)"
        )
        check(
            "clearsessions ends well everywhere", cluster.manage_all("clearsessions") == [0] * COUNT
        )
        left = cluster.shell(
            "from django.contrib.sessions.models import Session;"
            "print(Session.objects.filter(session_key__startswith='old').count())"
        )
        check("and deletes all expired sessions", left.split()[-1] == "0")
