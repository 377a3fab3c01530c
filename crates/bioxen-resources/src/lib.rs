//! Watching and steering what cells use.
