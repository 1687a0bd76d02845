"""Commands of the documents that the test does not run, each with its reason; it parses them all the same.

A row without a command in the documents fails: the list cannot go stale.
"""

from typing import NamedTuple


class NotRun(NamedTuple):
    """Commands of a page ("" is every page) that begin so, and why they are parsed and not run."""

    page: str
    begins: str
    reason: str


FOREGROUND = "runs until it is stopped; the installation that all others are run in was started so"
ITSELF = "is this, or takes minutes; its verb is looked up in ./run"
ROOT_ONLY = "changes the machine, as root; tests/packaging runs what it installs"
PERSON = "a person confirms it in a browser: tests/end_to_end/test_login.py"
ELSEWHERE = "asks a host that is not here"
DEMO = "reads a demo's file: tests/cli/test_program.py and tests/simulator run it"
TWO = "needs two people: tests/end_to_end/test_recovery.py"
EMERGENCY = "needs a use of emergency access: tests/end_to_end/test_emergency.py"
STOPPED = "works on a service that is stopped: tests/end_to_end/test_backup.py and tests/store"
DRILLS = "is run block by block: tests/end_to_end/test_drills.py"
DAMAGED = "needs a row that cannot be read: tests/end_to_end/test_damaged_rows.py"
NO_MAIL = "needs a mail server: tests/messages"

NOT_RUN = (
    NotRun("", "assay up", FOREGROUND),
    NotRun("", "assay demo", DEMO),
    NotRun("", "./run test", ITSELF),
    NotRun("CONTRIBUTING.md", "./run ", ITSELF),
    NotRun("docs/first-app.md", "python3 -m http.server", "runs until it is stopped; any app will do"),
    NotRun("docs/first-app.md", "assay trust", "changes the stores of this machine: tests/end_to_end/test_trust.py"),
    NotRun("docs/api.md", "curl ", ELSEWHERE),
    NotRun("docs/apps.md", "curl ", ELSEWHERE),
    NotRun("docs/apps.md", "git ", ELSEWHERE),
    NotRun("docs/backup.md", "install ", ROOT_ONLY),
    NotRun("docs/backup.md", "systemctl ", ROOT_ONLY),
    NotRun("docs/backup.md", "assay restore ", STOPPED),
    NotRun("docs/break-glass.md", "assay break-glass review ", EMERGENCY),
    NotRun("", "assay policy decide", "reads files that lie elsewhere: tests/cli/test_policy_decide.py runs it"),
    NotRun("", "assay policy replay", "reads a draft that lies elsewhere: tests/cli/test_commands.py runs it"),
    NotRun("docs/command-line.md", "eval ", "is for a shell that somebody types in: tests/cli/test_program.py"),
    NotRun("docs/command-line.md", "assay doctor --config assay.toml --network", ELSEWHERE),
    NotRun("docs/first-app.md", "assay users enrol owner", "is for an owner who has no method yet: tests/end_to_end"),
    NotRun("docs/command-line.md", "assay users methods remove", "takes what somebody signs in with: tests/cli"),
    NotRun("docs/command-line.md", "assay damage show", DAMAGED),
    NotRun("docs/command-line.md", "assay damage remove", DAMAGED),
    NotRun("docs/command-line.md", "assay events tail --follow", "follows until it is stopped: tests/cli"),
    NotRun("docs/command-line.md", "assay events verify", "needs a checkpoint that was kept elsewhere: tests/cli"),
    NotRun("docs/command-line.md", "assay bench", "takes minutes: tests/bench"),
    NotRun("docs/command-line.md", "assay login", PERSON),
    NotRun("docs/command-line.md", "assay logout", PERSON),
    NotRun("docs/command-line.md", "assay api get", PERSON),
    NotRun("docs/command-line.md", "assay users reset approve", TWO),
    NotRun("docs/command-line.md", "assay users reset link", TWO),
    NotRun("docs/command-line.md", "assay messages show", NO_MAIL),
    NotRun("docs/command-line.md", "assay messages retry", NO_MAIL),
    NotRun("docs/command-line.md", "assay messages test", NO_MAIL),
    NotRun("docs/command-line.md", "assay break-glass review ", EMERGENCY),
    NotRun("docs/command-line.md", "assay keys retire", DRILLS),
    NotRun("docs/command-line.md", "assay restore ", STOPPED),
    NotRun("docs/command-line.md", "assay upgrade", STOPPED),
    NotRun("docs/keys.md", "assay ", DRILLS),
    NotRun("docs/messages.md", "assay messages retry", NO_MAIL),
    NotRun("docs/messages.md", "assay messages test", NO_MAIL),
    NotRun("docs/production.md", "export ", ROOT_ONLY),
    NotRun("docs/production.md", "python3 -m venv", ROOT_ONLY),
    NotRun("docs/production.md", "install ", ROOT_ONLY),
    NotRun("docs/production.md", "systemctl ", ROOT_ONLY),
    NotRun("docs/production.md", "systemd-sysusers", ROOT_ONLY),
    NotRun("docs/production.md", "assay ", ROOT_ONLY),
    NotRun("docs/production.md", "/opt/assay/bin/pip ", ROOT_ONLY),
    NotRun("docs/sign-in.md", "npm ", ELSEWHERE),
    NotRun("docs/sign-in.md", "tar ", "unpacks what the line before fetched"),
    NotRun("docs/sign-in.md", "python ", "unpacks what the line before fetched"),
    NotRun("docs/upgrade.md", "assay upgrade", STOPPED),
)
