//! A transport that needs no socket.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::Uri;
use http::header::HOST;
use http::uri::PathAndQuery;
use http_body_util::BodyExt;
use outflow_core::http::{Request, Response, Transport, TransportError};
use tower::ServiceExt;

use crate::Sandbox;

/// Calls sandboxes in this process, chosen by host. It runs under a paused clock.
///
/// A broken connection and a body cut short are what a client on a socket would see:
/// [`TransportError::NoAnswer`]. An unknown host is [`TransportError::NotSent`].
#[derive(Clone, Default)]
pub struct InProcess {
    routers: HashMap<String, Router>,
}

impl InProcess {
    /// A transport that reaches nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers the host of `base_url` with `sandbox`. Scheme and path are not looked at.
    #[must_use]
    pub fn with(mut self, base_url: &str, sandbox: Arc<dyn Sandbox>) -> Self {
        self.routers.insert(host_of(base_url), sandbox.router());
        self
    }

    /// Answers the host of `base_url` with any routes.
    #[must_use]
    pub fn with_router(mut self, base_url: &str, router: Router) -> Self {
        self.routers.insert(host_of(base_url), router);
        self
    }

    fn router(&self, uri: &Uri) -> Result<&Router, TransportError> {
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        self.routers
            .get(&host_of(authority))
            .ok_or_else(|| TransportError::NotSent("no sandbox answers at this host".to_owned()))
    }
}

/// Host and port of a URL or an authority, in lower case, default ports left out.
fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(host);
    host.to_ascii_lowercase()
}

/// The request as a server reads it off a socket: the path in its line, the host in a header.
fn as_received(request: Request) -> Result<http::Request<Body>, TransportError> {
    let (mut parts, body) = request.into_parts();
    let uri = parts.uri;
    let path = uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    if let Some(authority) = uri.authority()
        && let Ok(host) = authority.as_str().parse()
    {
        parts.headers.entry(HOST).or_insert(host);
    }
    parts.uri = Uri::builder()
        .path_and_query(path)
        .build()
        .map_err(|error| TransportError::NotSent(error.to_string()))?;
    Ok(http::Request::from_parts(parts, Body::from(body)))
}

fn answered(answer: Result<axum::response::Response, Infallible>) -> axum::response::Response {
    match answer {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let router = self.router(request.uri())?.clone();
        let request = as_received(request)?;
        let (head, body) = answered(router.oneshot(request).await).into_parts();
        let whole = body.collect().await.map_err(|error| TransportError::NoAnswer(error.to_string()))?;
        Ok(Response::from_parts(head, whole.to_bytes()))
    }
}
