#!/usr/bin/env python3
"""Signs in and consents for an app by walking the pages, and prints the authorization code.

    AUTHORIZE_PASSWORD=... authorize.py AUTHORIZE_URL USER_NAME

The sign-in form gets `USER_NAME@AUTHORIZE_MAIL_DOMAIN` (default: mail.example) and the password. Needs nothing but
Python's own library. Exit code 1, with the reason on standard error, when the walk ends without a code.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

MAX_PAGES = 8
TIMEOUT_S = 15
CONSENT = ("authorize", "autoriser")


class NoCode(Exception):
    """The walk ended without a code."""


@dataclass
class Form:
    """A form with what a browser would send of it."""

    action: str
    method: str
    fields: list[list[str]] = field(default_factory=list)  # kind, name, value
    buttons: list[list[str]] = field(default_factory=list)  # label, name, value

    def has(self, kind: str) -> bool:
        return any(entry[0] == kind for entry in self.fields)


class Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._button: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(attributes.get("action", ""), attributes.get("method", "get").lower())
            self.forms.append(self._open)
            return
        if self._open is None or tag not in ("input", "button", "textarea"):
            return
        kind = attributes.get("type", "submit" if tag == "button" else "text").lower()
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if kind == "submit":
            self._button = ["" if tag == "button" else value, name, value]
            self._open.buttons.append(self._button)
        elif name and (kind not in ("checkbox", "radio") or "checked" in attributes):
            self._open.fields.append([kind, name, value])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._button[0] += data


class StayHere(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to the caller, who must see where they lead."""

    def redirect_request(self, *_arguments: object) -> None:
        return None


class Browser:
    """A window with cookies and without JavaScript."""

    def __init__(self) -> None:
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar()), StayHere()
        )

    def fetch(self, address: str, data: str | None = None, origin: str = "") -> tuple[str, str]:
        """The address at the end of the redirects, and the page there; empty where they leave the server."""
        for _ in range(MAX_PAGES):
            headers = {"Accept": "text/html", "Accept-Language": "en"}
            if data is not None:
                headers |= {"Origin": origin, "Content-Type": "application/x-www-form-urlencoded"}
            body = None if data is None else data.encode()
            try:
                with self.opener.open(urllib.request.Request(address, body, headers), timeout=TIMEOUT_S) as answer:
                    return address, answer.read().decode()
            except urllib.error.HTTPError as answer:
                if answer.code not in (301, 302, 303, 307, 308):
                    raise NoCode(f"{address} answered {answer.code}: {answer.read(200)!r}") from None
                target = urljoin(address, answer.headers["Location"])
            if server_of(target) != server_of(address):
                return target, ""
            address, data = target, None
        raise NoCode(f"too many redirects, the last to {address}")

    def send(self, page: str, form: Form, button: list[str] | None) -> tuple[str, str]:
        pairs = [(name, value) for _, name, value in form.fields]
        if button and button[1]:
            pairs.append((button[1], button[2]))
        target, data = urljoin(page, form.action), urlencode(pairs)
        if form.method == "get":
            return self.fetch(f"{target.split('?')[0]}?{data}")
        return self.fetch(target, data, server_of(page))


def server_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def authorize(address: str, login: str, password: str) -> str:
    """The code that the user `login` gives to the app behind an authorize address."""
    browser = Browser()
    address, page = browser.fetch(address)
    for _ in range(MAX_PAGES):
        query = parse_qs(urlsplit(address).query)
        if "code" in query:
            return query["code"][0]
        if "error" in query:
            raise NoCode(f"the app was refused: {query['error'][0]}")
        forms = Forms(page).forms
        sign_in = next((form for form in forms if form.has("password")), None)
        if sign_in:
            who = next(entry for entry in sign_in.fields if entry[0] in ("email", "text"))
            who[2] = login
            for entry in sign_in.fields:
                if entry[0] == "password":
                    entry[2] = password
            address, page = browser.send(address, sign_in, None)
            continue
        consents = ((form, button) for form in forms for button in form.buttons if button[0].strip().lower() in CONSENT)
        form, button = next(consents, (None, None))
        if form is None:
            raise NoCode(f"{address} shows neither a sign-in nor a consent form")
        address, page = browser.send(address, form, button)
    raise NoCode(f"no code after {MAX_PAGES} pages, the last was {address}")


def login_of(user: str) -> str:
    """What a user of the test server signs in with."""
    return f"{user}@{os.environ.get('AUTHORIZE_MAIL_DOMAIN', 'mail.example')}"


def main() -> int:
    if len(sys.argv) != 3 or "AUTHORIZE_PASSWORD" not in os.environ:
        print(__doc__, file=sys.stderr)
        return 2
    _, address, user = sys.argv
    try:
        print(authorize(address, login_of(user), os.environ["AUTHORIZE_PASSWORD"]))
    except (NoCode, OSError) as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
