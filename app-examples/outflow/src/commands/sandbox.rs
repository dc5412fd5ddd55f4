//! `outflow sandbox`: serves imitations of the tools.

use std::fs;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use outflow_core::Outflow;
use outflow_sandbox::{Fault, Sandbox, SandboxOptions, SandboxType, Served, serve};
use serde::Serialize;
use serde_json::Value as Json;
use tokio::net::TcpListener;

use crate::account;
use crate::command_line::{SandboxArgs, Switch};
use crate::exit::{Exit, Failure};
use crate::interrupt::StopSignals;
use crate::output::Output;

#[derive(Serialize)]
struct Listed {
    sandboxes: Vec<SandboxListed>,
}

#[derive(Serialize)]
struct SandboxListed {
    app: &'static str,
    url: String,
    /// Options for the App, made-up credentials included.
    account: Json,
    connections: Vec<&'static str>,
}

pub(crate) async fn run(args: &SandboxArgs, output: &mut Output) -> Result<Exit, Failure> {
    let outflow = account::outflow()?;
    let faults = args.faults.as_deref().map_or(Ok(Vec::new()), read_faults)?;
    let options = SandboxOptions {
        limits: args.limits == Switch::On,
        latency: args.latency(),
        ..SandboxOptions::default()
    };
    // Held until the end: a server stops when it is dropped.
    let mut serving = Vec::new();
    let mut listed = Vec::new();
    for (place, kind) in (0_u16..).zip(SandboxType::all()) {
        let sandbox = (kind.start)(options.clone());
        sandbox.controls().faults.extend(faults.iter().cloned());
        let served = start(args.port, place, Arc::clone(&sandbox)).await?;
        listed.push(describe(&outflow, sandbox.as_ref(), &served));
        serving.push(served);
    }
    // Before anybody is told that it runs, and so could stop it.
    let mut stop = StopSignals::listen();
    let listed = Listed { sandboxes: listed };
    if output.is_json() {
        output.json(&listed)?;
    } else {
        write_text(&listed, output.results())?;
    }
    output.flush()?;
    stop.next().await;
    Ok(Exit::Done)
}

fn read_faults(path: &Path) -> Result<Vec<Fault>, Failure> {
    let wrong = |why: String| Failure::Usage(format!("--faults {}: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let faults = Fault::list(&text).map_err(|error| wrong(error.to_string()))?;
    // A fault for a sandbox that is not there would never happen, silently.
    let nowhere = faults
        .iter()
        .filter_map(|fault| fault.on.app.as_deref())
        .find(|app| SandboxType::find(app).is_none());
    match nowhere {
        Some(app) => Err(wrong(format!("there is no sandbox of {app:?}; there are {}", apps().join(", ")))),
        None => Ok(faults),
    }
}

fn apps() -> Vec<&'static str> {
    SandboxType::all().iter().map(|kind| kind.app).collect()
}

async fn start(first_port: Option<u16>, place: u16, sandbox: Arc<dyn Sandbox>) -> Result<Served, Failure> {
    let port = match first_port {
        None | Some(0) => 0,
        Some(first) => first.checked_add(place).ok_or_else(|| {
            Failure::Usage(format!("--port {first} leaves no port for {}; take a lower one", sandbox.app()))
        })?,
    };
    let cannot =
        |error| Failure::Usage(format!("port {port} cannot be listened at: {error}; take another --port"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(cannot)?;
    serve(listener, sandbox).map_err(cannot)
}

fn describe(outflow: &Outflow, sandbox: &dyn Sandbox, served: &Served) -> SandboxListed {
    let url = served.base_url();
    let plugins = outflow.registry().plugins();
    SandboxListed {
        app: sandbox.app(),
        account: sandbox.account(&url),
        url,
        connections: plugins
            .filter(|plugin| plugin.app() == sandbox.app())
            .map(|plugin| plugin.connection())
            .collect(),
    }
}

fn write_text(listed: &Listed, out: &mut dyn Write) -> io::Result<()> {
    for sandbox in &listed.sandboxes {
        writeln!(out, "{} at {}", sandbox.app, sandbox.url)?;
        let flags = app_flags(&sandbox.account);
        writeln!(out, "  outflow check {}{flags}", sandbox.app)?;
        for connection in &sandbox.connections {
            writeln!(out, "  outflow export {connection}{flags} --input FILE")?;
        }
        writeln!(out)?;
    }
    writeln!(out, "Ctrl-C stops them; what they hold is then gone.")
}

fn app_flags(account: &Json) -> String {
    let options = account.as_object().into_iter().flatten();
    options
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!(" --app {name}={}", quoted(&value))
        })
        .collect()
}

/// The text as a shell takes it for one word.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:@%+,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn flags_can_be_pasted_into_a_shell() {
        let account = json!({ "endpoint": "http://127.0.0.1:1/rest", "secret": "it's $HOME", "seats": 2 });
        assert_eq!(
            app_flags(&account),
            r" --app endpoint=http://127.0.0.1:1/rest --app seats=2 --app secret='it'\''s $HOME'",
        );
    }
}
