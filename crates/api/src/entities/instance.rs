//! <https://docs.joinmastodon.org/entities/Instance/> and <https://docs.joinmastodon.org/entities/V1_Instance/>

use std::collections::BTreeMap;

use pouet_model::urls::Urls;
use pouet_service::{
    Instance as Handle,
    instance_info::{InstanceInfo, Rule as ModelRule},
    settings::{Limits, RegistrationMode, Settings},
};
use serde::Serialize;

use super::account::Account;

/// The Mastodon version whose features are all there. Clients read the number before they read anything else.
const COMPATIBLE_WITH: &str = "4.2.0";
/// The revision of the client API whose features are all there; see `api_versions` in the documentation.
const API_VERSION: u32 = 1;
/// What a link counts in a status, whatever its length.
const URL_CHARS: u32 = 23;
/// Types of images that can be uploaded.
const IMAGE_TYPES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// `4.2.0 (compatible; Pouet 0.1.0)`
fn version(settings: &Settings) -> String {
    format!("{COMPATIBLE_WITH} (compatible; Pouet {})", settings.version)
}

/// What the instance is and can do. It says only what is true.
#[derive(Serialize)]
pub(crate) struct Instance<'a> {
    domain: &'a str,
    title: &'a str,
    version: String,
    /// Where to ask for the source code.
    source_url: &'a str,
    description: &'a str,
    usage: Usage,
    thumbnail: Thumbnail,
    icon: [Icon; 1],
    languages: &'a [&'static str],
    configuration: Configuration<'a>,
    registrations: Registrations,
    api_versions: ApiVersions,
    contact: Contact<'a>,
    rules: Vec<Rule<'a>>,
    wrapstodon: Option<&'a str>,
}

#[derive(Serialize)]
struct Usage {
    users: ActiveUsers,
}

#[derive(Serialize)]
struct ActiveUsers {
    active_month: i64,
}

#[derive(Serialize)]
struct Thumbnail {
    url: String,
    description: &'static str,
}

#[derive(Serialize)]
struct Icon {
    src: String,
    size: &'static str,
}

#[derive(Serialize)]
struct ApiVersions {
    mastodon: u32,
}

#[derive(Serialize)]
struct Contact<'a> {
    email: &'a str,
    account: Option<Account<'a>>,
}

#[derive(Serialize)]
struct Registrations {
    enabled: bool,
    approval_required: bool,
    reason_required: bool,
    message: Option<&'static str>,
    min_age: Option<u32>,
    url: Option<&'static str>,
}

impl Registrations {
    fn of(mode: RegistrationMode) -> Self {
        let approval = mode == RegistrationMode::Approval;
        Self {
            enabled: mode != RegistrationMode::Closed,
            approval_required: approval,
            reason_required: approval,
            message: None,
            min_age: None,
            url: None,
        }
    }
}

/// A rule of the instance.
#[derive(Serialize)]
pub(crate) struct Rule<'a> {
    id: String,
    text: &'a str,
    hint: &'a str,
    translations: BTreeMap<&'a str, &'a str>,
}

impl<'a> Rule<'a> {
    /// Each of `rules`.
    pub(crate) fn list(rules: &'a [ModelRule]) -> Vec<Self> {
        rules
            .iter()
            .map(|rule| Self {
                id: rule.id.to_string(),
                text: &rule.text,
                hint: &rule.hint,
                translations: BTreeMap::new(),
            })
            .collect()
    }
}

#[derive(Serialize)]
struct Configuration<'a> {
    urls: ConfiguredUrls,
    vapid: Vapid<'a>,
    accounts: AccountLimits,
    statuses: StatusLimits,
    media_attachments: MediaLimits,
    polls: PollLimits,
    translation: Translation,
    timelines_access: TimelinesAccess,
    limited_federation: bool,
}

#[derive(Serialize)]
struct ConfiguredUrls {
    streaming: String,
    about: Option<String>,
    privacy_policy: Option<String>,
    status: Option<String>,
    terms_of_service: Option<String>,
}

