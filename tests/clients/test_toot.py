#!/usr/bin/env python3
"""A day with toot, the command line client: log in, post, read, search. Run by `run.sh`."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from authorize import authorize, login_of
from support import BASE, PASSWORD, eventually, picture, step


class Toot:
    """toot with a configuration folder of its own."""

    def __init__(self, folder: Path):
        own = {"XDG_CONFIG_HOME": str(folder), "HOME": str(folder), "PYTHONUNBUFFERED": "1", "EDITOR": "false"}
        self.environment = os.environ | own
        self.program = str(Path(sys.executable).with_name("toot"))

    def __call__(self, *arguments: str) -> str:
        """What a command prints; the run ends when it fails."""
        command = [self.program, *arguments]
        done = subprocess.run(
            command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
        if done.returncode:
            sys.exit(f"toot {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        return json.loads(self(*arguments, "--json"))

    def log_in(self, user: str) -> None:
        """`toot login` as a person uses it: open the address that it prints, and paste the code."""
        command = [self.program, "login", "--instance", BASE]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(command, env=self.environment, text=True, bufsize=1, **pipes) as login:
            assert login.stdin and login.stdout
            said = []
            for line in login.stdout:
                said.append(line)
                if line.startswith(BASE):
                    code = authorize(line.strip(), login_of(user), PASSWORD)
                    login.stdin.write(f"n\n{code}\n")
                    login.stdin.close()
                    break
            said.append(login.stdout.read())
        assert login.returncode == 0 and "Successfully logged in" in "".join(said), "".join(said)


def main() -> None:
    word = "t" + secrets.token_hex(4)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "ada").mkdir()
        (folder / "ben").mkdir()
        ada, ben = Toot(folder / "ada"), Toot(folder / "ben")
        step("log in by the code flow")
        ada.log_in("ada")
        ben.log_in("ben")
        assert ada.json("whoami")["username"] == "ada"
        assert "ada" in ada("auth") and ada("instance")

        step("post with media")
        description = "fog over the harbour"
        file = str(picture(folder))
        status = ada.json("post", f"a morning #{word}", "--media", file, "--description", description, "-p", "weather")
        assert status["media_attachments"][0]["description"] == description
        assert status["spoiler_text"] == "weather"

        step("post with a poll")
        options = ["--poll-option", "herring", "--poll-option", "cod", "--poll-expires-in", "2h"]
        asked = ada.json("post", f"supper {word}?", *options)
        assert [option["title"] for option in asked["poll"]["options"]] == ["herring", "cod"]

        step("follow, read home")
        ben("follow", "ada")
        home = eventually("the home timeline to be filled", lambda: ben.json("timelines", "home"))
        assert [item["id"] for item in home[:2]] == [asked["id"], status["id"]], home
        assert word in ben("timelines", "home", "--no-pager")

        step("search")
        found = ben.json("search", word)
        assert word in [tag["name"] for tag in found["hashtags"]], found
        assert ben.json("search", "ada")["accounts"][0]["username"] == "ada"
        assert ben.json("timelines", "tag", word)[0]["id"] == status["id"]

        step("vote, reply, favourite, reblog, bookmark, and be told")
        ben("polls", "vote", asked["poll"]["id"], "1")
        reply = ben.json("post", "cod, please", "--reply-to", asked["id"])
        assert reply["in_reply_to_id"] == asked["id"]
        for verb in ("favourite", "reblog", "bookmark"):
            ben(verb, asked["url"])
        seen = ada.json("status", asked["id"])
        assert (seen["favourites_count"], seen["reblogs_count"], seen["replies_count"]) == (1, 1, 1), seen
        assert reply["id"] in ada("thread", asked["id"], "--json")
        wanted = {"follow", "favourite", "reblog"}
        eventually("the notifications", lambda: wanted <= {it["type"] for it in ada.json("notifications")})
        for verb in ("unfavourite", "unreblog", "unbookmark"):
            ben(verb, asked["url"])

        step("change the profile, delete, log out")
        ada("update-account", "--display-name", "Ada of the harbour", "--avatar", file)
        assert ben.json("whois", "ada")["display_name"] == "Ada of the harbour"
        ada("delete", status["id"])
        ben("unfollow", "ada")
        ada("logout", "ada@" + BASE.split("//")[1])


if __name__ == "__main__":
    main()
