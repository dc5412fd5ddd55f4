//! Planning: from an export to a task, or straight to its outcome.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::capability::{Capability, GroupSupport};
use crate::connection::ErasedExport;
use crate::conversion::convert;
use crate::engine::task::Task;
use crate::error::{Error, Result, Scope};
use crate::export::Export;
use crate::identity::Key;
use crate::outcome::{Outcome, SkipReason};
use crate::schema::{Field, MappingSchema, NoField, UnknownFields};
use crate::sync_mode::SyncMode;
use crate::value::{Properties, Value};

/// Turns exports into tasks: normalises, validates, converts.
pub(super) struct Planner {
    connection: Arc<dyn ErasedExport>,
    schema: MappingSchema,
    key_field: usize,
    groups: GroupSupport,
    mode: SyncMode,
}

impl Planner {
    pub(super) fn new(
        connection: Arc<dyn ErasedExport>,
        schema: MappingSchema,
        capability: &Capability,
        mode: SyncMode,
    ) -> Result<Self> {
        let (key_field, _) = schema.find(&capability.key_field).map_err(|_| {
            Error::configuration(format!(
                "{} finds records by the field {:?}, which the tool does not have",
                connection.name(),
                capability.key_field
            ))
            .with_field(&capability.key_field)
        })?;
        Ok(Self { connection, schema, key_field, groups: capability.groups, mode })
    }

    pub(super) fn schema(&self) -> &MappingSchema {
        &self.schema
    }

    /// The task that the export asks for.
    ///
    /// # Errors
    /// The outcome, when nothing is to be sent.
    pub(super) fn plan(&mut self, export: &Arc<Export>) -> Result<Task, Outcome> {
        if export.changes_nothing() {
            return Err(Outcome::Unchanged);
        }
        if export.to_delete && !self.mode.delete {
            return Err(Outcome::Skipped(SkipReason::DeleteNotAllowed));
        }
        if !export.to_delete && !self.mode.create && !self.mode.update {
            return Err(Outcome::Skipped(SkipReason::WriteNotAllowed));
        }
        let task = if export.to_delete { self.plan_delete(export) } else { self.plan_write(export) };
        task.map_err(|error| Outcome::of_error(&error))
    }

    fn plan_delete(&self, export: &Arc<Export>) -> Result<Task> {
        let new_key = self.key_of(&export.new_properties)?;
        let old_key = match self.key_of(&export.old_properties) {
            Err(error) if new_key.is_none() && export.remote_id.is_none() => return Err(error),
            old_key => old_key.ok().flatten(),
        };
        let mut task = Task::new(Arc::clone(export));
        if new_key.is_none() && old_key.is_none() && task.remote_id.is_none() {
            return Err(self.missing_key());
        }
        task.key = new_key.or_else(|| old_key.clone());
        task.old_key = old_key.filter(|old| Some(old) != task.key.as_ref());
        Ok(task)
    }

    fn plan_write(&mut self, export: &Arc<Export>) -> Result<Task> {
        let mut task = Task::new(Arc::clone(export));
        task.values = self.convert_all(&export.new_properties)?;
        let key = task.values.iter().find(|(field, _)| *field == self.key_field);
        task.key = key.and_then(|(_, value)| self.key(value).transpose()).transpose()?;
        // An old key that can be no key here is a key the record cannot have had.
        let old_key = self.key_of(&export.old_properties).ok().flatten();
        // A record known by its id needs no key, but a key cannot be taken away.
        if task.key.is_none() && (task.remote_id.is_none() || old_key.is_some() || key.is_some()) {
            return Err(self.missing_key());
        }
        task.old_key = old_key.filter(|old| Some(old) != task.key.as_ref());
        self.clear_dropped(export, &mut task.values);
        self.plan_groups(export, &mut task)?;
        Ok(task)
    }

    /// A property that was acknowledged and is no longer there is cleared; one whose field
    /// is gone or cannot be written is nothing we can clear.
    fn clear_dropped(&self, export: &Export, values: &mut Vec<(usize, Value)>) {
        for name in export.old_properties.keys() {
            if let Ok((index, field)) = self.schema.find(name)
                && !field.read_only
                && index != self.key_field
                && !values.iter().any(|(there, _)| *there == index)
            {
                values.push((index, Value::Null));
            }
        }
    }

    fn plan_groups(&self, export: &Export, task: &mut Task) -> Result<()> {
        task.new_groups = self.normalized_groups(&export.new_groups)?;
        // A group that cannot be is a group the record cannot have been in.
        task.old_groups =
            export.old_groups.iter().filter_map(|name| self.connection.normalize_group(name).ok()).collect();
        if self.groups == GroupSupport::None && !(task.new_groups.is_empty() && task.old_groups.is_empty()) {
            return Err(Error::rejected(format!("{} has no groups", self.connection.name()))
                .with_code("groups_unsupported"));
        }
        Ok(())
    }

