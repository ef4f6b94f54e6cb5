"""One tree of errors, one sentence each."""

import tutor.errors as errors
from tutor.errors import ModelError, TutorError


def kinds() -> list[type[TutorError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TutorError)]


def test_every_kind_is_drawn_in_the_tree_and_has_a_code_of_its_own() -> None:
    assert len(kinds()) >= 7
    for kind in kinds():
        assert f" {kind.__name__} " in (errors.__doc__ or "")
    assert len({kind.code for kind in kinds()}) == len(kinds())


def test_an_error_is_its_sentence_and_may_carry_a_closer_code() -> None:
    assert str(TutorError("Do this.")) == "Do this."
    assert ModelError("Busy.", "model_busy").code == "model_busy"
    assert ModelError("Broken.").code == "model_broken"
