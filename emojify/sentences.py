"""Where the sentences of a line end, for text as people write it: prose, chats, Markdown."""

from __future__ import annotations

import re
import string
from bisect import bisect_left
from typing import NamedTuple

from emojify.text import landmarks, tokenize

_WIDE_STOPS = "。！？｡"  # after these no blank is needed
_STOPS = ".!?…‽" + _WIDE_STOPS
_CLOSERS = "\"'”’»›)]}」』）】〉》*_~`"
# Opening quotes of some languages are closing ones of others, and then a blank follows.
_STOP = re.compile(rf"[{_STOPS}](?:[{_STOPS}{re.escape(_CLOSERS)}]|[“‘«‹](?=\s|$))*")
_AFTER_WIDE_STOP = re.compile(r"[^\W_]|[「『（(“‘《〈【]")

_CODE = re.compile("(?<!`)`+[^`]+`+")
_WORD = re.compile(r"[^\W_]+")
_LAST_WORD = re.compile(r"[\s(\[{\"'“‘„«/-]")  # what may stand right before it

# What stands before the first sentence of a line: quotations, lists, boxes to tick.
_MARKERS = re.compile(r"\s*(?:>\s?|(?:[-*+•–]|\d+(?:\.\d+)*[.)]|[a-z][.)]|\[[ xX]\])\s+)*")
_FENCE = re.compile(r"\s*(`{3,}(?=[^`]*$)|~{3,})")
_HEADING_OR_TABLE = re.compile(r" {0,3}(?:#{1,6}(?:\s|$)|\|)")
# Where [a link] leads to, which an emoji would undo. In chats [somebody]: says something.
_LINK = re.compile(
    r" {0,3}\[[^\]^][^\]]*\]:\s*(?=\S*?(?:[/#]|\.\w))\S++"
    r"(?:\s++(?:\"[^\"]*\"|'[^']*'|\([^)]*\)))?\s*$"
)
_RULE = re.compile(r"\ufeff? {0,3}([-=*_])\1{2,}\s*$")
# What is said of a text above it, in YAML between lines of dashes.
_FRONT_MATTER = re.compile(r"\s*(?:[\w.-]+:(?:\s|$)|-\s|#)|[ \t]+\S")

# Abbreviations, without their last stop. Some are always followed by what they belong to, ...
_NEVER_LAST = re.compile(
    "(?i:mr|mrs|ms|mx|dr|prof|rev|hon|gen|col|capt|lt|sgt|sen|rep|gov|messrs|mme|mlle"
    r"|e\.g|i\.e|viz|cf|vs|approx)"
)
# ... some by a number, if they are not words, ...
_BEFORE_NUMBERS = re.compile(
    "(?i:no|nos|nr|figs?|eqs?|vol|ch|sec|art|pp?|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
)
# ... and some may end a sentence: these if the next word has a capital, ...
_BEFORE_CAPITALS = re.compile(r"(?i:etc|a\.m|p\.m)")
# ... and these, and initials (I is a word), only before a word that sentences begin with.
_BEFORE_STARTERS = re.compile(
    r"(?i:inc|ltd|co|corp|jr|sr|st|mt|ave|blvd|dept|est|ph\.d)"
    r"|[A-HJ-ZÀ-ÖØ-Þ]|[^\W\d_](?:\.[^\W\d_])+"
)
_STARTERS = re.compile(
    "The|An?|I|We|You|He|She|It|They|This|That|These|Those|There|Here|My|Our|Your|His|Her|Their"
    "|But|And|So|Or|If|When|While|What|Who|Why|How|Where|Then|Now|After|Before|Yes|No|Not|Please"
    "|Thanks|Let|Also|Is|Are|Was|Were|Do|Does|Did|Can|Could|Will|Would"
)
_LONGEST_ABBREVIATION = 20
_FARTHEST = 100  # characters in which the next word is looked for


class Sentence(NamedTuple):
    """A sentence of a line: ``line[start:stop]``.

    Attributes:
        start: where its first character stands.
        stop: the place behind its last one, with the stops, quotes and brackets that close it.
        has_emoji: whether an emoji or an emoticon stands at its end already, or right behind it.
    """

    start: int
    stop: int
    has_emoji: bool


def sentences(line: str) -> list[Sentence]:
    """Find the sentences of a line; what has no word, such as an address, is none.

    A sentence ends with the line, or with stops (``.``, ``?!``, ``…``) and what closes quotes and
    brackets behind them, if a blank or an emoji follows; a full-width stop needs no blank. It goes
    on behind abbreviations (``Dr.``, ``e.g.``; ``p.m.`` before a small letter), behind dots before
    a small letter (``well... maybe``), and behind a closed quotation before a small letter
    (``"Stop!" he said``). Numbers, versions and addresses have no blanks and stay whole, and
    so does what stands between backticks.

    >>> line = 'Is it 3.5 km, Dr. Who? "Yes!" Fine.'
    >>> [line[sentence.start : sentence.stop] for sentence in sentences(line)]
    ['Is it 3.5 km, Dr. Who?', '"Yes!"', 'Fine.']
    """
    text = _Line(line)
    found: list[Sentence] = []
    start = text.first
    for stop in _STOP.finditer(line, start):
        if stop.start() >= start and text.ends_at(stop):
            behind = text.behind_emoji(stop.end())
            found.append(text.sentence(start, stop.end(), has_emoji=behind > stop.end()))
            start = behind
    found.append(text.sentence(start, len(line.rstrip()), has_emoji=False))
    return [sentence for sentence in found if _has_word(line[sentence.start : sentence.stop])]


