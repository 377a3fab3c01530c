//! Tasks.

use crate::xapi::testing::{Player, as_text, members, text};
use crate::xapi::wire::Arg;

fn status(player: &mut Player, task: &str) -> String {
    player.get_text("task.get_status", &[task])
}

#[test]
fn a_task_ends_with_a_fragment() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    let task = player.get_text("Async.VM.clone", &[&gold, "a<b"]);
    assert_eq!(status(&mut player, &task), "pending");
    player.pass(0.8);
    let record = members(&player.get("task.get_record", &[&task]));
    assert_eq!(record["progress"], Arg::Double(0.5));
    assert_eq!(as_text(&record["result"]), "");
    assert_eq!(as_text(&record["finished"]), "19700101T00:00:00Z");
    player.pass(1.0);
    let record = members(&player.get("task.get_record", &[&task]));
    let vm = player.vm("a<b");
    assert_eq!(as_text(&record["status"]), "success");
    assert_eq!(as_text(&record["type"]), "<none/>");
    assert_eq!(as_text(&record["result"]), format!("<value>{vm}</value>"));
    assert_eq!(record["progress"], Arg::Double(1.0));
    let void = player.get_text("Async.VM.provision", &[&vm]);
    player.pass(1.0);
    assert_eq!(
        player.get_text("task.get_result", &[&void]),
        "<value></value>"
    );
}

#[test]
fn failures_sit_in_the_task_but_not_those_of_the_form() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    assert_eq!(
        player.refused("Async.VM.clone", &[&gold])[0],
        "MESSAGE_PARAMETER_COUNT_MISMATCH"
    );
    let task = player.get_text("Async.VM.pause", &[&gold]);
    assert_eq!(status(&mut player, &task), "pending");
    player.pass(0.1);
    assert_eq!(status(&mut player, &task), "failure");
    assert_eq!(
        player.get_texts("task.get_error_info", &[&task]),
        ["VM_BAD_POWER_STATE", gold.as_str(), "running", "halted"]
    );
}

#[test]
fn a_cancelled_task_undoes_its_work() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    let task = player.get_text("Async.VM.copy", &[&gold, "a", "OpaqueRef:NULL"]);
    assert_eq!(
        player.get_texts("task.get_allowed_operations", &[&task]),
        ["cancel"]
    );
    player.get("task.cancel", &[&task]);
    player.pass(0.1);
    assert_eq!(status(&mut player, &task), "cancelled");
    assert_eq!(
        player.get_texts("task.get_error_info", &[&task]),
        ["TASK_CANCELLED", task.as_str()]
    );
    player.get("task.destroy", &[&task]);
    player.pass(100.0);
    player.get("session.logout", &[]);
    let census = player.pool.census();
    assert!(census.is_clean(), "{census:?}");
}

#[test]
fn what_cannot_be_cancelled_says_so() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    player.start(&vm);
    let task = player.get_text("Async.VM.hard_shutdown", &[&vm]);
    assert_eq!(
        player.refused("task.cancel", &[&task])[0],
        "OPERATION_NOT_ALLOWED"
    );
}

#[test]
fn a_pending_task_that_is_destroyed_goes_at_its_end() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    let task = player.get_text("Async.VM.clone", &[&gold, "a"]);
    player.get("task.destroy", &[&task]);
    assert_eq!(status(&mut player, &task), "pending");
    player.pass(2.0);
    assert_eq!(
        player.refused("task.get_record", &[&task]),
        ["HANDLE_INVALID", "task", task.as_str()]
    );
    player.vm("a");
}

#[test]
fn old_tasks_go_by_themselves() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    let first = player.get_text("Async.VM.pause", &[&gold]);
    player.pass(64.0 * 60.0);
    assert_eq!(status(&mut player, &first), "failure");
    player.pass(61.0);
    assert!(player.call("task.get_status", &[text(&first)]).is_err());
    let second = player.get_text("Async.VM.pause", &[&gold]);
    for _ in 0..201 {
        player.get("Async.VM.pause", &[&gold]);
        player.pass(0.1);
    }
    assert!(player.call("task.get_status", &[text(&second)]).is_err());
}

#[test]
fn a_busy_vm_is_waited_for_and_given_up() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    let vm = player.new_vm("a");
    player.get("Async.VM.snapshot", &[&vm, "s"]);
    // The start comes after the snapshot, which takes a while.
    player.start(&vm);
    assert!(player.now.as_secs_f64() > 3.0);
    let copy = player.get_text("Async.VM.copy", &[&gold, "b", "OpaqueRef:NULL"]);
    let clone = player.get_text("Async.VM.clone", &[&gold, "c"]);
    player.pass(2.0);
    assert_eq!(
        status(&mut player, &clone),
        "success",
        "clones go side by side"
    );
    assert_eq!(status(&mut player, &copy), "pending");
    player.pass(60.0);
    // A guest that does not obey holds its VM for longer than anybody waits.
    let second = player.get_text("Async.VM.copy", &[&gold, "d", "OpaqueRef:NULL"]);
    player.get("VM.get_current_operations", &[&gold]);
    player.pass(1.0);
    let operations = player.get("VM.get_current_operations", &[&gold]);
    assert_eq!(members(&operations)[&second], text("copy"));
}

#[test]
fn a_hard_shutdown_calls_off_a_clean_one() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    player.start(&vm);
    player.pass(20.0);
    let clean = player.get_text("Async.VM.clean_shutdown", &[&vm]);
    player.get("VM.hard_shutdown", &[&vm]);
    assert_eq!(player.get_text("VM.get_power_state", &[&vm]), "Halted");
    assert_eq!(status(&mut player, &clean), "cancelled");
}

#[test]
fn other_work_on_a_busy_vm_fails_in_the_end() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    player.start(&vm);
    player.pass(20.0);
    player.pool.set_plan(crate::xapi::Plan::none().on(
        "VM.suspend",
        1,
        crate::xapi::Fault::Slow(std::time::Duration::from_secs(900)),
    ));
    let suspend = player.get_text("Async.VM.suspend", &[&vm]);
    let refused = player.refused("VM.pause", &[&vm]);
    assert_eq!(
        refused,
        [
            "OTHER_OPERATION_IN_PROGRESS",
            "VM",
            vm.as_str(),
            "suspend",
            suspend.as_str()
        ]
    );
}
