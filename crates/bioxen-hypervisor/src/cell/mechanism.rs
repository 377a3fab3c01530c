//! Where cells differ in how they do the same thing: data of a model, so that the engine asks for a mechanism and never
//! for an organism.

/// The mechanisms of a kind of cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mechanisms {
    pub(crate) promoters: Promoters,
    pub(crate) loading: Loading,
    pub(crate) polymerase: Polymerase,
    pub(crate) turnover: Turnover,
    pub(crate) initiation: Initiation,
    pub(crate) envelope: Envelope,
    /// Parts into which a coupling step is cut: more where a pool turns over within the step.
    pub(crate) parts_of_step: u32,
}

/// What a polymerase does to its promoter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promoters {
    /// It holds the promoter until the transcript is finished (Thornburg et al. 2022).
    Held,
    /// It leaves the promoter to the next one at once.
    Shared,
}

/// What sets the speed of a polymerase on a message; on stable RNA it has a speed of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Polymerase {
    /// The strength of its promoter (Thornburg et al. 2022).
    ByPromoter,
    /// ppGpp (Vogel & Jensen 1994, doi 10.1128/jb.176.10.2807-2813.1994).
    ByPpgpp,
}

/// How ribosomes sit on a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loading {
    /// One at a time; a transcript with a ribosome is safe from decay (Thornburg et al. 2022).
    One,
    /// Several behind each other, as many as fit; decay does not ask for them.
    Polysome,
}

/// What degrades messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turnover {
    /// A counted machine that binds messages which no ribosome holds.
    Degradosomes,
    /// Every message of a unit has the same chance per time, from its measured half-life.
    FirstOrder,
}

/// When origins fire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Initiation {
    /// Once a cycle, some time after birth.
    AfterBirth,
    /// Whenever the volume of the cell reaches so much for each origin, aL (Donachie 1968, doi 10.1038/2191077a0).
    VolumePerOrigin {
        /// Volume per origin, aL.
        al: f64,
    },
}

/// What the size of a cell follows, and what division waits for beside the chromosomes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Envelope {
    /// Lipids and membrane proteins; it must have doubled before division.
    Membrane,
    /// Dry mass; division waits for the chromosomes alone (Cooper & Helmstetter 1968).
    DryMass(Composition),
}

/// From molecules to volume, where a cell keeps its density.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Composition {
    /// Mean mass of a residue in protein, of a nucleotide in RNA and of a base pair, Da.
    pub(crate) residue_da: f64,
    pub(crate) nucleotide_da: f64,
    pub(crate) base_pair_da: f64,
    /// Volume of the cell over the mass of its protein, RNA and DNA, aL/Da.
    pub(crate) al_per_da: f64,
    /// Surface over volume^(2/3) (Ojkic et al. 2019, doi 10.7554/eLife.47033).
    pub(crate) shape: f64,
}
