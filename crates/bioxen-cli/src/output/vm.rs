//! What is said about VMs and their daemon.

mod people;
mod programs;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use people::{
    quota, write_allocation, write_information, write_inspection, write_list, write_metrics,
};
pub(crate) use programs::{
    vm, write_allocation_json, write_created_json, write_did_json, write_information_json,
    write_inspection_json, write_list_json, write_metrics_json, write_report_json,
    write_would_json,
};
