//! `outflow sandbox`.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::program::run;
use crate::served::{LEADS, Served};

fn faults(json: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), json).unwrap();
    file
}

#[test]
fn it_serves_until_ctrl_c() {
    let served = Served::start();
    let url = served.listed("marketo")["url"].as_str().unwrap().to_owned();
    let address = url.strip_prefix("http://").unwrap();
    assert!(TcpStream::connect(address).is_ok());
    assert_eq!(served.stop(), (Some(0), String::new()));
    assert!(TcpStream::connect(address).is_err());
}

/// A port after which others are free, as far as one can know.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().min(65_000)
}

#[test]
fn ports_follow_one_another() {
    let port = free_port();
    let served = Served::start_with(&["--port", &port.to_string()]);
    assert_eq!(served.listed("marketo")["url"], format!("http://127.0.0.1:{port}"));
    assert_eq!(served.listed("pipedrive")["url"], format!("http://127.0.0.1:{}", port + 1));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    run(&["sandbox", "--port", &port]).exits(2).says(&[&port, "--port"]);
    run(&["sandbox", "--port", "65536"]).exits(2).says(&["65536"]);
}

#[test]
fn what_it_prints_can_be_pasted() {
    let mut child = crate::program::command(&["sandbox"]).spawn().unwrap();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    let lines: Vec<String> = std::io::BufRead::lines(&mut stdout)
        .map_while(Result::ok)
        .take_while(|line| !line.starts_with("Ctrl-C"))
        .collect();
    let check = lines.iter().find(|line| line.contains("outflow check marketo")).unwrap();
    let args: Vec<&str> = check.split_whitespace().skip(1).collect();
    let ran = run(&args);
    let _ = child.kill();
    let _ = child.wait();
    ran.exits(0);
    assert!(lines.iter().any(|line| line.contains(LEADS) && line.contains("--input FILE")));
}

#[test]
fn latency_is_added_to_each_call() {
    let served = Served::start_with(&["--latency-ms", "300"]);
    let started = Instant::now();
    served.export(LEADS, &[], &[]).exits(0);
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[test]
fn faults_strike_the_sandbox_they_name() {
    let script = faults(
        r#"[{"on": {"app": "marketo", "body_contains": "createOrUpdate", "times": 9},
             "action": {"error_code": {"code": "609", "message": "Invalid JSON"}}}]"#,
    );
    let path = script.path().display().to_string();
    let served = Served::start_with(&["--faults", &path]);
    let line = json!({ "profile_id": "a", "new_properties": { "email": "a@example.com" } });
    let ran = served.export(LEADS, &[], &[line]);
    assert_ne!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("609"), "{}", ran.stdout);
}

#[test]
fn faults_that_cannot_be_read_are_explained() {
    let unknown = faults(r#"[{"on": {"app": "salesforce"}, "action": "reset"}]"#);
    let path = unknown.path().display().to_string();
    run(&["sandbox", "--faults", &path]).exits(2).says(&["--faults", "salesforce", "marketo, pipedrive"]);
    let broken = faults("[{]");
    let path = broken.path().display().to_string();
    run(&["sandbox", "--faults", &path]).exits(2).says(&["--faults", "line 1"]);
    run(&["sandbox", "--faults", "/no/such/file"]).exits(2).says(&["/no/such/file"]);
}
