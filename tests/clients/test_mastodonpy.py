#!/usr/bin/env python3
"""A day with Mastodon.py: log in, post, read, search, stream. Run by `run.sh`."""

from __future__ import annotations

import queue
import secrets
import tempfile
import warnings
from pathlib import Path
from typing import Any

from mastodon import Mastodon, MastodonNotFoundError, StreamListener

from authorize import authorize, login_of
from support import BASE, PASSWORD, WAIT_S, eventually, picture, step

SCOPES = ["read", "write", "follow", "push"]


def log_in(user: str) -> Mastodon:
    """A client that went through the authorization code flow."""
    client_id, secret = Mastodon.create_app("Mastodon.py run", scopes=SCOPES, api_base_url=BASE)
    client = Mastodon(client_id=client_id, client_secret=secret, api_base_url=BASE)
    address = client.auth_request_url(scopes=SCOPES, allow_http=True)
    code = authorize(address, login_of(user), PASSWORD)
    client.log_in(code=code, scopes=SCOPES, allow_http=True)
    assert client.account_verify_credentials().username == user
    return client


class Events(StreamListener):
    """Puts what happens on a stream into a queue."""

    def __init__(self) -> None:
        self.seen: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.kept: list[tuple[str, Any]] = []

    def on_update(self, status: Any) -> None:
        self.seen.put(("update", status))

    def on_status_update(self, status: Any) -> None:
        self.seen.put(("status.update", status))

    def on_delete(self, status_id: Any) -> None:
        self.seen.put(("delete", status_id))

    def on_notification(self, notification: Any) -> None:
        self.seen.put(("notification", notification))

    def on_abort(self, err: Exception) -> None:
        self.seen.put(("abort", err))

    def wait_for(self, name: str) -> Any:
        """What comes with the next event of that name; others, which come in no particular order, are kept."""
        for kept in self.kept:
            if kept[0] == name:
                self.kept.remove(kept)
                return kept[1]
        while True:
            event, value = self.seen.get(timeout=WAIT_S)
            if event == name:
                return value
            assert event != "abort", value
            self.kept.append((event, value))


def instance(ada: Mastodon) -> None:
    step("read the instance documents")
    assert ada.instance_v1().uri in BASE
    assert ada.instance_v2().configuration.statuses.max_characters >= 500
    assert ada.instance_nodeinfo().protocols == ["activitypub"]
    assert ada.custom_emojis() == []
    assert ada.preferences()["posting:default:visibility"] == "public"


def posts(ada: Mastodon, word: str, file: Path) -> Any:
    step("post with media")
    media = ada.media_post(str(file), description="fog over the harbour", focus=(0.5, -0.25))
    assert media.blurhash and media.meta.original.width == 48
    media = ada.media_update(media, description="fog over the old harbour", focus=(0, 0.5))
    status = ada.status_post(
        f"a morning #{word}", media_ids=[media], spoiler_text="weather", language="en", idempotency_key=word
    )
    assert status.media_attachments[0].description == "fog over the old harbour"
    assert status.sensitive and status.spoiler_text == "weather" and status.language == "en"
    assert [tag.name for tag in status.tags] == [word]
    again = ada.status_post(f"a morning #{word}", media_ids=[media], idempotency_key=word)
    assert again.id == status.id, "the same key is the same status"

    step("post with a poll")
    poll = ada.make_poll(["herring", "cod"], 3600, multiple=True)
    asked = ada.status_post(f"supper {word}?", poll=poll, sensitive=False)
    assert [option.title for option in asked.poll.options] == ["herring", "cod"] and asked.poll.multiple

    step("edit, read the source, delete")
    draft = ada.status_post("a slip of the pen", visibility="unlisted")
    edited = ada.status_update(draft, "no slip of the pen")
    assert edited.edited_at and ada.status_source(draft).text == "no slip of the pen"
    ada.status_delete(draft)
    try:
        ada.status(draft)
        raise AssertionError("the deleted status is still there")
    except MastodonNotFoundError:
        pass
    return asked


