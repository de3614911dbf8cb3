use pouet_model::account::RemoteActor;
use serde_json::json;

use super::*;
use crate::test_people::bob;

fn read(document: &Value) -> Option<QuoteDocument> {
    QuoteDocument::read(Object::of(document).unwrap())
}

fn quoted(document: &Value) -> Option<(Option<String>, bool)> {
    read(document).map(|quote| (quote.quoted, quote.legacy))
}

#[test]
fn fed_092_quotes_are_read_in_every_dialect_the_trusted_ones_first() {
    let link = json!({
        "type": "Link", "mediaType": "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
        "rel": LINK_RELATION, "href": "https://a.test/link"
    });
    let mut document = json!({
        "quote": "https://a.test/quote",
        "_misskey_quote": "https://a.test/misskey",
        "quoteUrl": "https://a.test/url",
        "quoteUri": "https://a.test/uri",
        "tag": [{ "type": "Mention", "href": "https://a.test/@x" }, link],
    });
    let mut expected = [
        ("quote", "https://a.test/quote"),
        ("_misskey_quote", "https://a.test/misskey"),
        ("quoteUrl", "https://a.test/url"),
        ("quoteUri", "https://a.test/uri"),
        ("tag", "https://a.test/link"),
    ]
    .into_iter();
    for (name, id) in expected.by_ref() {
        let legacy = name != "quote";
        assert_eq!(quoted(&document), Some((Some(id.to_owned()), legacy)), "{name}");
        document.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(quoted(&document), None);
}

#[test]
fn fed_092_a_quote_may_be_gone_embedded_or_nonsense() {
    let gone = json!({ "quote": { "type": "Tombstone", "id": "https://a.test/1" } });
    assert_eq!(quoted(&gone), Some((None, false)));
    let embedded = json!({ "quote": { "type": "Note", "id": "https://a.test/1", "content": "never read" } });
    assert_eq!(
        quoted(&embedded),
        Some((Some("https://a.test/1".to_owned()), false))
    );
    let several = json!({ "quote": ["https://a.test/1", "https://a.test/2"] });
    assert_eq!(
        quoted(&several),
        Some((Some("https://a.test/1".to_owned()), false))
    );
    for nothing in [
        json!({ "quote": null }),
        json!({ "quote": "not an address" }),
        json!({ "quoteUrl": "javascript:alert(1)" }),
        json!({ "_misskey_quote": 7 }),
        json!({ "tag": { "type": "Link", "href": "https://a.test/page", "mediaType": "text/html", "rel": LINK_RELATION } }),
    ] {
        assert_eq!(quoted(&nothing), None, "{nothing}");
    }
    let consented = json!({ "quote": "https://a.test/1", "quoteAuthorization": "https://a.test/stamp" });
    assert_eq!(
        read(&consented).unwrap().authorization.as_deref(),
        Some("https://a.test/stamp")
    );
    // Consent belongs to `quote` and to nothing else.
    let legacy = json!({ "quoteUri": "https://a.test/1", "quoteAuthorization": "https://a.test/stamp" });
    assert_eq!(read(&legacy).unwrap().authorization, None);
}

#[test]
fn fed_088_policies_of_others_are_read() {
    let mut author = bob();
    let uri = author.uri.clone().unwrap();
    author.remote = Some(RemoteActor {
        followers: Some(format!("{uri}/followers")),
        following: Some(format!("{uri}/following")),
        ..RemoteActor::default()
    });
    let policy = |policy: Value| {
        let document = json!({ "interactionPolicy": { "canQuote": policy } });
        QuotePolicyDocument::read(Object::of(&document).unwrap()).of(&author)
    };
    for (id, expected) in [
        (
            "https://www.w3.org/ns/activitystreams#Public",
            vec![Grant::Public],
        ),
        ("as:Public", vec![Grant::Public]),
        (&*format!("{uri}/followers"), vec![Grant::Followers]),
        (&*format!("{uri}/following"), vec![Grant::Following]),
        (&*uri, vec![]),
        ("https://else.test/users/x", vec![Grant::Unsupported]),
    ] {
        assert_eq!(
            policy(json!({ "automaticApproval": id })).automatic,
            expected,
            "{id}"
        );
        assert_eq!(policy(json!({ "manualApproval": [id] })).manual, expected, "{id}");
    }
    assert!(policy(json!({})).is_nobody());
    assert!(
        QuotePolicyDocument::read(Object::of(&json!({})).unwrap())
            .of(&author)
            .is_nobody()
    );
}

#[test]
fn fed_090_a_consent_has_all_its_members() {
    let whole = json!({
        "id": "https://a.test/stamp", "type": "QuoteAuthorization", "attributedTo": "https://a.test/u",
        "interactingObject": "https://b.test/1", "interactionTarget": "https://a.test/2"
    });
    assert!(StampDocument::read(&whole).is_some());
    for name in [
        "id",
        "type",
        "attributedTo",
        "interactingObject",
        "interactionTarget",
    ] {
        let mut part = whole.clone();
        part.as_object_mut().unwrap().remove(name);
        assert_eq!(StampDocument::read(&part), None, "{name}");
    }
}
