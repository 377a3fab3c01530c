//! BioXen: a hypervisor for cells.
