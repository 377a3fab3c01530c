//! XAPI and SSH by hand: a VM is made of a template, started, asked, shut down and removed.

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bioxen::xcpng::value::{Ref, Vm};
use bioxen::xcpng::xapi::{Bounds, NameOrUuid, NewVm, PowerState, VbdKind};
use bioxen::xcpng::{
    CommandCaps, CommandOutput, Deadline, Endpoint, ExpectedHostKey, PlainHttp, Remote, SshAuth,
    SshOptions, SystemTimer, Timer, Trust, Xapi, XapiOptions, XcpngOptions,
};
use bioxen::{CancelToken, Secret};

fn main() -> Result<(), Box<dyn Error>> {
    let password = std::fs::read_to_string("/etc/bioxen/xcp1.password")?;
    let password = Secret::new(password.trim_end().to_owned());
    let url = "https://xcp1.example.com";
    let pin = "40:6C:2A:0F:1B:77:5A:0E:31:C4:9D:58:66:12:AF:03:9B:E8:70:2D:55:14:CC:61:8F:3E:A9:07:D4:B2:1C:90";
    let key = PathBuf::from("/etc/bioxen/id_ed25519");
    let host_key = std::fs::read_to_string("/etc/bioxen/guests.pub")?;
    let mut options = by_hand((url, pin), ("bioxen", password), ("bioxen", key), &host_key)?;
    options.addresses.cidrs = vec!["10.0.0.0/8".parse()?];
    one_life(&options).map(drop)
}

/// A pool by URL and the SHA-256 of its certificate, and guests by the host key of their template.
pub(crate) fn by_hand(
    (url, pin): (&str, &str),
    (user, password): (&str, Secret),
    (guest_user, path): (&str, PathBuf),
    host_key: &str,
) -> Result<XcpngOptions, Box<dyn Error>> {
    let endpoint = Endpoint::parse(url, PlainHttp::Refused)?;
    let xapi = XapiOptions::new(endpoint, user, password, Trust::pin(pin.parse()?));
    let passphrase = None;
    let ssh = SshOptions::new(guest_user, SshAuth::KeyFile { path, passphrase });
    let template = NameOrUuid::from("bioxen-bio-template");
    let mut options = XcpngOptions::new(xapi, ssh, template, Path::new("/var/lib/bioxen/xcp1"));
    options.host_keys = vec![host_key.trim_end().parse()?];
    Ok(options)
}

/// Logs in, makes a VM of the template, plays its life, and removes it with its disks.
pub(crate) fn one_life(
    options: &XcpngOptions,
) -> Result<(Vec<PowerState>, CommandOutput), Box<dyn Error>> {
    let xapi = Xapi::connect(options.xapi.clone(), Arc::new(SystemTimer::new()))?;
    let cancel = CancelToken::new();
    let bounds = xapi.bounds("the example", Duration::from_secs(900), &cancel);
    let new = NewVm {
        template: options.template.clone(),
        name: "bioxen-example".to_owned(),
        copy_to: None,
    };
    let vm = xapi.create_vm_from_template(&new, bounds)?;
    let seen = play(&xapi, &vm, options, bounds);
    remove(&xapi, &vm, bounds)?;
    xapi.close()?;
    seen
}

fn play(
    xapi: &Xapi,
    vm: &Ref<Vm>,
    options: &XcpngOptions,
    bounds: Bounds<'_>,
) -> Result<(Vec<PowerState>, CommandOutput), Box<dyn Error>> {
    let mut states = vec![xapi.vm_status(vm, bounds)?];
    let snapshot = xapi.snapshot_vm(vm, "before its first start", bounds)?;
    xapi.start_vm(vm, bounds)?;
    // A guest takes a while to report an address; `vm_ip` answers `None` until then.
    xapi.wait_for_addresses(vm, &options.addresses, bounds)?;
    let ip = xapi.vm_ip(vm, &options.addresses, bounds)?;
    let address = SocketAddr::new(ip.ok_or("it had one")?, options.ssh.port);
    let uuid = xapi.vm_record(vm, bounds)?.uuid;
    let output = say(address, options, uuid.as_str())?;
    xapi.suspend_vm(vm, bounds)?;
    states.push(xapi.vm_status(vm, bounds)?);
    xapi.resume_vm(vm, bounds)?;
    states.push(xapi.vm_status(vm, bounds)?);
    xapi.shutdown_vm(vm, bounds)?;
    states.push(xapi.vm_status(vm, bounds)?);
    xapi.revert_vm(&snapshot, bounds)?;
    Ok((states, output))
}

/// Runs one command in a guest, which gets what a user wrote on standard input, and never in its line.
fn say(
    address: SocketAddr,
    options: &XcpngOptions,
    vm: &str,
) -> Result<CommandOutput, Box<dyn Error>> {
    let timer: Arc<dyn Timer> = Arc::new(SystemTimer::new());
    let (cancel, caps) = (CancelToken::new(), CommandCaps::default());
    let key = options.host_keys.first().ok_or("no key is known")?.clone();
    let vm = vm.to_owned();
    let expected = ExpectedHostKey::Given { key, vm };
    let remote = Remote::connect(address, &options.ssh, &expected, timer.clone(), &cancel)?;
    let deadline = Deadline::new("the command", Duration::from_secs(60), &*timer);
    let mut text = "it's $HOME; exit 0".as_bytes();
    Ok(remote.execute_command("cat; exit 3", &mut text, caps, deadline, &cancel)?)
}

/// Removes a VM and its snapshots with their disks, and leaves what is in a CD drive.
fn remove(xapi: &Xapi, vm: &Ref<Vm>, bounds: Bounds<'_>) -> Result<(), Box<dyn Error>> {
    xapi.hard_shutdown_vm(vm, bounds)?;
    let mut all = xapi.vm_record(vm, bounds)?.snapshots;
    all.push(vm.clone());
    for one in all {
        let mut drives = xapi.vbds_of_vm(&one, bounds)?;
        drives.retain(|(_, drive)| drive.kind == VbdKind::Disk);
        xapi.destroy_vm(&one, bounds)?;
        for disk in drives.into_iter().filter_map(|(_, drive)| drive.vdi) {
            xapi.destroy_vdi(&disk, bounds)?;
        }
    }
    Ok(())
}
