"""Beginning anew removes a demo that is over, and refuses everything else."""

import fcntl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.places import Places
from assay.sealing import KeyFile
from assay.simulator.afresh import begin_afresh
from assay.simulator.company import Size
from assay.simulator.past_cache import PastCache
from assay.values import AssayError

AT = datetime(2026, 1, 5, tzinfo=UTC)


def left_by_a_demo(directory: Path, *, demo: bool = True) -> Places:
    """What a service leaves behind, as far as files tell."""
    places = Places(
        data=directory / "data", master_key=directory / "key" / "master-key.json", checkpoints=directory / "seen.txt"
    )
    for each in (places.data, places.run, places.certificates, places.envoy, places.data / "apps"):
        each.mkdir(exist_ok=True)
    KeyFile(places.master_key, data_directory=places.data).create(at=AT, demo=demo)
    for file in (places.database, places.demo_info, places.checkpoints, places.certificates / "authority.pem"):
        file.write_text("left")
    return places


def test_nothing_there_is_nothing_to_do(tmp_path: Path) -> None:
    places = Places(data=tmp_path / "data", master_key=tmp_path / "key", checkpoints=tmp_path / "seen.txt")
    begin_afresh(places)
    assert list(tmp_path.iterdir()) == []


def test_a_demo_goes_and_its_authority_stays(tmp_path: Path) -> None:
    places = left_by_a_demo(tmp_path)
    begin_afresh(places)
    gone = (places.database, places.demo_info, places.checkpoints, places.envoy, places.data / "apps")
    assert not any(path.exists() for path in gone)
    assert places.master_key.exists()
    assert (places.certificates / "authority.pem").exists()


@pytest.mark.parametrize("key", ["real", "missing"])
def test_data_that_is_no_demos_stays(tmp_path: Path, key: str) -> None:
    places = left_by_a_demo(tmp_path, demo=key != "real")
    if key == "missing":
        places.master_key.unlink()
    with pytest.raises(AssayError, match="no demo's"):
        begin_afresh(places)
    assert places.database.read_text() == "left"


@pytest.mark.parametrize("key", ["real", "missing"])
def test_an_installation_whose_database_is_elsewhere_keeps_its_key_and_checkpoints(tmp_path: Path, key: str) -> None:
    """As on PostgreSQL: what is outside the data directory is all there is here."""
    places = left_by_a_demo(tmp_path, demo=False)
    places.database.unlink()
    sealed = places.master_key.read_bytes()
    if key == "missing":
        places.master_key.unlink()
    cache = PastCache(seed=1, size=Size(people=40, days=14), base_domain="localhost", directory=tmp_path / "cache")
    for act in (begin_afresh, lambda places: cache.take(places, AT)):
        with pytest.raises(AssayError, match="no demo's"):
            act(places)
    assert places.checkpoints.read_text() == "left"
    assert not places.database.exists()
    if key == "real":
        assert places.master_key.read_bytes() == sealed


def test_a_demo_that_runs_stays(tmp_path: Path) -> None:
    places = left_by_a_demo(tmp_path)
    with places.lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(AssayError, match="runs already"):
            begin_afresh(places)
    assert places.database.read_text() == "left"
