import rules

from accounts.rules import EDITORS, EVERYONE, HEADS, has_role_in_magazine

rules.add_perm("magazine", has_role_in_magazine(EVERYONE))

rules.add_perm("magazine.view_magazine", has_role_in_magazine(EVERYONE))
rules.add_perm("magazine.change_magazine", has_role_in_magazine(HEADS))

rules.add_perm("magazine.view_issue", has_role_in_magazine(EVERYONE))
rules.add_perm("magazine.add_issue", has_role_in_magazine(EDITORS))
rules.add_perm("magazine.change_issue", has_role_in_magazine(EDITORS))
rules.add_perm("magazine.delete_issue", has_role_in_magazine(HEADS))
