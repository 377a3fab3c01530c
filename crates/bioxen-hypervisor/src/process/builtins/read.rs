//! Calls that read the cell and leave it as it is.

use bioxen_core::{OrganismMetrics, Syn3aMetrics};
use starlark::environment::GlobalsBuilder;
use starlark::starlark_module;
use starlark::values::list_or_tuple::UnpackListOrTuple;
use starlark::values::{AllocValue, Heap, Value};

use super::super::fault::Fault;
use super::super::session::{Session, with_session};
use super::Row;
use crate::cell::{Cell, Species};

#[starlark_module]
pub(super) fn read(globals: &mut GlobalsBuilder) {
    /// The metrics of the organism, by name.
    fn get_biological_status<'v>(heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let metrics = with_session(|session| Ok(session.cell.metrics()))?;
        let row = Row::new(heap);
        let row = match &metrics.organism {
            OrganismMetrics::Syn3a(syn3a) => of_syn3a(row, syn3a),
            _ => row,
        };
        Ok(row
            .with("sim_time", metrics.sim_time.seconds())
            .with("generation", metrics.generation)
            .with("growth_rate_per_h", metrics.growth_rate_per_h)
            .with("energy_charge", metrics.energy_charge)
            .with("volume_al", metrics.volume_al)
            .with("surface_nm2", metrics.surface_nm2)
            .with("protein_total", metrics.protein_total.get())
            .with("mrna_total", metrics.mrna_total.get())
            .with("dna_bp", metrics.dna_bp)
            .finish())
    }

    /// Molecules of each species, by name.
    fn counts<'v>(
        species: UnpackListOrTuple<String>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        each(&species.items, heap, Cell::molecules_of)
    }

    /// Concentration of each species, by name, mM.
    fn concentrations<'v>(
        species: UnpackListOrTuple<String>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        each(&species.items, heap, Cell::millimolar_of)
    }

    /// What the cell used since the last call in this program, or since its start: ATP by cause, and ribosomes.
    fn budget<'v>(heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let budget = with_session(|session| Ok(session.budget()))?;
        let mut by_cause = Row::new(heap);
        let mut total = 0;
        for (cause, spent) in budget.spent {
            by_cause.push(cause, spent);
            total += spent;
        }
        Ok(Row::new(heap)
            .with("seconds", budget.span.seconds())
            .with("atp_by_cause", by_cause.finish())
            .with("atp_total", total)
            .with("atp_regenerated", budget.regenerated)
            .with("atp_granted", budget.granted)
            .with("ribosome_seconds", budget.ribosome_seconds)
            .finish())
    }
}

fn of_syn3a<'v>(row: Row<'v>, metrics: &Syn3aMetrics) -> Row<'v> {
    row.with("atp_percent", metrics.atp_percent)
        .with("essential_genes_count", metrics.essential_genes_count)
        .with("minimal_status", metrics.minimal_status.to_string())
        .with("essential_genes_total", metrics.essential_genes_total)
        .with(
            "essential_and_quasi_count",
            metrics.essential_and_quasi_count,
        )
        .with(
            "essential_and_quasi_total",
            metrics.essential_and_quasi_total,
        )
}

fn each<'v, N: AllocValue<'v>>(
    names: &[String],
    heap: Heap<'v>,
    number: impl Fn(&Cell, Species) -> N,
) -> starlark::Result<Value<'v>> {
    let numbers = with_session(|session: &mut Session| {
        names
            .iter()
            .map(|name| Ok(number(&session.cell, session.species(name)?)))
            .collect::<Result<Vec<N>, Fault>>()
    })?;
    let mut row = Row::new(heap);
    for (name, number) in names.iter().zip(numbers) {
        row.push(name, number);
    }
    Ok(row.finish())
}
