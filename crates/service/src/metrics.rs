//! What happened since the start of this process, counted, and how full the queues are: the text that Prometheus reads.
//!
//! Labels come from closed sets, and hosts are named up to [`HOSTS`], so that nobody outside decides how many series there
//! are.
//!
//! Source: <https://prometheus.io/docs/specs/om/open_metrics_spec/>

use std::fmt;

use prometheus_client::{
    encoding::{
        EncodeLabelSet,
        text::{encode_eof, encode_registry},
    },
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::{
    alerts,
    delivery::{
        self,
        overview::{HostState, HostStatus},
    },
    error::{Error, Result},
    instance::Instance,
    jobs,
};

/// Media type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Hosts whose queues have series of their own: those with the oldest deliveries.
const HOSTS: usize = 50;

/// What became of an attempt or a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attempted {
    /// It succeeded.
    Done,
    /// It failed and will be repeated.
    Repeated,
    /// It failed for good.
    GivenUp,
}

impl Attempted {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Repeated => "repeated",
            Self::GivenUp => "given_up",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    status: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct InboxLabels {
    outcome: &'static str,
    status: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct DeliveryLabels {
    outcome: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct JobLabels {
    kind: &'static str,
    outcome: &'static str,
}

/// The counts of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    inbox: Family<InboxLabels, Counter>,
    unknown_types: Counter,
    deliveries: Family<DeliveryLabels, Counter>,
    jobs: Family<JobLabels, Counter>,
}

impl Metrics {
    /// Nothing is counted yet. `version`: of the program.
    pub(crate) fn new(version: &str) -> Self {
        let mut registry = Registry::with_prefix("pouet");
        let build = Family::<[(&str, String); 1], Gauge>::default();
        build.get_or_create(&[("version", version.to_owned())]).set(1);
        let (requests, inbox, unknown_types) = (Family::default(), Family::default(), Counter::default());
        let (deliveries, jobs) = (Family::default(), Family::default());
        registry.register("build_info", "Version of the program", build);
        registry.register("http_requests", "HTTP requests answered", requests.clone());
        registry.register(
            "inbox_activities",
            "Activities that arrived, by what became of them",
            inbox.clone(),
        );
        registry.register(
            "inbox_unknown_types",
            "Activities that arrived whose type is not handled",
            unknown_types.clone(),
        );
        registry.register(
            "deliveries",
            "Attempts to deliver an activity, by outcome",
            deliveries.clone(),
        );
        registry.register("jobs", "Jobs that ran, by kind and outcome", jobs.clone());
        Self {
            registry,
            requests,
            inbox,
            unknown_types,
            deliveries,
            jobs,
        }
    }

    /// Counts an HTTP request that was answered.
    pub fn request(&self, method: &str, status: u16) {
        const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = METHODS
            .into_iter()
            .find(|known| *known == method)
            .unwrap_or("other");
        self.requests
            .get_or_create(&RequestLabels { method, status })
            .inc();
    }

    /// Counts an activity that arrived and was answered with 202.
    pub fn accepted(&self, outcome: &'static str) {
        self.inbox
            .get_or_create(&InboxLabels { outcome, status: 202 })
            .inc();
    }

    /// Counts an activity that arrived and was refused with this status.
    pub fn refused(&self, status: u16) {
        let outcome = "refused";
        self.inbox.get_or_create(&InboxLabels { outcome, status }).inc();
    }

    /// Counts an activity of a type that is not handled.
    pub fn unknown_type(&self) {
        self.unknown_types.inc();
    }

    /// Counts an attempt to deliver.
    pub fn delivery(&self, outcome: Attempted) {
        let outcome = outcome.as_str();
        self.deliveries.get_or_create(&DeliveryLabels { outcome }).inc();
    }

    /// Counts a run of a job.
    pub fn job(&self, kind: &'static str, outcome: Attempted) {
        let outcome = outcome.as_str();
        self.jobs.get_or_create(&JobLabels { kind, outcome }).inc();
    }
}

/// Everything there is to tell, as text.
///
/// # Errors
/// If the queues cannot be read.
pub async fn text(instance: &Instance) -> Result<String> {
    let queues = queues(instance).await?;
    let mut text = String::new();
    write(&mut text, &[&instance.metrics.registry, &queues]).map_err(Error::internal)?;
    Ok(text)
}

fn write(text: &mut String, registries: &[&Registry]) -> fmt::Result {
    for registry in registries {
        encode_registry(text, registry)?;
    }
    encode_eof(text)
}

/// How full the queues are now.
async fn queues(instance: &Instance) -> Result<Registry> {
    let mut registry = Registry::with_prefix("pouet");
    let mut show = |name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    let now = instance.now();
    let queue = delivery::queue_counts(instance).await?;
    let age = queue.oldest.map_or(0, |at| (now - at).num_seconds().max(0));
    show(
        "delivery_queue_length",
        "Deliveries that wait or are under way",
        queue.waiting,
    );
    show("delivery_queue_oldest_seconds", "Age of the oldest of them", age);
    show(
        "deliveries_given_up",
        "Deliveries that were given up and not forgotten yet",
        queue.given_up,
    );
    let (_, dead) = jobs::counts(instance).await?;
    show(
        "jobs_given_up",
        "Jobs that were given up and not forgotten yet",
        dead,
    );
    register_hosts(&mut registry, &delivery::overview::queues(instance).await?);
    let waiting = Family::<[(&str, String); 1], Gauge>::default();
    for (kind, count) in jobs::waiting_by_kind(instance).await? {
        waiting.get_or_create(&[("kind", kind)]).set(count);
    }
    registry.register("jobs_waiting", "Jobs that wait or run, by kind", waiting);
    let open = Family::<[(&str, &str); 1], Gauge>::default();
    for (kind, count) in alerts::open_counts(instance).await? {
        open.get_or_create(&[("kind", kind.as_str())]).set(count);
    }
    registry.register(
        "alerts_open",
        "Signs of rings and of bought followers that nobody is done with, by kind",
        open,
    );
    Ok(registry)
}

fn register_hosts(registry: &mut Registry, hosts: &[HostStatus]) {
    let states = Family::<[(&str, &str); 1], Gauge>::default();
    for state in HostState::ALL {
        let count = hosts.iter().filter(|host| host.state == state).count();
        states
            .get_or_create(&[("state", state.as_str())])
            .set(count as i64);
    }
    registry.register(
        "delivery_hosts",
        "Hosts that something waits for or that failed lately, by state",
        states,
    );
    let mut waiting: Vec<(&HostStatus, i64)> = hosts
        .iter()
        .filter_map(|host| Some((host, host.oldest_seconds?)))
        .collect();
    waiting.sort_by_key(|(_, oldest)| std::cmp::Reverse(*oldest));
    let (ages, lengths) = (
        Family::<[(&str, String); 1], Gauge>::default(),
        Family::<[(&str, String); 1], Gauge>::default(),
    );
    for (host, oldest) in waiting.into_iter().take(HOSTS) {
        let labels = [("host", host.host.clone())];
        ages.get_or_create(&labels).set(oldest);
        lengths.get_or_create(&labels).set(host.queued);
    }
    registry.register(
        "delivery_host_oldest_seconds",
        "Age of the oldest delivery, for the hosts where it is oldest",
        ages,
    );
    registry.register(
        "delivery_host_queue_length",
        "Deliveries that wait or are under way, for the same hosts",
        lengths,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_written_as_prometheus_reads_them() {
        let metrics = Metrics::new("1.2.3");
        metrics.request("GET", 200);
        metrics.request("GET", 200);
        metrics.request("BREW", 405);
        metrics.job("Prune", Attempted::Done);
        let mut text = String::new();
        write(&mut text, &[&metrics.registry]).unwrap();
        for line in [
            "# TYPE pouet_http_requests counter",
            "pouet_build_info{version=\"1.2.3\"} 1",
            "pouet_http_requests_total{method=\"GET\",status=\"200\"} 2",
            "pouet_http_requests_total{method=\"other\",status=\"405\"} 1",
            "pouet_inbox_unknown_types_total 0",
            "pouet_jobs_total{kind=\"Prune\",outcome=\"done\"} 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
