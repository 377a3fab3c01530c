//! What becomes of finished proteins: insertion, maturation and degradation.

use crate::cell::Cell;
use crate::cell::numbers::real;

impl Cell {
    /// X1: a protein moves into or across the membrane.
    pub(super) fn insert_protein(&mut self) {
        let gene = self.pick(|g| &g.waiting);
        let product = &self.model.products[gene];
        self.genes.take_waiting(gene, product);
        if product.in_membrane {
            self.membrane_proteins += 1;
        }
        self.insertion_budget -= product.insertion_cost;
        self.insertion_atp += product.insertion_cost;
        self.events.inserted += 1;
    }

    /// P1, an option: every protein that is in no machine and waits for no translocon.
    pub(super) fn protein_decay_propensity(&self) -> f64 {
        if !self.protein_decay || self.degradation_budget < self.model.longest_protein {
            return 0.0;
        }
        self.model.constants.protein_decay
            * real(self.loose_proteins().map(|(_, n)| u64::from(n)).sum())
    }

    fn loose_proteins(&self) -> impl Iterator<Item = (usize, u32)> {
        let inside = self.parts_inside();
        (0..self.model.products.len())
            .filter(|&gene| self.model.products[gene].is_message())
            .map(move |gene| {
                let there = self.genes.products[gene] - self.genes.waiting_count[gene];
                (gene, there.saturating_sub(inside[gene]))
            })
    }

    /// P2: a protein with a degradation tag is taken apart; a young one as likely as any other.
    pub(super) fn degrade_tagged(&mut self) {
        let gene = self.pick(|g| &g.tagged);
        let copies = u64::from(self.genes.products[gene]);
        if self.stream.below(copies) < u64::from(self.genes.immature[gene]) {
            self.genes.immature[gene] -= 1;
        }
        self.take_apart(gene);
        self.events.protein_degraded += 1;
    }

    /// A protein becomes what it was made for.
    pub(super) fn mature_protein(&mut self) {
        let gene = self.pick(|g| &g.maturing);
        self.genes.immature[gene] -= 1;
        self.genes.refresh_fate(gene, &self.model);
    }

    fn take_apart(&mut self, gene: usize) {
        let residues = i64::from(self.model.products[gene].residues);
        self.genes.products[gene] -= 1;
        self.residues -= residues;
        self.degraded_residues += residues;
        self.degradation_budget -= residues;
        if let Some(young) = self.genes.immature.get_mut(gene) {
            *young = (*young).min(self.genes.products[gene]);
            self.genes.refresh_fate(gene, &self.model);
        }
    }

    pub(super) fn degrade_protein(&mut self) {
        let loose: Vec<(usize, u32)> = self.loose_proteins().collect();
        let total: u64 = loose.iter().map(|(_, n)| u64::from(*n)).sum();
        if total == 0 {
            return;
        }
        let mut point = self.stream.below(total);
        let gene = loose
            .into_iter()
            .find(|(_, n)| {
                let inside = point < u64::from(*n);
                point = point.saturating_sub(u64::from(*n));
                inside
            })
            .map(|(gene, _)| gene)
            .expect("the point is below the total");
        self.take_apart(gene);
        if self.model.products[gene].in_membrane {
            self.membrane_proteins -= 1;
        }
        self.events.protein_degraded += 1;
    }
}
