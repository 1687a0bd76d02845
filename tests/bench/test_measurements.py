"""The benches' own judgement: what is missing or missed is a failure, and the load generator is read rightly."""

import pytest

from assay.cli.bench.bare_gateway import without
from assay.cli.bench.cut import CAUSES, histogram, report
from assay.cli.bench.figures import Figure, markdown, percentile
from assay.cli.bench.load import Load, read_load
from assay.cli.bench.open_streams import KINDS, frame
from assay.gateway.json_text import Json
from assay.values import AssayError

WRK = """Running 2s test @ https://bench.assay.localhost:40001/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     4.22ms    1.01ms  17.70ms   80.00%
  Latency Distribution
     50%    4.12ms
     75%    5.00ms
     90%    6.00ms
     99%   54.64ms
  13842 requests in 2.03s, 1.20MB read
  Socket errors: connect 0, read 3, write 0, timeout 1
  Non-2xx or 3xx responses: 5
Requests/sec:   6812.23
Transfer/sec:      0.59MB
"""
QUIET = Load(requests=10, per_second=5_000.0, p50_ms=1.0, p99_ms=2.0, errors=0)


def full(milliseconds: float) -> dict[tuple[str, str], list[float]]:
    return {(cause, kind): [milliseconds] * 10 for cause in CAUSES for kind in KINDS}


def test_wrk_is_read() -> None:
    assert read_load(WRK) == Load(requests=13_842, per_second=6812.23, p50_ms=4.12, p99_ms=54.64, errors=9)


def test_what_is_no_report_of_wrk_is_an_error() -> None:
    with pytest.raises(AssayError):
        read_load("unable to connect")


def test_all_cells_in_time_are_met() -> None:
    assert report(full(3.0), QUIET, cuts=10, rate=5_000, megabytes=1.0, load_before=0.0).met


@pytest.mark.parametrize("cell", [(cause, kind) for cause in CAUSES for kind in KINDS], ids=" x ".join)
def test_a_missing_cut_is_a_failure_and_is_named(cell: tuple[str, str]) -> None:
    times = full(3.0)
    times[cell].pop()
    found = report(times, QUIET, cuts=10, rate=5_000, megabytes=1.0, load_before=0.0)
    assert not found.met
    assert found.notes == (f"{cell[0]} x {cell[1]}: 1 of 10 were not cut",)


@pytest.mark.parametrize(("slow", "met"), [(4.9, True), (5.1, False)])
def test_one_slow_cell_is_a_missed_target(slow: float, met: bool) -> None:
    times = full(1.0)
    times["policy published", "http2"] = [slow] * 10
    assert report(times, QUIET, cuts=10, rate=5_000, megabytes=1.0, load_before=0.0).met is met


def test_the_histogram_counts_every_cut_once() -> None:
    times = full(1.0)
    times["session revoked", "idle"] = [0.1, 0.5, 4.99, 5.0, 1_000.0]
    line = next(line for line in histogram(times).splitlines() if line.startswith("session revoked x idle"))
    assert line.split()[4:13] == ["1", "1", "·", "1", "1", "·", "·", "·", "1"]


def test_percentiles() -> None:
    ordered = [float(number) for number in range(1, 101)]
    assert (percentile(ordered, 0.5), percentile(ordered, 0.99), percentile([7.0], 0.99)) == (51.0, 100.0, 7.0)


def test_a_detail_counts_though_the_table_leaves_it_out() -> None:
    found = report(full(60.0), QUIET, cuts=10, rate=5_000, megabytes=1.0, load_before=0.0)
    assert not found.met
    assert "| session revoked x idle: p99" not in markdown(found)
    assert any(figure.name == "session revoked x idle: p99" for figure in found.figures)


def test_targets_are_limits_on_their_side() -> None:
    assert Figure(name="µs", value=75.0, target=75.0).met
    assert not Figure(name="µs", value=75.1, target=75.0).met
    assert not Figure(name="ratio", value=0.84, target=0.85, at_most=False).met


def test_envoy_alone_is_the_same_configuration_without_the_check() -> None:
    filters: Json = [{"name": "lua"}, {"name": "authz", "typed_config": {"a": 1}}, {"name": "router"}]
    routes: Json = {"typed_per_filter_config": {"authz": {"disabled": True}, "lua": {"x": 1}}}
    assert without({"http_filters": filters, "routes": [routes]}, "authz") == {
        "http_filters": [{"name": "lua"}, {"name": "router"}],
        "routes": [{"typed_per_filter_config": {"lua": {"x": 1}}}],
    }


def test_http2_frames() -> None:
    assert frame(4, 0, 0, b"\x00\x04\x7f\xff\xff\xff").hex() == "00000604000000000000047fffffff"
