"""Open edX's own LTI code, run without the rest of Open edX: python openedx.py PORT DATA TOOL.

Only the functions of lti_consumer.plugin.compat, through which that code asks Open edX for users, courses and blocks,
are replaced; launches, keys, tokens, grades, rosters and deep linking are Open edX's. Runs in .venv-platforms; the
package is AGPL and no part of the product.
"""

import json
import os
import sys
import uuid
from pathlib import Path
from socketserver import ThreadingMixIn
from types import SimpleNamespace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

PORT, DATA, TOOL = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
HERE = f"http://localhost:{PORT}"
COURSE, BLOCK = "course-v1:edX+AI+2026", "block-v1:edX+AI+2026+type@lti_consumer+block@tutor"
PEOPLE = {
    1: ("anna", "Anna Bold", "student"),
    2: ("ben", "Ben Beck", "student"),
    3: ("ida", "Ida Ivers", "instructor"),
}


def external(user_id: int) -> str:
    """What Open edX calls a person towards tools."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, PEOPLE[user_id][0]))


os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.configure(
    SECRET_KEY="a test's",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA / "openedx.sqlite3")}},
    INSTALLED_APPS=[
        "django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "config_models",
        "rest_framework", "django_filters", "lti_consumer",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "crum.CurrentRequestUserMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    # As Open edX's documentation asks for deep linking: the session reaches the platform inside frames.
    SESSION_COOKIE_SAMESITE="None",
    SESSION_COOKIE_SECURE=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    LOGGING={"version": 1, "handlers": {"c": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["c"], "level": "ERROR"}},
    STATIC_URL="/static/",
    USAGE_ID_PATTERN=r"(?P<usage_id>(?:i4x://?[^/]+/[^/]+/[^/]+/[^@]+(?:@[^/]+)?)|(?:[^/]+))",
    PLATFORM_NAME="A test",
    LMS_ROOT_URL=HERE,
    LTI_BASE=HERE,
    LTI_API_BASE=HERE,
    LEARNING_MICROFRONTEND_URL=HERE,
)  # fmt: skip
django.setup()

from django.contrib.auth import get_user_model, login  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from lti_consumer.api import get_lti_1p3_launch_start_url  # noqa: E402
from lti_consumer.data import Lti1p3LaunchData  # noqa: E402
from lti_consumer.models import (  # noqa: E402
    CourseAllowPIISharingInLTIFlag,
    Lti1p3Passport,
    LtiAgsLineItem,
    LtiConfiguration,
    LtiDlContentItem,
)
from lti_consumer.plugin import compat  # noqa: E402
from opaque_keys.edx.keys import CourseKey, UsageKey  # noqa: E402


class Block:
    """The block in the course that holds the link."""

    location = UsageKey.from_string(BLOCK)
    scope_ids = SimpleNamespace(usage_id=location, user_id=None)
    display_name = "The tutor"
    context_id = CourseKey.from_string(COURSE)
    lti_1p3_passport_id = None
    weight = 100
    has_score = True
    accept_grades_past_due = True
    start = due = None

    def is_past_due(self) -> bool:
        """Never."""
        return False

    def max_score(self) -> int:
        """As in the course."""
        return self.weight

    def set_user_module_score(self, user: Any, score: float, most: int, comment: str = "") -> None:
        """Write into the gradebook; Open edX gives the score as a share."""
        grades = gradebook()
        grades.setdefault(user.username, []).append(score)
        (DATA / "gradebook.json").write_text(json.dumps(grades))


def gradebook() -> dict[str, list[float]]:
    """Every score that reached a person, in order."""
    file = DATA / "gradebook.json"
    return json.loads(file.read_text()) if file.exists() else {}


User = get_user_model()
BY_EXTERNAL = {external(user_id): user_id for user_id in PEOPLE}
compat.load_enough_xblock = compat.load_block_as_user = lambda location: Block()
compat.get_user_from_external_user_id = lambda found: User.objects.get(pk=BY_EXTERNAL[found])
compat.user_has_studio_write_access = lambda user, course: user.is_staff
compat.user_has_access = compat.user_course_access = lambda *given, **named: True
compat.get_course_by_id = lambda course: SimpleNamespace(id=course)
compat.batch_get_or_create_externalids = lambda users: {
    user.pk: SimpleNamespace(external_user_id=external(user.pk)) for user in User.objects.filter(pk__in=list(PEOPLE))
}
compat.get_course_members = lambda course: {
    user_id: {"id": user_id, "username": name, "name": full, "email": f"{name}@example.org", "roles": [role]}
    for user_id, (name, full, role) in PEOPLE.items()
}
compat.merge_course_forum_roles = lambda course, members: members


def prepare() -> LtiConfiguration:
    """Tables, people and the tool's registration."""
    call_command("migrate", verbosity=0)
    for user_id, (name, full, role) in PEOPLE.items():
        User.objects.get_or_create(
            pk=user_id, username=name, defaults={"first_name": full, "is_staff": role == "instructor"}
        )
    if not CourseAllowPIISharingInLTIFlag.objects.exists():
        CourseAllowPIISharingInLTIFlag.objects.create(course_id=CourseKey.from_string(COURSE), enabled=True)
    made, new = LtiConfiguration.objects.get_or_create(
        location=UsageKey.from_string(BLOCK),
        defaults={
            "version": "lti_1p3",
            "config_store": "CONFIG_ON_DB",
            "lti_1p3_oidc_url": f"{TOOL}/lti/login",
            "lti_1p3_launch_url": f"{TOOL}/lti/launch",
            "lti_1p3_redirect_uris": [f"{TOOL}/lti/launch"],
            "lti_advantage_enable_nrps": True,
            "lti_advantage_deep_linking_enabled": True,
            "lti_advantage_deep_linking_launch_url": f"{TOOL}/lti/launch",
            "lti_advantage_ags_mode": os.environ.get("AGS", "declarative"),
        },
    )
    if new:
        passport = made.lti_1p3_passport
        passport.lti_1p3_tool_keyset_url = f"{TOOL}/lti/jwks"
        passport.save()
    return made


