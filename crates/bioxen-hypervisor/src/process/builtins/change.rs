//! Calls that change the cell or what surrounds it.

use bioxen_core::{GeneId, Operation, OperonAction, OperonId, SimSpan, TranscriptionChange};
use starlark::environment::GlobalsBuilder;
use starlark::starlark_module;
use starlark::values::float::UnpackFloat;
use starlark::values::list_or_tuple::UnpackListOrTuple;
use starlark::values::none::{NoneOr, NoneType};
use starlark::values::{Heap, Value};

use super::super::fault::Fault;
use super::super::session::{Session, shorten, with_session};
use super::Row;
use crate::cell::MOST_GLUCOSE_MM;

#[starlark_module]
pub(super) fn change(globals: &mut GlobalsBuilder) {
    /// Sets the promoters of genes to their on value and returns what that changes, by gene.
    fn start_transcription<'v>(
        genes: UnpackListOrTuple<String>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let changes = with_session(|session| {
            session.check_supported(Operation::StartTranscription)?;
            let ids = ids(session, &genes.items)?;
            Ok(session.cell.start_transcription(&ids)?)
        })?;
        Ok(by_gene(&genes.items, changes, heap))
    }

    /// Sets the promoters of genes back to their reference activity and returns what that changes, by gene.
    fn stop_transcription<'v>(
        genes: UnpackListOrTuple<String>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let changes = with_session(|session| {
            session.check_supported(Operation::StartTranscription)?;
            let ids = ids(session, &genes.items)?;
            Ok(session.cell.stop_transcription(&ids)?)
        })?;
        Ok(by_gene(&genes.items, changes, heap))
    }

    /// Holds operons on or off, or releases them, and returns what that changes, by operon.
    fn manage_operons<'v>(
        operons: UnpackListOrTuple<String>,
        #[starlark(default = "activate")] action: &str,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let changes = with_session(|session| {
            session.check_supported(Operation::ManageOperons)?;
            let action: OperonAction = action.parse().map_err(|_| Fault::Argument {
                call: "manage_operons",
                argument: "action",
                found: shorten(action),
                allowed: "activate, repress or release",
            })?;
            let ids = operons
                .items
                .iter()
                .map(|name| operon_id(name))
                .collect::<Result<Vec<OperonId>, Fault>>()?;
            Ok(session.cell.manage_operons(&ids, action)?)
        })?;
        let mut rows = Row::new(heap);
        for (name, change) in operons.items.iter().zip(changes) {
            let row = Row::new(heap)
                .with("id", change.id.as_str())
                .with("name", change.name.as_str())
                .with("activity_before", change.activity_before)
                .with("activity_after", change.activity_after)
                .finish();
            rows.push(name, row);
        }
        Ok(rows.finish())
    }

    /// Silences genes.
    fn knock_out(genes: UnpackListOrTuple<String>) -> starlark::Result<NoneType> {
        with_session(|session| {
            let ids = ids(session, &genes.items)?;
            session.cell.knock_out(&ids)?;
            Ok(NoneType)
        })
    }

    /// Multiplies the promoter of a gene by a factor from 0 to 1.
    fn knock_down(gene: &str, factor: UnpackFloat) -> starlark::Result<NoneType> {
        with_session(|session| {
            let gene = session.cell.gene_id(gene)?;
            session.cell.knock_down(&gene, factor.0)?;
            Ok(NoneType)
        })
    }

    /// Undoes knock-outs and knock-downs of genes.
    fn restore_gene(genes: UnpackListOrTuple<String>) -> starlark::Result<NoneType> {
        with_session(|session| {
            let ids = ids(session, &genes.items)?;
            session.cell.restore_gene(&ids)?;
            Ok(NoneType)
        })
    }

    /// Changes what surrounds the cell; what is not named stays. Returns the medium.
    fn set_medium<'v>(
        #[starlark(default = NoneOr::None)] name: NoneOr<&str>,
        #[starlark(require = named, default = NoneOr::None)] glucose: NoneOr<UnpackFloat>,
        #[starlark(require = named, default = NoneOr::None)] amino_acids: NoneOr<bool>,
        #[starlark(require = named, default = NoneOr::None)] nucleosides: NoneOr<bool>,
        #[starlark(require = named, default = NoneOr::None)] inducers: NoneOr<
            UnpackListOrTuple<String>,
        >,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let (medium, inducers) = with_session(|session| {
            if let NoneOr::Other(name) = name {
                session.cell.set_medium_by_name(name)?;
            }
            if let NoneOr::Other(inducers) = inducers {
                session.cell.set_inducers(&inducers.items)?;
            }
            let mut medium = session.cell.medium();
            if let NoneOr::Other(UnpackFloat(mm)) = glucose {
                if !(0.0..=MOST_GLUCOSE_MM).contains(&mm) {
                    return Err(Fault::Argument {
                        call: "set_medium",
                        argument: "glucose",
                        found: mm.to_string(),
                        allowed: "a concentration in mM from 0 to 1000000",
                    });
                }
                medium.glucose_mm = mm;
            }
            medium.amino_acids = amino_acids.into_option().unwrap_or(medium.amino_acids);
            medium.nucleosides = nucleosides.into_option().unwrap_or(medium.nucleosides);
            session.cell.set_medium(medium);
            Ok((medium, session.cell.inducers().to_vec()))
        })?;
        Ok(Row::new(heap)
            .with("glucose", medium.glucose_mm)
            .with("amino_acids", medium.amino_acids)
            .with("nucleosides", medium.nucleosides)
            .with("inducers", inducers)
            .finish())
    }
}

fn operon_id(name: &str) -> Result<OperonId, Fault> {
    OperonId::new(name).map_err(|_| Fault::Argument {
        call: "manage_operons",
        argument: "operons",
        found: shorten(name),
        allowed: "names or identifiers of operons",
    })
}

fn ids(session: &Session, names: &[String]) -> Result<Vec<GeneId>, Fault> {
    names
        .iter()
        .map(|name| Ok(session.cell.gene_id(name)?))
        .collect()
}

fn by_gene<'v>(names: &[String], changes: Vec<TranscriptionChange>, heap: Heap<'v>) -> Value<'v> {
    let mut genes = Row::new(heap);
    for (name, change) in names.iter().zip(changes) {
        let of_gene = Row::new(heap)
            .with("locus_tag", change.locus_tag.as_str())
            .with("activity_before", change.activity_before)
            .with("activity_after", change.activity_after)
            .with(
                "expected_first_transcript_s",
                seconds(change.expected_first_transcript),
            )
            .with(
                "expected_first_protein_s",
                seconds(change.expected_first_protein),
            )
            .finish();
        genes.push(name, of_gene);
    }
    genes.finish()
}

/// A waiting time, s; `None` for what will never come.
fn seconds(span: SimSpan) -> NoneOr<f64> {
    if span.micros() == u64::MAX {
        NoneOr::None
    } else {
        NoneOr::Other(span.seconds())
    }
}
