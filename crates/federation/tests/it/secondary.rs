//! Addresses inside documents: each of them is asked for by the one client, which refuses what lies inside our network
//! (rule R005).
//!
//! NodeInfo and oEmbed of others are not asked for at all, and neither is anything that pages name as a player.

use std::net::TcpListener;

use chrono::TimeDelta;
use pouet_model::account::Account;
use pouet_service::{
    follows::{self, FollowOptions},
    media::{self, PictureKind, RemoteSource, Variant},
    statuses::{self, NewStatus},
    threads, upkeep,
};
use serde_json::{Value, json};

use crate::common::{Actor, INSIDE, INSIDE_NAME, KEY, Remote, World};

/// Where an address stands. Keys and collections have to lie on the server of their owner: it is that which leads
/// elsewhere.
#[derive(Clone, Copy, Debug)]
enum Place {
    WebFingerSelf,
    HostMetaTemplate,
    KeyOfRequest,
    KeyOfActor,
    Inbox,
    Icon,
    Header,
    Attachment,
    Outbox,
    OutboxPage,
    RepliesPage,
    Featured,
    FeaturedTags,
    FeaturedItem,
    Parent,
    Boosted,
    Mentioned,
    Quoted,
    MoveTarget,
    ProfileLink,
    Link,
    CardPicture,
    Alternate,
    SearchedFor,
}

const PLACES: [Place; 24] = [
    Place::WebFingerSelf,
    Place::HostMetaTemplate,
    Place::KeyOfRequest,
    Place::KeyOfActor,
    Place::Inbox,
    Place::Icon,
    Place::Header,
    Place::Attachment,
    Place::Outbox,
    Place::OutboxPage,
    Place::RepliesPage,
    Place::Featured,
    Place::FeaturedTags,
    Place::FeaturedItem,
    Place::Parent,
    Place::Boosted,
    Place::Mentioned,
    Place::Quoted,
    Place::MoveTarget,
    Place::ProfileLink,
    Place::Link,
    Place::CardPicture,
    Place::Alternate,
    Place::SearchedFor,
];

/// Tries places one after the other.
struct Trial {
    world: World,
    /// Where the address leads: `http://host:port`.
    target: String,
    count: usize,
}

impl Trial {
    async fn start(target: String) -> Self {
        Self {
            world: World::start().await,
            target,
            count: 0,
        }
    }

    /// An address at the target that nobody was told before.
    fn address(&mut self) -> String {
        self.count += 1;
        format!("{}/secret/{}", self.target, self.count)
    }

    /// A new actor of the far server, its document changed.
    fn actor(&mut self, change: impl FnOnce(&mut Value)) -> Actor {
        self.count += 1;
        let mut actor = self.world.far.actor(&format!("actor{}", self.count));
        change(&mut actor.document);
        self.world.far.publish(&actor.document);
        actor
    }

    /// Gets to know an actor, if its document allows that.
    async fn meet(&self, actor: &Actor) -> Option<Account> {
        let name = actor.document["preferredUsername"].as_str().unwrap();
        self.world.site.resolve(name, &self.world.far.domain).await.ok()
    }

    /// Meets an actor and opens its profile.
    async fn open(&mut self, actor: &Actor) {
        let account = self.meet(actor).await.unwrap();
        upkeep::profile_opened(&self.world.site.instance, account.id)
            .await
            .unwrap();
        self.world.site.settle().await;
    }

    /// A note of Ada's, changed, that arrives here.
    async fn note(&mut self, change: impl FnOnce(&mut Value)) -> Option<pouet_model::status::Status> {
        self.count += 1;
        let (far, ada) = (&self.world.far, &self.world.ada);
        let mut note = far.note(ada, &format!("n{}", self.count), "<p>look</p>");
        change(&mut note);
        far.publish(&note);
        self.world.publish(&note).await
    }

    async fn picture(&mut self, member: &str, kind: PictureKind) {
        let address = self.address();
        let actor = self.actor(|document| document[member] = json!({ "type": "Image", "url": address }));
        let account = self.meet(&actor).await.unwrap();
        let source = RemoteSource::Picture(account.id, kind);
        assert!(media::remote(&self.world.site.instance, source).await.is_err());
    }

    /// A link that somebody here posts, and time for its preview.
    async fn link(&mut self, address: &str) {
        let new = NewStatus {
            text: format!("see {address}"),
            ..NewStatus::default()
        };
        let user = self.world.user.clone();
        self.world.site.post(&user, new).await;
        self.world.clock.advance(TimeDelta::seconds(61));
        self.world.site.settle().await;
    }

