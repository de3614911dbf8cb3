//! The types that keys have: how each is read from TOML and from text, and shown again.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    path::{Path, PathBuf},
    time::Duration,
};

use ipnet::IpNet;
use toml::de::DeValue;
use url::{Host, Url};

/// A type that a key can have.
///
/// Error texts say what was expected. They may repeat what was found, except where it may be a secret.
pub(crate) trait Setting: Sized {
    /// What the documentation calls it.
    const KIND: &'static str;

    /// Reads the text of an environment variable or a flag.
    fn from_text(text: &str) -> Result<Self, String>;

    /// Reads the value in the TOML file. Most types are written as strings there.
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        match value {
            DeValue::String(text) => Self::from_text(text),
            other => Err(expected(Self::KIND, other.type_str())),
        }
    }

    /// Writes it as in the TOML file, without secrets.
    fn to_toml(&self) -> String;

    /// The number that a range is compared with, for the types that are numbers.
    fn number(&self) -> Option<u64> {
        None
    }
}

fn expected(kind: &str, found: &str) -> String {
    format!("expected a value of type {kind}, found {found}")
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

impl Setting for bool {
    const KIND: &'static str = "boolean";

    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| format!("expected true or false, found {text:?}"))
    }

    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        value
            .as_bool()
            .ok_or_else(|| expected(Self::KIND, value.type_str()))
    }

    fn to_toml(&self) -> String {
        self.to_string()
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl Setting for $number {
            const KIND: &'static str = "whole number";

            fn from_text(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| format!("expected a whole number up to {}, found {text:?}", Self::MAX))
            }

            fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
                let integer = value.as_integer().ok_or_else(|| expected(Self::KIND, value.type_str()))?;
                Self::from_str_radix(integer.as_str(), integer.radix())
                    .map_err(|_| format!("expected a whole number up to {}, found {integer}", Self::MAX))
            }

            fn to_toml(&self) -> String {
                self.to_string()
            }

            fn number(&self) -> Option<u64> {
                Some(u64::from(*self))
            }
        }
    )*};
}

whole_numbers!(u32, u64);

/// Units of a duration, longest first, with their milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Longest duration that makes sense for any key; keeps sums far from overflow.
const LONGEST: Duration = Duration::from_hours(24 * 366);

fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = if unit.is_empty() { "s" } else { unit };
    let (_, milliseconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    Some(Duration::from_millis(
        number.parse::<u64>().ok()?.checked_mul(*milliseconds)?,
    ))
}

impl Setting for Duration {
    const KIND: &'static str = "duration";

    fn from_text(text: &str) -> Result<Self, String> {
        parse_duration(text)
            .filter(|duration| !duration.is_zero() && *duration <= LONGEST)
            .ok_or_else(|| {
                format!("expected a duration from \"1ms\" to \"366d\", such as \"30s\", found {text:?}")
            })
    }

    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        match value {
            DeValue::String(text) => Self::from_text(text),
            DeValue::Integer(seconds) if seconds.radix() == 10 => Self::from_text(seconds.as_str()),
            other => Err(expected(
                "duration (seconds, or text such as \"30s\")",
                other.type_str(),
            )),
        }
    }

    fn to_toml(&self) -> String {
        let total = u64::try_from(self.as_millis()).unwrap_or(u64::MAX);
        let (unit, milliseconds) = UNITS
            .iter()
            .find(|(_, milliseconds)| total.is_multiple_of(*milliseconds))
            .unwrap_or(&UNITS[4]);
        quoted(&format!("{}{unit}", total / milliseconds))
    }
}

impl Setting for PathBuf {
    const KIND: &'static str = "path";

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Err("expected a path, found nothing".into())
        } else {
            Ok(text.into())
        }
    }

    fn to_toml(&self) -> String {
        quoted(&self.to_string_lossy())
    }
}

fn parse_network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(address.into());
    }
    let network: IpNet = text
        .parse()
        .map_err(|_| format!("expected a network such as \"127.0.0.0/8\", found {text:?}"))?;
    if network == network.trunc() {
        Ok(network)
    } else {
        Err(format!(
            "{network} has bits set beyond its prefix, {} was probably meant",
            network.trunc()
        ))
    }
}

impl Setting for Vec<IpNet> {
    const KIND: &'static str = "list of networks";

