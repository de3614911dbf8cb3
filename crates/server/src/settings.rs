//! From the configuration to what the other crates want to know.

use std::sync::Arc;

use anyhow::{Context, Result};
use pouet_config::{
    Audience as ConfiguredAudience, Config, DatabaseUrl as ConfiguredUrl,
    FederationMode as ConfiguredFederation, FetchAuth as ConfiguredAuth, RegistrationMode as ConfiguredMode,
};
use pouet_federation::routes::FetchAuth;
use pouet_model::{time::SystemClock, urls::Urls};
use pouet_service::{
    Instance, Parts,
    media::MediaStore,
    net::{NetClient, NetSettings, SystemResolver, Timeouts},
    settings::{
        Audience, DeliverySettings, FederationMode, FederationSettings, Limits, MediaCacheSettings,
        RegistrationMode, RetentionSettings, Settings, TrendSettings,
    },
    vault::Vault,
};
use pouet_storage::{DatabaseUrl, Store, StoreSettings};

/// Version of the program.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Opens database, key file and media store and puts an instance together.
///
/// # Errors
/// When one of them cannot be opened, the database belongs to a newer version, or the key file is not its own.
pub(crate) async fn open_instance(config: &Config) -> Result<Instance> {
    let store = Store::open(&store_settings(config)?).context("the database cannot be opened")?;
    let vault = Vault::unlock(&store, &config.key_file)
        .await
        .context("the private keys cannot be used")?;
    let media = MediaStore::in_folder(&config.media.path).context("the media folder cannot be opened")?;
    let net = NetClient::new(net_settings(config), Arc::new(SystemResolver)).context("no HTTP client")?;
    Ok(Instance::new(Parts {
        store,
        clock: Arc::new(SystemClock),
        settings: settings(config),
        media,
        net,
        vault,
    }))
}

/// How the database is reached. The folder of an embedded one is made if it is not there.
pub(crate) fn store_settings(config: &Config) -> Result<StoreSettings> {
    let url = DatabaseUrl::parse(&config.database.url.connection_string())?;
    if let DatabaseUrl::Sqlite(path) = &url
        && let Some(folder) = std::path::Path::new(path)
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    Ok(StoreSettings {
        url,
        pool_size: config.database.pool_size,
        count_statements: false,
    })
}

/// Whether the database is embedded, for messages.
pub(crate) fn is_embedded(url: &ConfiguredUrl) -> bool {
    url.connection_string().starts_with("sqlite:")
}

fn urls(config: &Config) -> Urls {
    Urls::new(config.url.as_url(), Some(config.handle_domain.as_str()))
}

fn net_settings(config: &Config) -> NetSettings {
    let urls = urls(config);
    NetSettings {
        allow_networks: config.federation.allow_private_addresses.clone(),
        allow_http: config.federation.allow_http,
        user_agent: format!("pouet/{VERSION} (+{}/)", urls.base()),
        own_hosts: vec![urls.authority().to_owned(), urls.handle_domain().to_owned()],
        timeouts: Timeouts::default(),
        rate_limited: config.rate_limits.enabled,
    }
}

fn settings(config: &Config) -> Settings {
    Settings {
        urls: urls(config),
        registrations: match config.registrations.mode {
            ConfiguredMode::Closed => RegistrationMode::Closed,
            ConfiguredMode::Open => RegistrationMode::Open,
            ConfiguredMode::Approval => RegistrationMode::Approval,
        },
        limits: limits(config),
        media_cache: MediaCacheSettings {
            bytes: i64::try_from(config.media.cache_bytes).unwrap_or(i64::MAX),
            days: config.media.cache_days.into(),
        },
        retention: RetentionSettings {
            days: config.retention.days.into(),
            followed_days: config.retention.followed_days.into(),
        },
        delivery: delivery(config),
        federation: FederationSettings {
            ed25519_keys: config.federation.ed25519_keys,
            integrity_proofs: config.federation.integrity_proofs,
            mode: match config.federation.mode {
                ConfiguredFederation::Open => FederationMode::Open,
                ConfiguredFederation::AllowList => FederationMode::AllowList,
            },
            show_domain_blocks: audience(config.federation.show_domain_blocks),
            show_domain_block_reasons: audience(config.federation.show_domain_block_reasons),
        },
        trends: TrendSettings {
            enabled: config.trends.enabled,
            review: config.trends.review,
            relays: config.trends.relays,
        },
        federation_enabled: config.federation.enabled,
        rate_limits_enabled: config.rate_limits.enabled,
        analytics_enabled: config.analytics.enabled,
        version: VERSION,
    }
}

fn audience(configured: ConfiguredAudience) -> Audience {
    match configured {
        ConfiguredAudience::Nobody => Audience::Nobody,
        ConfiguredAudience::Users => Audience::Users,
        ConfiguredAudience::Everybody => Audience::Everybody,
    }
}

/// Whether readers of documents have to sign.
pub(crate) fn fetch_auth(config: &Config) -> FetchAuth {
    match config.federation.fetch_auth {
        ConfiguredAuth::Off => FetchAuth::Off,
        ConfiguredAuth::Blocks => FetchAuth::Blocks,
        ConfiguredAuth::On => FetchAuth::On,
    }
}

fn limits(config: &Config) -> Limits {
    let configured = &config.limits;
    Limits {
        status_chars: configured.status_chars as usize,
        media_per_status: configured.media_per_status as usize,
        poll_options: configured.poll_options as usize,
        poll_option_chars: configured.poll_option_chars as usize,
        image_bytes: usize::try_from(configured.image_bytes).unwrap_or(usize::MAX),
        image_pixels: configured.image_pixels,
        media_description_chars: configured.media_description as usize,
        display_name_chars: configured.display_name as usize,
        note_chars: configured.note as usize,
        profile_fields: configured.profile_fields as usize,
        pinned_statuses: configured.pinned as usize,
        home_feed_rows: i64::from(config.home_feed_rows),
        ..Limits::default()
    }
}

fn delivery(config: &Config) -> DeliverySettings {
    let millis = |duration: std::time::Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let configured = &config.delivery;
    DeliverySettings {
        retry_first_ms: millis(configured.retry_first),
        concurrency: configured.concurrency as usize,
        breaker_failures: i64::from(configured.breaker.failures),
        breaker_window_ms: millis(configured.breaker.window),
        breaker_first_probe_ms: millis(configured.breaker.first_probe),
        breaker_max_probe_ms: millis(configured.breaker.max_probe),
    }
}
