//! Messages: what frames carry.
