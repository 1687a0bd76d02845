"""What a check is told of a request is bounded."""

from assay.gateway.check_translation import read_connection, read_request

CONNECTION = read_connection("[192.0.2.1]:50000|192.0.2.1:50000|127.0.0.1:8443|1|HTTP/2|wiki.example.com")


def test_a_user_agent_is_cut_to_what_is_worth_keeping() -> None:
    """It is kept with every connection and decision, and a header may be 60 KiB long."""
    asked = read_request("GET", "/", {"host": "wiki.example.com", "user-agent": "Mozilla/5.0 " * 1_000}, CONNECTION)
    assert len(asked.user_agent) == 512
    assert asked.user_agent.startswith("Mozilla/5.0 ")
