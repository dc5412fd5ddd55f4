//! Which endpoint a method and a path are.

use http::Method;

use super::reply::{Failure, Half};

/// An endpoint of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Token,
    FindLeads,
    GetLead,
    SyncLeads,
    DeleteLeads,
    Describe,
    Describe2,
    ListFields,
    CreateFields,
    ListPartitions,
    ListsOfLead,
    FindLists,
    GetList,
    ListMembers,
    AddMembers,
    RemoveMembers,
    CheckMembers,
    BrowseStaticLists,
    CreateStaticList,
    StaticListByName,
    GetStaticList,
    DeleteStaticList,
    FolderByName,
    Usage,
    UsageOfWeek,
}

impl Operation {
    /// The name in the call log.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Token => "get token",
            Self::FindLeads => "find leads",
            Self::GetLead => "get lead",
            Self::SyncLeads => "sync leads",
            Self::DeleteLeads => "delete leads",
            Self::Describe => "describe leads",
            Self::Describe2 => "describe leads 2",
            Self::ListFields => "list fields",
            Self::CreateFields => "create fields",
            Self::ListPartitions => "list partitions",
            Self::ListsOfLead => "lists of lead",
            Self::FindLists => "find lists",
            Self::GetList => "get list",
            Self::ListMembers => "list members",
            Self::AddMembers => "add members",
            Self::RemoveMembers => "remove members",
            Self::CheckMembers => "check members",
            Self::BrowseStaticLists => "browse static lists",
            Self::CreateStaticList => "create static list",
            Self::StaticListByName => "static list by name",
            Self::GetStaticList => "get static list",
            Self::DeleteStaticList => "delete static list",
            Self::FolderByName => "folder by name",
            Self::Usage => "usage",
            Self::UsageOfWeek => "usage of last 7 days",
        }
    }

    /// Which half of the API words its answers.
    pub(super) fn half(self) -> Half {
        match self {
            Self::BrowseStaticLists
            | Self::CreateStaticList
            | Self::StaticListByName
            | Self::GetStaticList
            | Self::DeleteStaticList
            | Self::FolderByName => Half::Assets,
            _ => Half::Leads,
        }
    }
}

/// An endpoint and the id in its path, 0 where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) operation: Operation,
    pub(super) id: u32,
}

/// Finds the endpoint.
///
/// # Errors
/// 610 when there is no such path, a double slash included; 605 for another method.
pub(super) fn route(method: &Method, path: &str) -> Result<Route, Failure> {
    if path == "/identity/oauth/token" {
        return choose(method, 0, &[(Method::GET, Operation::Token), (Method::POST, Operation::Token)]);
    }
    let path = path.strip_suffix(".json").ok_or_else(Failure::not_found)?;
    if let Some(path) = path.strip_prefix("/rest/v1/") {
        lead_database(method, path)
    } else if let Some(path) = path.strip_prefix("/rest/asset/v1/") {
        assets(method, path)
    } else {
        Err(Failure::not_found())
    }
}

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const DELETE: Method = Method::DELETE;

fn lead_database(method: &Method, path: &str) -> Result<Route, Failure> {
    use Operation as O;
    let segments: Vec<&str> = path.split('/').collect();
    let (id, methods): (&str, &[(Method, Operation)]) = match segments[..] {
        ["leads"] => ("", &[(GET, O::FindLeads), (POST, O::SyncLeads), (DELETE, O::DeleteLeads)]),
        ["leads", "delete"] => ("", &[(POST, O::DeleteLeads)]),
        ["leads", "describe"] => ("", &[(GET, O::Describe)]),
        ["leads", "describe2"] => ("", &[(GET, O::Describe2)]),
        ["leads", "schema", "fields"] => ("", &[(GET, O::ListFields), (POST, O::CreateFields)]),
        ["leads", "partitions"] => ("", &[(GET, O::ListPartitions)]),
        ["leads", id, "listMembership"] => (id, &[(GET, O::ListsOfLead)]),
        ["lead", id] => (id, &[(GET, O::GetLead)]),
        ["lists"] => ("", &[(GET, O::FindLists)]),
        ["lists", id] => (id, &[(GET, O::GetList)]),
        ["lists" | "list", id, "leads"] => {
            (id, &[(GET, O::ListMembers), (POST, O::AddMembers), (DELETE, O::RemoveMembers)])
        }
        ["lists", id, "leads", "ismember"] => (id, &[(GET, O::CheckMembers)]),
        ["stats", "usage"] => ("", &[(GET, O::Usage)]),
        ["stats", "usage", "last7days"] => ("", &[(GET, O::UsageOfWeek)]),
        _ => return Err(Failure::not_found()),
    };
    choose(method, number(id)?, methods)
}

fn assets(method: &Method, path: &str) -> Result<Route, Failure> {
    use Operation as O;
    let segments: Vec<&str> = path.split('/').collect();
    let (id, methods): (&str, &[(Method, Operation)]) = match segments[..] {
        ["staticLists"] => ("", &[(GET, O::BrowseStaticLists), (POST, O::CreateStaticList)]),
        ["staticList", "byName"] => ("", &[(GET, O::StaticListByName)]),
        ["staticList", id] => (id, &[(GET, O::GetStaticList)]),
        ["staticList", id, "delete"] => (id, &[(POST, O::DeleteStaticList)]),
        ["folder", "byName"] => ("", &[(GET, O::FolderByName)]),
        _ => return Err(Failure::not_found()),
    };
    choose(method, number(id)?, methods)
}

/// An id in a path. One that no object can have stands for none.
fn number(id: &str) -> Result<u32, Failure> {
    if id.is_empty() {
        return Ok(0);
    }
    let id: u64 = id.parse().map_err(|_| Failure::not_found())?;
    Ok(u32::try_from(id).unwrap_or(u32::MAX))
}

fn choose(method: &Method, id: u32, methods: &[(Method, Operation)]) -> Result<Route, Failure> {
    methods
        .iter()
        .find(|(known, _)| known == method)
        .map(|(_, operation)| Route { operation: *operation, id })
        .ok_or_else(|| Failure::new("605", format!("HTTP method '{method}' not supported")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(method: Method, path: &str) -> String {
        match route(&method, path) {
            Ok(route) => route.operation.name().to_owned(),
            Err(failure) => failure.code,
        }
    }

    #[test]
    fn paths_are_told_apart() {
        assert_eq!(code(GET, "/rest/v1/leads.json"), "find leads");
        assert_eq!(code(DELETE, "/rest/v1/lists/7/leads.json"), "remove members");
        assert_eq!(code(GET, "/rest/v1/list/7/leads.json"), "list members");
        assert_eq!(code(GET, "/rest/asset/v1/staticList/byName.json"), "static list by name");
        assert_eq!(code(POST, "/identity/oauth/token"), "get token");
    }

    #[test]
    fn what_is_not_there_is_610_and_another_method_605() {
        for path in [
            "/rest//v1/leads.json",
            "/rest/v1//leads.json",
            "//rest/v1/leads.json",
            "/rest/rest/v1/leads.json",
            "/v1/leads.json",
            "/rest/v1/leads",
            "/rest/v1/lists/x/leads.json",
        ] {
            assert_eq!(code(GET, path), "610", "{path}");
        }
        assert_eq!(code(Method::PUT, "/rest/v1/leads.json"), "605");
    }
}
