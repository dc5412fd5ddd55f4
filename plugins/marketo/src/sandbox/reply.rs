//! How the API words its answers.

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use outflow_sandbox::Tokens;
use serde_json::{Value, json};

use super::values::Reason;

/// An error of a whole call: `{"code","message"}` in a body with `success: false`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) code: String,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }

    pub(super) fn not_found() -> Self {
        Self::new("610", "Requested resource not found")
    }

    pub(super) fn object_not_found() -> Self {
        Self::new("1013", "Object not found")
    }

    pub(super) fn missing(parameter: &str) -> Self {
        Self::new("1002", format!("Missing value for required parameter '{parameter}'"))
    }

    pub(super) fn invalid(value: &str, required: &str) -> Self {
        Self::new("1001", format!("Invalid value '{value}'. Required of type '{required}'"))
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::new(reason.code, reason.message)
    }
}

/// What a handler found, before it is put into the envelope of its half of the API.
pub(super) enum Reply {
    /// The lead database: `{"requestId","result":[…],"success":true}`. The result is
    /// written already, since it may be long.
    Leads { result: String, next_page: Option<String> },
    /// Assets: with `errors` and `warnings`, and without `result` when nothing was found.
    Assets(Vec<Value>),
    /// No envelope at all: the identity service.
    Bare(StatusCode, Value),
}

impl Reply {
    /// A lead database reply of ready values on one page.
    pub(super) fn leads(result: &[Value]) -> Self {
        Self::Leads { result: Value::from(result).to_string(), next_page: None }
    }
}

/// Results of a lead database call, one per record, written as they come: there may be
/// thousands of calls of 300.
pub(super) struct Results(String);

impl Results {
    pub(super) fn with_capacity(records: usize) -> Self {
        Self(String::with_capacity(40 * records))
    }

    /// A record's status, or why it was skipped. A skipped record has an id only if the
    /// caller gave it as one (recorded).
    pub(super) fn push(&mut self, id: Option<u64>, outcome: Result<&str, &Reason>) {
        let id = id.map(|id| format!("\"id\":{id},")).unwrap_or_default();
        self.0.push(if self.0.is_empty() { '[' } else { ',' });
        self.0.push_str(&match outcome {
            Ok(status) => format!("{{{id}\"status\":\"{status}\"}}"),
            Err(Reason { code, message }) => {
                let message = Value::from(message.as_str());
                let reason = format!("{{\"code\":\"{code}\",\"message\":{message}}}");
                format!("{{{id}\"status\":\"skipped\",\"reasons\":[{reason}]}}")
            }
        });
    }

    pub(super) fn into_reply(mut self) -> Reply {
        self.0.push_str(if self.0.is_empty() { "[]" } else { "]" });
        Reply::Leads { result: self.0, next_page: None }
    }
}

/// The two halves of the API word failures differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Leads,
    Assets,
}

/// `16c31#17d4f047437`: the part after the `#` is the server's clock, in hexadecimal
/// milliseconds.
pub(super) fn request_id(tokens: &Tokens, now: Timestamp) -> String {
    format!("{:x}#{:x}", tokens.below(0x1_8000), now.as_millisecond())
}

pub(super) fn success(reply: Reply, request_id: &str) -> Response {
    match reply {
        Reply::Leads { result, next_page } => {
            let paging = next_page
                .map(|token| format!(",\"nextPageToken\":{},\"moreResult\":true", Value::from(token)))
                .unwrap_or_default();
            let body =
                format!("{{\"requestId\":\"{request_id}\",\"result\":{result}{paging},\"success\":true}}");
            json_response(StatusCode::OK, body)
        }
        Reply::Assets(result) => {
            let mut body = json!({ "success": true, "errors": [], "requestId": request_id, "warnings": [] });
            if result.is_empty() {
                body["warnings"] = json!(["No assets found for the given search criteria."]);
            } else {
                body["result"] = result.into();
            }
            json_response(StatusCode::OK, body.to_string())
        }
        Reply::Bare(status, body) => json_response(status, body.to_string()),
    }
}

pub(super) fn failure(failure: &Failure, half: Half, request_id: &str) -> Response {
    let errors = json!([{ "code": failure.code, "message": failure.message }]);
    let body = match half {
        Half::Leads => json!({ "requestId": request_id, "success": false, "errors": errors }),
        Half::Assets => {
            json!({ "success": false, "errors": errors, "requestId": request_id, "warnings": [] })
        }
    };
    json_response(StatusCode::OK, body.to_string())
}

/// The page of the web server in front of the API, for what never reaches it.
pub(super) fn server_page(status: StatusCode) -> Response {
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    response(status, "text/html", page)
}

fn json_response(status: StatusCode, body: String) -> Response {
    response(status, "application/json;charset=UTF-8", body)
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
