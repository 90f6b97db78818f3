import rules

from accounts.rules import EDITORS, EVERYONE, held_in_its_magazine

rules.add_perm("notices", held_in_its_magazine(EVERYONE))

rules.add_perm("notices.view_notice", held_in_its_magazine(EVERYONE))
rules.add_perm("notices.add_notice", held_in_its_magazine(EDITORS))
rules.add_perm("notices.change_notice", held_in_its_magazine(EDITORS))
rules.add_perm("notices.delete_notice", held_in_its_magazine(EDITORS))
rules.add_perm("notices.publish_notice", held_in_its_magazine(EDITORS))

# Asked without a thing: whether the notice they stand in may be changed, the permissions above have said before.
rules.add_perm("notices.view_noticecontact", held_in_its_magazine(EVERYONE))
rules.add_perm("notices.add_noticecontact", held_in_its_magazine(EDITORS))
rules.add_perm("notices.change_noticecontact", held_in_its_magazine(EDITORS))
rules.add_perm("notices.delete_noticecontact", held_in_its_magazine(EDITORS))
