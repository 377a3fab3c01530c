//! Columns of a list of operons.

use bioxen::genome::{Operon, Regulator};

use super::csv::Number;
use super::list::{Column, Entry};

/// What an operon has.
pub(crate) const COLUMNS: [Column<Operon>; 9] = [
    Column::new("id", "id", |_, operon| Entry::word(&operon.id)),
    Column::new("name", "name", |_, operon| Entry::word(&operon.name)),
    Column::new("class", "class", |_, operon| {
        Entry::word(operon.regulation.class.as_str())
    }),
    Column::new("default", "default_state", |_, operon| {
        Entry::word(operon.regulation.default_state.as_str())
    }),
    Column::new("on/off", "fold_range", |_, operon| {
        Entry::optional(operon.regulation.fold_range, |fold| {
            Entry::Number(Number::Value(fold))
        })
    }),
    Column::new("regulators", "regulators", |_, operon| {
        Entry::Several(operon.regulation.regulators.iter().map(acting).collect())
    }),
    Column::new("effector", "effector", |_, operon| {
        Entry::optional(operon.regulation.effector.as_deref(), Entry::word)
    }),
    Column::new("length, nt", "length_nt", |_, operon| {
        Entry::count(operon.length_nt())
    }),
    Column::new("genes", "genes", |genome, operon| {
        let genes = operon.genes.iter();
        Entry::Several(genes.map(|&gene| genome[gene].name().to_owned()).collect())
    }),
];

/// A regulator with its sign: `LacI:-`.
fn acting(regulator: &Regulator) -> String {
    match regulator.effect {
        Some(effect) => format!("{}:{effect}", regulator.name),
        None => regulator.name.clone(),
    }
}
