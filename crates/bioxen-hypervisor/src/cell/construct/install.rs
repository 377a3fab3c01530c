//! Giving constructs to a living cell and taking them away.

use std::sync::Arc;

use super::{Construct, ConstructError};
use crate::cell::Cell;
use crate::cell::genes::{Genes, GenesState};
use crate::cell::mechanism::Turnover;
use crate::cell::model::{CellModel, size};
use crate::cell::numbers::count;

/// Which unit or gene it is, whatever other constructs are there: its place in the host, or its construct and its
/// place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key<'a> {
    Host(usize),
    Foreign(&'a str, usize),
}

impl Cell {
    /// What the cell was given beside its genome.
    pub fn constructs(&self) -> &[Construct] {
        &self.model.constructs
    }

    /// Gives the cell a construct: its plasmid in its mean number of copies, and none of its products. All or nothing.
    ///
    /// # Errors
    ///
    /// [`ConstructError`] when it does not fit the cell.
    pub fn install(&mut self, construct: &Construct) -> Result<(), ConstructError> {
        let mut constructs = self.model.constructs.clone();
        constructs.push(construct.clone());
        let model = self.model.with_constructs(&constructs)?;
        self.rebuild(model);
        Ok(())
    }

    /// Takes a construct away with all that it made; nothing happens when it is not there.
    ///
    /// # Errors
    ///
    /// [`ConstructError`] when another construct needs one of its proteins.
    pub fn uninstall(&mut self, name: &str) -> Result<(), ConstructError> {
        let mut constructs = self.model.constructs.clone();
        constructs.retain(|construct| construct.name != name);
        if constructs.len() == self.model.constructs.len() {
            return Ok(());
        }
        let model = self.model.with_constructs(&constructs)?;
        self.rebuild(model);
        Ok(())
    }

    /// Goes over to another model of the same host. What both have stays as it is; what the new one lacks leaves the cell,
    /// and what it brings enters as an import.
    fn rebuild(&mut self, model: Arc<CellModel>) {
        let before = self.content();
        let old = Arc::clone(&self.model);
        let units = places(&unit_keys(&old), &unit_keys(&model));
        let genes = places(&gene_keys(&old), &gene_keys(&model));
        self.move_chains(&old, &units, &genes);
        let plasmids = model.plasmids.iter().map(|plasmid| {
            let there = old.plasmids.iter().position(|p| p.name == plasmid.name);
            there.map_or_else(|| count(plasmid.copies).max(1), |p| self.plasmids[p])
        });
        self.plasmids = plasmids.collect();
        for round in &mut self.chromosome.rounds {
            round.units_passed = count(size(round.reached(&model)));
        }
        let state = self.moved_state(&model, &units, &genes);
        self.model = model;
        let model = Arc::clone(&self.model);
        self.genes = Genes::from_state(state, &model);
        self.bear_plasmid_doses(&model);
        self.recount(&model);
        self.grow();
        self.growth.rebase(self.mass());
        self.keep_settings(&old);
        self.inducers
            .retain(|name| model.inducers().any(|known| known == name));
        self.control();
        self.ledger.imported = self.ledger.imported.plus(self.content().minus(before));
    }

    fn move_chains(&mut self, old: &CellModel, units: &[Option<usize>], genes: &[Option<usize>]) {
        let place = |map: &[Option<usize>], unit: u32| {
            let to = map[unit as usize].expect("the others are gone");
            u32::try_from(to).expect("few units")
        };
        let stays = |map: &[Option<usize>], unit: u32| map[unit as usize].is_some();
        let (_, gone) = self.transcripts.retain(
            |u| old.amounts_transcript(u),
            |entry| stays(units, entry.unit),
        );
        self.rnap.bound -= number(gone.len());
        let (_, gone) = self
            .chains
            .retain(|g| old.amounts_protein(g), |entry| stays(genes, entry.unit));
        self.ribosomes.bound -= number(gone.len());
        let (_, gone) = self
            .decays
            .retain(|u| old.amounts_message(u), |entry| stays(units, entry.unit));
        if old.mechanisms.turnover == Turnover::Degradosomes {
            self.degradosomes.bound -= number(gone.len());
        }
        self.transcripts.rename(|unit| place(units, unit));
        self.chains.rename(|gene| place(genes, gene));
        self.decays.rename(|unit| place(units, unit));
    }

    fn moved_state(
        &self,
        model: &CellModel,
        units: &[Option<usize>],
        genes: &[Option<usize>],
    ) -> GenesState {
        let old = self.genes.state();
        let mut new = GenesState::empty(model);
        for (from, to) in units.iter().enumerate() {
            if let Some(to) = *to {
                old.copy_unit(from, &mut new, to);
            }
        }
        for (from, to) in genes.iter().enumerate() {
            if let Some(to) = *to {
                old.copy_gene(from, &mut new, to);
            }
        }
        for (unit, copies) in self.chromosome.doses(model) {
            new.dose[unit] = copies;
        }
        new
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).expect("machines fit 32 bits")
}

/// For each old key its place among the new ones.
fn places(old: &[Key<'_>], new: &[Key<'_>]) -> Vec<Option<usize>> {
    old.iter()
        .map(|key| match key {
            // The host's own come first in every model of it.
            Key::Host(at) => Some(*at),
            Key::Foreign(..) => new.iter().position(|other| other == key),
        })
        .collect()
}

fn unit_keys(model: &CellModel) -> Vec<Key<'_>> {
    let host = model.host().units.len();
    let foreign = model.constructs.iter().flat_map(|construct| {
        (0..construct.units.len()).map(|unit| Key::Foreign(&construct.name, unit))
    });
    (0..host).map(Key::Host).chain(foreign).collect()
}

fn gene_keys(model: &CellModel) -> Vec<Key<'_>> {
    let host = model.host().products.len();
    let foreign = model.constructs.iter().flat_map(|construct| {
        let genes = construct.units.iter().map(|unit| unit.genes.len()).sum();
        (0..genes).map(|gene| Key::Foreign(&construct.name, gene))
    });
    (0..host).map(Key::Host).chain(foreign).collect()
}
