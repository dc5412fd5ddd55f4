//! The company: everything the sandbox remembers between calls.

use std::sync::Arc;

use outflow_core::Clock;
use serde_json::{Map, Value};

use super::draft::{Write, read};
use super::field::Entity;
use super::fields::{FieldSet, Mint};
use super::filters::Filters;
use super::record::{Draft, Record};
use super::records::Records;
use super::reply::Refused;
use super::users::{User, company_users};
use super::values::Known;

/// The company's id, as `users/me` shows it.
pub(super) const COMPANY_ID: u64 = 7_812_793;

/// All state of a sandbox but tokens and limits.
pub(super) struct Company {
    clock: Clock,
    pub(super) mint: Mint,
    pub(super) users: Vec<User>,
    pub(super) persons: Records,
    pub(super) organizations: Records,
    person_fields: Arc<FieldSet>,
    organization_fields: Arc<FieldSet>,
    pub(super) filters: Filters,
    /// How many custom fields a kind of record may have.
    pub(super) field_cap: Option<usize>,
    next_person: u64,
    next_organization: u64,
}

impl Company {
    pub(super) fn new(clock: Clock, seed: u64) -> Self {
        let mut mint = Mint::seeded(seed);
        let users = company_users();
        let user = users.first().map_or(1, |user| user.id);
        let person_fields = FieldSet::new(Entity::Person, &mut mint, user);
        let organization_fields = FieldSet::new(Entity::Organization, &mut mint, user);
        Self {
            clock,
            mint,
            users,
            persons: Records::default(),
            organizations: Records::default(),
            person_fields: Arc::new(person_fields),
            organization_fields: Arc::new(organization_fields),
            filters: Filters::with_defaults(user),
            field_cap: None,
            next_person: 1,
            next_organization: 1,
        }
    }

    /// The time, in seconds.
    pub(super) fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// Lets pass what time has brought. To be called before anything is looked at.
    pub(super) fn advance(&mut self) {
        let (now, now_ms) = (self.now(), self.now_ms());
        self.persons.advance(now, now_ms);
        self.organizations.advance(now, now_ms);
    }

    /// The user behind every call.
    pub(super) fn me(&self) -> u64 {
        self.users.first().map_or(1, |user| user.id)
    }

    pub(super) fn user(&self, id: u64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn records(&self, entity: Entity) -> &Records {
        match entity {
            Entity::Person => &self.persons,
            Entity::Organization => &self.organizations,
        }
    }

    pub(super) fn records_mut(&mut self, entity: Entity) -> &mut Records {
        match entity {
            Entity::Person => &mut self.persons,
            Entity::Organization => &mut self.organizations,
        }
    }

    pub(super) fn fields(&self, entity: Entity) -> &Arc<FieldSet> {
        match entity {
            Entity::Person => &self.person_fields,
            Entity::Organization => &self.organization_fields,
        }
    }

    /// The fields to be changed, with the source of new ids.
    pub(super) fn fields_mut(&mut self, entity: Entity) -> (&mut FieldSet, &mut Mint) {
        let fields = match entity {
            Entity::Person => &mut self.person_fields,
            Entity::Organization => &mut self.organization_fields,
        };
        (Arc::make_mut(fields), &mut self.mint)
    }

    /// Makes a record from the body of a create. One that is `old` is treated as if it
    /// had been there for long.
    pub(super) fn create(
        &mut self,
        entity: Entity,
        body: &Map<String, Value>,
        old: bool,
    ) -> Result<Arc<Record>, Refused> {
        let draft = read(self, entity, Write::Create, body)?;
        let (now, now_ms, me) = (self.now(), self.now_ms(), self.me());
        let add_time = draft.add_time.unwrap_or(now);
        let mut record = Record::new(entity, self.take_id(entity), me, now);
        Draft { add_time: Some(add_time), ..draft }.apply(&mut record);
        record.custom.sort_by_key(|(field, _)| *field);
        Ok(self.records_mut(entity).insert(record, now, now_ms, old))
    }

    /// Changes a record by the body of an update; none when it is gone.
    pub(super) fn update(
        &mut self,
        entity: Entity,
        id: u64,
        body: &Map<String, Value>,
    ) -> Result<Option<Arc<Record>>, Refused> {
        if self.records(entity).live(id).is_none() {
            return Ok(None);
        }
        let draft = read(self, entity, Write::Update, body)?;
        let (now, now_ms) = (self.now(), self.now_ms());
        Ok(self.records_mut(entity).update(id, draft, now, now_ms))
    }

    /// Deletes a record, softly. Says whether there was one.
    pub(super) fn delete(&mut self, entity: Entity, id: u64) -> bool {
        let (now, now_ms) = (self.now(), self.now_ms());
        self.records_mut(entity).delete(id, now, now_ms)
    }

    fn take_id(&mut self, entity: Entity) -> u64 {
        let next = match entity {
            Entity::Person => &mut self.next_person,
            Entity::Organization => &mut self.next_organization,
        };
        let id = *next;
        *next += 1;
        id
    }
}

impl Known for Company {
    fn has_user(&self, id: u64) -> bool {
        self.user(id).is_some()
    }

    fn has_person(&self, id: u64) -> bool {
        self.persons.live(id).is_some()
    }

    fn has_organization(&self, id: u64) -> bool {
        self.organizations.live(id).is_some()
    }
}
