"""One tutor for all platforms."""

from collections.abc import Iterator

import pytest

from tests.platforms.running import Tutor


@pytest.fixture(scope="session")
def tutor_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tutor]:
    made = Tutor(tmp_path_factory.mktemp("tutor"))
    yield made
    made.stop()
