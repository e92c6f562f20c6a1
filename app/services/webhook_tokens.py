"""The tokens in the addresses of webhooks: read back from where they stand, since only digests of them are kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.intake.tokens import token_hash
from app.core.model.connection import Connection
from app.core.model.finding import Finding
from app.services.trigger_tokens import TriggerTokens
from app.services.webhook_addresses import Doors, token_in
from app.services.webhook_reports import System, as_info, as_warning

_MOST_LIVE = 2


@dataclass(frozen=True, slots=True)
class WebhookTokens:
    """`findings` tells of a token that had to be made."""

    by_system: Mapping[System, str]
    findings: tuple[Finding, ...] = ()


async def webhook_tokens(
    triggers: TriggerTokens, connection: Connection, standing: Mapping[System, str], from_file: str
) -> WebhookTokens:
    """A live token for each vendor whose webhook calls the `standing` address, which is empty where there is none.

    The one that stands there, else the other vendor's, else the file's while it is known in plain text; only then a
    new one, which counts as one of the two that may be live.
    """
    doors = Doors(triggers.inbox, triggers.public_url)
    own = {system: token_in(url) for system, url in standing.items() if await doors.holder(url) == connection.name}
    if own.keys() == standing.keys():
        return WebhookTokens(own)
    if own:
        return WebhookTokens({system: own.get(system, next(iter(own.values()))) for system in standing})
    if from_file and await triggers.holder(from_file) == connection.name:
        return WebhookTokens(dict.fromkeys(standing, from_file))
    token, findings = await _made(triggers, connection)
    return WebhookTokens(dict.fromkeys(standing, token), findings)


async def _made(triggers: TriggerTokens, connection: Connection) -> tuple[str, tuple[Finding, ...]]:
    had = await triggers.tokens.live(connection.id)
    token = triggers.new_token()
    await triggers.tokens.add(connection.id, token_hash(token))
    findings = [
        as_info(
            "webhook_token_made",
            "The webhooks got a trigger token of their own; it is one of the two that may be live at once.",
            "After two more rotations of the trigger URL run the command again: the second one ends this token.",
        )
    ]
    if had >= _MOST_LIVE:
        text = "Two other tokens were live, neither of them known in plain text: the older one is revoked now."
        mend = "Whoever still uses the older trigger URL needs the newer one."
        findings.append(as_warning("trigger_token_revoked", text, mend))
    return token, tuple(findings)
