//! Calls that look something up in the genome.

use std::collections::BTreeMap;
use std::sync::Arc;

use bioxen_core::Operation;
use starlark::environment::GlobalsBuilder;
use starlark::starlark_module;
use starlark::values::list::AllocList;
use starlark::values::none::NoneOr;
use starlark::values::{Heap, Value};

use super::super::session::with_session;
use super::Row;
use crate::genome::{Essentiality, Gene, Genome, ModelClass, Operon, OperonIdx, RegulatorEffect};

#[starlark_module]
pub(super) fn look_up(globals: &mut GlobalsBuilder) {
    /// Locus tags of the essential protein genes, in genome order.
    fn essential_genes() -> starlark::Result<Vec<String>> {
        with_session(|session| {
            Ok(session
                .cell
                .essential_genes()
                .iter()
                .map(ToString::to_string)
                .collect())
        })
    }

    /// Copies of each plasmid, by the name of its package.
    fn plasmids<'v>(heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let copies = with_session(|session| {
            session.check_supported(Operation::PlasmidCount)?;
            let copies = session.cell.plasmid_copies().into_iter();
            Ok(copies
                .map(|(name, n)| (name.to_owned(), n))
                .collect::<Vec<_>>())
        })?;
        let mut row = Row::new(heap);
        for (name, n) in &copies {
            row.push(name, *n);
        }
        Ok(row.finish())
    }

    /// Operons by their identifier: what each transcribes, and what switches it. Where genes are transcribed alone, the
    /// locus tags of their genes by the name of a prediction.
    fn operons<'v>(heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let model = with_session(|session| Ok(Arc::clone(session.cell.model())))?;
        let genome = model.genome();
        if genome.operons().is_empty() {
            return Ok(heap.alloc(predicted_operons(genome)));
        }
        let mut operons = Row::new(heap);
        for operon in genome.operons() {
            operons.push(&operon.id, operon_described(operon, genome, heap));
        }
        Ok(operons.finish())
    }

    /// Genes as dictionaries: those of a model class, of an essentiality, or whose locus tag, name or product contains
    /// the filter; all without one.
    fn genes<'v>(
        #[starlark(default = NoneOr::None)] filter: NoneOr<&str>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let filter = Filter::new(filter.into_option());
        let model = with_session(|session| Ok(Arc::clone(session.cell.model())))?;
        let genome = model.genome();
        let found = genome.iter().filter(|(_, gene)| filter.accepts(gene));
        Ok(heap.alloc(AllocList(found.map(|(idx, gene)| {
            described(gene, genome.operon_of(idx), genome, heap)
        }))))
    }
}

enum Filter {
    All,
    Class(ModelClass),
    Essentiality(Essentiality),
    /// A part of a name, in lower case.
    Part(String),
}

impl Filter {
    fn new(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::All };
        if let Ok(class) = text.parse() {
            Self::Class(class)
        } else if let Ok(essentiality) = text.parse() {
            Self::Essentiality(essentiality)
        } else {
            Self::Part(text.to_lowercase())
        }
    }

    fn accepts(&self, gene: &Gene) -> bool {
        match self {
            Self::All => true,
            Self::Class(class) => gene.model_class == *class,
            Self::Essentiality(essentiality) => gene.essentiality == *essentiality,
            Self::Part(part) => {
                let contains = |text: &str| text.to_lowercase().contains(part.as_str());
                contains(&gene.locus_tag)
                    || contains(&gene.product)
                    || gene.names.iter().any(|name| contains(name))
            }
        }
    }
}

fn described<'v>(
    gene: &Gene,
    operon: Option<OperonIdx>,
    genome: &Genome,
    heap: Heap<'v>,
) -> Value<'v> {
    let row = Row::new(heap)
        .with("locus_tag", gene.locus_tag.as_str())
        .with("name", gene.name())
        .with("product", gene.product.as_str())
        .with("type", gene.kind.as_str())
        .with("class", gene.model_class.as_str())
        .with("essentiality", gene.essentiality.as_str())
        .with("length_nt", gene.length_nt)
        .with("length_aa", known(gene.length_aa));
    if genome.operons().is_empty() {
        let row = row
            .with("promoter_strength", gene.promoter_strength)
            .with("operon", gene.operon_pred.as_str());
        return match gene.basic_function {
            Some(function) => row.with("basic_function", function.as_str()),
            None => row,
        }
        .finish();
    }
    let synonyms = gene.names.iter().skip(1).map(String::as_str);
    row.with("synonyms", AllocList(synonyms))
        .with("operon", known(operon.map(|idx| genome[idx].id.as_str())))
        .with("mrna_half_life_s", known(gene.mrna_half_life_s))
        .with("protein_count_glucose", known(gene.protein_count_glucose))
        .finish()
}

fn operon_described<'v>(operon: &Operon, genome: &Genome, heap: Heap<'v>) -> Value<'v> {
    let genes = operon
        .genes
        .iter()
        .map(|&gene| genome[gene].locus_tag.as_str());
    let regulation = &operon.regulation;
    let mut regulators = Row::new(heap);
    for regulator in &regulation.regulators {
        let effect = regulator.effect.map(RegulatorEffect::as_str);
        regulators.push(&regulator.name, known(effect));
    }
    Row::new(heap)
        .with("name", operon.name.as_str())
        .with("genes", AllocList(genes))
        .with("regulation", regulation.class.as_str())
        .with("default_state", regulation.default_state.as_str())
        .with("regulators", regulators.finish())
        .with("effector", known(regulation.effector.as_deref()))
        .with("fold_range", known(regulation.fold_range))
        .finish()
}

/// Locus tags by the operon that the gaps between genes suggest.
fn predicted_operons(genome: &Genome) -> BTreeMap<String, Vec<String>> {
    let mut operons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for gene in genome.genes() {
        if !gene.operon_pred.is_empty() {
            let members = operons.entry(gene.operon_pred.clone()).or_default();
            members.push(gene.locus_tag.clone());
        }
    }
    operons
}

fn known<T>(value: Option<T>) -> NoneOr<T> {
    value.map_or(NoneOr::None, NoneOr::Other)
}
