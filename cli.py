"""Run emojify from a checkout: ``python cli.py predict "I love you"``."""

from emojify.cli import main

if __name__ == "__main__":
    main()
