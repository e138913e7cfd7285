"""Ctrl-C and SIGTERM: the first is a wish, the second an order."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any, NoReturn

from emojify.cli.shared import Stopped

_SAID = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class Interruption:
    """Note the first signal, so that work can be left in good order; stop at once at the second.

    A signal that this process was started to ignore, as in the background of a script, stays
    ignored.

    Attributes:
        signal: the one that came, or ``None``.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruption:
        for number in _SAID:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def stop(self) -> NoReturn:
        """End the command as the signal that came asks for.

        Raises:
            Stopped: always.
        """
        number = self.signal or signal.SIGINT
        raise Stopped(_SAID[number], 128 + number)

    def _note(self, number: int, _: FrameType | None) -> None:
        is_second = self.signal is not None
        self.signal = signal.Signals(number)
        if is_second:
            self.stop()
