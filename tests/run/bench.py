"""`./run bench [name] …`: `assay bench`, after the load generator was installed where that is possible."""

import sys

from assay.cli.bench.commands import bench
from tests.run.prepare import LOAD_TOOLS, prepare

if __name__ == "__main__":
    prepare(LOAD_TOOLS)
    bench(sys.argv[1:] or ["all"], prog_name="./run bench")
