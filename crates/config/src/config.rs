//! The typed sections and their defaults.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use ipnet::IpNet;

use crate::{
    load::Origin,
    value::{
        Audience, DatabaseUrl, Domain, FederationMode, FetchAuth, Listen, LogFilter, LogFormat,
        RegistrationMode, WebUrl,
    },
};

/// Everything that is fixed while an instance runs.
///
/// Made by [`Config::load`]; [`Config::default`] is the configuration of a machine where nothing was set.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Public address of the instance: scheme and authority, no path. Ids of local objects begin with it.
    pub url: WebUrl,
    /// What stands after the `@` of local handles: a host, with its port if it is not the usual one.
    pub handle_domain: Domain,
    /// Where the HTTP server listens.
    pub listen: Listen,
    /// Folder of everything that the instance keeps on disk.
    pub data_dir: PathBuf,
    /// File with the key that private keys in the database are encrypted with.
    pub key_file: PathBuf,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Rows kept per home feed; what is older is read by query.
    pub home_feed_rows: u32,
    /// The database.
    pub database: Database,
    /// What is exchanged with other instances, and how.
    pub federation: Federation,
    /// Sending to other instances.
    pub delivery: Delivery,
    /// Throttles, quotas and budgets.
    pub rate_limits: RateLimits,
    /// Who may open an account.
    pub registrations: Registrations,
    /// Sizes and counts of what people may write.
    pub limits: Limits,
    /// Where uploaded files are kept.
    pub media: Media,
    /// For how long posts of other instances are kept.
    pub retention: Retention,
    /// What people here and elsewhere talk about.
    pub trends: Trends,
    /// Counting of reads.
    pub analytics: Analytics,
    /// What is counted for those who watch the instance.
    pub metrics: Metrics,
    /// What is logged, and how.
    pub log: Log,
    /// Where each key that is not at its default was set, by key name.
    pub(crate) origins: BTreeMap<&'static str, Origin>,
}

impl Config {
    /// Where the key file is when nothing else is said.
    pub(crate) fn key_file_in(data_dir: &std::path::Path) -> PathBuf {
        data_dir.join("secret.key")
    }

    /// Where the key `name` was set: [`Origin::Default`] if nowhere.
    pub fn origin(&self, name: &str) -> &Origin {
        self.origins.get(name).unwrap_or(&Origin::Default)
    }
}

/// Section `database`.
#[derive(Debug, Clone, PartialEq)]
pub struct Database {
    /// SQLite file or PostgreSQL server.
    pub url: DatabaseUrl,
    /// Connections for reading; PostgreSQL also writes on them.
    pub pool_size: u32,
}

/// Section `federation`.
#[derive(Debug, Clone, PartialEq)]
pub struct Federation {
    /// Whether anything is sent to or taken from other instances.
    pub enabled: bool,
    /// Non-public networks that outgoing requests may reach all the same, on any port and by IP literal.
    pub allow_private_addresses: Vec<IpNet>,
    /// Whether other instances may be reached over plain HTTP.
    pub allow_http: bool,
    /// Which fetches of local objects must be signed.
    pub fetch_auth: FetchAuth,
    /// Whether actors show an Ed25519 key beside their RSA key.
    pub ed25519_keys: bool,
    /// Whether activities are sent with an integrity proof.
    pub integrity_proofs: bool,
    /// With whom the instance federates.
    pub mode: FederationMode,
    /// Who may read which domains are limited or suspended.
    pub show_domain_blocks: Audience,
    /// Who of them may read why.
    pub show_domain_block_reasons: Audience,
}

/// Section `delivery`.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Wait before the first retry; later waits grow from it.
    pub retry_first: Duration,
    /// Requests in flight at once, over all hosts.
    pub concurrency: u32,
    /// The breaker that leaves a dead host alone.
    pub breaker: Breaker,
}

/// Section `delivery.breaker`.
#[derive(Debug, Clone, PartialEq)]
pub struct Breaker {
    /// Consecutive failures of a host that open its breaker.
    pub failures: u32,
    /// Time within which those failures must fall.
    pub window: Duration,
    /// Wait before the first probe of a host whose breaker is open; doubled after each failed probe.
    pub first_probe: Duration,
    /// Longest wait between probes.
    pub max_probe: Duration,
}

/// Section `rate_limits`.
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimits {
    /// Whether requests over a limit are refused. Headers that tell the limits are sent either way.
    pub enabled: bool,
}

/// Section `registrations`.
#[derive(Debug, Clone, PartialEq)]
pub struct Registrations {
    /// Who may open an account.
    pub mode: RegistrationMode,
}

