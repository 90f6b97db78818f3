"""Permissions in the admin: every address, every role, GET and POST."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.messages import WARNING, get_messages
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from accounts.models import Membership, Role, User
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
from tests.forms import form_data

# Each line: the name of an address, the magazine of the object (the user's own, another one, or
# none: shared), the results of GET and of POST, one letter for each user in the order of USERS.
#
#   L  redirect to the login       V  200, a page         W  rows were written
#   H  redirect, with a warning    R  another redirect    X  403    N  404    M  405
USERS = [
    "anonymous",
    "inactive",
    "nobody",
    "proofreader",
    "editor",
    "head",
    "chief",
    "other's chief",
    "admin",
    "proofreader and head",
    "head, other's proofreader",
]

TABLE = """
upload_picture                    -        MMMMMMMMMMM XXXVVVVVVVV
index                             -        LLVVVVVVVVV LLVVVVVVVVV
login                             -        VVRRRRRRRRR VVVVVVVVVVV
logout                            -        RRMMMMMMMMM RRVVVVVVVVV
password_change                   -        LLVVVVVVVVV LLWWWWWWWWW
password_change_done              -        LLVVVVVVVVV LLMMMMMMMMM
autocomplete                      -        LLXVVVVVVVV LLMMMMMMMMM
jsi18n                            -        LLVVVVVVVVV LLMMMMMMMMM
magazine_publisher_changelist     -        LLXXXXXXVXX LLXXXXXXVXX
magazine_publisher_add            -        LLXXXXXXXXX LLXXXXXXXXX
magazine_publisher_history        -        LLXXXXXXVXX LLXXXXXXVXX
magazine_publisher_delete         -        LLXXXXXXXXX LLXXXXXXXXX
magazine_publisher_change         -        LLXXXXXXVXX LLXXXXXXWXX
magazine_magazine_changelist      own      LLXVVVVVVVV LLXVVVVVVVV
magazine_magazine_changelist      other    LLXVVVVVVVV LLXVVVVVVVV
magazine_magazine_add             -        LLXXXXXXVXX LLXXXXXXWXX
magazine_magazine_history         own      LLHVVVVHVVV LLHVVVVHVVV
magazine_magazine_history         other    LLHHHHHVVHV LLHHHHHVVHV
magazine_magazine_delete          own      LLXXXXXXVXX LLXXXXXXVXX
magazine_magazine_delete          other    LLXXXXXXVXX LLXXXXXXVXX
magazine_magazine_change          own      LLXVVVVHVVV LLXXXWWHWWW
magazine_magazine_change          other    LLXHHHHVVHV LLXXXHHWWHX
magazine_issue_changelist         own      LLXVVVVVVVV LLXVVWWRWWW
magazine_issue_changelist         other    LLXVVVVVVVV LLXVVRRWWRX
magazine_issue_add                own      LLXXVVVVVVV LLXXWWWVWWW
magazine_issue_add                other    LLXXVVVVVVV LLXXVVVWWVV
magazine_issue_history            own      LLHVVVVHVVV LLHVVVVHVVV
magazine_issue_history            other    LLHHHHHVVHV LLHHHHHVVHV
magazine_issue_delete             own      LLXXXVVHVVV LLXXXWWHWWW
magazine_issue_delete             other    LLXXXHHVVHX LLXXXHHWWHX
magazine_issue_change             own      LLXVVVVHVVV LLXXWWWHWWW
magazine_issue_change             other    LLXHHHHVVHV LLXXHHHWWHX
magazine_page_changelist          -        LLXXXXXXVXX LLXXXXXXWXX
magazine_page_add                 -        LLXXXXXXVXX LLXXXXXXWXX
magazine_page_history             -        LLXXXXXXVXX LLXXXXXXVXX
magazine_page_delete              -        LLXXXXXXVXX LLXXXXXXWXX
magazine_page_change              -        LLXXXXXXVXX LLXXXXXXWXX
auth_user_password_change         -        LLXXXXXXVXX LLXXXXXXWXX
accounts_user_changelist          -        LLXXXXXXVXX LLXXXXXXVXX
accounts_user_add                 -        LLXXXXXXVXX LLXXXXXXWXX
accounts_user_history             -        LLXXXXXXVXX LLXXXXXXVXX
accounts_user_delete              -        LLXXXXXXXXX LLXXXXXXXXX
accounts_user_change              -        LLXXXXXXVXX LLXXXXXXWXX
axes_accesslog_changelist         -        LLXXXXXXVXX LLXXXXXXVXX
axes_accesslog_add                -        LLXXXXXXXXX LLXXXXXXXXX
axes_accesslog_history            -        LLXXXXXXXXX LLXXXXXXXXX
axes_accesslog_delete             -        LLXXXXXXXXX LLXXXXXXXXX
axes_accesslog_change             -        LLXXXXXXXXX LLXXXXXXXXX
axes_accessattempt_changelist     -        LLXXXXXXVXX LLXXXXXXWXX
axes_accessattempt_add            -        LLXXXXXXXXX LLXXXXXXXXX
axes_accessattempt_history        -        LLXXXXXXXXX LLXXXXXXXXX
axes_accessattempt_delete         -        LLXXXXXXXXX LLXXXXXXXXX
axes_accessattempt_change         -        LLXXXXXXXXX LLXXXXXXXXX
articles_column_changelist        own      LLXVVVVVVVV LLXVVWWRWWW
articles_column_changelist        other    LLXVVVVVVVV LLXVVRRWWRX
articles_column_changelist        shared   LLXVVVVVVVV LLXVVXXXWXX
articles_column_add               own      LLXXXVVVVVV LLXXXWWVWWW
articles_column_add               other    LLXXXVVVVVV LLXXXVVWWVV
articles_column_add               shared   LLXXXVVVVVV LLXXXVVVWVV
articles_column_history           own      LLHVVVVHVVV LLHVVVVHVVV
articles_column_history           other    LLHHHHHVVHV LLHHHHHVVHV
articles_column_history           shared   LLXVVVVVVVV LLXVVVVVVVV
articles_column_delete            own      LLXXXVVHVVV LLXXXWWHWWW
articles_column_delete            other    LLXXXHHVVHX LLXXXHHWWHX
articles_column_delete            shared   LLXXXXXXVXX LLXXXXXXWXX
articles_column_change            own      LLXVVVVHVVV LLXXXWWHWWW
articles_column_change            other    LLXHHHHVVHV LLXXXHHWWHX
articles_column_change            shared   LLXVVVVVVVV LLXXXXXXWXX
articles_article_similar          -        LLXVVVVVVVV LLXVVVVVVVV
articles_article_preview          own      LLNVVVVNVVV LLNVVVVNVVV
articles_article_preview          other    LLNNNNNVVNV LLNNNNNVVNV
articles_article_preview          shared   LLNNNNNNVNN LLNNNNNNVNN
articles_article_versions         own      LLNVVVVNVVV LLNVVVVNVVV
articles_article_versions         other    LLNNNNNVVNV LLNNNNNVVNV
articles_article_versions         shared   LLNNNNNNVNN LLNNNNNNVNN
articles_article_publish          own      LLNXVVVNVVV LLNXWWWNWWW
articles_article_publish          other    LLNNNNNVVNX LLNNNNNWWNX
articles_article_publish          shared   LLNNNNNNVNN LLNNNNNNWNN
articles_article_withdraw         own      LLNXVVVNVVV LLNXWWWNWWW
articles_article_withdraw         other    LLNNNNNVVNX LLNNNNNWWNX
articles_article_withdraw         shared   LLNNNNNNVNN LLNNNNNNWNN
articles_article_cancel_schedule  own      LLNXVVVNVVV LLNXWWWNWWW
articles_article_cancel_schedule  other    LLNNNNNVVNX LLNNNNNWWNX
articles_article_cancel_schedule  shared   LLNNNNNNVNN LLNNNNNNWNN
articles_article_changelist       own      LLXVVVVVVVV LLXVWWWRWWW
articles_article_changelist       other    LLXVVVVVVVV LLXVRRRWWRX
articles_article_changelist       shared   LLXVVVVVVVV LLXVRRRRWRR
articles_article_add              own      LLXXVVVVVVV LLXXWWWVWWW
articles_article_add              other    LLXXVVVVVVV LLXXVVVWWVV
articles_article_add              shared   LLXXVVVVVVV LLXXVVVVWVV
articles_article_history          own      LLHVVVVHVVV LLHVVVVHVVV
articles_article_history          other    LLHHHHHVVHV LLHHHHHVVHV
articles_article_history          shared   LLHHHHHHVHH LLHHHHHHVHH
articles_article_delete           own      LLXXVVVHVVV LLXXWWWHWWW
articles_article_delete           other    LLXXHHHVVHX LLXXHHHWWHX
articles_article_delete           shared   LLXXHHHHVHH LLXXHHHHWHH
articles_article_change           own      LLXVVVVHVVV LLXWWWWHWWW
articles_article_change           other    LLXHHHHVVHV LLXHHHHWWHW
articles_article_change           shared   LLXHHHHHVHH LLXHHHHHWHH
articles_publication_page         own      LLNVVVVNVVV LLNVVVVNVVV
articles_publication_page         other    LLNNNNNVVNV LLNNNNNVVNV
articles_publication_page         shared   LLNNNNNNVNN LLNNNNNNVNN
articles_publication_changelist   own      LLXVVVVVVVV LLXVVVVVVVV
articles_publication_changelist   other    LLXVVVVVVVV LLXVVVVVVVV
articles_publication_changelist   shared   LLXVVVVVVVV LLXVVVVVVVV
articles_publication_add          own      LLXXXXXXXXX LLXXXXXXXXX
articles_publication_add          other    LLXXXXXXXXX LLXXXXXXXXX
articles_publication_add          shared   LLXXXXXXXXX LLXXXXXXXXX
articles_publication_history      own      LLHVVVVHVVV LLHVVVVHVVV
articles_publication_history      other    LLHHHHHVVHV LLHHHHHVVHV
articles_publication_history      shared   LLHHHHHHVHH LLHHHHHHVHH
articles_publication_delete       own      LLXXXXXXXXX LLXXXXXXXXX
articles_publication_delete       other    LLXXXXXXXXX LLXXXXXXXXX
articles_publication_delete       shared   LLXXXXXXXXX LLXXXXXXXXX
articles_publication_change       own      LLXVVVVHVVV LLXXXXXXXXX
articles_publication_change       other    LLXHHHHVVHV LLXXXXXXXXX
articles_publication_change       shared   LLXHHHHHVHH LLXXXXXXXXX
notices_notice_publish            own      LLNXVVVNVVV LLNXWWWNWWW
notices_notice_publish            other    LLNNNNNVVNX LLNNNNNWWNX
notices_notice_publish            shared   LLNNNNNNVNN LLNNNNNNWNN
notices_notice_withdraw           own      LLNXVVVNVVV LLNXWWWNWWW
notices_notice_withdraw           other    LLNNNNNVVNX LLNNNNNWWNX
notices_notice_withdraw           shared   LLNNNNNNVNN LLNNNNNNWNN
notices_notice_changelist         own      LLXVVVVVVVV LLXVWWWRWWW
notices_notice_changelist         other    LLXVVVVVVVV LLXVRRRWWRX
notices_notice_changelist         shared   LLXVVVVVVVV LLXVRRRRWRR
notices_notice_add                own      LLXXVVVVVVV LLXXWWWVWWW
notices_notice_add                other    LLXXVVVVVVV LLXXVVVWWVV
notices_notice_add                shared   LLXXVVVVVVV LLXXVVVVWVV
notices_notice_history            own      LLHVVVVHVVV LLHVVVVHVVV
notices_notice_history            other    LLHHHHHVVHV LLHHHHHVVHV
notices_notice_history            shared   LLHHHHHHVHH LLHHHHHHVHH
notices_notice_delete             own      LLXXVVVHVVV LLXXWWWHWWW
notices_notice_delete             other    LLXXHHHVVHX LLXXHHHWWHX
notices_notice_delete             shared   LLXXHHHHVHH LLXXHHHHWHH
notices_notice_change             own      LLXVVVVHVVV LLXXWWWHWWW
notices_notice_change             other    LLXHHHHVVHV LLXXHHHWWHX
notices_notice_change             shared   LLXHHHHHVHH LLXXHHHHWHH
operations_timerrun_changelist    -        LLXXXXXXVXX LLMMMMMMMMM
app_list                          operations LLNNNNNNVNN LLNNNNNNVNN
app_list                          articles LLNVVVVVVVV LLNVVVVVVVV
app_list                          notices  LLNVVVVVVVV LLNVVVVVVVV
app_list                          magazine LLNVVVVVVVV LLNVVVVVVVV
app_list                          accounts LLNNNNNNVNN LLNNNNNNVNN
app_list                          axes     LLNNNNNNVNN LLNNNNNNVNN
"""

# Values that a POST changes or adds in the page's own form.
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
    """Return all URL names under admin/, and their full names with the namespace."""
    names = {}

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
                names[pattern.name] = f"{namespace}{pattern.name}"

    walk(get_resolver().url_patterns, "", "")
    return names


def rows() -> list[list[str]]:
    return [line.split() for line in TABLE.splitlines() if line]


class World:
    """Two magazines with one object of each kind, and shared objects that belong to none."""

    def __init__(self) -> None:
        a_publisher()
        self.magazines = {"own": a_magazine(), "other": a_magazine(), "shared": None}
        self.objects = {}
        for whose, magazine in self.magazines.items():
            self.objects[whose] = self.objects_of(magazine)
        self.editors = {role: an_editor(self.magazines["own"], role.value) for role in Role}

    def objects_of(self, magazine: Magazine | None) -> dict:
        """Return drafts, which can be deleted, and live objects, which can be withdrawn."""
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

    def user(self, name: str):
        own = self.magazines["own"]
        other = self.magazines["other"]
        match name:
            case "inactive":
                return an_editor(own, Role.CHIEF, is_active=False)
            case "nobody":
                return a_user()
            case "other's chief":
                return an_editor(other, Role.CHIEF)
            case "admin":
                return an_admin()
            case "proofreader and head":
                return add_role(an_editor(own, Role.PROOFREADER), own, Role.HEAD)
            case "head, other's proofreader":
                return add_role(an_editor(own, Role.HEAD), other, Role.PROOFREADER)
        return self.editors[name]

    def primary_key(self, model: str, page: str, whose: str):
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
        return self.objects[whose][live + model].pk


class Visit:
    """An address of the admin, and the data that a POST sends to it."""

    def __init__(self, world: World, name: str, whose: str) -> None:
        self.world, self.name, self.whose = world, name, whose
        app, _, rest = name.partition("_")
        model, _, self.page = rest.partition("_")
        self.model = f"{app}_{model}"
        self.address = self.get_address()
        self.data = self.get_data()

    def get_address(self) -> str:
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
        return self.world.primary_key(self.model, self.page, self.whose)

    def get_data(self) -> dict:
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
        """Return the page's form as the superuser gets it, with one value changed."""
        client = Client()
        client.force_login(an_admin())
        response = client.get(self.address)
        form = form_data(response) if response.status_code == 200 else {}
        if self.page == "change":
            return form | CHANGED.get(self.model, {"title": "新题"})
        magazine = self.world.magazines.get(self.whose)
        values = {"magazine": magazine.pk if magazine else "", "column": a_column().pk}
        if magazine is None:
            values["scope"] = Scope.ALL
        return form | ADDED.get(self.model, {"title": "新题"}) | values

    def result(self, user: str, method: str) -> str:
        """Send a request as a user, roll it back, and return the letter of its result."""
        client = Client()
        if user != "anonymous":
            client.force_login(self.world.user(user), "django.contrib.auth.backends.ModelBackend")
        written = []

        def record_writes(execute, sql, params, many, context):
            result = execute(sql, params, many, context)
            is_insert = sql.startswith("INSERT")
            is_change = sql.startswith(("UPDATE", "DELETE")) and context["cursor"].rowcount
            if is_insert or is_change:
                written.append(sql.split('"')[1])
            return result

        with transaction.atomic(), connection.execute_wrapper(record_writes):
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
        messages = get_messages(response.wsgi_request)
        has_warning = any(message.level == WARNING for message in messages)
        return "H" if has_warning else "R"
    return {200: "V", 403: "X", 404: "N", 405: "M"}.get(response.status_code, "?")


def add_role(user: User, magazine: Magazine, role: Role) -> User:
    Membership.objects.create(user=user, magazine=magazine, role=role)
    return user


def test_table_has_every_address():
    assert {row[0] for row in rows()} == set(addresses())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "whose", "get", "post"), rows(), ids=[f"{row[0]} {row[1]}" for row in rows()]
)
def test_address_gives_each_user_the_expected_result(name, whose, get, post):
    visit = Visit(World(), name, whose)
    assert "".join(visit.result(user, "get") for user in USERS) == get
    assert "".join(visit.result(user, "post") for user in USERS) == post
