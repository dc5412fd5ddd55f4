//! Who is on a list.

use serde_json::Value;

use super::leads::LeadId;
use super::lists::StaticList;
use super::paging::page;
use super::reply::{Failure, Reply, Results};
use super::request::Call;
use super::state::State;
use super::sync::{ids_of, lead_id};
use super::values::Reason;

/// `POST /rest/v1/lists/{id}/leads.json`. Adding a member again is no error.
pub(super) fn add_members(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    each(state, call, |list, lead| {
        list.members.insert(lead);
        Ok("added")
    })
}

/// `DELETE /rest/v1/lists/{id}/leads.json`
pub(super) fn remove_members(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    each(state, call, |list, lead| {
        if list.members.remove(&lead) { Ok("removed") } else { Err(Reason::new("1015", "Lead not in list")) }
    })
}

/// `GET /rest/v1/lists/{id}/leads/ismember.json`
pub(super) fn check_members(state: &mut State, call: &Call) -> Result<Reply, Failure> {
    each(state, call, |list, lead| Ok(if list.members.contains(&lead) { "memberof" } else { "notmemberof" }))
}

fn each(
    state: &mut State,
    call: &Call,
    mut act: impl FnMut(&mut StaticList, LeadId) -> Result<&'static str, Reason>,
) -> Result<Reply, Failure> {
    let ids = ids_of(call)?;
    let leads = &state.leads;
    let list = state.lists.get_mut(call.id).ok_or_else(Failure::object_not_found)?;
    let mut results = Results::with_capacity(ids.len());
    for id in ids {
        let lead = lead_id(id);
        let done = if leads.contains(lead) { act(list, lead) } else { Err(Reason::lead_not_found()) };
        results.push(Some(id), done.as_ref().copied());
    }
    Ok(results.into_reply())
}

/// `GET /rest/v1/leads/{id}/listMembership.json`
pub(super) fn lists_of_lead(state: &State, call: &Call) -> Result<Reply, Failure> {
    if !state.leads.contains(call.id) {
        return Err(Reason::lead_not_found().into());
    }
    let lists = state.lists.iter().filter(|(_, list)| list.members.contains(&call.id));
    let page = page(call, lists.map(|(id, list)| (id, list.membership(id))))?;
    Ok(Reply::Leads { result: Value::from(page.items).to_string(), next_page: page.next })
}
