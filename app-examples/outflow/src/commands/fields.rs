//! `outflow fields`: prints what a destination can write.

use outflow_core::{Field, MaxLength, UnknownFields};

use crate::account;
use crate::command_line::DestinationArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::table::Table;

pub(crate) async fn run(args: &DestinationArgs, output: &mut Output) -> Result<Exit, Failure> {
    let outflow = account::outflow()?.with_retry(account::for_a_person());
    let (_account, destination) = account::destination(&outflow, args).await?;
    let schema = destination.mapping_schema().await.map_err(|error| Failure::refused(&error))?;
    if output.is_json() {
        output.json(&*schema)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["name", "label", "type", "use", "longest", "choices"]);
    for field in schema.fields() {
        table.row([
            field.name.clone(),
            field.label.clone(),
            field.field_type.name().to_owned(),
            usage(field).to_owned(),
            field.max_length.map(longest).unwrap_or_default(),
            choices(field),
        ]);
    }
    let unknown = match schema.unknown_fields() {
        UnknownFields::Rejected => "properties that none of these is are rejected",
        UnknownFields::MadeUp => "properties that none of these is are made up, as text",
    };
    let out = output.results();
    writeln!(out, "{table}")?;
    writeln!(
        out,
        "{} fields of {}; {unknown}. Properties name a field by its name or its label.",
        schema.fields().len(),
        destination.name()
    )?;
    Ok(Exit::Done)
}

fn usage(field: &Field) -> &'static str {
    if field.read_only {
        "read only"
    } else if field.required {
        "required"
    } else if field.important {
        "important"
    } else {
        ""
    }
}

fn longest(length: MaxLength) -> String {
    match length {
        MaxLength::Chars(most) => format!("{most} characters"),
        MaxLength::Bytes(most) => format!("{most} bytes"),
    }
}

fn choices(field: &Field) -> String {
    let labels: Vec<&str> = field.choices.iter().map(|choice| choice.label.as_str()).collect();
    labels.join(", ")
}
