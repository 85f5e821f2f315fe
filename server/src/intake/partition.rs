//! Which submissions of a batch may be judged side by side: those that share no document, no edit and no
//! customer's credit.

use std::{collections::HashMap, hash::Hash};

/// Groups of what hangs together by any key, dealt onto `shares` so that each has about the same to do. Each
/// share lists its submissions in the order of the batch.
pub fn deal<K: Hash + Eq>(keys: &[Vec<K>], shares: usize) -> Vec<Vec<usize>> {
    if shares <= 1 || keys.len() < 2 {
        return vec![(0..keys.len()).collect()];
    }
    let mut sets = Sets((0..keys.len()).collect());
    let mut seen: HashMap<&K, usize> = HashMap::new();
    for (at, keys) in keys.iter().enumerate() {
        for key in keys {
            let first = *seen.entry(key).or_insert(at);
            sets.join(first, at);
        }
    }
    let mut groups: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in 0..keys.len() {
        groups.entry(sets.root(at)).or_default().push(at);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    groups.sort_by_key(|group| (usize::MAX - group.len(), group.first().copied()));
    let mut dealt = vec![Vec::new(); shares];
    for group in groups {
        if let Some(least) = dealt.iter_mut().min_by_key(|share| share.len()) {
            least.extend(group);
        }
    }
    dealt.retain(|share| !share.is_empty());
    for share in &mut dealt {
        share.sort_unstable();
    }
    dealt
}

struct Sets(Vec<usize>);

impl Sets {
    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        // The earlier one leads, so that the outcome does not depend on the order of keys.
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::deal;

    #[test]
    fn what_shares_a_key_stays_together_and_in_order() {
        let keys = vec![vec!["a"], vec!["b"], vec!["c", "a"], vec!["d"], vec!["b", "e"], vec!["e", "c"]];
        assert_eq!(deal(&keys, 2), vec![vec![0, 1, 2, 4, 5], vec![3]]);
        assert_eq!(deal(&keys[..4], 2), vec![vec![0, 2], vec![1, 3]]);
        assert_eq!(deal(&keys, 1), vec![vec![0, 1, 2, 3, 4, 5]]);
        assert_eq!(deal::<u8>(&[], 2), vec![Vec::<usize>::new()]);
    }
}
