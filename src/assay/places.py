"""Where an installation keeps its things: data, sockets, certificates, and the master key apart from them."""

import hashlib
from pathlib import Path
from typing import Final

import platformdirs

from assay.values import Value

DEMO_NAME = "assay-demo"
# Beside a database in a file: the space that is set aside for taking access away (store/reserve.py), in octets.
RESERVE: Final = "reserve"
RESERVE_SIZE: Final = 16 << 20


class Places(Value, frozen=True, kw_only=True):
    """The paths of one installation; `data` is its directory, `master_key` lies elsewhere."""

    data: Path
    master_key: Path
    checkpoints: Path

    @property
    def database(self) -> Path:
        return self.data / "assay.db"

    @property
    def run(self) -> Path:
        return self.data / "run"

    @property
    def envoy(self) -> Path:
        return self.data / "envoy"

    @property
    def certificates(self) -> Path:
        return self.data / "certificates"

    @property
    def admin_socket(self) -> Path:
        return self.run / "admin.sock"

    @property
    def check_socket(self) -> Path:
        return self.run / "check.sock"

    @property
    def pages_socket(self) -> Path:
        return self.run / "pages.sock"

    @property
    def console_socket(self) -> Path:
        """Of the console and the API, for the gateway's Envoy alone."""
        return self.run / "console.sock"

    @property
    def lock(self) -> Path:
        return self.run / "service.lock"

    @property
    def tombstones(self) -> Path:
        """Beside the checkpoints: like them it must not be restored along with the data."""
        return self.checkpoints.with_name("tombstones.txt")

    @property
    def demo_info(self) -> Path:
        return self.data / "demo.json"

    @property
    def import_report(self) -> Path:
        return self.data / "import-report.json"


def default_data(*, demo: bool) -> Path:
    """The platform's user data directory; the demo has its own."""
    return Path(platformdirs.user_data_dir(DEMO_NAME if demo else "assay"))


def places(data: Path, *, master_key: Path | None = None) -> Places:
    """The paths that go with this data directory; its key is found by the directory's own path."""
    data = data.expanduser().absolute()
    name = f"{data.name}-{hashlib.sha256(bytes(data)).hexdigest()[:12]}"
    apart = Path(platformdirs.user_config_dir("assay")) / name
    return Places(
        data=data,
        master_key=(master_key or apart / "master-key.json").expanduser().absolute(),
        checkpoints=apart / "checkpoints.txt",
    )
