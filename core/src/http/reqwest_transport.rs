//! The wire as reqwest speaks it.

use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use tokio::sync::OnceCell;

use super::transport::{Request, Response, Transport, TransportError};

/// Real HTTP, through reqwest. Its own retries and redirects are off: the call stack
/// above counts and decides. Built on first use: an account that never calls pays nothing.
#[derive(Debug, Default)]
pub struct ReqwestTransport {
    plain: OnceCell<reqwest::Client>,
    secure: OnceCell<reqwest::Client>,
}

/// Answers larger than this are refused: no API call of an export comes near it.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// A server that does not take the connection in this time counts as unreachable.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl ReqwestTransport {
    /// A transport with no connection yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reading the machine's certificates takes several milliseconds of CPU, which a
    /// plain-http account (a sandbox on this machine) need not spend.
    async fn client(&self, scheme: Option<&str>) -> Result<&reqwest::Client, TransportError> {
        if scheme == Some("http") {
            self.plain.get_or_try_init(|| async { build(|builder| builder.tls_certs_only([])) }).await
        } else {
            self.secure.get_or_try_init(|| async { build(|builder| builder.https_only(true)) }).await
        }
    }
}

fn build(
    configure: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> Result<reqwest::Client, TransportError> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("outflow/", env!("CARGO_PKG_VERSION")))
        .retry(reqwest::retry::never())
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true);
    configure(builder).build().map_err(|error| TransportError::NotSent(describe(&error)))
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let client = self.client(request.uri().scheme_str()).await?;
        let request =
            reqwest::Request::try_from(request).map_err(|error| TransportError::NotSent(describe(&error)))?;
        let mut response = client.execute(request).await.map_err(|error| {
            let text = describe(&error);
            if error.is_connect() || error.is_builder() {
                TransportError::NotSent(text)
            } else {
                TransportError::NoAnswer(text)
            }
        })?;
        let mut answer = http::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            headers.extend(response.headers().clone());
        }
        let body = read_body(&mut response).await?;
        answer.body(body).map_err(|error| TransportError::NoAnswer(error.to_string()))
    }
}

async fn read_body(response: &mut reqwest::Response) -> Result<Bytes, TransportError> {
    let cut_short = |error: reqwest::Error| TransportError::NoAnswer(describe(&error));
    let Some(first) = response.chunk().await.map_err(cut_short)? else {
        return Ok(Bytes::new());
    };
    let Some(second) = response.chunk().await.map_err(cut_short)? else {
        return Ok(first);
    };
    let mut body = BytesMut::from(first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(TransportError::NoAnswer(format!("the answer is larger than {MAX_BODY} bytes")));
        }
        body.extend_from_slice(&chunk);
        next = response.chunk().await.map_err(cut_short)?;
    }
    Ok(body.freeze())
}

/// The error without its URL, which may be sensitive, and with its causes, which say
/// what really happened.
fn describe(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() {
        "timed out".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the exchange failed".to_owned()
    };
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
