"""Who may do what: permissions held through a role in the magazine that a thing belongs to.

Asked without a thing, a permission says whether the user holds such a role anywhere. Superusers may do everything
that anyone may; what nobody may do (deleting publications) the admin classes refuse by themselves.
"""

import rules

from accounts.models import Role

EVERYONE = frozenset(Role)
EDITORS = frozenset({Role.EDITOR, Role.HEAD, Role.CHIEF})
HEADS = frozenset({Role.HEAD, Role.CHIEF})


def held_in_its_magazine(roles: frozenset[str]) -> rules.Predicate:
    @rules.predicate
    def predicate(user, thing=None) -> bool:
        if not (user.is_active and user.is_staff):
            return False
        if thing is None:
            return bool(roles & set(user.roles.values()))
        return user.roles.get(thing.magazine_id) in roles

    return predicate


@rules.predicate
def is_shared(user, thing=None) -> bool:
    """A thing of no magazine belongs to all: whoever works anywhere here may."""
    return thing is not None and thing.magazine_id is None and bool(user.is_active and user.is_staff and user.roles)
