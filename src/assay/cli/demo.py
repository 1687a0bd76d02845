"""`assay demo`: where the demo is, how to sign in, what became of its policies; its past made ready beforehand."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click
import msgspec

from assay.api.shapes.errors import Problem
from assay.cli.client import REFUSED, UNREACHABLE, fail
from assay.cli.find_service import DATA_VARIABLE
from assay.cli.options import data_option, json_option
from assay.cli.output import Output
from assay.configuration.sections import DEFAULT_DOMAIN
from assay.places import Places, default_data, places
from assay.simulator.demo_info import DemoInfo, read_demo_info
from assay.values import AssayError, Value


class Code(Value, frozen=True, kw_only=True):
    """The code of this moment, and for how many seconds it is still shown."""

    user: str
    code: str
    seconds: int


@click.group()
def demo() -> None:
    """Where the demo is, and how to sign in."""


@demo.command("info")
@data_option
@json_option
def info(data: Path | None, as_json: bool) -> None:
    """Print addresses, people with their passwords and TOTP secrets, and apps of the demo."""
    found = _found(data, as_json=as_json)
    output, raw = Output(as_json=as_json), msgspec.json.encode(found)
    if as_json:
        click.echo(raw)
        return
    output.facts(raw, (("url", found.url), ("address", found.address), ("CA certificate", found.ca_file)))
    click.echo()
    output.table(
        raw,
        ("USER", "PASSWORD", "TOTP SECRET", "GROUPS", "ROLES"),
        (
            (person.user, person.password, person.totp_secret, ", ".join(person.groups), ", ".join(person.roles))
            for person in found.people
        ),
        empty="nobody",
    )
    click.echo()
    output.table(raw, ("APP", "URL"), ((app.name, app.url) for app in found.apps), empty="no apps")


@demo.command("code")
@click.argument("user")
@data_option
@json_option
def code(user: str, data: Path | None, as_json: bool) -> None:
    """Print what USER's authenticator app shows now, in place of a telephone."""
    from assay.simulator.authenticator_app import current_code, seconds_left

    found = _found(data, as_json=as_json)
    try:
        person = found.person(user)
    except AssayError as error:
        _fail("noSuchPerson", error, REFUSED, as_json=as_json)
    at = datetime.now(UTC)
    shown = Code(user=person.user, code=current_code(person.totp_secret, at), seconds=seconds_left(at))
    Output(as_json=as_json).said(msgspec.json.encode(shown), shown.code)


@demo.command("policies")
@data_option
@json_option
def policies(data: Path | None, as_json: bool) -> None:
    """Print which policies of the baseline are on, and what of the others cannot be met here."""
    from assay.simulator.baseline import ReportedPolicy, read_report

    def lines(policy: ReportedPolicy) -> Iterator[str]:
        yield f"{policy.name}: {policy.state.value}"
        if policy.held_back:
            yield f"    left in report-only: {policy.held_back}"
        yield from (f"    not decided: {part}" for part in policy.undecided)
        yield from (f"    cannot be met here: {part}" for part in policy.unenforced)
        yield from (f"    nothing here is: {each.kind} {each.id} ({each.path})" for each in policy.missing)

    try:
        report = read_report(_places(data).import_report)
    except AssayError as error:
        _fail("noDemo", error, UNREACHABLE, as_json=as_json)
    told = (line for policy in report.policies for line in lines(policy))
    Output(as_json=as_json).said(msgspec.json.encode(report), *told)


class Prepared(Value, frozen=True, kw_only=True):
    """A company whose days are kept: the next demo of this size has them at once."""

    people: int
    days: int
    until: datetime


@demo.command("prepare")
@click.option("--people", type=int, help="How many people work there; 200 without it.")
@click.option("--days", type=int, help="How many days they have behind them; 14 without it.")
@click.option("--base-domain", help=f"That of the demo; {DEFAULT_DOMAIN} without it.")
@json_option
def prepare(*, people: int | None, days: int | None, base_domain: str | None, as_json: bool) -> None:
    """Live through the company's days now, and keep them: the next `assay up --demo` has them at once."""
    import uvloop

    from assay.cli.demo_past import prepare_past
    from assay.cli.demo_up import size_of
    from assay.simulator.company import Size, plan_company
    from assay.simulator.demo import SEED

    def say(line: str) -> None:
        click.echo(line, err=True)

    os.umask(0o077)
    try:
        company = plan_company(SEED, size_of(people, days) or Size())
        past = uvloop.run(prepare_past(company, base_domain=base_domain, say=say))
    except AssayError as error:
        _fail("notPrepared", error, REFUSED, as_json=as_json)
    prepared = Prepared(people=past.people_count, days=past.days, until=past.until)
    line = f"{prepared.people} people and their {prepared.days} days are kept for the next start of the demo"
    Output(as_json=as_json).said(msgspec.json.encode(prepared), line)


def _found(data: Path | None, *, as_json: bool) -> DemoInfo:
    try:
        return read_demo_info(_places(data).demo_info)
    except AssayError as error:
        _fail("noDemo", error, UNREACHABLE, as_json=as_json)


def _places(data: Path | None) -> Places:
    named = os.environ.get(DATA_VARIABLE)
    return places(data or (Path(named) if named else default_data(demo=True)))


def _fail(code: str, error: AssayError, status: int, *, as_json: bool) -> NoReturn:
    fail(Problem(code=code, message=error.message, remedy=error.remedy), status, as_json=as_json)
