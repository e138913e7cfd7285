"""Turn a sentence into an emoji, with recurrent networks written by hand in NumPy.

::

    from emojify import Emojifier

    emojifier = Emojifier.load()
    print(emojifier.predict(["I love you"])[0].emoji)  # ❤️

:class:`Captioner` writes a line of emoji for a whole message.
"""

from typing import TYPE_CHECKING

from emojify.errors import EmojifyError

if TYPE_CHECKING:
    from emojify.captioner import Caption, Captioner
    from emojify.emojifier import Emojifier, Prediction

__version__ = "0.2.0"
__all__ = ["Caption", "Captioner", "Emojifier", "EmojifyError", "Prediction", "__version__"]
_MODULES = {
    "Caption": "captioner",
    "Captioner": "captioner",
    "Emojifier": "emojifier",
    "Prediction": "emojifier",
}


def __getattr__(name: str) -> object:
    # NumPy is loaded with the first use of what needs it, so `emojify --help` starts without.
    if name in _MODULES:
        from importlib import import_module

        return getattr(import_module(f"emojify.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
