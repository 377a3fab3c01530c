use std::time::Duration;

use bioxen_core::CancelToken;

use super::script::{Answer, Call, Script, failure, record, set, soon, text};
use crate::value::{Ref, Vm};
use crate::xapi::{AddressFilter, PowerState};

fn vm() -> Ref<Vm> {
    Ref::new("OpaqueRef:vm").expect("it names something")
}

/// A guest that reports an address after some waits for events.
fn reporting(after: usize) -> impl FnMut(&Call) -> Option<Answer> + Send + 'static {
    move |call| match call.method.as_str() {
        "event.from" if call.earlier == 2 => failure("EVENTS_LOST x"),
        "event.from" => text(record(&[
            ("token", &format!("{:020},{:020}", call.earlier, 0)),
            ("events", &set(&[])),
            ("valid_ref_counts", "<struct></struct>"),
        ])),
        "VM.get_guest_metrics" => text(if call.earlier == 0 {
            "OpaqueRef:NULL"
        } else {
            "OpaqueRef:gm"
        }),
        "VM_guest_metrics.get_record" if call.earlier == 0 => {
            failure("HANDLE_INVALID VM_guest_metrics r")
        }
        "VM_guest_metrics.get_record" if call.earlier < after => {
            text(record(&[("networks", "<struct></struct>")]))
        }
        "VM_guest_metrics.get_record" => text(record(&[(
            "networks",
            &record(&[("0/ip", "10.0.0.5"), ("0/ipv6/0", "fe80::1")]),
        )])),
        _ => None,
    }
}

#[test]
fn addresses_are_waited_for() {
    let script = Script::new(reporting(6));
    let xapi = script.connect();
    let filter = AddressFilter::default();
    let found = soon(&xapi, |bounds| {
        xapi.wait_for_addresses(&vm(), &filter, bounds)
    });
    assert_eq!(
        found.expect("it reports one"),
        ["10.0.0.5".parse::<std::net::IpAddr>().expect("it is one")]
    );
    let tokens: Vec<String> = script
        .calls()
        .into_iter()
        .filter(|call| call.method == "event.from")
        .map(|call| call.params[1].clone())
        .collect();
    // The first wait is for a token, and so is the one after a loss.
    assert_eq!(tokens[0], "");
    assert_eq!(tokens[1], format!("{:020},{:020}", 0, 0));
    assert_eq!(tokens[3], "");
}

#[test]
fn a_wait_for_addresses_ends() {
    let script = Script::new(reporting(usize::MAX));
    let xapi = script.connect();
    let token = CancelToken::new();
    let begin = script.now();
    let bounds = xapi.bounds("the address", Duration::from_secs(300), &token);
    let error = xapi
        .wait_for_addresses(&vm(), &AddressFilter::default(), bounds)
        .expect_err("there is none");
    assert_eq!(error.to_string(), "the address was not over after 300 s");
    assert_eq!(script.now() - begin, Duration::from_secs(300));
}

#[test]
fn a_vm_is_waited_for_without_asking_more_than_needed() {
    let script = Script::new(|call| match call.method.as_str() {
        "event.from" => text(record(&[("token", "t"), ("events", &set(&["x"]))])),
        "VM.get_record" => {
            let state = if call.earlier < 2 {
                "Halted"
            } else {
                "Running"
            };
            text(record(&[
                ("uuid", "00000000-0000-4000-8000-000000000001"),
                ("power_state", state),
            ]))
        }
        _ => None,
    });
    let xapi = script.connect();
    let found = soon(&xapi, |bounds| {
        xapi.wait_for_vm(&vm(), bounds, |record| {
            (record.power_state == PowerState::Running).then_some(7)
        })
    });
    assert_eq!(found.expect("it runs"), 7);
    assert_eq!(script.count("event.from"), 3);
    assert_eq!(script.count("VM.get_record"), 3);
    assert_eq!(
        script
            .calls()
            .into_iter()
            .find(|call| call.method == "event.from")
            .map(|call| call.params.len()),
        Some(3)
    );
}