#[derive(Serialize)]
struct Vapid<'a> {
    public_key: &'a str,
}

#[derive(Serialize)]
struct AccountLimits {
    max_featured_tags: usize,
    max_pinned_statuses: usize,
    max_display_name_length: usize,
    max_note_length: usize,
    max_avatar_description_length: usize,
    max_header_description_length: usize,
    max_profile_fields: usize,
    profile_field_name_limit: usize,
    profile_field_value_limit: usize,
}

impl AccountLimits {
    fn of(limits: &Limits) -> Self {
        Self {
            // Profiles do not feature tags yet.
            max_featured_tags: 0,
            max_pinned_statuses: limits.pinned_statuses,
            max_display_name_length: limits.display_name_chars,
            max_note_length: limits.note_chars,
            max_avatar_description_length: limits.media_description_chars,
            max_header_description_length: limits.media_description_chars,
            max_profile_fields: limits.profile_fields,
            profile_field_name_limit: limits.field_chars,
            profile_field_value_limit: limits.field_chars,
        }
    }
}

#[derive(Serialize)]
struct StatusLimits {
    max_characters: usize,
    max_media_attachments: usize,
    characters_reserved_per_url: u32,
}

impl StatusLimits {
    fn of(limits: &Limits) -> Self {
        Self {
            max_characters: limits.status_chars,
            max_media_attachments: limits.media_per_status,
            characters_reserved_per_url: URL_CHARS,
        }
    }
}

/// Images can be uploaded, videos cannot: their limits are 0.
#[derive(Serialize)]
struct MediaLimits {
    supported_mime_types: [&'static str; 4],
    description_limit: usize,
    image_size_limit: usize,
    image_matrix_limit: u64,
    video_size_limit: usize,
    video_frame_rate_limit: usize,
    video_matrix_limit: usize,
}

impl MediaLimits {
    fn of(limits: &Limits) -> Self {
        Self {
            supported_mime_types: IMAGE_TYPES,
            description_limit: limits.media_description_chars,
            image_size_limit: limits.image_bytes,
            image_matrix_limit: limits.image_pixels,
            video_size_limit: 0,
            video_frame_rate_limit: 0,
            video_matrix_limit: 0,
        }
    }
}

#[derive(Serialize)]
struct PollLimits {
    max_options: usize,
    max_characters_per_option: usize,
    min_expiration: i64,
    max_expiration: i64,
}

impl PollLimits {
    fn of(limits: &Limits) -> Self {
        Self {
            max_options: limits.poll_options,
            max_characters_per_option: limits.poll_option_chars,
            min_expiration: limits.poll_min_seconds,
            max_expiration: limits.poll_max_seconds,
        }
    }
}

#[derive(Serialize)]
struct Translation {
    enabled: bool,
}

/// Who may read which feeds without signing in.
#[derive(Serialize)]
struct TimelinesAccess {
    live_feeds: FeedAccess,
    hashtag_feeds: FeedAccess,
    trending_link_feeds: FeedAccess,
}

#[derive(Serialize)]
struct FeedAccess {
    local: &'static str,
    remote: &'static str,
}

impl FeedAccess {
    const fn both(access: &'static str) -> Self {
        Self {
            local: access,
            remote: access,
        }
    }
}

fn thumbnail(urls: &Urls) -> String {
    urls.path("/assets/thumbnail.png")
}

impl<'a> Instance<'a> {
    /// What `info` and the settings of `handle` say.
    pub(crate) fn from_info(handle: &'a Handle, info: &'a InstanceInfo) -> Self {
        let (urls, limits) = (handle.urls(), handle.limits());
        Self {
            domain: urls.handle_domain(),
            title: &info.title,
            version: version(&handle.settings),
            source_url: urls.base(),
            description: &info.description,
            usage: Usage {
                users: ActiveUsers {
                    active_month: info.active_month,
                },
            },
            thumbnail: Thumbnail {
                url: thumbnail(urls),
                description: "",
            },
            icon: [Icon {
                src: urls.path("/assets/favicon.png"),
                size: "64x64",
            }],
            languages: &info.languages,
            configuration: Configuration {
                urls: ConfiguredUrls {
                    streaming: urls.streaming(),
                    about: None,
                    privacy_policy: None,
                    status: None,
                    terms_of_service: None,
                },
                vapid: Vapid {
                    public_key: &info.vapid_public_key,
                },
                accounts: AccountLimits::of(limits),
                statuses: StatusLimits::of(limits),
                media_attachments: MediaLimits::of(limits),
                polls: PollLimits::of(limits),
                translation: Translation { enabled: false },
                timelines_access: TimelinesAccess {
                    live_feeds: FeedAccess::both("public"),
                    hashtag_feeds: FeedAccess::both("public"),
                    trending_link_feeds: FeedAccess::both("disabled"),
                },
                limited_federation: false,
            },
            registrations: Registrations::of(handle.settings.registrations),
            api_versions: ApiVersions {
                mastodon: API_VERSION,
            },
            contact: Contact {
                email: &info.contact_email,
                account: info
                    .contact_account
                    .as_ref()
                    .map(|account| Account::from_model(account, urls)),
            },
            rules: Rule::list(&info.rules),
            wrapstodon: None,
        }
    }
}

/// The older document, which some clients still begin with.
#[derive(Serialize)]
pub(crate) struct V1Instance<'a> {
    /// A host, not an address.
    uri: &'a str,
    title: &'a str,
    short_description: &'a str,
    description: &'a str,
    email: &'a str,
    version: String,
    urls: V1Urls,
    stats: V1Stats,
    thumbnail: String,
    languages: &'a [&'static str],
    registrations: bool,
    approval_required: bool,
    invites_enabled: bool,
    configuration: V1Configuration,
    contact_account: Option<Account<'a>>,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