class Prose:
    """Tells prose from what Markdown has besides it, line by line.

    Blank lines, headings, rows of tables, addresses of links, front matter, and code between
    fences of backticks or tildes are none.
    """

    def __init__(self) -> None:
        self._fence = ""
        self._is_first = True
        self._is_front_matter = False

    def has(self, line: str) -> bool:
        """Whether the next line of the text is prose."""
        is_first, self._is_first = self._is_first, False
        if self._is_front_matter or is_first:
            begins = is_first and line.rstrip() == "---"
            self._is_front_matter = begins or (not is_first and bool(_FRONT_MATTER.match(line)))
            if self._is_front_matter:
                return False
        fence = _FENCE.match(line)
        if self._fence:
            closes = fence and not line[fence.end() :].strip() and fence[1].startswith(self._fence)
            self._fence = "" if closes else self._fence
            return False
        self._fence = fence[1] if fence else ""
        return not stands_alone(line)


def stands_alone(line: str) -> bool:
    """Whether a line is no part of a paragraph: blank, a heading, of a table, a rule or a fence."""
    others = (_FENCE, _HEADING_OR_TABLE, _LINK, _RULE)
    return not line.strip() or any(other.match(line) for other in others)


def begins_paragraph(line: str) -> bool:
    """Whether a line begins with what marks a point of a list or a quotation."""
    markers = _MARKERS.match(line)
    return markers is not None and not markers[0].isspace() and markers[0] != ""


class _Line:
    """A line, and where its addresses, code and emoji are."""

    def __init__(self, line: str) -> None:
        self.line = line
        markers = _MARKERS.match(line)
        self.first = markers.end() if markers else 0
        found = [(match.lastgroup == "url", match.span()) for match in landmarks(line)]
        self._addresses = [span for is_url, span in found if is_url]
        self._code = [match.span() for match in _CODE.finditer(line)]
        self._emoji = dict(span for is_url, span in found if not is_url)
        self._emoji_ends = list(self._emoji.values())

    def sentence(self, start: int, stop: int, has_emoji: bool) -> Sentence:
        """Return a sentence without the blanks before it."""
        text = self.line[start:stop]
        tail = start + len(text.rstrip(_STOPS + _CLOSERS + string.whitespace))
        i = bisect_left(self._emoji_ends, max(tail, start + 1))
        ends_with_one = i < len(self._emoji_ends) and self._emoji_ends[i] <= stop
        return Sentence(stop - len(text.lstrip()), stop, has_emoji or ends_with_one)

    def behind_emoji(self, place: int) -> int:
        """Return the place behind all emoji that follow, or the same place if none does."""
        following = place
        while (following := self._behind_blanks(following)) in self._emoji:
            place = following = self._emoji[following]
        return place

    def ends_at(self, stop: re.Match[str]) -> bool:
        """Whether a sentence ends with these stops."""
        place = stop.end()
        if _is_inside(place, self._addresses) or _is_inside(place, self._code):
            return False
        if place < len(self.line) and not self.line[place].isspace() and place not in self._emoji:
            is_wide = any(c in _WIDE_STOPS for c in stop[0])
            return is_wide and _AFTER_WIDE_STOP.match(self.line, place) is not None
        behind = self.behind_emoji(place)
        following = _WORD.search(self.line, behind, behind + _FARTHEST)
        if following is None:
            return True
        if stop[0] == ".":
            before = self.line[max(0, stop.start() - _LONGEST_ABBREVIATION) : stop.start()]
            return _is_last(before, following[0])
        is_closed = stop[0][-1] not in _STOPS
        trails_off = not stop[0].strip(".…")
        return not ((is_closed or trails_off) and following[0].islower())

    def _behind_blanks(self, place: int) -> int:
        while place < len(self.line) and self.line[place].isspace():
            place += 1
        return place


def _is_inside(place: int, spans: list[tuple[int, int]]) -> bool:
    i = bisect_left(spans, (place, 0)) - 1  # the last that begins before it
    return i >= 0 and place < spans[i][1]


def _is_last(before: str, following: str) -> bool:
    """Whether a sentence ends with the full stop between these, and no abbreviation does."""
    word = _LAST_WORD.split(before)[-1]
    if _NEVER_LAST.fullmatch(word):
        return False
    if _BEFORE_NUMBERS.fullmatch(word) and following[0].isdigit():
        return False
    if _BEFORE_CAPITALS.fullmatch(word):
        return following[0].isupper()
    return not _BEFORE_STARTERS.fullmatch(word) or _STARTERS.fullmatch(following) is not None


def _has_word(text: str) -> bool:
    return any(token[0].isalpha() for token in tokenize(text))
