"""``python -m emojify``."""

from emojify.cli import main

main()
