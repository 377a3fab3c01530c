//! Faults of calls, as the pool alone shows them.

use std::time::Duration;

use crate::xapi::fault::{Delivery, Fault, Plan};
use crate::xapi::pool::{Answer, Exchange};
use crate::xapi::testing::{Player, call_bytes, text};

fn exchange(player: &mut Player, name: &str, args: &[&str]) -> Exchange {
    let mut all = vec![text(&player.session.clone())];
    all.extend(args.iter().map(|arg| text(arg)));
    let body = call_bytes(name, &all);
    player.pool.handle(player.now, 0, &body).unwrap()
}

#[test]
fn faults_keep_a_call_from_running_or_its_answer_from_coming() {
    let check = |fault: Fault, delivery: Delivery, runs: bool| {
        let mut player = Player::new();
        let vm = player.new_vm("a");
        player
            .pool
            .set_plan(Plan::none().on("VM.add_tags", 1, fault.clone()));
        let exchange = exchange(&mut player, "VM.add_tags", &[&vm, "x"]);
        assert_eq!(exchange.delivery, delivery, "{fault:?}");
        assert_eq!(matches!(exchange.answer, Answer::Now(_)), runs, "{fault:?}");
        let tags = player.get_texts("VM.get_tags", &[&vm]);
        assert_eq!(tags.contains(&"x".to_owned()), runs, "{fault:?}");
        assert_eq!(player.pool.plan().met().len(), 1);
    };
    check(Fault::Silence, Delivery::Silence, false);
    check(Fault::ResetBefore, Delivery::Reset, false);
    check(Fault::Unavailable, Delivery::Unavailable, false);
    check(Fault::Refuse { connections: 2 }, Delivery::Refuse(2), false);
    check(Fault::SilenceAfter, Delivery::Silence, true);
    check(Fault::ResetAfter, Delivery::Reset, true);
    check(Fault::Drip, Delivery::Drip, true);
    check(Fault::Cut(5), Delivery::Cut(5), true);
    check(Fault::Garbage, Delivery::Garbage, true);
    check(Fault::Huge(100), Delivery::Huge(100), true);
}

#[test]
fn faults_answer_in_the_place_of_the_call() {
    let check = |fault: Fault, expect: &[&str]| {
        let mut player = Player::new();
        player
            .pool
            .set_plan(Plan::none().on("pool.get_all", 1, fault));
        assert_eq!(player.refused("pool.get_all", &[]), expect);
    };
    check(
        Fault::Error {
            code: "SR_BACKEND_FAILURE_44".to_owned(),
            params: vec!["a".to_owned(), "b".to_owned()],
        },
        &["SR_BACKEND_FAILURE_44", "a", "b"],
    );
    let master = "10.0.0.3".to_owned();
    check(
        Fault::HostIsSlave { master },
        &["HOST_IS_SLAVE", "10.0.0.3"],
    );
    let mut player = Player::new();
    player
        .pool
        .set_plan(Plan::none().on("pool.get_all", 1, Fault::SessionInvalid));
    let session = player.session.clone();
    let expect = ["SESSION_INVALID", session.as_str()];
    assert_eq!(player.refused("pool.get_all", &[]), expect);
    assert_eq!(
        player.refused("pool.get_all", &[]),
        expect,
        "it is really gone"
    );
}

#[test]
fn a_task_can_stay_pending_with_its_work_done_or_not() {
    for done in [false, true] {
        let mut player = Player::new();
        let gold = player.vm("gold");
        player
            .pool
            .set_plan(Plan::none().on("VM.clone", 1, Fault::TaskPending { done }));
        let task = player.get_text("Async.VM.clone", &[&gold, "a"]);
        player.pass(10_000.0);
        assert_eq!(player.get_text("task.get_status", &[&task]), "pending");
        let found = player.get_texts("VM.get_by_name_label", &["a"]);
        assert_eq!(found.len(), usize::from(done));
    }
}

#[test]
fn a_slow_call_succeeds_late() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    let late = Duration::from_secs(1_000);
    player
        .pool
        .set_plan(Plan::none().on("VM.clone", 1, Fault::Slow(late)).on(
            "pool.get_all",
            1,
            Fault::Slow(late),
        ));
    let task = player.get_text("Async.VM.clone", &[&gold, "a"]);
    player.pass(1_000.0);
    assert_eq!(player.get_text("task.get_status", &[&task]), "pending");
    player.pass(2.0);
    assert_eq!(player.get_text("task.get_status", &[&task]), "success");
    let before = player.now;
    player.get("pool.get_all", &[]);
    assert_eq!(player.now - before, late);
}

#[test]
fn a_restart_of_the_toolstack_leaves_tasks_pending() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    let task = player.get_text("Async.VM.clone", &[&gold, "a"]);
    player.pool.restart_toolstack();
    player.log_in("again");
    player.pass(10.0);
    assert_eq!(player.get_text("task.get_status", &[&task]), "pending");
    player.get("task.destroy", &[&task]);
    player.get("session.logout", &[]);
    let census = player.pool.census();
    assert!(census.is_clean(), "{census:?}");
}
