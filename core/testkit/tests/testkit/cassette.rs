//! A cassette's life in a test: opened, used, checked when it goes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use outflow_core::http::Transport;
use outflow_testkit::{Cassette, CassetteBuilder, CassetteError, Mode, cassette};

use super::wire::{NoNetwork, Rote, clock, get};

const URL: &str = "https://crm.example/people";

fn builder(folder: &Path, mode: Mode) -> CassetteBuilder {
    Cassette::builder("people").in_folder(folder).mode(mode).clock(clock())
}

async fn tape(folder: &Path, mode: Mode, answers: &[&str]) {
    let cassette = builder(folder, mode).over(Rote::json(answers)).open().unwrap();
    for _ in answers {
        cassette.transport().send(get(URL)).await.unwrap();
    }
    cassette.close().unwrap();
}

async fn replayed(folder: &Path, times: usize) -> (Vec<String>, Result<(), CassetteError>) {
    let cassette = builder(folder, Mode::Replay).over(NoNetwork).open().unwrap();
    let mut bodies = Vec::new();
    for _ in 0..times {
        let response = cassette.transport().send(get(URL)).await.unwrap();
        bodies.push(String::from_utf8_lossy(response.body()).into_owned());
    }
    (bodies, cassette.close())
}

#[tokio::test]
async fn each_mode_does_what_its_name_says() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    tape(folder, Mode::Append, &["1"]).await;
    tape(folder, Mode::Record, &["2", "3"]).await;
    let (bodies, end) = replayed(folder, 2).await;
    assert_eq!((bodies, end.is_ok()), (vec!["2".to_owned(), "3".to_owned()], true));

    tape(folder, Mode::Append, &["4"]).await;
    tape(folder, Mode::Live, &["5"]).await;
    assert_eq!(replayed(folder, 3).await.0, ["2", "3", "4"]);

    let error = replayed(folder, 1).await.1.unwrap_err().to_string();
    assert!(error.contains("2 of 3 recorded requests were not made"), "{error}");
}

#[tokio::test]
async fn dropping_it_fails_the_test_that_left_something_out() {
    let folder = tempfile::tempdir().unwrap();
    tape(folder.path(), Mode::Record, &["1"]).await;
    let open = || builder(folder.path(), Mode::Replay).open().unwrap();
    let panic = catch_unwind(|| drop(open())).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("entry 1: GET /people"), "{text}");

    // One that failed already fails with its own words.
    let panic = catch_unwind(|| {
        let _cassette = open();
        panic!("the test's own");
    })
    .unwrap_err();
    assert_eq!(*panic.downcast_ref::<&str>().unwrap(), "the test's own");
}

#[tokio::test]
async fn a_test_that_fails_leaves_the_old_recording() {
    let folder = tempfile::tempdir().unwrap();
    tape(folder.path(), Mode::Record, &["1"]).await;
    let before = std::fs::read_to_string(folder.path().join("people.har")).unwrap();
    let cassette = builder(folder.path(), Mode::Record).over(Rote::json(&["2"])).open().unwrap();
    cassette.transport().send(get(URL)).await.unwrap();
    let failed = catch_unwind(AssertUnwindSafe(|| {
        let _cassette = cassette;
        panic!("the test's own");
    }));
    assert!(failed.is_err());
    assert_eq!(std::fs::read_to_string(folder.path().join("people.har")).unwrap(), before);
    let error = builder(folder.path(), Mode::Record).open().unwrap().close().unwrap_err();
    assert!(error.to_string().contains("no request was made"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_replay_runs_on_the_recordings_time() {
    let folder = tempfile::tempdir().unwrap();
    tape(folder.path(), Mode::Record, &["1"]).await;
    let cassette = Cassette::builder("people").in_folder(folder.path()).mode(Mode::Replay).open().unwrap();
    assert_eq!(cassette.clock().now(), clock().now());
    cassette.transport().send(get(URL)).await.unwrap();
}

#[tokio::test]
async fn it_is_named_after_the_test() {
    let error = cassette!().mode(Mode::Replay).open().unwrap_err();
    let CassetteError::Missing(path) = error else {
        panic!("{error}");
    };
    let wanted =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cassettes/cassette/it_is_named_after_the_test.har");
    assert_eq!(path, wanted);
}
