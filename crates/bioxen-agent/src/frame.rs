//! Frames: what goes over the wire.
