//! What is fetched, from where, and what is believed of it.

use pouet_model::status::Status;
use pouet_service::Result;
use serde_json::{Value, json};

use crate::common::{Remote, Site, clock};

/// A site, and two servers of others.
struct World {
    site: Site,
    far: Remote,
    other: Remote,
}

impl World {
    async fn start() -> Self {
        let clock = clock();
        Self {
            site: Site::start(&clock).await,
            far: Remote::start(&clock),
            other: Remote::start(&clock),
        }
    }

    async fn status(&self, address: &str) -> Result<Status> {
        let resolver = self.site.instance.resolver().unwrap();
        resolver.status_by_uri(address).await
    }
}

#[actix_web::test]
async fn fed_010_a_second_handle_is_asked_for_once() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    // The old name leads to the new one.
    world
        .far
        .serve_webfinger("old", &format!("acct:ada@{}", world.far.domain), &ada.id);
    let found = world.site.resolve("old", &world.far.domain).await.unwrap();
    assert_eq!(
        (found.username.as_str(), found.uri.as_deref()),
        ("ada", Some(ada.id.as_str()))
    );
    // And round in circles.
    world
        .far
        .serve_webfinger("x", &format!("acct:y@{}", world.far.domain), &ada.id);
    world
        .far
        .serve_webfinger("y", &format!("acct:x@{}", world.far.domain), &ada.id);
    assert!(world.site.resolve("x", &world.far.domain).await.is_err());
}

#[actix_web::test]
async fn fed_011_an_actor_that_webfinger_does_not_confirm_is_refused() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    world.far.serve_webfinger(
        "ada",
        &format!("acct:ada@{}", world.far.domain),
        "https://elsewhere.test/users/ada",
    );
    let resolver = world.site.instance.resolver().unwrap();
    assert!(resolver.account_by_uri(&ada.id).await.is_err());
    assert!(world.site.account(&ada.id).await.is_none());
}

#[actix_web::test]
async fn fed_012_a_handle_on_another_server_needs_its_word() {
    let world = World::start().await;
    let victim = world.other.actor("victim");
    let mut impostor = world.far.actor("impostor").document;
    impostor["webfinger"] = json!(format!("victim@{}", world.other.domain));
    world.far.publish(&impostor);
    let id = impostor["id"].as_str().unwrap().to_owned();
    let resolver = world.site.instance.resolver().unwrap();
    assert!(resolver.account_by_uri(&id).await.is_err());
    assert!(world.site.account(&id).await.is_none());
    // A handle of ours is nobody else's.
    impostor["webfinger"] = json!(format!("impostor@{}", world.site.domain));
    world.far.publish(&impostor);
    assert!(resolver.account_by_uri(&id).await.is_err());
    assert!(resolver.account_by_uri(&victim.id).await.is_ok());
}

#[actix_web::test]
async fn fed_013_a_handle_moves_with_proof_only() {
    let world = World::start().await;
    let old = world.far.actor("ada");
    let first = world.site.resolve("ada", &world.far.domain).await.unwrap();
    let mut document = old.document.clone();
    let new_id = format!("{}/people/2", world.far.url);
    document["id"] = json!(new_id);
    document["publicKey"]["id"] = json!(format!("{new_id}#main-key"));
    document["publicKey"]["owner"] = json!(new_id);
    world.far.publish(&document);
    let resolver = world.site.instance.resolver().unwrap();
    assert!(
        resolver.account_by_uri(&new_id).await.is_err(),
        "webfinger still names the old one"
    );
    world
        .far
        .serve_webfinger("ada", &format!("acct:ada@{}", world.far.domain), &new_id);
    let second = resolver
        .account_by_handle("ada", &world.far.domain)
        .await
        .unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(second.acct(), format!("ada@{}", world.far.domain));
    let old = world.site.account(&old.id).await.unwrap();
    assert_ne!(old.acct(), second.acct());
}

