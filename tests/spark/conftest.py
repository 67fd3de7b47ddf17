"""One session for all tests of Spark, for it takes seconds to start."""

import pytest
from planted_ratings import planted

from mfteach.spark.session import session

MASTER = "local[2]"


@pytest.fixture(scope="session")
def spark():
    """The session that every fit inside the tests finds open."""
    with session(MASTER) as opened:
        # For so few ratings it takes longer to compile a query than to interpret it.
        opened.conf.set("spark.sql.codegen.wholeStage", "false")
        opened.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        yield opened


@pytest.fixture(scope="session")
def example():
    return planted()
