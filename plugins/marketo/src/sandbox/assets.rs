//! Calls about lists and folders themselves, in both halves of the API.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::lists::{AssetId, Lists, NewList, StaticList};
use super::paging::page;
use super::reply::{Failure, Reply};
use super::request::Call;
use super::state::State;

/// The longest name of an asset.
const MAX_NAME: usize = 255;

/// `GET /rest/v1/lists.json`: all conditions that are given must hold.
pub(super) fn find_lists(state: &State, call: &Call) -> Result<Reply, Failure> {
    let wanted = ListFilter::of(call)?;
    let lists = state.lists.iter().filter(|(id, list)| wanted.holds(*id, list));
    let page = page(call, lists.map(|(id, list)| (id, list.entry(id))))?;
    Ok(Reply::Leads { result: Value::from(page.items).to_string(), next_page: page.next })
}

struct ListFilter<'a> {
    ids: Vec<AssetId>,
    names: Vec<&'a str>,
    programs: Vec<&'a str>,
    workspaces: Vec<&'a str>,
}

impl<'a> ListFilter<'a> {
    fn of(call: &'a Call) -> Result<Self, Failure> {
        let parameters = &call.parameters;
        let parse = |id: &&str| id.parse().map_err(|_| Failure::invalid(id, "Integer"));
        Ok(Self {
            ids: parameters.list("id").iter().map(parse).collect::<Result<_, _>>()?,
            names: parameters.list("name"),
            programs: parameters.list("programName"),
            workspaces: parameters.list("workspaceName"),
        })
    }

    fn holds(&self, id: AssetId, list: &StaticList) -> bool {
        let program = list.program.as_deref().unwrap_or_default();
        given(&self.ids, &id)
            && given(&self.names, &list.name.as_str())
            && given(&self.programs, &program)
            && given(&self.workspaces, &"Default")
    }
}

fn given<T: PartialEq>(wanted: &[T], value: &T) -> bool {
    wanted.is_empty() || wanted.contains(value)
}

/// `GET /rest/v1/lists/{id}.json`
pub(super) fn get_list(state: &State, call: &Call) -> Result<Reply, Failure> {
    let list = state.lists.get(call.id).ok_or_else(Failure::object_not_found)?;
    Ok(Reply::leads(&[list.entry(call.id)]))
}

/// `GET /rest/asset/v1/staticList/byName.json`
pub(super) fn static_list_by_name(state: &State, call: &Call) -> Result<Reply, Failure> {
    let name = asset_parameter(call, "name")?;
    let lists = state.lists.named(name).map(|(id, list)| list.asset(id));
    Ok(Reply::Assets(lists.collect()))
}

/// `GET /rest/asset/v1/staticList/{id}.json`
pub(super) fn get_static_list(state: &State, call: &Call) -> Reply {
    static_list(state, call.id)
}

fn static_list(state: &State, id: AssetId) -> Reply {
    let list = state.lists.get(id).map(|list| list.asset(id));
    Reply::Assets(list.into_iter().collect())
}

/// `GET /rest/asset/v1/staticLists.json`: 20 at a time, at most 200 (documented).
pub(super) fn browse_static_lists(state: &State, call: &Call) -> Result<Reply, Failure> {
    let offset = count(call, "offset", 0)?;
    let max = count(call, "maxReturn", 20)?;
    if !(1..=200).contains(&max) {
        return Err(Failure::new("1003", "maxReturn must be between 1 and 200"));
    }
    let lists = state.lists.iter().skip(offset).take(max);
    Ok(Reply::Assets(lists.map(|(id, list)| list.asset(id)).collect()))
}

fn count(call: &Call, name: &str, default: usize) -> Result<usize, Failure> {
    match call.parameters.get(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| Failure::invalid(text, "Integer")),
    }
}

/// `POST /rest/asset/v1/staticLists.json`, a form.
pub(super) fn create_static_list(state: &mut State, call: &Call, now: Timestamp) -> Result<Reply, Failure> {
    if !call.is_form() {
        return Err(Failure::new("612", "Invalid Content Type"));
    }
    let name = asset_parameter(call, "name")?;
    let folder = asset_parameter(call, "folder")?;
    let folder = list_folder(&state.lists, folder)?;
    check_name(&state.lists, name)?;
    let list = NewList { name, description: call.parameters.get("description"), folder, program: None };
    let id = state.lists.create(&list, now);
    Ok(static_list(state, id))
}

fn asset_parameter<'a>(call: &'a Call, name: &str) -> Result<&'a str, Failure> {
    call.parameters
        .get(name)
        .filter(|value| !value.trim().is_empty())
        .ok_or_else(|| Failure::new("701", format!("{name} cannot be blank")))
}

/// The folder of `{"id":12,"type":"Folder"}`.
fn list_folder(lists: &Lists, json: &str) -> Result<AssetId, Failure> {
    let parent_not_found = || Failure::new("710", "Parent Folder Not Found");
    let reference: Value = serde_json::from_str(json).map_err(|_| Failure::invalid(json, "Folder"))?;
    let id = reference.get("id").and_then(Value::as_u64);
    let id = id.and_then(|id| AssetId::try_from(id).ok()).ok_or_else(parent_not_found)?;
    let folder = lists.folder(id).ok_or_else(parent_not_found)?;
    if folder.takes_lists() { Ok(folder.id) } else { Err(Failure::new("711", "Incompatible Folder Type")) }
}

/// Both are business rules, so both are 709; only the message tells them apart (documented).
fn check_name(lists: &Lists, name: &str) -> Result<(), Failure> {
    if name.chars().count() > MAX_NAME {
        let message = format!("Static List name cannot be longer than {MAX_NAME} characters");
        return Err(Failure::new("709", message));
    }
    if lists.is_taken(name) {
        return Err(Failure::new("709", "Static List with the same name already exists"));
    }
    Ok(())
}

/// `POST /rest/asset/v1/staticList/{id}/delete.json`
pub(super) fn delete_static_list(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    match state.lists.get(call.id) {
        None => return Err(Failure::new("702", "Static List not found")),
        Some(list) if list.in_use => return Err(Failure::new("709", "Static List is in use")),
        Some(_) => {}
    }
    state.lists.delete(call.id);
    Ok(Reply::Assets(vec![json!({ "id": call.id })]))
}

/// `GET /rest/asset/v1/folder/byName.json`
pub(super) fn folder_by_name(state: &State, call: &Call) -> Result<Reply, Failure> {
    let name = asset_parameter(call, "name")?;
    let workspace = call.parameters.get("workSpace").unwrap_or("Default");
    let kind = call.parameters.get("type").unwrap_or("Folder");
    if workspace != "Default" || kind != "Folder" {
        return Ok(Reply::Assets(Vec::new()));
    }
    let folders = state.lists.folders_named(name).map(|folder| folder.asset());
    Ok(Reply::Assets(folders.collect()))
}
