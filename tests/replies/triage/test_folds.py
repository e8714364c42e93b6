from __future__ import annotations

import numpy as np
import pytest

from replies.triage.examples import Example
from replies.triage.folds import FOLDS, groups, parts
from replies.triage.model import VECTOR, load_model, pack, unpack
from replies.triage.train import cross_validated, look, shipped_examples

ALIKE = ("the kettle caught fire", "The kettle caught fire!", "运费怎么算", "運費怎麼算", "晚安", "thank you so much")
SAID = [Example(text, "chitchat", None, "en") for text in ALIKE]


def test_one_message_said_twice_is_judged_by_neither() -> None:
    group = groups(look(SAID, None).alone, None)
    assert group[0] == group[1]
    assert group[2] == group[3]
    assert len(set(group.tolist())) == 4


def test_what_is_alike_is_the_same_by_the_short_way() -> None:
    view = look(list(shipped_examples()[::25]), None)
    assert np.allclose(view.alone, view.table @ view.table.T, atol=1e-4)


def test_a_translation_counts_as_the_same_message() -> None:
    vectors = np.eye(len(SAID), dtype=np.float32)
    vectors[2] = vectors[0]
    group = groups(look(SAID, None).alone, vectors)
    assert len({int(group[at]) for at in range(4)}) == 1
    assert len(set(group.tolist())) == 3


def test_groups_stay_whole_and_every_part_gets_of_every_label() -> None:
    group = np.repeat(np.arange(30), 3)
    labels = ["serious" if head % 2 else "inquiry" for head in group]
    part = parts(group, labels)
    assert all(len(set(part[group == head].tolist())) == 1 for head in range(30))
    assert {(fold, label) for fold, label in zip(part.tolist(), labels, strict=True)} == {
        (fold, label) for fold in range(FOLDS) for label in ("serious", "inquiry")
    }


def test_cross_validation_judges_every_example_without_its_likes() -> None:
    examples = [example for example in shipped_examples() if example.label in ("critical", "praise")][::9]
    ((name, judged),) = cross_validated(look(examples, None))
    assert name == "words alone"
    assert [one.text for one in judged.examples] == [one.text for one in examples]
    right = [one.category == meant.category for one, meant in zip(judged.examples, judged.meant, strict=True)]
    assert 0.6 < np.mean(right) < 1


@pytest.mark.parametrize("name", ["nearness", "landmarks", "centre"])
def test_weights_of_another_shape_are_refused(name: str) -> None:
    parts = pack(load_model())
    parts[name] = parts[name][:-1] if name != "landmarks" else parts[name][:, :-1]
    with pytest.raises(ValueError, match="shape"):
        unpack(parts)


def test_weights_are_the_same_after_storing() -> None:
    model = load_model()
    again = unpack(pack(model))
    assert np.allclose(again.landmarks, model.landmarks)
    assert again.landmarks.shape[1] == VECTOR
    assert np.allclose(again.fused, model.fused, atol=0.02)
