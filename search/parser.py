"""Parse a search: terms, quoted phrases, exclusions, authors, years and issues.

A term matches as a phrase, or with its words in any order (ranking.py tries both).
See docs/decisions/0029-order-of-search-results.md.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from magazine.models import Magazine
from search import tokens
from search.query_tree import AndNot, Match, Token, Tree, all_of, any_of
from search.tokens import bigrams, fold, runs, tokenize

MAX_LENGTH = 200  # characters of a query that are parsed
MAX_RUNS = 15  # runs of one script that are looked up
MAX_EXCLUDED_PHRASES = 5  # each of them is verified in the text of every match
LONG_QUERY_TOKENS = 8  # few entries have more tokens than these in common
MAX_SPLIT_LENGTH = 15  # characters of a run that is split into words; longer ones are quotations

CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
PHRASE = re.compile(
    r"""(?P<minus>(?<!\S)-)?(?:"([^"]*)"|“([^”]*)”|「([^」]*)」|『([^』]*)』|″([^″]*)″)"""
)
AUTHOR = re.compile(
    r"""(?<!\S)(?P<minus>-)?(?:author|作者)[:：]\s*(?:"([^"]*)"|“([^”]*)”|「([^」]*)」|(\S+))"""
)
NUMERALS = "〇零○一二三四五六七八九"
ZEROS = "〇零○"
YEAR_PATTERN = (
    rf"(?<![0-9{NUMERALS}])"
    rf"(?P<year>(?:1[89]|2[01])[0-9]{{2}}|(?:一[八九]|二[〇零○一])[{NUMERALS}]{{2}})"
)
ORDINAL_PATTERN = (
    r"(?P<number>[0-9]{1,4}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
)
# 2024年第1期, 2024第1期, 2024-01期, and 2024(1) as in citations.
ISSUE_NUMBER = re.compile(
    rf"{YEAR_PATTERN}"
    rf"(?:(?:\s*年\s*(?:总?第)?|\s*总?第|[-./])\s*{ORDINAL_PATTERN}\s*期"
    r"|\s*[(（]\s*(?P<cited>[0-9]{1,3})\s*[)）]期?)"
)
YEAR = re.compile(rf"{YEAR_PATTERN}年")
# The name of an identifier in front of its digits is not part of it.
IDENTIFIER_LABEL = re.compile(
    r"(?<![0-9a-z])(?:(?:issn|cn)[\s:：]*(?=[0-9]{2})"
    r"|(?:(?:https?://)?(?:dx\.)?doi\.org/|doi[\s:：]*)(?=10\.))"
)
# Word processors replace a hyphen by these dashes, also as an operator and in identifiers.
DASH = re.compile(r"(?<!\S)[‐‑‒–−－](?=\S)|(?<=[0-9a-z])[‐‑‒–—―−－](?=[0-9a-z])")
# The parts of an identifier or an address belong together, with the characters between them.
IDENTIFIER = re.compile(r"[0-9a-z]+(?:[-./:_@#&+]+[0-9a-z]+)+")

# A function from a token to the condition that an entry has it, in the fields of the mapper.
FieldMapper = Callable[[Token], Tree]


def anywhere(token: Token) -> Tree:
    """Map a token to the whole entry, in any of its fields."""
    return token


@dataclass(frozen=True)
class Part:
    """A part of a term: a run of one script, or the name of an entity.

    An entity is a magazine, an issue or a year that documents belong to; `entity_token` is its
    filter token, and empty for other parts.
    """

    text: str
    entity_token: str = ""

    def any_order(self, field_mapper: FieldMapper, entity_mapper: FieldMapper) -> Tree:
        """Return the condition that an entry has the words of this part, or its entity."""
        if self.entity_token.startswith(tokens.NUMBER):
            words = _all_tokens(self.text, field_mapper)  # an issue has no words to split into
        else:
            words = all_of(_words(run, is_han, field_mapper) for run, is_han in runs(self.text))
        if not self.entity_token:
            return words
        return any_of([entity_mapper(Token(self.entity_token)), words])


