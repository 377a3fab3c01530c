//! Metabolite pools and the integer reactions between them.

use serde::{Deserialize, Serialize};

use super::constants::Constants;
use super::model::CellModel;
use super::numbers::{count, integer};
use crate::genome::GeneKind;

/// A nucleobase, in the order of the base counts of a gene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    Adenine,
    Cytosine,
    Guanine,
    Uracil,
}

impl Base {
    pub(crate) const ALL: [Base; 4] = [Base::Adenine, Base::Cytosine, Base::Guanine, Base::Uracil];

    pub(crate) fn index(self) -> usize {
        self as usize
    }

    pub(crate) fn ntp(self) -> Pool {
        [Pool::Atp, Pool::Ctp, Pool::Gtp, Pool::Utp][self as usize]
    }

    pub(crate) fn ndp(self) -> Pool {
        [Pool::Adp, Pool::Cdp, Pool::Gdp, Pool::Udp][self as usize]
    }

    pub(crate) fn nmp(self) -> Pool {
        [Pool::Amp, Pool::Cmp, Pool::Gmp, Pool::Ump][self as usize]
    }

    /// The building block of DNA; thymine stands for uracil.
    pub(crate) fn dntp(self) -> Pool {
        [Pool::Datp, Pool::Dctp, Pool::Dgtp, Pool::Dttp][self as usize]
    }
}

macro_rules! pools {
    ($($pool:ident $name:literal),* $(,)?) => {
        /// A well-mixed pool inside the cell, counted in molecules.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Pool { $($pool),* }

        impl Pool {
            pub(crate) const ALL: &[Pool] = &[$(Pool::$pool),*];
            pub(crate) const COUNT: usize = Self::ALL.len();

            /// The name that users write.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Pool::$pool => $name),* }
            }
        }
    };
}

pools! {
    Atp "ATP", Adp "ADP", Amp "AMP",
    Gtp "GTP", Gdp "GDP", Gmp "GMP",
    Utp "UTP", Udp "UDP", Ump "UMP",
    Ctp "CTP", Cdp "CDP", Cmp "CMP",
    Datp "dATP", Dgtp "dGTP", Dctp "dCTP", Dttp "dTTP",
    Phosphate "Pi", Pyrophosphate "PPi",
    AminoAcids "amino_acids", ChargedTrna "charged_tRNA", FreeTrna "free_tRNA",
    Lipid "lipid",
}

/// What one molecule of a pool holds of the conserved quantities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Holding {
    /// Nucleobases in the order of [`Base::ALL`].
    pub(crate) bases: [i64; 4],
    pub(crate) phosphorus: i64,
    pub(crate) amino_acids: i64,
    /// Phosphoanhydride bonds that can drive work: the ATP-equivalents of the ledger. Pyrophosphate counts as spent.
    pub(crate) bonds: i64,
}

impl Pool {
    pub(crate) fn holding(self) -> Holding {
        let mut holding = Holding::default();
        for base in Base::ALL {
            let phosphates = match self {
                p if p == base.ntp() || p == base.dntp() => 3,
                p if p == base.ndp() => 2,
                p if p == base.nmp() => 1,
                _ => continue,
            };
            holding.bases[base.index()] = 1;
            holding.phosphorus = phosphates;
            holding.bonds = phosphates - 1;
        }
        match self {
            Pool::Phosphate => holding.phosphorus = 1,
            Pool::Pyrophosphate => holding.phosphorus = 2,
            Pool::AminoAcids | Pool::ChargedTrna => holding.amino_acids = 1,
            _ => {}
        }
        holding
    }
}

/// Molecule counts of all pools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pools([i64; Pool::COUNT]);

impl Pools {
    pub(crate) fn empty() -> Self {
        Self([0; Pool::COUNT])
    }

