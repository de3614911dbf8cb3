//! <https://docs.joinmastodon.org/entities/Account/>

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use pouet_model::{
    account::{Account as Model, ActorType, Field as ModelField, Picture, Role as ModelRole, User},
    collection::{MAX_COLLECTIONS, may_be_featured},
    ids::AccountId,
    notification_policy::Correspondents,
    time::from_millis,
    urls::Urls,
};
use serde::Serialize;

use super::{
    emoji::CustomEmoji,
    time::{Day, Iso, Midnight},
};

/// Any account, as everybody sees it.
#[derive(Serialize)]
pub(crate) struct Account<'a> {
    id: AccountId,
    username: &'a str,
    acct: Cow<'a, str>,
    display_name: &'a str,
    locked: bool,
    bot: bool,
    discoverable: bool,
    indexable: bool,
    group: bool,
    created_at: Midnight,
    note: &'a str,
    url: String,
    uri: String,
    avatar: String,
    avatar_static: String,
    avatar_description: &'a str,
    header: String,
    header_static: String,
    header_description: &'a str,
    followers_count: i64,
    following_count: i64,
    statuses_count: i64,
    last_status_at: Option<Day>,
    hide_collections: bool,
    show_media: bool,
    show_media_replies: bool,
    show_featured: bool,
    feature_approval: FeatureApproval,
    emojis: Vec<CustomEmoji<'a>>,
    fields: Vec<Field<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    noindex: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<[AccountRole; 0]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<Box<Account<'a>>>,
    #[serde(skip_serializing_if = "is_false")]
    suspended: bool,
    #[serde(skip_serializing_if = "is_false")]
    limited: bool,
    #[serde(skip_serializing_if = "is_false")]
    memorial: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A role shown on profiles. None is: roles here only give privileges.
#[derive(Serialize)]
struct AccountRole {}

/// Who may put the account into a collection, as Mastodon tells it:
/// <https://docs.joinmastodon.org/entities/FeatureApproval/>
#[derive(Serialize)]
struct FeatureApproval {
    automatic: &'static [&'static str],
    /// Nobody is asked.
    manual: [&'static str; 0],
    /// Those without a token read the same: they have nobody's collections to put it into.
    current_user: &'static str,
}

impl FeatureApproval {
    fn of(account: &Model) -> Self {
        let (automatic, current_user): (&[_], _) = if may_be_featured(account) {
            (
                if account.locked {
                    &["followers"]
                } else {
                    &["public"]
                },
                "automatic",
            )
        } else if account.is_local() {
            (&[], "denied")
        } else {
            // Its server was not asked.
            (&[], "missing")
        };
        Self {
            automatic,
            manual: [],
            current_user,
        }
    }
}

/// A row of the table on a profile.
#[derive(Serialize)]
pub(crate) struct Field<'a> {
    name: &'a str,
    value: &'a str,
    verified_at: Option<Iso>,
}

impl<'a> Field<'a> {
    fn shown(field: &'a ModelField) -> Self {
        Self {
            name: &field.name,
            value: &field.value,
            verified_at: verified_at(field),
        }
    }

    fn source(field: &'a ModelField) -> Self {
        Self {
            value: &field.source,
            ..Self::shown(field)
        }
    }
}

fn verified_at(field: &ModelField) -> Option<Iso> {
    field.verified_at.map(|ms| Iso(from_millis(ms)))
}

impl<'a> Account<'a> {
    /// `account` as everybody sees it. Of a suspended or deleted account only the name is shown.
    pub(crate) fn from_model(account: &'a Model, urls: &Urls) -> Self {
        let active = account.is_active();
        let shown = |text: &'a str| if active { text } else { "" };
        let avatar = avatar(account, urls);
        let header = header(account, urls);
        Self {
            id: account.id,
            username: &account.username,
            acct: acct(account),
            display_name: shown(&account.display_name),
            locked: account.locked,
            bot: account.actor_type.is_bot(),
            discoverable: account.discoverable && active,
            indexable: account.indexable && active,
            group: account.actor_type == ActorType::Group,
            created_at: Midnight(account.created_at),
            note: shown(&account.note),
            url: urls.account_url(account),
            uri: urls.account_uri(account),
            avatar_static: avatar.clone(),
            avatar,
            avatar_description: shown(&account.avatar_description),
            header_static: header.clone(),
            header,
            header_description: shown(&account.header_description),
            followers_count: account.followers_count,
            following_count: account.following_count,
            statuses_count: account.statuses_count,
            last_status_at: account.last_status_at.filter(|_| active).map(Day),
            hide_collections: account.hide_collections,
            show_media: true,
            show_media_replies: true,
            show_featured: true,
            feature_approval: FeatureApproval::of(account),
            emojis: if active {
                CustomEmoji::list(&account.emojis, urls)
            } else {
                Vec::new()
            },
            fields: if active {
                account.fields.iter().map(Field::shown).collect()
            } else {
                Vec::new()
            },
            noindex: account.is_local().then_some(!account.indexable),
            roles: account.is_local().then_some([]),
            moved: None,
            suspended: !active,
            limited: account.silenced_at.is_some(),
            memorial: account.memorial,
        }
    }

    /// Names the account that this one moved to.
    pub(crate) fn moved_to(mut self, target: Option<&'a Model>, urls: &Urls) -> Self {
        self.moved = target.map(|target| Box::new(Self::from_model(target, urls)));
        self
    }

