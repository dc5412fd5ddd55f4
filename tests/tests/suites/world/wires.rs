//! Wires that look at what passes over them, or change it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use outflow_core::http::{Request, Response, Transport, TransportError};
use outflow_sandbox::InProcess;
use serde_json::Value as Json;

/// Takes down which hosts are called, and with which credentials.
#[derive(Clone)]
pub(crate) struct Watched {
    inner: InProcess,
    hosts: Arc<Mutex<Vec<String>>>,
}

impl Watched {
    pub(crate) fn new(inner: InProcess) -> Self {
        Self { inner, hosts: Arc::default() }
    }

    /// The hosts called so far, each once.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let mut hosts = self.hosts.lock().unwrap().clone();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

#[async_trait]
impl Transport for Watched {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        self.hosts.lock().unwrap().push(host);
        self.inner.send(request).await
    }
}

/// Says of each access token that it lives so many seconds, whatever the tool says.
#[derive(Clone)]
pub(crate) struct ShortLived {
    pub(crate) inner: InProcess,
    pub(crate) seconds: u64,
}

#[async_trait]
impl Transport for ShortLived {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let is_for_token = request.uri().path().ends_with("/oauth/token");
        let mut response = self.inner.send(request).await?;
        if is_for_token && let Ok(mut body) = serde_json::from_slice::<Json>(response.body()) {
            body["expires_in"] = self.seconds.into();
            *response.body_mut() = body.to_string().into();
        }
        Ok(response)
    }
}

/// The credentials a request carries: one value for each header that holds some.
pub(crate) fn credentials(headers: &http::HeaderMap) -> Vec<String> {
    let tokens = headers.get_all("x-api-token").iter().chain(headers.get_all(AUTHORIZATION));
    tokens.map(|value| value.to_str().unwrap().to_owned()).collect()
}
