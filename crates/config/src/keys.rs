//! The table of every key. Adding a key means a field in [`Config`], its default, and a line here.

use toml::de::DeValue;

use crate::{config::Config, value::Setting};

/// One key of the configuration.
#[derive(Debug)]
pub struct Key {
    /// Its name in the TOML file, sections joined by dots: `delivery.breaker.failures`.
    pub name: &'static str,
    /// Name of its type.
    pub kind: &'static str,
    /// Smallest and largest number allowed, both included, for keys that are numbers.
    pub range: Option<(u64, u64)>,
    /// What the default is computed from, for keys whose default is not always the same.
    pub computed: Option<&'static str>,
    /// What it is for, in one paragraph of Markdown.
    pub doc: &'static str,
    pub(crate) set: fn(&mut Config, Raw<'_>) -> Result<(), String>,
    pub(crate) show: fn(&Config) -> String,
    number: fn(&Config) -> Option<u64>,
}

/// A value as its source has it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Raw<'a> {
    /// From the TOML file.
    Toml(&'a DeValue<'a>),
    /// From the environment or a flag.
    Text(&'a str),
}

impl Key {
    /// The environment variable that sets it: `POUET_DELIVERY__BREAKER__FAILURES`.
    pub fn variable(&self) -> String {
        format!("POUET_{}", self.name.replace('.', "__").to_ascii_uppercase())
    }

    /// Its value in `config` in TOML notation, a password in it replaced by `REDACTED`.
    pub fn value(&self, config: &Config) -> String {
        (self.show)(config)
    }

    /// Reads `raw` into its field.
    pub(crate) fn read(&self, config: &mut Config, raw: Raw<'_>) -> Result<(), String> {
        (self.set)(config, raw)?;
        match (self.range, (self.number)(config)) {
            (Some((least, most)), Some(number)) if !(least..=most).contains(&number) => Err(format!(
                "expected a number from {least} to {most}, found {number}"
            )),
            _ => Ok(()),
        }
    }
}

fn read<T: Setting>(raw: Raw<'_>) -> Result<T, String> {
    match raw {
        Raw::Toml(value) => T::from_toml(value),
        Raw::Text(text) => T::from_text(text),
    }
}

const fn kind_of<T: Setting>(_field: fn(&Config) -> &T) -> &'static str {
    T::KIND
}

