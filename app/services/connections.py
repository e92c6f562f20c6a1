"""The life of a connection: applied, shown, tested, paused, archived. Its secrets go in and never come out."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from app.core.mapping.writing import exported_mappings
from app.core.model.connection import Connection, ConnectionFile, MappingsPart
from app.core.model.connection_rules import rule_faults
from app.core.model.failure import Rejected
from app.core.model.fault import Fault, nearest
from app.core.model.finding import Finding, Severity
from app.core.model.secrecy import as_document, placeholder, split_secrets, with_secrets
from app.ports.clock import Clock
from app.ports.connections import Connections
from app.ports.desk import HealthDesk, Row
from app.ports.fields import KeptFields
from app.ports.scripts import Scripts
from app.ports.vendors import Sealer, Vendors
from app.services.differences import Change, differences
from app.services.foresight import foreseen
from app.services.live_checks import RECORD, Live, look
from app.services.permissions import MatrixRow
from app.services.trigger_tokens import TOKEN_FIELD, TriggerTokens, TriggerUrl, carried, is_same

log = structlog.get_logger("connections")

Verb = Literal["created", "changed", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What applying one file did, or (`is_dry_run`) would do. `is_stored` is whether it stands in the database now."""

    name: str
    verb: Verb
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    is_stored: bool
    is_dry_run: bool

    @property
    def is_sound(self) -> bool:
        """No error among the findings."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class TestReport:
    """Whether the credentials work, and what the API user may do. `findings` is what is wrong."""

    # Its name begins like a test's; pytest leaves it alone.
    __test__ = False

    name: str
    ci: int
    company: int
    matrix: tuple[MatrixRow, ...]
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """No error among the findings, and no needed right that is missing."""
        errors = any(finding.severity is Severity.ERROR for finding in self.findings)
        return not errors and all(row.state != "fail" for row in self.matrix)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Key rotation: how many secrets are under the newest key now, and those that no key opens."""

    resealed: int
    not_opened: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody asks to be applied: the file with and without its secrets, those secrets, those to be stored, and
    what stands today."""

    file: ConnectionFile
    bare: ConnectionFile
    plain: Mapping[str, str]
    secrets: Mapping[str, str]
    previous: Mapping[str, str]
    old: Connection | None
    who: str
    note: str


@dataclass(frozen=True, slots=True)
class ConnectionService:
    """What an operator does with connections. `integration_code` is used where a file leaves its own blank;
    `open_scripts` opens the jail in which programs of custom actions are tried; `fields` keeps what was read of both
    systems' fields."""

    store: Connections
    triggers: TriggerTokens
    health: HealthDesk
    vendors: Vendors
    sealer: Sealer
    integration_code: str
    clock: Clock
    fields: KeptFields
    open_scripts: Callable[[], AbstractAsyncContextManager[Scripts]]

    async def apply(self, file: ConnectionFile, *, who: str = "", note: str = "", dry_run: bool = False) -> ApplyReport:
        """Compares, validates against the live systems and stores; a dry run stops before storing.

        A finding with severity error refuses the file as a whole. A change of the file makes a version, which keeps
        `who` applied it and the `note`. Raises `DatabaseAway` when the database is away.
        """
        old = await self.store.named(file.name)
        previous = self._opened(old.name, await self.store.secrets(old.id)) if old else {}
        bare, plain = split_secrets(file)
        secrets = carried(file, plain, previous)
        return await self._apply(_Asked(file, bare, plain, secrets, previous, old, who, note), dry_run=dry_run)

    async def apply_again(
        self, connection: Connection, bare: ConnectionFile, *, who: str, note: str, dry_run: bool = False
    ) -> ApplyReport:
        """Applies an earlier file of the connection, by the same checks; its secrets and its trigger token stay what
        they are today. Raises `Rejected` when no key opens one of them."""
        sealed = await self.store.secrets(connection.id)
        try:
            kept = {field: self.sealer.open(connection.name, field, text) for field, text in sealed.items()}
        except ValueError as error:
            raise Rejected("secret_not_opened", f"{error} {_UNSEALED}") from error
        plain = {field: text for field, text in kept.items() if field != TOKEN_FIELD}
        file = with_secrets(bare, plain)
        asked = _Asked(file, split_secrets(bare)[0], plain, kept, kept, connection, who, note)
        unusable = tuple(_unusable(fault) for fault in rule_faults(file))
        if unusable:
            changes = differences(connection.file, kept, file, kept)
            return ApplyReport(file.name, "refused", changes, unusable, False, dry_run)
        return await self._apply(asked, dry_run=dry_run)

    async def _apply(self, asked: "_Asked", *, dry_run: bool) -> ApplyReport:
        file, old, plain, previous = asked.file, asked.old, asked.plain, asked.previous
        changes = differences(old.file if old else None, previous, file, asked.secrets)
        live, findings = await self._checked(file, plain, old, previous.get(TOKEN_FIELD))
        if any(finding.severity is Severity.ERROR for finding in findings):
            return ApplyReport(file.name, "refused", changes, findings, False, dry_run)
        company = live.company or (old.field_nation_company if old else 0)
        learnt = old is not None and company != old.field_nation_company
        verb: Verb = "created" if old is None else "changed" if changes or learnt else "unchanged"
        if not dry_run and verb != "unchanged":
            await self._store(asked, live, company)
        if not dry_run and TOKEN_FIELD in plain:
            findings += await self._keep_token(file.name, plain[TOKEN_FIELD], previous.get(TOKEN_FIELD))
        log.info("connection_applied", connection=file.name, verb=verb, changes=len(changes), dry_run=dry_run)
        return ApplyReport(file.name, verb, changes, findings, not dry_run, dry_run)

    async def list(self, *, archived: bool = False) -> Sequence[Row]:
        """One row for each connection, by name."""
        return [_row(connection) for connection in await self.store.all(archived=archived)]

    async def show(self, name: str) -> Row:
        """Everything about one connection; of a secret only whether it is set. Raises `Rejected` for no such name."""
        connection = await self.named(name)
        sealed = await self.store.secrets(connection.id)
        words = dict.fromkeys((path for path in _SECRETS if path in sealed), "(set)")
        document = as_document(connection.file, words)
        tokens = await self.triggers.tokens.live(connection.id)
        return {**_row(connection), "live_tokens": tokens, "file": document}

    async def export(self, name: str) -> dict[str, Any]:
        """The connection as plain data for a file, its rules in our dialect: `${...}` stands where a secret is. Raises
        `Rejected`."""
        connection = await self.named(name)
        sealed = await self.store.secrets(connection.id)
        ours = connection.file.model_copy(update={"mappings": _in_our_dialect(connection.file.mappings)})
        return as_document(ours, {path: placeholder(name, path) for path in _SECRETS if path in sealed})

    async def delete(self, name: str) -> None:
        """Archives: tokens are revoked, waiting jobs cancelled, the ledger kept. Raises `Rejected`."""
        await self.store.archive((await self.named(name)).id)
        log.info("connection_archived", connection=name)

    async def test(self, name: str) -> TestReport:
        """Tries the stored credentials and asks what they may do. Raises `Rejected` for no such name."""
        connection = await self.named(name)
        try:
            secrets = self._for_vendors(connection.name, await self.store.secrets(connection.id))
        except ValueError as error:
            return TestReport(name, 0, 0, (), (_unreadable(str(error)),))
        scope = f"connection:{connection.id}"
        live = await look(self.vendors, connection.file, secrets, self.clock, scope=scope, with_rights=True)
        findings = (*live.findings, *_pins(connection, live))
        return TestReport(name, live.ci, live.company, live.matrix, findings)

    async def trigger_url(self, name: str, *, rotate: bool = False) -> TriggerUrl:
        """The URL with a token that is shown this once. Raises `Rejected` when there is nothing left to show."""
        url = await self.triggers.url(await self.named(name), rotate=rotate)
        log.info("trigger_url_shown", connection=name, rotated=rotate, live=url.live)
        return url

    async def pause(self, name: str, by: str) -> None:
        """Stops the connection's work until a person resumes it; triggers are still accepted. Raises `Rejected`."""
        await self.health.set_paused((await self.named(name)).id, True, by)

    async def resume(self, name: str, by: str) -> None:
        """Ends any pause. Raises `Rejected` for no such name."""
        await self.health.set_paused((await self.named(name)).id, False, by)

    async def rotate_keys(self) -> Rotation:
        """Seals every stored secret again with the newest key. What no key opens is left as it is, and named."""
        resealed, closed = 0, []
        for connection in await self.store.all(archived=True):
            sealed = dict(await self.store.secrets(connection.id))
            for field, text in sealed.items():
                try:
                    plain = self.sealer.open(connection.name, field, text)
                except ValueError as error:
                    closed.append(str(error))
                    continue
                sealed[field] = self.sealer.seal(connection.name, field, plain)
                resealed += 1
            await self.store.reseal(connection.id, sealed)
        log.info("keys_rotated", resealed=resealed, not_opened=len(closed))
        return Rotation(resealed, tuple(closed))

    async def named(self, name: str) -> Connection:
        """The live connection of that name. Raises `Rejected` with the nearest name."""
        found = await self.store.named(name)
        if found is None:
            near = nearest(name, [connection.name for connection in await self.store.all()])
            hint = f" Perhaps '{near}' was meant." if near else ""
            raise Rejected("unknown_connection", f"There is no connection named '{name}'.{hint}")
        return found

    def _opened(self, name: str, sealed: Mapping[str, str]) -> dict[str, str]:
        """Those secrets that the present keys open; the others count as not set, so that a file can mend them."""
        opened = {}
        for field, text in sealed.items():
            try:
                opened[field] = self.sealer.open(name, field, text)
            except ValueError:
                log.warning("secret_not_opened", connection=name, field=field)
        return opened

    def _for_vendors(self, name: str, sealed: Mapping[str, str]) -> dict[str, str]:
        return {f: self.sealer.open(name, f, text) for f, text in sealed.items() if f != TOKEN_FIELD}

    async def _checked(
        self, file: ConnectionFile, plain: Mapping[str, str], old: Connection | None, kept: str | None
    ) -> tuple[Live, tuple[Finding, ...]]:
        if not self._code_of(file):
            return Live(), (_NO_CODE,)
        secrets = {field: text for field, text in plain.items() if field != TOKEN_FIELD}
        scope = f"connection:{old.id}" if old else f"file:{file.name}"
        async with self.open_scripts() as scripts:
            live = await look(self.vendors, file, secrets, self.clock, scope=scope, scripts=scripts)
        findings = [*live.findings, *(_pins(old, live) if old else ()), *foreseen(file)]
        if TOKEN_FIELD in plain:
            findings += _token_findings(file.name, await self.triggers.holder(plain[TOKEN_FIELD]), plain, kept)
        return live, tuple(findings)

    async def _store(self, asked: "_Asked", live: Live, company: int) -> None:
        sealed = {field: self.sealer.seal(asked.file.name, field, text) for field, text in asked.secrets.items()}
        stored = await self.store.save(
            asked.bare,
            sealed,
            ci=live.ci,
            integration_code_hash=hashlib.sha256(self._code_of(asked.file).encode()).hexdigest(),
            company=company,
            who=asked.who,
            note=asked.note,
        )
        await self.fields.keep(stored.id, live.catalogs, changed=True)

    async def _keep_token(self, name: str, token: str, previous: str | None) -> tuple[Finding, ...]:
        try:
            await self.triggers.keep(await self.named(name), token, previous)
        except Rejected as failure:
            return (_token_not_live(failure.text),)
        return ()

    def _code_of(self, file: ConnectionFile) -> str:
        return file.autotask.integration_code or self.integration_code


