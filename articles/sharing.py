"""Share links: plain links, so that pages load nothing from other sites."""

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
    """Return one link per network, with the parameters of its sharing page."""
    content = {
        "url": f"{settings.SITE_URL}{publication.get_absolute_url()}",
        "title": publication.title,
    }
    image = picture(publication)
    qq = content | {"desc": summary(publication), "pics": image}
    return [
        ShareLink(
            "weibo",
            _("Weibo"),
            _link("https://service.weibo.com/share/share.php", content | {"pic": image}),
        ),
        ShareLink("qq", _("QQ"), _link("https://connect.qq.com/widget/shareqq/index.html", qq)),
        ShareLink(
            "qzone",
            _("Qzone"),
            _link("https://sns.qzone.qq.com/cgi-bin/qzshare/cgi_qzshare_onekey", qq),
        ),
    ]


def _link(address: str, parameters: dict[str, str]) -> str:
    filled = {name: value for name, value in parameters.items() if value}
    return f"{address}?{urlencode(filled)}"
