use outflow_sandbox::{SandboxOptions, SandboxType, Sequence, Tokens};

use crate::notes::Notes;

outflow_sandbox::register!("notes", Notes::start);

#[test]
fn a_registered_sandbox_is_found_and_starts() {
    assert_eq!(SANDBOX.app, "notes");
    let found = SandboxType::find("notes").unwrap();
    assert_eq!((found.start)(SandboxOptions::default()).app(), "notes");
    assert_eq!(SandboxType::all().len(), 1);
    assert!(SandboxType::find("nothing").is_none());
}

#[test]
fn ids_and_tokens_are_the_same_for_the_same_seed() {
    let ids = Sequence::starting_at(7);
    assert_eq!((ids.take(), ids.take()), (7, 8));
    let (one, two, other) = (Tokens::seeded(1), Tokens::seeded(1), Tokens::seeded(2));
    let token = one.hex(32);
    assert_eq!(token.len(), 32);
    assert_eq!(token, two.hex(32));
    assert_ne!(token, other.hex(32));
    assert_eq!(one.below(0), 0);
    assert!(one.below(3) < 3);
}
