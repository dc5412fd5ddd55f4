//! A client that remembers what was said, to be judged later.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use outflow_core::Clock;
use outflow_core::http::Transport;
use outflow_pipedrive::sandbox::{PipedriveSandbox, Plan};
use outflow_sandbox::{InProcess, Sandbox, SandboxOptions};
use serde_json::Value;

/// Where the sandbox is.
pub(crate) const HOST: &str = "https://acme.pipedrive.com";

/// One exchange, and what it took from the daily budget.
#[derive(Clone, Debug)]
pub(crate) struct Spoken {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
    pub(crate) status: u16,
    pub(crate) answer: Option<Value>,
    pub(crate) cost: u64,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// Null when the body is not JSON.
    pub(crate) body: Value,
}

impl Answer {
    /// The `data` of a good answer.
    pub(crate) fn data(&self) -> &Value {
        assert_eq!(self.status / 100, 2, "{}", self.text);
        &self.body["data"]
    }

    pub(crate) fn id(&self) -> u64 {
        self.data()["id"].as_u64().unwrap()
    }

    pub(crate) fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<u64> {
        self.headers.get(name)?.to_str().ok()?.parse().ok()
    }

    pub(crate) fn next_cursor(&self) -> Option<&str> {
        self.body["additional_data"]["next_cursor"].as_str()
    }

    /// The ids of a list.
    pub(crate) fn ids(&self) -> Vec<u64> {
        let items = self.data().as_array().unwrap();
        items.iter().map(|item| item["id"].as_u64().unwrap()).collect()
    }

    /// The ids of a search.
    pub(crate) fn found(&self) -> Vec<u64> {
        let items = self.data()["items"].as_array().unwrap();
        items.iter().map(|item| item["item"]["id"].as_u64().unwrap()).collect()
    }
}

/// A sandbox, and the way to it.
pub(crate) struct Client {
    pub(crate) sandbox: Arc<PipedriveSandbox>,
    transport: InProcess,
    token: String,
    spoken: Arc<Mutex<Vec<Spoken>>>,
}

impl Client {
    /// A company without limits.
    pub(crate) fn new() -> Self {
        let options = SandboxOptions { limits: false, ..SandboxOptions::default() };
        Self::of(PipedriveSandbox::new(options))
    }

    /// A company with the limits of a plan, on a clock that starts at a given time.
    pub(crate) fn limited(plan: Plan, start: &str) -> Self {
        let options =
            SandboxOptions { clock: Clock::starting_at(start.parse().unwrap()), ..SandboxOptions::default() };
        Self::of(PipedriveSandbox::on_plan(options, plan, 1))
    }

    fn of(sandbox: PipedriveSandbox) -> Self {
        let sandbox = Arc::new(sandbox);
        let account = sandbox.account(HOST);
        Self {
            transport: InProcess::new().with(HOST, Arc::clone(&sandbox) as Arc<dyn Sandbox>),
            token: account["api_token"].as_str().unwrap().to_owned(),
            sandbox,
            spoken: Arc::default(),
        }
    }

    /// Lets time pass.
    pub(crate) async fn wait(&self, seconds: u64) {
        let clock = self.sandbox.controls().clock.clone();
        clock.sleep(Duration::from_secs(seconds)).await;
    }

    /// What was said so far.
    pub(crate) fn spoken(&self) -> Vec<Spoken> {
        self.spoken.lock().unwrap().clone()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// A call with the API token.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let token = self.token.clone();
        self.call_as(method, path, body, &[("x-api-token", &token)]).await
    }

    /// A call with these headers and no others but the body's type.
    pub(crate) async fn call_as(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = http::Request::builder().method(method.clone()).uri(format!("{HOST}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let text = body.as_ref().map(Value::to_string).unwrap_or_default();
        let before = self.sandbox.controls().log.cost();
        let answer = self.send(request.body(Bytes::from(text)).unwrap()).await;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let spoken = Spoken {
            method: method.to_string(),
            path: path.to_owned(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            body,
            status: answer.status,
            answer: (!answer.body.is_null()).then(|| answer.body.clone()),
            cost: self.sandbox.controls().log.cost() - before,
        };
        self.spoken.lock().unwrap().push(spoken);
        answer
    }

    /// The body of an answer, neither read nor remembered.
    pub(crate) async fn text(&self, path: &str) -> Bytes {
        let request = http::Request::get(format!("{HOST}{path}")).header("x-api-token", &self.token);
        let request = request.body(Bytes::new()).unwrap();
        self.transport.send(request).await.unwrap().into_body()
    }

    /// Any request; it is not remembered.
    pub(crate) async fn send(&self, request: http::Request<Bytes>) -> Answer {
        let (head, body) = self.transport.send(request).await.unwrap().into_parts();
        let text = String::from_utf8(body.to_vec()).unwrap();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }
}
