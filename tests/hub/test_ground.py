"""What the hub stands on: what is named, else what is started."""

from pathlib import Path

import asyncpg
import pytest

from hub.ground import standing
from hub.settings import Settings

KEY = "k" * 40


@pytest.mark.broker
@pytest.mark.database
def test_what_is_named_is_used_and_nothing_is_started(kafka_bootstrap: str, database_url: str, tmp_path: Path) -> None:
    """The data folder stays untouched."""
    folder = tmp_path / "data"
    settings = Settings(
        kafka_bootstrap_servers=(kafka_bootstrap,), database_url=database_url, pseudonym_key=KEY, data_dir=folder,  # type: ignore[arg-type]
    )
    with standing(settings) as ground:
        assert ground.kafka.bootstrap == (kafka_bootstrap,)
        assert ground.database_url == database_url
        assert database_url not in repr(ground)
    assert not folder.exists()


@pytest.mark.broker
@pytest.mark.database
async def test_what_is_not_named_is_started_in_the_data_folder(tmp_path: Path) -> None:
    """Both answer, each step is told."""
    steps: list[str] = []
    with standing(Settings(data_dir=tmp_path), progress=steps.append) as ground:
        connection = await asyncpg.connect(ground.database_url)
        await connection.close()
        assert ground.kafka.bootstrap[0].startswith("127.0.0.1:")
    assert any("PostgreSQL" in step for step in steps)
    assert any("Kafka" in step for step in steps)
