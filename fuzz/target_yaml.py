"""Settings: :func:`emojify.config.read_settings`.

Settings that are read are written again, as JSON, which is YAML; then they are read as the same.
"""

from __future__ import annotations

import json

from emojify.config import read_settings
from emojify.settings import as_plain
from harness import Target, require

_SECTIONS = b"data vectors model training"
_KEYS = (
    b"train validation labels delimiter source tune learning_rate cell hidden reset_after "
    b"optimizer schedule momentum batch_size epochs patience clip_norm l2 word_dropout threads seed"
)


class YamlTarget(Target):
    """Bytes as a config file."""

    file_name = "x.yaml"
    max_length = 160
    tokens = (
        *(section + b":\n  " for section in _SECTIONS.split()),
        *(key + b": " for key in _KEYS.split()),
        *(b": ", b"\n", b"\n  ", b"- ", b"{", b"}", b"[", b"]", b", ", b"'", b'"', b"# ", b"? "),
        *(b"&a ", b"*a", b"!!int ", b"!x ", b"---\n", b"...\n", b"|\n  ", b">-\n  "),
        *b"1 0 -1 1e-3 .5 010 1_0 0x1 1:30 .nan .inf 1e999 0,5 null ~ true no".split(),
        *b"lstm gru sgd x.csv /x ../x five-train :pizza: ` $ .".split(),
        *(b"9" * 41, "❤️".encode(), "❤, ⚾".encode()),
        *(b"\xef\xbb\xbf", b"\r", b"\t", b"\0", b"\x85", b"\xff", b"\xe2\x80\xa8", b"\xf0\x9f"),
        *(b"\\x1b", b"\\u202e", b"\\ud800", b"\\0"),
    )

    def seeds(self) -> list[bytes]:
        """Return config files of all forms, and some with mistakes."""
        texts = [
            "model: {hidden: 64, cell: gru, reset_after: true}\nseed: 3\n",
            "data:\n  train: x.csv\n  validation: 0.2\n  labels: [❤️, ':pizza:', ⚾]\n",
            "training:\n  learning_rate: 1e-3\n  clip_norm: null\n  epochs: 5\n",
            "vectors: {source: ./v.txt, tune: false}\n",
            '{"training": {"l2": 0.5, "optimizer": "sgd"}}',
            "model:\n  hiden: 5\n",
            "training: {epochs: 0,01}\n",
            "a: &a 1\nb: *a\n",
            "model: !!python/object:os.system {}\n",
            "model: 5\nmodel: 6\n",
            "data: {labels: [x]}\n",
            "'\\e[31m': \"\\e[31m\"\n",
            "",
        ]
        return [text.encode() for text in texts]

    def read(self, data: bytes) -> None:
        """Read settings, write them, and read them again."""
        self.path.write_bytes(data)
        settings = read_settings(self.path)
        written = json.dumps(as_plain(settings))
        self.path.write_text(written, encoding="utf-8")
        require(read_settings(self.path) == settings, f"read otherwise from {written}")