_SECRETS = (
    "client_token",
    "autotask.secret",
    "autotask.webhook_secret",
    "field_nation.client_secret",
    "field_nation.password",
    "field_nation.webhook_secret",
)

_NO_CODE = Finding(
    "integration_code_missing",
    Severity.ERROR,
    RECORD,
    "autotask.integration_code is blank, and so is BROKER_AUTOTASK_INTEGRATION_CODE.",
    "Write the tracking identifier of the API user into one of the two.",
    "autotask.integration_code",
)


def _in_our_dialect(mappings: MappingsPart) -> MappingsPart:
    return MappingsPart(
        inbound=tuple(exported_mappings(mappings.inbound, "inbound")),
        outbound=tuple(exported_mappings(mappings.outbound, "outbound")),
    )


def _row(connection: Connection) -> dict[str, Any]:
    pause = connection.pause
    return {
        "name": connection.name,
        "id": connection.id,
        "state": str(connection.state),
        "pause": None if pause is None else _pause_row(connection),
        "version": connection.version,
        "account": connection.account_id,
        "autotask_ci": connection.autotask_ci,
        "field_nation_company": connection.field_nation_company or None,
        "inbound_rules": len(connection.file.mappings.inbound),
        "outbound_rules": len(connection.file.mappings.outbound),
        "mode": connection.file.settings.mode,
    }


