"""What the company's ten small apps show: a page each of rows that a seed makes, and pages below it."""

from html import escape
from random import Random
from typing import Final

from assay.simulator.names import FIRST, LAST, WORDS
from assay.values import Value

ROWS: Final = 24


class SmallApp(Value, frozen=True, kw_only=True):
    """An app with one kind of row; a column is a kind of word (`_cell`)."""

    name: str
    title: str
    says: str
    columns: tuple[str, ...]


SMALL_APPS: Final = (
    SmallApp(name="wiki", title="Wiki", says="What everybody should find", columns=("Page", "Author", "Day")),
    SmallApp(name="tickets", title="Tickets", says="What is broken", columns=("Number", "Page", "Person", "Day")),
    SmallApp(name="hr", title="Personnel", says="Who works here", columns=("Person", "City", "Day")),
    SmallApp(name="payroll", title="Payroll", says="What everybody earns", columns=("Person", "Amount", "Day")),
    SmallApp(name="crm", title="Customers", says="Who buys", columns=("Customer", "Person", "Amount")),
    SmallApp(name="builds", title="Builds", says="What was built last", columns=("Number", "Page", "Author", "Day")),
    SmallApp(
        name="designs", title="Designs", says="Drawings of instruments", columns=("Number", "Instrument", "Author")
    ),
    SmallApp(name="travel", title="Travel", says="Who is where", columns=("Person", "City", "Day")),
    SmallApp(name="contracts", title="Contracts", says="What was signed", columns=("Number", "Customer", "Day")),
    SmallApp(name="plant", title="Plant floor", says="What the machines do", columns=("Instrument", "Number", "Day")),
)
_CITIES: Final = ("Antwerp", "Bengaluru", "Boston", "Cluj", "Hamburg", "Izmir", "Porto", "Tallinn")
_INSTRUMENTS: Final = ("Anemometer A9", "Barograph B7", "Hygrometer H3", "Seismograph Q1", "Spectrometer S4")
_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:16px/1.6 system-ui,sans-serif;max-width:50rem;margin:3rem auto;"
    "padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;"
    "border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)}"
)


def page(app: SmallApp, path: str) -> str:
    """One page as HTML; the same path always shows the same."""
    random = Random(f"{app.name}{path}")  # noqa: S311  a page's rows, not secrets
    head = "".join(f"<th scope=col>{column}</th>" for column in app.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(_cell(random, column))}</td>" for column in app.columns) + "</tr>"
        for _ in range(ROWS)
    )
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8>"
        f'<meta name=viewport content="width=device-width, initial-scale=1"><title>{app.title}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{app.title}</h1><p>{app.says}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></main></body></html>"
    )


def _cell(random: Random, column: str) -> str:
    match column:
        case "Person" | "Author":
            return f"{random.choice(FIRST)} {random.choice(LAST)}"
        case "City":
            return random.choice(_CITIES)
        case "Instrument":
            return random.choice(_INSTRUMENTS)
        case "Customer":
            return f"Observatory {random.randint(1, 60):02}"
        case "Amount":
            return f"{random.randint(2, 90) * 100:,}"
        case "Number":
            return str(random.randint(1_000, 9_999))
        case "Day":
            return f"{random.randint(1, 28):02}.{random.randint(1, 12):02}.2026"
        case _:
            return f"{random.choice(WORDS)} {random.choice(WORDS)}".capitalize()
