//! Calls that look something up in the genome.

use std::collections::BTreeMap;

use bioxen_core::Operation;
use starlark::environment::GlobalsBuilder;
use starlark::starlark_module;
use starlark::values::list::AllocList;
use starlark::values::none::NoneOr;
use starlark::values::{Heap, Value};

use super::super::fault::Fault;
use super::super::session::with_session;
use super::Row;
use crate::genome::{Essentiality, Gene, ModelClass};

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

    /// Not offered by syn3A, which has no plasmids.
    fn plasmids() -> starlark::Result<Vec<String>> {
        Err(Fault::unsupported(Operation::PlasmidCount).raise())
    }

    /// Predicted operons: the locus tags of their genes, by the name of the prediction.
    fn operons<'v>(heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let operons = with_session(|session| {
            let mut operons: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for gene in session.cell.model().genome().genes() {
                if !gene.operon_pred.is_empty() {
                    operons
                        .entry(gene.operon_pred.clone())
                        .or_default()
                        .push(gene.locus_tag.clone());
                }
            }
            Ok(operons)
        })?;
        Ok(heap.alloc(operons))
    }

    /// Genes as dictionaries: those of a model class, of an essentiality, or whose locus tag, name or product contains
    /// the filter; all without one.
    fn genes<'v>(
        #[starlark(default = NoneOr::None)] filter: NoneOr<&str>,
        heap: Heap<'v>,
    ) -> starlark::Result<Value<'v>> {
        let filter = Filter::new(filter.into_option());
        let model = with_session(|session| Ok(std::sync::Arc::clone(session.cell.model())))?;
        let found = model
            .genome()
            .genes()
            .iter()
            .filter(|gene| filter.accepts(gene));
        Ok(heap.alloc(AllocList(found.map(|gene| described(gene, heap)))))
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

fn described<'v>(gene: &Gene, heap: Heap<'v>) -> Value<'v> {
    Row::new(heap)
        .with("locus_tag", gene.locus_tag.as_str())
        .with("name", gene.name())
        .with("product", gene.product.as_str())
        .with("type", gene.kind.as_str())
        .with("class", gene.model_class.as_str())
        .with("essentiality", gene.essentiality.as_str())
        .with("length_nt", gene.length_nt)
        .with(
            "length_aa",
            gene.length_aa.map_or(NoneOr::None, NoneOr::Other),
        )
        .with("promoter_strength", gene.promoter_strength)
        .with("operon", gene.operon_pred.as_str())
        .finish()
}
