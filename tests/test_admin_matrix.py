"""Who may do what in the admin: every address, every role, reading and sending."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.messages import WARNING, get_messages
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from accounts.models import Role
from magazine.models import Magazine
from notices.models import Scope
from tests.builders import (
    a_column,
    a_magazine,
    a_notice,
    a_page,
    a_publication,
    a_publisher,
    a_user,
    an_admin,
    an_article,
    an_editor,
    an_issue,
)
from tests.forms import filled_in

# Every line: an address, whose thing it names (of the own magazine, of another one, or shared by all), what a GET
# answers and what a POST does, one letter for each role in the order of ROLES.
#
#   L  asks to log in           V  answers with a page    W  writes
#   H  says: no such thing      R  leads elsewhere        X  403    N  404    M  405
ROLES = [
    "anonymous",
    "inactive",
    "nobody",
    "proofreader",
    "editor",
    "head",
    "chief",
    "other's chief",
    "admin",
]

TABLE = """
upload_picture                    -        MMMMMMMMM XXXVVVVVV
index                             -        LLVVVVVVV LLVVVVVVV
login                             -        VVRRRRRRR VVVVVVVVV
logout                            -        RRMMMMMMM RRVVVVVVV
password_change                   -        LLVVVVVVV LLWWWWWWW
password_change_done              -        LLVVVVVVV LLMMMMMMM
autocomplete                      -        LLXVVVVVV LLMMMMMMM
jsi18n                            -        LLVVVVVVV LLMMMMMMM
magazine_publisher_changelist     -        LLXXXXXXV LLXXXXXXV
magazine_publisher_add            -        LLXXXXXXX LLXXXXXXX
magazine_publisher_history        -        LLXXXXXXV LLXXXXXXV
magazine_publisher_delete         -        LLXXXXXXX LLXXXXXXX
magazine_publisher_change         -        LLXXXXXXV LLXXXXXXW
magazine_magazine_changelist      own      LLXVVVVVV LLXVVVVVV
magazine_magazine_changelist      other    LLXVVVVVV LLXVVVVVV
magazine_magazine_add             -        LLXXXXXXV LLXXXXXXW
magazine_magazine_history         own      LLHVVVVHV LLHVVVVHV
magazine_magazine_history         other    LLHHHHHVV LLHHHHHVV
magazine_magazine_delete          own      LLXXXXXXV LLXXXXXXV
magazine_magazine_delete          other    LLXXXXXXV LLXXXXXXV
magazine_magazine_change          own      LLXVVVVHV LLXXXWWHW
magazine_magazine_change          other    LLXHHHHVV LLXXXHHWW
magazine_issue_changelist         own      LLXVVVVVV LLXVVWWRW
magazine_issue_changelist         other    LLXVVVVVV LLXVVRRWW
magazine_issue_add                own      LLXXVVVVV LLXXWWWVW
magazine_issue_add                other    LLXXVVVVV LLXXVVVWW
magazine_issue_history            own      LLHVVVVHV LLHVVVVHV
magazine_issue_history            other    LLHHHHHVV LLHHHHHVV
magazine_issue_delete             own      LLXXXVVHV LLXXXWWHW
magazine_issue_delete             other    LLXXXHHVV LLXXXHHWW
magazine_issue_change             own      LLXVVVVHV LLXXWWWHW
magazine_issue_change             other    LLXHHHHVV LLXXHHHWW
magazine_page_changelist          -        LLXXXXXXV LLXXXXXXW
magazine_page_add                 -        LLXXXXXXV LLXXXXXXW
magazine_page_history             -        LLXXXXXXV LLXXXXXXV
magazine_page_delete              -        LLXXXXXXV LLXXXXXXW
magazine_page_change              -        LLXXXXXXV LLXXXXXXW
auth_user_password_change         -        LLXXXXXXV LLXXXXXXW
accounts_user_changelist          -        LLXXXXXXV LLXXXXXXV
accounts_user_add                 -        LLXXXXXXV LLXXXXXXW
accounts_user_history             -        LLXXXXXXV LLXXXXXXV
accounts_user_delete              -        LLXXXXXXX LLXXXXXXX
accounts_user_change              -        LLXXXXXXV LLXXXXXXW
axes_accesslog_changelist         -        LLXXXXXXV LLXXXXXXV
axes_accesslog_add                -        LLXXXXXXX LLXXXXXXX
axes_accesslog_history            -        LLXXXXXXX LLXXXXXXX
axes_accesslog_delete             -        LLXXXXXXX LLXXXXXXX
axes_accesslog_change             -        LLXXXXXXX LLXXXXXXX
axes_accessattempt_changelist     -        LLXXXXXXV LLXXXXXXW
axes_accessattempt_add            -        LLXXXXXXX LLXXXXXXX
axes_accessattempt_history        -        LLXXXXXXX LLXXXXXXX
axes_accessattempt_delete         -        LLXXXXXXX LLXXXXXXX
axes_accessattempt_change         -        LLXXXXXXX LLXXXXXXX
articles_column_changelist        own      LLXVVVVVV LLXVVWWRW
articles_column_changelist        other    LLXVVVVVV LLXVVRRWW
articles_column_changelist        shared   LLXVVVVVV LLXVVXXXW
articles_column_add               own      LLXXXVVVV LLXXXWWVW
articles_column_add               other    LLXXXVVVV LLXXXVVWW
articles_column_add               shared   LLXXXVVVV LLXXXVVVW
articles_column_history           own      LLHVVVVHV LLHVVVVHV
articles_column_history           other    LLHHHHHVV LLHHHHHVV
articles_column_history           shared   LLXVVVVVV LLXVVVVVV
articles_column_delete            own      LLXXXVVHV LLXXXWWHW
articles_column_delete            other    LLXXXHHVV LLXXXHHWW
articles_column_delete            shared   LLXXXXXXV LLXXXXXXW
articles_column_change            own      LLXVVVVHV LLXXXWWHW
articles_column_change            other    LLXHHHHVV LLXXXHHWW
articles_column_change            shared   LLXVVVVVV LLXXXXXXW
articles_article_similar          -        LLXVVVVVV LLXVVVVVV
articles_article_preview          own      LLNVVVVNV LLNVVVVNV
articles_article_preview          other    LLNNNNNVV LLNNNNNVV
articles_article_preview          shared   LLNNNNNNV LLNNNNNNV
articles_article_versions         own      LLNVVVVNV LLNVVVVNV
articles_article_versions         other    LLNNNNNVV LLNNNNNVV
articles_article_versions         shared   LLNNNNNNV LLNNNNNNV
articles_article_publish          own      LLNXVVVNV LLNXWWWNW
articles_article_publish          other    LLNNNNNVV LLNNNNNWW
articles_article_publish          shared   LLNNNNNNV LLNNNNNNW
articles_article_withdraw         own      LLNXVVVNV LLNXWWWNW
articles_article_withdraw         other    LLNNNNNVV LLNNNNNWW
articles_article_withdraw         shared   LLNNNNNNV LLNNNNNNW
articles_article_cancel_schedule  own      LLNXVVVNV LLNXWWWNW
articles_article_cancel_schedule  other    LLNNNNNVV LLNNNNNWW
articles_article_cancel_schedule  shared   LLNNNNNNV LLNNNNNNW
articles_article_changelist       own      LLXVVVVVV LLXVWWWRW
articles_article_changelist       other    LLXVVVVVV LLXVRRRWW
articles_article_changelist       shared   LLXVVVVVV LLXVRRRRW
articles_article_add              own      LLXXVVVVV LLXXWWWVW
articles_article_add              other    LLXXVVVVV LLXXVVVWW
articles_article_add              shared   LLXXVVVVV LLXXVVVVW
articles_article_history          own      LLHVVVVHV LLHVVVVHV
articles_article_history          other    LLHHHHHVV LLHHHHHVV
articles_article_history          shared   LLHHHHHHV LLHHHHHHV
articles_article_delete           own      LLXXVVVHV LLXXWWWHW
articles_article_delete           other    LLXXHHHVV LLXXHHHWW
articles_article_delete           shared   LLXXHHHHV LLXXHHHHW
articles_article_change           own      LLXVVVVHV LLXWWWWHW
articles_article_change           other    LLXHHHHVV LLXHHHHWW
articles_article_change           shared   LLXHHHHHV LLXHHHHHW
articles_publication_page         own      LLNVVVVNV LLNVVVVNV
articles_publication_page         other    LLNNNNNVV LLNNNNNVV
articles_publication_page         shared   LLNNNNNNV LLNNNNNNV
articles_publication_changelist   own      LLXVVVVVV LLXVVVVVV
articles_publication_changelist   other    LLXVVVVVV LLXVVVVVV
articles_publication_changelist   shared   LLXVVVVVV LLXVVVVVV
articles_publication_add          own      LLXXXXXXX LLXXXXXXX
articles_publication_add          other    LLXXXXXXX LLXXXXXXX
articles_publication_add          shared   LLXXXXXXX LLXXXXXXX
articles_publication_history      own      LLHVVVVHV LLHVVVVHV
articles_publication_history      other    LLHHHHHVV LLHHHHHVV
articles_publication_history      shared   LLHHHHHHV LLHHHHHHV
articles_publication_delete       own      LLXXXXXXX LLXXXXXXX
articles_publication_delete       other    LLXXXXXXX LLXXXXXXX
articles_publication_delete       shared   LLXXXXXXX LLXXXXXXX
articles_publication_change       own      LLXVVVVHV LLXXXXXXX
articles_publication_change       other    LLXHHHHVV LLXXXXXXX
articles_publication_change       shared   LLXHHHHHV LLXXXXXXX
notices_notice_publish            own      LLNXVVVNV LLNXWWWNW
notices_notice_publish            other    LLNNNNNVV LLNNNNNWW
notices_notice_publish            shared   LLNNNNNNV LLNNNNNNW
notices_notice_withdraw           own      LLNXVVVNV LLNXWWWNW
notices_notice_withdraw           other    LLNNNNNVV LLNNNNNWW
notices_notice_withdraw           shared   LLNNNNNNV LLNNNNNNW
notices_notice_changelist         own      LLXVVVVVV LLXVWWWRW
notices_notice_changelist         other    LLXVVVVVV LLXVRRRWW
notices_notice_changelist         shared   LLXVVVVVV LLXVRRRRW
notices_notice_add                own      LLXXVVVVV LLXXWWWVW
notices_notice_add                other    LLXXVVVVV LLXXVVVWW
notices_notice_add                shared   LLXXVVVVV LLXXVVVVW
notices_notice_history            own      LLHVVVVHV LLHVVVVHV
notices_notice_history            other    LLHHHHHVV LLHHHHHVV
notices_notice_history            shared   LLHHHHHHV LLHHHHHHV
notices_notice_delete             own      LLXXVVVHV LLXXWWWHW
notices_notice_delete             other    LLXXHHHVV LLXXHHHWW
notices_notice_delete             shared   LLXXHHHHV LLXXHHHHW
notices_notice_change             own      LLXVVVVHV LLXXWWWHW
notices_notice_change             other    LLXHHHHVV LLXXHHHWW
notices_notice_change             shared   LLXHHHHHV LLXXHHHHW
operations_timerrun_changelist    -        LLXXXXXXV LLMMMMMMM
app_list                          operations LLNNNNNNV LLNNNNNNV
app_list                          articles LLNVVVVVV LLNVVVVVV
app_list                          notices  LLNVVVVVV LLNVVVVVV
app_list                          magazine LLNVVVVVV LLNVVVVVV
app_list                          accounts LLNNNNNNV LLNNNNNNV
app_list                          axes     LLNNNNNNV LLNNNNNNV
"""

# What is sent beside what the page's own form holds.
CHANGED = {
    "magazine_publisher": {"address": "新址"},
    "magazine_magazine": {"editor_in_chief": "新人"},
    "magazine_issue": {"total_number": "77"},
    "magazine_page": {"title": "新题"},
    "accounts_user": {"name": "新名"},
    "articles_column": {"description": "新话"},
    "articles_article": {"subtitle": "新副题"},
    "notices_notice": {"signature": "新署名"},
}
ADDED = {
    "magazine_publisher": {"name": "社", "sponsor": "社"},
    "magazine_magazine": {"title": "新刊", "slug": "new"},
    "magazine_issue": {"year": "2025", "number": "1"},
    "magazine_page": {"title": "新页", "slug": "new", "body": "<p>文</p>"},
    "accounts_user": {
        "username": "new",
        "name": "新人",
        "password1": "correct-horse",
        "password2": "correct-horse",
    },
    "articles_column": {"title": "新栏", "slug": "new"},
    "articles_article": {"title": "新文", "body": "<p>文</p>"},
    "notices_notice": {"title": "新公告", "body": "<p>文</p>", "scope": Scope.MAGAZINE},
}
PASSWORDS = {"old_password": "password"} | dict.fromkeys(
    ["new_password1", "new_password2", "password1", "password2"], "correct-horse-battery"
)


def addresses() -> dict[str, str]:
    """Every named address under admin/, with its namespace."""
    found = {}

    def walk(patterns, prefix: str, namespace: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if not isinstance(pattern, URLPattern):
                walk(
                    pattern.url_patterns,
                    route,
                    f"{pattern.namespace}:" if pattern.namespace else namespace,
                )
            elif route.startswith("admin/") and pattern.name:
                found[pattern.name] = f"{namespace}{pattern.name}"

    walk(get_resolver().url_patterns, "", "")
    return found


def rows() -> list[list[str]]:
    return [line.split() for line in TABLE.splitlines() if line]


class World:
    """Two magazines with one thing of each kind, and things that belong to none."""

    def __init__(self) -> None:
        a_publisher()
        self.magazines = {"own": a_magazine(), "other": a_magazine(), "shared": None}
        self.things = {whose: self.some_of(magazine) for whose, magazine in self.magazines.items()}
        self.roles = {role: an_editor(self.magazines["own"], role.value) for role in Role}

    def some_of(self, magazine: Magazine | None) -> dict:
        """Drafts, so that they can be deleted; and what is live and scheduled, so that it can be withdrawn."""
        scope = Scope.MAGAZINE if magazine else Scope.ALL
        live = an_article(magazine=magazine)
        now = timezone.now()
        publication = a_publication(live, ends_at=now + timedelta(hours=1))
        a_publication(live, starts_at=now + timedelta(hours=1))
        return {
            "magazine_magazine": magazine,
            "magazine_issue": an_issue(magazine=magazine) if magazine else None,
            "articles_column": a_column(magazine=magazine),
            "articles_article": an_article(magazine=magazine),
            "articles_publication": publication,
            "notices_notice": a_notice(magazine=magazine, scope=scope, starts_at=None),
            "live articles_article": live,
            "live notices_notice": a_notice(magazine=magazine, scope=scope),
        }

    def user(self, role: str):
        match role:
            case "inactive":
                return an_editor(self.magazines["own"], Role.CHIEF, is_active=False)
            case "nobody":
                return a_user()
            case "other's chief":
                return an_editor(self.magazines["other"], Role.CHIEF)
            case "admin":
                return an_admin()
        return self.roles[role]

    def thing(self, model: str, page: str, whose: str):
        match model:
            case "magazine_publisher" | "operations_timerrun":
                return 1
            case "magazine_page":
                return a_page().pk
            case "accounts_user" | "auth_user":
                return a_user().pk
            case "axes_accesslog":
                return AccessLog.objects.create(username="editor").pk
            case "axes_accessattempt":
                return AccessAttempt.objects.create(username="editor", failures_since_start=1).pk
        live = "live " if page in {"withdraw", "cancel_schedule"} else ""
        return self.things[whose][live + model].pk


class Visit:
    """An address in the world, and what is sent to it."""

    def __init__(self, world: World, name: str, whose: str) -> None:
        self.world, self.name, self.whose = world, name, whose
        app, _, rest = name.partition("_")
        model, _, self.page = rest.partition("_")
        self.model = f"{app}_{model}"
        self.address = self.located()
        self.data = self.sent()

    def located(self) -> str:
        full = addresses()[self.name]
        match self.page:
            case "publish" | "withdraw" | "cancel_schedule":
                return f"{reverse(full)}?ids={self.pk}"
            case (
                "history"
                | "delete"
                | "change"
                | "preview"
                | "versions"
                | "page"
                | "password_change"
            ):
                return reverse(full, args=[self.pk])
        if self.name == "app_list":
            return reverse(full, args=[self.whose])
        if self.name == "autocomplete":
            return f"{reverse(full)}?app_label=articles&model_name=article&field_name=issue"
        return reverse(full)

    @property
    def pk(self) -> int:
        return self.world.thing(self.model, self.page, self.whose)

    def sent(self) -> dict:
        match self.page:
            case "change" | "add":
                return self.form()
            case "delete":
                return {"post": "yes"}
            case "changelist":
                action = "unlock" if self.model == "axes_accessattempt" else "delete_selected"
                return {"action": action, "_selected_action": self.pk, "post": "yes"}
            case "withdraw":
                return {"reason": "有误"}
        return PASSWORDS if "password_change" in self.name else {}

    def form(self) -> dict:
        """The page's form as the site administrator has it, with something changed."""
        client = Client()
        client.force_login(an_admin())
        response = client.get(self.address)
        form = filled_in(response) if response.status_code == 200 else {}
        if self.page == "change":
            return form | CHANGED.get(self.model, {"title": "新题"})
        magazine = self.world.magazines.get(self.whose)
        values = {"magazine": magazine.pk if magazine else "", "column": a_column().pk}
        if magazine is None:
            values["scope"] = Scope.ALL
        return form | ADDED.get(self.model, {"title": "新题"}) | values

    def answer(self, role: str, method: str) -> str:
        client = Client()
        if role != "anonymous":
            client.force_login(self.world.user(role), "django.contrib.auth.backends.ModelBackend")
        written = []

        def note(execute, sql, params, many, context):
            result = execute(sql, params, many, context)
            if sql.startswith("INSERT") or (
                sql.startswith(("UPDATE", "DELETE")) and context["cursor"].rowcount
            ):
                written.append(sql.split('"')[1])
            return result

        with transaction.atomic(), connection.execute_wrapper(note):
            response = getattr(client, method)(
                self.address, self.data if method == "post" else None
            )
            transaction.set_rollback(True)
        return letter(response, set(written) - {"django_session", "django_admin_log"})


def letter(response, written: set[str]) -> str:
    if written:
        return "W" if response.status_code in {200, 302} else "?"
    if response.status_code == 302:
        if response["Location"].startswith(reverse("admin:login")):
            return "L"
        return (
            "H"
            if any(message.level == WARNING for message in get_messages(response.wsgi_request))
            else "R"
        )
    return {200: "V", 403: "X", 404: "N", 405: "M"}.get(response.status_code, "?")


def test_every_address_is_in_the_table():
    assert {row[0] for row in rows()} == set(addresses())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "whose", "read", "sent"), rows(), ids=[f"{row[0]} {row[1]}" for row in rows()]
)
def test_who_may(name, whose, read, sent):
    visit = Visit(World(), name, whose)
    answers = ["".join(visit.answer(role, method) for role in ROLES) for method in ["get", "post"]]
    assert answers == [read, sent]
