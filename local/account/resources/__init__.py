"""The one table from a resource type to the function that creates it in the embedded AWS, grouped by tier."""

from local.account.resources import access, api, compute, machine_learning, messaging, monitoring, storage
from local.account.resources.creation import Create

CREATE: dict[str, Create] = {
    **storage.CREATE,
    **access.CREATE,
    **compute.CREATE,
    **api.CREATE,
    **machine_learning.CREATE,
    **messaging.CREATE,
    **monitoring.CREATE,
}
