"""What the demo's apps serve: a database of orders, a notebook, some files."""

import sqlite3
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Final

INSTRUMENTS: Final = (
    ("Theodolite T2", 8_400),
    ("Barograph B7", 1_950),
    ("Spectrometer S4", 23_700),
    ("Seismograph Q1", 15_200),
    ("Hygrometer H3", 640),
    ("Anemometer A9", 890),
)
CITIES: Final = ("Antwerp", "Bergen", "Cluj", "Dakar", "Eindhoven", "Faro", "Ghent", "Hanoi", "Izmir", "Jena")
CUSTOMERS: Final = 60
ORDERS: Final = 800
FIRST_ORDER: Final = date(2025, 1, 6)
LARGE_FILE: Final = 2_000_000_000  # bytes; sparse, so that it costs no disk
SCHEMA: Final = """
create table instrument (id integer primary key, name text not null, price integer not null);
create table customer (id integer primary key, name text not null, city text not null);
create table "order" (
    id integer primary key,
    customer_id integer not null references customer (id),
    instrument_id integer not null references instrument (id),
    quantity integer not null,
    ordered_on text not null,
    paid integer not null
);
"""


def write_database(path: Path, seed: int) -> None:
    """The company's orders in a SQLite file; equal seeds give equal rows."""
    random = Random(seed)  # noqa: S311  invoices, not secrets
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        connection.executescript(SCHEMA)
        connection.executemany("insert into instrument (name, price) values (?, ?)", INSTRUMENTS)
        connection.executemany(
            "insert into customer (name, city) values (?, ?)",
            [(f"Observatory {number:02}", random.choice(CITIES)) for number in range(1, CUSTOMERS + 1)],
        )
        connection.executemany(
            'insert into "order" (customer_id, instrument_id, quantity, ordered_on, paid) values (?, ?, ?, ?, ?)',
            [_order(random) for _ in range(ORDERS)],
        )
    connection.close()


def _order(random: Random) -> tuple[int, int, int, str, int]:
    day = FIRST_ORDER + timedelta(days=random.randint(0, 600))
    return (
        random.randint(1, CUSTOMERS),
        random.randint(1, len(INSTRUMENTS)),
        random.randint(1, 12),
        day.isoformat(),
        int(random.random() < 0.9),
    )


def write_notebook(path: Path) -> None:
    """A small interactive notebook."""
    path.write_text(_content("notebook.txt"), encoding="utf-8")


def write_files(directory: Path) -> None:
    """A page, two small files and a large one."""
    directory.mkdir(mode=0o700, exist_ok=True)
    (directory / "index.html").write_text(_content("files_index.txt"), encoding="utf-8")
    (directory / "handbook.txt").write_text(_content("handbook.txt"), encoding="utf-8")
    prices = "".join(f"{name},{price}\n" for name, price in INSTRUMENTS)
    (directory / "prices.csv").write_text(f"instrument,price\n{prices}", encoding="utf-8")
    with (directory / "measurements.bin").open("wb") as large:
        large.truncate(LARGE_FILE)


def _content(name: str) -> str:
    return files("assay.simulator").joinpath("content", name).read_text(encoding="utf-8")
