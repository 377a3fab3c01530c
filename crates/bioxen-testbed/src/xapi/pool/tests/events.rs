//! Events.

use crate::xapi::testing::{Player, as_text, call_bytes, members, read_answer, text};
use crate::xapi::wire::Arg;
use crate::xapi::{Answer, Ticket};

fn args(classes: &[&str], token: &str, timeout: f64) -> [Arg; 3] {
    let classes = classes.iter().map(|class| text(class)).collect();
    [Arg::Array(classes), text(token), Arg::Double(timeout)]
}

/// A batch: the token, and class, operation and reference of each event.
fn batch(answer: &Arg) -> (String, Vec<(String, String, String)>) {
    let batch = members(answer);
    let Arg::Array(events) = &batch["events"] else {
        panic!("{batch:?}");
    };
    let events = events.iter().map(|event| {
        let event = members(event);
        let get = |name: &str| as_text(&event[name]).to_owned();
        assert_eq!(event.contains_key("snapshot"), get("operation") != "del");
        (get("class"), get("operation"), get("ref"))
    });
    (as_text(&batch["token"]).to_owned(), events.collect())
}

fn events(
    player: &mut Player,
    classes: &[&str],
    token: &str,
) -> (String, Vec<(String, String, String)>) {
    let answer = player
        .call("event.from", &args(classes, token, 30.0))
        .unwrap();
    batch(&answer)
}

fn begin_wait(player: &mut Player, classes: &[&str], token: &str) -> Ticket {
    let mut all = vec![text(&player.session.clone())];
    all.extend(args(classes, token, 30.0));
    let body = call_bytes("event.from", &all);
    match player.pool.handle(player.now, 0, &body).unwrap().answer {
        Answer::Later(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_batch_is_all_there_is() {
    let mut player = Player::new();
    let (token, found) = events(&mut player, &["SR", "pool"], "");
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|(_, operation, _)| operation == "add"));
    assert!(
        found
            .iter()
            .all(|(class, ..)| class == "sr" || class == "pool")
    );
    let (number, rest) = token.split_once(',').unwrap();
    assert_eq!((number.len(), rest.len()), (20, 20));
}

#[test]
fn changes_are_told_once_and_merged() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    let (token, _) = events(&mut player, &["vm"], "");
    player.get("VM.set_name_description", &[&vm, "b"]);
    player.get("VM.add_tags", &[&vm, "c"]);
    let (token, found) = events(&mut player, &["VM"], &token);
    assert_eq!(found, [("vm".to_owned(), "mod".to_owned(), vm.clone())]);
    player.get("VM.destroy", &[&vm]);
    let (_, found) = events(&mut player, &[&format!("vm/{vm}")], &token);
    assert_eq!(found, [("vm".to_owned(), "del".to_owned(), vm)]);
}

#[test]
fn a_quiet_time_ends_with_an_empty_batch() {
    let mut player = Player::new();
    let (token, _) = events(&mut player, &["vm"], "");
    let before = player.now;
    let (next, found) = events(&mut player, &["vm"], &token);
    assert_eq!(found, []);
    assert_eq!((player.now - before).as_secs(), 30);
    assert!(next >= token);
}

#[test]
fn a_waiting_call_is_woken_by_what_it_waits_for() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    let (token, _) = events(&mut player, &["vm"], "");
    let ticket = begin_wait(&mut player, &[&format!("vm/{vm}")], &token);
    player.get("VM.get_all", &[]);
    let network = player.get_texts("network.get_all", &[]).remove(0);
    player.get("network.set_name_label", &[&network, "other"]);
    assert_eq!(player.pool.take(ticket), None);
    player.get("VM.set_name_description", &[&vm, "b"]);
    let body = player.pool.take(ticket).unwrap();
    let (_, found) = batch(&read_answer(&body).unwrap());
    assert_eq!(found, [("vm".to_owned(), "mod".to_owned(), vm)]);
}

#[test]
fn a_logout_ends_waiting_calls() {
    let mut player = Player::new();
    let (token, _) = events(&mut player, &["vm"], "");
    let ticket = begin_wait(&mut player, &["vm"], &token);
    let session = player.session.clone();
    player.get("session.logout", &[]);
    let body = player.pool.take(ticket).unwrap();
    assert_eq!(
        read_answer(&body).unwrap_err(),
        ["SESSION_INVALID", session.as_str()]
    );
}

#[test]
fn a_barrier_is_seen() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    let (token, _) = events(&mut player, &["vm"], "");
    let barrier = player.get_text("event.inject", &["vm", &gold]);
    let (next, found) = events(&mut player, &["vm"], &token);
    assert_eq!(found[0].2, gold);
    assert!(next >= barrier);
}

#[test]
fn wrong_tokens_and_classes_are_refused() {
    let mut player = Player::new();
    let mut check = |classes: &[&str], token: &str, expect: [&str; 2]| {
        let refused = player
            .call("event.from", &args(classes, token, 1.0))
            .unwrap_err();
        assert_eq!(refused, expect);
    };
    check(&["vm"], "bird", ["EVENT_FROM_TOKEN_PARSE_FAILURE", "bird"]);
    check(&["bird"], "", ["EVENT_SUBSCRIPTION_PARSE_FAILURE", "bird"]);
}
