//! Who may answer, favourite and boost a status, in GoToSocial's words.
//!
//! Source: <https://docs.gotosocial.org/en/latest/api/swagger/>, `interactionPolicy` and `defaultPolicies`

use std::{borrow::Cow, collections::HashMap};

use pouet_model::{
    audience::is_public,
    interaction::{Choice, Interaction, Policy, Rule, Verdict, Who},
    status::Visibility,
    urls::Urls,
};
use pouet_service::{interactions::is_for_boosting, view::StatusView};
use serde::Serialize;

/// Who may do what.
#[derive(Serialize)]
pub(crate) struct InteractionPolicy<'a> {
    can_favourite: Rules<'a>,
    can_reply: Rules<'a>,
    can_reblog: Rules<'a>,
}

/// Who may do one thing: words for groups of accounts, or ids of accounts. `me` is the viewer.
#[derive(Serialize)]
struct Rules<'a> {
    automatic_approval: Vec<Cow<'a, str>>,
    manual_approval: Vec<Cow<'a, str>>,
    /// The same as `automatic_approval`, as it was called before.
    always: Vec<Cow<'a, str>>,
    /// The same as `manual_approval`, as it was called before.
    with_approval: Vec<Cow<'a, str>>,
}

/// The author and those whom the status names may do everything.
const ALWAYS: [&str; 2] = ["author", "mentioned"];

impl<'a> Rules<'a> {
    fn new(automatic: Vec<Cow<'a, str>>, manual: Vec<Cow<'a, str>>, viewer: Option<Verdict>) -> Self {
        let (mut automatic, mut manual) = (automatic, manual);
        match viewer {
            Some(Verdict::Allowed) => automatic.push(Cow::Borrowed("me")),
            Some(Verdict::NeedsApproval) => manual.push(Cow::Borrowed("me")),
            Some(Verdict::Refused) | None => {}
        }
        Self {
            always: automatic.clone(),
            with_approval: manual.clone(),
            automatic_approval: automatic,
            manual_approval: manual,
        }
    }

    /// For the author alone.
    fn of_author(viewer: Option<Verdict>) -> Self {
        Self::new(vec![Cow::Borrowed("author")], Vec::new(), viewer)
    }

    fn of_choice(choice: Choice, kind: Interaction, viewer: Option<Verdict>) -> Self {
        let who = choice.of(kind);
        let mut automatic: Vec<&str> = who.words().to_vec();
        if who != Who::Public {
            automatic.extend(ALWAYS);
        }
        let manual = choice.asking_for(kind).map_or(&[][..], Who::words);
        let words = |words: &[&'static str]| words.iter().map(|word| Cow::Borrowed(*word)).collect();
        Self::new(
            automatic.into_iter().map(Cow::Borrowed).collect(),
            words(manual),
            viewer,
        )
    }

    /// A rule of another server; `None`: everybody.
    fn of_rule(rule: Option<&'a Rule>, view: &'a StatusView, urls: &Urls, viewer: Option<Verdict>) -> Self {
        let Some(rule) = rule else {
            return Self::of_choice(Choice::default(), Interaction::Like, viewer);
        };
        let remote = view.author.remote.as_ref();
        let author = urls.account_uri(&view.author);
        let word = |id: &'a String| {
            let is = |collection: Option<&str>| collection == Some(id.as_str());
            if is_public(id) {
                Cow::Borrowed("public")
            } else if *id == author {
                Cow::Borrowed("author")
            } else if is(remote.and_then(|remote| remote.followers.as_deref())) {
                Cow::Borrowed("followers")
            } else if is(remote.and_then(|remote| remote.following.as_deref())) {
                Cow::Borrowed("following")
            } else {
                Cow::Borrowed(id.as_str())
            }
        };
        let words = |ids: &'a [String]| ids.iter().map(word).collect();
        Self::new(words(&rule.automatic), words(&rule.manual), viewer)
    }
}

impl<'a> InteractionPolicy<'a> {
    /// Of a status, as its viewer is told; of a boost, that of what it boosts.
    pub(crate) fn of_status(view: &'a StatusView, urls: &Urls) -> Self {
        let view = view.content();
        let told = &view.interactions;
        let rules = |kind| {
            let viewer = told.verdict(kind, &view.status, &view.author, urls);
            if kind == Interaction::Announce && !is_for_boosting(&view.status, false) {
                return Rules::of_author(viewer);
            }
            match &told.policy {
                None => Rules::of_choice(Choice::default(), kind, viewer),
                Some(Policy::Own(choice)) => Rules::of_choice(*choice, kind, viewer),
                Some(Policy::Remote(rules)) => {
                    let rule = match kind {
                        Interaction::Reply => rules.reply.as_ref(),
                        Interaction::Like => rules.like.as_ref(),
                        Interaction::Announce => rules.announce.as_ref(),
                    };
                    Rules::of_rule(rule, view, urls, viewer)
                }
            }
        };
        Self {
            can_favourite: rules(Interaction::Like),
            can_reply: rules(Interaction::Reply),
            can_reblog: rules(Interaction::Announce),
        }
    }

    /// Of statuses with this audience that are yet to be written.
    fn of_default(choice: Choice, visibility: Visibility) -> Self {
        let rules = |kind| Rules::of_choice(choice, kind, None);
        Self {
            can_favourite: rules(Interaction::Like),
            can_reply: rules(Interaction::Reply),
            can_reblog: if visibility.is_open() {
                rules(Interaction::Announce)
            } else {
                Rules::of_author(None)
            },
        }
    }
}

/// What holds for new statuses, by their audience.
#[derive(Serialize)]
pub(crate) struct DefaultPolicies {
    direct: InteractionPolicy<'static>,
    private: InteractionPolicy<'static>,
    unlisted: InteractionPolicy<'static>,
    public: InteractionPolicy<'static>,
}

impl DefaultPolicies {
    /// `chosen` where something is, and everybody where not.
    pub(crate) fn of(chosen: &HashMap<Visibility, Choice>) -> Self {
        let policy = |visibility| {
            let choice = chosen.get(&visibility).copied().unwrap_or_default();
            InteractionPolicy::of_default(choice, visibility)
        };
        Self {
            direct: policy(Visibility::Direct),
            private: policy(Visibility::Private),
            unlisted: policy(Visibility::Unlisted),
            public: policy(Visibility::Public),
        }
    }
}
