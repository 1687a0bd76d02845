"""`python -m tests.run.fuzz_coverage NAME [libFuzzer's options]`: a target of tests/policy/fuzzing.py by coverage."""

import sys
import time

import atheris  # type: ignore[import-untyped]  # its types are a package apart

with atheris.instrument_imports(include=["assay.policy"]):
    from tests.policy.fuzzing import CHANGES, TARGETS


SAID_EVERY = 10  # seconds


def main(name: str, options: list[str]) -> None:
    target, counted = TARGETS[name], [0, 0]
    started = said = time.monotonic()

    def one(data: bytes) -> None:
        nonlocal said
        counted[0] += 1
        counted[1] += target(data)
        now = time.monotonic()
        if now - said >= SAID_EVERY:  # libFuzzer ends the process itself, and what is to be done at exit with it
            said = now
            report()

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        changed = CHANGES[name](data, seed) if seed % 4 else None
        return changed if changed is not None and len(changed) <= longest else atheris.Mutate(data, longest)

    def report() -> None:
        took = time.monotonic() - started
        sys.stdout.write(f"{counted[0]} inputs in {took:.0f} s, {counted[1]} of them were read as {name}\n")
        sys.stdout.flush()

    atheris.Setup(["fuzz", *options], one, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
