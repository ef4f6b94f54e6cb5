"""The command ``genai-tutor lti``: platforms added, listed, removed; keys replaced; invitations made.

Knows nothing of launches. Every change holds at once, also for a server that is running.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tutor.errors import TutorError

if TYPE_CHECKING:
    from tutor.settings import Settings
    from tutor.store import Store

ACTIONS = {
    "add": "Let a learning platform launch the tutor, or add deployments to one",
    "list": "Show the platforms, and the addresses to enter there",
    "remove": "Forget a platform, its links and its unsent scores",
    "rotate-keys": "Sign with a new key; the old one stays published for a week",
    "invite": "Print an address with which a platform registers by itself, once",
}
Frames = Callable[[list[str]], tuple[str, ...]]


def add_arguments(command: argparse.ArgumentParser) -> None:
    """The command's grammar."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    made = {name: actions.add_parser(name, help=text, description=text + ".") for name, text in ACTIONS.items()}
    add = made["add"]
    add.add_argument("--issuer", required=True, help="the platform's issuer or platform id")
    add.add_argument("--client-id", required=True, help="what the platform calls the tutor")
    add.add_argument("--login-url", required=True, help="its authentication request (OIDC authorization) address")
    add.add_argument("--token-url", required=True, help="its access token address")
    add.add_argument("--keys-url", required=True, help="its public key set (JWKS) address")
    add.add_argument("--deployment", action="append", default=[], help="a deployment id; may be given several times")
    add.add_argument("--origin", action="append", default=[], help="where its pages are, when not at the issuer's host")
    add.add_argument("--audience", default="", help="audience of token requests, where it is not the token address")
    add.add_argument("--name", default="", help="a name for this list")
    made["remove"].add_argument("platform", help="the id that list shows")
    made["invite"].add_argument("--hours", type=int, default=48, help="how long it is good (default 48)")


def run(given: argparse.Namespace, settings: "Settings", secret: bytes, frames: Frames) -> int:
    """Do what the command says.

    Args:
        given: The parsed command line.
        settings: Where the database is, and how people reach the tutor.
        secret: Seals the tutor's own keys.
        frames: Checks origins and fills in those of a platform's addresses.

    Raises:
        TutorError: Something in it cannot be used.
    """
    actions: Mapping[str, Callable[[Store], dict[str, Any]]] = {
        "add": lambda store: _add(store, given, frames),
        "list": lambda store: _list(store, settings),
        "remove": lambda store: _remove(store, given),
        "rotate-keys": lambda store: _rotate(store, secret),
        "invite": lambda store: _invite(store, given, settings),
    }
    from tutor.store import open_store

    store = open_store(settings.database)
    try:
        found = actions[given.action](store)
    finally:
        store.close()
    lines = found.pop("lines")
    print(json.dumps(found, ensure_ascii=False) if given.json else "\n".join(lines))
    return 0


def _add(store: "Store", given: argparse.Namespace, frames: Frames) -> dict[str, Any]:
    from tutor.store.lti_platforms import Platform, deployments_of, save_platform

    origins = frames([*given.origin, given.issuer, given.login_url, given.token_url, given.keys_url])
    made = save_platform(
        store,
        Platform(
            issuer=given.issuer,
            client_id=given.client_id,
            login_url=given.login_url,
            token_url=given.token_url,
            keys_url=given.keys_url,
            name=given.name,
            audience=given.audience,
            private=True,
            origins=origins,
        ),
        given.deployment,
        now=datetime.now(UTC),
    )
    deployments = deployments_of(store, made.id)
    lines = [f"Platform {made.id} may launch the tutor in deployments: {', '.join(deployments) or 'none yet'}."]
    if not deployments:
        lines.append("Add its deployment id, which the platform shows after the tool is installed: --deployment ID")
    return {"platform": made.id, "deployments": deployments, "lines": lines}


def _list(store: "Store", settings: "Settings") -> dict[str, Any]:
    from tutor.store.lti_platforms import deployments_of, platforms
    from tutor.store.lti_scores import waiting

    base = settings.public_url or "https://YOUR-TUTOR"
    ours = {"login": f"{base}/lti/login", "launch": f"{base}/lti/launch", "keys": f"{base}/lti/jwks"}
    found = []
    lines = [
        "To enter on a platform:",
        f"  login initiation (OIDC)     {ours['login']}",
        f"  redirect, target link       {ours['launch']}",
        f"  public key set (JWKS)       {ours['keys']}",
    ]
    for each in platforms(store):
        deployments = deployments_of(store, each.id)
        found.append(
            {
                "platform": each.id,
                "name": each.name,
                "issuer": each.issuer,
                "client_id": each.client_id,
                "deployments": deployments,
                "origins": list(each.origins),
            }
        )
        lines += [f"{each.id}  {each.name or each.issuer}", f"  issuer {each.issuer}, client id {each.client_id}"]
        lines += [f"  deployments {', '.join(deployments) or 'none'}", f"  shown by {', '.join(each.origins)}"]
    unsent, why = waiting(store)
    lines += ["No platforms."] if not found else []
    lines += [f"Scores on their way: {unsent}." + (f" {why}" if why else "")] if unsent else []
    return {"addresses": ours, "platforms": found, "unsent": unsent, "problem": why, "lines": lines}


def _remove(store: "Store", given: argparse.Namespace) -> dict[str, Any]:
    from tutor.store.lti_platforms import remove_platform

    remove_platform(store, given.platform)
    line = f"Platform {given.platform} is forgotten; whoever came from it is signed out."
    return {"removed": given.platform, "lines": [line]}


def _rotate(store: "Store", secret: bytes) -> dict[str, Any]:
    from tutor.lti_keys import PUBLISHED, rotate

    kid = rotate(store, secret, datetime.now(UTC))
    line = f"The tutor signs with key {kid} now. The one before stays published for {PUBLISHED.days} days."
    return {"kid": kid, "lines": [line]}


def _invite(store: "Store", given: argparse.Namespace, settings: "Settings") -> dict[str, Any]:
    from tutor.store.lti_tickets import issue

    if not settings.public_url:
        raise TutorError("Set TUTOR_PUBLIC_URL to the address under which the platform reaches the tutor.", "lti")
    if not 1 <= given.hours <= 24 * 30:
        raise TutorError("An invitation is good for 1 to 720 hours.", "lti")
    now = datetime.now(UTC)
    token = issue(store, "invite", {}, timedelta(hours=given.hours), now=now)
    address = f"{settings.public_url}/lti/register?invite={token}"
    until = now + timedelta(hours=given.hours)
    line = f"Good once, until {until:%d %B %Y, %H:%M} UTC. Enter it as the tool's registration address:"
    return {"address": address, "until": until.isoformat(timespec="seconds"), "lines": [line, address]}
