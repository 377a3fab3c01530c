//! Random calls: no panic, always an answer of the right form, and nothing left in the end.

use proptest::prelude::*;

use crate::xapi::model::{Kind, Model, Type};
use crate::xapi::pool::Pool;
use crate::xapi::testing::{Player, as_text, members, record, text, texts};
use crate::xapi::wire::Arg;

/// Codes that the server gives without having them in its model.
const OUTSIDE_MODEL: &[&str] = &["Fault", "INTERNAL_ERROR"];

/// An argument of a type, out of some numbers and the references that are known.
fn argument(kind: &Type, choice: u32, references: &[String]) -> Arg {
    let at = usize::try_from(choice).unwrap();
    match kind {
        Type::Ref => text(&references[at % references.len()]),
        Type::Int => text(["0", "1", "-1", "1073741824", "9223372036854775807"][at % 5]),
        Type::Float => Arg::Double([0.0, 0.01, -1.0, f64::NAN][at % 4]),
        Type::Bool => Arg::Bool(choice.is_multiple_of(2)),
        Type::Date => Arg::Date("20260821T02:00:23Z".to_owned()),
        Type::Set(inner) => {
            let count = choice % 3;
            Arg::Array(
                (0..count)
                    .map(|n| argument(inner, choice + n, references))
                    .collect(),
            )
        }
        Type::Map(..) | Type::Record(_) => record([]),
        Type::Enum(_) => text(["Halted", "start", "pending", "RO", "Disk"][at % 5]),
        Type::Text | Type::Void | Type::Other => {
            text(["", "a", "0", "gold", "vm", "*", "a/b <&>"][at % 7])
        }
    }
}

fn references(pool: &Pool) -> Vec<String> {
    let mut found = vec!["OpaqueRef:NULL".to_owned(), "bird".to_owned()];
    for class in [
        "VM", "VBD", "VDI", "VIF", "SR", "network", "host", "pool", "task", "session",
    ] {
        found.extend(pool.store.all(class));
    }
    found
}

fn call_names(model: &Model) -> Vec<(String, Vec<Type>)> {
    let mut names = Vec::new();
    for class in model.classes.values() {
        for message in class.messages.values() {
            // The end of the session would end the test; the seldom classes are all alike.
            let is_core = matches!(
                class.name.as_str(),
                "VM" | "VBD"
                    | "VDI"
                    | "VIF"
                    | "SR"
                    | "network"
                    | "host"
                    | "pool"
                    | "task"
                    | "event"
            );
            if !is_core || matches!(message.kind, Kind::Get(_)) {
                continue;
            }
            let kinds: Vec<Type> = message
                .params
                .iter()
                .map(|param| param.kind.clone())
                .collect();
            let name = format!("{}.{}", class.name, message.name);
            if message.is_async {
                names.push((format!("Async.{name}"), kinds.clone()));
            }
            // Work on VMs is what matters.
            let weight = if class.name == "VM" && message.kind == Kind::Custom {
                4
            } else {
                1
            };
            names.extend((0..weight).map(|_| (name.clone(), kinds.clone())));
        }
    }
    names
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn any_calls_have_well_formed_answers(
        calls in prop::collection::vec((any::<u32>(), any::<[u16; 6]>(), 0.0..20.0_f64), 150)
    ) {
        let mut player = Player::new();
        let model = Model::of_xapi_2_23().unwrap();
        let names = call_names(&model);
        for (which, choices, pause) in calls {
            let (name, kinds) = &names[usize::try_from(which).unwrap() % names.len()];
            let known = references(&player.pool);
            let args: Vec<Arg> = kinds
                .iter()
                .zip(choices.iter().cycle())
                .map(|(kind, choice)| argument(kind, u32::from(*choice), &known))
                .collect();
            if let Err(refused) = player.call(name, &args) {
                let code = refused[0].as_str();
                prop_assert!(
                    model.error(code).is_some() || OUTSIDE_MODEL.contains(&code),
                    "{} answers the unknown code {}", name, code
                );
            }
            player.pass(pause);
        }
        for vm in player.pool.store.all("VM") {
            let record = members(&player.get("VM.get_record", &[&vm]));
            prop_assert_eq!(record.len(), 92);
        }
    }

    #[test]
    fn nothing_is_left_when_all_is_destroyed(
        steps in prop::collection::vec((0..9_usize, 0.0..15.0_f64), 0..25)
    ) {
        let mut player = Player::new();
        let vm = player.new_vm("a");
        const STEPS: [&str; 9] = [
            "VM.start", "VM.clean_shutdown", "VM.hard_shutdown", "VM.snapshot", "VM.checkpoint",
            "VM.suspend", "VM.resume", "VM.revert", "VM.clean_reboot",
        ];
        for (step, pause) in steps {
            let no = || Arg::Bool(false);
            let name = STEPS[step];
            let args = match name {
                "VM.start" | "VM.resume" => vec![text(&vm), no(), no()],
                "VM.snapshot" | "VM.checkpoint" => vec![text(&vm), text("s")],
                "VM.revert" => {
                    let snapshots = texts(&player.get("VM.get_snapshots", &[&vm]));
                    vec![text(snapshots.first().unwrap_or(&vm))]
                }
                _ => vec![text(&vm)],
            };
            // Many are refused in the state that the VM has.
            let _ = player.call(name, &args);
            player.pass(pause);
        }
        if player.get_text("VM.get_power_state", &[&vm]) != "Halted" {
            player.get("VM.hard_shutdown", &[&vm]);
        }
        player.pass(2.0);
        let mut all = player.get_texts("VM.get_snapshots", &[&vm]);
        all.push(vm);
        for vm in all {
            let mut disks = player.disks(&vm);
            let image = player.get("VM.get_suspend_VDI", &[&vm]);
            if as_text(&image) != "OpaqueRef:NULL" {
                disks.push(as_text(&image).to_owned());
            }
            player.get("VM.destroy", &[&vm]);
            for disk in disks {
                player.get("VDI.destroy", &[&disk]);
            }
        }
        player.get("session.logout", &[]);
        let census = player.pool.census();
        prop_assert!(census.is_clean(), "{:?}", census);
    }
}
