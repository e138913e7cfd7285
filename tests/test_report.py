"""``emojify eval --report``: what the page says, what the pictures show, where they may go."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from emojify import files, report, store
from emojify.data import Examples
from emojify.emojifier import Choice, Prediction
from emojify.errors import EnvironmentFault
from emojify.metrics import evaluate
from emojify.report import figures
from emojify.report.emoji import in_letters, picture
from emojify.report.page import MARK
from emojify.report.results import Results
from tests.conftest import Run
from tests.models import small_model

HISTORY = [
    {"epoch": 1, "loss": 1.5, "validation_loss": 1.2, "validation_accuracy": 0.4},
    {"epoch": 2, "loss": 1.0, "validation_loss": 1.1, "validation_accuracy": 0.5},
]
SENTENCES = "text,emoji\nI love you,❤\n<b>so</b> hungry & \x1b[31m,❤\nso hungry,🍴\n"
FOLDER = Path(report.__file__).parent
PICTURES = ["calibration.png", "confusion.png", "coverage.png", "learning.png", "scores.png"]


def results_of(
    probabilities: Sequence[float],
    answers: Sequence[int],
    right: Sequence[int],
    labels: tuple[str, ...] = ("❤️", "⚾"),
    also: Sequence[tuple[str, ...]] | None = None,
    history: Sequence[dict[str, float]] = HISTORY,
) -> Results:
    """Results with these answers: their positions in ``labels``, and those of the right ones."""
    rest = (1 - np.array(probabilities)) / max(1, len(labels) - 1)
    probs = np.repeat(rest[:, None], len(labels), axis=1)
    probs[np.arange(len(answers)), answers] = probabilities
    texts = [f"sentence {i}" for i in range(len(answers))]
    predictions = [
        Prediction(text, labels[k], p, (Choice(labels[k], "", p),), 1, 1)
        for text, k, p in zip(texts, answers, probabilities, strict=True)
    ]
    examples = Examples("x.csv", texts, [labels[k] for k in right], also=also)
    with np.errstate(divide="ignore"):
        evaluation = evaluate(np.log(probs), np.array(right), labels)
    return Results.of("m", examples, evaluation, predictions, history)


class Page(HTMLParser):
    """What is on a page: its elements with their attributes, and their texts."""

    VOID = frozenset({"meta", "img", "source"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.setdefault(self._open[-1], []).append(data)


@pytest.fixture
def make(run: Run, tmp_path: Path):
    """Write a report about three sentences."""
    (tmp_path / "x.csv").write_text(SENTENCES, encoding="utf-8")
    return lambda *more: run("eval", "x.csv", "-m", "five", "--report", "made", *more)


def test_a_report_is_a_page_and_its_pictures(make, tmp_path: Path) -> None:
    result = make()
    assert result.code == 0
    assert result.out.startswith("accuracy 66.7%")
    assert result.err.endswith("made/index.html has the report\n")
    made = tmp_path / "made"
    assert sorted(path.name for path in made.iterdir()) == sorted(["index.html", *PICTURES])
    assert all(imread(made / name).shape[2] == 4 for name in PICTURES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "x.csv"]


def test_the_page_needs_nothing_else_and_can_be_read_aloud(make, tmp_path: Path) -> None:
    make()
    text = (tmp_path / "made" / "index.html").read_text(encoding="utf-8")
    shown = Page(text)
    assert not {"script", "link", "iframe"} & {tag for tag, _ in shown.elements}
    for tag, attributes in shown.elements:
        for source in {"src", "srcset"} & attributes.keys():
            assert (attributes[source] or "").startswith("data:image/png;base64,")
        assert "href" not in attributes
        assert tag != "img" or len(attributes["alt"] or "") > 40
    tags = [tag for tag, _ in shown.elements]
    assert (tags.count("h1"), tags.count("h2"), tags.count("img")) == (1, 6, 5)
    assert tags.count("table") == tags.count("caption") == 8
    assert {a["scope"] for tag, a in shown.elements if tag == "th"} == {"row", "col"}
    assert ("html", {"lang": "en"}) in shown.elements
    [policy] = [a["content"] for _, a in shown.elements if a.get("http-equiv")]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert "prefers-color-scheme: dark" in text


def test_sentences_are_shown_as_they_are_and_do_nothing(make, tmp_path: Path) -> None:
    make()
    text = (tmp_path / "made" / "index.html").read_text(encoding="utf-8")
    assert '<td class="text">&lt;b&gt;so&lt;/b&gt; hungry &amp; \\x1b[31m</td>' in text
    assert Page(text).texts["h1"] == ["five on x.csv"]


def test_the_same_evaluation_gives_the_same_bytes(make, tmp_path: Path) -> None:
    make()
    before = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    assert make().code == 0  # over the earlier report
    assert {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()} == before


def test_pictures_do_not_depend_on_the_users_settings() -> None:
    results = results_of([0.9, 0.8], [0, 1], [0, 0])
    expected = figures.draw("coverage", results, "light")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert figures.draw("coverage", results, "light") == expected
    assert figures.draw("coverage", results, "dark") != expected


def test_a_folder_with_other_files_is_left_alone_without_force(make, tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.mkdir()
    (made / "index.html").write_text("<html>mine</html>")
    refused = make()
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "emojify: error: made: found a folder with other files in it; nothing was written; use -f "
        "to write the report among them or name another\n"
    )
    assert [path.read_text() for path in made.iterdir()] == ["<html>mine</html>"]
    (made / "mine.txt").write_text("mine")
    assert make("-f").code == 0
    assert (made / "mine.txt").read_text() == "mine"
    assert MARK in (made / "index.html").read_text(encoding="utf-8")


def test_an_empty_folder_is_as_good_as_none(make, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "made").symlink_to("real")
    assert make().code == 0
    assert (tmp_path / "made").is_symlink()
    assert (tmp_path / "real" / "index.html").exists()


def test_a_file_is_no_folder(make, tmp_path: Path) -> None:
    (tmp_path / "made").write_text("mine")
    assert make("-f").err == (
        "emojify: error: made: found a file; expected a folder for the report; name another\n"
    )
    assert (tmp_path / "made").read_text() == "mine"


def test_what_cannot_be_written_is_said_before_the_work(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(SENTENCES, encoding="utf-8")
    result = run("eval", "x.csv", "-m", "five", "--report", "none/made")
    assert (result.code, result.out) == (3, "")
    assert result.err == (
        "emojify: error: none/made: cannot be written: No such file or directory; nothing was "
        "changed; choose another place\n"
    )


def test_without_matplotlib_it_is_said_what_to_install(make, tmp_path: Path) -> None:
    (tmp_path / "matplotlib.py").write_text("raise ImportError('not here')")
    result = make()
    assert (result.code, result.out) == (3, "")
    assert result.err == (
        "emojify: error: found no matplotlib; expected it for the figures of a report; install it "
        "with pip install 'emojify-rnn[plot]'\n"
    )
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("place", range(6))
def test_of_a_report_that_fails_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    left = place
    replace = files.replace

    def full(path: Path, data: bytes) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise EnvironmentFault("the disk is full", path)
        replace(path, data)

    monkeypatch.setattr(files, "replace", full)
    with pytest.raises(EnvironmentFault, match="the disk is full"):
        report.write(results_of([0.9], [0], [1]), tmp_path / "made")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_remembers_no_training_has_no_learning_curve(tmp_path: Path) -> None:
    report.write(results_of([0.9], [0], [1]), tmp_path / "made")
    assert (tmp_path / "made" / "learning.png").exists()
    report.write(results_of([0.9], [0], [1], history=[]), tmp_path / "made")
    text = (tmp_path / "made" / "index.html").read_text(encoding="utf-8")
    assert "The model remembers nothing of its training." in text
    left = sorted(path.name for path in (tmp_path / "made").glob("*.png"))
    assert left == [*PICTURES[:3], "scores.png"]


def test_a_model_that_was_trained_without_validation_has_a_curve(run: Run, tmp_path: Path) -> None:
    store.save(small_model(), tmp_path / "m.safetensors")
    (tmp_path / "x.csv").write_text("i love you,❤\nyou,❤\n", encoding="utf-8")
    result = run("eval", "x.csv", "-m", "m.safetensors", "--report", "made")
    assert result.code == 0, result.err
    text = (tmp_path / "made" / "index.html").read_text(encoding="utf-8")
    assert "Curves over 1 epochs; the loss in training ends at 0.500." in text
    assert '>1</th><td class="number">0.500</td><td class="number">–' in text


def test_answers_are_right_or_wrong_whatever_their_number() -> None:
    results = results_of([0.96, 0.94, 0.6], [0, 0, 0], [0, 1, 0])
    assert results.is_right.tolist() == [1, 0, 1]
    assert sum(each.answers for each in results.bins) == 3
    [sure] = [each for each in results.bins if each.answers == 2]
    assert (sure.probability, sure.accuracy) == (pytest.approx(0.95), 0.5)


def test_accuracy_against_coverage_by_hand() -> None:
    results = results_of([0.6, 0.9, 0.8, 0.8], [0] * 4, [0, 0, 0, 1])
    thresholds, answered, accuracy = results.coverage()
    assert thresholds.tolist() == [0.9, 0.8, 0.6]
    assert answered.tolist() == [0.25, 0.75, 1.0]
    assert accuracy == pytest.approx([1, 2 / 3, 3 / 4])


def test_the_surest_mistakes_come_first_and_acceptable_answers_are_none() -> None:
    results = results_of(
        [0.6, 0.9, 0.8, 0.7], [0, 0, 0, 0], [1, 1, 0, 1], also=[(), (), (), ("❤️",)]
    )
    assert [(m.text, m.right, m.answer, m.probability) for m in results.mistakes] == [
        ("sentence 1", "⚾", "❤️", 0.9),
        ("sentence 0", "⚾", "❤️", 0.6),
    ]
    assert results.taken_for_each_other() == [("⚾", "❤️", 3, 1.0)]


def test_a_row_without_sentences_has_no_shares() -> None:
    shares = results_of([0.6, 0.9], [0, 1], [0, 0]).shares()
    assert shares[0].tolist() == [0.5, 0.5]
    assert np.isnan(shares[1]).all()


def test_every_emoji_of_a_model_has_a_picture_or_a_name() -> None:
    from emoji import EMOJI_DATA, STATUS

    known = [e for e, facts in EMOJI_DATA.items() if facts["status"] == STATUS["fully_qualified"]]
    without = [emoji for emoji in known if picture(emoji) is None]
    assert len(known) > 3600
    assert len(without) < 200  # those that are younger than the pictures
    names = list(map(in_letters, without))
    assert all(name.isprintable() and name[0].isalpha() for name in names)
    assert in_letters("⌁") == "U+2301"  # a symbol that is no emoji, and has no name


def test_no_picture_is_blank() -> None:
    listed = (FOLDER / "emoji.txt").read_text(encoding="utf-8").split()
    assert len(listed) == len(set(listed)) > 3700
    for emoji in listed:
        tile = picture(emoji)
        assert tile is not None
        assert (tile[..., 3] > 0.5).mean() > 0.04, emoji


def test_a_picture_is_found_with_or_without_its_selector() -> None:
    assert picture("❤") is not None
    np.testing.assert_array_equal(picture("❤"), picture("❤️"))
    assert (picture("❤️") != picture("💔")).any()


@pytest.mark.parametrize("name", ["confusion", "scores"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_emoji_really_show(name: str, theme: str) -> None:
    def reds(labels: tuple[str, ...]) -> int:
        data = figures.draw(name, results_of([0.6, 0.9], [0, 1], [0, 1], labels), theme)
        pixels = imread(io.BytesIO(data))
        red, green, blue = (pixels[..., i] for i in range(3))
        return int(((red > 0.8) & (green < 0.45) & (blue < 0.3)).sum())

    assert reds(("🐱", "🌙")) < 20
    assert reds(("❤️", "🌙")) > 150


def test_a_label_without_a_picture_is_written_in_letters() -> None:
    results = results_of([0.6, 0.9], [0, 1], [0, 1], ("⌁", "❤️"))
    with figures._drawing(figures._THEMES["light"]) as colours:
        axes = figures.confusion(results, colours).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["U+2301", ""]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["U+2301", ""]
    figures.draw("confusion", results, "light")  # a missing letter would be a warning, which fails


def test_sixty_four_emoji_fit() -> None:
    labels = tuple((FOLDER / "emoji.txt").read_text(encoding="utf-8").split()[:64])
    results = results_of([0.5] * 64, range(64), range(64), labels)
    height, width, _ = imread(io.BytesIO(figures.draw("confusion", results, "light"))).shape
    assert min(height, width) > 64 * 30  # pixels for each emoji


def test_a_figure_of_very_many_emoji_gets_no_more_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    results = results_of([0.6, 0.9], [0, 1], [0, 1])
    monkeypatch.setattr(figures, "_PIXELS", 50_000)
    height, width, _ = imread(io.BytesIO(figures.draw("confusion", results, "light"))).shape
    assert 45_000 < height * width <= 50_000
