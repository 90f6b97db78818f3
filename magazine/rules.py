import rules

from accounts.rules import EDITORS, EVERYONE, HEADS, held_in_its_magazine

rules.add_perm("magazine", held_in_its_magazine(EVERYONE))

rules.add_perm("magazine.view_magazine", held_in_its_magazine(EVERYONE))
rules.add_perm("magazine.change_magazine", held_in_its_magazine(HEADS))

rules.add_perm("magazine.view_issue", held_in_its_magazine(EVERYONE))
rules.add_perm("magazine.add_issue", held_in_its_magazine(EDITORS))
rules.add_perm("magazine.change_issue", held_in_its_magazine(EDITORS))
rules.add_perm("magazine.delete_issue", held_in_its_magazine(HEADS))

rules.add_perm("magazine.upload_picture", held_in_its_magazine(EVERYONE))
