//! What needs no daemon.

use crate::machine::Machine;

#[test]
fn versions_are_told_without_a_daemon() {
    let machine = Machine::new();
    let versions = machine.json("version");
    assert_eq!(versions["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(versions["protocol"], "1.0");
    assert!(versions["image_format"].is_u64());
    assert!(!machine.place().state().exists());
}

#[test]
fn help_is_for_people_and_no_mistake() {
    let machine = Machine::new();
    let help = machine.run("--help");
    assert_eq!(help.code, 0);
    let text = String::from_utf8(help.stdout).expect("text");
    for word in ["start", "execute", "serve", "doctor", "125 no daemon"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert_eq!(machine.run("--version").code, 0);
    let mistaken = machine.run("strat");
    assert_eq!((mistaken.code, mistaken.stdout.len()), (2, 0));
    assert!(mistaken.stderr.contains("'start'"), "{}", mistaken.stderr);
}