    /// Each of `accounts`.
    pub(crate) fn list(accounts: impl IntoIterator<Item = &'a Model>, urls: &Urls) -> Vec<Self> {
        accounts
            .into_iter()
            .map(|account| Self::from_model(account, urls))
            .collect()
    }
}

fn acct(account: &Model) -> Cow<'_, str> {
    if account.is_local() {
        Cow::Borrowed(&account.username)
    } else {
        Cow::Owned(account.acct())
    }
}

/// Address of an account's avatar: the default one if it has none, so that it is never empty.
pub(crate) fn avatar(account: &Model, urls: &Urls) -> String {
    picture(account, account.avatar.as_ref(), "avatar", urls)
}

/// Address of an account's header: the default one if it has none.
pub(crate) fn header(account: &Model, urls: &Urls) -> String {
    picture(account, account.header.as_ref(), "header", urls)
}

fn picture(account: &Model, picture: Option<&Picture>, kind: &str, urls: &Urls) -> String {
    match picture.filter(|_| account.is_active()) {
        None => urls.path(&format!("/assets/{kind}-default.png")),
        Some(Picture::Stored(key)) => urls.media(key),
        Some(Picture::Remote(_)) => urls.path(&format!("/media_proxy/accounts/{}/{kind}", account.id)),
    }
}

/// The own account of a user, with what was typed and the defaults of new statuses.
#[derive(Serialize)]
pub(crate) struct CredentialAccount<'a> {
    #[serde(flatten)]
    account: Account<'a>,
    source: Source<'a>,
    role: Role,
}

/// What the owner of an account edits.
#[derive(Serialize)]
struct Source<'a> {
    privacy: &'static str,
    sensitive: bool,
    language: Option<&'a str>,
    note: &'a str,
    fields: Vec<Field<'a>>,
    follow_requests_count: usize,
    hide_collections: bool,
    discoverable: bool,
    indexable: bool,
    attribution_domains: &'a [String],
    quote_policy: &'static str,
    /// Of this program: whose private messages are asked for.
    direct_messages: Correspondents,
}

impl<'a> CredentialAccount<'a> {
    /// The account of `user`. `follow_requests`: how many wait, of which clients show a number up to 40.
    pub(crate) fn new(
        user: &'a User,
        account: &'a Model,
        follow_requests: usize,
        direct_messages: Correspondents,
        urls: &Urls,
    ) -> Self {
        Self {
            account: Account::from_model(account, urls),
            source: Source {
                privacy: user.default_visibility.as_str(),
                sensitive: user.default_sensitive,
                language: user.default_language.as_deref(),
                note: &account.note_source,
                fields: account.fields.iter().map(Field::source).collect(),
                follow_requests_count: follow_requests,
                hide_collections: account.hide_collections,
                discoverable: account.discoverable,
                indexable: account.indexable,
                attribution_domains: &account.attribution_domains,
                quote_policy: user.default_quote_policy.as_str(),
                direct_messages,
            },
            role: Role::from_model(user.role),
        }
    }
}

/// The privileges of a user: <https://docs.joinmastodon.org/entities/Role/>
#[derive(Serialize)]
struct Role {
    id: &'static str,
    name: &'static str,
    color: &'static str,
    /// Bits for the moderation API; none while there is no such API.
    permissions: &'static str,
    highlighted: bool,
    collection_limit: Option<i64>,
}

impl Role {
    fn from_model(role: ModelRole) -> Self {
        let (id, name) = match role {
            ModelRole::User => ("-99", ""),
            ModelRole::Moderator => ("1", "Moderator"),
            ModelRole::Admin => ("2", "Admin"),
            ModelRole::Owner => ("3", "Owner"),
        };
        Self {
            id,
            name,
            color: "",
            permissions: "0",
            highlighted: false,
            collection_limit: Some(MAX_COLLECTIONS),
        }
    }
}

/// An account that the viewer mutes, and until when.
#[derive(Serialize)]
pub(crate) struct MutedAccount<'a> {
    #[serde(flatten)]
    account: Account<'a>,
    mute_expires_at: Option<Iso>,
}

impl<'a> MutedAccount<'a> {
    /// `account`, muted until `expires_at`.
    pub(crate) fn new(account: &'a Model, expires_at: Option<DateTime<Utc>>, urls: &Urls) -> Self {
        Self {
            account: Account::from_model(account, urls),
            mute_expires_at: expires_at.map(Iso),
        }
    }
}

/// What a grouped notification shows of accounts that are not its first:
/// <https://docs.joinmastodon.org/methods/grouped_notifications/#PartialAccountWithAvatar>
#[derive(Serialize)]
pub(crate) struct PartialAccount<'a> {
    id: AccountId,
    acct: Cow<'a, str>,
    locked: bool,
    bot: bool,
    url: String,
    avatar: String,
    avatar_static: String,
    avatar_description: &'a str,
}

impl<'a> PartialAccount<'a> {
    /// The least that shows `account`.
    pub(crate) fn from_model(account: &'a Model, urls: &Urls) -> Self {
        let avatar = avatar(account, urls);
        Self {
            id: account.id,
            acct: acct(account),
            locked: account.locked,
            bot: account.actor_type.is_bot(),
            url: urls.account_url(account),
            avatar_static: avatar.clone(),
            avatar,
            avatar_description: &account.avatar_description,
        }
    }
}
