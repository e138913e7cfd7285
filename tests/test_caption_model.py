"""The model that writes lines when nobody names one."""

from __future__ import annotations

import pytest

from emojify import Captioner, Emojifier, resources
from emojify.data import Examples, read_examples
from emojify.judgement import judge, likeliest, nearest
from tests.conftest import Run
from tests.test_datasets import CHAT


@pytest.fixture(scope="module")
def captioner() -> Captioner:
    return Captioner.load()


@pytest.fixture(scope="module")
def validation() -> Examples:
    return read_examples("captions-validation", lines=True)


def test_it_is_the_default_and_needs_no_other_file(run: Run, captioner: Captioner) -> None:
    result = run("caption", "fancy a pizza after the match?", "mum, call me when you land")
    assert result.code == 0, result.err
    first, second = result.out.splitlines()
    assert first.removeprefix("fancy a pizza after the match? ").startswith("🍕")
    assert "📞" in second
    assert captioner.trained.shipped_vectors is None
    path = resources.shipped("models", "caption")
    assert path is not None
    assert path.stat().st_size <= 5_000_000


def test_it_knows_the_sixty_four_emoji(captioner: Captioner) -> None:
    assert sorted(captioner.labels.emoji) == sorted(CHAT)


def test_it_is_as_good_as_its_page_says_on_the_validation_messages(
    captioner: Captioner, validation: Examples
) -> None:
    """Whether held-out messages are captioned as well is for the page alone to say."""
    captions = captioner.caption(validation.texts)
    baselines = {
        "classifier": likeliest(Emojifier.load("chat"), validation),
        "nearest": nearest(
            captioner.trained, read_examples("captions-train", lines=True), validation
        ),
    }
    found = judge(captioner, captions, validation, baselines)
    ours = found.likeness
    assert ours.exact_match >= 0.5
    assert ours.token_f1 >= 0.85
    for theirs in found.baselines.values():
        assert ours.exact_match > theirs.exact_match
        assert ours.token_f1 > theirs.token_f1
        assert ours.edit_distance < theirs.edit_distance


def test_order_is_read(captioner: Captioner) -> None:
    pizza_first, beach_first = captioner.caption(
        ["pizza for lunch and then the beach", "the beach and then pizza for dinner"]
    )
    assert pizza_first.emoji.index("🍕") < pizza_first.emoji.index("🏖️")
    assert beach_first.emoji.index("🏖️") < beach_first.emoji.index("🍕")
