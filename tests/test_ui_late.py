"""What is made late is made once."""

import threading
import time

import pytest

from ui.late import Late


def test_it_is_made_at_the_first_call_and_once_for_all_threads() -> None:
    made: list[int] = []

    def make() -> int:
        time.sleep(0.05)
        made.append(len(made))
        return made[-1]

    late = Late(make)
    assert made == []
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(late())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0] * 8


def test_after_an_error_it_is_tried_again() -> None:
    answers = iter([ValueError("not yet"), "there"])

    def make() -> str:
        answer = next(answers)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    late = Late(make)
    with pytest.raises(ValueError, match="not yet"):
        late()
    assert late() == "there"