macro_rules! optional {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

/// `field [range] {computed default} "documentation"` for each key; its name is the path of its field.
macro_rules! table {
    ($($first:ident $(. $rest:ident)* $([$least:literal, $most:literal])? $({$computed:literal})? $doc:literal;)*) => {
        /// Every key: first those outside sections, then section by section.
        static KEYS: &[Key] = &[$(Key {
            name: concat!(stringify!($first) $(, ".", stringify!($rest))*),
            kind: kind_of(|config| &config.$first$(.$rest)*),
            range: optional!($(($least, $most))?),
            computed: optional!($($computed)?),
            doc: $doc,
            set: |config, raw| {
                config.$first$(.$rest)* = read(raw)?;
                Ok(())
            },
            show: |config| config.$first$(.$rest)*.to_toml(),
            number: |config| config.$first$(.$rest)*.number(),
        }),*];
    };
}

table! {
    url {"`http://localhost:PORT`, with the port of `listen`"}
        "Public address of the instance, without a path. `https`, except on this machine alone or with \
        `federation.allow_http`. Ids of accounts and statuses begin with it: it cannot be changed once other \
        instances know them.";
    handle_domain {"the host of `url`, with its port if that is not the usual one"}
        "What follows the `@` in the handles of local accounts, when that is not the host of `url`. The web server \
        of that domain must then redirect `/.well-known/webfinger` and `/.well-known/host-meta` here.";
    listen
        "Where the HTTP server listens. A name stands for every address that it resolves to. Port 0 lets the system \
        choose, and then `url` must be set.";
    data_dir
        "Folder of everything kept on disk; made when it does not exist. A relative path starts at the working \
        directory.";
    key_file {"`DATA_DIR/secret.key`"}
        "File with the key that the private keys of accounts are encrypted with in the database. It is made at the \
        first start, readable by its owner alone. Keep a copy of it: without it the database is worth little, and \
        with it a copy of the database is worth as much as the server.";
    trusted_proxies
        "Addresses of reverse proxies in front of the instance. Only requests that come from them have their \
        `X-Forwarded-For` believed. Without this, everybody behind a proxy shares one rate limit.";
    home_feed_rows [40, 100_000]
        "Statuses kept ready per home timeline. Older ones are still reachable, by a slower query.";

    database.url {"`sqlite:DATA_DIR/pouet.sqlite3`"}
        "`sqlite:PATH`, or `postgres://USER:PASSWORD@HOST/NAME`.";
    database.pool_size [1, 200]
        "Connections kept open for reading. On PostgreSQL they serve writing too.";

    federation.enabled
        "Whether the instance exchanges anything with others. Without it, it neither answers nor sends ActivityPub.";
    federation.allow_private_addresses
        "Networks outside the public internet that outgoing requests may reach, for instances on one machine or one \
        local network. Hosts in them may use any port and be named by IP address. Leave it empty on a public \
        instance: it lets strangers make this server talk to your internal machines.";
    federation.allow_http
        "Whether other instances may be reached over plain HTTP. For trying things out on one machine.";
    federation.fetch_auth
        "Which fetches of local objects must be signed: `off`, none; `blocks`, none, but signed ones from blocked \
        instances are refused; `on`, all.";
    federation.ed25519_keys
        "Whether actors show an Ed25519 key beside their RSA key. A few instances cannot read actors with two keys.";
    federation.integrity_proofs
        "Whether activities are sent with an integrity proof (FEP-8b32), by which others may pass them on. Needs \
        `federation.ed25519_keys`.";
    federation.mode
        "With whom the instance exchanges anything: `open`, everybody but the domains that a rule suspends; \
        `allowlist`, only the domains allowed with `pouet admin domain allow`. In allow-list mode all fetches of \
        local objects must be signed, whatever `federation.fetch_auth` says.";
    federation.show_domain_blocks
        "Who may read at `/api/v1/instance/domain_blocks` which domains are limited or suspended: `disabled`, nobody; \
        `users`, people with an account here that is confirmed and approved; `all`, everybody.";
    federation.show_domain_block_reasons
        "Who of those may read the public comments, too: `disabled`, `users` or `all`.";

    delivery.retry_first
        "Wait before an activity that an instance did not take is sent again. Later waits grow in proportion.";
    delivery.concurrency [1, 10_000]
        "Deliveries under way at once, over all instances.";
    delivery.breaker.failures [1, 1000]
        "Failed attempts in a row after which an instance is left alone for a while.";
    delivery.breaker.window
        "Time within which those failures must fall.";
    delivery.breaker.first_probe
        "Wait before the first new attempt at an instance that was left alone. It doubles after each failure.";
    delivery.breaker.max_probe
        "Longest wait between such attempts.";

    rate_limits.enabled
        "Whether requests over a throttle, quota or budget are refused. The `X-RateLimit` headers are sent either \
        way. Turn it off for load tests only.";

    registrations.mode
        "Who may open an account: `closed`, nobody but through the owner; `open`, anybody; `approval`, anybody once a \
        moderator has agreed.";

    limits.status_chars [1, 100_000]
        "Characters of a status, its content warning included. A link counts as 23.";
    limits.media_per_status [0, 16]
        "Files attached to one status.";
    limits.poll_options [2, 20]
        "Options of a poll.";
    limits.poll_option_chars [1, 500]
        "Characters of one poll option.";
    limits.image_bytes [1024, 1_073_741_824]
        "Bytes of an uploaded image.";
    limits.image_pixels [1024, 400_000_000]
        "Pixels of an uploaded image, width times height. Decoding takes 4 bytes of memory for each.";
    limits.media_description [1, 10_000]
        "Characters of the description of an attachment.";
    limits.display_name [1, 200]
        "Characters of a display name.";
    limits.note [1, 20_000]
        "Characters of the text on a profile.";
    limits.profile_fields [0, 50]
        "Fields on a profile.";
    limits.pinned [0, 50]
        "Statuses pinned to a profile.";

    media.path {"`DATA_DIR/media`"}
        "Folder of uploaded files; made when it does not exist.";
    media.cache_bytes [0, 1_125_899_906_842_624]
        "Bytes of copies of other servers' pictures that are kept in that folder. Those that nobody looked at for longest \
        go first, and are fetched again when somebody does.";
    media.cache_days [1, 36_500]
        "Days for which a copy is kept that nobody looks at.";

    retention.days [0, 36_500]
        "Days for which posts of other servers are kept that nobody here has to do with; 0 keeps them for ever. A \
        conversation goes as a whole, when everything in it is older: never one that somebody here wrote in, was named \
        in, bookmarked, favourited, boosted, quoted or voted in. What is gone is fetched again when somebody asks for it.";
    retention.followed_days [0, 36_500]
        "The same for posts and boosts of accounts that somebody here follows; 0 keeps them for ever. They are kept at \
        least as long as those of others. What such accounts wrote for their followers alone cannot be fetched again.";

    trends.enabled
        "Whether hashtags, statuses and links that many people take up are shown as trends.";
    trends.review
        "Whether a moderator has to let each of them be shown. Without it they are shown until a moderator rejects them.";
    trends.relays
        "Whether statuses that relays bring count for trends. They come from people whom nobody here chose to follow.";

    analytics.enabled
        "Whether it is counted how often posts of people here are shown and opened on this instance, for their authors \
         alone to see. Only sums are kept: nobody learns who read what.";

    metrics.listen
        "Where `GET /metrics` answers in the text format of Prometheus, such as `127.0.0.1:9464`; empty: nowhere. It is \
        never served at the public address, and asks for no password: leave it on an address that only your own \
        machines reach.";

    log.format
        "Shape of log lines: `human`, or `json` with one object a line.";
    log.level
        "Least severe messages that are logged: `error`, `warn`, `info`, `debug` or `trace`, overall or by module, as \
        in `info,pouet_federation=debug`.";
}

/// Every key there is, in the order of the documentation.
pub fn keys() -> &'static [Key] {
    KEYS
}

/// The key called `name`, if there is one.
pub(crate) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// Whether `name` is a section, that is, the beginning of the names of keys.
pub(crate) fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| {
        key.name
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}