@dataclass(frozen=True)
class Term:
    """A part of a query without blanks, or a quoted phrase. An exact term only matches as such."""

    phrase: str
    parts: tuple[Part, ...]
    is_exact: bool = False

    @property
    def is_one_token(self) -> bool:
        """Return whether one token is the phrase, so that no text has to be read to verify it."""
        phrase_runs = list(runs(self.phrase))
        if len(phrase_runs) != 1:
            return False
        run, is_han = phrase_runs[0]
        return run == self.phrase and (not is_han or len(run) <= 2)

    def as_phrase(self, field_mapper: FieldMapper) -> Tree:
        """Return the condition that an entry has all tokens of the phrase."""
        return _all_tokens(self.phrase, field_mapper)

    def any_order(self, field_mapper: FieldMapper, entity_mapper: FieldMapper) -> Tree:
        """Return the condition that an entry has the words of the term, in any order."""
        if self.is_exact:
            return self.as_phrase(field_mapper)
        return all_of(part.any_order(field_mapper, entity_mapper) for part in self.parts)


def _exact_term(phrase: str) -> Term:
    return Term(phrase, (Part(phrase),), is_exact=True)


def _all_tokens(text: str, field_mapper: FieldMapper) -> Tree:
    """Return the condition that an entry has all tokens of `text`."""
    all_tokens = []
    for run, is_han in runs(text):
        all_tokens += _run_tokens(run, is_han)
    # The prefix of a single character is slow to look up; beside other tokens it is left out,
    # since the phrase is verified in the text anyway.
    whole_tokens = [token for token in all_tokens if not token.begins]
    return all_of(map(field_mapper, whole_tokens or all_tokens))


def _run_tokens(run: str, is_han: bool) -> list[Token]:
    if not is_han:
        return [Token(run[: tokens.MAX_WORD_LENGTH])]
    if len(run) == 1:
        return [Token(run, begins=True)]
    return [Token(bigram) for bigram in bigrams(run)]


def _words(run: str, is_han: bool, field_mapper: FieldMapper) -> Tree:
    """Return the condition that an entry has the words of a run, in any order.

    Most Chinese words have two characters. A run of even length is split into bigrams; in one of
    odd length, one character is left over, at any odd position.
    """
    if not is_han or len(run) <= 3 or len(run) > MAX_SPLIT_LENGTH:
        return all_of(map(field_mapper, _run_tokens(run, is_han)))
    if len(run) % 2 == 0:
        starts = range(0, len(run), 2)
        return all_of(field_mapper(Token(run[start : start + 2])) for start in starts)
    first_left_over = _words(run[1:], True, field_mapper)
    first_word = field_mapper(Token(run[:2]))
    later_left_over = all_of([first_word, _odd_words(run[2:], field_mapper)])
    return any_of([first_left_over, later_left_over])


def _odd_words(run: str, field_mapper: FieldMapper) -> Tree:
    """Return the condition for the rest of an odd run, in which one character is left over."""
    if len(run) == 3:
        first = field_mapper(Token(run[:2]))
        last = field_mapper(Token(run[1:]))
        return any_of([first, last])
    return _words(run, True, field_mapper)


