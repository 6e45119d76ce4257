use proptest::prelude::*;

use super::*;

fn tree(of: u64) -> Dispositions {
    let mut leaves: Vec<Leaf> = (0..of)
        .map(|n| Leaf {
            key: key(&format!("{n}.jpg")),
            value: Digest::of(&n.to_le_bytes()),
        })
        .collect();
    leaves.sort_unstable();
    Dispositions { leaves }
}

#[test]
fn the_shape_is_that_of_rfc_9162() {
    // 2.1.5: of seven leaves, ((d0 d1) (d2 d3)) ((d4 d5) d6).
    let seven = tree(7);
    let d: Vec<Digest> = seven.leaves.iter().map(leaf).collect();
    let pair = |a, b| parent(d[a], d[b]);
    let wanted = parent(parent(pair(0, 1), pair(2, 3)), parent(pair(4, 5), d[6]));
    assert_eq!(head(&seven.leaves), wanted);
    assert_eq!(
        seven.placed(6).unwrap().path,
        [pair(4, 5), parent(pair(0, 1), pair(2, 3))]
    );
    assert_eq!(tree(0).root(), empty_root());
    assert_eq!(tree(1).root(), root(1, leaf(&tree(1).leaves[0])));
}

#[test]
fn what_is_there_is_found_and_what_is_not_has_neighbours() {
    for size in 0..40 {
        let tree = tree(size);
        for n in 0..size + 30 {
            match tree.find(&format!("{n}.jpg")) {
                Found::Here(placed) => {
                    assert!(n < size);
                    assert_eq!(placed.leaf.value, Digest::of(&n.to_le_bytes()));
                    assert_eq!(placed.root(size), Some(tree.root()));
                }
                Found::Between(before, after) => {
                    assert!(n >= size);
                    let key = key(&format!("{n}.jpg"));
                    for placed in before.iter().chain(&after) {
                        assert_eq!(placed.root(size), Some(tree.root()));
                    }
                    assert!(before.as_ref().is_none_or(|b| b.leaf.key < key));
                    assert!(after.as_ref().is_none_or(|a| key < a.leaf.key));
                    let next = before.map_or(0, |b| b.index + 1);
                    assert_eq!(after.map_or(size, |a| a.index), next);
                }
            }
        }
    }
}

proptest! {
    /// A proof holds for its leaf, its place and its size, and for no other.
    #[test]
    fn a_proof_is_of_one_leaf_in_one_place(size in 1_u64..70, at in any::<prop::sample::Index>(), other in 0_u64..140, bit in 0_usize..256) {
        let tree = tree(size);
        let placed = tree.placed(at.index(usize::try_from(size).unwrap())).unwrap();
        prop_assert_eq!(placed.root(size), Some(tree.root()));
        if other != size {
            prop_assert_ne!(placed.root(other), Some(tree.root()));
        }
        if other != placed.index {
            let moved = Placed { index: other, ..placed.clone() };
            prop_assert_ne!(moved.root(size), Some(tree.root()));
        }
        let flipped = |digest: &mut Digest| digest.0[bit / 8] ^= 1 << (bit % 8);
        let mut changed = placed.clone();
        flipped(&mut changed.leaf.value);
        prop_assert_ne!(changed.root(size), Some(tree.root()));
        for step in 0..placed.path.len() {
            let mut changed = placed.clone();
            flipped(&mut changed.path[step]);
            prop_assert_ne!(changed.root(size), Some(tree.root()));
            let mut shorter = placed.clone();
            shorter.path.remove(step);
            prop_assert_ne!(shorter.root(size), Some(tree.root()));
        }
        let mut longer = placed;
        longer.path.push(tree.root());
        prop_assert_ne!(longer.root(size), Some(tree.root()));
    }
}
