//! What the configuration tells the operations.

use pouet_model::urls::Urls;

/// Who may register.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RegistrationMode {
    /// Nobody; accounts are made by the owner.
    #[default]
    Closed,
    /// Everybody.
    Open,
    /// Everybody, but a moderator has to let them in.
    Approval,
}

/// Limits on what users write and upload.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Characters of a status with its content warning, as Mastodon counts.
    pub status_chars: usize,
    /// Attachments of a status.
    pub media_per_status: usize,
    /// Options of a poll.
    pub poll_options: usize,
    /// Characters of a poll option.
    pub poll_option_chars: usize,
    /// Shortest poll, seconds.
    pub poll_min_seconds: i64,
    /// Longest poll, seconds.
    pub poll_max_seconds: i64,
    /// Bytes of an uploaded image.
    pub image_bytes: usize,
    /// Pixels of an uploaded image.
    pub image_pixels: u64,
    /// Characters of an alternative text.
    pub media_description_chars: usize,
    /// Characters of a display name.
    pub display_name_chars: usize,
    /// Characters of a biography.
    pub note_chars: usize,
    /// Rows of the profile table.
    pub profile_fields: usize,
    /// Characters of a profile field's name or value.
    pub field_chars: usize,
    /// Pinned statuses.
    pub pinned_statuses: usize,
    /// Lists per user.
    pub lists: usize,
    /// Rows of a home timeline that are kept ready.
    pub home_feed_rows: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            status_chars: 500,
            media_per_status: 4,
            poll_options: 4,
            poll_option_chars: 50,
            poll_min_seconds: 300,
            poll_max_seconds: 2_629_746,
            image_bytes: 16 * 1024 * 1024,
            image_pixels: 33_177_600,
            media_description_chars: 1500,
            display_name_chars: 30,
            note_chars: 500,
            profile_fields: 4,
            field_chars: 255,
            pinned_statuses: 5,
            lists: 500,
            home_feed_rows: 800,
        }
    }
}

/// How deliveries are repeated.
#[derive(Clone, Debug)]
pub struct DeliverySettings {
    /// Milliseconds until the first repetition; later ones follow the table of the federation contract.
    pub retry_first_ms: i64,
    /// Requests in flight over all hosts.
    pub concurrency: usize,
    /// Failed attempts of a lane that open its breaker.
    pub breaker_failures: i64,
    /// Milliseconds within which they count.
    pub breaker_window_ms: i64,
    /// Milliseconds until the first probe of an open breaker.
    pub breaker_first_probe_ms: i64,
    /// Most milliseconds between probes.
    pub breaker_max_probe_ms: i64,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            retry_first_ms: 60_000,
            concurrency: 512,
            breaker_failures: 5,
            breaker_window_ms: 600_000,
            breaker_first_probe_ms: 60_000,
            breaker_max_probe_ms: 1_800_000,
        }
    }
}

/// How much is kept of other servers' files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MediaCacheSettings {
    /// Bytes of all copies together.
    pub bytes: i64,
    /// Days for which a copy is kept that nobody looks at.
    pub days: i64,
}

impl Default for MediaCacheSettings {
    fn default() -> Self {
        Self {
            bytes: 10 * 1024 * 1024 * 1024,
            days: 90,
        }
    }
}

/// With whom the instance federates.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FederationMode {
    /// With everybody but those whom a rule suspends.
    #[default]
    Open,
    /// With nobody but those who are allowed by name.
    AllowList,
}

/// Who may read something about the instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Audience {
    /// Only those who look after the instance.
    #[default]
    Nobody,
    /// People with an account that is confirmed and approved.
    Users,
    /// Everybody.
    Everybody,
}

/// With whom the instance federates, who may know, and what is published and written for other servers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FederationSettings {
    /// With whom.
    pub mode: FederationMode,
    /// Who may read which domains are limited or suspended.
    pub show_domain_blocks: Audience,
    /// Who of them may read why.
    pub show_domain_block_reasons: Audience,
    /// Actor documents show an Ed25519 key beside the RSA key (FEP-521a).
    pub ed25519_keys: bool,
    /// Activities are sent with an integrity proof (FEP-8b32), if Ed25519 keys are shown.
    pub integrity_proofs: bool,
}

impl Default for FederationSettings {
    fn default() -> Self {
        Self {
            mode: FederationMode::default(),
            show_domain_blocks: Audience::default(),
            show_domain_block_reasons: Audience::default(),
            ed25519_keys: true,
            integrity_proofs: true,
        }
    }
}

/// How trends are computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrendSettings {
    /// Whether they are.
    pub enabled: bool,
    /// Whether a moderator has to let each of them be shown.
    pub review: bool,
    /// Whether statuses that relays bring count.
    pub relays: bool,
}

impl Default for TrendSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            review: false,
            relays: false,
        }
    }
}

/// For how long posts of other servers are kept that nobody here has to do with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetentionSettings {
    /// Days since they were published; 0: for ever.
    pub days: i64,
    /// The same for accounts that somebody here follows, at least as long as the others.
    pub followed_days: i64,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self {
            days: 180,
            followed_days: 0,
        }
    }
}

/// Everything an instance is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Addresses of this instance.
    pub urls: Urls,
    /// Who may register.
    pub registrations: RegistrationMode,
    /// Limits on content.
    pub limits: Limits,
    /// Copies of other servers' files.
    pub media_cache: MediaCacheSettings,
    /// Posts of other servers.
    pub retention: RetentionSettings,
    /// Deliveries to other servers.
    pub delivery: DeliverySettings,
    /// With whom the instance federates, and what others get to read.
    pub federation: FederationSettings,
    /// How trends are computed.
    pub trends: TrendSettings,
    /// Whether the instance speaks with other servers at all.
    pub federation_enabled: bool,
    /// Whether throttles, quotas and budgets apply; their headers are sent all the same.
    pub rate_limits_enabled: bool,
    /// Whether it is counted how often statuses are read.
    pub analytics_enabled: bool,
    /// Version of the program, such as `0.1.0`.
    pub version: &'static str,
}
