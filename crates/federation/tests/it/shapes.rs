//! Actors and objects in the shapes of other programs: fetched from their servers, and shown.
//!
//! What each becomes stands in `fixtures/shapes/shown.txt`. `UPDATE_SHAPES=1` writes it anew, to be read before it is kept.

use std::{fmt::Write as _, fs, path::PathBuf};

use pouet_model::account::{Account, Picture};
use pouet_service::{statuses, view::StatusView};
use serde_json::Value;

use crate::common::{Remote, Site, clock};

const PROGRAMS: [&str; 17] = [
    "mastodon",
    "sharkey",
    "akkoma",
    "gotosocial",
    "lemmy",
    "pixelfed",
    "peertube",
    "friendica",
    "wordpress",
    "mobilizon",
    "bookwyrm",
    "threads",
    "bridgy",
    "snac",
    "mitra",
    "streams",
    "others",
];

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/shapes")
}

/// The server of a program, with its documents; what stands for its host in them.
struct Peer {
    remote: Remote,
    host: String,
    documents: Value,
}

impl Peer {
    fn start(program: &str) -> Self {
        let text = fs::read_to_string(fixtures().join(format!("{program}.json"))).unwrap();
        let documents: Value = serde_json::from_str(&text).unwrap();
        let id = documents["actors"][0]["id"].as_str().unwrap();
        let host = url::Url::parse(id).unwrap().host_str().unwrap().to_owned();
        let remote = Remote::start_as(&host, &clock());
        let text = text
            .replace(&format!("https://{host}"), &remote.url)
            .replace(&format!("@{host}"), &format!("@{}", remote.domain));
        let documents: Value = serde_json::from_str(&text).unwrap();
        let peer = Self {
            remote,
            host,
            documents,
        };
        for actor in peer.list("actors") {
            peer.remote.publish(actor);
            let name = actor["preferredUsername"].as_str().unwrap();
            let subject = format!("acct:{name}@{}", peer.remote.domain);
            peer.remote
                .serve_webfinger(name, &subject, actor["id"].as_str().unwrap());
        }
        for object in peer.list("objects") {
            peer.remote.publish(object);
        }
        peer
    }

    fn list(&self, name: &str) -> &[Value] {
        self.documents[name].as_array().unwrap()
    }

    /// A text with the host as it is in the fixture.
    fn plain(&self, text: &str) -> String {
        text.replace(&self.remote.url, &format!("https://{}", self.host))
            .replace(&self.remote.domain, &self.host)
    }
}

fn line(shown: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        writeln!(shown, "  {name}: {value}").unwrap();
    }
}

fn actor(shown: &mut String, account: &Account) {
    let address = |picture: &Option<Picture>| match picture {
        Some(Picture::Remote(url)) => url.clone(),
        _ => String::new(),
    };
    let remote = account.remote.as_ref().unwrap();
    let flags = [
        ("bot", account.actor_type.is_bot()),
        ("locked", account.locked),
        ("discoverable", account.discoverable),
        ("indexable", account.indexable),
        ("followers", remote.followers.is_some()),
        ("featured", remote.featured.is_some()),
        ("shared inbox", remote.shared_inbox.is_some()),
    ];
    let flags: Vec<&str> = flags
        .iter()
        .filter(|(_, set)| *set)
        .map(|(name, _)| *name)
        .collect();
    writeln!(shown, "{} {}", account.actor_type.as_str(), account.acct()).unwrap();
    line(shown, "name", &account.display_name);
    line(shown, "url", account.url.as_deref().unwrap_or_default());
    line(shown, "note", &account.note);
    line(shown, "flags", &flags.join(", "));
    for field in &account.fields {
        line(shown, "field", &format!("{} = {}", field.name, field.value));
    }
    line(shown, "avatar", &address(&account.avatar));
    line(shown, "avatar text", &account.avatar_description);
    line(shown, "header", &address(&account.header));
    line(shown, "aliases", &account.also_known_as.join(" "));
    line(shown, "sites", &account.attribution_domains.join(" "));
    for emoji in &account.emojis {
        line(shown, "emoji", &format!("{} {}", emoji.shortcode, emoji.image));
    }
}

