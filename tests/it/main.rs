//! Tests of BioXen across its crates: one binary, one module per subject.

mod api;
mod design;
mod many_vms;
mod quota_response;
mod slow;
mod validation;
