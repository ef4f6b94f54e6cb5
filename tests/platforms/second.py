"""A platform made of the lti1p3platform library, the second that nobody here wrote: python second.py PORT DATA TOOL.

Its launches, tokens, grades, roster and deep linking are the library's; what the library leaves to its user, where line
items and members are kept, is in memory and in one file here. It names no line item: the tool has to make one. Runs in
.venv-platforms.
"""

import json
import sys
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

PORT, DATA, TOOL = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
HERE = f"http://localhost:{PORT}"
CLIENT, DEPLOYMENT, LINK = "tutor-at-second", "deployment-1", "link-1"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"
PEOPLE = {"anna": "Learner", "ben": "Learner", "ida": "Instructor"}

import django  # noqa: E402
from cryptography.hazmat.primitives import serialization as ser  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402
from django.conf import settings  # noqa: E402

settings.configure(
    SECRET_KEY="a test's",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    LOGGING={
        "version": 1,
        "handlers": {"c": {"class": "logging.StreamHandler"}},
        "root": {"handlers": ["c"], "level": "ERROR"},
    },
)
django.setup()

from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils.html import escape  # noqa: E402
from lti1p3platform.exceptions import LineItemNotFoundException  # noqa: E402
from lti1p3platform.framework.django.oidc_login import DjangoAPIOIDCLogin  # noqa: E402
from lti1p3platform.framework.django.request import DjangoRequest  # noqa: E402
from lti1p3platform.framework.django.response import wrap_json_resp  # noqa: E402
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract  # noqa: E402
from lti1p3platform.membership import Context  # noqa: E402
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract  # noqa: E402
from lti1p3platform.registration import Registration  # noqa: E402
from lti1p3platform.score import UpdateScoreStatus  # noqa: E402
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService  # noqa: E402

writing = threading.Lock()


def kept() -> dict[str, Any]:
    """Everything the platform keeps."""
    file = DATA / "second.json"
    return json.loads(file.read_text()) if file.exists() else {"items": {}, "scores": [], "links": [], "key": new_key()}


def keep(value: dict[str, Any]) -> None:
    """Write it, whole or not at all: requests on other threads read meanwhile."""
    written = DATA / "second.json.new"
    written.write_text(json.dumps(value))
    written.replace(DATA / "second.json")


def new_key() -> str:
    """A private key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()).decode()


class Config(LTI1P3PlatformConfAbstract):
    """The tool's registration."""

    def init_platform_config(self, **named: Any) -> None:
        """Make it."""
        private = kept()["key"]
        public = ser.load_pem_private_key(private.encode(), None).public_key()
        pem = public.public_bytes(ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo).decode()
        made = Registration().set_iss(HERE).set_client_id(CLIENT).set_deployment_id(DEPLOYMENT)
        made.set_launch_url(f"{TOOL}/lti/launch").set_oidc_login_url(f"{TOOL}/lti/login")
        made.set_deeplink_launch_url(f"{TOOL}/lti/launch").set_tool_key_set_url(f"{TOOL}/lti/jwks")
        made.set_platform_private_key(private).set_platform_public_key(pem)
        self._registration = made

    def get_registration_by_params(self, **named: Any) -> Registration:
        """The one there is."""
        return self._registration


class Login(DjangoAPIOIDCLogin):
    """Begins a launch."""

    def set_lti_message_hint(self, **named: Any) -> None:
        """What is launched."""
        self._lti_message_hint = named["kind"]


class Launch(LTIAdvantageMessageLaunchAbstract):
    """Signs a launch."""

    def prepare_launch(self, preflight: dict[str, Any]) -> None:
        """Say who comes, from where, and what they may do."""
        name = preflight["login_hint"]
        self.set_user_data(name, [f"{MEMBERSHIP}#{PEOPLE[name]}"], name.title())
        self.set_launch_context_claim("course-1", context_title="Language models")
        if preflight["lti_message_hint"] == "choose":
            self.set_dl(f"{HERE}/chosen", accept_types={"ltiResourceLink"}, extra_data={"csrf": "opaque"})
            return
        self.set_resource_link_claim(LINK, title="The tutor")
        links = kept()["links"]
        if links:
            self.set_custom_parameters_claim(links[0].get("custom", {}))
        self.set_ags(f"{HERE}/items")
        self.set_nrps(f"{HERE}/members?limit=2")

    def render_launch_form(self, data: dict[str, Any], **named: Any) -> HttpResponse:
        """The library's template needs a package that is no dependency of its own; this is the same form."""
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(data[name])}">' for name in ("state", "id_token")
        )
        form = f'<form id="form" method="post" action="{escape(data["launch_url"])}">{fields}</form>'
        return HttpResponse(f"{form}<script>document.getElementById('form').submit()</script>")


