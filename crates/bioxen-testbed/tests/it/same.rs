//! An agent behind SSH computes what one without SSH computes, and keeps it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bioxen_agent::{Client, ClientChannel, ClientHello, RemoteHypervisor, draw_nonce, draw_op};
use bioxen_core::{
    BiologicalVm, CancelToken, Organism, Pacing, ProcessCode, Seed, SimSpan, VmId, VmSpec,
};
use bioxen_testbed::guests::{Guest, agent_binary};
use bioxen_xcpng::AGENT_COMMAND;

use crate::bed::{Bed, ok};

fn over_ssh(bed: &Bed, guest: &Guest) -> RemoteHypervisor {
    let remote = bed.connect(guest);
    let stream = remote.agent(AGENT_COMMAND, bed.long(), &CancelToken::new());
    let (reader, writer, control) = stream.expect("a command").split();
    control.set_deadline(Some(bed.long()));
    let hello = ClientHello::new("it", "0", draw_nonce());
    let client = Client::open(reader, writer, &hello);
    let client = client.unwrap_or_else(|error| panic!("{error:?} {}", control.stderr()));
    control.set_deadline(None);
    RemoteHypervisor::new(ClientChannel::new(client, draw_op))
}

/// What a cell is after a while, to the byte.
fn life(hypervisor: &RemoteHypervisor, organism: Organism, seed: u64) -> (Vec<u8>, String) {
    let id = VmId::new("cell").expect("a name");
    let spec = VmSpec::builder(id, organism, Seed::new(seed)).pacing(Pacing::Manual);
    let (mut vm, _) = hypervisor
        .create(&spec.build().expect("a VM"), &[])
        .expect("room");
    vm.start().expect("a start");
    vm.advance(SimSpan::from_micros(60_000_000))
        .expect("a minute");
    let code = ProcessCode::new("same", "advance(30)\nprint('é\\x00')").expect("a program");
    let report = vm.execute_biological_process(&code).expect("a process");
    assert!(report.success, "{report:?}");
    let image = vm.save().expect("an image");
    (image.as_bytes().to_vec(), format!("{report:?}"))
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bed = Bed::new();
    let agent = ok(agent_binary(None));
    for (organism, seed) in [(Organism::MinimalCell, 1), (Organism::Syn3a, 7)] {
        let name = organism.to_string();
        let plan = bed.plan(&name).with_agent(&agent);
        let guest = ok(Guest::start(plan.clone()));
        let hypervisor = over_ssh(&bed, &guest);
        let far = life(&hypervisor, organism, seed);
        drop(hypervisor);
        let near = without_ssh(&agent, &bed.folder.path().join("near"), |hypervisor| {
            life(hypervisor, organism, seed)
        });
        assert!(far == near, "{organism}");
        // What was acknowledged is there after a power cut, and after a shutdown.
        guest.kill().unwrap();
        for is_stopped in [true, false] {
            let guest = ok(Guest::start(plan.clone()));
            let hypervisor = over_ssh(&bed, &guest);
            let vm = hypervisor.open(&VmId::new("cell").unwrap()).unwrap();
            assert!(vm.save().unwrap().as_bytes() == far.0, "{organism}");
            drop((vm, hypervisor));
            if is_stopped {
                guest.stop(Duration::from_secs(60)).unwrap();
            } else {
                guest.remove().unwrap();
            }
        }
    }
}

/// Asks an agent on this machine, in a folder of its own that is removed.
fn without_ssh<T>(agent: &Path, state: &Path, ask: impl FnOnce(&RemoteHypervisor) -> T) -> T {
    let mut serve = Command::new(agent)
        .args(["serve", "--stdio"])
        .env("BIOXEN_STATE", state)
        .env_remove("BIOXEN_PACKAGE_PATH")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("an agent");
    let read = serve.stdout.take().expect("it is piped");
    let write = serve.stdin.take().expect("it is piped");
    let hello = ClientHello::new("it", "0", draw_nonce());
    let client = Client::open(read, write, &hello).expect("a daemon");
    let hypervisor = RemoteHypervisor::new(ClientChannel::new(client, draw_op));
    let told = ask(&hypervisor);
    hypervisor.shut_down().expect("an end");
    serve.wait().expect("a child");
    std::fs::remove_dir_all(state).expect("a folder");
    told
}