struct V1Urls {
    streaming_api: String,
}

#[derive(Serialize)]
struct V1Stats {
    user_count: i64,
    status_count: i64,
    domain_count: i64,
}

#[derive(Serialize)]
struct V1Configuration {
    accounts: AccountLimits,
    statuses: StatusLimits,
    media_attachments: MediaLimits,
    polls: PollLimits,
}

impl<'a> V1Instance<'a> {
    /// What `info` and the settings of `handle` say.
    pub(crate) fn from_info(handle: &'a Handle, info: &'a InstanceInfo) -> Self {
        let (urls, limits) = (handle.urls(), handle.limits());
        let registrations = Registrations::of(handle.settings.registrations);
        Self {
            uri: urls.handle_domain(),
            title: &info.title,
            short_description: &info.description,
            description: &info.description,
            email: &info.contact_email,
            version: version(&handle.settings),
            urls: V1Urls {
                streaming_api: urls.streaming(),
            },
            stats: V1Stats {
                user_count: info.user_count,
                status_count: info.status_count,
                domain_count: info.domain_count,
            },
            thumbnail: thumbnail(urls),
            languages: &info.languages,
            registrations: registrations.enabled,
            approval_required: registrations.approval_required,
            invites_enabled: false,
            configuration: V1Configuration {
                accounts: AccountLimits::of(limits),
                statuses: StatusLimits::of(limits),
                media_attachments: MediaLimits::of(limits),
                polls: PollLimits::of(limits),
            },
            contact_account: info
                .contact_account
                .as_ref()
                .map(|account| Account::from_model(account, urls)),
            rules: Rule::list(&info.rules),
        }
    }
}

/// A longer description: <https://docs.joinmastodon.org/entities/ExtendedDescription/>
#[derive(Serialize)]
pub(crate) struct ExtendedDescription<'a> {
    pub(crate) updated_at: Option<&'a str>,
    /// HTML.
    pub(crate) content: String,
}

/// A language of the pages.
#[derive(Serialize)]
pub(crate) struct Language {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
}