    fn normalized_groups(&self, names: &BTreeSet<String>) -> Result<BTreeSet<String>> {
        let named = |name: &String| {
            if name.trim().is_empty() {
                return Err(Error::rejected("a group's name is empty").with_code("invalid_group"));
            }
            self.connection.normalize_group(name).map_err(|error| match error.field() {
                Some(_) => error,
                None => error.with_field(name),
            })
        };
        names.iter().map(named).collect()
    }

    fn convert_all(&mut self, properties: &Properties) -> Result<Vec<(usize, Value)>> {
        let mut values: Vec<(usize, Value)> = Vec::with_capacity(properties.len());
        for (name, value) in properties {
            let index = self.field_of(name)?;
            if values.iter().any(|(there, _)| *there == index) {
                let field = &self.schema.fields()[index];
                return Err(Error::rejected(format!(
                    "two properties are for the field {:?} ({:?})",
                    field.name, field.label
                ))
                .with_code("duplicate_field")
                .with_field(name));
            }
            values.push((index, self.convert_one(index, name, value)?));
        }
        Ok(values)
    }

    fn convert_one(&self, index: usize, name: &str, value: &Value) -> Result<Value> {
        let field = &self.schema.fields()[index];
        if field.read_only {
            return Err(Error::rejected(format!("the field {name:?} cannot be written"))
                .with_code("read_only_field")
                .with_field(name));
        }
        if field.required && value.is_null() && index != self.key_field {
            return Err(missing_field(field));
        }
        if index == self.key_field && is_blank(value) {
            return Ok(Value::Null);
        }
        let value = convert(field, value)?;
        self.connection.convert(field, value).map_err(|error| error.with_scope(Scope::Record))
    }

    fn field_of(&mut self, name: &str) -> Result<usize> {
        match self.schema.find(name) {
            Ok((index, _)) => Ok(index),
            Err(NoField::Unknown) if self.schema.unknown_fields() == UnknownFields::MadeUp => {
                self.schema = self.schema.with_made_up(name);
                Ok(self.schema.fields().len() - 1)
            }
            Err(NoField::Unknown) => Err(Error::rejected(format!("the tool has no field {name:?}"))
                .with_code("unknown_field")
                .with_field(name)),
            Err(NoField::Ambiguous) => Err(Error::rejected(format!(
                "the tool has several fields labelled {name:?}; use the name the API knows the field by"
            ))
            .with_code("ambiguous_field")
            .with_field(name)),
        }
    }

    /// The key among these properties, which may name its field either way.
    fn key_of(&self, properties: &Properties) -> Result<Option<Key>> {
        let field = &self.schema.fields()[self.key_field];
        let named = |name: &str| self.schema.find(name).is_ok_and(|(index, _)| index == self.key_field);
        let value = properties
            .get(&field.name)
            .or_else(|| properties.get(&field.label).filter(|_| named(&field.label)));
        match value {
            Some(value) if !is_blank(value) => self.key(&convert(field, value)?),
            _ => Ok(None),
        }
    }

    fn key(&self, value: &Value) -> Result<Option<Key>> {
        let text = match value {
            Value::Null => return Ok(None),
            value => value.as_str().map_or_else(|| value.to_string().into(), std::borrow::Cow::Borrowed),
        };
        match text.trim() {
            "" => Ok(None),
            text => self.connection.normalize_key(text).map(Some).map_err(|error| {
                let field = &self.schema.fields()[self.key_field];
                error.with_field(&field.name)
            }),
        }
    }

    fn missing_key(&self) -> Error {
        let field = &self.schema.fields()[self.key_field];
        Error::rejected(format!("the profile has no {:?}, the key that finds its record", field.label))
            .with_code("missing_key")
            .with_field(&field.name)
    }

    /// Whether the values suffice to create a record.
    pub(super) fn check_required(&self, values: &[(usize, Value)]) -> Result<()> {
        let is_there = |index: usize| values.iter().any(|(there, value)| *there == index && !value.is_null());
        let fields = self.schema.fields().iter().enumerate();
        match fields.into_iter().find(|(index, field)| field.required && !is_there(*index)) {
            Some((_, field)) => Err(missing_field(field)),
            None => Ok(()),
        }
    }
}

/// A key of nothing but white space is no key.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn missing_field(field: &Field) -> Error {
    Error::rejected(format!("the tool creates no record without {:?}", field.label))
        .with_code("missing_field")
        .with_field(&field.name)
}
