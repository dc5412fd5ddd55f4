//! What only v1 has, or has in its own form: users, filters, and the old field lists.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::company::Company;
use super::desk::Desk;
use super::field::{Entity, Field};
use super::field_view::{in_v1, v1_field, v1_rows};
use super::fields::NewField;
use super::fields_api::Wanted;
use super::filters::{Condition, Filter, NewFilter};
use super::reply::{Answer, Issues, Refused, Reply};

/// `GET /users`
pub(super) fn users(desk: &Desk, _: &Call) -> Answer {
    let company = desk.company();
    let me = company.me();
    let users: Vec<Value> = company.users.iter().map(|user| user.listed(me)).collect();
    Reply::data(&users)
}

/// `GET /users/me`
pub(super) fn me(desk: &Desk, _: &Call) -> Answer {
    let company = desk.company();
    match company.user(company.me()) {
        Some(user) => Reply::data(&user.with_company()),
        None => Err(not_found("User not found")),
    }
}

/// `GET /filters`
pub(super) fn filters(desk: &Desk, call: &Call) -> Answer {
    let company = desk.company();
    let filters: Vec<Value> = company.filters.list(call.query.get("type")).map(Filter::listed).collect();
    Reply::data(&filters)
}

/// `GET /filters/{id}`
pub(super) fn filter(desk: &Desk, call: &Call) -> Answer {
    let company = desk.company();
    let filter = company.filters.get(filter_id(call)?).ok_or_else(|| not_found("Filter not found"))?;
    Reply::data(&whole(&company, filter, call))
}

/// `POST /filters`
pub(super) fn create_filter(desk: &Desk, call: &Call) -> Answer {
    let body = object(call)?;
    let mut company = desk.company();
    let new = NewFilter::read(&company, &body, None).map_err(bad)?;
    let (me, now) = (company.me(), company.now());
    let filter = company.filters.add(new, me, now).clone();
    Reply::created(&whole(&company, &filter, call))
}

/// `PUT /filters/{id}`
pub(super) fn update_filter(desk: &Desk, call: &Call) -> Answer {
    let (id, body) = (filter_id(call)?, object(call)?);
    let mut company = desk.company();
    let old = company.filters.get(id).ok_or_else(|| not_found("Filter not found"))?;
    let new = NewFilter::read(&company, &body, Some(old)).map_err(bad)?;
    let now = company.now();
    let filter = company.filters.replace(id, new, now).cloned();
    let filter = filter.ok_or_else(|| not_found("Filter not found"))?;
    Reply::data(&whole(&company, &filter, call))
}

/// `DELETE /filters/{id}`
pub(super) fn delete_filter(desk: &Desk, call: &Call) -> Answer {
    let id = filter_id(call)?;
    match desk.company().filters.remove(id) {
        Some(_) => Reply::data(&json!({ "id": id })),
        None => Err(not_found("Filter not found")),
    }
}

/// `DELETE /filters?ids=`: those that do not exist are not in the answer.
pub(super) fn delete_filters(desk: &Desk, call: &Call) -> Answer {
    let ids = ids(call)?;
    let mut company = desk.company();
    let deleted: Vec<u64> = ids.into_iter().filter(|id| company.filters.remove(*id).is_some()).collect();
    Reply::data(&json!({ "id": deleted }))
}

/// `GET /personFields`, `GET /organizationFields`: the parts of a field follow it as rows
/// of their own.
pub(super) fn fields(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let number = |name: &str, otherwise: usize| match call.query.get(name) {
        None => Ok(otherwise),
        Some(text) => text.parse().map_err(|_| bad(format!("{name} must be an integer"))),
    };
    let (start, limit) = (number("start", 0)?, number("limit", 100)?.clamp(1, 500));
    let company = desk.company();
    let fields: Vec<&Field> = company.fields(entity).iter().filter(|field| in_v1(field)).collect();
    let rows: Vec<Value> = fields.iter().skip(start).take(limit).flat_map(|field| v1_rows(field)).collect();
    let more = start.saturating_add(limit) < fields.len();
    let mut pagination = json!({
        "start": start,
        "limit": limit,
        "more_items_in_collection": more,
    });
    if more {
        pagination["next_start"] = json!(start + limit);
    }
    Reply::with_more(&rows, json!({ "pagination": pagination }))
}

/// `POST /personFields`, `POST /organizationFields`
pub(super) fn create_field(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let body = object(call)?;
    let mut issues = Issues::default();
    let wanted = Wanted::of(body.get("name"), body.get("field_type"), body.get("options"), &mut issues);
    if let Err(refused) = issues.check() {
        return Err(bad(refused.message()));
    }
    let wanted = wanted.ok_or_else(Refused::internal)?;
    let mut company = desk.company();
    company.check_cap(entity)?;
    let (at, by) = (company.now(), company.me());
    let (fields, mint) = company.fields_mut(entity);
    let field = fields.add(
        &NewField {
            name: &wanted.name,
            kind: wanted.kind,
            options: &wanted.options,
            // Shown in the add dialogue unless told otherwise [recorded].
            add_visible: body.get("add_visible_flag").and_then(Value::as_bool).unwrap_or(true),
            at,
            by,
        },
        mint,
    );
    Reply::created(&v1_field(field))
}

/// `DELETE /personFields?ids=`, `DELETE /organizationFields?ids=`: standard fields, and
/// those that do not exist, are not in the answer.
pub(super) fn delete_fields(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let ids = ids(call)?;
    let mut company = desk.company();
    let mut deleted = Vec::new();
    for id in ids {
        let code = u32::try_from(id)
            .ok()
            .and_then(|id| company.fields(entity).by_id(id))
            .map(|field| field.code.clone());
        let removed = code.and_then(|code| company.fields_mut(entity).0.remove(&code));
        if removed.is_some() {
            deleted.push(id);
        }
    }
    Reply::data(&json!({ "id": deleted }))
}

fn whole(company: &Company, filter: &Filter, call: &Call) -> Value {
    let with_codes = call.query.get("include_field_code") == Some("true");
    let code_of = |condition: &Condition| {
        with_codes.then(|| {
            let field =
                condition.entity().and_then(|entity| company.fields(entity).by_id(condition.field_id));
            json!(field.map(|field| &field.code))
        })
    };
    filter.whole(&code_of)
}

fn object(call: &Call) -> Result<Map<String, Value>, Refused> {
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(bad("Bad request")),
    }
}

fn filter_id(call: &Call) -> Result<u64, Refused> {
    call.param().parse().map_err(|_| bad("The ID of the filter must be an integer"))
}

fn ids(call: &Call) -> Result<Vec<u64>, Refused> {
    let parts = call.query.list("ids");
    let ids: Option<Vec<u64>> = parts.iter().map(|part| part.trim().parse().ok()).collect();
    match ids {
        Some(ids) if !ids.is_empty() => Ok(ids),
        _ => Err(bad("Parameter ids is missing or holds what is no ID")),
    }
}

fn bad(why: impl Into<String>) -> Refused {
    Refused::v1(StatusCode::BAD_REQUEST, why)
}

fn not_found(why: &str) -> Refused {
    Refused::v1(StatusCode::NOT_FOUND, why)
}
