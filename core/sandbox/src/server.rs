//! A sandbox on a real socket.

use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Sandbox;
use crate::answer::broken;

/// A sandbox that is being served. It stops when this is dropped.
pub struct Served {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
}

/// Serves `sandbox` at `listener` in a task of the current tokio runtime.
///
/// # Errors
/// When the listener has no local address.
pub fn serve(listener: TcpListener, sandbox: Arc<dyn Sandbox>) -> io::Result<Served> {
    let address = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let router = sandbox.router().layer(from_fn_with_state(stopped.clone(), until_stopped));
    // Small answers must not wait for the acknowledgement of the last one. A socket that
    // refuses the option works all the same.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let serving = axum::serve(listener, router).with_graceful_shutdown(signal(stopped));
    let task = tokio::spawn(serving.into_future());
    Ok(Served { address, stop, task })
}

impl Served {
    /// The address it listens at.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:1234`, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes the port and breaks off the calls that wait for an answer.
    ///
    /// # Errors
    /// When the server had failed before.
    pub async fn stop(mut self) -> io::Result<()> {
        self.stop.send_replace(true);
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Without this, a call that is never answered would keep the server from stopping.
async fn until_stopped(
    State(stopped): State<watch::Receiver<bool>>,
    request: Request,
    next: Next,
) -> Response {
    tokio::select! {
        response = next.run(request) => response,
        () = signal(stopped) => broken(),
    }
}

/// Ends when told to stop, or when nobody is left to tell.
async fn signal(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is as good as being told.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