def _pause_row(connection: Connection) -> dict[str, Any]:
    pause = connection.pause
    assert pause is not None
    return {
        "reason": pause.reason,
        "since": pause.since,
        "by_person": pause.by_person,
        "next_probe_at": pause.next_probe_at,
    }


def _pins(connection: Connection, live: Live) -> tuple[Finding, ...]:
    """Credentials of another database or company than the one the connection was first tested with."""
    findings = []
    if live.ci and connection.autotask_ci and live.ci != connection.autotask_ci:
        findings.append(_other("Autotask database", connection.autotask_ci, live.ci, "autotask.username"))
    company = connection.field_nation_company
    if live.company and company and live.company != company:
        findings.append(_other("Field Nation company", company, live.company, "field_nation.client_id"))
    return tuple(findings)


def _other(what: str, pinned: int, found: int, field: str) -> Finding:
    return Finding(
        f"other_{what.rpartition(' ')[2]}",
        Severity.ERROR,
        RECORD,
        f"The credentials belong to {what} {found}, and this connection is pinned to {pinned}: every id that the "
        "ledger holds would mean a stranger's record there.",
        f"Use credentials of {what} {pinned}, or apply the file under another name.",
        field,
    )


def _token_findings(name: str, holder: str, plain: Mapping[str, str], kept: str | None) -> list[Finding]:
    """`holder` is the connection that the file's token opens today; `kept` is what is known of the last file's."""
    if holder not in ("", name):
        text = f"The client_token opens the connection '{holder}' already."
        mend = "Give each connection a token of its own."
        return [Finding("client_token_taken", Severity.ERROR, RECORD, text, mend, TOKEN_FIELD)]
    if not holder and is_same(plain[TOKEN_FIELD], kept):
        text = "The client_token of the file was rotated away and is revoked; applying the file does not bring it back."
        mend = "Take client_token out of the file, or write the present one."
        return [Finding("client_token_revoked", Severity.WARNING, RECORD, text, mend, TOKEN_FIELD)]
    return []


def _token_not_live(reason: str) -> Finding:
    text = f"The connection is stored, and its client_token was not made live: {reason}"
    mend = "Take another client_token, or leave it out and run: broker connection trigger-url"
    return Finding("client_token_not_live", Severity.ERROR, RECORD, text, mend, TOKEN_FIELD)


_UNSEALED = "Put the key that sealed it back into BROKER_SECRET_KEYS, or apply the connection's file again."


def _unreadable(text: str) -> Finding:
    return Finding("secret_not_opened", Severity.ERROR, RECORD, text, _UNSEALED)


def _unusable(fault: Fault) -> Finding:
    """What keeps an earlier file from working with the secrets of today."""
    text = f"{fault.where} of that version {fault.why}."
    mend = "Apply a file that has it; a revert keeps the secrets of today."
    return Finding("version_not_usable", Severity.ERROR, RECORD, text, mend, fault.where)