    /// Pools of a newborn cell.
    pub(crate) fn newborn(model: &CellModel) -> Self {
        let c = &model.constants;
        let mut pools = Self::empty();
        for &pool in Pool::ALL {
            pools.set(
                pool,
                integer(Constants::molecules(
                    c.conc_mm[pool as usize],
                    c.volume_birth_al,
                )),
            );
        }
        let trna: u32 = model
            .products
            .iter()
            .filter(|p| p.kind == GeneKind::Trna)
            .map(|p| p.copies_at_birth)
            .sum();
        let charged = count(f64::from(trna) * c.trna_charged);
        pools.set(Pool::ChargedTrna, i64::from(charged));
        pools.set(Pool::FreeTrna, i64::from(trna - charged));
        pools.set(
            Pool::Lipid,
            integer(c.lipid_fraction * c.surface_birth_nm2 / c.lipid_nm2),
        );
        pools
    }

    pub(crate) fn get(&self, pool: Pool) -> i64 {
        self.0[pool as usize]
    }

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(crate) fn real(&self, pool: Pool) -> f64 {
        self.0[pool as usize] as f64
    }

    pub(crate) fn set(&mut self, pool: Pool, count: i64) {
        self.0[pool as usize] = count;
    }

    pub(crate) fn add(&mut self, pool: Pool, change: i64) {
        self.0[pool as usize] += change;
    }

    /// Applies `extent` times the stoichiometry of `reaction`.
    pub(crate) fn apply(&mut self, reaction: Reaction, extent: i64) {
        for (pool, coefficient) in reaction.stoichiometry() {
            self.add(*pool, coefficient * extent);
        }
    }

    /// (ATP + ADP/2) / (ATP + ADP + AMP), Atkinson 1968, doi 10.1021/bi00851a033. Zero without adenylates.
    pub(crate) fn energy_charge(&self) -> f64 {
        energy_charge(
            self.real(Pool::Atp),
            self.real(Pool::Adp),
            self.real(Pool::Amp),
        )
    }

    pub(crate) fn holding(&self) -> Holding {
        let mut sum = Holding::default();
        for &pool in Pool::ALL {
            let (count, one) = (self.get(pool), pool.holding());
            for b in 0..4 {
                sum.bases[b] += count * one.bases[b];
            }
            sum.phosphorus += count * one.phosphorus;
            sum.amino_acids += count * one.amino_acids;
            sum.bonds += count * one.bonds;
        }
        sum
    }
}

/// Energy charge of the given amounts, in any one unit.
pub(crate) fn energy_charge(atp: f64, adp: f64, amp: f64) -> f64 {
    let sum = atp + adp + amp;
    if sum > 0.0 {
        (atp + adp / 2.0) / sum
    } else {
        0.0
    }
}

/// A reaction with fixed integer stoichiometry. What leaves or enters the pools (RNA, DNA, protein, the medium) is
/// counted by the ledger and by the state of the cell, not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// ATP → ADP + Pi: unwinding, decay, translocation, maintenance.
    AtpHydrolysis,
    /// NTP → RNA + PPi.
    Polymerization(Base),
    /// RNA → NMP.
    RnaDecay(Base),
    /// charged tRNA + 2 GTP → tRNA + 2 GDP + 2 Pi + residue.
    Translation,
    /// residue + ATP → amino acid + ADP + Pi.
    ProteinDegradation,
    /// dATP + dTTP → DNA + 2 PPi.
    ReplicationAt,
    /// dGTP + dCTP → DNA + 2 PPi.
    ReplicationGc,
    /// ADP + Pi → ATP, driven by fermentation.
    Regeneration,
    /// NDP + ATP ⇌ NTP + ADP.
    DiphosphateKinase(Base),
    /// NMP + ATP → NDP + ADP.
    MonophosphateKinase(Base),
    /// AMP + ATP ⇌ 2 ADP.
    AdenylateKinase,
    /// PPi → 2 Pi.
    Pyrophosphatase,
    /// tRNA + amino acid + ATP → charged tRNA + AMP + PPi.
    Charging,
    /// amino acid (medium) + ATP → amino acid + ADP + Pi.
    AminoAcidImport,
    /// carbon source → amino acid.
    AminoAcidSynthesis,
    /// ATP → ADP + Pi: what growth costs beside what is posted where it is spent.
    Biosynthesis,
    /// nucleoside (medium) + 2 ATP → NMP + 2 ADP + Pi.
    Salvage(Base),
    /// NDP + 2 ATP → dNTP + 2 ADP + Pi.
    DeoxySynthesis(Base),
    /// lipid (medium) → lipid.
    LipidUptake,
    /// Pi (medium) ⇌ Pi.
    PhosphateExchange,
}

