"""Parse the names of authors, which editors type one a line."""

import re
from typing import NamedTuple

CHINESE = re.compile(r"[\u3400-\u9fff]")
# One field has the names of people and institutions: typical words mark institutions.
INSTITUTION = re.compile(
    r".{2,}(?:[部署局厅处司院所会委社组室网报]|中心|大学|学校|公司|集团|银行|政府)$"
    r"|(?i:\b(?:of|for|and|the|agency|association|bank|board|bureau|center|centre|college"
    r"|commission|committee|company|corporation|council|department|editors|fund|group|inc"
    r"|institute|llp|ltd|ministry|news|office|organization"
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
# Chinese names in Latin letters begin with the family name: a name that may be one is not parsed.
SYLLABLE = (
    r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|[aeiouüv])"
)
PINYIN = re.compile(rf"(?:(?>{SYLLABLE})['’ -]?)++", re.IGNORECASE)


class WesternName(NamedTuple):
    family: str
    given: str

    def initials(self, hyphen: str) -> str:
        """Return `J A` for `John A.`; `hyphen` joins the initials of `Jean-Luc`."""
        given = re.sub(r"\.(?!-)", " ", self.given)
        given = re.sub(r"(?<=[A-Z])(?=[A-Z])", " ", given)
        initials = []
        for word in given.split():
            letters = [part[0] for part in word.split("-") if part]
            initials.append(hyphen.join(letters))
        return " ".join(initials)


def split_list(text: str) -> list[str]:
    """Return the entries of a list, divided by lines, 、，； or, after Chinese, a comma."""
    entries = []
    for part in re.split(rf"[\n\r、，；;]+|(?<={CHINESE.pattern}),", text):
        entry = part.strip()
        if entry:
            entries.append(entry)
    return entries


def is_institution(name: str) -> bool:
    return bool(INSTITUTION.search(name))


def parse_name(name: str) -> WesternName | None:
    """Parse a western name such as `Smith, John A.`, `Smith J A` or `Vincent van Gogh`.

    Returns None for Chinese names, also in Latin letters, for institutions, and for names with
    titles, capitals only or more parts. A firm named after two families counts as a person.
    """
    if is_institution(name) or TITLES.search(name):
        return None
    for form in FORMS:
        match = form.fullmatch(name)
        if match is None:
            continue
        has_initials = re.fullmatch(INITIALS, match["given"])
        if PINYIN.fullmatch(name.replace(",", "")) and not has_initials:
            return None  # may be a Chinese name
        return WesternName(match["family"], match["given"])
    return None
