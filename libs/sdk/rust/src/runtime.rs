use std::{
    future::Future,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{UnixListener, UnixStream},
    time::timeout,
};

use crate::{
    PluginMetadata, ToruPlugin, logging,
    session::{
        environment::Environment,
        reader::{FrameReader, ReadEnd},
        serve_v2, v1,
    },
    standby::{self, Standby},
    termination::Termination,
    wire::v1::is_init_of_version_2,
};

/// Bytes of a socket's path at most, in Linux.
const MAX_SOCKET_PATH: usize = 107;
/// A host that started a process says `init` within this time, or is gone.
const INIT_DEADLINE: Duration = Duration::from_secs(60);

/// The exit status of a configuration or licence error: the host does not start the plugin again.
pub const EXIT_CONFIGURATION: u8 = 78;

/// Runs a plugin until the host ends it: the whole `main` of a plugin.
///
/// It makes a runtime of its own, in which pings are answered even while handlers block all threads.
///
/// With the argument `--metadata` it prints the metadata instead. The status is 0 after a shutdown, 78 if the plugin
/// cannot run as it is configured, and 1 otherwise.
///
/// ```no_run
/// # use toru_plugin_api::*;
/// # struct Hello;
/// # impl ToruPlugin for Hello {
/// #     fn metadata(&self) -> PluginMetadata { PluginMetadata::new("a", "A", "1", "a", "/a") }
/// #     async fn handle_http(&self, _: &PluginContext, _: HttpRequest) -> Result<HttpResponse, PluginError> {
/// #         Ok(HttpResponse::text("Hello"))
/// #     }
/// # }
/// fn main() -> std::process::ExitCode {
///     toru_plugin_api::run(Hello)
/// }
/// ```
#[must_use = "the status is what the host goes by: return it from `main`"]
pub fn run<P: ToruPlugin>(plugin: P) -> ExitCode {
    let (runtime, standby) = match standby::start() {
        Ok(started) => started,
        Err(error) => return fail(1, &format!("no runtime: {error}")),
    };
    let status = runtime.block_on(run_with(plugin, Some(&standby)));
    standby.end();
    // A handler that never yields must not keep the process.
    runtime.shutdown_background();
    status
}

/// As [`run`], in a tokio runtime of your own. It needs at least two worker threads, and no handler may block its thread, for
/// pings to be answered at all times.
pub async fn run_async<P: ToruPlugin>(plugin: P) -> ExitCode {
    run_with(plugin, None).await
}

async fn run_with<P: ToruPlugin>(plugin: P, standby: Option<&Standby>) -> ExitCode {
    let metadata = plugin.metadata();
    if std::env::args_os().skip(1).any(|argument| argument == "--metadata") {
        return print_metadata(&metadata);
    }
    match Environment::read(&metadata.id) {
        Some(environment) => ExitCode::from(start(plugin, metadata, environment, standby).await),
        None => fail(
            EXIT_CONFIGURATION,
            "TORU_PLUGIN_SOCKET is not set: this is a plugin for Toru Steering Center, which starts it. \
             Try --metadata.",
        ),
    }
}

/// Serves a host on this socket until it ends the plugin, and gives the exit status: for tests of a plugin against a
/// host of your own making.
pub async fn serve<P: ToruPlugin>(plugin: P, socket: &Path) -> u8 {
    let metadata = plugin.metadata();
    let environment = Environment::at(socket.to_owned(), &metadata.id);
    start(plugin, metadata, environment, None).await
}

