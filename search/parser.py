"""What a reader's question asks for: its terms, each as a phrase and as scattered words, and what it leaves out."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from search import tokens
from search.query_tree import AndNot, Match, Token, Tree, all_of, any_of
from search.tokens import fold, pairs, runs

LONGEST = 200  # characters of a question that are looked at
MOST_RUNS = 15  # words in it that are looked for
MOST_UNSAID = 5  # phrases that must not stand there: each is looked for in every text
MANY = 8  # tokens: what has more of them together is rare
SCATTERED = 15  # characters of a run that may stand in pieces; a longer one is a quotation

PHRASE = re.compile(
    r"""(?P<minus>(?<!\S)-)?(?:"([^"]*)"|“([^”]*)”|「([^」]*)」|『([^』]*)』|″([^″]*)″)"""
)
AUTHOR = re.compile(
    r"""(?<!\S)(?P<minus>-)?(?:author|作者)[:：]\s*(?:"([^"]*)"|“([^”]*)”|「([^」]*)」|(\S+))"""
)
NUMERALS = "〇零○一二三四五六七八九"
YEARS = rf"(?<![0-9{NUMERALS}])(?P<year>(?:1[89]|2[01])[0-9]{{2}}|(?:一[八九]|二[〇零○一])[{NUMERALS}]{{2}})"
ORDINALS = (
    r"(?P<number>[0-9]{1,4}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
)
# 2024年第1期, 2024第1期, 2024-01期; and as citations have it, 2024(1).
NUMBER = re.compile(
    rf"{YEARS}(?:(?:\s*年\s*(?:总?第)?|\s*总?第|[-./])\s*{ORDINALS}\s*期|\s*[(（]\s*(?P<cited>[0-9]{{1,3}})\s*[)）]期?)"
)
YEAR = re.compile(rf"{YEARS}年")
# Says what the number is, and is no part of it.
NUMBER_KIND = re.compile(
    r"(?<![0-9a-z])(?:(?:issn|cn)[\s:：]*(?=[0-9]{2})|(?:(?:https?://)?(?:dx\.)?doi\.org/|doi[\s:：]*)(?=10\.))"
)
# What is an operator, or part of an identifier, however it is typed: word processors make dashes of strokes.
STROKE = re.compile(r"(?<!\S)[‐‑‒–−－](?=\S)|(?<=[0-9a-z])[‐‑‒–—―−－](?=[0-9a-z])")
# An identifier or an address: its parts belong together as they stand, and so do the dots and strokes between them.
IDENTIFIER = re.compile(r"[0-9a-z]+(?:[-./:_@#&+]+[0-9a-z]+)+")


@dataclass(frozen=True)
class Term:
    """What a reader wrote without a blank: wanted as it stands, or else its words anywhere."""

    phrase: str
    parts: tuple["Part", ...]
    exact: bool = False

    @property
    def is_one_token(self) -> bool:
        """Whatever has the token says the phrase: nothing is to be read again."""
        found = list(runs(self.phrase))
        return (
            len(found) == 1
            and found[0][0] == self.phrase
            and (not found[0][1] or len(self.phrase) <= 2)
        )

    def close(self, leaf: "FieldMapper") -> Tree:
        """All of its tokens, as the phrase has them."""
        return _close(self.phrase, leaf)

    def loose(self, leaf: "FieldMapper", whole: "FieldMapper") -> Tree:
        return (
            self.close(leaf)
            if self.exact
            else all_of(part.loose(leaf, whole) for part in self.parts)
        )


@dataclass(frozen=True)
class Part:
    """A run of one script, or something of a term that has a token of its own, such as an issue."""

    text: str
    instead: str = ""  # a token that does as well

    def loose(self, leaf: "FieldMapper", whole: "FieldMapper") -> Tree:
        if self.instead.startswith(tokens.NUMBER):  # whose pieces are no words
            words = _close(self.text, leaf)
        else:
            words = all_of(_scattered(run, is_han, leaf) for run, is_han in runs(self.text))
        return any_of([whole(Token(self.instead)), words]) if self.instead else words


FieldMapper = Callable[[Token], Tree]


