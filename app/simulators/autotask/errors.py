"""The vendor's refusals as one exception, with the texts that clients match on."""

import json


class ApiError(Exception):
    """A refusal. `status` is the HTTP status, `texts` the content of the `errors` array."""

    def __init__(self, *texts: str, status: int = 500) -> None:
        super().__init__("; ".join(texts))
        self.status = status
        self.texts = list(texts)

    def body(self) -> str:
        """The JSON body: validation, permission and filter failures all look like this."""
        return json.dumps({"errors": self.texts})


# Autotask developer help, thread limiting; the text as seen in production by several integrations.
THREADS = "API thread threshold of 3 threads has been exceeded"
ZONE_UNKNOWN = "Zone information could not be determined"
NOTHING_TO_DELETE = (
    "No matching records found. The logged in Resource may not have the required permissions to delete the data."
)
NOTHING_TO_UPDATE = (
    "No matching records found. The logged in Resource may not have the required permissions to update the data."
)
TOO_MANY_ORS = "Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions."
# A .NET argument exception, CR LF included, names the parameter that the missing body should have filled.
NO_QUERY_BODY = "Value cannot be null.\r\nParameter name: queryModel"
NO_ENTITY_BODY = "Value cannot be null.\r\nParameter name: entityModel"
ROLE_PAIR = "The specified AssignedResourceID and AssignedRoleID combination is not currently defined"


def no_permission(verb: str) -> ApiError:
    """`verb` is query, create, update or delete. A permission failure is a 500 like any other."""
    return ApiError(f"The logged in Resource does not have the adequate permissions to {verb} this entity type.")


def missing(field: str) -> str:
    return f"Value does not exist for the required field {field}"


def bad_reference(field: str, entity: str) -> str:
    return f"Reference value on field: {field} of type: {entity} does not exist or is invalid"


def bad_pick(value: object, field: str) -> str:
    return f"Picklist value [{value}] does not exist for {field}"


def too_long(field: str, length: int) -> str:
    return f"{field} must be less than or equal to {length} characters"


def not_found_field(field: str, entity: str) -> ApiError:
    return ApiError(f"Unable to find {field} in the {entity} Entity.")


def not_queryable(field: str) -> ApiError:
    """That such a filter fails is documented (Autotask developer help), its text is our choice."""
    return ApiError(f"The field {field} is not queryable.")
