//! Words: enums of the domain, by the names that its reports give them.

use bioxen_core::{
    Elongation, GrowthPhase, Infrastructure, Notice, Operation, OperonAction, Organism, PaceFactor,
    Pacing, PackagePlace, ProcessFailureKind, RibosomeCount, RibosomeUnit, Vitality, VmEvent,
    VmState,
};
use serde::{Deserialize, Serialize};

use crate::message::wire;
use crate::message::wire::mirrored;

#[derive(Serialize, Deserialize)]
#[serde(remote = "Organism", rename_all = "snake_case")]
enum OrganismWire {
    Syn3a,
    Ecoli,
    MinimalCell,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Infrastructure", rename_all = "snake_case")]
#[non_exhaustive]
enum InfrastructureWire {
    Basic,
    Xcpng,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "RibosomeUnit", rename_all = "snake_case")]
enum RibosomeUnitWire {
    Share,
    Physical,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Elongation", rename_all = "snake_case")]
enum ElongationWire {
    Queue,
    Exponential,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Pacing", rename_all = "snake_case")]
enum PacingWire {
    Manual,
    RealTime {
        #[serde(with = "wire")]
        factor: PaceFactor,
    },
    Unpaced,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "VmState", rename_all = "snake_case")]
enum VmStateWire {
    Created,
    Running,
    Paused,
    Stopped,
    Error,
    Destroyed,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "VmEvent", rename_all = "snake_case")]
enum VmEventWire {
    Start,
    Pause,
    Resume,
    Stop,
    Fail,
    Destroy,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Vitality", rename_all = "snake_case")]
enum VitalityWire {
    Viable,
    Stressed,
    Critical,
    Dead,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "GrowthPhase", rename_all = "snake_case")]
enum GrowthPhaseWire {
    Exponential,
    StationaryNutrient,
    StationaryEnergy,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "OperonAction", rename_all = "snake_case")]
enum OperonActionWire {
    Activate,
    Repress,
    Release,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Operation", rename_all = "snake_case")]
enum OperationWire {
    StartTranscription,
    EssentialGenes,
    ManageOperons,
    PlasmidCount,
    InstallPackage,
    RemovePackage,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PackagePlace", rename_all = "snake_case")]
#[non_exhaustive]
enum PackagePlaceWire {
    Plasmid,
    Chromosome,
    Programs,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ProcessFailureKind", rename_all = "snake_case")]
#[non_exhaustive]
enum ProcessFailureKindWire {
    Syntax,
    Runtime,
    UnknownGene,
    Unsupported,
    UnknownPackage,
    TimeLimit,
    StepLimit,
    HeapLimit,
    OutputLimit,
    Cancelled,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Notice", rename_all = "snake_case")]
#[non_exhaustive]
enum NoticeWire {
    RibosomesClamped {
        #[serde(with = "wire")]
        asked: RibosomeCount,
        #[serde(with = "wire")]
        granted: RibosomeCount,
    },
}

mirrored! {
    Organism => OrganismWire,
    Infrastructure => InfrastructureWire,
    RibosomeUnit => RibosomeUnitWire,
    Elongation => ElongationWire,
    Pacing => PacingWire,
    VmState => VmStateWire,
    VmEvent => VmEventWire,
    Vitality => VitalityWire,
    GrowthPhase => GrowthPhaseWire,
    OperonAction => OperonActionWire,
    Operation => OperationWire,
    PackagePlace => PackagePlaceWire,
    ProcessFailureKind => ProcessFailureKindWire,
    Notice => NoticeWire,
}
