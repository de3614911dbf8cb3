//! Where log lines go: standard error, for people or as JSON.

use pouet_config::{Log, LogFormat};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Begins logging. A second call changes nothing.
pub(crate) fn start(log: &Log) {
    let filter = EnvFilter::try_new(log.level.as_str()).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    // An error means that logging has begun already, which is what is wanted.
    let _ = match log.format {
        LogFormat::Human => registry
            .with(fmt::layer().with_writer(std::io::stderr))
            .try_init(),
        LogFormat::Json => registry
            .with(fmt::layer().json().with_writer(std::io::stderr))
            .try_init(),
    };
}
