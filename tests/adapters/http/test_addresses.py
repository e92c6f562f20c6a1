"""Which addresses may be called."""

import pytest

from app.adapters.http.addresses import check_peer, check_url
from app.core.model.failure import Rejected

ALLOWED = frozenset(
    {"127.0.0.1:9001", "localhost:9002", "10.0.0.7:443", "sim.internal:443", "[::1]:9001", "93.184.215.14:80"}
)


@pytest.mark.parametrize(
    "url",
    [
        "https://webservices5.autotask.net/atservicesrest/v1.0/Tickets?x=1",
        "https://api.fieldnation.com:8443/",
        "https://8.8.8.8/",
        "http://127.0.0.1:9001/x",
        "http://localhost:9002/x",
        "https://10.0.0.7/",
        "https://sim.internal",
    ],
)
def test_these_may_be_called(url):
    assert check_url(url, ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "http://webservices5.autotask.net/",
        "http://127.0.0.1:9002/",
        "http://93.184.215.14/",
        "https://127.0.0.1/",
        "https://10.0.0.8/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "https://intranet/",
        "https://user:secret@api.example.com/",
        "ftp://api.example.com/",
        "file:///etc/passwd",
        "https://",
        "",
        "https://api.example.com:99999/",
        "https://[broken/",
    ],
)
def test_these_may_not_be_called_and_the_refusal_shows_no_secret(url):
    with pytest.raises(Rejected) as failure:
        check_url(url, ALLOWED)
    assert failure.value.code == "address_not_allowed"
    assert "secret" not in failure.value.text


@pytest.mark.parametrize(
    ("host", "port", "peer", "tls"),
    [
        ("api.example.com", 443, "93.184.215.14", True),
        ("api.example.com", 443, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("sim.internal", 443, "10.1.2.3", True),
        ("localhost", 9002, "127.0.0.1", False),
    ],
)
def test_a_name_may_live_here(host, port, peer, tls):
    check_peer(host, port, peer, ALLOWED, tls=tls)


@pytest.mark.parametrize(
    ("host", "port", "peer", "tls"),
    [
        ("api.example.com", 443, "10.1.2.3", True),
        ("api.example.com", 443, "::ffff:10.1.2.3", True),
        ("api.example.com", 443, "fe80::1%eth0", True),
        ("api.example.com", 443, "", True),
        ("localhost", 9002, "93.184.215.14", False),
    ],
)
def test_a_name_may_not_lead_here(host, port, peer, tls):
    with pytest.raises(Rejected):
        check_peer(host, port, peer, ALLOWED, tls=tls)
