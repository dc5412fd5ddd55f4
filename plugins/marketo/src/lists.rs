//! Groups: static lists, found by name, created where they are missing, and their members.

use std::collections::HashMap;
use std::time::Duration;

use outflow_core::{Error, ErrorKind, GroupIds, Outcomes, RemoteId, Result, Scope, WantedGroup};

use crate::api::{Answer, Folder, FolderReference, LeadIds, List, ListAsset, RecordResult};
use crate::app::MarketoClient;
use crate::errors::Doing;
use crate::records::LeadsById;

/// Asset names are strings, and those hold 255 characters [doc].
const LONGEST_NAME: usize = 255;

/// A URL may have 8 KB (HTTP 414); what stands before the names needs little of it.
const LONGEST_QUERY: usize = 6_000;

/// The server gives up list calls after 60 s [doc].
const LIST_TIMEOUT: Duration = Duration::from_secs(90);

/// A folder is moved or renamed rarely; one that is gone is noticed when it is used.
const FOLDER_MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// The kind under which folders are remembered.
const FOLDER: &str = "folder";

/// Codes of a list that cannot be created since its name is taken, and since its folder
/// is gone.
const NAME_TAKEN: &str = "709";
const NO_FOLDER: &str = "710";

/// The form in which Marketo has a list's name.
pub(crate) fn normalize(name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if length > LONGEST_NAME {
        return Err(Error::rejected(format!(
            "the name of a Marketo list has at most {LONGEST_NAME} characters, and this group's has {length}"
        ))
        .with_code("invalid_group"));
    }
    if name.contains(char::is_control) {
        return Err(Error::rejected(
            "the name of a Marketo list cannot hold line breaks or other control characters",
        )
        .with_code("invalid_group"));
    }
    Ok(name.to_owned())
}

/// The ids of these groups' lists: one look-up for all, and a call for each that is
/// missing and wanted.
pub(crate) async fn resolve(
    client: &MarketoClient,
    folder: &str,
    groups: &[WantedGroup],
) -> Result<GroupIds> {
    // A name with a comma reads as two in a list of names: it is asked for by itself.
    let (alone, together): (Vec<&str>, Vec<&str>) =
        groups.iter().map(|group| group.name.as_str()).partition(|name| name.contains(','));
    let mut found = find_all(client, &together).await?;
    for name in alone {
        if let Some(id) = find_by_name(client, name).await? {
            found.insert(name.to_owned(), Ok(id));
        }
    }
    let mut ids = Vec::with_capacity(groups.len());
    for group in groups {
        ids.push(match found.remove(&group.name) {
            Some(answer) => answer.map(|id| Some(id.into())),
            None if group.create => create(client, folder, &group.name).await.map(|id| Some(id.into())),
            None => Ok(None),
        });
    }
    Ok(ids)
}

/// Looks all names up at once. Names without a list are left out.
async fn find_all(client: &MarketoClient, names: &[&str]) -> Result<HashMap<String, Result<u64>>> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let all = names.join(",");
    let mut lists: Vec<List> = Vec::new();
    let mut page: Option<String> = None;
    loop {
        let token = page.as_deref().map(|token| ("nextPageToken", token));
        let pairs = [("name", all.as_str()), ("batchSize", "300")];
        let pairs: Vec<_> = pairs.into_iter().chain(token).collect();
        let answer = ask_for_lists(client, &pairs).await?;
        page = answer.next_page(page.as_deref())?;
        lists.extend(answer.result);
        if page.is_none() {
            break;
        }
    }
    Ok(names.iter().filter_map(|name| Some(((*name).to_owned(), choose(name, &lists)?))).collect())
}

async fn ask_for_lists(client: &MarketoClient, pairs: &[(&str, &str)]) -> Result<Answer<List>> {
    const OPERATION: &str = "find_lists";
    let url = client.url("/rest/v1/lists.json");
    let length = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().len();
    let call = if length <= LONGEST_QUERY {
        let get = client.http.get(OPERATION, &url);
        pairs.iter().fold(get, |get, (name, value)| get.query(name, value))
    } else {
        let post = client.http.post(OPERATION, &url).query("_method", "GET");
        post.form(pairs.iter().copied()).idempotent(true)
    };
    Answer::or_empty(call.timeout(LIST_TIMEOUT).receive().await)
}

/// The list that a group's name means: of those with exactly this name the one that
/// belongs to no program, since programs have lists of their own.
fn choose(name: &str, lists: &[List]) -> Option<Result<u64>> {
    let named: Vec<&List> = lists.iter().filter(|list| list.name == name).collect();
    let shared: Vec<&&List> = named.iter().filter(|list| list.program_name.is_none()).collect();
    match (&shared[..], &named[..]) {
        ([list], _) => Some(Ok(list.id)),
        (_, [list]) => Some(Ok(list.id)),
        (_, []) => None,
        _ => Some(Err(ambiguous(name, &named))),
    }
}

fn ambiguous(name: &str, lists: &[&List]) -> Error {
    let places: Vec<String> = lists
        .iter()
        .map(|list| match (&list.program_name, &list.workspace_name) {
            (Some(program), _) => format!("{} (program {program:?})", list.id),
            (None, Some(workspace)) => format!("{} (workspace {workspace:?})", list.id),
            (None, None) => list.id.to_string(),
        })
        .collect();
    Error::rejected(format!(
        "Marketo has {} lists named {name:?}: {}; rename all but one",
        places.len(),
        places.join(", ")
    ))
    .with_code("ambiguous_group")
    .with_scope(Scope::Record)
}

