"""The service of connections, over the wired adapters."""

import secrets

from app.adapters.system.jsonnet.scripts import JailedScripts
from app.bootstrap.wiring import Wiring
from app.services.connections import ConnectionService
from app.services.trigger_tokens import TriggerTokens

_TOKEN_BYTES = 24


def connection_service(wiring: Wiring) -> ConnectionService:
    """What commands and the admin API do with connections."""
    settings = wiring.settings
    triggers = TriggerTokens(
        store=wiring.connections,
        tokens=wiring.tokens,
        inbox=wiring.inbox,
        sealer=wiring.sealer,
        public_url=settings.public_url,
        new_token=lambda: secrets.token_urlsafe(_TOKEN_BYTES),
    )
    return ConnectionService(
        store=wiring.connections,
        triggers=triggers,
        health=wiring.health,
        vendors=wiring.vendors,
        sealer=wiring.sealer,
        integration_code=settings.autotask_integration_code.get_secret_value(),
        clock=wiring.clock,
        fields=wiring.fields,
        open_scripts=JailedScripts,
    )