    fn from_text(text: &str) -> Result<Self, String> {
        text.split(',')
            .filter(|part| !part.trim().is_empty())
            .map(parse_network)
            .collect()
    }

    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        let list = value
            .as_array()
            .ok_or_else(|| expected(Self::KIND, value.type_str()))?;
        list.iter()
            .map(|entry| match entry.get_ref() {
                DeValue::String(text) => parse_network(text),
                other => Err(expected("network", other.type_str())),
            })
            .collect()
    }

    fn to_toml(&self) -> String {
        let networks: Vec<_> = self.iter().map(|network| quoted(&network.to_string())).collect();
        format!("[{}]", networks.join(", "))
    }
}

/// The public address of the instance: `http` or `https`, a host, perhaps a port, and nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl(Url);

impl WebUrl {
    /// The plain address of an instance that only this machine sees.
    pub(crate) fn localhost(port: u16) -> Self {
        Self(Url::parse(&format!("http://localhost:{port}")).expect("a number is a valid port"))
    }

    /// It as a URL, whose path is `/`.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// It without the trailing slash, to which paths are appended: `https://pouet.example`.
    pub fn base(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Its host, with the port if it is not the usual one of the scheme: `localhost:8080`.
    pub fn domain(&self) -> Domain {
        Domain(self.0.authority().to_owned())
    }

    /// Whether the connection is encrypted.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether only programs on the same machine can mean it.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address == Ipv6Addr::LOCALHOST,
            None => false,
        }
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base())
    }
}

impl Setting for WebUrl {
    const KIND: &'static str = "URL";

    fn from_text(text: &str) -> Result<Self, String> {
        let url = Url::parse(text)
            .map_err(|e| format!("expected a URL such as \"https://pouet.example\", found {text:?} ({e})"))?;
        let extra = [
            (
                !matches!(url.scheme(), "http" | "https"),
                "its scheme must be http or https",
            ),
            (
                !url.username().is_empty() || url.password().is_some(),
                "it must name no user",
            ),
            (
                !matches!(url.path(), "" | "/"),
                "it must have no path: an instance has a host of its own",
            ),
            (
                url.query().is_some() || url.fragment().is_some(),
                "it must end after the host and port",
            ),
        ];
        match extra.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, reason)) => Err(reason.into()),
            None => Ok(Self(url)),
        }
    }

    fn to_toml(&self) -> String {
        quoted(self.base())
    }
}

/// A host name, with a port if it is not the usual one; lower case, international names in their ASCII form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// It as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Setting for Domain {
    const KIND: &'static str = "domain";

    fn from_text(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected a domain such as \"pouet.example\", found {text:?}");
        if text.contains(['/', '@', '?', '#', '\\']) {
            return Err(wrong());
        }
        let url = Url::parse(&format!("https://{text}/")).map_err(|_| wrong())?;
        Ok(Self(url.authority().to_owned()))
    }

    fn to_toml(&self) -> String {
        quoted(&self.0)
    }
}

/// A host name or IP address, and a port, to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Name or IP address, without brackets. A name stands for every address that it resolves to.
    pub host: String,
    /// TCP port; 0 lets the system choose.
    pub port: u16,
}

impl fmt::Display for Listen {
    /// `HOST:PORT`, as [`std::net::ToSocketAddrs`] takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl Setting for Listen {
    const KIND: &'static str = "address and port";

    fn from_text(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected HOST:PORT such as \"localhost:8080\", found {text:?}");
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let host = match Host::parse(host).map_err(|_| wrong())? {
            Host::Domain(name) => name,
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        Ok(Self { host, port })
    }

    fn to_toml(&self) -> String {
        quoted(&self.to_string())
    }
}

impl Setting for Option<Listen> {
    const KIND: &'static str = "address and port, or empty";

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            Ok(None)
        } else {
            Listen::from_text(text).map(Some)
        }
    }

    fn to_toml(&self) -> String {
        self.as_ref().map_or_else(|| quoted(""), Listen::to_toml)
    }
}

/// Where the database is. Its [`Debug`] and [`Display`](fmt::Display) forms hide the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file, made when it does not exist.
    Sqlite(PathBuf),
    /// A PostgreSQL database.
    Postgres(Url),
}

