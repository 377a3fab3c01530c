//! Time courses as comma-separated values.

use std::fmt;
use std::io::{self, Write};

use bioxen::{Sample, SimTime, VmId};

/// A count or a measured value. Both are written as the shortest text that reads back as the same number.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum Number {
    Count(u64),
    Value(f64),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Value(value) => value.fmt(f),
        }
    }
}

/// One quantity of the time course; the unit is part of the name, and a name without one counts molecules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) read: fn(&Sample) -> Number,
}

const fn column(name: &'static str, read: fn(&Sample) -> Number) -> Column {
    Column { name, read }
}

fn count(n: u32) -> Number {
    Number::Count(u64::from(n))
}

/// Everything that is read besides the time.
pub(crate) const COLUMNS: [Column; 17] = [
    column("generation", |s| count(s.generation)),
    column("atp_mM", |s| Number::Value(s.atp_mm)),
    column("energy_charge", |s| Number::Value(s.energy_charge)),
    column("gtp_mM", |s| Number::Value(s.gtp_mm)),
    column("ribosomes_translating", |s| count(s.ribosomes_translating)),
    column("ribosomes_free", |s| count(s.ribosomes_free)),
    column("ribosome_cap", |s| count(s.ribosome_cap)),
    column("rnap_total", |s| count(s.rnap_total)),
    column("rnap_transcribing", |s| count(s.rnap_transcribing)),
    column("degradosomes", |s| count(s.degradosomes)),
    column("mrna", |s| Number::Count(s.mrna)),
    column("proteins", |s| Number::Count(s.proteins)),
    column("protein_mass_per_birth", |s| Number::Value(s.protein_mass)),
    column("volume_aL", |s| Number::Value(s.volume_al)),
    column("surface_nm2", |s| Number::Value(s.surface_nm2)),
    column("dna_bp", |s| Number::Count(s.dna_bp)),
    column("growth_rate_per_h", |s| Number::Value(s.growth_rate_per_h)),
];

/// The first line.
pub(crate) fn write_header(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"time_s,cell")?;
    for column in COLUMNS {
        write!(out, ",{}", column.name)?;
    }
    out.write_all(b"\n")
}

/// The rows of several cells over one stretch of time: ordered by time, then by cell.
pub(crate) fn write_rows(cells: &[(&VmId, &[Sample])], out: &mut dyn Write) -> io::Result<()> {
    let mut rows: Vec<(SimTime, &VmId, &Sample)> = cells
        .iter()
        .flat_map(|(id, samples)| samples.iter().map(|sample| (sample.time, *id, sample)))
        .collect();
    rows.sort_by_key(|(time, id, _)| (*time, *id));
    for (time, id, sample) in rows {
        write!(out, "{},{id}", time.seconds())?;
        for column in COLUMNS {
            write!(out, ",{}", (column.read)(sample))?;
        }
        out.write_all(b"\n")?;
    }
    Ok(())
}
