"""Who may show the tutor in a frame."""

import pytest

from ui.embedding import ancestors, in_frame, origin_of, stranger

SITE = "https://team.example"
IFRAME = {"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site"}


@pytest.mark.parametrize(
    ("headers", "origins", "refused"),
    [
        ({}, [], False),
        ({"sec-fetch-dest": "document", "sec-fetch-site": "cross-site", "referer": "https://evil.example/"}, [], False),
        ({"sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin"}, [], False),
        ({"sec-fetch-dest": "iframe", "sec-fetch-site": "none"}, [], False),
        ({**IFRAME, "referer": f"{SITE}/page?q=1"}, [SITE], False),
        ({**IFRAME, "referer": f"{SITE}/page"}, [], True),
        ({**IFRAME, "referer": "https://evil.example/"}, [SITE], True),
        ({**IFRAME, "referer": f"{SITE}.evil.example/"}, [SITE], True),
        ({**IFRAME, "referer": f"{SITE}:8443/"}, [SITE], True),
        ({**IFRAME, "referer": "http://team.example/"}, [SITE], True),
        ({**IFRAME, "origin": SITE}, [SITE], False),
        ({**IFRAME, "origin": "https://evil.example", "referer": SITE}, [SITE], True),
        ({**IFRAME, "origin": "null", "referer": "https://evil.example/"}, [SITE], True),
        # Who hides where it is, is left to the browser, which knows; where nobody is allowed it is refused here.
        ({**IFRAME}, [SITE], False),
        ({**IFRAME}, [], True),
        ({**IFRAME, "sec-fetch-site": "same-site", "referer": "https://other.example/"}, [SITE], True),
        ({**IFRAME, "sec-fetch-dest": "embed", "referer": "https://evil.example/"}, [SITE], True),
        ({**IFRAME, "sec-fetch-dest": "object"}, [], True),
        ({**IFRAME, "referer": "http://[broken"}, [], True),
    ],
)
def test_strangers_frames_are_refused(headers: dict[str, str], origins: list[str], refused: bool) -> None:
    assert stranger(headers, origins) is refused


def test_browsers_are_told_who_may() -> None:
    assert ancestors([]) == "frame-ancestors 'self'"
    assert (
        ancestors(["https://b.example", "https://a.example"])
        == "frame-ancestors 'self' https://a.example https://b.example"
    )


def test_a_frame_is_told_from_a_tab() -> None:
    assert in_frame({"sec-fetch-dest": "iframe"})
    assert not in_frame({"sec-fetch-dest": "document"})
    assert not in_frame({})


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://a.example:1/x") == "https://a.example:1"
    assert origin_of("about:blank") == ""
    assert origin_of("http://[") == ""
