"""Authors as editors type them, one a line, and what can be told of a name by its line alone."""

import re
from typing import NamedTuple

CHINESE = re.compile(r"[\u3400-\u9fff]")
# Names have one field for people and institutions: what an institution is called gives it away.
INSTITUTION = re.compile(
    r".{2,}(?:[部署局厅处司院所会委社组室网报]|中心|大学|学校|公司|集团|银行|政府)$"
    r"|(?i:\b(?:of|for|and|the|agency|association|bank|board|bureau|center|centre|college|commission|committee|company"
    r"|corporation|council|department|editors|fund|group|inc|institute|llp|ltd|ministry|news|office|organization"
    r"|press|school|society|team|times|university)\b|&)"
)

INITIALS = r"(?:[A-Z]\.?(?:[ -]?[A-Z]\.?){0,2})"
WORD = r"(?:(?:[A-Z]['’])?[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿā-ž]+(?:(?:['’-]|(?=[A-Z]))[A-Z]?[a-zà-öø-ÿā-ž]+)*)"
PARTICLES = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|ten|ter|bin|al) )"
FAMILY = rf"(?P<family>{PARTICLES}{{0,2}}{WORD})"
TITLES = re.compile(r"\b(?:Dr|Prof|Mr|Mrs|Ms|Sir|Jr|Sr)\b")
FORMS = [
    re.compile(rf"{FAMILY}, (?P<given>(?:{WORD}|{INITIALS})(?: (?:{WORD}|{INITIALS})){{0,2}})"),
    re.compile(rf"{FAMILY} (?P<given>{INITIALS})"),
    re.compile(rf"(?P<given>(?:{WORD}|{INITIALS})(?: (?:{WORD}|{INITIALS}))?) {FAMILY}"),
]
# Chinese names in Latin letters stand family name first, too. What may be one, may not be turned round.
SYLLABLE = (
    r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|[aeiouüv])"
)
PINYIN = re.compile(rf"(?:(?>{SYLLABLE})['’ -]?)++", re.IGNORECASE)


class WesternName(NamedTuple):
    family: str
    given: str

    def initials(self, hyphen: str) -> str:
        """J A of `John A.`, with the hyphen that `Jean-Luc` has."""
        given = re.sub(r"(?<=[A-Z])(?=[A-Z])", " ", re.sub(r"\.(?!-)", " ", self.given))
        return " ".join(
            hyphen.join(part[0] for part in word.split("-") if part) for word in given.split()
        )


def split_list(text: str) -> list[str]:
    """The entries of a field that holds one a line. Editors may also part them by 、，； or, after Chinese, a comma."""
    return [
        entry
        for part in re.split(rf"[\n\r、，；;]+|(?<={CHINESE.pattern}),", text)
        if (entry := part.strip())
    ]


def is_institution(name: str) -> bool:
    return bool(INSTITUTION.search(name))


def parse_name(name: str) -> WesternName | None:
    """Family and given names of a western name: `Smith, John A.`, `Smith J A`, `John A. Smith`, `Vincent van Gogh`.

    Only where that is certain. Chinese names are one string, also in Latin letters; so are institutions, and whatever
    has more parts than these, capitals throughout, or titles. A firm of two family names is taken for a person.
    """
    if is_institution(name) or TITLES.search(name):
        return None
    for form in FORMS:
        if found := form.fullmatch(name):
            may_be_chinese = PINYIN.fullmatch(name.replace(",", "")) and not re.fullmatch(
                INITIALS, found["given"]
            )
            return None if may_be_chinese else WesternName(found["family"], found["given"])
    return None
