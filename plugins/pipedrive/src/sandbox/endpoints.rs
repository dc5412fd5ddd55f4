//! Every endpoint: its route, its name in the call log, its cost in tokens, its handler.
//!
//! Costs are `x-token-cost` of the official specifications of August 2026.

use http::Method;

use super::call::Call;
use super::desk::Desk;
use super::field::Entity::{Organization, Person};
use super::reply::Answer;
use super::{fields_api, records_api, search_api, tokens, v1_api};

/// One endpoint.
pub(super) struct Route {
    method: Method,
    /// `{}` stands for one segment of any text.
    pattern: &'static str,
    pub(super) operation: &'static str,
    pub(super) cost: u32,
    pub(super) kind: Kind,
    pub(super) handler: fn(&Desk, &Call) -> Answer,
}

/// Which limits a call meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Search,
    /// Calls for tokens need no access and count against nothing.
    Token,
}

/// What a path leads to.
pub(super) enum Found {
    Route(&'static Route, Vec<String>),
    /// There is such a path, but not with this method.
    OtherMethod,
    Nothing,
}

/// Finds the endpoint of a call.
pub(super) fn find(method: &Method, path: &str) -> Found {
    let Some(path) = known_prefix(path) else {
        return Found::Nothing;
    };
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let mut other_method = false;
    for route in &ROUTES {
        if let Some(params) = captures(route.pattern, &segments) {
            if route.method == *method {
                return Found::Route(route, params);
            }
            other_method = true;
        }
    }
    if other_method { Found::OtherMethod } else { Found::Nothing }
}

/// v1 answers at `/v1` too, as it always has.
fn known_prefix(path: &str) -> Option<&str> {
    let is_known = path.starts_with("/api/v1/") || path.starts_with("/api/v2/") || path == "/oauth/token";
    if is_known {
        return Some(path.strip_prefix("/api").unwrap_or(path));
    }
    path.starts_with("/v1/").then_some(path)
}

fn captures(pattern: &str, segments: &[&str]) -> Option<Vec<String>> {
    let mut params = Vec::new();
    let mut expected = pattern.split('/');
    for segment in segments {
        match expected.next()? {
            "{}" if !segment.is_empty() => params.push(decoded(segment)),
            literal if literal == *segment => {}
            _ => return None,
        }
    }
    expected.next().is_none().then_some(params)
}

/// Decodes a segment of a path. A plus sign is one there, not a space.
fn decoded(segment: &str) -> String {
    let kept = segment.replace('+', "%2B");
    form_urlencoded::parse(format!("={kept}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

const fn route(
    method: Method,
    pattern: &'static str,
    operation: &'static str,
    cost: u32,
    handler: fn(&Desk, &Call) -> Answer,
) -> Route {
    Route { method, pattern, operation, cost, kind: Kind::Plain, handler }
}

impl Route {
    const fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }
}

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

/// Words before placeholders: the first pattern that fits wins.
#[rustfmt::skip]
static ROUTES: [Route; 41] = [
    route(POST, "/oauth/token", "refresh token", 0, tokens::refresh).of_kind(Kind::Token),

    route(GET, "/v2/persons/search", "search persons", 20, |d, c| search_api::search(d, c, Person)).of_kind(Kind::Search),
    route(GET, "/v2/persons", "list persons", 10, |d, c| records_api::list(d, c, Person)),
    route(POST, "/v2/persons", "create person", 5, |d, c| records_api::create(d, c, Person)),
    route(GET, "/v2/persons/{}", "get person", 1, |d, c| records_api::get(d, c, Person)),
    route(PATCH, "/v2/persons/{}", "update person", 5, |d, c| records_api::update(d, c, Person)),
    route(DELETE, "/v2/persons/{}", "delete person", 3, |d, c| records_api::delete(d, c, Person)),

    route(GET, "/v2/organizations/search", "search organizations", 20, |d, c| search_api::search(d, c, Organization)).of_kind(Kind::Search),
    route(GET, "/v2/organizations", "list organizations", 10, |d, c| records_api::list(d, c, Organization)),
    route(POST, "/v2/organizations", "create organization", 5, |d, c| records_api::create(d, c, Organization)),
    route(GET, "/v2/organizations/{}", "get organization", 1, |d, c| records_api::get(d, c, Organization)),
    route(PATCH, "/v2/organizations/{}", "update organization", 5, |d, c| records_api::update(d, c, Organization)),
    route(DELETE, "/v2/organizations/{}", "delete organization", 3, |d, c| records_api::delete(d, c, Organization)),

    route(GET, "/v2/personFields", "list person fields", 10, |d, c| fields_api::list(d, c, Person)),
    route(POST, "/v2/personFields", "create person field", 5, |d, c| fields_api::create(d, c, Person)),
    route(GET, "/v2/personFields/{}", "get person field", 1, |d, c| fields_api::get(d, c, Person)),
    route(DELETE, "/v2/personFields/{}", "delete person field", 3, |d, c| fields_api::delete(d, c, Person)),
    route(POST, "/v2/personFields/{}/options", "add person field options", 5, |d, c| fields_api::add_options(d, c, Person)),
    route(PATCH, "/v2/personFields/{}/options", "update person field options", 5, |d, c| fields_api::update_options(d, c, Person)),
    route(DELETE, "/v2/personFields/{}/options", "delete person field options", 3, |d, c| fields_api::delete_options(d, c, Person)),

    route(GET, "/v2/organizationFields", "list organization fields", 10, |d, c| fields_api::list(d, c, Organization)),
    route(POST, "/v2/organizationFields", "create organization field", 5, |d, c| fields_api::create(d, c, Organization)),
    route(GET, "/v2/organizationFields/{}", "get organization field", 1, |d, c| fields_api::get(d, c, Organization)),
    route(DELETE, "/v2/organizationFields/{}", "delete organization field", 3, |d, c| fields_api::delete(d, c, Organization)),
    route(POST, "/v2/organizationFields/{}/options", "add organization field options", 5, |d, c| fields_api::add_options(d, c, Organization)),
    route(PATCH, "/v2/organizationFields/{}/options", "update organization field options", 5, |d, c| fields_api::update_options(d, c, Organization)),
    route(DELETE, "/v2/organizationFields/{}/options", "delete organization field options", 3, |d, c| fields_api::delete_options(d, c, Organization)),

    route(GET, "/v1/users/me", "get current user", 2, v1_api::me),
    route(GET, "/v1/users", "list users", 20, v1_api::users),

    route(GET, "/v1/filters", "list filters", 20, v1_api::filters),
    route(POST, "/v1/filters", "create filter", 10, v1_api::create_filter),
    route(DELETE, "/v1/filters", "delete filters", 10, v1_api::delete_filters),
    route(GET, "/v1/filters/{}", "get filter", 2, v1_api::filter),
    route(PUT, "/v1/filters/{}", "update filter", 10, v1_api::update_filter),
    route(DELETE, "/v1/filters/{}", "delete filter", 6, v1_api::delete_filter),

    route(GET, "/v1/personFields", "list person fields (v1)", 20, |d, c| v1_api::fields(d, c, Person)),
    route(POST, "/v1/personFields", "create person field (v1)", 10, |d, c| v1_api::create_field(d, c, Person)),
    route(DELETE, "/v1/personFields", "delete person fields (v1)", 10, |d, c| v1_api::delete_fields(d, c, Person)),

    route(GET, "/v1/organizationFields", "list organization fields (v1)", 20, |d, c| v1_api::fields(d, c, Organization)),
    route(POST, "/v1/organizationFields", "create organization field (v1)", 10, |d, c| v1_api::create_field(d, c, Organization)),
    route(DELETE, "/v1/organizationFields", "delete organization fields (v1)", 10, |d, c| v1_api::delete_fields(d, c, Organization)),
];
