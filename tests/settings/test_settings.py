"""Settings: defaults, one list of everything that is wrong, and what is generated."""

import base64
from pathlib import Path

import pytest

from app import settings as subject
from app.settings import SettingsError, generate, load, warnings

KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def _empty_house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in subject.environment():
        if name.startswith("BROKER_"):
            monkeypatch.delenv(name)


def sentences(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    return [fault.sentence for fault in caught.value.faults]


def test_nothing_has_to_be_set() -> None:
    settings = load()
    assert settings.is_embedded
    assert str(settings.data_dir) == ".broker"
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.autotask_discovery_url == "https://webservices.autotask.net/atservicesrest"
    assert (settings.horizon_s, settings.lease_s, settings.history_days) == (120, 30, 30)
    assert (settings.log_level, settings.upstream_hosts, settings.smtp_url) == ("info", (), None)


def test_a_dotenv_file_is_read_and_the_environment_is_stronger(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("BROKER_LEASE_S=7\nBROKER_HORIZON_S=8\nACME_SECRET=from-file\nOTHER=x\n")
    monkeypatch.setenv("BROKER_HORIZON_S", "9")
    settings = load()
    assert (settings.lease_s, settings.horizon_s) == (7, 9)
    assert subject.environment()["ACME_SECRET"] == "from-file"
    assert subject.environment()["BROKER_HORIZON_S"] == "9"


def test_a_blank_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_SMTP_URL", "")
    monkeypatch.setenv("BROKER_DATABASE_URL", "")
    assert load().is_embedded


def test_everything_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said = sentences(monkeypatch, BROKER_LEASE_S="soon", BROKER_LOG_LEVEL="loud", BROKER_HISTORY_DAYS="0")
    assert said == [
        "BROKER_LEASE_S: 'soon' is not a number. Write digits only.",
        "BROKER_LOG_LEVEL: 'loud' is not 'debug', 'info', 'warning' or 'error'. "
        "Write 'debug', 'info', 'warning' or 'error'.",
        "BROKER_HISTORY_DAYS: '0' is too small. Write 1 or more.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "BROKER_DATABASE_URL",
            "mysql://root:hunter2@db/x",
            "BROKER_DATABASE_URL: is not the URL of a PostgreSQL database. "
            "Write postgresql+asyncpg://user:password@host/name.",
        ),
        (
            "BROKER_SECRET_KEYS",
            f"{KEY},c2hvcnQ=",
            "BROKER_SECRET_KEYS: has a key (number 2) that is not 32 bytes in base64. "
            "Make one with: openssl rand -base64 32.",
        ),
        (
            "BROKER_ADMIN_TOKEN",
            "hunter2",
            "BROKER_ADMIN_TOKEN: has fewer than 16 characters. Make one with: openssl rand -hex 24.",
        ),
        (
            "BROKER_PUBLIC_URL",
            "broker.example.com",
            "BROKER_PUBLIC_URL: 'broker.example.com' is not an http or https URL. "
            "Write one such as https://broker.example.com.",
        ),
        (
            "BROKER_UPSTREAM_HOSTS",
            "127.0.0.1",
            "BROKER_UPSTREAM_HOSTS: '127.0.0.1' names '127.0.0.1', which is not host:port. "
            "Write a comma list such as 127.0.0.1:9001.",
        ),
        (
            "BROKER_SMTP_URL",
            "mail.example.com:25",
            "BROKER_SMTP_URL: is not the URL of a mail server. Write smtp://user:password@host:587?starttls=true.",
        ),
        (
            "BROKER_SMTP_URL",
            "smtp://mail.example.com",
            "BROKER_MAIL_FROM: is not set, and BROKER_SMTP_URL is. Set the address that alerts come from.",
        ),
        (
            "BROKER_AUTOTASK_DISCOVERY_URL",
            "http://zones.example.com",
            "BROKER_AUTOTASK_DISCOVERY_URL: 'http://zones.example.com' is plain http, which is for loopback addresses "
            "named in BROKER_UPSTREAM_HOSTS. Write https://.",
        ),
        ("BROKER_HORIZON_S", "nan", "BROKER_HORIZON_S: 'nan' is not a number. Write digits only."),
        ("BROKER_LEASE_S", "-1", "BROKER_LEASE_S: '-1' is too small. Write more than 0."),
        ("BROKER_LEASE_S", "99999", "BROKER_LEASE_S: '99999' is too large. Write 3600 or less."),
    ],
)
def test_a_bad_value_is_named_with_what_to_write_instead(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    assert sentences(monkeypatch, **{name: value}) == [sentence]


def test_no_secret_stands_in_a_complaint_or_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    said = sentences(
        monkeypatch,
        BROKER_DATABASE_URL="oracle://u:hunter2@db/x",
        BROKER_ADMIN_TOKEN="hunter2",
        BROKER_SECRET_KEYS="hunter2",
        BROKER_SMTP_URL="http://u:hunter2@mail",
    )
    assert len(said) == 4
    assert "hunter2" not in "".join(said)
    settings = load(
        database_url="postgresql://u:hunter2@db/x", secret_keys=KEY, admin_token="hunter2" * 4, smtp_url=None
    )
    assert "hunter2" not in repr(settings)
    assert KEY not in repr(settings)


def test_plain_http_is_for_loopback_addresses_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_AUTOTASK_DISCOVERY_URL", "http://127.0.0.1:9001/atservicesrest/")
    monkeypatch.setenv("BROKER_UPSTREAM_HOSTS", "127.0.0.1:9001, 127.0.0.1:9002")
    settings = load()
    assert settings.autotask_discovery_url == "http://127.0.0.1:9001/atservicesrest"
    assert settings.upstream_hosts == ("127.0.0.1:9001", "127.0.0.1:9002")


@pytest.mark.parametrize("scheme", ["postgresql+asyncpg", "postgresql", "postgres"])
def test_every_spelling_of_a_postgresql_url_is_read(scheme: str) -> None:
    settings = load(database_url=f"{scheme}://u@h1,h2/db")
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql+asyncpg://u@h1,h2/db"


def test_an_unknown_variable_is_a_warning_with_the_nearest() -> None:
    names = {"BROKER_LEASE_SECS": "1", "BROKER_XYZZY": "1", "BROKER_LEASE_S": "1", "PATH": ""}
    assert [fault.sentence for fault in warnings(names)] == [
        "BROKER_LEASE_SECS: is not a setting. Perhaps BROKER_LEASE_S was meant.",
        "BROKER_XYZZY: is not a setting. Remove it.",
    ]


def test_an_embedded_house_makes_its_keys_and_tokens_once_and_shows_tokens_once() -> None:
    first = generate(load())
    second = generate(load())
    assert set(first.shown) == {"BROKER_ADMIN_TOKEN", "BROKER_VIEWER_TOKEN"}
    assert second.shown == {}
    assert first.settings.keys() == second.settings.keys()
    assert len(first.settings.keys()[0]) == 32
    assert second.settings.admin_token is not None
    assert second.settings.admin_token.get_secret_value() == first.shown["BROKER_ADMIN_TOKEN"]
    assert [oct(file.stat().st_mode & 0o777) for file in Path(".broker").iterdir()] == ["0o600"] * 3


def test_given_keys_and_tokens_are_kept_and_nothing_is_written() -> None:
    given = load(secret_keys=KEY, admin_token="a" * 16, viewer_token="v" * 16)
    assert generate(given).settings.keys() == (bytes(32),)
    assert not Path(".broker").exists()


def test_a_database_of_ones_own_wants_given_keys() -> None:
    with pytest.raises(SettingsError, match="BROKER_SECRET_KEYS: is not set, and BROKER_DATABASE_URL is"):
        generate(load(database_url="postgresql://h/db"))
    ready = generate(load(database_url="postgresql://h/db", secret_keys=KEY))
    assert ready.settings.admin_token is None
    assert not Path(".broker").exists()


def test_a_data_folder_that_cannot_be_used_is_a_complaint() -> None:
    Path("taken").write_text("a file")
    with pytest.raises(SettingsError, match=r"BROKER_DATA_DIR: 'taken' cannot be used: .*\. Name a folder"):
        generate(load(data_dir="taken"))


def test_a_damaged_key_file_is_never_replaced() -> None:
    Path(".broker").mkdir()
    Path(".broker/secret-keys").write_text("damaged\n")
    with pytest.raises(SettingsError, match="holds no keys of 32 bytes"):
        generate(load())
    assert Path(".broker/secret-keys").read_text() == "damaged\n"


def test_a_dotenv_that_is_no_text_is_a_complaint() -> None:
    Path(".env").write_bytes(b"BROKER_LEASE_S=\xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load()
