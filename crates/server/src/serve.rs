//! `pouet serve`: the HTTP server with its workers, from the first line printed to the last job finished.

use std::{sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{ServerHandle, Service as _},
};
use anyhow::Context as _;
use pouet_api::Api;
use pouet_config::Config;
use pouet_federation::{Federation, jobs::Jobs, outgoing::Deliverer, routes as federation_routes};
use pouet_service::{Instance, analytics, delivery, events, jobs, setup, signing_keys};
use pouet_web::Pages;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinHandle,
};

use crate::{
    metrics,
    output::Failure,
    settings::{VERSION, fetch_auth, open_instance},
};

/// Longest wait for requests in flight after a signal to stop.
const GRACE_SECONDS: u64 = 15;
/// Longest wait for a job in progress.
const JOB_GRACE: Duration = Duration::from_secs(20);

/// Runs the instance until SIGTERM or Ctrl-C, then finishes requests in flight and the jobs in progress.
pub(crate) async fn serve(config: Config) -> Result<(), Failure> {
    run(config).await.map_err(Failure::failed)
}

async fn run(config: Config) -> anyhow::Result<()> {
    let instance = open_instance(&config).await?;
    signing_keys::complete(&instance)
        .await
        .context("the private keys cannot be brought up to date")?;
    warn_of_open_doors(&config);
    let federation = Federation::new(instance.clone(), fetch_auth(&config));
    if config.federation.enabled {
        instance.set_resolver(Arc::new(federation.clone()));
    }
    let api = Api::new(instance.clone(), config.trusted_proxies.clone());
    let (stop, stopping) = watch::channel(false);
    let handler = Jobs::new(&federation)
        .await
        .context("federation cannot be set up")?;
    let workers = start_workers(&instance, handler, &stopping);
    let (server, handle) = start_server(&config, &instance, &federation, &api)?;
    let watched = config
        .metrics
        .listen
        .as_ref()
        .map(|listen| metrics::start(listen, &instance))
        .transpose()?;
    greet(&config, &instance).await?;
    wait_for_signal().await?;
    tracing::info!("stopping");
    api.end_streams();
    handle.stop(true).await;
    server.await.context("the HTTP server failed")??;
    if let Some(watched) = watched {
        watched.stop(false).await;
    }
    stop.send_replace(true);
    for worker in workers {
        if tokio::time::timeout(JOB_GRACE, worker).await.is_err() {
            tracing::warn!("a job is still in progress; it will be taken up again at the next start");
        }
    }
    Ok(())
}

/// Settings for tests and development weaken what protects the network around a server.
fn warn_of_open_doors(config: &Config) {
    if !config.federation.allow_private_addresses.is_empty() {
        tracing::warn!(networks = ?config.federation.allow_private_addresses, "private addresses may be contacted");
    }
    if config.federation.allow_http {
        tracing::warn!("other servers may be contacted without encryption");
    }
    if !config.rate_limits.enabled {
        tracing::warn!("rate limits are off");
    }
}

fn start_workers(
    instance: &Instance,
    handler: Jobs,
    stopping: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let (events_instance, events_stop) = (instance.clone(), stopping.clone());
    let events = tokio::spawn(async move {
        if let Err(error) = events::run(events_instance, events_stop).await {
            tracing::error!(%error, "events cannot be read");
        }
    });
    let jobs = jobs::Worker::new(instance.clone(), Arc::new(handler));
    let deliveries = delivery::Worker::new(instance.clone(), Arc::new(Deliverer::new(instance.clone())));
    vec![
        events,
        tokio::spawn(analytics::run(instance.clone(), stopping.clone())),
        tokio::spawn(jobs.run(stopping.clone())),
        tokio::spawn(deliveries.run(stopping.clone())),
    ]
}

type RunningServer = JoinHandle<std::io::Result<()>>;

fn start_server(
    config: &Config,
    instance: &Instance,
    federation: &Federation,
    api: &Api,
) -> anyhow::Result<(RunningServer, ServerHandle)> {
    let ips = api.clone();
    let pages = Pages::new(instance.clone(), move |request| ips.client_ip(request));
    let (api, federation, federates) = (api.clone(), federation.clone(), config.federation.enabled);
    let counted = instance.clone();
    let server = HttpServer::new(move || {
        let counted = counted.clone();
        App::new()
            .wrap_fn(move |mut request, service| {
                let (method, counted) = (request.method().clone(), counted.clone());
                federation_routes::answer_head_as_get(&mut request);
                let answer = service.call(request);
                async move {
                    let answer = answer.await;
                    let status = match &answer {
                        Ok(response) => response.status(),
                        Err(error) => error.as_response_error().status_code(),
                    };
                    counted.metrics.request(method.as_str(), status.as_u16());
                    answer
                }
            })
            .configure(|cfg| api.configure(cfg))
            .configure(|cfg| {
                if federates {
                    federation_routes::configure(cfg, &federation);
                    federation_routes::configure_pages(cfg, &federation);
                }
            })
            .configure(|cfg| pages.configure(cfg))
    })
    .shutdown_timeout(GRACE_SECONDS)
    .disable_signals()
    .bind((config.listen.host.as_str(), config.listen.port))
    .with_context(|| format!("cannot listen on {}", config.listen))?
    .run();
    let handle = server.handle();
    Ok((tokio::spawn(server), handle))
}

/// Says where the instance is, and how to make the owner's account while there is none.
async fn greet(config: &Config, instance: &Instance) -> anyhow::Result<()> {
    println!(
        "Pouet {VERSION} at {} (listening on {})",
        instance.urls().base(),
        config.listen
    );
    if let Some(link) = setup::link(instance).await? {
        println!("There is no owner yet. Make the owner's account here: {link}");
    }
    Ok(())
}

async fn wait_for_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        result = tokio::signal::ctrl_c() => result,
    }
}