    #[expect(clippy::too_many_lines, reason = "a table: one arm for each place")]
    async fn lead(&mut self, place: Place) {
        let address = self.address();
        let far = self.world.far.url.clone();
        match place {
            Place::WebFingerSelf => {
                let handle = format!("acct:eve@{}", self.world.far.domain);
                self.world.far.serve_webfinger("eve", &handle, &address);
                let domain = self.world.far.domain.clone();
                assert!(self.world.site.resolve("eve", &domain).await.is_err());
            }
            Place::HostMetaTemplate => {
                let xrd = format!(r#"<XRD><Link rel="lrdd" template="{address}?resource={{uri}}"/></XRD>"#);
                let (path, kind) = ("/.well-known/host-meta", "application/xrd+xml");
                self.world.far.serve_as(path, 200, kind, &xrd);
                let domain = self.world.far.domain.clone();
                assert!(self.world.site.resolve("nobody", &domain).await.is_err());
            }
            Place::KeyOfRequest => {
                let like = json!({
                    "id": format!("{address}#like"),
                    "type": "Like",
                    "actor": address,
                    "object": self.world.site.uri(&self.world.ben),
                });
                let inbox = format!("{}/ap/inbox", self.world.site.url);
                let key_id = format!("{address}#main-key");
                let status = self.world.far.send_signed(&key_id, &KEY, &inbox, &like).await;
                assert!([401, 503].contains(&status), "{status}");
            }
            Place::KeyOfActor => {
                let key = format!("{far}/keys/{}", self.count);
                self.redirect(&key, &address);
                let actor = self.actor(|document| document["publicKey"] = json!(key));
                self.meet(&actor).await;
            }
            Place::Inbox => {
                let actor = self.actor(|document| {
                    document["inbox"] = json!(address);
                    document["endpoints"] = json!({});
                });
                if let Some(account) = self.meet(&actor).await {
                    let ben = self.world.ben.id;
                    let options = FollowOptions::default();
                    follows::follow(&self.world.site.instance, ben, account.id, options)
                        .await
                        .unwrap();
                    self.world.site.settle().await;
                }
            }
            Place::Icon => self.picture("icon", PictureKind::Avatar).await,
            Place::Header => self.picture("image", PictureKind::Header).await,
            Place::Attachment => {
                let file = json!([{ "type": "Document", "mediaType": "image/png", "url": address }]);
                let status = self.note(|note| note["attachment"] = file).await.unwrap();
                let ben = Some(self.world.ben.id);
                let view = statuses::find(&self.world.site.instance, ben, status.id)
                    .await
                    .unwrap();
                let source = RemoteSource::Attachment(view.media[0].id, Variant::Original);
                assert!(media::remote(&self.world.site.instance, source).await.is_err());
            }
            Place::Outbox => {
                let actor = self.actor(|_| {});
                self.redirect(&format!("{}/outbox", actor.id), &address);
                self.open(&actor).await;
            }
            Place::OutboxPage => {
                let actor = self.actor(|_| {});
                let outbox = format!("{}/outbox", actor.id);
                self.collection(&outbox);
                self.redirect(&format!("{outbox}?page=1"), &address);
                self.open(&actor).await;
            }
            Place::RepliesPage => {
                let replies = format!("{far}/replies/{}", self.count);
                self.collection(&replies);
                self.redirect(&format!("{replies}?page=1"), &address);
                let status = self.note(|note| note["replies"] = json!(replies)).await.unwrap();
                self.world.clock.advance(TimeDelta::minutes(20));
                let ben = self.world.ben.id;
                threads::open(&self.world.site.instance, ben, status.id)
                    .await
                    .unwrap();
                self.world.site.settle().await;
            }
            Place::Featured | Place::FeaturedTags | Place::FeaturedItem => {
                let list = format!("{far}/featured/{}", self.count);
                let member = match place {
                    Place::FeaturedTags => "featuredTags",
                    _ => "featured",
                };
                let actor = self.actor(|document| document[member] = json!(list));
                if matches!(place, Place::FeaturedItem) {
                    let item = format!("{list}/item");
                    self.redirect(&item, &address);
                    let items = json!({ "id": list, "type": "OrderedCollection", "orderedItems": [item] });
                    self.world.far.publish(&items);
                } else {
                    self.redirect(&list, &address);
                }
                self.open(&actor).await;
            }
            Place::Parent => drop(self.note(|note| note["inReplyTo"] = json!(address)).await),
            Place::Boosted => {
                let boost = self
                    .world
                    .ada
                    .activity("Announce", &format!("b{}", self.count), &json!(address));
                self.world.send(&boost).await;
            }
            Place::Mentioned => {
                let tag = json!([{ "type": "Mention", "href": address, "name": "@x" }]);
                drop(self.note(|note| note["tag"] = tag).await);
            }
            Place::Quoted => drop(self.note(|note| note["quote"] = json!(address)).await),
            Place::MoveTarget => {
                let ada = self.world.ada.id.clone();
                let mut movement = self.world.ada.activity("Move", "move", &json!(ada));
                movement["target"] = json!(address);
                self.world.send(&movement).await;
            }
            Place::ProfileLink => {
                let value = format!("<a href=\"{address}\" rel=\"me\">home</a>");
                let row = json!([{ "type": "PropertyValue", "name": "Home", "value": value }]);
                let mut document = self.world.ada.document.clone();
                document["attachment"] = row;
                let update = self.world.ada.activity("Update", "profile", &document);
                self.world.send(&update).await;
                self.world.clock.advance(TimeDelta::minutes(11));
                self.world.site.settle().await;
            }
            Place::Link => self.link(&address).await,
            Place::CardPicture => {
                let news = Remote::start_as("news.test", &self.world.clock);
                let page = format!("<title>x</title><meta property='og:image' content='{address}'>");
                news.serve_as("/page", 200, "text/html", &page);
                self.link(&format!("{}/page", news.url)).await;
                assert!(news.asked().contains(&"GET /page".to_owned()));
            }
            Place::Alternate => {
                let page =
                    format!("<link rel=\"alternate\" type=\"application/activity+json\" href=\"{address}\">");
                self.world.far.serve_as("/profile", 200, "text/html", &page);
                self.search(&format!("{far}/profile")).await;
            }
            Place::SearchedFor => self.search(&address).await,
        }
    }

    async fn search(&self, address: &str) {
        let resolver = self.world.site.instance.resolver().unwrap();
        assert!(resolver.status_by_uri(address).await.is_err());
    }

    /// Leads an address of the far server to another.
    fn redirect(&self, from: &str, to: &str) {
        let path = from.strip_prefix(&self.world.far.url).unwrap();
        self.world.far.redirect(path, to);
    }

    /// Serves a collection whose first page is at `?page=1`.
    fn collection(&self, id: &str) {
        let document = json!({ "id": id, "type": "OrderedCollection", "first": format!("{id}?page=1") });
        self.world.far.publish(&document);
    }
}

#[actix_web::test]
async fn sec_R005_no_address_in_a_document_leads_inside() {
    let inside = TcpListener::bind((INSIDE, 0)).unwrap();
    inside.set_nonblocking(true).unwrap();
    let port = inside.local_addr().unwrap().port();
    for target in [
        format!("http://{INSIDE_NAME}:{port}"),
        format!("http://{INSIDE}:{port}"),
    ] {
        let mut trial = Trial::start(target.clone()).await;
        for place in PLACES {
            trial.lead(place).await;
            let connected = inside.accept();
            assert!(connected.is_err(), "{place:?}: {target} was connected to");
        }
    }
}

#[actix_web::test]
async fn addresses_in_documents_are_asked_for_where_that_is_allowed() {
    let world = World::start().await;
    let friend = Remote::start_as("friend.test", &world.clock);
    let mut trial = Trial::start(friend.url.clone()).await;
    for place in PLACES {
        friend.asked();
        trial.lead(place).await;
        let asked = friend.asked();
        assert!(
            asked.iter().any(|line| line.contains("/secret/")),
            "{place:?}: {asked:?}"
        );
    }
}

#[actix_web::test]
async fn sec_R005_oembed_and_nodeinfo_of_others_are_not_asked_for() {
    let world = World::start().await;
    let friend = Remote::start_as("friend.test", &world.clock);
    friend.serve_as(
        "/page",
        200,
        "text/html",
        "<title>x</title><link rel=alternate type='application/json+oembed' href='/oembed'>\
         <meta property='og:video' content='/player'><meta property='og:audio' content='/sound'>",
    );
    let mut trial = Trial::start(friend.url.clone()).await;
    trial.link(&format!("{}/page", friend.url)).await;
    let asked: Vec<String> = friend
        .asked()
        .into_iter()
        .filter(|line| !line.contains("webfinger"))
        .collect();
    assert_eq!(asked, ["GET /page"]);
    assert!(
        trial
            .world
            .far
            .asked()
            .iter()
            .all(|line| !line.contains("nodeinfo"))
    );
}
