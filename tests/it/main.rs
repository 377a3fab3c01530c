//! Tests of BioXen across its crates: one binary, one module per subject.
