"""Twelve departments and what each of them works with: groups, and the apps that they may use."""

from typing import Final

from assay.values import Value

INTERNALS: Final = "Internals"
GUESTS: Final = "Guests"
CUSTOMERS: Final = "Customers"
SERVICE_ACCOUNTS: Final = "Service accounts"
BREAK_GLASS: Final = "Break-glass accounts"
EXCLUSIONS: Final = "Policy exclusions"
LEADERSHIP, FINANCE, PEOPLE, LEGAL, IT = "Leadership", "Finance", "People", "Legal", "IT"
PLATFORM, ENGINEERING, RESEARCH = "Platform team", "Engineering", "Research"
MANUFACTURING, SALES, MARKETING, SUPPORT = "Manufacturing", "Sales", "Marketing", "Support"
OF_TWO_HUNDRED: Final = 200


class Department(Value, frozen=True, kw_only=True):
    """A department: a group, the one it is inside of, and how many of two hundred people work in it."""

    name: str
    description: str
    size: int
    inside: str = INTERNALS


class PlannedApp(Value, frozen=True, kw_only=True):
    """An app and the groups that may use it."""

    name: str
    display_name: str
    groups: tuple[str, ...]


DEPARTMENTS: Final = (
    Department(name=LEADERSHIP, description="Decides, and signs", size=4),
    Department(name=FINANCE, description="Books and invoices", size=14),
    Department(name=PEOPLE, description="Hires, pays, looks after everybody", size=9),
    Department(name=LEGAL, description="Contracts, patents, export control", size=5),
    Department(name=IT, description="Identity, devices, help-desk", size=12),
    Department(name=ENGINEERING, description="Builds the instruments", size=44),
    Department(name=PLATFORM, description="Runs what engineering builds on", size=14, inside=ENGINEERING),
    Department(name=RESEARCH, description="What the instruments of the next decade measure", size=20),
    Department(name=MANUFACTURING, description="Makes, calibrates and ships them", size=30),
    Department(name=SALES, description="Sells the instruments", size=26),
    Department(name=MARKETING, description="Tells the world", size=10),
    Department(name=SUPPORT, description="Answers whoever bought one", size=12),
)

# The first four are programs that others wrote; the rest are small pages of one (`intranet.py`).
APPS: Final = (
    PlannedApp(
        name="verify",
        display_name="Verify",
        groups=(INTERNALS, GUESTS, CUSTOMERS, SERVICE_ACCOUNTS, BREAK_GLASS),
    ),
    PlannedApp(
        name="datasette",
        display_name="Orders (Datasette)",
        groups=(FINANCE, IT, SALES, SUPPORT, LEADERSHIP, SERVICE_ACCOUNTS),
    ),
    PlannedApp(name="marimo", display_name="Notebook (marimo)", groups=(ENGINEERING, RESEARCH, IT)),
    PlannedApp(name="files", display_name="Files", groups=(INTERNALS, GUESTS)),
    PlannedApp(name="wiki", display_name="Wiki", groups=(INTERNALS, GUESTS)),
    PlannedApp(name="tickets", display_name="Tickets", groups=(INTERNALS,)),
    PlannedApp(name="hr", display_name="Personnel", groups=(PEOPLE, LEADERSHIP)),
    PlannedApp(name="payroll", display_name="Payroll", groups=(FINANCE, PEOPLE)),
    PlannedApp(name="crm", display_name="Customers", groups=(SALES, MARKETING, SUPPORT, LEADERSHIP)),
    PlannedApp(name="builds", display_name="Builds", groups=(ENGINEERING,)),
    PlannedApp(name="designs", display_name="Designs", groups=(ENGINEERING, RESEARCH, MANUFACTURING)),
    PlannedApp(name="travel", display_name="Travel", groups=(INTERNALS,)),
    PlannedApp(name="contracts", display_name="Contracts", groups=(LEGAL, LEADERSHIP, SALES)),
    PlannedApp(name="plant", display_name="Plant floor", groups=(MANUFACTURING, PLATFORM)),
)
# The apps that everybody opens more often than others.
DAILY: Final = ("wiki", "tickets", "files")


def next_department(have: dict[str, int], people: int) -> Department:
    """Which department lacks people most, for a company of so many."""
    return max(DEPARTMENTS, key=lambda each: each.size * people / OF_TWO_HUNDRED - have.get(each.name, 0))
