import rules

from accounts.rules import EDITORS, EVERYONE, HEADS, held_in_its_magazine, is_shared

rules.add_perm("articles", held_in_its_magazine(EVERYONE))

rules.add_perm("articles.view_column", held_in_its_magazine(EVERYONE) | is_shared)
rules.add_perm("articles.add_column", held_in_its_magazine(HEADS))
rules.add_perm("articles.change_column", held_in_its_magazine(HEADS))
rules.add_perm("articles.delete_column", held_in_its_magazine(HEADS))

rules.add_perm("articles.view_article", held_in_its_magazine(EVERYONE))
rules.add_perm("articles.add_article", held_in_its_magazine(EDITORS))
rules.add_perm("articles.change_article", held_in_its_magazine(EVERYONE))
rules.add_perm("articles.delete_article", held_in_its_magazine(EDITORS))
rules.add_perm("articles.publish_article", held_in_its_magazine(EDITORS))

rules.add_perm("articles.view_publication", held_in_its_magazine(EVERYONE))
