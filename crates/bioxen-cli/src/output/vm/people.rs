//! For people.

use std::io::{self, Write};

use bioxen::agent::{Information, Inspection};
use bioxen::{
    Allocation, BiologicalMetrics, OrganismMetrics, Quota, ResourceUsage, RibosomeUnit, VmId,
    VmStatus,
};
use comfy_table::{Table, presets};

use crate::output::events::utc;
use crate::output::table::number;

/// The VMs, one a line.
pub(crate) fn write_list(vms: &[VmStatus], out: &mut dyn Write) -> io::Result<()> {
    if !vms.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header([
            "name",
            "organism",
            "state",
            "cell",
            "simulated",
            "generation",
            "ATP",
            "ribosomes",
            "pacing",
        ]);
        for vm in vms {
            table.add_row([
                vm.id.to_string(),
                vm.organism.to_string(),
                vm.state.to_string(),
                vm.vitality.to_string(),
                vm.sim_time.to_string(),
                vm.generation.to_string(),
                vm.quota.atp.to_string(),
                ribosomes(&vm.quota),
                vm.pacing.to_string(),
            ]);
        }
        for line in table.lines() {
            writeln!(out, "{}", line.trim())?;
        }
    }
    match vms.len() {
        1 => writeln!(out, "1 VM"),
        n => writeln!(out, "{n} VMs"),
    }
}

/// All about a VM.
pub(crate) fn write_inspection(all: &Inspection, out: &mut dyn Write) -> io::Result<()> {
    let vm = &all.status;
    let packages = all.packages.iter();
    let packages: Vec<String> = packages
        .map(|p| format!("{} {} ({})", p.name, p.version, p.place))
        .collect();
    let packages = match packages.as_slice() {
        [] => "none".to_owned(),
        some => some.join(", "),
    };
    let rows = [
        ("VM", vm.id.to_string()),
        ("organism", vm.organism.display_name().to_owned()),
        ("seed", vm.seed.to_string()),
        ("state", vm.state.to_string()),
        ("cell is", vm.vitality.to_string()),
        ("simulated time", vm.sim_time.to_string()),
        ("divisions", vm.generation.to_string()),
        ("granted", quota(&vm.quota)),
        ("pacing", vm.pacing.to_string()),
        ("priority", all.priority.to_string()),
        ("elongation", all.elongation.to_string()),
        ("packages", packages),
        ("created at", utc(all.created_at)),
    ];
    rows.iter()
        .try_for_each(|(name, value)| row(name, value, out))?;
    match &all.usage {
        Some(usage) => write_usage(usage, out),
        None => row("last reading", "none yet", out),
    }
}

fn write_usage(usage: &ResourceUsage, out: &mut dyn Write) -> io::Result<()> {
    let level = number(usage.atp_percent);
    let regenerated = number(usage.atp_regenerated_percent);
    row("read at", &usage.sim_time.to_string(), out)?;
    row("ATP level", &format!("{level} % of reference"), out)?;
    row(
        "ATP regenerated",
        &format!("{regenerated} % of the grant"),
        out,
    )?;
    row("energy charge", &number(usage.energy_charge), out)?;
    let ResourceUsage {
        ribosomes_translating: working,
        ribosome_cap: cap,
        ribosomes_total: total,
        ..
    } = usage;
    let text = format!("{working} translate, {cap} may, the cell has {total}");
    row("ribosomes", &text, out)
}

