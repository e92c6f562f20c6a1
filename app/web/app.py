"""The web applications: everything they need comes in as arguments, nothing is global."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI

from app.ports.clock import Clock
from app.ports.desk import HealthDesk
from app.ports.inbox import Inbox
from app.ports.vendors import Sealer
from app.services.events import EventIntake
from app.services.intake import Intake
from app.web.access import AccessTokens
from app.web.door import Door
from app.web.errors import HeadAsGet, Shield, install_problems
from app.web.events import event_entrance
from app.web.health import health_router
from app.web.openapi import describe, entrance_paths
from app.web.triggers import trigger_entrance


def create_app(
    *,
    inbox: Inbox,
    health: HealthDesk,
    sealer: Sealer,
    viewer_token: str,
    admin_token: str,
    clock: Clock,
    version: str,
    draining: Callable[[], bool],
    extras: Sequence[APIRouter] = (),
) -> FastAPI:
    """The web process: triggers, events, health, and the routers in `extras`.

    `draining` is true once the process was told to stop. Answers are never a 500.
    """
    app = _bare(version)
    app.include_router(health_router(health, AccessTokens(viewer_token, admin_token), version, draining))
    for router in extras:
        app.include_router(router)
    describe(app, entrance_paths())
    # The one added last is the outermost; the door stands outside of HEAD, since a trigger's GET has effects.
    app.add_middleware(HeadAsGet)
    triggers, events = Intake(inbox, sealer, clock), EventIntake(inbox, sealer, clock)
    app.add_middleware(Door, entrances=(trigger_entrance(triggers), event_entrance(events)))
    app.add_middleware(Shield)
    return app


def create_health_app(
    *, health: HealthDesk, viewer_token: str, admin_token: str, version: str, draining: Callable[[], bool]
) -> FastAPI:
    """The signs of life of a worker process."""
    app = _bare(version)
    app.include_router(health_router(health, AccessTokens(viewer_token, admin_token), version, draining))
    describe(app, {})
    app.add_middleware(HeadAsGet)
    app.add_middleware(Shield)
    return app


def _bare(version: str) -> FastAPI:
    # Redirects to the path without its last slash would repeat the query, and with it the token.
    app = FastAPI(title="broker", version=version, redirect_slashes=False)
    install_problems(app)
    return app
