//! Who a status is addressed to on the wire, and what visibility an audience means.
//!
//! Source: <https://docs.joinmastodon.org/spec/activitypub/#properties-used>

use crate::status::Visibility;

/// The collection that stands for everybody.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The `to` and `cc` of an activity and of its object, which are always the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Audience {
    /// Primary addressees.
    pub to: Vec<String>,
    /// Others who get it.
    pub cc: Vec<String>,
}

impl Audience {
    /// The audience of a status of `visibility`, written by the owner of the collection `followers`, that
    /// names `mentions` (ids of actors).
    pub fn of(visibility: Visibility, followers: &str, mentions: &[String]) -> Self {
        let followers = followers.to_owned();
        let public = PUBLIC.to_owned();
        let with_mentions =
            |first: Option<String>| first.into_iter().chain(mentions.iter().cloned()).collect();
        match visibility {
            Visibility::Public => Self {
                to: vec![public],
                cc: with_mentions(Some(followers)),
            },
            Visibility::Unlisted => Self {
                to: vec![followers],
                cc: with_mentions(Some(public)),
            },
            Visibility::Private => Self {
                to: vec![followers],
                cc: mentions.to_vec(),
            },
            Visibility::Limited | Visibility::Direct => Self {
                to: mentions.to_vec(),
                cc: Vec::new(),
            },
        }
    }

    /// The visibility that a received audience means, given its author's followers collection.
    ///
    /// Collections that are not known are ignored: they never widen.
    pub fn visibility(&self, followers: Option<&str>) -> Visibility {
        if self.to.iter().any(|id| is_public(id)) {
            Visibility::Public
        } else if self.cc.iter().any(|id| is_public(id)) {
            Visibility::Unlisted
        } else if followers.is_some_and(|followers| self.contains(followers)) {
            Visibility::Private
        } else {
            Visibility::Direct
        }
    }

    /// Whether `id` is addressed.
    pub fn contains(&self, id: &str) -> bool {
        self.iter().any(|addressee| addressee == id)
    }

    /// All addressees, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.to.iter().chain(&self.cc).map(String::as_str)
    }
}

/// Whether `id` names the public collection, in any of the spellings in use.
pub fn is_public(id: &str) -> bool {
    matches!(id, PUBLIC | "as:Public" | "Public")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FOLLOWERS: &str = "https://a.test/ap/users/1/followers";

    #[test]
    fn fed_047_each_visibility_has_its_audience() {
        let bob = vec!["https://b.test/users/bob".to_owned()];
        let table = [
            (Visibility::Public, vec![PUBLIC], vec![FOLLOWERS, &bob[0]]),
            (Visibility::Unlisted, vec![FOLLOWERS], vec![PUBLIC, &bob[0]]),
            (Visibility::Private, vec![FOLLOWERS], vec![&bob[0]]),
            (Visibility::Direct, vec![&bob[0] as &str], vec![]),
        ];
        for (visibility, to, cc) in table {
            let audience = Audience::of(visibility, FOLLOWERS, &bob);
            assert_eq!(audience.to, to, "{visibility:?}");
            assert_eq!(audience.cc, cc, "{visibility:?}");
        }
    }

    #[test]
    fn fed_048_every_spelling_of_public_counts() {
        for spelling in [PUBLIC, "as:Public", "Public"] {
            let to = Audience {
                to: vec![spelling.into()],
                cc: vec![],
            };
            let cc = Audience {
                to: vec![],
                cc: vec![spelling.into()],
            };
            assert_eq!(to.visibility(None), Visibility::Public);
            assert_eq!(cc.visibility(None), Visibility::Unlisted);
        }
    }

    #[test]
    fn fed_049_followers_in_cc_alone_is_private() {
        let audience = Audience {
            to: vec![],
            cc: vec![FOLLOWERS.into()],
        };
        assert_eq!(audience.visibility(Some(FOLLOWERS)), Visibility::Private);
        assert_eq!(audience.visibility(None), Visibility::Direct);
    }

    proptest! {
        #[test]
        fn what_we_address_is_read_back_as_meant(
            visibility in prop::sample::select(vec![
                Visibility::Public, Visibility::Unlisted, Visibility::Private, Visibility::Direct,
            ]),
            mentions in prop::collection::vec("https://[a-z]{1,8}\\.test/u/[0-9]{1,4}", 0..5),
        ) {
            let audience = Audience::of(visibility, FOLLOWERS, &mentions);
            prop_assert_eq!(audience.visibility(Some(FOLLOWERS)), visibility);
            for mention in &mentions {
                prop_assert!(audience.contains(mention));
            }
        }

        #[test]
        fn unknown_collections_never_widen(ids in prop::collection::vec("https://[a-z]{1,8}\\.test/[a-z]{1,9}", 0..6)) {
            let audience = Audience { to: ids.clone(), cc: ids };
            prop_assert_eq!(audience.visibility(Some(FOLLOWERS)), Visibility::Direct);
        }
    }
}
