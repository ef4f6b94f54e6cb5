"""What the LMS tool does with each message: login, launch, choosing a link, registration, our keys.

Knows nothing of how messages are verified or how requests are read. What it does waits for platforms and for the
database: it happens in threads. What it imports takes a twentieth of a start, so it is made with the first message.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from tutor.errors import TutorError
from tutor.learner import Learner
from tutor.lti_keys import published, signer
from tutor.lti_link import from_custom
from tutor.settings import Settings
from tutor.store import Store
from tutor.store.lti_links import visit_link
from ui.identity import Sessions
from ui.limits import Buckets, address_of
from ui.lti.choosing import choosing_page, finish
from ui.lti.course import course_page
from ui.lti.frames import shown_by
from ui.lti.keysets import KeySets
from ui.lti.landing import INSTRUCTORS, LIFETIME, add_cookie, landing, place
from ui.lti.launch import Launch, accept
from ui.lti.login import LIFETIME as LOGIN_LIFETIME
from ui.lti.login import begin, cookie_name
from ui.lti.pages import closing_page, refusal_page
from ui.lti.refusal import Refused
from ui.lti.registration import register
from ui.lti.services import Services
from ui.lti.web import Web

if TYPE_CHECKING:
    from tutor.session import Tutor

log = logging.getLogger(__name__)

Answer = Callable[[Request, Mapping[str, str]], Response]


class Tool:
    """The LMS tool of one application.

    Args:
        tutor: Its store and its lessons.
        settings: How people reach the tutor.
        sessions: Sign people in.
        secret: Seals the tutor's own keys.
    """

    def __init__(self, tutor: "Tutor", settings: Settings, sessions: Sessions, secret: bytes) -> None:
        self.tutor = tutor
        self.store: Store = tutor.store
        self.settings = settings
        self.sessions = sessions
        self.secret = secret
        self.services = Services(lambda: signer(self.store, secret, _now()))
        self.keysets = KeySets(self.services.web)
        self.limits = Buckets(settings.launches_per_minute, 60.0)

    def base(self, request: Request) -> str:
        """Our own address, without a slash at its end."""
        if self.settings.public_url:
            return self.settings.public_url
        return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"

    def login(self, request: Request, given: Mapping[str, str]) -> Response:
        """Send the browser back to the platform that began a login."""
        login = begin(self.store, given, self.base(request), _now())
        response = RedirectResponse(login.address, 302)
        path = f"{request.scope.get('root_path', '')}/lti"
        seconds = int(LOGIN_LIFETIME.total_seconds())
        add_cookie(response, request, cookie_name(login.state), login.browser, path, seconds)
        return response

    def launch(self, request: Request, given: Mapping[str, str]) -> Response:
        """Sign in whom a platform sends, or let an instructor choose a new link."""
        name = cookie_name(given.get("state", ""))
        launch = accept(
            self.store, given, request.cookies.get(name), self.base(request), self.keysets, _now()
        )  # fmt: skip
        shown_by(request.state, launch.platform)
        if launch.choice is not None:
            response: Response = HTMLResponse(choosing_page(self.store, launch, self.tutor.curriculum, _now()))
        else:
            response = self._enter(request, launch)
        add_cookie(response, request, name, "", f"{request.scope.get('root_path', '')}/lti", 0)
        return response

    def _enter(self, request: Request, launch: Launch) -> Response:
        assert launch.link is not None
        try:
            target = place(from_custom(launch.link.settings))
        except TutorError as error:
            # An instructor must reach the page that says what is wrong with the link.
            if launch.role != "instructor":
                raise Refused("link", launch.platform, reason=str(error)) from error
            target = ""
        now = _now()
        kept = visit_link(self.store, launch.link, launch.principal, launch.subject, launch.role, now=now)
        learner = Learner(launch.principal, launch.tenant, launch.context, launch.role, kept.id)
        _, value = self.sessions.start(learner, "lti", timedelta(seconds=LIFETIME))
        goal = INSTRUCTORS if launch.role == "instructor" else target
        return landing(request, value, goal)

    def choose(self, request: Request, given: Mapping[str, Any]) -> Response:
        """Send an instructor's choice to the platform."""
        key = signer(self.store, self.secret, _now())
        chosen = finish(self.store, given, self.tutor.curriculum, key, self.base(request), _now())
        shown_by(request.state, chosen.platform, chosen.sends_to)
        return HTMLResponse(chosen.page(request.state.nonce))

    def register(self, request: Request, given: Mapping[str, str]) -> Response:
        """Register with the platform whose administrator opened an invitation."""
        private = self.settings.lti_private
        web = Web(private=private)
        made = register(self.store, given, self.base(request), web, private, _now())
        log.info("platform %s registered by invitation", made.id)
        shown_by(request.state, made)
        return HTMLResponse(closing_page(made, request.state.nonce))

    def keys(self) -> dict[str, Any]:
        """Our public keys; the first request makes the first key."""
        signer(self.store, self.secret, _now())
        return published(self.store, _now())

    async def answered(self, request: Request, answer: Answer, given: Mapping[str, Any] | None) -> Response:
        """Run one of these in a thread; a refusal becomes a page with one sentence."""
        request.state.opener_policy = "unsafe-none"
        # Each address of the tool by itself: who was let in by the login must not fail at the launch.
        wait = ceil(self.limits.take(f"{answer.__name__} {address_of(request.scope)}"))
        try:
            if wait:
                raise Refused("rate", status=429, count=wait)
            if given is None:
                raise Refused("malformed", status=413)
            return await run_in_threadpool(answer, request, given)
        except Refused as refused:
            log.info("LTI message refused: %s", refused.why)
            request.state.refusal = f"lti_{refused.why}"
            shown_by(request.state, refused.platform)
            headers = {"retry-after": str(wait)} if wait else None
            return HTMLResponse(refusal_page(refused, f"{self.base(request)}/lti/login"), refused.status, headers)

    def course(self, learner: Learner | None, people: bool) -> str:
        """The page for the instructor who came through a link."""
        return course_page(self.store, self.services, learner, self.tutor.curriculum, people)


def _now() -> datetime:
    return datetime.now(UTC)