fn status(shown: &mut String, view: &StatusView) {
    let status = &view.status;
    writeln!(
        shown,
        "{} by {}",
        status.uri.as_deref().unwrap(),
        view.author.acct()
    )
    .unwrap();
    line(shown, "visibility", status.visibility.client_name());
    line(shown, "published", &status.created_at.to_rfc3339());
    line(shown, "url", status.url.as_deref().unwrap_or_default());
    line(shown, "language", status.language.as_deref().unwrap_or_default());
    line(shown, "warning", &status.spoiler_text);
    line(shown, "sensitive", if status.sensitive { "yes" } else { "" });
    line(shown, "content", &status.content);
    let tags: Vec<&str> = view.tags.iter().map(|tag| tag.display_name.as_str()).collect();
    line(shown, "tags", &tags.join(" "));
    for emoji in &status.emojis {
        line(shown, "emoji", &format!("{} {}", emoji.shortcode, emoji.image));
    }
    for media in &view.media {
        let description = media.description.as_deref().unwrap_or_default();
        let mut text = format!(
            "{} {} {description}",
            media.media_type.as_str(),
            media.remote_url.as_deref().unwrap()
        );
        if let Some(size) = media.size {
            write!(text, " {}x{}", size.width, size.height).unwrap();
        }
        if let Some((x, y)) = media.focus {
            write!(text, " focus {x} {y}").unwrap();
        }
        if let Some(preview) = &media.preview_remote_url {
            write!(text, " shown by {preview}").unwrap();
        }
        if let Some(length) = media.timing.duration_ms {
            write!(text, " {length} ms").unwrap();
        }
        line(shown, "media", &text);
    }
    if let Some(poll) = &view.poll {
        let kind = if poll.poll.multiple { "many" } else { "one" };
        line(shown, "poll", kind);
        for option in &poll.poll.options {
            line(
                shown,
                "option",
                &format!("{} {}", option.title, option.votes_count),
            );
        }
        let end = poll.poll.expires_at.map(|end| end.to_rfc3339());
        line(shown, "end", &end.unwrap_or_default());
    }
}

#[actix_web::test]
async fn fed_017_030_031_objects_of_other_programs_are_shown() {
    let site = Site::start(&clock()).await;
    let mut shown = String::new();
    for program in PROGRAMS {
        writeln!(shown, "# {program}").unwrap();
        let peer = Peer::start(program);
        let resolver = site.instance.resolver().unwrap();
        let mut of_program = String::new();
        for document in peer.list("actors") {
            let id = document["id"].as_str().unwrap();
            let account = resolver
                .account_by_uri(id)
                .await
                .unwrap_or_else(|error| panic!("{program}: {error}: {document}"));
            actor(&mut of_program, &account);
            // By its handle it is the same.
            let name = document["preferredUsername"].as_str().unwrap();
            let by_handle = site.resolve(name, &peer.remote.domain).await.unwrap();
            assert_eq!(by_handle.id, account.id, "{program}");
        }
        for document in peer.list("objects") {
            let id = document["id"].as_str().unwrap();
            let found = resolver
                .status_by_uri(id)
                .await
                .unwrap_or_else(|error| panic!("{program}: {error}: {document}"));
            match statuses::find(&site.instance, Some(found.account_id), found.id).await {
                Ok(view) => status(&mut of_program, &view),
                Err(error) => panic!("{program}: {error}: {document}"),
            }
        }
        shown.push_str(&peer.plain(&of_program));
        shown.push('\n');
    }
    let path = fixtures().join("shown.txt");
    if std::env::var_os("UPDATE_SHAPES").is_some() {
        fs::write(&path, &shown).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    for (number, (line, expected)) in shown.lines().zip(expected.lines()).enumerate() {
        assert_eq!(line, expected, "line {}", number + 1);
    }
    assert_eq!(shown.lines().count(), expected.lines().count());
}
