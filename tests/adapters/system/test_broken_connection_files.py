"""A corpus of broken connection files, each with the sentences a person is told."""

import pytest

from app.adapters.system.connection_file import parse

ENVIRONMENT = {"SECRET": "a-secret-that-is-long", "ACME_TOKEN": "0123456789abcdef", "EMPTY": "", "RATE": "seven"}

SOUND = """name: acme
autotask:
  username: api@acme.example
  secret: ${SECRET}
field_nation:
  client_id: abc
  client_secret: ${SECRET}
  username: user
  password: ${SECRET}
"""


def changed(old: str, new: str) -> str:
    assert old in SOUND
    return SOUND.replace(old, new, 1)


def deep(levels: int) -> str:
    return f"settings: {'[' * levels}{']' * levels}\n"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
)

CORPUS: dict[str, tuple[str, list[str]]] = {
    "an empty file": ("", ["file: is empty. Write a connection, beginning with 'name:'."]),
    "comments only": ("# nothing\n", ["file: is empty. Write a connection, beginning with 'name:'."]),
    "a list": ("- name: acme\n", ["file (line 1): is not a connection. Write keys, beginning with 'name:'."]),
    "a sentence": ("just text\n", ["file (line 1): is not a connection. Write keys, beginning with 'name:'."]),
    "a tab": (
        "name: acme\nautotask:\n\tusername: x\n",
        [
            "file (line 3): is not YAML: found character '\\t' that cannot start any token. "
            "Indent with blanks, never with tabs."
        ],
    ),
    "an open bracket": (
        SOUND + "settings: {notify: [a@b.c}\n",
        ["file (line 10): is not YAML: expected ',' or ']', but got '}'. Mend the line, or put the value in quotes."],
    ),
    "a secret taken for an alias": (
        changed("${SECRET}", "*hunter2"),
        ["file (line 4): is not YAML: found undefined alias. Mend the line, or put the value in quotes."],
    ),
    "a secret taken for a tag": (
        changed("${SECRET}", "!hunter2"),
        ["autotask.secret (line 4): begins with a tag. Write the plain value, in quotes where it begins with '!'."],
    ),
    "a python tag": (
        SOUND + "notes: !!python/object/apply:os.system [id]\n",
        ["notes (line 10): begins with a tag. Write the plain value, in quotes where it begins with '!'."],
    ),
    "a bomb of aliases": (
        BOMB,
        [
            "e[0][6][8][8][8] (line 1): grows beyond all measure through its aliases, or is too large. "
            "Write the values out instead of using aliases."
        ],
    ),
    "an alias of itself": (
        SOUND + "notes: &n {send: *n}\n",
        [
            f"notes{'.send' * 32} (line 10): grows beyond all measure through its aliases, or is too large. "
            "Write the values out instead of using aliases."
        ],
    ),
    "deep nesting": (SOUND + deep(40), ["file (line 10): is nested deeper than 32 levels. Nest it less."]),
    "deep nesting without an end": ("[" * 100_000, ["file (line 1): is nested deeper than 32 levels. Nest it less."]),
    "too large": (
        "#" * 300_000,
        ["file: has 300000 bytes. Keep the file under 262144 bytes."],
    ),
    "a key written twice": (
        SOUND + "name: beta\n",
        ["name (line 10): is written twice, first in line 1. Keep one of the two."],
    ),
    "an inner key written twice": (
        changed("  username: api@acme.example\n", "  username: a\n  username: b\n"),
        ["autotask.username (line 4): is written twice, first in line 3. Keep one of the two."],
    ),
    "a key that is a list": (
        SOUND + "? [a]\n: b\n",
        ["file (line 10): has a key that is not a word. Write a plain key."],
    ),
    "only a name": (
        "name: acme\n",
        [
            "autotask: is missing. Add autotask: with username and secret below it.",
            "field_nation: is missing. Add field_nation: with client_id and client_secret below it.",
        ],
    ),
    "no name": (changed("name: acme\n", ""), ["name: is missing. Add a line such as name: acme."]),
    "a name with capitals": (
        changed("acme", "Acme Inc"),
        ["name (line 1): 'Acme Inc' is not a name: lower-case letters, digits and dashes. Write 'acme-inc'."],
    ),
    "a name that is a number": (changed("acme", "12"), ["name (line 1): 12 is not text. Put the value in quotes."]),
    "a misspelt group": (
        SOUND + "setings: {mode: shadow}\n",
        ["setings (line 10): is not a key of a connection. Perhaps 'settings' was meant."],
    ),
    "a key of nowhere": (
        SOUND + "zzz: 1\n",
        [
            "zzz (line 10): is not a key of a connection. Write 'name', 'client_token', 'time_zone', 'autotask', "
            "'field_nation', 'time_entries', 'expenses', 'notes', 'attachments', 'settings' or 'mappings'."
        ],
    ),
    "a merge key": (
        SOUND + "<<: {time_zone: UTC}\n",
        [
            "<< (line 10): is not a key of a connection. Write 'name', 'client_token', 'time_zone', 'autotask', "
            "'field_nation', 'time_entries', 'expenses', 'notes', 'attachments', 'settings' or 'mappings'."
        ],
    ),
    "a misspelt key that was needed is one complaint": (
        changed("client_id", "clientid"),
        ["field_nation.clientid (line 6): is not a key of field_nation. Perhaps 'client_id' was meant."],
    ),
    "a misspelt key in a provider": (
        SOUND + "time_entries:\n  providers:\n    88: {resource_id: 1, rol_id: 2}\n",
        [
            "time_entries.providers.88.rol_id (line 12): is not a key of time_entries.providers.88. "
            "Perhaps 'role_id' was meant."
        ],
    ),
    "a group that is a word": (
        "name: acme\nautotask: secret\nfield_nation: []\n",
        [
            "autotask (line 2): 'secret' is not a group of keys. Write the keys below it, indented.",
            "field_nation (line 3): a list is not a group of keys. Write the keys below it, indented.",
        ],
    ),
    "a grant that does not exist": (
        changed("  client_id: abc\n", "  client_id: abc\n  grant: pasword\n"),
        [
            "field_nation.grant (line 7): 'pasword' is not 'password' or 'client_credentials'. "
            "Perhaps 'password' was meant."
        ],
    ),
    "a service object in the wrong case": (
        changed("  username: api", "  service_object: servicecall\n  username: api"),
        [
            "autotask.service_object (line 3): 'servicecall' is not 'ticket', 'ServiceCall' or 'Project'. "
            "Perhaps 'ServiceCall' was meant."
        ],
    ),
    "a rate that is a word": (
        changed("  client_id: abc\n", "  client_id: abc\n  calls_per_minute: many\n"),
        ["field_nation.calls_per_minute (line 7): 'many' is not a whole number. Write digits only."],
    ),
    "a rate of nothing": (
        changed("  client_id: abc\n", "  client_id: abc\n  calls_per_minute: 0\n"),
        ["field_nation.calls_per_minute (line 7): 0 is not a number of at least 1. Write 1 or more."],
    ),
    "a rate from the environment that is a word": (
        changed("  client_id: abc\n", "  client_id: abc\n  calls_per_minute: ${RATE}\n"),
        ["field_nation.calls_per_minute (line 7): '${RATE}' is not a whole number. Write digits only."],
    ),
    "an hourly share that is neither": (
        changed("  username: api", "  calls_per_hour: lots\n  username: api"),
        ["autotask.calls_per_hour (line 3): 'lots' is not 'auto' or a whole number. Write 'auto'."],
    ),
    "a switch that is a word": (
        SOUND + "attachments: {enabled: sometimes}\n",
        ["attachments.enabled (line 10): 'sometimes' is not true or false. Write true or false."],
    ),
    "true where a number belongs": (
        SOUND + "time_entries: {resource_id: true}\n",
        ["time_entries.resource_id (line 10): true is not a whole number. Write digits only."],
    ),
    "a secret that is a number is not shown": (
        changed("${SECRET}", "123456"),
        ["autotask.secret (line 4): is not text. Put the value in quotes."],
    ),
    "a word where a list belongs": (
        SOUND + "settings: {notify: ops@acme.example}\n",
        ["settings.notify (line 10): 'ops@acme.example' is not a list. Write [a, b], or one line with '- ' for each."],
    ),
    "a mail address without a host": (
        SOUND + "settings: {notify: [ops]}\n",
        ["settings.notify[0] (line 10): 'ops' is not a mail address. Write one such as ops@example.com."],
    ),
    "a time zone that does not exist": (
        SOUND + "time_zone: America/Chicgo\n",
        ["time_zone (line 10): 'America/Chicgo' is not an IANA time zone. Perhaps 'America/Chicago' was meant."],
    ),
    "half a time zone": (
        SOUND + "time_zone: America\n",
        ["time_zone (line 10): 'America' is not an IANA time zone. Write one such as America/Chicago."],
    ),
    "an action that does not exist": (
        SOUND + "settings: {work_order_actions: [publsh]}\n",
        [
            "settings.work_order_actions[0] (line 10): 'publsh' is not 'publish', 'unpublish', 'cancel' or 'approve'. "
            "Perhaps 'publish' was meant."
        ],
    ),
    "cancelling without a reason": (
        SOUND + "settings: {work_order_actions: [cancel]}\n",
        [
            "settings.cancel_reason (line 10): is blank, and work_order_actions lists 'cancel'. "
            "Write the reason that Field Nation shall be given, or take 'cancel' out."
        ],
    ),
    "a mode that does not exist": (
        SOUND + "settings: {mode: autmatic}\n",
        [
            "settings.mode (line 10): 'autmatic' is not 'automatic', 'approve' or 'shadow' or a group of keys. "
            "Perhaps 'automatic' was meant."
        ],
    ),
    "a mode of a kind that does not exist": (
        SOUND + "settings: {mode: {default: automatic, chargs: approve}}\n",
        ["settings.mode.chargs (line 10): is not a kind of write. Perhaps 'charges' was meant."],
    ),
    "a wrong mode of a kind": (
        SOUND + "settings: {mode: {charges: appove}}\n",
        [
            "settings.mode.charges (line 10): 'appove' is not 'automatic', 'approve' or 'shadow'. "
            "Perhaps 'approve' was meant."
        ],
    ),
    "a status that is neither label nor id": (
        SOUND + "settings: {excluded_statuses: [1.5]}\n",
        ["settings.excluded_statuses[0] (line 10): 1.5 is not text or a whole number. Write digits only."],
    ),
    "a filter with an operator that does not exist": (
        SOUND + "settings: {import_when: [{op: equals, field: status, value: 1}]}\n",
        [
            "settings.import_when[0].op (line 10): 'equals' is not an operator of Autotask's filter. Write 'and', "
            "'beginsWith', 'contains', 'endsWith', 'eq', 'exist', 'gt', 'gte', 'in', 'lt', 'lte', 'notExist', "
            "'notIn', 'noteq' or 'or'."
        ],
    ),
    "a filter without a field, in a group": (
        SOUND + "settings: {import_when: [{op: or, items: [{op: eq, value: 1}]}]}\n",
        ["settings.import_when[0].items[0].field (line 10): is missing. Name the field that is compared."],
    ),
    "a filter without a value": (
        SOUND + "settings: {import_when: [{op: eq, field: status}]}\n",
        ["settings.import_when[0].value (line 10): is missing. Write the value, or use the operator 'notExist'."],
    ),
    "a password grant without a password": (
        changed("  password: ${SECRET}\n", ""),
        [
            "field_nation.password (line 5): is missing, and grant: password needs it. "
            "Add it, or write grant: client_credentials."
        ],
    ),
    "a blank user name": (
        changed("api@acme.example", '" "'),
        ["autotask.username (line 3): is blank. Write the value that the vendor gave you."],
    ),
    "an address without a scheme": (
        changed("  client_id: abc\n", "  client_id: abc\n  base_url: api.fieldnation.com\n"),
        ["field_nation.base_url (line 7): 'api.fieldnation.com' is not a URL. Write https://api.fieldnation.com."],
    ),
    "credentials over plain http": (
        changed("  client_id: abc\n", "  client_id: abc\n  base_url: http://api.fieldnation.com\n"),
        [
            "field_nation.base_url (line 7): 'http://api.fieldnation.com' would send credentials unencrypted. "
            "Write https:// (http is for loopback addresses only)."
        ],
    ),
    "a page address without a place for the id": (
        changed("  client_id: abc\n", "  client_id: abc\n  web_url: https://app.fieldnation.com/workorders\n"),
        [
            "field_nation.web_url (line 7): 'https://app.fieldnation.com/workorders' has no {id} where the work "
            "order's id goes. Write https://app.fieldnation.com/workorders/{id}."
        ],
    ),
    "a host with a scheme": (
        SOUND + "attachments: {hosts: ['https://files.example.com']}\n",
        [
            "attachments.hosts[0] (line 10): 'https://files.example.com' is not a host name. "
            "Write the host alone, such as files.example.com."
        ],
    ),
    "a provider that is a name": (
        SOUND + "time_entries: {providers: {joe: {resource_id: 1, role_id: 2}}}\n",
        [
            "time_entries.providers.joe (line 10): is not the id of a Field Nation provider. "
            "Write the provider's number as the key."
        ],
    ),
    "a variable that is not set": (
        SOUND + "client_token: ${ACME_TOKN}\n",
        ["client_token (line 10): '${ACME_TOKN}' is not set. Set ACME_TOKN, or write ${ACME_TOKEN}."],
    ),
    "a variable that is empty": (
        changed("secret: ${SECRET}", "secret: ${EMPTY}"),
        ["autotask.secret (line 4): '${EMPTY}' is set, and empty. Give EMPTY a value."],
    ),
    "a placeholder that is not closed": (
        changed("secret: ${SECRET}", 'secret: "${SECRET"'),
        ["autotask.secret (line 4): has a '${' that is not closed. Close it with '}', or write '$${'."],
    ),
    "a placeholder that names nothing": (
        changed("secret: ${SECRET}", 'secret: "${no such}"'),
        ["autotask.secret (line 4): '${no such}' names no variable and no file. Write ${NAME} or ${file:/path}."],
    ),
    "a file that is not there": (
        changed("secret: ${SECRET}", "secret: ${file:/nowhere/at/all}"),
        [
            "autotask.secret (line 4): '${file:/nowhere/at/all}' cannot be read: no such file or directory. "
            "Name a readable file."
        ],
    ),
    "a file without its folder": (
        changed("secret: ${SECRET}", "secret: ${file:acme}"),
        [
            "autotask.secret (line 4): '${file:acme}' is not an absolute path. "
            "Write one such as ${file:/run/secrets/acme}."
        ],
    ),
    "a short token": (
        SOUND + "client_token: short\n",
        [
            "client_token (line 10): has 5 characters, too few for a token that is not guessed. Write at least 16 "
            "characters, or leave client_token out and ask `trigger-url` for one."
        ],
    ),
    "a token with a blank": (
        SOUND + "client_token: a token with some blanks\n",
        ["client_token (line 10): holds a blank or a character outside ASCII. Write letters and digits."],
    ),
    "mappings that are no list": (
        SOUND + "mappings: {inbound: {source: Title}}\n",
        ["mappings.inbound (line 10): a group of keys is not a list. Write [a, b], or one line with '- ' for each."],
    ),
    "a rule that is a word": (
        SOUND + "mappings: {inbound: [Title]}\n",
        ["mappings.inbound[0] (line 10): 'Title' is not a group of keys. Write the keys below it, indented."],
    ),
    "two connections of one name": (
        f"{SOUND}---\n{SOUND}",
        ["name: 'acme' names two documents of the file. Give each its own name."],
    ),
    "the second of two documents": (
        f"{SOUND}---\nname: beta\n",
        [
            "autotask: is missing. Add autotask: with username and secret below it.",
            "field_nation: is missing. Add field_nation: with client_id and client_secret below it.",
        ],
    ),
    "several faults at once": (
        changed("api@acme.example", "5") + "time_zone: Mars\nnotes: {publish: all}\n",
        [
            "time_zone (line 10): 'Mars' is not an IANA time zone. Write one such as America/Chicago.",
            "autotask.username (line 3): 5 is not text. Put the value in quotes.",
            "notes.publish (line 11): 'all' is not a whole number. Write digits only.",
        ],
    ),
}


@pytest.mark.parametrize("case", CORPUS)
def test_a_broken_file_is_refused_with_a_clear_sentence(case: str) -> None:
    text, sentences = CORPUS[case]
    loaded = parse(text.encode(), ENVIRONMENT)
    assert [fault.sentence for fault in loaded.faults] == sentences
    assert loaded.files == ()


def test_the_corpus_is_large_and_its_base_is_sound() -> None:
    assert len(CORPUS) >= 40
    assert parse(SOUND.encode(), ENVIRONMENT).faults == ()


def test_a_file_that_is_no_text_is_refused() -> None:
    said = [fault.sentence for fault in parse(b"name: \xff", ENVIRONMENT).faults]
    assert said == ["file: is not UTF-8 at byte 6. Save the file as UTF-8."]


@pytest.mark.parametrize("case", CORPUS)
def test_no_complaint_shows_a_secret(case: str) -> None:
    loaded = parse(CORPUS[case][0].encode(), ENVIRONMENT)
    assert not any("hunter2" in fault.sentence or ENVIRONMENT["SECRET"] in fault.sentence for fault in loaded.faults)
