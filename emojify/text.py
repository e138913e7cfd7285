"""Text to tokens: what people type, cut the way GloVe's words were cut."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

# Emoticons and the like become the tokens that GloVe's Twitter vectors have for them; other
# vectors know the plain word beside each.
SYMBOL_WORDS = {
    "<smile>": "smile",
    "<lolface>": "laugh",
    "<sadface>": "sad",
    "<neutralface>": "hmm",
    "<heart>": "love",
    "<user>": "someone",
    "<url>": "website",
}

LONGEST_TEXT = 10_000  # characters that are read; ten pages are no sentence

_EYES, _NOSE = r"[:=;]", r"['`\-^o]?"
_EMOJI_BASE = (
    "[\u203c\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_EMOJI_MARK = "[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"

# Patterns are compiled, and kept, by re when a text first needs them. Plain words need few of them,
# and compiling this one takes 3 ms.
_TOKEN = "|".join(
    f"(?P<{name}>{pattern})"
    for name, pattern in {
        "url": r"(?:https?://|www\.)\S+",
        "heart": r"(?<!<)<+3+(?!\d)",
        "lolface": rf"(?:{_EYES}{_NOSE}[d]+|x+d+)(?!\w)",
        "smile": rf"{_EYES}{_NOSE}[)\]}}p]+(?!\w)|(?<!\S)[(\[{{]+{_NOSE}[:=;](?!\w)|\^[_.]?\^",
        "sadface": rf"{_EYES}{_NOSE}[(\[{{]+|(?<!\S)[)\]}}]+{_NOSE}[:=;](?!\w)|\bt[_.]t\b",
        "neutralface": rf"{_EYES}{_NOSE}[/|\\]+(?![\w/])|-_+-",
        "user": r"(?<!\w)@\w+",
        "emoji": (
            rf"[0-9#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}"
            rf"|{_EMOJI_BASE}{_EMOJI_MARK}*(?:\u200d{_EMOJI_BASE}{_EMOJI_MARK}*)*"
        ),
        "number": r"\d+(?:[.,:/]\d+)*(?=st\b|nd\b|rd\b|th\b|s\b)\w+|\d+(?:[.,:/]\d+)*",
        "word": r"[^\W\d_]+(?:'[^\W\d_]+)*'?",
        "ellipsis": r"\.{2,}|…",
        "mark": r"[^\w\s\ufe0e\ufe0f]",  # selectors also follow signs such as ©
    }.items()
)

_NO_LANDMARKS = {"user", "number", "word", "ellipsis", "mark"}
_MARK = rf"(?!{_EMOJI_BASE})[^\w\s]"
_LOLFACE = "(?i:x+d+)"  # the only letters that are no word
_LONGEST_REMEMBERED = 32

# Contractions as GloVe has them: a verb and its ending are two words.
_ENDING = re.compile(r"^(.+?)(n't|'m|'s|'re|'ve|'ll|'d)$")

# Spellings of chats for words that GloVe has under another, each with its replacement.
_CHAT = {
    "u": "you", "ur": "your", "r": "are", "y": "why", "ya": "you", "yall": "you all",
    "im": "i 'm", "ive": "i 've", "youre": "you 're", "youve": "you 've", "theyre": "they 're",
    "thats": "that 's", "whats": "what 's", "wheres": "where 's", "whos": "who 's",
    "hes": "he 's", "shes": "she 's", "theres": "there 's", "lets": "let 's", "heres": "here 's",
    "dont": "do n't", "doesnt": "does n't", "didnt": "did n't", "cant": "ca n't",
    "wont": "wo n't", "isnt": "is n't", "arent": "are n't", "wasnt": "was n't",
    "werent": "were n't", "havent": "have n't", "hasnt": "has n't", "hadnt": "had n't",
    "couldnt": "could n't", "shouldnt": "should n't", "wouldnt": "would n't", "aint": "is n't",
    "ain't": "is n't", "cannot": "can not", "gonna": "going to", "wanna": "want to",
    "gotta": "got to", "gimme": "give me", "lemme": "let me", "kinda": "kind of",
    "sorta": "sort of", "dunno": "do n't know", "outta": "out of", "idk": "i do n't know",
    "ily": "i love you", "ilysm": "i love you so much", "luv": "love", "thx": "thanks",
    "thnx": "thanks", "ty": "thank you", "plz": "please", "pls": "please", "ppl": "people",
    "bc": "because", "cuz": "because", "coz": "because", "w": "with",
    "bday": "birthday", "congrats": "congratulations", "grats": "congratulations",
    "tmrw": "tomorrow", "tonite": "tonight", "rn": "right now", "imo": "in my opinion",
    "omg": "oh my god", "omfg": "oh my god", "tbh": "to be honest", "ngl": "to be honest",
    "idc": "i do n't care", "ffs": "damn", "smh": "shame", "bff": "best friend",
    "bf": "boyfriend", "gf": "girlfriend", "bestie": "best friend",
    "lmao": "lol", "lmfao": "lol", "rofl": "lol", "lolol": "lol", "hungy": "hungry",
}  # fmt: skip
# Each repeat begins with a letter that none of its parts can also match: no backtracking.
_LAUGH = re.compile(r"^[mb]?w?a*(?:h+[aeiou]+){2,}h*$|^l+(?:o+l+)+o*$")
_CAMEL = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|\d+"
_LONG_RUN = r"([^\W\d_])\1{2,}"
_SUFFIXES = ("s", "es", "ed", "d", "ing", "ly", "er", "est", "y", "'")


def tokenize(text: str) -> list[str]:
    """Cut a text into lower-case tokens.

    Case, Unicode form (NFC and NFD are the same), curly apostrophes and repeated marks do not
    matter. Contractions are cut as GloVe's were (``don't`` is ``do n't``, written with its
    apostrophe or without), hashtags into their words, emoticons, mentions and addresses become
    one symbol each (``<smile>``, ``<user>``, ``<url>``), an emoji stays one token whatever it is
    joined from. Of a text longer than :data:`LONGEST_TEXT` only the beginning is read.

    >>> tokenize("I don't like this sooo much!!! #NotFunny :(")
    ['i', 'do', "n't", 'like', 'this', 'sooo', 'much', '!', 'not', 'funny', '<sadface>']
    """
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT]
    tokens: list[str] = []
    for chunk in text.split():
        cut = _cut(chunk) if len(chunk) <= _LONGEST_REMEMBERED else _cut.__wrapped__(chunk)
        if cut and tokens and cut[0] == tokens[-1] and re.fullmatch(_MARK, cut[0]):
            cut = cut[1:]
        tokens += cut
    return tokens


@lru_cache(maxsize=1 << 16)
def _cut(chunk: str) -> tuple[str, ...]:
    """Cut what stands between two blanks, which no token reaches beyond."""
    if chunk.isascii() and chunk.isalpha() and not re.fullmatch(_LOLFACE, chunk):
        return _word(chunk.lower())
    text = unicodedata.normalize("NFC", chunk).replace("’", "'")
    text = re.sub(r"(?<!\w)#(\w+)", lambda tag: " ".join(re.findall(_CAMEL, tag[1])), text)
    tokens: list[str] = []
    for match in re.finditer(_TOKEN, text.lower()):
        kind, token = str(match.lastgroup), match[0]
        if kind == "word":
            tokens += _word(token)
        elif kind == "emoji":
            tokens.append(re.sub(_EMOJI_MARK, "", token) or token)  # a mark may stand alone
        elif kind == "ellipsis":
            tokens.append("...")
        elif kind in ("number", "mark"):
            if kind == "number" or tokens[-1:] != [token]:
                tokens.append(token)
        else:
            tokens.append(f"<{kind}>")
    return tuple(tokens)


def landmarks(text: str) -> Iterator[re.Match[str]]:
    """Find addresses, emoji and emoticons as they stand in a text, in order.

    The kind of each, its ``lastgroup``, is ``url``, ``emoji``, or the name of an emoticon.
    """
    for match in re.finditer(_TOKEN, text, re.IGNORECASE):
        if match.lastgroup not in _NO_LANDMARKS:
            yield match


def is_word(token: str) -> bool:
    """Whether a token is a word or a number, and not a mark, a symbol or an emoji."""
    return token.isalnum() or (any(map(str.isalnum, token)) and not token.startswith("<"))


def simpler_forms(token: str) -> Iterator[list[str]]:
    """Propose what an unknown token may stand for, best first, in groups of equal standing.

    Of a group, the word that is the most frequent wins: ``sooo`` is ``so`` rather than ``soo``,
    ``goood`` is ``good`` rather than ``god``.
    """
    if token in SYMBOL_WORDS:
        yield [SYMBOL_WORDS[token]]
    elif token[:1].isdigit():
        yield [token.replace(",", "")]
        digits = re.match(r"\d+", token)
        yield [token[0] + "0" * (len(digits[0]) - 1)] if digits else []
    elif token.isascii() or token[:1].isalpha():
        yield _shortened(token)
        yield [token.removesuffix("in") + "ing"] if token.endswith("in") else []
        bases = [token.removesuffix(s) for s in _SUFFIXES if token.endswith(s)]
        bases = [base for base in bases if len(base) > 2]
        yield bases + [base + "e" for base in bases] + [b[:-1] for b in bases if b[-2] == b[-1]]
        plain = unicodedata.normalize("NFD", token).encode("ascii", "ignore").decode()
        yield [plain] if plain != token else []
    else:
        yield _emoji_words(token)


def is_elongated(token: str) -> bool:
    """Whether a letter stands three times or more in a row, as in ``sooo``."""
    return re.search(_LONG_RUN, token) is not None


def _word(word: str) -> tuple[str, ...]:
    word = word.rstrip("'")
    if word in _CHAT:
        return tuple(_CHAT[word].split())
    if _LAUGH.match(word):
        return ("lol" if word.startswith("l") else "haha",)
    contraction = _ENDING.match(word)
    return contraction.groups() if contraction else (word,)


def _shortened(token: str) -> list[str]:
    """All ways to write each long run of a letter once or twice; at most four runs are tried."""
    forms = [token]
    for run in list(re.finditer(_LONG_RUN, token))[:4]:
        letter = run[1]
        forms = [f.replace(run[0], letter * n, 1) for f in forms for n in (1, 2)]
    return forms if forms != [token] else []


def _emoji_words(token: str) -> list[str]:
    """The longest word of an emoji's name: ``pizza``, ``hearts``, ``kissing``."""
    import emoji  # 50 ms, and only sentences with an emoji need it

    names = re.findall("[a-z]+", emoji.demojize(token, language="alias", delimiters=("", "")))
    return sorted(names, key=len, reverse=True)[:1]