#[actix_web::test]
async fn fed_009_host_meta_is_asked_once_after_a_404() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    let template = format!("{}/.well-known/webfinger?resource={{uri}}", world.far.url);
    let xrd = format!(r#"<XRD><Link rel="lrdd" template="{template}"/></XRD>"#);
    world
        .other
        .serve_as("/.well-known/host-meta", 200, "application/xrd+xml", &xrd);
    // The other server knows nobody itself and sends us to this one.
    let path = format!("webfinger:acct:ada@{}", world.other.domain);
    let document = json!({
        "subject": format!("acct:ada@{}", world.far.domain),
        "links": [{ "rel": "self", "type": "application/activity+json", "href": ada.id }],
    });
    world
        .far
        .serve_as(&path, 200, "application/jrd+json", &document.to_string());
    let found = world.site.resolve("ada", &world.other.domain).await.unwrap();
    assert_eq!(found.uri.as_deref(), Some(ada.id.as_str()));
    world.other.asked();
    assert!(world.site.resolve("nobody", &world.other.domain).await.is_err());
    let asked = world.other.asked();
    let host_meta = asked.iter().filter(|path| path.ends_with("host-meta")).count();
    assert_eq!(host_meta, 1, "{asked:?}");
}

#[actix_web::test]
async fn sec_R023_content_types_are_checked() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    let note = world.far.note(&ada, "1", "<p>an upload</p>").to_string();
    for (content_type, accepted) in [
        ("text/plain", false),
        ("text/html", false),
        ("application/json", false),
        ("application/ld+json", false),
        ("image/png", false),
        ("application/octet-stream", false),
        (
            r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#,
            true,
        ),
    ] {
        world.far.serve_as("/notes/1", 200, content_type, &note);
        let result = world.status(&format!("{}/notes/1", world.far.url)).await;
        assert_eq!(result.is_ok(), accepted, "{content_type}");
    }
}

#[actix_web::test]
async fn fed_136_error_pages_are_not_read() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    let note = world.far.note(&ada, "1", "<p>an error</p>").to_string();
    for status in [401, 403, 404, 410, 500] {
        world
            .far
            .serve_as("/notes/1", status, "application/activity+json", &note);
        assert!(
            world.status(&format!("{}/notes/1", world.far.url)).await.is_err(),
            "{status}"
        );
    }
}

#[actix_web::test]
async fn fed_135_a_document_counts_at_its_own_id_only() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    let note = world.far.note(&ada, "1", "<p>the truth</p>");
    // Another address of the same server: asked again at its id.
    world.far.serve("/pages/1", &note);
    let found = world.status(&format!("{}/pages/1", world.far.url)).await.unwrap();
    assert_eq!(found.uri.as_deref(), note["id"].as_str());

    // A redirect is followed, and what it leads to is what counts.
    let second = world.far.note(&ada, "2", "<p>behind a redirect</p>");
    world.far.redirect("/moved", second["id"].as_str().unwrap());
    assert!(world.status(&format!("{}/moved", world.far.url)).await.is_ok());

    // A copy with an id of another server says what that server says.
    let third = world.far.note(&ada, "3", "<p>the truth</p>");
    let mut copy = third.clone();
    copy["content"] = json!("<p>forged</p>");
    world.other.serve("/copy", &copy);
    let found = world.status(&format!("{}/copy", world.other.url)).await.unwrap();
    assert!(found.content.contains("the truth"), "{}", found.content);

    // An open redirect of the victim imports nothing in its name.
    let mut forged = third.clone();
    forged["id"] = json!(format!("{}/notes/never", world.far.url));
    world.other.serve("/forged", &forged);
    world
        .far
        .redirect("/open", &format!("{}/forged", world.other.url));
    assert!(world.status(&format!("{}/open", world.far.url)).await.is_err());
    assert!(!world.site.knows(forged["id"].as_str().unwrap()).await);
}