def _close(text: str, leaf: FieldMapper) -> Tree:
    found = [token for run, is_han in runs(text) for token in _tokens(run, is_han)]
    # A character alone, beside others, has its entry among the pairs of too many: phrases are read again anyhow.
    return all_of(map(leaf, [token for token in found if not token.begins] or found))


def _tokens(run: str, is_han: bool) -> list[Token]:
    if not is_han:
        return [Token(run[: tokens.LONGEST])]
    return [Token(pair) for pair in pairs(run)] or [Token(run, begins=True)]


def _scattered(run: str, is_han: bool, leaf: FieldMapper) -> Tree:
    """The words of a run: most are of two characters. An even run falls into them, and an odd one leaves one over."""
    if not is_han or len(run) <= 3 or len(run) > SCATTERED:
        return all_of(map(leaf, _tokens(run, is_han)))
    if len(run) % 2 == 0:
        return all_of(leaf(Token(run[start : start + 2])) for start in range(0, len(run), 2))
    first, rest = leaf(Token(run[:2])), run[2:]
    others = first if len(rest) == 1 else all_of([first, _scattered_odd(rest, leaf)])
    return any_of([_scattered(run[1:], True, leaf), others])


def _scattered_odd(run: str, leaf: FieldMapper) -> Tree:
    """An odd run of which one character is left over, be it of three."""
    if len(run) == 3:
        return any_of([leaf(Token(run[:2])), leaf(Token(run[1:]))])
    return _scattered(run, True, leaf)


@dataclass(frozen=True)
class Query:
    """A question as it was understood. Without terms it asks for nothing that could be looked up."""

    text: str
    terms: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()
    filters: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()  # tokens that nothing of it may have
    is_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.terms or self.filters)

    @property
    def is_long(self) -> bool:
        return sum(len(tokens.tokens_of(term.phrase)) for term in self.terms) > MANY

    @property
    def is_quotation(self) -> bool:
        """Long, and without a stop or a blank: who finds it as it stands wants none of its pieces."""
        return self.is_long and len(list(runs(self.phrase))) == 1

    @property
    def only_names(self) -> bool:
        """It says what documents are of, such as an issue, and nothing of what they say."""
        return all(part.instead for term in self.terms for part in term.parts)

    def names(self, mark: str) -> bool:
        """Does it name a thing whose own token begins so?"""
        return any(part.instead.startswith(mark) for term in self.terms for part in term.parts)

    @property
    def phrase(self) -> str:
        """All that was asked, as a title would say it."""
        return " ".join(term.phrase for term in self.terms)

    @property
    def phrases(self) -> list[str]:
        """What may have all of its tokens in a text that does not say it."""
        return [term.phrase for term in self.terms if not term.exact and not term.is_one_token]

    def match(self, leaf: FieldMapper, *, close: bool) -> Match:
        """`leaf` says in which fields a token may stand; `close` wants phrases as they were written."""
        # What a document is of, it is of as a whole, in whichever field the rest stands; without any, no field has it.
        whole = leaf if self.only_names else lambda token: token
        wanted = [term.close(leaf) if close else term.loose(leaf, whole) for term in self.terms]
        tree = all_of([*map(Token, self.filters), *wanted])
        barred = [term.close(lambda token: token) for term in self.unwanted if term.is_one_token]
        for one in [*barred, *map(Token, self.barred)]:
            tree = AndNot(tree, one)
        said = [term.phrase for term in self.terms if term.exact and not term.is_one_token]
        unsaid = [term.phrase for term in self.unwanted if not term.is_one_token]
        return Match(tree, tuple(said), tuple(unsaid))