@dataclass(frozen=True)
class Query:
    """A parsed query. It is false if there is nothing to look up, as with exclusions alone."""

    text: str
    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    filters: tuple[str, ...] = ()  # tokens that every match has
    excluded_tokens: tuple[str, ...] = ()  # tokens that no match has
    is_cut: bool = False  # the text was too long, and its end is ignored

    def __bool__(self) -> bool:
        return bool(self.terms or self.filters)

    @property
    def is_long(self) -> bool:
        """Return whether there are so many tokens that few entries have all of them."""
        return sum(len(tokenize(term.phrase)) for term in self.terms) > LONG_QUERY_TOKENS

    @property
    def is_quotation(self) -> bool:
        """Return whether the query is long, without punctuation and blanks.

        If an entry contains it as a phrase, its words in any order are not looked up.
        """
        return self.is_long and len(list(runs(self.phrase))) == 1

    @property
    def has_only_entities(self) -> bool:
        """Return whether all parts name an entity, such as an issue, and none has other words."""
        return all(part.entity_token for term in self.terms for part in term.parts)

    def has_entity(self, prefix: str) -> bool:
        """Return whether a part names an entity whose filter token has this prefix."""
        return any(
            part.entity_token.startswith(prefix) for term in self.terms for part in term.parts
        )

    @property
    def phrase(self) -> str:
        """The phrases of all terms, joined by blanks, as a title would have them."""
        return " ".join(term.phrase for term in self.terms)

    @property
    def phrases_to_verify(self) -> list[str]:
        """The phrases whose tokens a text may have without containing the phrase."""
        return [term.phrase for term in self.terms if not term.is_exact and not term.is_one_token]

    def match(self, field_mapper: FieldMapper, *, as_phrase: bool) -> Match:
        """Return the condition for entries that match in the fields of `field_mapper`.

        Terms match as phrases, or else with their words in any order.
        """
        # An entity belongs to the whole document, in whichever field the other words are. Without
        # other words, the fields decide.
        entity_mapper = field_mapper if self.has_only_entities else anywhere
        conditions: list[Tree] = [Token(token) for token in self.filters]
        for term in self.terms:
            if as_phrase:
                conditions.append(term.as_phrase(field_mapper))
            else:
                conditions.append(term.any_order(field_mapper, entity_mapper))
        tree = all_of(conditions)
        excluded_phrases = []
        for term in self.excluded:
            if term.is_one_token:
                tree = AndNot(tree, term.as_phrase(anywhere))
            else:
                excluded_phrases.append(term.phrase)
        for token in self.excluded_tokens:
            tree = AndNot(tree, Token(token))
        phrases = [term.phrase for term in self.terms if term.is_exact and not term.is_one_token]
        return Match(tree, tuple(phrases), tuple(excluded_phrases))


def parse_query(
    text: str, filters: Iterable[str] = (), magazines: Iterable[Magazine] = ()
) -> Query:
    """Parse `text`, a search as a reader typed it.

    `filters` are tokens that every match must have. The titles and numbers of `magazines` also
    match all documents of these magazines.
    """
    return _Parser(filters, magazines).parse(text)


class _Parser:
    """The state of parsing one query."""

    def __init__(self, filters: Iterable[str], magazines: Iterable[Magazine]) -> None:
        self.filters = list(filters)
        self.excluded_tokens: list[str] = []
        self.terms: list[Term] = []
        self.excluded: list[Term] = []
        self.is_cut = False
        self.magazine_tokens = _magazine_tokens(magazines)
        # An ISSN or CN number may be typed without its hyphen.
        self.without_hyphen = {}
        for name in self.magazine_tokens:
            if IDENTIFIER.fullmatch(name):
                self.without_hyphen[name.replace("-", "")] = name

    def parse(self, text: str) -> Query:
        clean_text = CONTROL_CHARACTER.sub(" ", text[: 4 * MAX_LENGTH])
        clean_text = " ".join(clean_text.split())
        self.is_cut = len(clean_text) > MAX_LENGTH or len(text) > 4 * MAX_LENGTH
        clean_text = clean_text[:MAX_LENGTH]

        rest = fold(clean_text).replace("＂", '"')
        rest = DASH.sub("-", rest)
        rest = AUTHOR.sub(self._take_author, rest)
        rest = PHRASE.sub(self._take_phrase, rest)
        rest = IDENTIFIER_LABEL.sub("", rest)
        rest = ISSUE_NUMBER.sub(_standard_issue_number, rest)
        for word in rest.split():
            self._add_word(word)
        self._limit_terms()
        self._limit_excluded()
        return Query(
            text=clean_text,
            terms=tuple(dict.fromkeys(self.terms)),
            excluded=tuple(self.excluded),
            filters=tuple(self.filters),
            excluded_tokens=tuple(self.excluded_tokens),
            is_cut=self.is_cut,
        )

    def _take_author(self, match: re.Match[str]) -> str:
        token = tokens.author_token(_quoted_text(match))
        if token != tokens.AUTHOR:
            if match["minus"]:
                self.excluded_tokens.append(token)
            else:
                self.filters.append(token)
        return " "

    def _take_phrase(self, match: re.Match[str]) -> str:
        phrase = _quoted_text(match).strip()
        if tokenize(phrase):
            if match["minus"]:
                self.excluded.append(_exact_term(phrase))
            else:
                self.terms.append(_exact_term(phrase))
        return " "

    def _add_word(self, word: str) -> None:
        phrase = _strip_punctuation(word)
        phrase = self.without_hyphen.get(phrase, phrase)
        if not phrase:
            return
        if word.startswith("-"):
            self.excluded.append(_exact_term(phrase))
        else:
            self.terms.append(self._term(phrase))

    def _term(self, phrase: str) -> Term:
        if IDENTIFIER.fullmatch(phrase):
            token = self.magazine_tokens.get(phrase, "")
            return Term(phrase, (Part(phrase, token),), is_exact=not token)
        return Term(phrase, tuple(self._parts(phrase)))

    def _parts(self, phrase: str) -> list[Part]:
        """Split a term at the issues and years that it names."""
        if not phrase:
            return []
        match = ISSUE_NUMBER.search(phrase)
        if match:
            token = tokens.issue_number_token(int(match["year"]), int(match["number"]))
            part = Part(match[0], token)
        else:
            match = YEAR.search(phrase)
            if not match:
                return [
                    Part(run, self.magazine_tokens.get(run, "")) for run, _is_han in runs(phrase)
                ]
            year = _year_in_digits(match)
            part = Part(year, f"{tokens.YEAR}{year}")
        before = self._parts(phrase[: match.start()])
        after = self._parts(phrase[match.end() :])
        return [*before, part, *after]

    def _limit_terms(self) -> None:
        """Drop the terms after the first MAX_RUNS runs."""
        count = 0
        for index, term in enumerate(self.terms):
            count += len(list(runs(term.phrase)))
            if count > MAX_RUNS:
                self.is_cut = True
                self.terms = self.terms[:index] or [_shortened(term)]
                return

    def _limit_excluded(self) -> None:
        """Drop excluded phrases and terms beyond their limits."""
        phrases = [term for term in self.excluded if not term.is_one_token]
        dropped = phrases[MAX_EXCLUDED_PHRASES:]
        if dropped:
            self.is_cut = True
            self.excluded = [term for term in self.excluded if term not in dropped]
        self.excluded = self.excluded[:MAX_RUNS]


