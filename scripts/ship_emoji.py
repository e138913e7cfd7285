"""Make ``emojify/report/emoji.png``, the pictures of emoji that are drawn into figures.

Matplotlib draws no fonts in colour, so figures have pictures in the place of letters. They are
those of Noto Emoji, from the npm package ``emoji-datasource-google``::

    npm pack emoji-datasource-google@16.0.0
    tar xzf emoji-datasource-google-16.0.0.tgz
    python scripts/ship_emoji.py package

All of them stand in one image of 256 colours, row by row, in the order of ``emoji.txt``; a picture
for each would take three times the room.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

from PIL import Image

from emojify.report.emoji import COLUMNS, SIZE

FOLDER = Path(__file__).parent.parent / "emojify" / "report"


def pictures(package: Path) -> dict[str, Path]:
    """Return the file of each emoji, with its skin tones, in the order of Unicode's list."""
    found = {}
    kinds = json.loads((package / "emoji.json").read_text(encoding="utf-8"))
    for kind in sorted(kinds, key=lambda kind: kind["sort_order"]):
        for emoji in [kind, *kind.get("skin_variations", {}).values()]:
            if emoji["has_img_google"]:
                text = "".join(chr(int(code, 16)) for code in emoji["unified"].split("-"))
                found[text] = package / "img" / "google" / "64" / emoji["image"]
    return found


def main(package: Path) -> None:
    """Write the image and the list of what is on it."""
    files = pictures(package)
    rows = math.ceil(len(files) / COLUMNS)
    sheet = Image.new("RGBA", (COLUMNS * SIZE, rows * SIZE))
    for number, path in enumerate(files.values()):
        row, column = divmod(number, COLUMNS)
        picture = Image.open(path).convert("RGBA").resize((SIZE, SIZE), Image.Resampling.LANCZOS)
        sheet.paste(picture, (column * SIZE, row * SIZE))
    few = sheet.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(FOLDER / "emoji.png", optimize=True)
    (FOLDER / "emoji.txt").write_text("\n".join(files) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
