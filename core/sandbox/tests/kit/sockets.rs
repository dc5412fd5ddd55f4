use std::sync::Arc;
use std::time::Duration;

use outflow_sandbox::{Fault, FaultAction, Match, Sandbox, Served, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::notes::Notes;

async fn served(notes: &Arc<Notes>) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    serve(listener, notes.clone()).unwrap()
}

/// All that a caller reads from the socket before it is closed.
async fn exchange(served: &Served, note: &str) -> String {
    let mut stream = TcpStream::connect(served.address()).await.unwrap();
    let length = note.len();
    let request = format!(
        "POST /notes HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{note}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset and an orderly end look alike here: what counts is what came before.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn with_fault(action: FaultAction) -> (String, usize) {
    let notes = Notes::unlimited();
    notes.controls().faults.push(Fault::new(Match::default(), action));
    let served = served(&notes).await;
    let answer = exchange(&served, "abcdefgh").await;
    served.stop().await.unwrap();
    (answer, notes.kept())
}

#[tokio::test]
async fn a_call_over_a_socket_is_answered() {
    let notes = Notes::unlimited();
    let served = served(&notes).await;
    assert!(served.base_url().starts_with("http://127.0.0.1:"));
    let answer = exchange(&served, "a").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nkept a"), "{answer}");
    assert_eq!(notes.controls().log.calls(), 1);
}

#[tokio::test]
async fn a_reset_closes_the_connection_without_a_byte() {
    assert_eq!(with_fault(FaultAction::Reset).await, (String::new(), 0));
    assert_eq!(with_fault(FaultAction::ResetAfter).await, (String::new(), 1));
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_it_sends() {
    let (answer, kept) = with_fault(FaultAction::Truncated).await;
    assert!(answer.contains("content-length: 13\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nkept a"), "{answer}");
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn a_call_that_is_never_answered_does_not_keep_the_server_from_stopping() {
    let notes = Notes::unlimited();
    let fault = Fault::new(Match::default(), FaultAction::TimeoutAfter);
    notes.controls().faults.push(fault);
    let served = served(&notes).await;
    let mut stream = TcpStream::connect(served.address()).await.unwrap();
    stream.write_all(b"POST /notes HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\na").await.unwrap();
    let mut answer = Vec::new();
    let waited = timeout(Duration::from_millis(100), stream.read_to_end(&mut answer)).await;
    assert!(waited.is_err());
    assert_eq!(notes.kept(), 1);
    timeout(Duration::from_secs(5), served.stop()).await.unwrap().unwrap();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
}

#[tokio::test]
async fn dropping_it_closes_the_port() {
    let notes = Notes::unlimited();
    let served = served(&notes).await;
    let address = served.address();
    drop(served);
    let closed = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(5), closed).await.unwrap();
}
