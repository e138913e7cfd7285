"""Turn a sentence into an emoji, with recurrent networks written by hand in NumPy.

::

    from emojify import Emojifier

    emojifier = Emojifier.load()
    print(emojifier.predict(["I love you"])[0].emoji)  # ❤️
"""

from typing import TYPE_CHECKING

from emojify.errors import EmojifyError

if TYPE_CHECKING:
    from emojify.emojifier import Emojifier, Prediction

__version__ = "0.2.0"
__all__ = ["Emojifier", "EmojifyError", "Prediction", "__version__"]


def __getattr__(name: str) -> object:
    # NumPy is loaded with the first use of what needs it, so `emojify --help` starts without.
    if name in ("Emojifier", "Prediction"):
        from emojify import emojifier

        return getattr(emojifier, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