/// Looks one name up by itself.
async fn find_by_name(client: &MarketoClient, name: &str) -> Result<Option<u64>> {
    let answer = client
        .http
        .get("find_list", &client.url("/rest/asset/v1/staticList/byName.json"))
        .query("name", name)
        .receive::<Answer<ListAsset>>()
        .await;
    let lists: Vec<List> = Answer::or_empty(answer)?.result.into_iter().map(List::from).collect();
    if let Some(chosen) = choose(name, &lists) {
        return chosen.map(Some);
    }
    // Marketo itself found it by this name: it may only be written in another case.
    let in_any_case = |list: &&List| list.name.to_lowercase() == name.to_lowercase();
    Ok(lists.iter().find(in_any_case).map(|list| list.id))
}

/// Creates a list. A replay, and a program elsewhere that was faster, meet the name
/// taken: the list is there then, and is looked up.
async fn create(client: &MarketoClient, folder: &str, name: &str) -> Result<u64> {
    match create_in(client, folder, name).await {
        Err(error) if error.code() == Some(NAME_TAKEN) => {
            let refused = error.with_kind(ErrorKind::Rejected).with_scope(Scope::Record);
            find_by_name(client, name).await?.ok_or(refused)
        }
        // The folder was deleted, and perhaps made anew, since it was looked up.
        Err(error) if error.code() == Some(NO_FOLDER) => {
            client.cache.forget(FOLDER, folder).await;
            create_in(client, folder, name).await
        }
        created => created,
    }
}

async fn create_in(client: &MarketoClient, folder: &str, name: &str) -> Result<u64> {
    let folder =
        client.cache.get_or_load(FOLDER, folder, FOLDER_MAX_AGE, find_folder(client, folder)).await?;
    let folder = serde_json::to_string(&*folder)
        .map_err(|error| Error::plugin(format!("a folder cannot be written as JSON: {error}")))?;
    let answer: Answer<ListAsset> = client
        .http
        .post("create_list", &client.url("/rest/asset/v1/staticLists.json"))
        .form([("name", name), ("folder", folder.as_str())])
        .idempotent(true)
        .receive()
        .await?;
    match answer.result.first() {
        Some(list) => Ok(list.id),
        None => {
            Err(Error::unavailable("Marketo created a list and did not say which").with_code("no_result"))
        }
    }
}

async fn find_folder(client: &MarketoClient, name: &str) -> Result<FolderReference> {
    let answer = client
        .http
        .get("find_folder", &client.url("/rest/asset/v1/folder/byName.json"))
        .query("name", name)
        .query("type", "Folder")
        .receive::<Answer<Folder>>()
        .await;
    match &Answer::or_empty(answer)?.result[..] {
        [folder] => Ok(folder.reference.clone()),
        [] => Err(wrong_folder(format!(
            "Marketo has no folder {name:?}; create it in the Lead Database, or name another in `list_folder`"
        ))),
        several => {
            let paths: Vec<&str> = several.iter().map(|folder| folder.path.as_str()).collect();
            Err(wrong_folder(format!(
                "Marketo has several folders {name:?} ({}); create one with a name of its own and set `list_folder`",
                paths.join(", ")
            )))
        }
    }
}

fn wrong_folder(message: String) -> Error {
    Error::configuration(message).with_code("invalid_option").with_field("list_folder")
}

/// Adds leads to a list. One that is in it already counts as added.
pub(crate) async fn add(client: &MarketoClient, list: &RemoteId, leads: &[RemoteId]) -> Result<Outcomes> {
    let leads = LeadsById::of(leads.iter().map(Ok));
    if leads.ids.is_empty() {
        return Ok(leads.outcomes);
    }
    let answer: Answer<RecordResult> = client
        .http
        .post("add_to_list", &members_url(client, list))
        .json(&LeadIds(&leads.ids))
        .idempotent(true)
        .timeout(LIST_TIMEOUT)
        .receive()
        .await?;
    Ok(leads.settle(answer.result, Doing::AddToList, &client.clock))
}

/// Removes leads from a list. One that is not in it counts as removed.
pub(crate) async fn remove(client: &MarketoClient, list: &RemoteId, leads: &[RemoteId]) -> Result<Outcomes> {
    let leads = LeadsById::of(leads.iter().map(Ok));
    if leads.ids.is_empty() {
        return Ok(leads.outcomes);
    }
    // Ids in the URL, as recorded: proxies drop the body of a DELETE, and 300 ids take
    // less than half of the 8 KB.
    let call = client.http.delete("remove_from_list", &members_url(client, list));
    let call = leads.ids.iter().fold(call, |call, id| call.query("id", id.to_string()));
    let answer: Answer<RecordResult> = call.timeout(LIST_TIMEOUT).receive().await?;
    Ok(leads.settle(answer.result, Doing::RemoveFromList, &client.clock))
}

fn members_url(client: &MarketoClient, list: &RemoteId) -> String {
    client.url(&format!("/rest/v1/lists/{list}/leads.json"))
}
