//! `/api/v2/persons` and `/api/v2/organizations`.

use std::sync::Arc;

use serde_json::json;

use super::call::Call;
use super::company::Company;
use super::cursor::Cursor;
use super::desk::Desk;
use super::field::Entity;
use super::filters::Filter;
use super::query::Query;
use super::record::Record;
use super::record_view::{CHOICES, Choice, RecordView};
use super::records::{Order, Records};
use super::reply::{Answer, Issues, Refused, Reply};

/// At most so many `ids` in a list (specification, "Get all persons").
const MAX_IDS: usize = 100;

const LIST_PARAMETERS: [&str; 9] = [
    "filter_id",
    "ids",
    "owner_id",
    "updated_since",
    "updated_until",
    "sort_by",
    "sort_direction",
    "limit",
    "cursor",
];

/// `GET /persons`, `GET /organizations`.
pub(super) fn list(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let listing = Listing::read(&call.query, entity)?;
    let (page, next, fields) = {
        let company = desk.company();
        let (page, next) = listing.page(&company, entity)?;
        (page, next, Arc::clone(company.fields(entity)))
    };
    let shown: Vec<RecordView<'_>> =
        page.iter().map(|record| RecordView { record, fields: &fields, choice: &listing.choice }).collect();
    Reply::page(&shown, next)
}

/// `GET /persons/{id}`: a deleted one is shown until it is purged, marked as deleted.
pub(super) fn get(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    let id = call.id()?;
    let mut issues = Issues::default();
    call.query.only(&CHOICES, &mut issues);
    let choice = Choice::read(&call.query, entity, &mut issues)?;
    issues.check()?;
    let company = desk.company();
    let record = company.records(entity).get(id).ok_or_else(|| Refused::not_found(entity.title()))?;
    show(&company, entity, record, &choice)
}

/// `POST /persons`, `POST /organizations`.
pub(super) fn create(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    no_parameters(&call.query)?;
    let body = call.object()?;
    let mut company = desk.company();
    let record = company.create(entity, &body, false)?;
    show(&company, entity, &record, &Choice::default())
}

/// `PATCH /persons/{id}`: one that is deleted is not there any more.
pub(super) fn update(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    no_parameters(&call.query)?;
    let (id, body) = (call.id()?, call.object()?);
    let mut company = desk.company();
    let record = company.update(entity, id, &body)?.ok_or_else(|| Refused::not_found(entity.title()))?;
    show(&company, entity, &record, &Choice::default())
}

/// `DELETE /persons/{id}`.
pub(super) fn delete(desk: &Desk, call: &Call, entity: Entity) -> Answer {
    no_parameters(&call.query)?;
    let id = call.id()?;
    if desk.company().delete(entity, id) {
        Reply::data(&json!({ "id": id }))
    } else {
        Err(Refused::not_found(entity.title()))
    }
}

fn show(company: &Company, entity: Entity, record: &Record, choice: &Choice) -> Answer {
    Reply::data(&RecordView { record, fields: company.fields(entity), choice })
}

/// v2 refuses parameters where it has none, `include_fields` of a PATCH for one.
fn no_parameters(query: &Query) -> Result<(), Refused> {
    let mut issues = Issues::default();
    query.only(&[], &mut issues);
    issues.check()
}

/// A request for a list.
struct Listing {
    filter_id: Option<u64>,
    ids: Vec<u64>,
    owner_id: Option<u64>,
    org_id: Option<u64>,
    deal_id: Option<u64>,
    since: Option<i64>,
    until: Option<i64>,
    order: Order,
    descending: bool,
    limit: usize,
    cursor: Option<Cursor>,
    choice: Choice,
}

impl Listing {
    fn read(query: &Query, entity: Entity) -> Result<Self, Refused> {
        let mut issues = Issues::default();
        let mut known = [LIST_PARAMETERS.as_slice(), CHOICES.as_slice()].concat();
        if entity == Entity::Person {
            known.extend(["org_id", "deal_id"]);
        }
        query.only(&known, &mut issues);
        let order = query.word("sort_by", &["id", "update_time", "add_time"], &mut issues);
        let descending = query.word("sort_direction", &["asc", "desc"], &mut issues) == "desc";
        let listing = Self {
            filter_id: query.id("filter_id", &mut issues),
            ids: query.ids("ids", MAX_IDS, &mut issues),
            owner_id: query.id("owner_id", &mut issues),
            org_id: query.id("org_id", &mut issues),
            deal_id: query.id("deal_id", &mut issues),
            since: query.time("updated_since", &mut issues),
            until: query.time("updated_until", &mut issues),
            order: Order::named(order),
            descending,
            limit: query.limit(&mut issues),
            cursor: Cursor::read(query.get("cursor"), order, descending, &mut issues),
            choice: Choice::read(query, entity, &mut issues)?,
        };
        issues.check()?;
        Ok(listing)
    }

    /// The records of the page, and the cursor of the next one if there is one.
    fn page(&self, company: &Company, entity: Entity) -> Result<(Vec<Arc<Record>>, Option<String>), Refused> {
        let filter = self.filter(company, entity)?;
        let candidates: Box<dyn Iterator<Item = &Arc<Record>>> = if filter.is_none() && !self.ids.is_empty() {
            Box::new(self.named(company.records(entity)).into_iter())
        } else {
            company.records(entity).after(self.order, self.descending, self.cursor.as_ref())
        };
        let mut page: Vec<Arc<Record>> = candidates
            .filter(|record| match filter {
                Some(filter) => filter.lets_through(company, entity, record),
                None => self.wants(record),
            })
            .take(self.limit + 1)
            .cloned()
            .collect();
        let more = page.len() > self.limit;
        page.truncate(self.limit);
        let next = page.last().filter(|_| more).map(|last| {
            let place = self.order.value(last);
            Cursor::after(self.order.name(), place, self.descending, last.id).encode()
        });
        Ok((page, next))
    }

    /// The records named in `ids`, in order, from the cursor on. Ids that do not exist are
    /// left out without a word.
    fn named<'a>(&self, records: &'a Records) -> Vec<&'a Arc<Record>> {
        let place = |record: &Record| (self.order.value(record), record.id);
        let is_after = |record: &Record| {
            self.cursor.as_ref().is_none_or(|cursor| {
                let last = (cursor.field_value, cursor.id);
                if self.descending { place(record) < last } else { place(record) > last }
            })
        };
        let mut named: Vec<&Arc<Record>> = self.ids.iter().filter_map(|id| records.live(*id)).collect();
        named.retain(|record| is_after(record));
        named.sort_by_key(|record| place(record));
        named.dedup_by_key(|record| record.id);
        if self.descending {
            named.reverse();
        }
        named
    }

    /// The saved filter, which overrides all other conditions.
    fn filter<'a>(&self, company: &'a Company, entity: Entity) -> Result<Option<&'a Filter>, Refused> {
        let Some(id) = self.filter_id else {
            return Ok(None);
        };
        company
            .filters
            .get(id)
            .filter(|filter| filter.kind == entity.filter_type())
            .map(Some)
            .ok_or_else(|| Refused::not_found("Filter"))
    }

    fn wants(&self, record: &Record) -> bool {
        let org_id = record.person().and_then(|person| person.org_id);
        self.owner_id.is_none_or(|owner| record.owner_id == owner)
            && (self.org_id.is_none() || self.org_id == org_id)
            // There are no deals in the sandbox.
            && self.deal_id.is_none()
            && self.since.is_none_or(|since| record.update_time >= since)
            && self.until.is_none_or(|until| record.update_time < until)
    }
}
