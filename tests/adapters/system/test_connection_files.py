"""Sound connection files: what YAML means, what is filled in, and the example that is shipped."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.system.connection_file import dump, load, parse
from app.adapters.system.strict_yaml import read_documents

EXAMPLES = Path(__file__).parents[3] / "config"

MINIMAL = """name: acme
autotask: {username: api@acme.example, secret: "${S}"}
field_nation: {client_id: c, client_secret: "${S}", grant: client_credentials}
"""


class Environment(dict[str, str]):
    """Every variable has a value."""

    def get(self, key: str, default: object = None) -> str:  # type: ignore[override]  # as the reader calls it
        return f"the-value-of-{key.lower()}"


def test_defaults_need_not_be_written() -> None:
    file = parse(MINIMAL.encode(), {"S": "x"}).files[0]
    assert file.settings.excluded_statuses == ("Complete",)
    assert file.field_nation.base_url == "https://api.fieldnation.com"
    assert file.autotask.secret.get_secret_value() == "x"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("No", "No"),
        ("on", "on"),
        ("0123", "0123"),
        ("12:30", "12:30"),
        ("2026-01-02", "2026-01-02"),
        ("1e3", "1e3"),
        ("0x10", "0x10"),
        ("true", True),
        ("7", 7),
        ("-7", -7),
        ("1.50", 1.5),
        ("~", None),
        ("", None),
        ("9" * 30, "9" * 30),
    ],
)
def test_scalars_mean_what_people_mean(written: str, value: object) -> None:
    rule = f"{MINIMAL}mappings: {{inbound: [{{target: title, action: set_static, value: {written}}}]}}\n"
    assert parse(rule.encode(), {"S": "x"}).files[0].mappings.inbound[0]["value"] == value


def test_a_variable_is_filled_in_anywhere_and_twice_dollar_escapes() -> None:
    text = (
        MINIMAL.replace("api@acme.example", "'${USER}@${HOST}.example'") + "settings: {cancel_reason: 'a $${x} b $5'}\n"
    )
    file = parse(text.encode(), {"S": "x", "USER": "api", "HOST": "acme"}).files[0]
    assert file.autotask.username == "api@acme.example"
    assert file.settings.cancel_reason == "a ${x} b $5"


def test_a_value_that_looks_like_a_placeholder_is_not_filled_in_again() -> None:
    file = parse(MINIMAL.encode(), {"S": "${HOME}"}).files[0]
    assert file.autotask.secret.get_secret_value() == "${HOME}"


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("pass word\n")
    file = parse(MINIMAL.replace("${S}", f"${{file:{secret}}}").encode(), {}).files[0]
    assert file.autotask.secret.get_secret_value() == "pass word"


def test_a_file_holds_several_connections() -> None:
    text = f"{MINIMAL}---\n{MINIMAL.replace('acme', 'beta', 1)}---\n"
    assert [file.name for file in parse(text.encode(), {"S": "x"}).files] == ["acme", "beta"]


def test_a_group_whose_keys_are_commented_out_is_left_out() -> None:
    assert parse(f"{MINIMAL}settings:\n  # mode: shadow\nnotes:\n".encode(), {"S": "x"}).faults == ()


def test_numbers_as_keys_of_providers_are_read() -> None:
    text = f"{MINIMAL}time_entries: {{providers: {{88: {{resource_id: 1, role_id: 2}}}}}}\n"
    assert list(parse(text.encode(), {"S": "x"}).files[0].time_entries.providers) == ["88"]


def test_a_path_that_is_no_file_is_a_fault(tmp_path: Path) -> None:
    missing = tmp_path / "acme.yaml"
    assert [fault.sentence for fault in load(missing, {}).faults] == [
        f"{missing}: cannot be read: no such file or directory. Name a readable file."
    ]
    assert "is a directory" in load(tmp_path, {}).faults[0].why


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*connection*.y*ml")), ids=lambda path: path.name)
def test_each_example_is_a_sound_file(example: Path) -> None:
    loaded = load(example, Environment())
    assert [fault.sentence for fault in loaded.faults] == []
    assert loaded.files


def test_examples_are_shipped() -> None:
    assert len(list(EXAMPLES.glob("*connection*.y*ml"))) >= 2


def test_what_is_dumped_reads_back() -> None:
    document = {"name": "acme", "time_zone": "No", "n": "012", "on": ["true", True, None, "ü", "12:30", "1.0", 7]}
    assert read_documents(dump(document).encode(), "file")[0][0].value == document


@given(st.binary(max_size=300) | st.text(alphabet=" \n\t:-[]{}&*!|>'\"%@`#?,ab01${}~<", max_size=200).map(str.encode))
def test_no_bytes_make_the_loader_raise(raw: bytes) -> None:
    loaded = parse(raw, {})
    assert loaded.faults
    assert not loaded.files


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["name", "client_token", "time_zone", "autotask", "field_nation", "settings", "notes", "x"]),
        json_values,
    )
)
def test_no_values_make_the_checks_raise(document: dict[str, object]) -> None:
    loaded = parse(yaml.safe_dump(document).encode(), {})
    assert bool(loaded.faults) != bool(loaded.files)
    assert all(fault.sentence for fault in loaded.faults)
