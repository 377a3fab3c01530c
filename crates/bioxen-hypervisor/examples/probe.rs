//! Scratch: prints a cell cycle.
#![allow(clippy::print_stdout, missing_docs)]
use bioxen_core::*;
use bioxen_hypervisor::*;
use std::sync::Arc;
fn main() {
    let model = Arc::new(CellModel::syn3a());
    let quota = Quota { atp: AtpPercent::FULL, ribosomes: RibosomeCount::new(15), unit: RibosomeUnit::Share };
    let mut cell = Cell::newborn(model, &VmId::new("probe").unwrap(), Seed::new(1), quota, CellOptions::default());
    for m in 0..=130u64 {
        cell.advance_to(SimTime::from_micros(m * 60_000_000));
        if m % 10 == 0 || m<3 {
            let s = cell.sample();
            println!("{m:4} gen {} atp {:.3} E {:.4} gtp {:.3} rib {}/{} rnap {}/{} deg {} mrna {} prot {} f {:.3} S {:.3} V {:.1} dna {} lam {:.3}", s.generation, s.atp_mm, s.energy_charge, s.gtp_mm, s.ribosomes_translating, s.ribosomes_translating+s.ribosomes_free, s.rnap_transcribing, s.rnap_total, s.degradosomes, s.mrna, s.proteins, s.protein_mass, s.surface_nm2/502655.0, s.volume_al, s.dna_bp, s.growth_rate_per_h);
        }
    }
    println!("{:?} {:?}", cell.events(), cell.divisions());
    let total: u64 = cell.spent_by_cause().iter().map(|c| c.1).sum();
    for (n, v) in cell.spent_by_cause() { println!("{n} {:.1}%", 100.0 * v as f64 / total as f64); }
    println!("{:?} per s {}", cell.regenerated_and_granted(), total as f64 / cell.time().seconds());
}
