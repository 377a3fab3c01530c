//! Weighted selection in O(log n).

/// A Fenwick tree (Fenwick 1994, doi 10.1002/spe.4380240306) over integer weights.
///
/// Integer weights make the running total exact: it never drifts, and a zero weight is never picked.
#[derive(Debug, Clone)]
pub(crate) struct Fenwick {
    /// 1-based partial sums; the length is a power of two, so that the descent needs no bounds test.
    tree: Vec<u64>,
    weights: Vec<u64>,
    total: u64,
}

impl Fenwick {
    pub(crate) fn new(weights: Vec<u64>) -> Self {
        let size = weights.len().next_power_of_two();
        let mut tree = vec![0; size + 1];
        tree[1..=weights.len()].copy_from_slice(&weights);
        for i in 1..=size {
            let parent = i + (i & i.wrapping_neg());
            if parent <= size {
                tree[parent] += tree[i];
            }
        }
        let total = weights.iter().sum();
        Self {
            tree,
            weights,
            total,
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn weight(&self, index: usize) -> u64 {
        self.weights[index]
    }

    pub(crate) fn set(&mut self, index: usize, weight: u64) {
        let old = std::mem::replace(&mut self.weights[index], weight);
        if weight == old {
            return;
        }
        // Wrapping arithmetic carries negative changes; every stored sum stays a true sum.
        let change = weight.wrapping_sub(old);
        self.total = self.total.wrapping_add(change);
        let mut i = index + 1;
        while i < self.tree.len() {
            self.tree[i] = self.tree[i].wrapping_add(change);
            i += i & i.wrapping_neg();
        }
    }

    pub(crate) fn add(&mut self, index: usize) {
        self.set(index, self.weights[index] + 1);
    }

    pub(crate) fn remove(&mut self, index: usize) {
        self.set(index, self.weights[index] - 1);
    }

    /// The index whose cumulative weight interval holds `point`, for `point` in `0..total`.
    pub(crate) fn select(&self, mut point: u64) -> usize {
        debug_assert!(point < self.total);
        let mut position = 0;
        let mut step = (self.tree.len() - 1).next_power_of_two();
        while step > 0 {
            let next = position + step;
            if next < self.tree.len() && self.tree[next] <= point {
                point -= self.tree[next];
                position = next;
            }
            step /= 2;
        }
        position
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn select_by_scan(weights: &[u64], mut point: u64) -> usize {
        for (index, weight) in weights.iter().enumerate() {
            if point < *weight {
                return index;
            }
            point -= weight;
        }
        unreachable!("point is below the total")
    }

    proptest! {
        #[test]
        fn selection_and_total_agree_with_a_scan(
            mut weights in prop::collection::vec(0_u64..5, 1..70),
            changes in prop::collection::vec((0_usize..70, 0_u64..9), 0..40),
        ) {
            let mut tree = Fenwick::new(weights.clone());
            for (index, weight) in changes {
                let index = index % weights.len();
                weights[index] = weight;
                tree.set(index, weight);
            }
            prop_assert_eq!(tree.total(), weights.iter().sum::<u64>());
            for point in 0..tree.total() {
                let picked = tree.select(point);
                prop_assert_eq!(picked, select_by_scan(&weights, point));
                prop_assert!(weights[picked] > 0, "a zero weight was picked");
            }
        }
    }
}
