//! The guest protocol: how a program drives the VMs of a daemon, over any stream of bytes.

mod frame;
mod message;
