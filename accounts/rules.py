"""Permissions: a user holds them through a role in the magazine that an object belongs to.

Without an object, a permission says whether the user holds such a role in any magazine.
Superusers have every permission; admin classes refuse by themselves what nobody may do.
"""

import rules

from accounts.models import Role

# By name, so that a new role gets no permission by itself.
EVERYONE = frozenset({Role.EDITOR, Role.HEAD, Role.CHIEF, Role.PROOFREADER})
EDITORS = frozenset({Role.EDITOR, Role.HEAD, Role.CHIEF})
HEADS = frozenset({Role.HEAD, Role.CHIEF})


def has_role_in_magazine(roles: frozenset[str]) -> rules.Predicate:
    """Return a predicate: the user holds one of `roles` in the object's magazine."""

    @rules.predicate
    def predicate(user, obj=None) -> bool:
        if not (user.is_active and user.is_staff):
            return False
        if obj is None:
            return any(roles & held for held in user.roles.values())
        return bool(roles & user.roles.get(obj.magazine_id, frozenset()))

    return predicate


@rules.predicate
def is_shared(user, obj=None) -> bool:
    """Return whether the object belongs to no magazine and the user has a role in any."""
    if obj is None or obj.magazine_id is not None:
        return False
    return bool(user.is_active and user.is_staff and user.roles)
