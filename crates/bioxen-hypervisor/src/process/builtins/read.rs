//! Calls that read the cell and leave it as it is.

use bioxen_core::{EcoliMetrics, GrowthPhase, MinimalCellMetrics, OrganismMetrics, Syn3aMetrics};
use starlark::environment::GlobalsBuilder;
use starlark::starlark_module;
use starlark::values::list_or_tuple::UnpackListOrTuple;
use starlark::values::none::NoneOr;
use starlark::values::{AllocValue, Heap, Value};

use super::super::fault::Fault;
use super::super::session::{Session, with_session};
use super::Row;
use crate::cell::{Cell, Species};

#[starlark_module]
pub(super) fn read(globals: &mut GlobalsBuilder) {
    /// The metrics of the organism, by name: all, or those that are asked for.
    fn get_biological_status<'v>(
        names: Option<UnpackListOrTuple<String>>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let row = match names {
            Some(names) => status(Row::of(names.items, heap))?,
            None => status(Row::new(heap))?,
        };
        if let Some(unknown) = row.unknown() {
            return Err(unknown.raise());
        }
        Ok(row.finish())
    }

    /// The status with these metrics alone, of which a program reads no others; those that there are not are left out.
    fn __status__<'v>(
        names: UnpackListOrTuple<String>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        Ok(status(Row::of(names.items, heap))?.finish())
    }

    /// `get_biological_status()[name]`, without the others.
    fn __metric__<'v>(
        #[starlark(require = pos)] name: Value<'v>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let wanted = name.unpack_str().unwrap_or_default().to_owned();
        status(Row::of(vec![wanted], heap))?.finish().at(name, heap)
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

fn status<'v>(row: Row<'v>) -> starlark::Result<Row<'v>> {
    let metrics = with_session(|session| Ok(session.cell.metrics()))?;
    let row = match metrics.organism {
        OrganismMetrics::Syn3a(syn3a) => of_syn3a(row, syn3a),
        OrganismMetrics::MinimalCell(minimal_cell) => of_minimal_cell(row, minimal_cell),
        OrganismMetrics::Ecoli(ecoli) => of_ecoli(row, ecoli),
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
        .with("dna_bp", metrics.dna_bp))
}

fn of_syn3a<'v>(row: Row<'v>, metrics: Syn3aMetrics) -> Row<'v> {
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

fn of_minimal_cell<'v>(row: Row<'v>, metrics: MinimalCellMetrics) -> Row<'v> {
    let used = metrics.resource_usage;
    let resources = Row::new(row.heap)
        .with("atp_per_s", used.atp_per_s)
        .with("ribosomes", used.ribosomes.get())
        .with("rnap", used.rnap.get())
        .with("pools", used.pools)
        .finish();
    row.with("basic_functions", metrics.basic_functions)
        .with("efficiency", metrics.efficiency)
        .with("function_efficiency", metrics.function_efficiency)
        .with("resource_usage", resources)
        .with("minimal_status", metrics.minimal_status.to_string())
}

fn of_ecoli<'v>(row: Row<'v>, metrics: EcoliMetrics) -> Row<'v> {
    let limit = match metrics.growth_phase {
        GrowthPhase::Exponential => NoneOr::None,
        GrowthPhase::StationaryNutrient => NoneOr::Other("nutrient"),
        GrowthPhase::StationaryEnergy => NoneOr::Other("energy"),
    };
    row.with("growth_rate", metrics.growth_rate)
        .with("growth_phase", metrics.growth_phase.name())
        .with("growth_stopped_by", limit)
        .with("ppgpp", metrics.ppgpp)
        .with("plasmids", metrics.plasmids)
        .with("operons_active", metrics.operons_active)
        .with("status", metrics.status.to_string())
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
