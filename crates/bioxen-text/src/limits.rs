//! How large a text may be.

/// How much a text may ask of the reader.
///
/// With the defaults, reading takes less than 64 MiB of memory whatever the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the text; 1 MiB unless given.
    pub bytes: usize,
    /// Maps and lists inside each other; 32 unless given, and 100 at most.
    pub depth: usize,
    /// Values of all kinds; 50 000 unless given.
    pub nodes: usize,
    /// Characters of a name; 256 unless given.
    pub key: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1 << 20,
            depth: 32,
            nodes: 50_000,
            key: 256,
        }
    }
}
