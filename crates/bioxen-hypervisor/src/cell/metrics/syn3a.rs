//! Metrics of JCVI-syn3A.

use bioxen_core::{Syn3aMetrics, Vitality};

use crate::cell::Cell;
use crate::genome::{Essentiality, GeneKind};

impl Cell {
    pub(super) fn syn3a_metrics(&self) -> Syn3aMetrics {
        let mut metrics = Syn3aMetrics {
            atp_percent: self.atp_percent(),
            essential_genes_count: 0,
            essential_genes_total: 0,
            essential_and_quasi_count: 0,
            essential_and_quasi_total: 0,
            minimal_status: Vitality::Viable,
        };
        for (idx, gene) in self.model.genome().iter() {
            let essential =
                gene.kind == GeneKind::Cds && gene.essentiality == Essentiality::Essential;
            let quasi =
                gene.kind == GeneKind::Cds && gene.essentiality == Essentiality::QuasiEssential;
            let stable = matches!(gene.kind, GeneKind::Trna | GeneKind::Rrna);
            if !(essential || quasi || stable) {
                continue;
            }
            let active = u32::from(self.is_active(idx.index()));
            metrics.essential_and_quasi_total += 1;
            metrics.essential_and_quasi_count += active;
            metrics.essential_genes_total += u32::from(essential);
            metrics.essential_genes_count += u32::from(essential) * active;
        }
        metrics.minimal_status =
            self.vitality_of(metrics.essential_genes_count, metrics.essential_genes_total);
        metrics
    }
}
