//! `bioxen vm trust`.

use std::io::{self, Write};
use std::process::ExitCode;

use bioxen::VmId;
use bioxen::xcpng::{ShownHostKey, Verdict};
use serde_json::json;

use super::names::meant_of;
use super::print;
use crate::args::VmForm;
use crate::args::vm::TrustArgs;
use crate::commands::target::Target;
use crate::failure::Failure;

pub(super) fn trust(target: &Target, args: &TrustArgs) -> Result<ExitCode, Failure> {
    let pool = target.connect()?;
    let guests = pool.guests()?;
    let (guest, _) = meant_of(&args.vm, &guests, |(guest, _)| &guest.id)?;
    let (shown, is_accepted) = match &args.fingerprint {
        Some(fingerprint) => (pool.accept_host_key(guest, fingerprint)?, true),
        None => (pool.show_host_key(guest)?, false),
    };
    print(|out| match (args.output, is_accepted) {
        (VmForm::Json, _) => write_json(&guest.id, &shown, is_accepted, out),
        (VmForm::Table, true) => write_accepted(&guest.id, &shown, out),
        (VmForm::Table, false) => write_shown(&guest.id, &shown, out),
    })
}

fn write_accepted(vm: &VmId, shown: &ShownHostKey, out: &mut dyn Write) -> io::Result<()> {
    let (kind, print) = (shown.key.kind(), shown.key.fingerprint());
    if shown.verdict == Verdict::Same {
        return writeln!(out, "{kind} {print} of {vm} was known already");
    }
    writeln!(out, "accepted {kind} {print} of {vm}")?;
    for old in replaced(shown) {
        writeln!(out, "forgot {} {}", old.kind(), old.fingerprint())?;
    }
    Ok(())
}

/// Keys that make room for the one that is accepted.
fn replaced(shown: &ShownHostKey) -> impl Iterator<Item = &bioxen::xcpng::PublicKey> {
    let is_old =
        |key: &&bioxen::xcpng::PublicKey| key.kind() == shown.key.kind() && **key != shown.key;
    shown.known.iter().filter(is_old)
}

fn write_shown(vm: &VmId, shown: &ShownHostKey, out: &mut dyn Write) -> io::Result<()> {
    let (kind, print) = (shown.key.kind(), shown.key.fingerprint());
    writeln!(out, "{vm} shows at {} the host key", shown.address)?;
    writeln!(out, "  {kind} {print}")?;
    let is_known = match shown.verdict {
        Verdict::Same => return writeln!(out, "which is known"),
        Verdict::Revoked => {
            return writeln!(out, "which is revoked: give the guest a new host key");
        }
        Verdict::Unknown => "none of it is known",
        Verdict::Changed => "another one of it is known, so that somebody may be in between",
        Verdict::OtherType => "only keys of other types are known of it",
    };
    writeln!(out, "Nothing was accepted; {is_known}.")?;
    for old in &shown.known {
        writeln!(out, "  known: {} {}", old.kind(), old.fingerprint())?;
    }
    writeln!(
        out,
        "On the console of the guest, which nobody can be in between of, this prints its own:"
    )?;
    writeln!(
        out,
        "  ssh-keygen -lf /etc/ssh/ssh_host_{}_key.pub",
        file(kind)
    )?;
    writeln!(out, "If that is the same, accept it:")?;
    writeln!(out, "  bioxen vm trust {vm} --fingerprint {print}")?;
    if shown.was_off {
        writeln!(out, "The guest was off, and runs now so that you can look.")?;
    }
    Ok(())
}

/// The word for a type of key in the names of OpenSSH's files.
fn file(kind: &str) -> &str {
    match kind {
        "ssh-ed25519" => "ed25519",
        "ssh-rsa" => "rsa",
        _ => "ecdsa",
    }
}

fn write_json(
    vm: &VmId,
    shown: &ShownHostKey,
    is_accepted: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let verdict = match shown.verdict {
        Verdict::Same => "same",
        Verdict::Unknown => "unknown",
        Verdict::Changed => "changed",
        Verdict::OtherType => "other_type",
        Verdict::Revoked => "revoked",
    };
    let known: Vec<String> = shown
        .known
        .iter()
        .map(|key| key.fingerprint().to_string())
        .collect();
    let answer = json!({
        "schema_version": 1,
        "vm": vm.as_str(),
        "address": shown.address.to_string(),
        "key": shown.key.to_string(),
        "fingerprint": shown.key.fingerprint().to_string(),
        "before": { "verdict": verdict, "known": known },
        "accepted": is_accepted,
        "was_off": shown.was_off,
    });
    writeln!(out, "{answer}")
}
