"""Many decimal numbers at once, each of them rounded exactly as ``float`` rounds it.

To read word vectors is to read numbers: the smallest of GloVe's files has twenty million. Nearly
all of them look like ``-0.044457``: a sign or none, one digit, the point, up to fourteen digits.
Where such a number starts and ends tells where everything in it stands, so a few operations on
whole arrays read thousands of them together. The others, like ``4e-05``, are left to ``float``.

What stands behind the point becomes an integer eight digits at a time. The eight characters are
fetched as one integer of 64 bits, whose lowest byte is the first of them; what is no longer part
of the number is cleared. Then neighbours are joined, all pairs by one multiplication::

    044457 0                what stands behind the point of -0.044457
    0 4 4 4 5 7 0 0         as digits, without the next number
    04  44  57  00          10 * left + right
    0444    5700            100 * left + right
    04445700                10000 * left + right

The number is -(0 * 10**8 + 4445700) / 10**8. Numerator and denominator are integers below 2**53,
which float64 holds exactly, so that their quotient is rounded once, and correctly (W. D. Clinger,
"How to Read Floating Point Numbers Accurately", 1990).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from emojify.nn.arrays import Ints

_AT_ONCE = 1 << 14  # numbers, so that the work arrays stay in the processor's cache
_MOST_PLACES = 14  # behind the point; with the digit in front of it fewer than 2**53 in all
_POWERS = np.array([10**n for n in range(_MOST_PLACES + 1)], np.float64)
_FIRST_BYTES = np.array([2 ** (8 * n) - 1 for n in range(9)], np.uint64)
_EVERY_BYTE = np.uint64(0x0101010101010101)  # times a byte: eight of it
_JOINTS = (
    (10, 8, 0x00FF00FF00FF00FF),
    (100, 16, 0x0000FFFF0000FFFF),
    (10000, 32, 0x00000000FFFFFFFF),
)

Float64s = npt.NDArray[np.float64]
_Bytes = npt.NDArray[np.uint8]
_Words = npt.NDArray[np.uint64]
_Flags = npt.NDArray[np.bool_]


def parse_lines(text: bytes, width: int) -> tuple[list[bytes], Float64s]:
    """Take lines apart that have a word and its numbers, with one space before every number.

    Args:
        text: the lines, each with a line feed at its end.
        width: how many numbers a line has.

    Returns:
        The words, and the numbers as ``(n, width)``.

    Raises:
        ValueError: a line has another form, or something in it is not a decimal number.
    """
    characters = np.frombuffer(text, np.uint8)
    is_end = characters == ord("\n")
    places = np.flatnonzero(is_end | (characters == ord(" ")))
    count, fields = int(np.count_nonzero(is_end)), width + 1
    if len(places) != count * fields or not is_end[places[width::fields]].all():
        raise ValueError("found another number of fields")
    stops = places.reshape(count, fields)
    starts = np.append(0, stops[:-1, -1] + 1)
    lengths = stops[:, 0] + 1 - starts  # of the words, each with the space behind it
    if (lengths == 1).any():
        raise ValueError("found a line without a word")
    # The words are copied together and split: far faster than to cut them out one by one.
    shifts = starts - (np.cumsum(lengths) - lengths)
    together = characters[np.repeat(shifts, lengths) + np.arange(lengths.sum())]
    return together.tobytes().split(b" ")[:-1], parse(text, stops)


def parse(text: bytes, stops: Ints) -> Float64s:
    """Return the numbers that stand between separators of one byte.

    Args:
        text: numbers in ASCII, and anything else around them.
        stops: ``(n, w + 1)`` the places of the separators; number j of row i stands between
            ``stops[i, j]`` and ``stops[i, j + 1]``.

    Returns:
        ``(n, w)``, bit for bit what ``float`` makes of the same bytes; infinite beyond its range.

    Raises:
        ValueError: one of them is not a decimal number.
    """
    padded = np.frombuffer(text + b" " * 24, np.uint8)
    values = np.empty((len(stops), stops.shape[1] - 1))
    rows = max(1, _AT_ONCE // values.shape[1])
    for i in range(0, len(stops), rows):
        starts = (stops[i : i + rows, :-1] + 1).ravel()
        ends = stops[i : i + rows, 1:].ravel()
        numbers, is_odd = _usual_numbers(padded, starts, ends)
        odd = np.flatnonzero(is_odd)
        places = zip(starts[odd].tolist(), ends[odd].tolist(), strict=True)
        numbers[odd] = _any_numbers([text[start:end] for start, end in places])
        values[i : i + rows] = numbers.reshape(-1, values.shape[1])
    return values


def _usual_numbers(padded: _Bytes, starts: Ints, ends: Ints) -> tuple[Float64s, _Flags]:
    """Return the numbers, and which of them have another form, so that theirs mean nothing.

    Args:
        padded: the text, and 24 bytes behind it.
        starts: ``(m,)`` the place of the first byte of each.
        ends: ``(m,)`` the place behind the last byte of each.
    """
    negative = padded[starts] == ord("-")
    places = starts + negative
    digit = padded[places] - np.uint8(ord("0"))  # anything else wraps around to 10 and more
    places += 1
    odd = (digit > 9) | (padded[places] != ord("."))
    places += 1
    count = ends - places  # negative only where there is no point

    eights = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))  # from every byte on
    fraction, wrong = _integers(eights[places], np.minimum(count, 8))
    odd |= wrong
    numerators = digit * 1e8
    numerators += fraction
    numbers = numerators / 1e8
    long = np.flatnonzero(count > 8)
    if long.size:
        more = np.minimum(count[long], _MOST_PLACES) - 8
        rest, wrong = _integers(eights[places[long] + 8], more)
        odd[long] |= wrong | (count[long] > _MOST_PLACES)
        numerators = numerators[long] * _POWERS[more] + rest / _POWERS[8 - more]
        numbers[long] = numerators / _POWERS[8 + more]
    numbers *= 1.0 - 2.0 * negative
    return numbers, odd


def _integers(eights: _Words, count: Ints) -> tuple[_Words, _Flags]:
    """Read eight digits as an integer, those behind the first ``count`` as zeros.

    Returns:
        The integers, and which of them have a character that is no digit.
    """
    x = eights ^ (_EVERY_BYTE * np.uint64(ord("0")))  # digits become 0 to 9, all others more
    x &= _FIRST_BYTES[count]
    # With 0x76 more, a byte beyond 9 has its highest bit set, if it has not as it is.
    high = x + _EVERY_BYTE * np.uint64(0x76)
    high |= x
    high &= _EVERY_BYTE * np.uint64(0x80)
    for base, bits, kept in _JOINTS:
        x *= np.uint64((base << bits) + 1)
        x >>= np.uint64(bits)
        x &= np.uint64(kept)
    return x, high != 0


def _any_numbers(fields: list[bytes]) -> list[float]:
    # Of more characters than these float would also take 1_000, nan and white space.
    if b"".join(fields).translate(None, b"+-.0123456789Ee"):
        raise ValueError("found something that is not a number")
    return list(map(float, fields))
