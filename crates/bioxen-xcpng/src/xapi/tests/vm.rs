use super::script::{Answer, Call, Script, chain, failure, record, set, soon, text};
use crate::error::XapiError;
use crate::value::{Network, Ref, Vdi, Vm};
use crate::xapi::{MemoryLimits, NameOrUuid, NewVif, NewVm, PowerState, VmRecord};

const UUIDS: [&str; 3] = [
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
    "00000000-0000-4000-8000-000000000003",
];

fn vm() -> Ref<Vm> {
    Ref::new("OpaqueRef:vm").expect("it names something")
}

const TRUE: &str = "<boolean>1</boolean>";
const FALSE: &str = "<boolean>0</boolean>";

/// A VM of a server with few fields.
fn vm_xml(uuid: &str, template: bool, snapshot: bool) -> String {
    let yes = |yes| if yes { TRUE } else { FALSE };
    record(&[
        ("uuid", uuid),
        ("name_label", "bioxen"),
        ("power_state", "Halted"),
        ("is_a_template", yes(template)),
        ("is_a_snapshot", yes(snapshot)),
        (
            "some_new_field",
            "<array><data><value><struct></struct></value></data></array>",
        ),
    ])
}

/// A pool of VMs: kind `t` is a template, `s` a snapshot, `v` a VM, `g` one that is gone when it is read.
fn pool_of(kinds: &'static str) -> impl FnMut(&Call) -> Option<Answer> + Send + 'static {
    move |call| match call.method.as_str() {
        "VM.get_by_name_label" => {
            let all: Vec<String> = (0..kinds.len())
                .map(|at| format!("OpaqueRef:{at}"))
                .collect();
            text(set(&all.iter().map(String::as_str).collect::<Vec<_>>()))
        }
        "VM.get_by_uuid" => match UUIDS.iter().position(|uuid| call.params[0] == **uuid) {
            Some(at) if at < kinds.len() => text(format!("OpaqueRef:{at}")),
            _ => failure("UUID_INVALID VM x"),
        },
        "VM.get_record" => {
            let at: usize = call.params[0].strip_prefix("OpaqueRef:")?.parse().ok()?;
            match kinds.as_bytes()[at] {
                b'g' => failure("HANDLE_INVALID VM r"),
                kind => text(vm_xml(UUIDS[at], kind != b'v', kind == b's')),
            }
        }
        _ => None,
    }
}

#[track_caller]
fn check_template(kinds: &'static str, name: &str, expect: &str) {
    let xapi = Script::new(pool_of(kinds)).connect();
    let found = soon(&xapi, |bounds| {
        xapi.find_template(&NameOrUuid::from(name), bounds)
    });
    let shown = match found {
        Ok((reference, _)) => reference.to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(shown, expect);
}

#[test]
fn a_template_is_one_of_its_name() {
    check_template("t", "bioxen", "OpaqueRef:0");
    check_template("vst", "bioxen", "OpaqueRef:2");
    check_template("gt", "bioxen", "OpaqueRef:1");
    for none in ["", "v", "s", "g"] {
        check_template(none, "bioxen", "there is no template \"bioxen\"");
    }
    check_template(
        "tst",
        "bioxen",
        &format!(
            "there are 2 of template \"bioxen\": {}, {}",
            UUIDS[0], UUIDS[2]
        ),
    );
    check_template("tt", UUIDS[1], "OpaqueRef:1");
    check_template(
        "tv",
        UUIDS[1],
        &format!("there is no template {}", UUIDS[1]),
    );
    check_template("t", UUIDS[2], &format!("there is no template {}", UUIDS[2]));
    check_template(
        "tg",
        UUIDS[1],
        &format!("there is no template {}", UUIDS[1]),
    );
}

#[test]
fn a_record_may_lack_nearly_everything() {
    let value = |xml: &str| {
        let codec = crate::codec::XmlRpc::new(1_000_000);
        crate::codec::Codec::decode_fragment(&codec, &format!("<value>{xml}</value>"))
            .expect("it is XML-RPC")
    };
    let least = VmRecord::read(&value(&record(&[
        ("uuid", UUIDS[0]),
        ("power_state", "Running"),
    ])));
    let least = least.expect("it is enough");
    assert_eq!(least.power_state, PowerState::Running);
    assert_eq!(least.guest_metrics, None);
    assert!(!least.is_default_template);
    let shipped = record(&[("default_template", "true"), ("", "empty key")]);
    let full = VmRecord::read(&value(&record(&[
        ("uuid", UUIDS[0]),
        ("power_state", "Suspended"),
        ("memory_static_max", "8589934592"),
        ("domid", "-1"),
        ("VCPUs_max", "<i8>4</i8>"),
        ("other_config", &shipped),
        ("resident_on", "OpaqueRef:NULL"),
        ("VBDs", &set(&["OpaqueRef:a", "OpaqueRef:b"])),
        ("current_operations", &record(&[("DummyRef:|x|", "start")])),
    ])));
    let full = full.expect("it is a VM");
    assert_eq!(
        (full.memory_static_max, full.domid, full.vcpus_max),
        (8_589_934_592, -1, 4)
    );
    assert!(full.is_default_template);
    assert_eq!((full.vbds.len(), full.resident_on), (2, None));
    let wrong = VmRecord::read(&value(&record(&[
        ("uuid", UUIDS[0]),
        ("power_state", "Flying"),
    ])));
    assert_eq!(
        wrong.expect_err("it is no state").to_string(),
        "power_state should be a power state and is another text"
    );
}

/// Runs something against a pool, and gives what it said and the calls that it took, with their parameters; looks at tasks are left out.
fn run(
    mut handler: impl FnMut(&Call) -> Option<Answer> + Send + 'static,
    act: impl FnOnce(&crate::Xapi, crate::xapi::Bounds<'_>) -> Result<(), XapiError>,
) -> (String, Vec<String>) {
    let script = Script::new(move |call: &Call| {
        handler(call).or_else(|| match call.method.as_str() {
            method if method.starts_with("Async.") => text("OpaqueRef:task"),
            "task.get_record" => text(record(&[
                ("status", "success"),
                ("result", "&lt;value&gt;OpaqueRef:made&lt;/value&gt;"),
            ])),
            _ => None,
        })
    });
    let xapi = script.connect();
    let got = match soon(&xapi, |bounds| act(&xapi, bounds)) {
        Ok(()) => "done".to_owned(),
        Err(error) => chain(&error),
    };
    let calls = script
        .calls()
        .into_iter()
        .skip(2)
        .filter(|call| !call.method.starts_with("task."))
        .map(|call| format!("{}({})", call.method, call.params.join(", ")))
        .collect();
    (got, calls)
}

#[track_caller]
fn check(
    act: impl FnOnce(&crate::Xapi, crate::xapi::Bounds<'_>) -> Result<(), XapiError>,
    calls: &[&str],
) {
    let (got, heard) = run(|_| None, act);
    assert_eq!(got, "done");
    assert_eq!(heard, calls);
}

#[test]
fn calls_have_their_parameters_in_order() {
    let host = Ref::new("OpaqueRef:host").expect("it names something");
    let f = "<value><boolean>0</boolean></value>";
    check(
        |x, b| x.start_vm(&vm(), b),
        &[&format!("Async.VM.start(OpaqueRef:vm, {f}, {f})")],
    );
    check(
        |x, b| x.start_vm_on(&vm(), &host, b),
        &[&format!(
            "Async.VM.start_on(OpaqueRef:vm, OpaqueRef:host, {f}, {f})"
        )],
    );
    check(
        |x, b| x.resume_vm(&vm(), b),
        &[&format!("Async.VM.resume(OpaqueRef:vm, {f}, {f})")],
    );
    check(
        |x, b| x.pause_vm(&vm(), b),
        &["Async.VM.pause(OpaqueRef:vm)"],
    );
    check(
        |x, b| x.unpause_vm(&vm(), b),
        &["Async.VM.unpause(OpaqueRef:vm)"],
    );
    check(
        |x, b| x.suspend_vm(&vm(), b),
        &["Async.VM.suspend(OpaqueRef:vm)"],
    );
    check(
        |x, b| x.clean_reboot_vm(&vm(), b),
        &["Async.VM.clean_reboot(OpaqueRef:vm)"],
    );
    check(
        |x, b| x.hard_reboot_vm(&vm(), b),
        &["Async.VM.hard_reboot(OpaqueRef:vm)"],
    );
    check(
        |x, b| x.shutdown_vm(&vm(), b),
        &["Async.VM.clean_shutdown(OpaqueRef:vm)"],
    );
    check(
        |x, b| x.destroy_vm(&vm(), b),
        &["Async.VM.destroy(OpaqueRef:vm)"],
    );
    check(
        |x, b| x.provision_vm(&vm(), b),
        &["Async.VM.provision(OpaqueRef:vm)"],
    );
    check(
        |x, b| x.revert_vm(&vm(), b),
        &["Async.VM.revert(OpaqueRef:vm)"],
    );
    check(
        |x, b| x.copy_vm(&vm(), "n", None, b).map(drop),
        &["Async.VM.copy(OpaqueRef:vm, n, OpaqueRef:NULL)"],
    );
    check(
        |x, b| x.snapshot_vm(&vm(), "n", b).map(drop),
        &["Async.VM.snapshot(OpaqueRef:vm, n)"],
    );
    check(
        |x, b| x.checkpoint_vm(&vm(), "n", b).map(drop),
        &["Async.VM.checkpoint(OpaqueRef:vm, n)"],
    );
    check(
        |x, b| x.set_vm_name(&vm(), "a <b>", b),
        &["VM.set_name_label(OpaqueRef:vm, a <b&gt;)"],
    );
    check(
        |x, b| x.set_vm_description(&vm(), "d", b),
        &["VM.set_name_description(OpaqueRef:vm, d)"],
    );
    check(
        |x, b| x.add_vm_tag(&vm(), "t", b),
        &["VM.add_tags(OpaqueRef:vm, t)"],
    );
    check(
        |x, b| x.add_to_vm_config(&vm(), "k", "w", b),
        &["VM.add_to_other_config(OpaqueRef:vm, k, w)"],
    );
    check(
        |x, b| x.remove_from_vm_config(&vm(), "k", b),
        &["VM.remove_from_other_config(OpaqueRef:vm, k)"],
    );
    check(
        |x, b| x.set_vm_memory(&vm(), 8_589_934_592, b),
        &["VM.set_memory(OpaqueRef:vm, 8589934592)"],
    );
    let limits = MemoryLimits {
        static_min: 1,
        dynamic_min: 2,
        dynamic_max: 3,
        static_max: 4,
    };
    check(
        |x, b| x.set_vm_memory_limits(&vm(), limits, b),
        &["VM.set_memory_limits(OpaqueRef:vm, 1, 4, 2, 3)"],
    );
}

#[test]
fn there_are_never_more_cpus_at_the_start_than_at_most() {
    let cpus = |count| {
        run(
            |call| (call.method == "VM.get_VCPUs_max").then(|| Answer::Value("4".to_owned())),
            |x, b| x.set_vm_vcpus(&vm(), count, b),
        )
        .1
        .split_off(1)
    };
    assert_eq!(
        cpus(8),
        [
            "VM.set_VCPUs_max(OpaqueRef:vm, 8)",
            "VM.set_VCPUs_at_startup(OpaqueRef:vm, 8)"
        ]
    );
    for fewer in [1, 4] {
        assert_eq!(
            cpus(fewer),
            [
                format!("VM.set_VCPUs_at_startup(OpaqueRef:vm, {fewer})"),
                format!("VM.set_VCPUs_max(OpaqueRef:vm, {fewer})")
            ]
        );
    }
}

#[test]
fn a_vm_is_made_of_a_template() {
    let new = NewVm {
        template: "bioxen".into(),
        name: "cell".to_owned(),
        copy_to: None,
    };
    let act = |x: &crate::Xapi, b: crate::xapi::Bounds<'_>| {
        x.create_vm_from_template(&new, b)
            .map(|made| assert_eq!(made.as_str(), "OpaqueRef:made"))
    };
    let (got, calls) = run(pool_of("t"), act);
    assert_eq!(got, "done");
    assert_eq!(
        calls[2..],
        [
            "Async.VM.clone(OpaqueRef:0, cell)",
            "Async.VM.provision(OpaqueRef:made)"
        ]
    );
}

#[test]
fn a_halted_vm_is_shut_down() {
    for (description, got) in [
        ("VM_BAD_POWER_STATE r running;paused halted", "done"),
        ("VM_BAD_POWER_STATE r running Halted", "done"),
        (
            "VM_BAD_POWER_STATE r running suspended",
            "VM.hard_shutdown was refused: XAPI answered VM_BAD_POWER_STATE: r, running, suspended",
        ),
        (
            "VM_BAD_POWER_STATE",
            "VM.hard_shutdown was refused: XAPI answered VM_BAD_POWER_STATE",
        ),
    ] {
        let handler = move |call: &Call| match call.method.as_str() {
            "task.get_record" => {
                let words: Vec<&str> = description.split(' ').collect();
                text(record(&[
                    ("status", "failure"),
                    ("error_info", &set(&words)),
                ]))
            }
            _ => None,
        };
        assert_eq!(run(handler, |x, b| x.hard_shutdown_vm(&vm(), b)).0, got);
    }
}

#[test]
fn a_guest_without_agent_is_waited_for_and_then_switched_off() {
    let refused = |call: &Call| match call.method.as_str() {
        "Async.VM.clean_shutdown" => failure("VM_LACKS_FEATURE r"),
        _ => None,
    };
    let (got, calls) = run(refused, |x, b| x.shutdown_vm(&vm(), b));
    assert_eq!(got, "done");
    let tries = calls.iter().filter(|call| call.contains("clean")).count();
    assert!((50..=60).contains(&tries), "{tries}");
    assert_eq!(
        calls.last().map(String::as_str),
        Some("Async.VM.hard_shutdown(OpaqueRef:vm)")
    );

    let soon = |call: &Call| match call.method.as_str() {
        "Async.VM.clean_shutdown" if call.earlier < 5 => failure("VM_LACKS_FEATURE r"),
        _ => None,
    };
    let (got, calls) = run(soon, |x, b| x.shutdown_vm(&vm(), b));
    assert_eq!((got.as_str(), calls.len()), ("done", 6));
}

#[test]
fn other_operations_are_waited_for_and_other_refusals_are_not() {
    let busy = |code: &'static str| {
        move |call: &Call| match call.method.as_str() {
            "Async.VM.start" if call.earlier < 3 => failure(code),
            _ => None,
        }
    };
    let (got, calls) = run(busy("OTHER_OPERATION_IN_PROGRESS VM r clone t"), |x, b| {
        x.start_vm(&vm(), b)
    });
    assert_eq!((got.as_str(), calls.len()), ("done", 4));
    for code in [
        "HOST_NOT_ENOUGH_FREE_MEMORY 1 2",
        "VM_IS_TEMPLATE r",
        "VM_LACKS_FEATURE r",
    ] {
        let (got, calls) = run(busy(code), |x, b| x.start_vm(&vm(), b));
        assert!(got.starts_with("Async.VM.start was refused"), "{got}");
        assert_eq!(calls.len(), 1);
    }
    let (got, _) = run(
        |call| {
            call.method
                .starts_with("Async.")
                .then(|| failure("OTHER_OPERATION_IN_PROGRESS VM r"))
                .flatten()
        },
        |x, b| x.start_vm(&vm(), b),
    );
    assert_eq!(
        got,
        "Async.VM.start was refused: XAPI answered OTHER_OPERATION_IN_PROGRESS: VM, r"
    );
}

#[test]
fn what_is_gone_is_removed_already() {
    let vdi: Ref<Vdi> = Ref::new("OpaqueRef:vdi").expect("it names something");
    let gone = |call: &Call| {
        call.method
            .starts_with("Async.")
            .then(|| failure("HANDLE_INVALID x r"))
            .flatten()
    };
    assert_eq!(run(gone, |x, b| x.destroy_vm(&vm(), b)).0, "done");
    assert_eq!(run(gone, |x, b| x.destroy_vdi(&vdi, b)).0, "done");
    let in_use = |times: usize| {
        move |call: &Call| match call.method.as_str() {
            "Async.VDI.destroy" if call.earlier < times => failure("VDI_IN_USE r destroy"),
            _ => None,
        }
    };
    let (got, calls) = run(in_use(9), |x, b| x.destroy_vdi(&vdi, b));
    assert_eq!((got.as_str(), calls.len()), ("done", 10));
    let (got, calls) = run(in_use(99), |x, b| x.destroy_vdi(&vdi, b));
    assert_eq!(
        got,
        "Async.VDI.destroy was refused: XAPI answered VDI_IN_USE: r, destroy"
    );
    assert_eq!(calls.len(), 10);
}

#[test]
fn a_word_that_is_there_already_is_fine_if_it_is_the_same() {
    let there = |word: &'static str| {
        move |call: &Call| match call.method.as_str() {
            "VM.add_to_other_config" => failure("MAP_DUPLICATE_KEY VM other_config r k"),
            "VM.get_other_config" => text(record(&[("k", word)])),
            _ => None,
        }
    };
    assert_eq!(
        run(there("w"), |x, b| x.add_to_vm_config(&vm(), "k", "w", b)).0,
        "done"
    );
    assert!(
        run(there("v"), |x, b| x.add_to_vm_config(&vm(), "k", "w", b))
            .0
            .contains("MAP_DUPLICATE_KEY")
    );
}

#[test]
fn a_network_card_has_all_that_it_must() {
    let network: Ref<Network> = Ref::new("OpaqueRef:net").expect("it names something");
    let (got, calls) = run(
        |call| match call.method.as_str() {
            "VM.get_allowed_VIF_devices" => text(set(&["1", "2"])),
            "VIF.create" => text("OpaqueRef:vif"),
            _ => None,
        },
        |x, b| x.create_vif(&NewVif::new(vm(), network), b).map(drop),
    );
    assert_eq!(got, "done");
    for member in [
        "device",
        "network",
        "VM",
        "MAC",
        "MTU",
        "other_config",
        "qos_algorithm_type",
        "qos_algorithm_params",
    ] {
        assert!(
            calls[1].contains(&format!("<name>{member}</name>")),
            "{}",
            calls[1]
        );
    }
    assert!(calls[1].contains("<name>device</name>1"), "{}", calls[1]);
    assert!(calls[1].contains("<name>MTU</name>1500"), "{}", calls[1]);
}
