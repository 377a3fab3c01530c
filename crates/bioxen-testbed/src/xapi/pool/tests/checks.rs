//! The order of the checks, and the parameters of the refusals.

use crate::xapi::spec::{HostSpec, PoolSpec, TemplateSpec};
use crate::xapi::testing::{Player, as_text, record, text, texts};
use crate::xapi::wire::Arg;

#[track_caller]
fn check(player: &mut Player, name: &str, args: &[Arg], expect: &[&str]) {
    let refused = player.raw(0, name, args).unwrap_err();
    assert_eq!(refused, expect, "{name}");
}

#[test]
fn the_form_of_a_call_is_checked_in_the_order_of_the_server() {
    let mut player = Player::new();
    let session = player.session.clone();
    let s = || text(&session);
    let x = || text("OpaqueRef:x");
    let no = || Arg::Bool(false);
    let mut check = |name: &str, args: &[Arg], expect: &[&str]| {
        check(&mut player, name, args, expect);
    };
    // An unknown name; with arguments, the session is looked at first.
    check("VM.bird", &[], &["MESSAGE_METHOD_UNKNOWN", "VM.bird"]);
    check("VM.bird", &[x()], &["SESSION_INVALID", "OpaqueRef:x"]);
    check("VM.bird", &[s()], &["MESSAGE_METHOD_UNKNOWN", "VM.bird"]);
    check(
        "Async.VM.bird",
        &[s()],
        &["MESSAGE_METHOD_UNKNOWN", "VM.bird"],
    );
    check(
        "Async.VM_start",
        &[s()],
        &["MESSAGE_METHOD_UNKNOWN", "VM_start"],
    );
    check("", &[], &["MESSAGE_METHOD_UNKNOWN", ""]);
    // The number of arguments comes before the session.
    let mismatch = "MESSAGE_PARAMETER_COUNT_MISMATCH";
    check("VM.start", &[x()], &[mismatch, "VM.start", "3", "0"]);
    check("VM_start", &[x()], &[mismatch, "VM.start", "3", "0"]);
    check(
        "VM.get_all",
        &[s(), x()],
        &[mismatch, "VM.get_all", "0", "1"],
    );
    check(
        "VM.snapshot",
        &[s(), x()],
        &[mismatch, "VM.snapshot", "2", "1"],
    );
    check(
        "session.login_with_password",
        &[x()],
        &[mismatch, "session.login_with_password", "2", "1"],
    );
    // Types come before the session, too.
    check(
        "VM.start",
        &[x(), x(), text("false"), no()],
        &["INTERNAL_ERROR", "Failure(\"Expected bool, got string\")"],
    );
    check(
        "VIF.create",
        &[x(), record([])],
        &[
            "INTERNAL_ERROR",
            "Failure(\"Missing field device in record VIF\")",
        ],
    );
    check(
        "VM.start",
        &[x(), x(), no(), no()],
        &["SESSION_INVALID", "OpaqueRef:x"],
    );
    // Then what the message is.
    check(
        "host.notify",
        &[s(), x(), x()],
        &[
            "INTERNAL_ERROR",
            "host.notify may only be called by a host of the pool",
        ],
    );
    check(
        "VM.set_protection_policy",
        &[s(), x(), x()],
        &["MESSAGE_REMOVED"],
    );
    check(
        "Async.VM.get_all",
        &[s()],
        &["Fault", "no asynchronous form of VM.get_all"],
    );
    // Then whether the object is there.
    check(
        "VM.start",
        &[s(), x(), no(), no()],
        &["HANDLE_INVALID", "VM", "OpaqueRef:x"],
    );
    check(
        "VM.get_uuid",
        &[s(), x()],
        &["HANDLE_INVALID", "VM", "OpaqueRef:x"],
    );
    check(
        "VM.get_by_uuid",
        &[s(), text("y")],
        &["UUID_INVALID", "VM", "y"],
    );
    check(
        "VM.get_all_where",
        &[s(), text("bird")],
        &[
            "INTERNAL_ERROR",
            "Failure(\"cannot parse the expression bird\")",
        ],
    );
}

#[test]
fn a_message_that_is_not_played_fails_with_its_name() {
    let mut player = Player::new();
    let vm = player.vm("gold");
    assert_eq!(
        player.refused("VM.query_services", &[&vm]),
        ["NOT_IMPLEMENTED", "VM.query_services"]
    );
    let records = player.get(
        "VM.get_all_records_where",
        &["field \"name_label\" = \"gold\""],
    );
    assert_eq!(crate::xapi::testing::members(&records).len(), 1);
}

