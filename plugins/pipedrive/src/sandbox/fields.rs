//! The fields of persons, or of organizations: what there is, and how it changes.

use std::collections::HashMap;
use std::sync::Arc;

use super::field::{Entity, Field, FieldOption, FieldType, Flags, Shown};
use super::schema::{Row, Sample, schema};

/// When the company, and the fields it began with, were made: 2021-01-07T20:05:11Z.
const FOUNDED: i64 = 1_610_049_911;
/// When the custom fields it began with were made: 2021-03-15T14:01:56Z.
const FIRST_CUSTOM_FIELD: i64 = 1_615_816_916;

/// Numbers and hashes that are unique in the whole company.
pub(super) struct Mint {
    next_option: u64,
    state: u64,
}

impl Mint {
    /// Options 1 to 8 are the labels every company has.
    pub(super) fn seeded(seed: u64) -> Self {
        Self { next_option: 9, state: seed }
    }

    fn option_id(&mut self) -> u64 {
        let id = self.next_option;
        self.next_option += 1;
        id
    }

    /// The 40 hexadecimal digits of a new custom field's code.
    fn hash(&mut self) -> Arc<str> {
        let digits: String = (0..5).map(|_| format!("{:08x}", self.next() >> 32)).collect();
        digits.into()
    }

    /// The splitmix64 generator.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

/// A custom field to be made.
pub(super) struct NewField<'a> {
    pub(super) name: &'a str,
    pub(super) kind: FieldType,
    pub(super) options: &'a [String],
    pub(super) add_visible: bool,
    pub(super) at: i64,
    pub(super) by: u64,
}

/// All fields of one kind of record, in the order the API lists them.
#[derive(Clone)]
pub(super) struct FieldSet {
    fields: Vec<Field>,
    places: HashMap<Arc<str>, usize>,
    next_id: u32,
    next_order: u32,
}

impl FieldSet {
    /// The fields of a new company.
    pub(super) fn new(entity: Entity, mint: &mut Mint, user: u64) -> Self {
        let schema = schema(entity);
        let mut set = Self {
            fields: Vec::new(),
            places: HashMap::new(),
            next_id: schema.first_id,
            next_order: schema.first_sample_order,
        };
        for row in schema.rows {
            let field = set.standard(row);
            set.push(field);
        }
        for sample in schema.samples {
            let field = set.sample(sample, mint, user, schema.samples_in_json);
            set.push(field);
        }
        set
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter()
    }