fn print_metadata(metadata: &PluginMetadata) -> ExitCode {
    let problems = metadata.problems();
    if !problems.is_empty() {
        return fail(EXIT_CONFIGURATION, &format!("the metadata is wrong: {}", problems.join("; ")));
    }
    let Ok(line) = serde_json::to_string(metadata) else { return fail(1, "the metadata has no JSON form") };
    match writeln!(io::stdout().lock(), "{line}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(status: u8, message: &str) -> ExitCode {
    let _ = writeln!(io::stderr().lock(), "{message}");
    ExitCode::from(status)
}

async fn start<P: ToruPlugin>(
    plugin: P,
    metadata: PluginMetadata,
    environment: Environment,
    standby: Option<&Standby>,
) -> u8 {
    logging::install();
    logging::send_to(None);
    let problems = metadata.problems();
    if !problems.is_empty() {
        log::error!("the metadata is wrong: {}", problems.join("; "));
        return EXIT_CONFIGURATION;
    }
    // Before the socket is there: whoever sees it may ask for the end.
    let mut termination = Termination::watch();
    let listener = match listen(&environment.socket) {
        Ok(listener) => listener,
        Err(error) => {
            log::error!("cannot listen at {}: {error}", environment.socket.display());
            return 1;
        }
    };
    let status = if metadata.protocol == 1 {
        v1::serve(plugin, metadata, environment, listener, &mut termination, None).await
    } else {
        negotiate(plugin, metadata, environment, listener, &mut termination, standby).await
    };
    logging::send_to(None);
    status
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    let length = path.as_os_str().len();
    if length > MAX_SOCKET_PATH {
        let text = format!("the path has {length} bytes, and a socket's has {MAX_SOCKET_PATH} at most");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    UnixListener::bind(path)
}

/// The first message tells which version the host speaks: only an `init` of version 2 names one.
async fn negotiate<P: ToruPlugin>(
    plugin: P,
    metadata: PluginMetadata,
    environment: Environment,
    listener: UnixListener,
    termination: &mut Termination,
    standby: Option<&Standby>,
) -> u8 {
    let first = tokio::select! {
        first = timeout(INIT_DEADLINE, first_frame(&listener)) => first,
        () = termination.asked() => return 0,
    };
    match first {
        Ok(Ok((reader, frame))) if is_init_of_version_2(&frame.head) => {
            // Whatever else connects is let go again; it may only have wanted to see that somebody listens.
            let others = tokio::spawn(async move { while listener.accept().await.is_ok() {} });
            let status = serve_v2::serve(plugin, metadata, environment, reader, frame, termination, standby).await;
            others.abort();
            status
        }
        Ok(Ok(first)) => v1::serve(plugin, metadata, environment, listener, termination, Some(first)).await,
        Ok(Err(error)) => {
            log::error!("cannot accept: {error}");
            1
        }
        Err(_) => {
            log::error!("no host has come within {} s", INIT_DEADLINE.as_secs());
            1
        }
    }
}

pub(crate) type First = (FrameReader<UnixStream>, crate::wire::frame::Frame);

/// Connections that end without a message, or begin with nonsense, are passed over.
async fn first_frame(listener: &UnixListener) -> io::Result<First> {
    loop {
        let (stream, _) = listener.accept().await?;
        let mut reader = FrameReader::new(stream);
        match reader.next().await {
            Ok(frame) => return Ok((reader, frame)),
            Err(ReadEnd::Closed) => {}
            Err(ReadEnd::Violation(violation)) => log::error!("protocol error: {violation}"),
        }
    }
}

/// A hook of the author's, within a time; a panic or the end of the time is logged.
pub(crate) async fn bounded(what: &str, time: Duration, hook: impl Future<Output = ()>) {
    match timeout(time, crate::session::catch::catch(std::pin::pin!(hook))).await {
        Ok(Ok(())) => {}
        Ok(Err(_)) => log::error!("{what} panicked"),
        Err(_) => log::warn!("{what} took longer than {} ms", time.as_millis()),
    }
}

/// Status 78 for what another start cannot mend.
pub(crate) fn status_of(error: &crate::PluginError) -> u8 {
    match error.kind() {
        crate::ErrorKind::Config | crate::ErrorKind::License => EXIT_CONFIGURATION,
        _ => 1,
    }
}

/// What all requests share.
pub(crate) struct Shared<P> {
    pub(crate) plugin: P,
    pub(crate) bundle: Option<Arc<str>>,
}
