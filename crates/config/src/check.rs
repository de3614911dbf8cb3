//! What must hold between keys.

use crate::{config::Config, error::Problem};

/// Everything that is wrong between keys that are each right.
pub(crate) fn problems(config: &Config) -> Vec<Problem> {
    let breaker = &config.delivery.breaker;
    let rules = [
        (
            config.url.is_https() || config.url.is_loopback() || config.federation.allow_http,
            "url",
            "must be https unless its host is this machine (localhost) or federation.allow_http is true",
        ),
        (
            config.listen.port != 0 || config.origins.contains_key("url"),
            "listen",
            "has port 0, so url must be set: it cannot be computed from a port that the system chooses",
        ),
        (
            breaker.first_probe <= breaker.max_probe,
            "delivery.breaker.first_probe",
            "must not be longer than delivery.breaker.max_probe",
        ),
    ];
    rules
        .into_iter()
        .filter(|(holds, ..)| !holds)
        .map(|(_, key, message)| Problem {
            key: Some(key.to_owned()),
            origin: config.origin(key).clone(),
            message: message.to_owned(),
        })
        .collect()
}
