//! Recordings of the real APIs, which are not in this repository: `OUTFLOW_SHARED`, or
//! `shared` beside the workspace.

use std::io::Write;
use std::path::{Path, PathBuf};

use outflow_core::http::{Request, Transport};
use outflow_testkit::{Cassette, Mode};
use serde_json::Value as Json;

use super::wire::{NoNetwork, Rote};

/// `None`, said loudly, when they are not there.
fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("OUTFLOW_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let folder = shared.join("recordings");
    if folder.is_dir() {
        return Some(folder);
    }
    // Past the test harness, which swallows what a passing test prints.
    let _ = writeln!(
        std::io::stderr(),
        "\n*** SKIPPED: there are no recordings at {}; set OUTFLOW_SHARED to where they are ***\n",
        folder.display()
    );
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "har") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The request of an entry, as whoever made it sent it.
fn request(entry: &Json) -> Request {
    let asked = &entry["request"];
    let mut url = asked["url"].as_str().unwrap().to_owned();
    let mut query = form_urlencoded::Serializer::new(String::new());
    for pair in asked["queryString"].as_array().unwrap() {
        query.append_pair(pair["name"].as_str().unwrap(), pair["value"].as_str().unwrap());
    }
    let query = query.finish();
    if !query.is_empty() && !url.contains('?') {
        url = format!("{url}?{query}");
    }
    let mut request = http::Request::builder().method(asked["method"].as_str().unwrap()).uri(url);
    if let Some(mime_type) = asked["postData"]["mimeType"].as_str() {
        request = request.header("content-type", mime_type);
    }
    let body = asked["postData"]["text"].as_str().unwrap_or_default();
    request.body(body.to_owned().into()).unwrap()
}

#[tokio::test]
async fn every_real_recording_is_read_and_replayed() {
    let Some(folder) = folder() else {
        return;
    };
    let files = files(&folder);
    assert!(!files.is_empty(), "no recordings in {}", folder.display());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let har: Json = serde_json::from_str(&text).unwrap();
        let entries = har["log"]["entries"].as_array().unwrap();
        replay(&path, entries).await;
        append(&path, entries).await;
    }
}

fn cassette(path: &Path) -> outflow_testkit::CassetteBuilder {
    let name = path.file_stem().unwrap().to_str().unwrap();
    Cassette::builder(name).in_folder(path.parent().unwrap())
}

async fn replay(path: &Path, entries: &[Json]) {
    let cassette = cassette(path).mode(Mode::Replay).over(NoNetwork).open().unwrap();
    let first = entries[0]["startedDateTime"].as_str().unwrap().parse().unwrap();
    assert!(cassette.clock().now().duration_since(first).as_secs() < 60);
    for (index, entry) in entries.iter().enumerate() {
        let response = match cassette.transport().send(request(entry)).await {
            Ok(response) => response,
            Err(error) => panic!("{}, entry {}: {error}", path.display(), index + 1),
        };
        assert_eq!(response.status().as_u16(), entry["response"]["status"].as_u64().unwrap() as u16);
        let text = entry["response"]["content"]["text"].as_str().unwrap_or_default();
        assert_eq!(response.body().as_ref(), text.as_bytes(), "entry {}", index + 1);
    }
    cassette.close().unwrap();
}

/// Written by us, with one more entry, it says the same, without its tokens.
async fn append(path: &Path, entries: &[Json]) {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join(path.file_name().unwrap());
    std::fs::copy(path, &copy).unwrap();
    let mut permissions = std::fs::metadata(&copy).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a copy that only this test sees")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&copy, permissions).unwrap();
    let appended = cassette(&copy).mode(Mode::Append).over(Rote::json(&["{}"])).open().unwrap();
    appended.transport().send(request(&entries[0])).await.unwrap();
    appended.close().unwrap();
    let text = std::fs::read_to_string(&copy).unwrap();
    assert!(!text.contains("my-access-token"));

    let replay = cassette(&copy).mode(Mode::Replay).over(NoNetwork).open().unwrap();
    for entry in entries.iter().chain([&entries[0]]) {
        replay.transport().send(request(entry)).await.unwrap();
    }
    replay.close().unwrap();
}