/// Section `limits`.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Characters of a status, content warning included.
    pub status_chars: u32,
    /// Attachments of one status.
    pub media_per_status: u32,
    /// Options of a poll.
    pub poll_options: u32,
    /// Characters of one poll option.
    pub poll_option_chars: u32,
    /// Bytes of an uploaded image.
    pub image_bytes: u64,
    /// Pixels (width times height) of an uploaded image.
    pub image_pixels: u64,
    /// Characters of the description of an attachment.
    pub media_description: u32,
    /// Characters of a display name.
    pub display_name: u32,
    /// Characters of the text on a profile.
    pub note: u32,
    /// Name-and-value fields on a profile.
    pub profile_fields: u32,
    /// Statuses that an account may pin to its profile.
    pub pinned: u32,
}

/// Section `media`.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    /// Folder of uploaded files.
    pub path: PathBuf,
    /// Bytes of copies of other servers' files that are kept.
    pub cache_bytes: u64,
    /// Days for which a copy is kept that nobody looks at.
    pub cache_days: u32,
}

/// Section `retention`.
#[derive(Debug, Clone, PartialEq)]
pub struct Retention {
    /// Days for which posts of other servers are kept that nobody here has to do with; 0: for ever.
    pub days: u32,
    /// The same for posts of accounts that somebody here follows.
    pub followed_days: u32,
}

/// Section `trends`.
#[derive(Debug, Clone, PartialEq)]
pub struct Trends {
    /// Whether they are computed.
    pub enabled: bool,
    /// Whether a moderator has to let each of them be shown.
    pub review: bool,
    /// Whether statuses that relays bring count.
    pub relays: bool,
}

/// Section `analytics`.
#[derive(Debug, Clone, PartialEq)]
pub struct Analytics {
    /// Whether authors learn how often their statuses are read here.
    pub enabled: bool,
}

/// Section `metrics`.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    /// Where they can be read; nowhere if `None`.
    pub listen: Option<Listen>,
}

/// Section `log`.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// Shape of a log line.
    pub format: LogFormat,
    /// Least severe level that is logged, overall or by module.
    pub level: LogFilter,
}

impl Default for Config {
    fn default() -> Self {
        let listen = Listen {
            host: "localhost".into(),
            port: 8080,
        };
        let url = WebUrl::localhost(listen.port);
        let data_dir = PathBuf::from("data");
        Self {
            handle_domain: url.domain(),
            url,
            listen,
            key_file: Self::key_file_in(&data_dir),
            trusted_proxies: Vec::new(),
            home_feed_rows: 800,
            database: Database {
                url: DatabaseUrl::in_folder(&data_dir),
                pool_size: 8,
            },
            federation: Federation {
                enabled: true,
                allow_private_addresses: Vec::new(),
                allow_http: false,
                fetch_auth: FetchAuth::Blocks,
                ed25519_keys: true,
                integrity_proofs: true,
                mode: FederationMode::Open,
                show_domain_blocks: Audience::Nobody,
                show_domain_block_reasons: Audience::Nobody,
            },
            delivery: Delivery {
                retry_first: Duration::from_mins(1),
                concurrency: 512,
                breaker: Breaker {
                    failures: 5,
                    window: Duration::from_mins(10),
                    first_probe: Duration::from_mins(1),
                    max_probe: Duration::from_mins(30),
                },
            },
            rate_limits: RateLimits { enabled: true },
            registrations: Registrations {
                mode: RegistrationMode::Closed,
            },
            limits: Limits::default(),
            media: Media {
                path: Media::in_folder(&data_dir),
                cache_bytes: 10 * 1024 * 1024 * 1024,
                cache_days: 90,
            },
            retention: Retention {
                days: 180,
                followed_days: 0,
            },
            trends: Trends {
                enabled: true,
                review: false,
                relays: false,
            },
            analytics: Analytics { enabled: true },
            metrics: Metrics { listen: None },
            log: Log {
                format: LogFormat::Human,
                level: LogFilter("info".into()),
            },
            data_dir,
            origins: BTreeMap::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            status_chars: 500,
            media_per_status: 4,
            poll_options: 4,
            poll_option_chars: 50,
            image_bytes: 16 * 1024 * 1024,
            image_pixels: 33_177_600,
            media_description: 1500,
            display_name: 30,
            note: 500,
            profile_fields: 4,
            pinned: 5,
        }
    }
}

impl Media {
    /// Where uploads go when nothing else is said.
    pub(crate) fn in_folder(data_dir: &std::path::Path) -> PathBuf {
        data_dir.join("media")
    }
}
