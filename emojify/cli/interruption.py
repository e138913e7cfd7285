"""Ctrl-C, SIGTERM and a terminal that is closed: the first is a wish, the second an order."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any

from emojify.cli.shared import Stopped

_SAID = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}
_SIGNALS = [number for number in signal.Signals if number.name in _SAID]


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
        for number in _SIGNALS:
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

    def stop_if_asked(self) -> None:
        """End the command as the signal that came asks for.

        Raises:
            Stopped: unless none came.
        """
        if self.signal is not None:
            raise Stopped(_SAID[self.signal.name], 128 + self.signal)

    def _note(self, number: int, _: FrameType | None) -> None:
        self.stop_if_asked()
        self.signal = signal.Signals(number)
