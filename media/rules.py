import rules

from accounts.rules import EVERYONE, has_role_in_magazine

rules.add_perm("media.upload_picture", has_role_in_magazine(EVERYONE))
