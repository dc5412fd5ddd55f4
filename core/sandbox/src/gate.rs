//! The gate every call to a sandbox goes through.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::answer::{Answer, Delivery, broken};
use crate::faults::Call;
use crate::meter::Meter;
use crate::{Controls, Endpoint, FaultAction, Policy, Usage, Windows};

/// Stands before a tool's routes. In this order: call log, faults that strike before,
/// the tool's own screening, limits, latency, the handler, faults that strike after.
///
/// Clones share their state, so all routers of one sandbox are one account.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    controls: Controls,
    policy: Arc<dyn Policy>,
    meter: Meter,
}

impl Gate {
    /// A gate with the limits of `policy`.
    #[must_use]
    pub fn new(controls: Controls, policy: Arc<dyn Policy>) -> Self {
        let meter = Meter::new(policy.limits(), controls.clock.clone());
        Self(Arc::new(Inner { controls, policy, meter }))
    }

    /// Puts the gate around a tool's routes, its fallback included. How large a body may
    /// be is for the tool to say: axum's own limit is lifted.
    pub fn around(&self, routes: Router) -> Router {
        routes.layer(DefaultBodyLimit::disable()).layer(from_fn_with_state(self.clone(), pass))
    }

    /// How much of the account's limits is used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.0.meter.usage(Windows::All)
    }

    /// Takes from the daily budget, as another integration on the same account would.
    pub fn spend(&self, cost: u64) {
        self.0.meter.spend(cost);
    }
}

async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(body) => gate.0.exchange(parts, body, next).await,
        // The caller went away while sending: there is nobody to answer.
        Err(_) => broken(),
    }
}

impl Inner {
    async fn exchange(&self, parts: Parts, body: Bytes, next: Next) -> Response {
        let endpoint = self.policy.endpoint(&parts, &body);
        let log = &self.controls.log;
        log.arrived(&endpoint);
        let place =
            self.controls.capture().then(|| log.asked(self.controls.clock.now(), &endpoint, &parts, &body));
        let answer = self.answer(&endpoint, parts, body, next).await;
        if let Some(place) = place {
            log.answered(place, &answer);
        }
        answer.deliver().await
    }

    async fn answer(&self, endpoint: &Endpoint, parts: Parts, body: Bytes, next: Next) -> Answer {
        let fault = self.controls.faults.next(&Call {
            app: self.controls.app(),
            operation: endpoint.operation,
            parts: &parts,
            body: &body,
        });
        if let Some(fault) = &fault
            && let Some(answer) = self.strike_before(fault).await
        {
            return answer.by_fault();
        }
        let answer = self.limited(endpoint, parts, body, next).await;
        match fault {
            Some(FaultAction::ResetAfter) => answer.cut(Delivery::Nothing),
            Some(FaultAction::TimeoutAfter) => answer.cut(Delivery::Never),
            Some(FaultAction::Truncated) => answer.cut(Delivery::Half),
            _ => answer,
        }
    }

    async fn strike_before(&self, fault: &FaultAction) -> Option<Answer> {
        let response = match fault {
            FaultAction::Status { status, body, headers } => scripted_response(*status, body, headers),
            FaultAction::ErrorCode { code, message } => self.policy.error(code, message),
            FaultAction::Html { status } => proxy_page(*status),
            FaultAction::Reset => return Some(Answer::silent(Delivery::Nothing)),
            FaultAction::Timeout => return Some(Answer::silent(Delivery::Never)),
            FaultAction::Delay { ms } => {
                self.controls.clock.sleep(Duration::from_millis(*ms)).await;
                return None;
            }
            FaultAction::ExpireToken => {
                self.policy.expire_token();
                return None;
            }
            FaultAction::ResetAfter | FaultAction::TimeoutAfter | FaultAction::Truncated => return None,
        };
        Some(Answer::of(response).await)
    }

    async fn limited(&self, endpoint: &Endpoint, mut parts: Parts, body: Bytes, next: Next) -> Answer {
        if let Some(response) = self.policy.screen(&parts, &body) {
            return Answer::of(response).await;
        }
        let permit = if endpoint.counted {
            match self.meter.admit(endpoint, self.controls.limits()) {
                Ok(permit) => Some(permit),
                Err(refusal) => {
                    self.controls.log.refusal(endpoint, refusal.kind());
                    return Answer::of(self.finish(self.policy.refuse(&refusal), endpoint)).await;
                }
            }
        } else {
            None
        };
        self.controls.log.admitted(endpoint);
        self.policy.arrive(&mut parts);
        let latency = self.controls.latency();
        if !latency.is_zero() {
            self.controls.clock.sleep(latency).await;
        }
        let response = next.run(Request::from_parts(parts, Body::from(body))).await;
        let answer = Answer::of(self.finish(response, endpoint)).await;
        drop(permit);
        answer
    }

    fn finish(&self, mut response: Response, endpoint: &Endpoint) -> Response {
        if endpoint.counted {
            let usage = self.meter.usage(endpoint.windows);
            self.policy.decorate(&mut response, endpoint, &usage);
        }
        response
    }
}

fn scripted_response<'a>(
    status: u16,
    body: &str,
    headers: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Response {
    let mut response = Response::new(Body::from(body.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// What a content delivery network puts before a tool when it blocks a caller or cannot
/// reach the tool.
fn proxy_page(status: u16) -> Response {
    let title =
        StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error");
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head><title>{title} | Cloudflare</title></head>\n\
         <body>\n<h1>Error {status}</h1>\n<h2>{title}</h2>\n\
         <p>The owner of this website may have banned you temporarily from accessing it.</p>\n\
         <p>Cloudflare Ray ID: <strong>0000000000000000</strong></p>\n</body>\n</html>\n"
    );
    let headers = [("content-type", "text/html; charset=UTF-8"), ("server", "cloudflare")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    scripted_response(status, &page, headers.iter().map(|(name, value)| (name, value)))
}
