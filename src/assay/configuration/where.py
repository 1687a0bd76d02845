"""Where the installation of a configuration keeps its things."""

from pathlib import Path

import msgspec

from assay.configuration.sections import Configuration
from assay.places import Places, places


def places_of(configuration: Configuration, data: Path, *, master_key: Path | None = None) -> Places:
    """The paths that go with this data directory; what the configuration names is where it says."""
    made = places(data, master_key=master_key or configuration.keys.master_key)
    checkpoints = configuration.log.checkpoints
    return made if checkpoints is None else msgspec.structs.replace(made, checkpoints=checkpoints)