#[test]
fn arguments_with_a_default_may_be_more_or_fewer() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    let some = [
        text(&vm),
        text("s"),
        Arg::Array(vec![]),
        text("more"),
        Arg::Int(1),
    ];
    for count in 2..=5 {
        player.call("VM.snapshot", &some[..count]).unwrap();
    }
    assert_eq!(player.get_texts("VM.get_snapshots", &[&vm]).len(), 4);
}

#[test]
fn list_methods_takes_no_session_and_has_no_envelope() {
    let mut player = Player::new();
    let methods = texts(&player.raw(0, "system.listMethods", &[]).unwrap());
    assert!(methods.contains(&"Async.VM.start".to_owned()));
}

#[test]
fn members_send_to_the_master_before_they_look_at_anything_else() {
    let mut spec = PoolSpec::default();
    spec.hosts.push(HostSpec::new("xcp-2", "10.0.0.2"));
    let mut player = Player::with(&spec);
    let slave = ["HOST_IS_SLAVE", "127.0.0.1"];
    let wrong = [text("root"), text("wrong")];
    assert_eq!(
        player
            .raw(1, "session.login_with_password", &wrong)
            .unwrap_err(),
        slave
    );
    let session = [text(&player.session.clone())];
    assert_eq!(player.raw(1, "VM.get_all", &session).unwrap_err(), slave);
    player.pool.set_master(1);
    assert_eq!(
        player.raw(0, "VM.get_all", &session).unwrap_err(),
        ["HOST_IS_SLAVE", "10.0.0.2"]
    );
    assert!(player.raw(1, "VM.get_all", &session).is_ok());
    player.pool.set_host_refuses(1, "HOST_STILL_BOOTING", &[]);
    assert_eq!(
        player.raw(1, "VM.get_all", &session).unwrap_err(),
        ["HOST_STILL_BOOTING"]
    );
}

#[test]
fn operations_are_refused_in_the_order_of_the_server() {
    let mut player = Player::new();
    let gold = player.vm("gold");
    let vm = player.new_vm("a");
    let no = || Arg::Bool(false);
    let start = |player: &mut Player, vm: &str| {
        player
            .call("VM.start", &[text(vm), no(), no()])
            .unwrap_err()
    };
    assert_eq!(
        start(&mut player, &gold),
        ["VM_IS_TEMPLATE", gold.as_str(), "start"]
    );
    assert_eq!(
        player.refused("VM.provision", &[&vm]),
        ["PROVISION_ONLY_ALLOWED_ON_TEMPLATE"]
    );
    assert_eq!(
        player.refused("VM.revert", &[&vm]),
        ["REVERT_ONLY_ALLOWED_ON_SNAPSHOT"]
    );
    assert_eq!(
        player.refused("VM.hard_shutdown", &[&vm]),
        [
            "VM_BAD_POWER_STATE",
            vm.as_str(),
            "paused, suspended, running",
            "halted"
        ]
    );
    let snapshot = player.get_text("VM.snapshot", &[&vm, "s"]);
    assert_eq!(
        start(&mut player, &snapshot),
        ["VM_IS_SNAPSHOT", snapshot.as_str(), "start"]
    );
    player.start(&vm);
    for name in ["VM.clean_shutdown", "VM.clean_reboot", "VM.suspend"] {
        assert_eq!(
            player.refused(name, &[&vm]),
            ["VM_LACKS_FEATURE", vm.as_str()]
        );
    }
    assert_eq!(
        start(&mut player, &vm),
        ["VM_BAD_POWER_STATE", vm.as_str(), "halted", "running"]
    );
    assert_eq!(
        player.refused("VM.set_memory", &[&vm, "1073741824"]),
        ["VM_BAD_POWER_STATE", vm.as_str(), "halted", "running"]
    );
    player.get(
        "VM.add_to_blocked_operations",
        &[&vm, "hard_shutdown", "mine"],
    );
    assert_eq!(
        player.refused("VM.hard_shutdown", &[&vm]),
        ["OPERATION_BLOCKED", vm.as_str(), "mine"]
    );
    let control = player.vm("Control domain on host: xcp-1");
    assert_eq!(
        player.refused("VM.pause", &[&control]),
        [
            "OPERATION_NOT_ALLOWED",
            "Operations on domain 0 are not allowed"
        ]
    );
    let shipped = player.vm("Debian Bookworm 12");
    assert_eq!(
        player.refused("VM.destroy", &[&shipped]),
        ["VM_IS_TEMPLATE", shipped.as_str(), "destroy"]
    );
}

