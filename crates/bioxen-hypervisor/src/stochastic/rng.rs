//! The random stream of one cell.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Separates this use of SHA-256 from any other, and versions the derivation: a change of the generator changes it.
const DOMAIN: &[u8] = b"bioxen stream v1 chacha8\0";

/// A counter-based generator (ChaCha with 8 rounds, Bernstein 2008) keyed by SHA-256 of (domain, seed, label).
///
/// Streams with different seeds or labels are independent, so one more cell never changes another.
/// The position is a plain counter, so the state of a stream is its key and one number.
/// Samplers are built on integers and on the `libm` crate, never on the platform's mathematics library, so that draws
/// are the same bytes everywhere.
#[derive(Debug, Clone)]
pub(crate) struct RandomStream {
    rng: ChaCha8Rng,
}

/// What must be kept to continue a [`RandomStream`] exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StreamState {
    key: [u8; 32],
    /// Position in 32-bit words.
    position: u128,
}

impl RandomStream {
    /// The stream that belongs to `seed` and `label`.
    pub(crate) fn derive(seed: u64, label: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        hash.update(seed.to_le_bytes());
        hash.update(label.as_bytes());
        Self {
            rng: ChaCha8Rng::from_seed(hash.finalize().into()),
        }
    }

    pub(crate) fn state(&self) -> StreamState {
        StreamState {
            key: self.rng.get_seed(),
            position: self.rng.get_word_pos(),
        }
    }

    pub(crate) fn from_state(state: &StreamState) -> Self {
        let mut rng = ChaCha8Rng::from_seed(state.key);
        rng.set_word_pos(state.position);
        Self { rng }
    }

    /// A standard exponential variate, by inversion.
    pub(crate) fn exponential(&mut self) -> f64 {
        // `uniform` never gives 1, so the argument is never 0.
        -libm::log(1.0 - self.uniform())
    }

    /// Uniform on `[0, 1)`.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.rng.random()
    }

    /// Uniform on `0..n`; `n` must be positive.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.rng.random_range(0..n)
    }

    /// A fair coin.
    pub(crate) fn coin(&mut self) -> bool {
        self.rng.next_u32() & 1 == 1
    }

    /// Binomial(n, 1/2), exactly: the number of ones among `n` random bits.
    pub(crate) fn half_of(&mut self, n: u64) -> u64 {
        let mut ones = 0;
        for _ in 0..n / 64 {
            ones += u64::from(self.rng.next_u64().count_ones());
        }
        let rest = n % 64;
        if rest > 0 {
            let mask = (1_u64 << rest) - 1;
            ones += u64::from((self.rng.next_u64() & mask).count_ones());
        }
        ones
    }

    /// Poisson with the given mean; zero for a mean that is not positive. Meant for means of a few.
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        // The number of unit-rate arrivals before `mean`.
        let mut arrivals = 0;
        let mut time = self.exponential();
        while time < mean {
            arrivals += 1;
            time += self.exponential();
        }
        arrivals
    }

    /// Gamma with a whole shape (Erlang) and the given mean.
    pub(crate) fn gamma(&mut self, shape: u32, mean: f64) -> f64 {
        let sum: f64 = (0..shape).map(|_| self.exponential()).sum();
        sum * mean / f64::from(shape)
    }

    /// How many of `drawn` items, taken without replacement from `total`, are among its `marked` ones.
    pub(crate) fn hypergeometric(&mut self, total: u64, marked: u64, drawn: u64) -> u64 {
        let (marked, drawn) = (marked.min(total), drawn.min(total));
        if drawn > total / 2 {
            return marked - self.hypergeometric(total, marked, total - drawn);
        }
        let mut left = marked;
        for taken in 0..drawn {
            if self.below(total - taken) < left {
                left -= 1;
            }
        }
        marked - left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_and_label_and_repeat() {
        let draw = |seed, label: &str| RandomStream::derive(seed, label).below(u64::MAX);
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
    }

    #[test]
    fn the_first_draws_are_pinned() {
        // A change here changes every published trajectory: it needs a new DOMAIN and a line in the changelog.
        let mut stream = RandomStream::derive(1, "pinned");
        let draws: Vec<u64> = (0..3).map(|_| stream.below(1_000_000)).collect();
        let exponential = stream.exponential();
        assert_eq!(draws, PINNED);
        assert_eq!(exponential.to_bits(), PINNED_EXPONENTIAL);
    }

    const PINNED: [u64; 3] = [725_099, 37_643, 107_440];
    const PINNED_EXPONENTIAL: u64 = 0x4009_fb18_fc76_af5f;

    #[test]
    fn a_saved_stream_continues_bit_for_bit() {
        let mut stream = RandomStream::derive(7, "cell");
        for _ in 0..1001 {
            stream.exponential();
        }
        let mut copy = RandomStream::from_state(&stream.state());
        for _ in 0..1000 {
            assert_eq!(stream.exponential().to_bits(), copy.exponential().to_bits());
            assert_eq!(stream.half_of(77), copy.half_of(77));
        }
    }

    #[test]
    fn half_of_has_the_binomial_mean_and_variance() {
        // 20,000 draws of Binomial(100, 1/2): the mean has sd 5/sqrt(20000) = 0.0354, the variance about 0.25.
        // Bounds at 5 sd: a false alarm in 1e6 seeds.
        let mut stream = RandomStream::derive(3, "binomial");
        let draws: Vec<f64> = (0..20_000).map(|_| stream.half_of(100) as f64).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 19_999.0;
        assert!((mean - 50.0).abs() < 0.18, "{mean}");
        assert!((variance - 25.0).abs() < 1.25, "{variance}");
        assert_eq!(stream.half_of(0), 0);
    }
}