def reading(ada: Mastodon, ben: Mastodon, asked: Any, word: str) -> None:
    step("follow, read home page by page")
    person = ada.me()
    assert ben.account_follow(person).following
    home = eventually("the home timeline to be filled", lambda: ben.timeline_home(limit=1))
    assert home[0].id == asked.id, "newest first"
    older = ben.fetch_next(home)
    assert older and older[0].id < asked.id
    assert ben.fetch_previous(older)[0].id == asked.id
    assert len(ben.fetch_remaining(ben.timeline_home(limit=1))) >= 2

    step("vote")
    poll = ben.poll_vote(asked.poll, [0, 1])
    assert poll.voted and poll.own_votes == [0, 1] and poll.votes_count == 2 and poll.voters_count == 1

    step("search")
    assert ben.account_search("ada")[0].id == person.id
    assert ben.search_v2(person.url, resolve=True).accounts[0].id == person.id
    assert word in [tag.name for tag in ben.search_v2(word, result_type="hashtags").hashtags]
    assert ben.search_v2(asked.url, resolve=True).statuses[0].id == asked.id
    assert ben.timeline_hashtag(word)[0].account.id == person.id

    step("reply, favourite, reblog, bookmark, and be told")
    reply = ben.status_reply(asked, "herring, please")
    assert reply.in_reply_to_id == asked.id and reply.mentions[0].id == person.id
    assert [status.id for status in ben.status_context(asked).descendants] == [reply.id]
    assert ben.status_favourite(asked).favourited and ben.status_reblog(asked).reblog.id == asked.id
    assert ben.status_bookmark(asked).bookmarked and ben.bookmarks()[0].id == asked.id
    assert ben.favourites()[0].id == asked.id
    wanted = {"mention", "favourite", "reblog", "follow"}
    eventually("four notifications", lambda: wanted <= {it.type for it in ada.notifications()})
    assert not ben.status_unreblog(asked).reblogged and not ben.status_unfavourite(asked).favourited
    home = ada.markers_set(["home"], [asked.id])
    assert ada.markers_get("home")["home"].last_read_id == home["home"].last_read_id == asked.id


def over_websocket(ada: Mastodon, ben: Mastodon) -> None:
    step("stream over WebSocket")
    events = Events()
    socket = ben.stream_open_websocket(listener=events)
    try:
        ben.stream_user(events, websocket_handle=socket)
        follow_the_events(ada, events)
    finally:
        socket.close()


def over_server_sent_events(ada: Mastodon, ben: Mastodon) -> None:
    step("stream over server-sent events")
    events = Events()
    assert ben.stream_healthy()
    stream = ben.stream_user(events, run_async=True)
    try:
        eventually("the stream to be open", stream.is_receiving)
        follow_the_events(ada, events)
    finally:
        stream.close()


def follow_the_events(ada: Mastodon, events: Events) -> None:
    status = ada.status_post("@ben can you hear me?")
    assert events.wait_for("update").id == status.id
    assert events.wait_for("notification").status.id == status.id
    ada.status_update(status, "@ben can you hear me now?")
    assert "now" in events.wait_for("status.update").content
    ada.status_delete(status)
    assert str(events.wait_for("delete")) == str(status.id)


def main() -> None:
    warnings.simplefilter("error", UserWarning)
    step("log in by the code flow")
    ada, ben = log_in("ada"), log_in("ben")
    instance(ada)
    word = "w" + secrets.token_hex(4)
    with tempfile.TemporaryDirectory() as folder:
        asked = posts(ada, word, picture(Path(folder)))
    reading(ada, ben, asked, word)
    over_websocket(ada, ben)
    over_server_sent_events(ada, ben)
    step("log out")
    ada.revoke_access_token(allow_http=True)


if __name__ == "__main__":
    main()
