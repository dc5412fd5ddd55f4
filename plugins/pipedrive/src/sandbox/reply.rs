//! Answers and refusals, worded as the two versions of the API word them.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

/// The hint that every error of API v1 ends with.
const SEE_THE_DOCS: &str = "Please check developers.pipedrive.com for more information about Pipedrive API.";

/// What a handler gives back.
pub(super) type Answer = Result<Reply, Refused>;

/// A good answer.
pub(super) struct Reply {
    status: StatusCode,
    body: Vec<u8>,
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    success: bool,
    data: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_data: Option<Value>,
}

impl Reply {
    /// `{"success":true,"data":…}`
    pub(super) fn data(data: &impl Serialize) -> Answer {
        Self::envelope(StatusCode::OK, data, None)
    }

    /// The same as 201: what v1 answered to creates in recordings of 2021, where the
    /// specification says 200.
    pub(super) fn created(data: &impl Serialize) -> Answer {
        Self::envelope(StatusCode::CREATED, data, None)
    }

    /// The same with `additional_data`.
    pub(super) fn with_more(data: &impl Serialize, more: Value) -> Answer {
        Self::envelope(StatusCode::OK, data, Some(more))
    }

    /// A page of v2: the cursor is `null` at the end of the list.
    pub(super) fn page(data: &impl Serialize, next_cursor: Option<String>) -> Answer {
        Self::with_more(data, json!({ "next_cursor": next_cursor }))
    }

    /// JSON without an envelope, as the OAuth server gives it.
    pub(super) fn bare(body: &Value) -> Answer {
        Ok(Self { status: StatusCode::OK, body: body.to_string().into_bytes() })
    }

    fn envelope<T: Serialize>(status: StatusCode, data: &T, additional_data: Option<Value>) -> Answer {
        let envelope = Envelope { success: true, data, additional_data };
        match serde_json::to_vec(&envelope) {
            Ok(body) => Ok(Self { status, body }),
            Err(_) => Err(Refused::internal()),
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        json_response(self.status, self.body)
    }
}

/// An error answer.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    body: Value,
}

impl Refused {
    /// An error of v2. The form `{success, error, code}` is the one integrations have
    /// quoted in public, e.g. in issue 651 of the official Node client.
    pub(super) fn v2(status: StatusCode, code: &str, error: impl Into<String>) -> Self {
        let error: String = error.into();
        let body = json!({ "success": false, "error": error, "code": code });
        Self { status, body }
    }

    /// An error of v1.
    pub(super) fn v1(status: StatusCode, error: impl Into<String>) -> Self {
        let error: String = error.into();
        let body = json!({
            "success": false,
            "error": error,
            "errorCode": status.as_u16(),
            "error_info": SEE_THE_DOCS,
            "data": null,
            "additional_data": null,
        });
        Self { status, body }
    }

    /// There is no such record, field or filter.
    pub(super) fn not_found(what: &str) -> Self {
        Self::v2(StatusCode::NOT_FOUND, "ERR_NOT_FOUND", format!("{what} not found"))
    }

    /// The plan, or a feature that is off, does not allow it.
    pub(super) fn forbidden(error: impl Into<String>, code: &str) -> Self {
        let error: String = error.into();
        let body = json!({
            "success": false,
            "error": error,
            "error_info": SEE_THE_DOCS,
            "data": null,
            "additional_data": null,
            "code": code,
        });
        Self { status: StatusCode::FORBIDDEN, body }
    }

    /// The gateway's answer to missing or wrong credentials, the same for both versions.
    pub(super) fn unauthorized() -> Self {
        let body = json!({
            "success": false,
            "error": "unauthorized access",
            "errorCode": 401,
            "error_info": "Please check developers.pipedrive.com",
        });
        Self { status: StatusCode::UNAUTHORIZED, body }
    }

    /// An error of the OAuth server.
    pub(super) fn oauth(status: StatusCode, error: &str, message: &str) -> Self {
        let body = json!({ "success": false, "message": message, "error": error });
        Self { status, body }
    }

    /// The service failed, as it words it.
    pub(super) fn internal() -> Self {
        Self::v2(StatusCode::INTERNAL_SERVER_ERROR, "ERR_UNKNOWN", "Internal Server Error")
    }

    /// The sentence in it.
    pub(super) fn message(&self) -> String {
        self.body["error"].as_str().unwrap_or_default().to_owned()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        json_response(self.status, self.body.to_string().into_bytes())
    }
}

fn json_response(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = (status, body).into_response();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// What is wrong with a request to v2: all of it, not only the first thing.
#[derive(Debug, Default)]
pub(super) struct Issues(Vec<String>);

impl Issues {
    /// A parameter has a value it cannot have.
    pub(super) fn add(&mut self, parameter: &str, message: impl AsRef<str>) {
        self.0.push(format!("{parameter}: {}", message.as_ref()));
    }

    /// A parameter nobody knows, in the words of the real service.
    pub(super) fn unknown(&mut self, parameter: &str) {
        self.add(parameter, format!("Parameter '{parameter}' is not allowed for this request"));
    }

    /// A parameter of the wrong type.
    pub(super) fn wrong_type(&mut self, parameter: &str, expected: &str) {
        self.add(parameter, format!("Parameter '{parameter}' expected type '{expected}'"));
    }

    /// Refuses the request if anything is wrong with it.
    pub(super) fn check(self) -> Result<(), Refused> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Refused::v2(
            StatusCode::BAD_REQUEST,
            "ERR_SCHEMA_VALIDATION_FAILED",
            format!("Validation failed: {}", self.0.join("; ")),
        ))
    }
}
