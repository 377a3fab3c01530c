//! The energy and material accounts of a cell: every phosphate bond made or spent, every import and export.

use serde::{Deserialize, Serialize};

use super::pools::{Holding, Pools, Reaction};

macro_rules! causes {
    ($($cause:ident $name:literal),* $(,)?) => {
        /// What ATP-equivalents are spent on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Cause { $($cause),* }

        impl Cause {
            pub(crate) const ALL: &[Cause] = &[$(Cause::$cause),*];
            pub(crate) const COUNT: usize = Self::ALL.len();

            pub(crate) fn name(self) -> &'static str {
                match self { $(Cause::$cause => $name),* }
            }
        }
    };
}

causes! {
    Maintenance "maintenance",
    Translation "translation",
    Charging "charging",
    Polymerization "transcription",
    Unwinding "transcription_unwinding",
    RnaDecay "mrna_decay",
    AminoAcidImport "amino_acid_import",
    Salvage "nucleoside_salvage",
    Deoxy "dntp_synthesis",
    Replication "replication",
    Translocation "translocation",
    ProteinDecay "protein_decay",
    Biosynthesis "biosynthesis",
}

/// Totals since the cell was made, in molecules or ATP-equivalents (phosphoanhydride bonds).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    spent: [i64; Cause::COUNT],
    pub(crate) regenerated: i64,
    /// ATP that the quota allowed to regenerate.
    pub(crate) granted: i64,
    /// Bonds that came with the first pools.
    pub(crate) initial: Account,
    /// What entered from the medium less what left for it.
    pub(crate) imported: Account,
    /// What went to discarded daughters.
    pub(crate) exported: Account,
    pub(crate) glucose: i64,
    /// Of it, what was burnt to regenerate ATP.
    pub(crate) burnt: i64,
    pub(crate) acids: i64,
    pub(crate) lipids: i64,
    /// Remainder of glucose below one molecule, in hundredths of an ATP.
    glucose_remainder: i64,
    /// Likewise of glucose for building, in hundredths of a molecule.
    built_remainder: i64,
}

/// Amounts of the conserved quantities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// A C G U (T of DNA counts as U).
    pub(crate) bases: [i64; 4],
    pub(crate) phosphorus: i64,
    pub(crate) amino_acids: i64,
    pub(crate) bonds: i64,
}

impl Account {
    pub(crate) fn plus(self, other: Account) -> Account {
        self.combine(other, |a, b| a + b)
    }

    pub(crate) fn minus(self, other: Account) -> Account {
        self.combine(other, |a, b| a - b)
    }

    fn combine(self, other: Account, f: impl Fn(i64, i64) -> i64) -> Account {
        let mut bases = [0; 4];
        for (n, base) in bases.iter_mut().enumerate() {
            *base = f(self.bases[n], other.bases[n]);
        }
        Account {
            bases,
            phosphorus: f(self.phosphorus, other.phosphorus),
            amino_acids: f(self.amino_acids, other.amino_acids),
            bonds: f(self.bonds, other.bonds),
        }
    }
}

impl From<Holding> for Account {
    fn from(h: Holding) -> Self {
        Self {
            bases: h.bases,
            phosphorus: h.phosphorus,
            amino_acids: h.amino_acids,
            bonds: h.bonds,
        }
    }
}

impl Ledger {
    pub(crate) fn new(initial: Account) -> Self {
        Self {
            spent: [0; Cause::COUNT],
            regenerated: 0,
            granted: 0,
            initial,
            imported: Account::default(),
            exported: Account::default(),
            glucose: 0,
            burnt: 0,
            acids: 0,
            lipids: 0,
            glucose_remainder: 0,
            built_remainder: 0,
        }
    }

    /// Whether all totals are such that sums of them cannot overflow, with `room` to spare: used when an image is read.
    pub(crate) fn is_sound(&self, room: i64) -> bool {
        let limit = i64::MAX / 64 - room;
        let accounts = [&self.initial, &self.imported, &self.exported];
        let totals = [
            self.regenerated,
            self.granted,
            self.glucose,
            self.burnt,
            self.acids,
            self.lipids,
            self.glucose_remainder,
            self.built_remainder,
        ];
        self.spent
            .iter()
            .chain(&totals)
            .all(|n| (0..limit).contains(n))
            && accounts.iter().all(|a| {
                a.bases
                    .iter()
                    .chain([&a.phosphorus, &a.amino_acids, &a.bonds])
                    .all(|n| n.abs() < limit)
            })
    }

    pub(crate) fn spent(&self, cause: Cause) -> i64 {
        self.spent[cause as usize]
    }

    pub(crate) fn spent_in_all(&self) -> i64 {
        self.spent.iter().sum()
    }

    /// Takes `extent` of a reaction from the pools and books its bonds under `cause`.
    pub(crate) fn post(
        &mut self,
        pools: &mut Pools,
        reaction: Reaction,
        extent: i64,
        cause: Cause,
    ) {
        pools.apply(reaction, extent);
        self.spent[cause as usize] += extent * reaction.bonds_spent();
    }

    /// Books ATP regenerated by fermentation, and the glucose and acids that go with it.
    pub(crate) fn post_regeneration(
        &mut self,
        pools: &mut Pools,
        extent: i64,
        yield_hundredths: i64,
        acids_per_glucose: i64,
    ) {
        pools.apply(Reaction::Regeneration, extent);
        self.regenerated += extent;
        let owed = self.glucose_remainder + 100 * extent;
        let glucose = owed.div_euclid(yield_hundredths);
        self.glucose_remainder = owed.rem_euclid(yield_hundredths);
        self.glucose += glucose;
        self.burnt += glucose;
        self.acids += glucose * acids_per_glucose;
    }

    /// Books the glucose of which amino acids, and all that goes with them, are built.
    pub(crate) fn build(&mut self, amino_acids: i64, glucose_hundredths: i64) {
        let owed = self.built_remainder + amino_acids * glucose_hundredths;
        self.glucose += owed.div_euclid(100);
        self.built_remainder = owed.rem_euclid(100);
    }

    /// Bonds that must still be in the pools if nothing was lost: the books close when this equals what is there.
    pub(crate) fn bonds_due(&self) -> i64 {
        self.initial.bonds + self.regenerated - self.spent_in_all() - self.exported.bonds
    }

    /// Nucleotides, phosphorus and amino acids that must be in the cell if nothing was lost.
    pub(crate) fn matter_due(&self) -> Account {
        let due = self.initial.plus(self.imported).minus(self.exported);
        Account {
            bonds: self.bonds_due(),
            ..due
        }
    }
}
