//! A look at all VMs: as a live view, as a table and for programs.

mod draw;

use std::io::{self, Write};

use bioxen::agent::Event;
use bioxen::{GrowthPhase, ResourceUsage, VmState, VmStatus};
use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

pub(crate) use draw::{View, draw};

use super::events::utc;
use super::json::SCHEMA_VERSION;
use super::vm::vm;

/// What one look found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    /// The state folder of the daemon, or the pool.
    pub(crate) folder: String,
    /// The VMs, in the order of their names.
    pub(crate) vms: Vec<Seen>,
    /// The last alerts, the oldest first.
    pub(crate) alerts: Vec<Event>,
    /// Why it is not of now.
    pub(crate) trouble: Option<String>,
}

/// One VM.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) status: VmStatus,
    /// Its last published usage.
    pub(crate) usage: Option<ResourceUsage>,
    /// The growth phase, of organisms that have one, if the cell could be asked.
    pub(crate) phase: Option<GrowthPhase>,
    /// Simulated time over time on the wall since the look before.
    pub(crate) speed: Option<f64>,
    /// Alerts that are kept of it.
    pub(crate) alerts: u64,
}

impl Look {
    fn running(&self) -> usize {
        let running = |seen: &&Seen| seen.status.state == VmState::Running;
        self.vms.iter().filter(running).count()
    }
}

impl Seen {
    /// Ribosomes that translate, that may, and the units granted.
    fn ribosomes(&self) -> String {
        let granted = self.status.quota.ribosomes;
        match &self.usage {
            Some(usage) => format!(
                "{}/{}/{granted}",
                usage.ribosomes_translating, usage.ribosome_cap
            ),
            None => format!("-/-/{granted}"),
        }
    }

    fn atp_percent(&self) -> Option<f64> {
        let percent = self.usage.as_ref()?.atp_percent;
        percent.is_finite().then_some(percent)
    }

    fn speed(&self) -> String {
        match self.speed {
            None => "-".to_owned(),
            Some(speed) if speed >= 100.0 => format!("{speed:.0}x"),
            Some(speed) => format!("{speed:.1}x"),
        }
    }

    fn alerts(&self) -> String {
        match self.alerts {
            0 => "-".to_owned(),
            n @ 1..100 => format!("!{n}"),
            _ => "!!!".to_owned(),
        }
    }
}

/// The look as a table.
pub(crate) fn write_look(look: &Look, out: &mut dyn Write) -> io::Result<()> {
    if !look.vms.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header([
            "name",
            "organism",
            "state",
            "ATP",
            "ribosomes/cap/units",
            "phase",
            "speed",
            "alerts",
        ]);
        for seen in &look.vms {
            let phase = seen.phase.map_or("-".to_owned(), |phase| phase.to_string());
            let level = seen.atp_percent();
            table.add_row([
                seen.status.id.to_string(),
                seen.status.organism.to_string(),
                seen.status.state.to_string(),
                level.map_or("-".to_owned(), |level| format!("{level:.0}%")),
                seen.ribosomes(),
                phase,
                seen.speed(),
                seen.alerts(),
            ]);
        }
        for column in [3, 4, 6] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for line in table.lines() {
            writeln!(out, "{}", line.trim())?;
        }
    }
    match look.vms.len() {
        1 => writeln!(out, "1 VM, {} running", look.running()),
        n => writeln!(out, "{n} VMs, {} running", look.running()),
    }
}

/// The look for programs, an object on a line of its own.
pub(crate) fn write_look_json(look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let vms: Vec<Value> = look.vms.iter().map(entry).collect();
    let alerts: Vec<Value> = (look.alerts.iter())
        .map(|alert| json!({ "at": utc(alert.at), "vm": alert.vm, "text": alert.text }))
        .collect();
    let line = json!({
        "schema_version": SCHEMA_VERSION,
        "vms": vms,
        "alerts": alerts,
        "trouble": look.trouble,
    });
    writeln!(out, "{line}")
}

fn entry(seen: &Seen) -> Value {
    let usage = seen.usage.as_ref();
    let mut entry = vm(&seen.status);
    entry["atp_level_percent"] = json!(usage.map(|usage| usage.atp_percent));
    entry["ribosomes_translating"] = json!(usage.map(|usage| usage.ribosomes_translating));
    entry["ribosome_cap"] = json!(usage.map(|usage| usage.ribosome_cap));
    entry["growth_phase"] = json!(seen.phase);
    entry["simulated_s_per_s"] = json!(seen.speed);
    entry["alerts"] = json!(seen.alerts);
    entry
}

#[cfg(test)]
mod testing {
    use bioxen::agent::{Event, EventNumber, UnixMillis};
    use bioxen::{GrowthPhase, Organism, VmId, VmState};

    use super::{Look, Seen};
    use crate::output::vm::testing::{status, usage};

    /// Three VMs: one that runs, one that stands and starves, and one without a reading.
    pub(super) fn look() -> Look {
        let seen = |name: &str| Seen {
            status: status(name),
            usage: Some(usage()),
            phase: None,
            speed: Some(1.0),
            alerts: 0,
        };
        let mut poor = seen("poor");
        poor.status.organism = Organism::Ecoli;
        poor.status.state = VmState::Paused;
        poor.phase = Some(GrowthPhase::StationaryEnergy);
        poor.speed = Some(0.0);
        poor.alerts = 2;
        if let Some(usage) = &mut poor.usage {
            usage.atp_percent = 12.0;
        }
        let mut new = seen("a-vm-with-a-name-as-long-as-the-names-of-vms-can-be-at-the-most");
        new.status.organism = Organism::MinimalCell;
        new.status.state = VmState::Created;
        new.usage = None;
        new.speed = None;
        let alert = |number, text: &str| Event {
            number: EventNumber::new(number),
            at: UnixMillis::new(951_782_399_999),
            vm: Some(VmId::new("poor").expect("a name")),
            kind: "alert".to_owned(),
            text: text.to_owned(),
        };
        Look {
            folder: "/home/ada/.local/state/bioxen".to_owned(),
            vms: vec![new, seen("cell-1"), poor],
            alerts: vec![alert(3, "ATP is at 12%"), alert(4, "ribosomes are at 99%")],
            trouble: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::look;
    use super::{Look, write_look, write_look_json};

    #[test]
    fn a_table_has_a_line_for_each_vm() {
        let mut text = Vec::new();
        write_look(&look(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let rows: Vec<Vec<&str>> = text
            .lines()
            .map(|l| l.split_whitespace().collect())
            .collect();
        assert_eq!(
            rows[2],
            [
                "cell-1",
                "syn3a",
                "running",
                "63%",
                "412/503/15",
                "-",
                "1.0x",
                "-"
            ]
        );
        assert_eq!(rows[1][3..], ["-", "-/-/15", "-", "-", "-"]);
        assert_eq!(rows[3].last(), Some(&"!2"));
        assert_eq!(rows[4], ["3", "VMs,", "1", "running"]);
        let mut text = Vec::new();
        write_look(&Look::default(), &mut text).unwrap();
        assert_eq!(text, b"0 VMs, 0 running\n");
    }

    #[test]
    fn programs_read_the_same_in_one_line() {
        let mut text = Vec::new();
        write_look_json(&look(), &mut text).unwrap();
        assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 1);
        let look: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(look["vms"][0]["atp_level_percent"], serde_json::Value::Null);
        assert_eq!(look["vms"][2]["growth_phase"], "stationary_energy");
        assert_eq!(look["vms"][1]["simulated_s_per_s"], 1.0);
        assert_eq!(look["alerts"][1]["text"], "ribosomes are at 99%");
    }
}
