import rules

from accounts.rules import EDITORS, EVERYONE, has_role_in_magazine

rules.add_perm("notices", has_role_in_magazine(EVERYONE))

rules.add_perm("notices.view_notice", has_role_in_magazine(EVERYONE))
rules.add_perm("notices.add_notice", has_role_in_magazine(EDITORS))
rules.add_perm("notices.change_notice", has_role_in_magazine(EDITORS))
rules.add_perm("notices.delete_notice", has_role_in_magazine(EDITORS))
rules.add_perm("notices.publish_notice", has_role_in_magazine(EDITORS))

# Checked without an object: the permissions above check the notice itself.
rules.add_perm("notices.view_noticecontact", has_role_in_magazine(EVERYONE))
rules.add_perm("notices.add_noticecontact", has_role_in_magazine(EDITORS))
rules.add_perm("notices.change_noticecontact", has_role_in_magazine(EDITORS))
rules.add_perm("notices.delete_noticecontact", has_role_in_magazine(EDITORS))