def start(request: Any) -> Any:
    """Follow the link in the course: as=anna, kind=launch | choose, frame=1 for the course page around it."""
    user_id = next(each for each, (name, _, _) in PEOPLE.items() if name == request.GET["as"])
    _, full, role = PEOPLE[user_id]
    login(request, User.objects.get(pk=user_id), backend="django.contrib.auth.backends.ModelBackend")
    made = LtiConfiguration.objects.get()
    data = Lti1p3LaunchData(
        user_id=user_id,
        user_role=role,
        config_id=made.config_id,
        resource_link_id=BLOCK,
        name=full,
        external_user_id=external(user_id),
        launch_presentation_document_target="iframe",
        context_id=COURSE,
        context_type=["course_offering"],
        context_title="Language models",
        context_label="AI",
    )
    chosen = LtiDlContentItem.objects.filter(lti_configuration=made).first()
    address = get_lti_1p3_launch_start_url(
        data, deep_link_launch=request.GET.get("kind") == "choose", dl_content_id=chosen.pk if chosen else None
    )
    if "frame" in request.GET:
        frame = f'<iframe id="tool" src="{address.replace("&", "&amp;")}" width="1000" height="700"></iframe>'
        return HttpResponse(f"<!doctype html><title>Course</title><h1>Course</h1>{frame}")
    return HttpResponseRedirect(address)


def state(request: Any) -> Any:
    """What the tests look at: the gradebook, saved links, line items, the registration."""
    made = LtiConfiguration.objects.get()
    passport = str(made.lti_1p3_passport.passport_id)
    return JsonResponse(
        {
            "gradebook": gradebook(),
            "links": [each.attributes for each in LtiDlContentItem.objects.all()],
            "line_items": [
                {"label": each.label, "resource_link": str(each.resource_link_id), "scores": each.scores.count()}
                for each in LtiAgsLineItem.objects.all()
            ],
            "client_id": made.lti_1p3_client_id,
            "keys_url": f"{HERE}/api/lti_consumer/v1/public_keysets/{passport}",
            "token_url": f"{HERE}/api/lti_consumer/v1/token/{passport}",
            "login_url": f"{HERE}/api/lti_consumer/v1/launch/",
            "issuer": HERE,
            "deployment": "1",
            "people": {name: external(user_id) for user_id, (name, _, _) in PEOPLE.items()},
        }
    )


def rotate(request: Any) -> Any:
    """Have the platform make itself another key."""
    for passport in Lti1p3Passport.objects.all():
        passport.lti_1p3_internal_private_key = passport.lti_1p3_internal_public_jwk = ""
        passport.save()
    return JsonResponse({"kid": LtiConfiguration.objects.get().lti_1p3_private_key_id})


urlpatterns = [
    path("start", start),
    path("state", state),
    path("rotate", rotate),
    path("api/", include("lti_consumer.plugin.urls")),
]


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request: the platform asks the tool for keys while the tool asks the platform."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """No line for each request."""

    def log_message(self, *given: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    from django.core.handlers.wsgi import WSGIHandler

    prepare()
    with make_server("localhost", PORT, WSGIHandler(), Server, Quiet) as server:
        print("ready", flush=True)
        server.serve_forever()
