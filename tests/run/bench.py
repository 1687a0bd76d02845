"""`./run bench [name] …`: `assay bench`, after the load generator was installed where that is possible."""

import sys

from assay.cli.bench.commands import bench
from tests.run.prepare import LOAD_TOOLS, prepare

if __name__ == "__main__":
    prepare(LOAD_TOOLS)
    if sys.argv[1:2] == ["nodes"]:
        # Machines as network namespaces belong to the tests, not to the program.
        from tests.nodes.bench import nodes

        nodes(sys.argv[2:], prog_name="./run bench nodes")
    if sys.argv[1:2] == ["console"]:
        # So does the browser.
        from tests.console.bench import console

        console(sys.argv[2:], prog_name="./run bench console")
    if sys.argv[1:2] == ["policy"]:
        # And the engines that ours is compared with.
        from tests.policy.bench.command import policy

        policy(sys.argv[2:], prog_name="./run bench policy")
    if sys.argv[1:2] == ["proofs"]:
        from tests.policy.bench.proofs import proofs

        proofs(sys.argv[2:], prog_name="./run bench proofs")
    if sys.argv[1:2] == ["replay"]:
        from tests.policy.bench.replaying import replay

        replay(sys.argv[2:], prog_name="./run bench replay")
    bench(sys.argv[1:] or ["all"], prog_name="./run bench")
