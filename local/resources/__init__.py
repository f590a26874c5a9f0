"""The one table from a resource type to the function that creates it in the embedded AWS, grouped by tier."""

from local.resources import access, api, functions, machine_learning, monitoring, storage
from local.resources.creation import Create

CREATE: dict[str, Create] = {
    **storage.CREATE,
    **access.CREATE,
    **functions.CREATE,
    **api.CREATE,
    **machine_learning.CREATE,
    **monitoring.CREATE,
}