impl DatabaseUrl {
    /// The database of an instance for which none was named.
    pub(crate) fn in_folder(data_dir: &Path) -> Self {
        Self::Sqlite(data_dir.join("pouet.sqlite3"))
    }

    /// What a database driver takes: `sqlite:PATH` or `postgres://...`. Contains the password; not for logs.
    pub fn connection_string(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => url.to_string(),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Postgres(url) = self else {
            return f.write_str(&self.connection_string());
        };
        let mut shown = url.clone();
        if shown.password().is_some() && shown.set_password(Some("REDACTED")).is_err() {
            return f.write_str("postgres://REDACTED");
        }
        if let Some(query) = url.query().filter(|query| query.contains("password")) {
            let kept: Vec<_> = query
                .split('&')
                .filter(|pair| !pair.contains("password"))
                .collect();
            shown.set_query(Some(&[&kept[..], &["password=REDACTED"]].concat().join("&")));
        }
        write!(f, "{shown}")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl Setting for DatabaseUrl {
    const KIND: &'static str = "database URL";

    /// The text may hold a password, so no error repeats it.
    fn from_text(text: &str) -> Result<Self, String> {
        let wrong = "expected \"sqlite:PATH\" or \"postgres://USER:PASSWORD@HOST/NAME\"";
        match text.split_once(':') {
            Some(("sqlite", rest)) => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.is_empty() || path == ":memory:" {
                    return Err("expected the path of a file after \"sqlite:\"".into());
                }
                Ok(Self::Sqlite(path.into()))
            }
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => Url::parse(text)
                .map(Self::Postgres)
                .map_err(|e| format!("{wrong} ({e})")),
            _ => Err(wrong.into()),
        }
    }

    fn to_toml(&self) -> String {
        quoted(&self.to_string())
    }
}

/// Which messages are logged: a level, or levels by module, such as `info` or `warn,pouet_service=debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(pub(crate) String);

impl LogFilter {
    /// It as the directives of a `tracing` filter.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for LogFilter {
    const KIND: &'static str = "log filter";

    fn from_text(text: &str) -> Result<Self, String> {
        const LEVELS: [&str; 6] = ["trace", "debug", "info", "warn", "error", "off"];
        let is_module = |name: &str| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
        };
        for directive in text.split(',') {
            let level = match directive.split_once('=') {
                Some((module, level)) if is_module(module) => level,
                Some(_) => return Err(format!("expected MODULE=LEVEL, found {directive:?}")),
                None => directive,
            };
            if !LEVELS.contains(&level) {
                return Err(format!(
                    "expected a level of {}, found {level:?}",
                    LEVELS.join(", ")
                ));
            }
        }
        Ok(Self(text.to_owned()))
    }

    fn to_toml(&self) -> String {
        quoted(&self.0)
    }
}

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// The word for it in the configuration.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl Setting for $name {
            const KIND: &'static str = $kind;

            fn from_text(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(format!("expected {}, found {other:?}", Self::KIND)),
                }
            }

            fn to_toml(&self) -> String {
                quoted(self.as_str())
            }
        }
    };
}

choices!(
    /// Which fetches of ActivityPub objects must be signed.
    FetchAuth, "off, blocks or on",
    /// Nobody need sign, and signatures are not looked at.
    Off = "off",
    /// Nobody need sign; who signs and is blocked is refused.
    Blocks = "blocks",
    /// Everything needs a valid signature but what is needed to verify one.
    On = "on"
);

choices!(
    /// With whom the instance federates.
    FederationMode, "open or allowlist",
    /// With everybody whom no rule suspends.
    Open = "open",
    /// With those who are allowed by name.
    AllowList = "allowlist"
);

choices!(
    /// Who may read something about the instance.
    Audience, "disabled, users or all",
    /// Nobody but its operators.
    Nobody = "disabled",
    /// People with an account here.
    Users = "users",
    /// Everybody.
    Everybody = "all"
);

choices!(
    /// Who may open an account.
    RegistrationMode, "closed, open or approval",
    /// Nobody: accounts are made by the owner.
    Closed = "closed",
    /// Anybody.
    Open = "open",
    /// Anybody, once a moderator has agreed.
    Approval = "approval"
);

choices!(
    /// Shape of a log line.
    LogFormat, "human or json",
    /// Text for people.
    Human = "human",
    /// One JSON object a line.
    Json = "json"
);
