//! Columns of a list of genes, by organism.

use bioxen::Organism;
use bioxen::genome::{BasicFunction, GeneIdx};

use super::list::{Column, Entry};

const LOCUS_TAG: Column<GeneIdx> = Column::new("locus tag", "locus_tag", |genome, idx| {
    Entry::word(&genome[*idx].locus_tag)
});

const NAME: Column<GeneIdx> = Column::new("name", "name", |genome, idx| {
    Entry::optional(genome[*idx].names.first(), |name| Entry::word(name))
});

const B_NUMBER: Column<GeneIdx> = Column::new("b-number", "b_number", |genome, idx| {
    // A gene may have no symbol.
    let mut names = genome[*idx].names.iter();
    let number = names.find(|name| is_b_number(name));
    Entry::optional(number, |name| Entry::word(name))
});

const KIND: Column<GeneIdx> = Column::new("type", "type", |genome, idx| {
    Entry::word(genome[*idx].kind.as_str())
});

const CLASS: Column<GeneIdx> = Column::new("class", "class", |genome, idx| {
    Entry::word(genome[*idx].model_class.as_str())
});

const FUNCTION: Column<GeneIdx> = Column::new("function", "basic_function", |genome, idx| {
    let function = genome[*idx].basic_function;
    Entry::optional(function.map(BasicFunction::as_str), Entry::word)
});

const ESSENTIALITY: Column<GeneIdx> = Column::new("essentiality", "essentiality", |genome, idx| {
    Entry::word(genome[*idx].essentiality.as_str())
});

const OPERON: Column<GeneIdx> = Column::new("operon", "operon", |genome, idx| {
    let operon = genome.operon_of(*idx).map(|operon| &genome[operon].id);
    Entry::optional(operon, |id| Entry::word(id))
});

const LENGTH: Column<GeneIdx> = Column::new("length, nt", "length_nt", |genome, idx| {
    Entry::count(genome[*idx].length_nt)
});

const AT_BIRTH: Column<GeneIdx> =
    Column::new("proteins at birth", "proteins_at_birth", |genome, idx| {
        Entry::optional(genome[*idx].initial_protein_count, Entry::count)
    });

const ON_GLUCOSE: Column<GeneIdx> = Column::new(
    "proteins on glucose",
    "proteins_on_glucose",
    |genome, idx| Entry::optional(genome[*idx].protein_count_glucose, Entry::count),
);

const PRODUCT: Column<GeneIdx> = Column::new("product", "product", |genome, idx| {
    Entry::word(&genome[*idx].product)
});

/// What the genes of an organism have.
pub(crate) const fn columns(organism: Organism) -> &'static [Column<GeneIdx>] {
    match organism {
        Organism::Syn3a => &[
            LOCUS_TAG,
            NAME,
            KIND,
            CLASS,
            ESSENTIALITY,
            LENGTH,
            AT_BIRTH,
            PRODUCT,
        ],
        Organism::Ecoli => &[
            LOCUS_TAG,
            NAME,
            B_NUMBER,
            KIND,
            CLASS,
            ESSENTIALITY,
            OPERON,
            LENGTH,
            ON_GLUCOSE,
            PRODUCT,
        ],
        Organism::MinimalCell => &[
            LOCUS_TAG,
            NAME,
            KIND,
            CLASS,
            FUNCTION,
            ESSENTIALITY,
            LENGTH,
            AT_BIRTH,
            PRODUCT,
        ],
    }
}

/// Whether a name is an identifier of Blattner et al., such as `b0344`.
fn is_b_number(name: &str) -> bool {
    name.strip_prefix('b')
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
}
