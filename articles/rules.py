import rules

from accounts.rules import EDITORS, EVERYONE, HEADS, has_role_in_magazine, is_shared

rules.add_perm("articles", has_role_in_magazine(EVERYONE))

rules.add_perm("articles.view_column", has_role_in_magazine(EVERYONE) | is_shared)
rules.add_perm("articles.add_column", has_role_in_magazine(HEADS))
rules.add_perm("articles.change_column", has_role_in_magazine(HEADS))
rules.add_perm("articles.delete_column", has_role_in_magazine(HEADS))

rules.add_perm("articles.view_article", has_role_in_magazine(EVERYONE))
rules.add_perm("articles.add_article", has_role_in_magazine(EDITORS))
rules.add_perm("articles.change_article", has_role_in_magazine(EVERYONE))
rules.add_perm("articles.delete_article", has_role_in_magazine(EDITORS))
rules.add_perm("articles.publish_article", has_role_in_magazine(EDITORS))

rules.add_perm("articles.view_publication", has_role_in_magazine(EVERYONE))