def _quoted_text(match: re.Match[str]) -> str:
    """Return the text between the quotation marks, of which each kind has a group."""
    for text in match.groups()[1:]:
        if text:
            return str(text)
    return ""


def _standard_issue_number(match: re.Match[str]) -> str:
    """Rewrite the number of an issue as 2024年第1期."""
    number = _ordinal(match["number"] or match["cited"])
    return f"{_year_in_digits(match)}年第{number}期"


def _year_in_digits(match: re.Match[str]) -> str:
    digits = ""
    for character in match["year"]:
        digits += str(_digit(character)) if character in NUMERALS else character
    return digits


def _digit(numeral: str) -> int:
    """Return the value of one Chinese numeral."""
    if numeral in ZEROS:
        return 0
    return NUMERALS.index(numeral) - len(ZEROS) + 1


def _ordinal(text: str) -> int:
    """Return the value of a number in digits, or in Chinese numerals up to 99."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    value = _digit(ones) if ones else 0
    if tens:
        value += 10 * _digit(tens)
    elif ten:
        value += 10
    return value


def _magazine_tokens(magazines: Iterable[Magazine]) -> dict[str, str]:
    """Return the filter tokens of magazines by their folded titles and numbers."""
    names = {}
    for magazine in magazines:
        token = f"{tokens.MAGAZINE}{magazine.pk}"
        for name in (magazine.title, magazine.issn, magazine.cn_number):
            if name:
                names[fold(name)] = token
    return names


def _strip_punctuation(word: str) -> str:
    """Remove quotation marks, commas and operators around a word."""
    matches = list(tokens.RUN.finditer(word))
    if not matches:
        return ""
    return word[matches[0].start() : matches[-1].end()]


def _shortened(term: Term) -> Term:
    """Return the first MAX_RUNS runs of a term."""
    matches = list(tokens.RUN.finditer(term.phrase))[:MAX_RUNS]
    phrase = term.phrase[: matches[-1].end()]
    return Term(phrase, (Part(phrase),))