impl Reaction {
    #[rustfmt::skip]
    pub(crate) fn stoichiometry(self) -> &'static [(Pool, i64)] {
        use Base::{Adenine as A, Cytosine as C, Guanine as G, Uracil as U};
        use Pool::*;
        match self {
            Reaction::AminoAcidSynthesis => &[(AminoAcids, 1)],
            Reaction::AtpHydrolysis | Reaction::Biosynthesis => &[(Atp, -1), (Adp, 1), (Phosphate, 1)],
            Reaction::Polymerization(A) => &[(Atp, -1), (Pyrophosphate, 1)],
            Reaction::Polymerization(C) => &[(Ctp, -1), (Pyrophosphate, 1)],
            Reaction::Polymerization(G) => &[(Gtp, -1), (Pyrophosphate, 1)],
            Reaction::Polymerization(U) => &[(Utp, -1), (Pyrophosphate, 1)],
            Reaction::RnaDecay(A) => &[(Amp, 1)],
            Reaction::RnaDecay(C) => &[(Cmp, 1)],
            Reaction::RnaDecay(G) => &[(Gmp, 1)],
            Reaction::RnaDecay(U) => &[(Ump, 1)],
            Reaction::Translation => &[(ChargedTrna, -1), (FreeTrna, 1), (Gtp, -2), (Gdp, 2), (Phosphate, 2)],
            Reaction::ProteinDegradation => &[(AminoAcids, 1), (Atp, -1), (Adp, 1), (Phosphate, 1)],
            Reaction::ReplicationAt => &[(Datp, -1), (Dttp, -1), (Pyrophosphate, 2)],
            Reaction::ReplicationGc => &[(Dgtp, -1), (Dctp, -1), (Pyrophosphate, 2)],
            Reaction::Regeneration => &[(Adp, -1), (Phosphate, -1), (Atp, 1)],
            Reaction::DiphosphateKinase(A) => &[],
            Reaction::DiphosphateKinase(C) => &[(Cdp, -1), (Atp, -1), (Ctp, 1), (Adp, 1)],
            Reaction::DiphosphateKinase(G) => &[(Gdp, -1), (Atp, -1), (Gtp, 1), (Adp, 1)],
            Reaction::DiphosphateKinase(U) => &[(Udp, -1), (Atp, -1), (Utp, 1), (Adp, 1)],
            Reaction::MonophosphateKinase(A) | Reaction::AdenylateKinase => &[(Amp, -1), (Atp, -1), (Adp, 2)],
            Reaction::MonophosphateKinase(C) => &[(Cmp, -1), (Atp, -1), (Cdp, 1), (Adp, 1)],
            Reaction::MonophosphateKinase(G) => &[(Gmp, -1), (Atp, -1), (Gdp, 1), (Adp, 1)],
            Reaction::MonophosphateKinase(U) => &[(Ump, -1), (Atp, -1), (Udp, 1), (Adp, 1)],
            Reaction::Pyrophosphatase => &[(Pyrophosphate, -1), (Phosphate, 2)],
            Reaction::Charging => &[(FreeTrna, -1), (AminoAcids, -1), (Atp, -1), (ChargedTrna, 1), (Amp, 1), (Pyrophosphate, 1)],
            Reaction::AminoAcidImport => &[(AminoAcids, 1), (Atp, -1), (Adp, 1), (Phosphate, 1)],
            Reaction::Salvage(A) => &[(Amp, 1), (Atp, -2), (Adp, 2), (Phosphate, 1)],
            Reaction::Salvage(C) => &[(Cmp, 1), (Atp, -2), (Adp, 2), (Phosphate, 1)],
            Reaction::Salvage(G) => &[(Gmp, 1), (Atp, -2), (Adp, 2), (Phosphate, 1)],
            Reaction::Salvage(U) => &[(Ump, 1), (Atp, -2), (Adp, 2), (Phosphate, 1)],
            Reaction::DeoxySynthesis(A) => &[(Adp, 1), (Atp, -2), (Datp, 1), (Phosphate, 1)],
            Reaction::DeoxySynthesis(C) => &[(Cdp, -1), (Atp, -2), (Adp, 2), (Dctp, 1), (Phosphate, 1)],
            Reaction::DeoxySynthesis(G) => &[(Gdp, -1), (Atp, -2), (Adp, 2), (Dgtp, 1), (Phosphate, 1)],
            Reaction::DeoxySynthesis(U) => &[(Udp, -1), (Atp, -2), (Adp, 2), (Dttp, 1), (Phosphate, 1)],
            Reaction::LipidUptake => &[(Lipid, 1)],
            Reaction::PhosphateExchange => &[(Phosphate, 1)],
        }
    }

    /// Phosphoanhydride bonds that one extent takes out of the pools; negative for regeneration.
    pub(crate) fn bonds_spent(self) -> i64 {
        -self
            .stoichiometry()
            .iter()
            .map(|(pool, n)| pool.holding().bonds * n)
            .sum::<i64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reaction_conserves_what_it_does_not_exchange() {
        // Columns: bases A C G U, phosphorus, amino acids that enter the pools per extent from outside them.
        let none = [0, 0, 0, 0, 0, 0];
        check(Reaction::AtpHydrolysis, none, 1);
        check(Reaction::Translation, [0, 0, 0, 0, 0, -1], 2);
        check(Reaction::ProteinDegradation, [0, 0, 0, 0, 0, 1], 1);
        check(Reaction::ReplicationAt, [-1, 0, 0, -1, -2, 0], 4);
        check(Reaction::ReplicationGc, [0, -1, -1, 0, -2, 0], 4);
        check(Reaction::Regeneration, none, -1);
        check(Reaction::AdenylateKinase, none, 0);
        check(Reaction::Pyrophosphatase, none, 0);
        check(Reaction::Charging, none, 2);
        check(Reaction::AminoAcidImport, [0, 0, 0, 0, 0, 1], 1);
        check(Reaction::LipidUptake, none, 0);
        check(Reaction::PhosphateExchange, [0, 0, 0, 0, 1, 0], 0);
        for base in Base::ALL {
            let b = base.index();
            let one = |sign: i64| {
                let mut exchange = none;
                exchange[b] = sign;
                exchange
            };
            let with_phosphorus = |mut exchange: [i64; 6], p| {
                exchange[4] = p;
                exchange
            };
            check(
                Reaction::Polymerization(base),
                with_phosphorus(one(-1), -1),
                2,
            );
            check(Reaction::RnaDecay(base), with_phosphorus(one(1), 1), 0);
            check(Reaction::DiphosphateKinase(base), none, 0);
            check(Reaction::MonophosphateKinase(base), none, 0);
            check(Reaction::Salvage(base), one(1), 2);
            check(Reaction::DeoxySynthesis(base), none, 1);
        }
    }

    #[track_caller]
    fn check(reaction: Reaction, exchanged: [i64; 6], bonds_spent: i64) {
        let mut pools = Pools::empty();
        pools.apply(reaction, 1);
        let h = pools.holding();
        let change = [
            h.bases[0],
            h.bases[1],
            h.bases[2],
            h.bases[3],
            h.phosphorus,
            h.amino_acids,
        ];
        assert_eq!(change, exchanged, "{reaction:?}");
        assert_eq!(reaction.bonds_spent(), bonds_spent, "{reaction:?}");
    }
}