    /// The custom fields, in order.
    pub(super) fn custom(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.custom)
    }

    pub(super) fn get(&self, code: &str) -> Option<&Field> {
        let place = self.places.get(code)?;
        self.fields.get(*place)
    }

    pub(super) fn by_id(&self, id: u32) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The first custom field of this display name.
    pub(super) fn named(&self, name: &str) -> Option<&Field> {
        self.custom().find(|field| field.name == name)
    }

    pub(super) fn add(&mut self, new: &NewField<'_>, mint: &mut Mint) -> &Field {
        let options = new.kind.has_options().then(|| {
            let label = |label: &String| new_option(mint.option_id(), label, new.at);
            new.options.iter().map(label).collect()
        });
        let field = Field {
            id: self.take_id(),
            code: mint.hash(),
            name: new.name.to_owned(),
            kind: new.kind,
            options,
            custom: true,
            optional: false,
            shown: Shown::Both,
            order_nr: self.take_order(),
            add_time: new.at,
            update_time: new.at,
            made_by: Some(new.by),
            flags: flags_of_new(new.kind, new.add_visible),
            links: &[],
        };
        self.push(field)
    }

    /// Takes a custom field away. Standard ones stay.
    pub(super) fn remove(&mut self, code: &str) -> Option<Field> {
        let place = *self.places.get(code)?;
        if !self.fields.get(place)?.custom {
            return None;
        }
        let removed = self.fields.remove(place);
        self.places = places(&self.fields);
        Some(removed)
    }

    /// Adds options to a field; the labels are known to be new.
    pub(super) fn add_options(
        &mut self,
        code: &str,
        labels: &[String],
        at: i64,
        mint: &mut Mint,
    ) -> Vec<FieldOption> {
        let Some(options) = self.options_mut(code, at) else {
            return Vec::new();
        };
        let added: Vec<_> = labels.iter().map(|label| new_option(mint.option_id(), label, at)).collect();
        options.extend(added.iter().cloned());
        added
    }

    /// Renames options; all ids are known to exist.
    pub(super) fn rename_options(
        &mut self,
        code: &str,
        labels: &[(u64, String)],
        at: i64,
    ) -> Vec<FieldOption> {
        let mut renamed = Vec::new();
        for option in self.options_mut(code, at).into_iter().flatten() {
            if let Some((_, label)) = labels.iter().find(|(id, _)| *id == option.id) {
                option.label.clone_from(label);
                option.update_time = Some(at);
                renamed.push(option.clone());
            }
        }
        renamed
    }

    /// Takes options away; records that had them chosen no longer show them.
    pub(super) fn remove_options(&mut self, code: &str, ids: &[u64], at: i64) -> Vec<FieldOption> {
        let Some(options) = self.options_mut(code, at) else {
            return Vec::new();
        };
        let (removed, kept) =
            std::mem::take(options).into_iter().partition(|option| ids.contains(&option.id));
        *options = kept;
        removed
    }

    fn options_mut(&mut self, code: &str, at: i64) -> Option<&mut Vec<FieldOption>> {
        let place = *self.places.get(code)?;
        let field = self.fields.get_mut(place)?;
        field.update_time = at;
        field.options.as_mut()
    }

    fn push(&mut self, field: Field) -> &Field {
        let place = self.fields.len();
        self.places.insert(Arc::clone(&field.code), place);
        self.fields.push(field);
        &self.fields[place]
    }

    fn standard(&mut self, row: &Row) -> Field {
        let option = |(id, label, color): &(u64, &str, Option<&'static str>)| FieldOption {
            id: *id,
            label: (*label).to_owned(),
            color: *color,
            add_time: None,
            update_time: None,
        };
        Field {
            id: self.take_id(),
            code: row.code.into(),
            name: row.name.to_owned(),
            kind: row.kind,
            options: (!row.options.is_empty()).then(|| row.options.iter().map(option).collect()),
            custom: false,
            optional: row.optional,
            shown: row.shown,
            order_nr: row.order_nr,
            add_time: FOUNDED,
            update_time: FOUNDED,
            made_by: None,
            flags: row.v1_flags(),
            links: row.links,
        }
    }

    fn sample(&mut self, sample: &Sample, mint: &mut Mint, user: u64, in_json: bool) -> Field {
        let label = |label: &&str| FieldOption {
            add_time: None,
            ..new_option(mint.option_id(), label, FIRST_CUSTOM_FIELD)
        };
        let options = sample.kind.has_options().then(|| sample.options.iter().map(label).collect());
        Field {
            id: self.take_id(),
            code: mint.hash(),
            name: sample.name.to_owned(),
            kind: sample.kind,
            options,
            custom: true,
            optional: false,
            shown: Shown::Both,
            order_nr: self.take_order(),
            add_time: FIRST_CUSTOM_FIELD,
            update_time: FIRST_CUSTOM_FIELD,
            made_by: Some(user),
            flags: flags_of_sample(sample.kind, in_json),
            links: &[],
        }
    }

    fn take_id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    /// Places in the order are not used again when fields go.
    fn take_order(&mut self) -> u32 {
        let order = self.next_order;
        self.next_order += 1;
        order
    }
}

fn places(fields: &[Field]) -> HashMap<Arc<str>, usize> {
    let place = |(place, field): (usize, &Field)| (Arc::clone(&field.code), place);
    fields.iter().enumerate().map(place).collect()
}

fn new_option(id: u64, label: &str, at: i64) -> FieldOption {
    FieldOption { id, label: label.to_owned(), color: None, add_time: Some(at), update_time: None }
}

/// As recorded for a field made through the API at the end of 2021.
fn flags_of_new(kind: FieldType, add_visible: bool) -> Flags {
    Flags { json_column: true, add_visible, searchable: has_search_flag(kind), ..Flags::of("IDBFS") }
}

/// As recorded for the fields that a person had made in the web application.
fn flags_of_sample(kind: FieldType, in_json: bool) -> Flags {
    Flags { json_column: in_json, searchable: !in_json && has_search_flag(kind), ..Flags::of("IDBFS") }
}

/// Search looks into monetary fields, yet their flag says no.
fn has_search_flag(kind: FieldType) -> bool {
    kind.is_searchable() && kind != FieldType::Monetary
}