/// How the cell of a VM is.
pub(crate) fn write_metrics(
    vm: &VmId,
    metrics: &BiologicalMetrics,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = [
        ("VM", vm.to_string()),
        ("simulated time", metrics.sim_time.to_string()),
        ("divisions", metrics.generation.to_string()),
        (
            "growth rate",
            format!("{} 1/h", number(metrics.growth_rate_per_h)),
        ),
        ("energy charge", number(metrics.energy_charge)),
        ("volume", format!("{} aL", number(metrics.volume_al))),
        ("proteins", metrics.protein_total.to_string()),
        ("transcripts", metrics.mrna_total.to_string()),
        ("DNA", format!("{} bp", metrics.dna_bp)),
    ];
    rows.iter()
        .try_for_each(|(name, value)| row(name, value, out))?;
    match &metrics.organism {
        OrganismMetrics::Syn3a(cell) => {
            let (active, all) = (cell.essential_genes_count, cell.essential_genes_total);
            row(
                "ATP level",
                &format!("{} % of reference", number(cell.atp_percent)),
                out,
            )?;
            row("essential genes", &format!("{active} of {all} active"), out)?;
            row("cell is", &cell.minimal_status.to_string(), out)
        }
        OrganismMetrics::MinimalCell(cell) => {
            row("efficiency", &number(cell.efficiency), out)?;
            for (function, efficiency) in &cell.function_efficiency {
                row(&function.replace('_', " "), &number(*efficiency), out)?;
            }
            row("cell is", &cell.minimal_status.to_string(), out)
        }
        OrganismMetrics::Ecoli(cell) => {
            let active = cell.operons_active.values().filter(|active| **active);
            let (active, all) = (active.count(), cell.operons_active.len());
            row("growth phase", &cell.growth_phase.to_string(), out)?;
            row(
                "ppGpp",
                &format!("{} pmol per µg of protein", number(cell.ppgpp)),
                out,
            )?;
            row("operons", &format!("{active} of {all} active"), out)?;
            row("plasmids", &cell.plasmids.to_string(), out)?;
            row("cell is", &cell.status.to_string(), out)
        }
        _ => Ok(()),
    }
}

/// What a VM may use now, and what the host has left.
pub(crate) fn write_allocation(
    vm: &VmId,
    allocation: &Allocation,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Allocation {
        quota: granted,
        free,
        ribosome_cap: cap,
        ribosomes_total: total,
        ..
    } = allocation;
    writeln!(
        out,
        "granted {vm} {}: {cap} of its {total} ribosomes may translate; free are {} of ATP and {} of {} ribosome units",
        quota(granted),
        free.atp_percent_free,
        free.ribosome_units_free,
        free.ribosome_units_capacity,
    )
}

/// What the daemon is.
pub(crate) fn write_information(about: &Information, out: &mut dyn Write) -> io::Result<()> {
    let Information {
        agent_version,
        protocol,
        pid,
        state_folder,
        uptime,
        vms,
        threads,
    } = about;
    let rows = [
        ("version", agent_version.clone()),
        ("protocol", protocol.to_string()),
        ("process", pid.to_string()),
        ("state folder", state_folder.replace(char::is_control, " ")),
        ("running for", format!("{} s", uptime.as_secs())),
        ("VMs", vms.to_string()),
        ("threads", threads.to_string()),
    ];
    rows.iter()
        .try_for_each(|(name, value)| row(name, value, out))
}

/// A grant in words.
pub(crate) fn quota(quota: &Quota) -> String {
    format!("{} of ATP and {}", quota.atp, ribosomes(quota))
}

fn ribosomes(quota: &Quota) -> String {
    match quota.unit {
        RibosomeUnit::Share => format!("{} units", quota.ribosomes),
        RibosomeUnit::Physical => format!("{} ribosomes", quota.ribosomes),
    }
}

fn row(name: &str, value: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{name:<20}{value}")
}

#[cfg(test)]
mod tests {
    use bioxen::agent::{Inspection, UnixMillis};
    use bioxen::{Elongation, Priority};

    use super::{write_inspection, write_list};
    use crate::output::vm::testing::{status, usage};

    #[test]
    fn vms_are_listed_and_counted() {
        let mut text = Vec::new();
        write_list(&[status("cell-1")], &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let words: Vec<&str> = text.split_whitespace().collect();
        assert!(words.ends_with(&[
            "cell-1", "syn3a", "running", "viable", "12min", "0", "100%", "15", "units", "real",
            "time", "1", "VM"
        ]));
        let mut text = Vec::new();
        write_list(&[], &mut text).unwrap();
        assert_eq!(text, b"0 VMs\n");
    }

    #[test]
    fn an_inspection_says_when_there_is_no_reading() {
        let mut all = Inspection {
            status: status("cell-1"),
            priority: Priority::default(),
            elongation: Elongation::default(),
            created_at: UnixMillis::new(0),
            usage: None,
            packages: Vec::new(),
        };
        let shown = |all: &Inspection| {
            let mut text = Vec::new();
            write_inspection(all, &mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        assert!(shown(&all).ends_with("last reading        none yet\n"));
        all.usage = Some(usage());
        let text = shown(&all);
        assert!(
            text.contains("ATP level           63.4 % of reference\n"),
            "{text}"
        );
        assert!(
            text.contains("412 translate, 503 may, the cell has 503\n"),
            "{text}"
        );
        assert!(
            text.contains("granted             100% of ATP and 15 units\n"),
            "{text}"
        );
    }
}
