//! `outflow plugins`: lists what this program can reach.

use std::collections::BTreeMap;
use std::io::{self, Write};

use outflow_core::{OptionDescription, Plugin};
use outflow_sandbox::SandboxType;
use serde::Serialize;

use crate::account;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::table::Table;

#[derive(Serialize)]
struct Listed {
    apps: Vec<AppListed>,
}

#[derive(Serialize)]
struct AppListed {
    app: &'static str,
    title: &'static str,
    /// `outflow sandbox` serves an imitation of it.
    sandbox: bool,
    options: Vec<OptionDescription>,
    connections: Vec<ConnectionListed>,
}

#[derive(Serialize)]
struct ConnectionListed {
    connection: &'static str,
    title: &'static str,
    direction: &'static str,
    options: Vec<OptionDescription>,
}

pub(crate) fn run(output: &mut Output) -> Result<Exit, Failure> {
    let outflow = account::outflow()?;
    let listed = Listed { apps: list(outflow.registry().plugins()) };
    if output.is_json() {
        output.json(&listed)?;
    } else {
        write_text(&listed, output.results())?;
    }
    Ok(Exit::Done)
}

fn list<'a>(plugins: impl Iterator<Item = &'a Plugin>) -> Vec<AppListed> {
    let mut apps = BTreeMap::new();
    for plugin in plugins {
        let app = apps.entry(plugin.app()).or_insert_with(|| AppListed {
            app: plugin.app(),
            title: plugin.app_title(),
            sandbox: SandboxType::find(plugin.app()).is_some(),
            options: plugin.app_options(),
            connections: Vec::new(),
        });
        app.connections.push(ConnectionListed {
            connection: plugin.connection(),
            title: plugin.connection_title(),
            direction: "export",
            options: plugin.connection_options(),
        });
    }
    apps.into_values().collect()
}

fn write_text(listed: &Listed, out: &mut dyn Write) -> io::Result<()> {
    for app in &listed.apps {
        writeln!(out, "{} ({})", app.app, app.title)?;
        write_options("--app", &app.options, out)?;
        for connection in &app.connections {
            writeln!(out, "\n  {} ({})", connection.connection, connection.title)?;
            write_options("--option", &connection.options, out)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_options(flag: &str, options: &[OptionDescription], out: &mut dyn Write) -> io::Result<()> {
    if options.is_empty() {
        return Ok(());
    }
    let mut table = Table::new([flag, "type", "", "what it is"]);
    let (required, optional): (Vec<_>, Vec<_>) = options.iter().partition(|option| option.required);
    for option in required.into_iter().chain(optional) {
        table.row([option.name.clone(), type_of(option), kind_of(option), option.description.clone()]);
    }
    writeln!(out, "{table}")
}

fn type_of(option: &OptionDescription) -> String {
    if option.values.is_empty() { option.type_name.clone() } else { option.values.join(", ") }
}

fn kind_of(option: &OptionDescription) -> String {
    let mut words = Vec::new();
    if option.required {
        words.push("required".to_owned());
    }
    if option.secret {
        words.push("secret".to_owned());
    }
    match &option.default {
        Some(serde_json::Value::String(text)) => words.push(format!("default {text:?}")),
        Some(default) => words.push(format!("default {default}")),
        None => {}
    }
    words.join(", ")
}
