//! A plain caller of the API: a sandbox, a token, and JSON.

use std::sync::Arc;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Builder;
use http::{Method, Response};
use outflow_core::http::Transport;
use outflow_marketo::sandbox::MarketoSandbox;
use outflow_sandbox::{InProcess, SandboxOptions};
use serde_json::{Value, json};

pub(crate) const HOST: &str = "https://123-abc-456.mktorest.com";

#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) sandbox: Arc<MarketoSandbox>,
    transport: InProcess,
    token: String,
}

impl Caller {
    /// A caller with a token, of a new sandbox.
    pub(crate) async fn new() -> Self {
        Self::of(MarketoSandbox::new(&SandboxOptions::default())).await
    }

    pub(crate) async fn of(sandbox: Arc<MarketoSandbox>) -> Self {
        let mut caller =
            Self { transport: InProcess::new().with(HOST, sandbox.clone()), sandbox, token: String::new() };
        caller.log_in().await;
        caller
    }

    /// A caller whose calls never meet a limit.
    pub(crate) async fn unlimited() -> Self {
        let options = SandboxOptions { limits: false, ..SandboxOptions::default() };
        Self::of(MarketoSandbox::new(&options)).await
    }

    /// Asks for a token and uses it from now on; how many seconds it has left.
    pub(crate) async fn log_in(&mut self) -> u64 {
        let answer = self.get(TOKEN).await;
        answer["access_token"].as_str().unwrap().clone_into(&mut self.token);
        answer["expires_in"].as_u64().unwrap()
    }

    pub(crate) fn use_token(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    pub(crate) async fn send(&self, request: http::Request<Vec<u8>>) -> Response<bytes::Bytes> {
        self.transport.send(request.map(Into::into)).await.unwrap()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> Builder {
        http::Request::builder()
            .method(method)
            .uri(format!("{HOST}{path}"))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
    }

    async fn exchange(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Value {
        let request = self.request(method, path).header(CONTENT_TYPE, content_type);
        let response = self.send(request.body(body).unwrap()).await;
        serde_json::from_slice(response.body()).unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = self.request(Method::GET, path).body(Vec::new()).unwrap();
        serde_json::from_slice(self.send(request).await.body()).unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let body = body.to_string().into_bytes();
        self.exchange(Method::POST, path, "application/json", body).await
    }

    pub(crate) async fn delete(&self, path: &str, body: &Value) -> Value {
        let body = body.to_string().into_bytes();
        self.exchange(Method::DELETE, path, "application/json", body).await
    }

    pub(crate) async fn post_form(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish().into_bytes();
        let form = "application/x-www-form-urlencoded";
        self.exchange(Method::POST, path, form, body).await
    }

    /// Syncs records with an action, by email; the results.
    pub(crate) async fn sync(&self, action: &str, input: Value) -> Vec<Value> {
        self.sync_by("email", action, input).await
    }

    pub(crate) async fn sync_by(&self, lookup: &str, action: &str, input: Value) -> Vec<Value> {
        let body = json!({ "action": action, "lookupField": lookup, "input": input });
        results(&self.post("/rest/v1/leads.json", &body).await)
    }

    /// Creates one lead; its id.
    pub(crate) async fn create(&self, lead: Value) -> u64 {
        let results = self.sync("createDuplicate", json!([lead])).await;
        results[0]["id"].as_u64().unwrap()
    }

    /// One lead's fields, read by id.
    pub(crate) async fn read(&self, id: u64, fields: &str) -> Value {
        let path = format!("/rest/v1/lead/{id}.json?fields={fields}");
        results(&self.get(&path).await)[0].clone()
    }
}

pub(crate) const TOKEN: &str = "/identity/oauth/token?grant_type=client_credentials\
     &client_id=sandbox-client-id&client_secret=sandbox-client-secret";

/// The results of a call that succeeded.
pub(crate) fn results(answer: &Value) -> Vec<Value> {
    assert_eq!(answer["success"], true, "{answer}");
    answer["result"].as_array().unwrap().clone()
}

/// Code and message of a call that failed.
pub(crate) fn error(answer: &Value) -> (String, String) {
    assert_eq!(answer["success"], false, "{answer}");
    let error = &answer["errors"][0];
    let text = |key: &str| error[key].as_str().unwrap().to_owned();
    (text("code"), text("message"))
}

/// The statuses of results, or the codes of those that were skipped.
pub(crate) fn statuses(results: &[Value]) -> Vec<&str> {
    let status = |result: &Value| result["status"].as_str().unwrap() == "skipped";
    results
        .iter()
        .map(|result| {
            if status(result) {
                result["reasons"][0]["code"].as_str().unwrap()
            } else {
                result["status"].as_str().unwrap()
            }
        })
        .collect()
}
