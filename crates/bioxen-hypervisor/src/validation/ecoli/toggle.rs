//! The toggle switch of Gardner, Cantor & Collins 2000.

use std::sync::atomic::AtomicBool;

use super::media::GLUCOSE;
use super::{Figure, Observed, Seen, built_in};
use crate::cell::Cell;
use crate::validation::ensemble::to_division;
use crate::validation::experiment::Watch;
use crate::validation::statistics::{Simulated, over_cells};

/// Generations with an inducer, some 4.5 h, and generations after it, some 6 h, in which the state must hold.
const TURNING: u32 = 6;
const HOLDING: u32 = 8;

/// A repressor that is so many times as abundant as the other has the upper hand.
const CLEAR: f64 = 3.0;

/// Which repressor had the upper hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    TetR,
    LacI,
    Neither,
}

/// What the switch of one cell did.
pub(in crate::validation) struct Switch {
    /// At the end of IPTG, and after the generations without it.
    after_iptg: [Side; 2],
    /// The same for aTc.
    after_atc: [Side; 2],
}

pub(super) const WATCH: Watch<Observed> = Watch {
    name: "toggle",
    settings: 1,
    follow: |mut cell, _, stop| {
        cell.install(&built_in("toggle_switch"))
            .expect("a test installs it");
        cell.set_medium(GLUCOSE.around(&cell));
        Some(Observed::Switch(Switch {
            after_iptg: turn(&mut cell, "IPTG", stop)?,
            after_atc: turn(&mut cell, "aTc", stop)?,
        }))
    },
};

/// Gives an inducer and takes it away again. The sides at both times; `None` if `stop` was raised.
fn turn(cell: &mut Cell, inducer: &str, stop: &AtomicBool) -> Option<[Side; 2]> {
    let known = "the switch answers to both inducers";
    cell.set_inducers(&[inducer.to_owned()]).expect(known);
    let divides = grow(cell, TURNING, stop)?;
    let turned = if divides { side(cell) } else { Side::Neither };
    cell.set_inducers(&[]).expect(known);
    let divides = divides && grow(cell, HOLDING, stop)?;
    let held = if divides { side(cell) } else { Side::Neither };
    Some([turned, held])
}

/// Whether the cell goes through so many generations: one that has stopped growing holds nothing.
fn grow(cell: &mut Cell, generations: u32, stop: &AtomicBool) -> Option<bool> {
    for _ in 0..generations {
        if !to_division(cell, stop, |_, _| {})? {
            return Some(false);
        }
        cell.divide();
    }
    Some(true)
}

fn side(cell: &Cell) -> Side {
    let copies = |gene: &str| {
        let gene = cell
            .find_gene(gene)
            .expect("the switch has both repressors");
        f64::from(cell.product_count(gene.index()))
    };
    let (tetr, laci) = (copies("tetR_toggle"), copies("lacI_toggle"));
    if tetr > CLEAR * laci {
        Side::TetR
    } else if laci > CLEAR * tetr {
        Side::LacI
    } else {
        Side::Neither
    }
}

pub(super) fn rows() -> Vec<Figure> {
    let row = |id, is: OfSwitch| Figure::new(id, move |seen| share(seen, is));
    vec![
        row("E914a", |switch| switch.after_iptg[0] == Side::TetR),
        row("E914b", |switch| switch.after_iptg[1] == Side::TetR),
        row("E914c", |switch| switch.after_atc[0] == Side::LacI),
        row("E914d", |switch| switch.after_atc[1] == Side::LacI),
    ]
}

/// What is true of some cells.
type OfSwitch = fn(&Switch) -> bool;

/// Share of cells of which this is true.
fn share(seen: &Seen, is: OfSwitch) -> Simulated {
    let switches: Vec<&Switch> = seen
        .each(|seen| match seen {
            Observed::Switch(switch) => Some(switch),
            _ => None,
        })
        .collect();
    over_cells(&switches, |switch| Some(f64::from(u8::from(is(switch)))))
}
