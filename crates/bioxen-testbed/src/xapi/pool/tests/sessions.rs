//! Sessions.

use std::time::Duration;

use crate::xapi::spec::PoolSpec;
use crate::xapi::testing::{Player, as_text, text};

#[test]
fn a_wrong_password_is_told_late() {
    let mut player = Player::new();
    let before = player.now;
    let args = [text("root"), text("wrong")];
    assert_eq!(
        player
            .raw(0, "session.login_with_password", &args)
            .unwrap_err(),
        [
            "SESSION_AUTHENTICATION_FAILED",
            "root",
            "Authentication failure"
        ]
    );
    assert_eq!(
        player.now - before,
        PoolSpec::default().timings.wrong_password
    );
}

#[test]
fn an_idle_session_dies_and_a_busy_one_lives() {
    let mut player = Player::new();
    let idle = player.log_in("idle");
    let busy = player.log_in("busy");
    for _ in 0..30 {
        player.pass(3_600.0);
        player.get("pool.get_all", &[]);
    }
    assert_eq!(player.session, busy);
    assert_eq!(
        player.raw(0, "pool.get_all", &[text(&idle)]).unwrap_err(),
        ["SESSION_INVALID", idle.as_str()]
    );
    assert_eq!(player.pool.session_count(), 1);
}

#[test]
fn the_longest_idle_of_too_many_sessions_ends() {
    let mut player = Player::new();
    let oldest = player.log_in("many");
    let other = player.log_in("other");
    for _ in 0..500 {
        player.now += Duration::from_secs(1);
        player.log_in("many");
    }
    assert!(player.raw(0, "pool.get_all", &[text(&oldest)]).is_err());
    assert!(player.raw(0, "pool.get_all", &[text(&other)]).is_ok());
}

#[test]
fn a_session_tells_of_itself() {
    let mut player = Player::new();
    let session = player.session.clone();
    let originator = player.get("session.get_originator", &[&session]);
    assert_eq!(as_text(&originator), "tests");
    player.pool.restart_toolstack();
    assert_eq!(
        player.refused("pool.get_all", &[]),
        ["SESSION_INVALID", session.as_str()]
    );
}