#[test]
fn limits_must_fit_together() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    let mut check = |name: &str, args: &[&str], expect: &[&str]| {
        let args: Vec<&str> = [vm.as_str()]
            .into_iter()
            .chain(args.iter().copied())
            .collect();
        assert_eq!(player.refused(name, &args), expect, "{name}");
    };
    let order = ["MEMORY_CONSTRAINT_VIOLATION_ORDER"];
    check("VM.set_memory_limits", &["5", "4", "4", "4"], &order);
    check("VM.set_memory_limits", &["1", "4", "5", "5"], &order);
    check(
        "VM.set_memory_limits",
        &["1", "4", "2", "4"],
        &[
            "MEMORY_CONSTRAINT_VIOLATION_MAXPIN",
            "dynamic memory control is not licensed",
        ],
    );
    let vcpus = "VCPU values must satisfy: 0 < VCPUs_at_startup ≤ VCPUs_max";
    check(
        "VM.set_VCPUs_at_startup",
        &["2"],
        &["INVALID_VALUE", vcpus, "2"],
    );
    check("VM.set_VCPUs_max", &["0"], &["INVALID_VALUE", vcpus, "0"]);
    let missing = ["INTERNAL_ERROR", "Failure(\"Int64.of_string\")"];
    check("VM.set_memory", &["much"], &missing);
    player.get("VM.set_memory", &[&vm, "1073741824"]);
    let record = player.get("VM.get_record", &[&vm]);
    let record = crate::xapi::testing::members(&record);
    for (field, expect) in [
        ("memory_static_min", "536870912"),
        ("memory_static_max", "1073741824"),
        ("memory_dynamic_min", "1073741824"),
        ("memory_dynamic_max", "1073741824"),
    ] {
        assert_eq!(as_text(&record[field]), expect, "{field}");
    }
}

#[test]
fn memory_of_the_hosts_is_finite() {
    let mut spec = PoolSpec::with_template(TemplateSpec {
        memory: 20 << 30,
        ..TemplateSpec::new("gold")
    });
    let mut player = Player::with(&spec);
    let (first, second) = (player.new_vm("a"), player.new_vm("b"));
    player.start(&first);
    let no = || Arg::Bool(false);
    let refused = player
        .call("VM.start", &[text(&second), no(), no()])
        .unwrap_err();
    assert_eq!(refused[0], "HOST_NOT_ENOUGH_FREE_MEMORY");
    assert_eq!(refused.len(), 3);
    assert_eq!(
        player.get_texts("VM.get_possible_hosts", &[&second]),
        [] as [&str; 0]
    );
    let host = player.get_texts("host.get_all", &[]).remove(0);
    assert_eq!(
        player.refused("VM.assert_can_boot_here", &[&second, &host]),
        refused
    );

    spec.hosts.push(HostSpec::new("xcp-2", "10.0.0.2"));
    spec.storages[0].shared = true;
    let mut player = Player::with(&spec);
    let vms: Vec<String> = ["a", "b", "c"].map(|name| player.new_vm(name)).into();
    player.start(&vms[0]);
    player.start(&vms[1]);
    let homes = [0, 1].map(|at| player.get_text("VM.get_resident_on", &[&vms[at]]));
    assert_ne!(homes[0], homes[1]);
    let refused = player
        .call("VM.start", &[text(&vms[2]), no(), no()])
        .unwrap_err();
    assert_eq!(refused, ["NO_HOSTS_AVAILABLE"]);
}

#[test]
fn interfaces_are_checked() {
    let mut player = Player::new();
    let vm = player.new_vm("a");
    let network = player.get_texts("network.get_all", &[]).remove(0);
    let mut create = |device: &str, mac: &str| {
        let empty = || record([]);
        let args = record([
            ("device", text(device)),
            ("network", text(&network)),
            ("VM", text(&vm)),
            ("MAC", text(mac)),
            ("MTU", text("1500")),
            ("other_config", empty()),
            ("qos_algorithm_type", text("")),
            ("qos_algorithm_params", empty()),
        ]);
        player.call("VIF.create", &[args])
    };
    assert_eq!(create("0", "").unwrap_err(), ["DEVICE_ALREADY_EXISTS", "0"]);
    assert_eq!(create("eth0", "").unwrap_err(), ["INVALID_DEVICE", "eth0"]);
    assert_eq!(create("1", "bird").unwrap_err(), ["MAC_INVALID", "bird"]);
    let vif = create("1", "").unwrap();
    let vif = as_text(&vif).to_owned();
    assert_eq!(
        player.get_texts("VM.get_allowed_VIF_devices", &[&vm])[0],
        "2"
    );
    player.start(&vm);
    assert_eq!(
        player.refused("VIF.destroy", &[&vif]),
        [
            "OPERATION_NOT_ALLOWED",
            "VIF currently attached to a running VM"
        ]
    );
}
