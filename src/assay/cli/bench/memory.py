"""`assay bench memory`: what the service holds resident after everything was used once."""

import asyncio
from pathlib import Path

import msgspec

from assay.cli.bench.figures import Figure, Measurement, measured
from assay.cli.bench.person import Person
from assay.cli.bench.processes import resident_mib
from assay.cli.bench.stage import BASE_DOMAIN, Stage
from assay.cli.bench.wire import UnexpectedAnswerError, Wire

TARGET_MIB = 150.0
JSON = ("content-type", "application/json")
# A passkey's answer that is well formed and nobody's: it loads and runs all that reads passkeys.
NOBODYS_PASSKEY = {
    "id": "bm9ib2R5",
    "rawId": "bm9ib2R5",
    "type": "public-key",
    "clientExtensionResults": {},
}


async def bench_memory(directory: Path) -> Measurement:
    """Sign-in by password and code, pages, passkey ceremonies, the admin API, an import of policies, the app."""
    async with Stage(directory) as stage:
        figures = [Figure(name="after the start", value=resident_mib(stage.service_pid), unit="MiB")]
        owner = await stage.owner()
        await stage.protect_app()
        owner.forget()
        await owner.open(stage.app_url)
        for path in ("/", "/methods", "/sign-in"):
            await owner.visit(f"https://id.{BASE_DOMAIN}:{stage.port}{path}")
        await _passkeys(stage, owner)
        await _administer(stage)
        figures.append(
            Figure(
                name="with everything used once",
                value=resident_mib(stage.service_pid),
                unit="MiB",
                target=TARGET_MIB,
            )
        )
        figures.append(Figure(name="Envoy beside it", value=resident_mib(stage.envoy_pid), unit="MiB"))
    return measured("Memory", "assay bench memory", figures)


async def _passkeys(stage: Stage, owner: Person) -> None:
    """Both ceremonies, begun in earnest and ended with an answer that is not accepted."""
    wire = Wire(f"id.{BASE_DOMAIN}", stage.port, stage.tls)
    signed_in = ("cookie", f"__Host-assay-id={owner.cookie(f'id.{BASE_DOMAIN}', '__Host-assay-id')}")
    for ceremony, headers in (("/methods/passkey", (signed_in,)), ("/sign-in/passkey", ())):
        sent = (JSON, ("origin", wire.origin), *headers)
        options = await wire.request("POST", f"{ceremony}/options", sent, b"{}")
        if options.status != 200:
            raise UnexpectedAnswerError(ceremony, options)
        handle = msgspec.json.decode(options.body, type=dict[str, msgspec.Raw])["handle"]
        response = {"clientDataJSON": "e30", "attestationObject": "oA", "authenticatorData": "AA", "signature": "AA"}
        answer = {"handle": handle, "credential": NOBODYS_PASSKEY | {"response": response}}
        refused = await wire.request("POST", ceremony, sent, msgspec.json.encode(answer))
        if refused.status >= 500:
            raise UnexpectedAnswerError(ceremony, refused)
    wire.close()


async def _administer(stage: Stage) -> None:
    admin = stage.admin
    await admin.add_user("somebody")
    await admin.assign("bench", "somebody")
    await admin.disable("somebody")
    await admin.revoke_sessions("somebody")
    await admin.import_policies(
        {
            "displayName": "Read the policies once",
            "state": "enabledForReportingButNotEnforced",
            "conditions": {
                "users": {"includeUsers": ["All"]},
                "applications": {"includeApplications": ["All"]},
                "clientAppTypes": ["all"],
            },
            "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
        }
    )


def run(directory: Path) -> Measurement:
    """`bench_memory` in an event loop of its own."""
    return asyncio.run(bench_memory(directory))