class Grades(AssignmentsGradesService):
    """Line items and scores."""

    def find_lineitems(self, page: int = 1, limit: int | None = None, **wanted: Any) -> dict[str, Any]:
        """All that are there."""
        return {"content": list(kept()["items"].values()), "has_next": False}

    def find_lineitem(self, line_item_id: str) -> Any:
        """One."""
        if line_item_id not in kept()["items"]:
            raise LineItemNotFoundException
        return kept()["items"][line_item_id]

    def create_lineitem(self, creation_data: Any) -> Any:
        """A new one."""
        with writing:
            now = kept()
            number = str(len(now["items"]) + 1)
            now["items"][number] = {**creation_data, "id": f"{HERE}/items/{number}"}
            keep(now)
        return now["items"][number]

    def update_lineitem(self, update_data: Any) -> Any:
        """Not asked for."""
        raise NotImplementedError

    def delete_lineitem(self, line_item_id: str) -> None:
        """Not asked for."""
        raise NotImplementedError

    def get_results(self, line_item_id: str, **named: Any) -> Any:
        """Not asked for."""
        raise NotImplementedError

    def update_score(self, line_item_id: str, score: Any) -> UpdateScoreStatus:
        """A score with an older timestamp than one before is refused, as AGS says."""
        self.find_lineitem(line_item_id)
        with writing:
            now = kept()
            before = [each for each in now["scores"] if each["userId"] == score["userId"]]
            if any(each["timestamp"] >= score["timestamp"] for each in before):
                return UpdateScoreStatus.OLD_TIMESTAMP
            now["scores"].append({**score, "item": line_item_id})
            keep(now)
        return UpdateScoreStatus.SUCCESS


class Members(NamesRoleProvisioningService):
    """Who is in the course."""

    def get_member_data_page(self, page: int = 1, limit: int | None = None, **named: Any) -> dict[str, Any]:
        """A page of them."""
        everybody = [
            {"user_id": name, "roles": [f"{MEMBERSHIP}#{role}"], "name": name.title()} for name, role in PEOPLE.items()
        ]
        size = int(limit or len(everybody))
        first = (int(page) - 1) * size
        return {"content": everybody[first : first + size], "has_next": first + size < len(everybody)}

    def get_context_by_id(self) -> Context:
        """The course."""
        return Context("course-1", "AI", "Language models")


def start(request: Any) -> Any:
    """Follow the link in the course: as=anna, kind=launch | choose."""
    begun = Login(DjangoRequest(request), Config())
    begun.set_lti_message_hint(kind=request.GET.get("kind", "launch"))
    if "frame" in request.GET:
        address = escape(begun.prepare_preflight_url(request.GET["as"]))
        return HttpResponse(
            f'<!doctype html><title>Course</title><iframe id="tool" src="{address}" width="1000" height="700"></iframe>'
        )
    return begun.initiate_login(request.GET["as"])


def chosen(request: Any) -> Any:
    """Take a chosen link."""
    items = Config().validate_deeplinking_resp(request.POST.dict())
    with writing:
        keep({**kept(), "links": items})
    return HttpResponse("<p>saved</p>")


def token(request: Any) -> Any:
    """An access token."""
    return JsonResponse(Config().get_access_token(request.POST.dict()))


def items(request: Any, number: str = "", what: str = "") -> Any:
    """The line items."""
    service = Grades(DjangoRequest(request), Config(), f"{HERE}/items")
    if what == "scores":
        return wrap_json_resp(service.handle_resp(service.handle_update_score, line_item_id=number))
    handler = service.handle_create_lineitem if request.method == "POST" else service.handle_get_lineitems
    return wrap_json_resp(service.handle_resp(handler))


def members(request: Any) -> Any:
    """The roster."""
    service = Members(DjangoRequest(request), Config(), f"{HERE}/members")
    return wrap_json_resp(service.handle_resp(service.handle_get_members))


def rotate(request: Any) -> Any:
    """Have the platform make itself another key."""
    with writing:
        keep({**kept(), "key": new_key()})
    return JsonResponse({})


def state(request: Any) -> Any:
    """What the tests look at."""
    now = kept()
    grades: dict[str, list[float]] = {}
    for score in now["scores"]:
        grades.setdefault(score["userId"], []).append(score["scoreGiven"] / score["scoreMaximum"])
    return JsonResponse(
        {
            "gradebook": grades,
            "links": now["links"],
            "line_items": [
                {"label": each["label"], "resource_link": each.get("resourceLinkId")} for each in now["items"].values()
            ],
            "client_id": CLIENT,
            "keys_url": f"{HERE}/keys",
            "token_url": f"{HERE}/token",
            "login_url": f"{HERE}/auth",
            "issuer": HERE,
            "deployment": DEPLOYMENT,
            "people": {name: name for name in PEOPLE},
        }
    )


urlpatterns = [
    path("start", start),
    path("auth", lambda request: Launch(DjangoRequest(request), Config()).lti_launch()),
    path("chosen", chosen),
    path("keys", lambda request: JsonResponse(Config().get_jwks())),
    path("token", token),
    path("items", items),
    path("items/<number>/<what>", items),
    path("members", members),
    path("rotate", rotate),
    path("state", state),
]


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """No line for each request."""

    def log_message(self, *given: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    from django.core.handlers.wsgi import WSGIHandler

    keep(kept())
    with make_server("localhost", PORT, WSGIHandler(), Server, Quiet) as server:
        print("ready", flush=True)
        server.serve_forever()
