"""Permissions: a user holds them through a role in the magazine that an object belongs to.

Without an object, a permission tells whether the user holds such a role in any magazine.
Superusers have every permission; admin classes themselves refuse the actions that nobody may do.
"""

from typing import Protocol

import rules
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from accounts.models import Role, User

# By name, so that a new role gets no permission by itself.
EVERYONE = frozenset({Role.EDITOR, Role.HEAD, Role.CHIEF, Role.PROOFREADER})
EDITORS = frozenset({Role.EDITOR, Role.HEAD, Role.CHIEF})
HEADS = frozenset({Role.HEAD, Role.CHIEF})


class HasMagazine(Protocol):
    """An object that belongs to a magazine, or to none (None)."""

    @property
    def magazine_id(self) -> int | None: ...


AnyUser = AbstractBaseUser | AnonymousUser


def _roles_by_magazine(user: AnyUser) -> dict[int, frozenset[str]]:
    """Return the roles of a user who may work in the admin; others have none."""
    if isinstance(user, User) and user.is_active and user.is_staff:
        return user.roles
    return {}


def has_role_in_magazine(roles: frozenset[Role]) -> rules.Predicate:
    """Return a predicate: the user holds one of `roles` in the object's magazine."""

    @rules.predicate
    def predicate(user: AnyUser, obj: HasMagazine | None = None) -> bool:
        roles_by_magazine = _roles_by_magazine(user)
        if obj is None:
            return any(roles & held for held in roles_by_magazine.values())
        if obj.magazine_id is None:
            return False
        return bool(roles & roles_by_magazine.get(obj.magazine_id, frozenset()))

    return predicate


@rules.predicate
def is_shared(user: AnyUser, obj: HasMagazine | None = None) -> bool:
    """Return whether the object belongs to no magazine and the user has a role in any."""
    if obj is None or obj.magazine_id is not None:
        return False
    return bool(_roles_by_magazine(user))