def parse_query(text: str, filters: Iterable[str] = (), magazines: Iterable = ()) -> Query:
    """What a question asks for. `magazines` are those whose titles and numbers mean their articles, too."""
    asked = " ".join(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", text[: 4 * LONGEST]).split())
    is_cut = len(asked) > LONGEST or len(text) > 4 * LONGEST
    rest = STROKE.sub("-", fold(asked[:LONGEST]).replace("＂", '"'))
    filters, barred, terms, unwanted = list(filters), [], [], []

    def author(found: re.Match) -> str:
        token = tokens.author_token(next(filter(None, found.groups()[1:]), ""))
        if token != tokens.AUTHOR:
            (barred if found["minus"] else filters).append(token)
        return " "

    def quoted(found: re.Match) -> str:
        phrase = next(filter(None, found.groups()[1:]), "").strip()
        if tokens.tokens_of(phrase):
            (unwanted if found["minus"] else terms).append(
                Term(phrase, (Part(phrase),), exact=True)
            )
        return " "

    rest = AUTHOR.sub(author, rest)
    rest = NUMBER_KIND.sub("", PHRASE.sub(quoted, rest))
    rest = NUMBER.sub(
        lambda found: f"{_year(found)}年第{_ordinal(found['number'] or found['cited'])}期", rest
    )
    known = _known(magazines)
    spelt_short = {name.replace("-", ""): name for name in known if IDENTIFIER.fullmatch(name)}
    for word in rest.split():
        is_unwanted = word.startswith("-") and len(word) > 1
        phrase = _stripped(word)
        phrase = spelt_short.get(phrase, phrase)
        if not phrase:
            continue
        if is_unwanted:
            unwanted.append(Term(phrase, (Part(phrase),), exact=True))
        else:
            terms.append(_term(phrase, known))
    count = 0
    for place, term in enumerate(terms):
        count += len(list(runs(term.phrase)))
        if count > MOST_RUNS:
            is_cut, terms = True, terms[:place] or [_shortened(term)]
            break
    phrases = [term for term in unwanted if not term.is_one_token][MOST_UNSAID:]
    unwanted = [term for term in unwanted if term not in phrases][:MOST_RUNS]
    terms = dict.fromkeys(terms)
    is_cut = is_cut or bool(phrases)
    return Query(
        asked[:LONGEST], tuple(terms), tuple(unwanted), tuple(filters), tuple(barred), is_cut
    )


def _term(phrase: str, known: dict[str, str]) -> Term:
    if IDENTIFIER.fullmatch(phrase):
        return Term(phrase, (Part(phrase, known.get(phrase, "")),), exact=phrase not in known)
    return Term(phrase, tuple(_parts(phrase, known)))


def _parts(phrase: str, known: dict[str, str]) -> Iterable[Part]:
    """A term, taken apart where an issue, a year or a magazine stands in it."""
    if not phrase:
        return
    if found := NUMBER.search(phrase):
        yield from _parts(phrase[: found.start()], known)
        yield Part(found[0], tokens.number_token(int(found["year"]), int(found["number"])))
        yield from _parts(phrase[found.end() :], known)
    elif found := YEAR.search(phrase):
        yield from _parts(phrase[: found.start()], known)
        yield Part(_year(found), f"{tokens.YEAR}{_year(found)}")
        yield from _parts(phrase[found.end() :], known)
    else:
        for run, _is_han in runs(phrase):
            yield Part(run, known.get(run, ""))


def _year(found: re.Match) -> str:
    """In digits, as a text may also say it."""
    return "".join(
        str(max(0, NUMERALS.find(sign) - 2)) if sign in NUMERALS else sign for sign in found["year"]
    )


def _ordinal(text: str) -> int:
    """Up to 99, where it is written in Chinese."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return 10 * (NUMERALS.find(tens) - 2 if tens else len(ten)) + (
        NUMERALS.find(ones) - 2 if ones else 0
    )


def _known(magazines: Iterable) -> dict[str, str]:
    return {
        fold(name): f"{tokens.MAGAZINE}{magazine.pk}"
        for magazine in magazines
        for name in (magazine.title, magazine.issn, magazine.cn_number)
        if name
    }


def _stripped(word: str) -> str:
    """Without what stands around it and is no word: quotation marks of titles, commas, operators."""
    found = list(tokens.RUN.finditer(word))
    return word[found[0].start() : found[-1].end()] if found else ""


def _shortened(term: Term) -> Term:
    found = list(tokens.RUN.finditer(term.phrase))[:MOST_RUNS]
    phrase = term.phrase[: found[-1].end()]
    return Term(phrase, (Part(phrase),))
