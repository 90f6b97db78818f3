"""Where readers share an article: plain links, nothing of another site's on our pages."""

from typing import NamedTuple

from django.conf import settings
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from articles.jsonld import picture, summary


class ShareLink(NamedTuple):
    name: str
    label: str
    href: str


def share_links(publication) -> list[ShareLink]:
    """One link for each network; parameters as each network's own sharing page takes them."""
    content = {
        "url": f"{settings.SITE_URL}{publication.get_absolute_url()}",
        "title": publication.title,
    }
    shown = picture(publication)
    qq = content | {"desc": summary(publication), "pics": shown}
    return [
        ShareLink(
            "weibo",
            _("Weibo"),
            _link("https://service.weibo.com/share/share.php", content | {"pic": shown}),
        ),
        ShareLink("qq", _("QQ"), _link("https://connect.qq.com/widget/shareqq/index.html", qq)),
        ShareLink(
            "qzone",
            _("Qzone"),
            _link("https://sns.qzone.qq.com/cgi-bin/qzshare/cgi_qzshare_onekey", qq),
        ),
    ]


def _link(address: str, parameters: dict[str, str]) -> str:
    return f"{address}?{urlencode({name: value for name, value in parameters.items() if value})}"
