//! For programs.

use std::io::{self, Write};

use bioxen::agent::{Information, Inspection};
use bioxen::{Allocation, BiologicalMetrics, InstallReport, Notice, VmId, VmStatus};
use serde::Serialize;
use serde_json::{Value, json};

use crate::output::events::utc;
use crate::output::json::readings::{Metrics, Resources};
use crate::output::json::{SCHEMA_VERSION, pretty, write_json};

/// A VM as a program reads it; names of keys are those of `bioxen run -o json` where there is the same.
pub(crate) fn vm(status: &VmStatus) -> Value {
    let VmStatus {
        id,
        organism,
        infrastructure,
        state,
        sim_time,
        generation,
        vitality,
        quota,
        pacing,
        seed,
    } = status;
    json!({
        "id": id,
        "organism": organism,
        "infrastructure": infrastructure,
        "state": state,
        "simulated_s": sim_time.seconds(),
        "generation": generation,
        "status": vitality,
        "atp_percent": quota.atp.percent(),
        "ribosome_units": quota.ribosomes.get(),
        "ribosome_unit": quota.unit,
        "pacing": pacing,
        "seed": seed.get(),
    })
}

pub(crate) fn write_list_json(vms: &[VmStatus], out: &mut dyn Write) -> io::Result<()> {
    let vms: Vec<Value> = vms.iter().map(vm).collect();
    pretty(json!({ "vms": vms }), out)
}

pub(crate) fn write_created_json(
    status: &VmStatus,
    notice: Option<&Notice>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let notice = notice.map(ToString::to_string);
    pretty(json!({ "vm": vm(status), "notice": notice }), out)
}

/// What was done with a VM.
pub(crate) fn write_did_json(verb: &str, vm: &VmId, out: &mut dyn Write) -> io::Result<()> {
    pretty(
        json!({ "vm": vm, "ok": true, "verb": verb, "dry_run": false }),
        out,
    )
}

/// What would be done with a VM.
pub(crate) fn write_would_json(verb: &str, vm: &VmId, out: &mut dyn Write) -> io::Result<()> {
    pretty(
        json!({ "vm": vm, "ok": true, "verb": verb, "dry_run": true }),
        out,
    )
}

pub(crate) fn write_inspection_json(all: &Inspection, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Inspected<'a> {
        schema_version: u32,
        vm: Value,
        priority: u8,
        elongation: bioxen::Elongation,
        created_at: String,
        created_at_unix_ms: u64,
        usage: Option<Resources<'a>>,
        packages: &'a [bioxen::InstalledPackage],
    }
    let inspected = Inspected {
        schema_version: SCHEMA_VERSION,
        vm: vm(&all.status),
        priority: all.priority.get(),
        elongation: all.elongation,
        created_at: utc(all.created_at),
        created_at_unix_ms: all.created_at.get(),
        usage: all.usage.as_ref().map(Resources::of),
        packages: &all.packages,
    };
    write_json(&inspected, out)
}

pub(crate) fn write_metrics_json(
    vm: &VmId,
    metrics: &BiologicalMetrics,
    out: &mut dyn Write,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Measured<'a> {
        schema_version: u32,
        vm: &'a VmId,
        metrics: Metrics<'a>,
    }
    let measured = Measured {
        schema_version: SCHEMA_VERSION,
        vm,
        metrics: Metrics::of(metrics),
    };
    write_json(&measured, out)
}

pub(crate) fn write_allocation_json(
    vm: &VmId,
    allocation: &Allocation,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Allocation {
        quota,
        free,
        ribosome_cap,
        ribosomes_total,
        notice,
    } = allocation;
    let answer = json!({
        "vm": vm,
        "atp_percent": quota.atp.percent(),
        "ribosome_units": quota.ribosomes.get(),
        "ribosome_unit": quota.unit,
        "ribosome_cap": ribosome_cap,
        "ribosomes_total": ribosomes_total,
        "atp_percent_free": free.atp_percent_free.percent(),
        "ribosome_units_free": free.ribosome_units_free.get(),
        "ribosome_units_capacity": free.ribosome_units_capacity.get(),
        "notice": notice.as_ref().map(ToString::to_string),
    });
    pretty(answer, out)
}

pub(crate) fn write_report_json(
    vm: &VmId,
    report: &InstallReport,
    out: &mut dyn Write,
) -> io::Result<()> {
    let InstallReport {
        package,
        success,
        stdout,
        stderr,
    } = report;
    let answer = json!({ "vm": vm, "package": package, "success": success, "stdout": stdout, "stderr": stderr });
    pretty(answer, out)
}

pub(crate) fn write_information_json(about: &Information, out: &mut dyn Write) -> io::Result<()> {
    let answer = json!({
        "version": about.agent_version,
        "protocol": about.protocol.to_string(),
        "pid": about.pid,
        "state_folder": about.state_folder,
        "uptime_s": about.uptime.as_secs_f64(),
        "vms": about.vms,
        "threads": about.threads,
    });
    pretty(answer, out)
}

#[cfg(test)]
mod tests {
    use super::{vm, write_list_json};
    use crate::output::vm::testing::status;

    #[test]
    fn a_vm_has_the_keys_of_a_run() {
        let shown = vm(&status("cell-1"));
        assert_eq!(shown["simulated_s"], 720.0);
        assert_eq!(shown["atp_percent"], 100.0);
        assert_eq!(shown["state"], "running");
        let mut text = Vec::new();
        write_list_json(&[], &mut text).unwrap();
        let list: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(list, serde_json::json!({ "vms": [], "schema_version": 1 }));
    }
}
