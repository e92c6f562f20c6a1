"""Who may be named as the person doing the work."""

from app.simulators.autotask.drafts import Draft
from app.simulators.autotask.errors import ROLE_PAIR, ApiError, bad_reference
from app.simulators.autotask.records import Database

API_USER_LICENCE = 7


def require_person(draft: Draft, field: str) -> None:
    """An API-only user cannot be assigned nor log time (Autotask developer help, API users)."""
    resource = draft.db.find("Resources", draft.get(field))
    if resource is not None and resource.get("licenseType") == API_USER_LICENCE:
        raise ApiError(bad_reference(field, "Resource"))


def pair_is_defined(db: Database, resource_id: int, role_id: int) -> bool:
    """Whether a resource holds a service-desk role, actively."""
    pairs = db.rows("ResourceServiceDeskRoles")
    return any(
        pair.get("resourceID") == resource_id and pair.get("roleID") == role_id and pair.get("isActive") is not False
        for pair in pairs
    )


def is_on_a_queue(db: Database, resource_id: int, role_id: int) -> bool:
    """Whether a resource works in a role for at least one service-desk queue, actively."""
    return any(
        tie.get("roleID") == role_id and tie.get("queueID") is not None and tie.get("isActive") is not False
        for tie in db.rows_with("ResourceRoles", "resourceID", resource_id)
    )


def require_pair(draft: Draft, resource_field: str, role_field: str) -> None:
    """Refuse a resource without its role, and a pair that is not defined."""
    resource_id, role_id = draft.get(resource_field), draft.get(role_field)
    if resource_id is None and role_id is None:
        return
    require_person(draft, resource_field)
    if resource_id is None or role_id is None or not pair_is_defined(draft.db, resource_id, role_id):
        raise ApiError(ROLE_PAIR)