#[actix_web::test]
async fn fed_014_a_page_leads_to_its_document() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    let note = world.far.note(&ada, "1", "<p>behind a page</p>");
    let link = |href: &str| {
        format!(r#"<html><head><link rel="alternate" type="application/activity+json" href="{href}">"#)
    };
    world.far.serve_as("/@ada/1", 200, "text/html", &link("/notes/1"));
    let found = world.status(&format!("{}/@ada/1", world.far.url)).await.unwrap();
    assert_eq!(found.uri.as_deref(), note["id"].as_str());
    // One step, not two.
    world.far.serve_as("/page", 200, "text/html", &link("/@ada/1"));
    assert!(world.status(&format!("{}/page", world.far.url)).await.is_err());
}

#[actix_web::test]
async fn sec_R022_authors_on_other_servers_are_refused() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    let eve = world.other.actor("eve");
    let mut note = world.far.note(&ada, "1", "<p>whose?</p>");
    for author in [
        json!(eve.id),
        json!(format!("{}/ap/users/1", world.site.url)),
        json!([eve.id, ada.id]),
        Value::Null,
    ] {
        note["attributedTo"] = author.clone();
        world.far.publish(&note);
        assert!(
            world.status(note["id"].as_str().unwrap()).await.is_err(),
            "{author}"
        );
    }
}

#[actix_web::test]
async fn fed_139_a_crowd_of_mentions_costs_few_fetches() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    let mut note = world.far.note(&ada, "1", "<p>hello all</p>");
    note["tag"] = (0..1000)
        .map(|n| json!({"type": "Mention", "href": format!("{}/users/m{n}", world.other.url)}))
        .collect();
    world.far.publish(&note);
    assert!(world.status(note["id"].as_str().unwrap()).await.is_ok());
    let asked = world.other.asked().len();
    assert!(asked <= 50, "{asked}");
}

#[actix_web::test]
async fn fed_026_a_stripped_document_does_not_overwrite() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    let resolver = world.site.instance.resolver().unwrap();
    let before = resolver.account_by_uri(&ada.id).await.unwrap();
    for member in ["followers", "inbox"] {
        let mut stripped = ada.document.clone();
        stripped.as_object_mut().unwrap().remove(member);
        stripped["name"] = json!("stripped");
        world.far.publish(&stripped);
        // Known accounts are asked again when they come with another name.
        for name in ["ada", "ada2"] {
            let subject = format!("acct:ada2@{}", world.far.domain);
            world.far.serve_webfinger(name, &subject, &ada.id);
        }
        world.far.asked();
        let _ = world.site.resolve("ada", &world.far.domain).await;
        assert!(
            world.far.asked().contains(&"GET /users/ada".to_owned()),
            "{member}"
        );
        let after = world.site.account(&ada.id).await.unwrap();
        assert_eq!(
            (after.display_name, after.remote),
            (before.display_name.clone(), before.remote.clone()),
            "{member}"
        );
    }
}

#[actix_web::test]
async fn fed_050_unknown_followers_are_asked_for_before_a_note_is_believed_direct() {
    let world = World::start().await;
    let ada = world.far.actor("ada");
    let mut bare = ada.document.clone();
    bare.as_object_mut().unwrap().remove("followers");
    world.far.publish(&bare);
    let resolver = world.site.instance.resolver().unwrap();
    let known = resolver.account_by_uri(&ada.id).await.unwrap();
    assert_eq!(known.remote.unwrap().followers, None);
    world.far.publish(&ada.document);
    let mut note = world.far.note(&ada, "1", "<p>hush</p>");
    note["to"] = json!([format!("{}/followers", ada.id)]);
    note["cc"] = json!([]);
    world.far.publish(&note);
    let status = world.status(note["id"].as_str().unwrap()).await.unwrap();
    assert_eq!(status.visibility, pouet_model::status::Visibility::Private);
}
