"""What the tests of single components share."""

import pytest

from components.naming import Names
from tests.components.recorder import ACCOUNT_ID, REGION


@pytest.fixture
def names() -> Names:
    return Names(stage="dev", account_id=ACCOUNT_ID, region=REGION)


@pytest.fixture
def tags() -> dict[str, str]:
    return {"project": "room-detection", "stage": "dev"}
