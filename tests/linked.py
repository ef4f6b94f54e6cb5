"""A learner who came by a link in a course.

A test fixture only.
"""

from datetime import datetime

from tutor.learner import Learner
from tutor.lti_link import LinkSettings
from tutor.store import Store
from tutor.store.lti_links import Link, visit_link
from tutor.store.lti_platforms import Platform, save_platform, tenant_of


def came_by(
    store: Store, settings: LinkSettings, now: datetime, *, who: str = "anna", role: str = "learner",
    resource: str = "link-1", course: str = "course", deployment: str = "1", graded: bool = True,
) -> Learner:  # fmt: skip
    """The learner, as a launch would make them; the link has a column in the gradebook when it is graded."""
    made = Platform("https://lms.example", "abc", "https://l/a", "https://l/t", "https://l/k", origins=("https://l",))
    made = save_platform(store, made, [deployment], now=now)
    tenant = tenant_of(made.issuer, made.client_id, deployment)
    items = "https://l/items" if graded else ""
    link = Link(made.id, tenant, course, resource, "A link", settings.to_custom(), line_items=items)
    kept = visit_link(store, link, f"lti:{who}-{deployment}", who, role, now=now)
    return Learner(f"lti:{who}-{deployment}", tenant, course, role, kept.id)
