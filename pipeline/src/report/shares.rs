//! How rewards are spread over contributors.

/// How rewards are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Shares {
    /// The Gini coefficient, in ppm: 0 when all get the same, near a million when one gets all.
    pub gini_ppm: u32,
    /// What the best paid tenth of the contributors gets, of one at least, in ppm of all.
    pub top_tenth_ppm: u32,
}

/// The spread of some rewards, those of 0 among them. Of nothing both are 0.
///
/// The Gini coefficient of n sorted values is `(2 sum(i x_i) - (n + 1) sum(x)) / (n sum(x))` with i from 1 (Dixon et al.,
/// "Bootstrapping the Gini Coefficient of Inequality", 1987), floored here.
#[must_use]
pub fn shares(mut rewards: Vec<u128>) -> Shares {
    rewards.sort_unstable();
    let count = rewards.len() as u128;
    let sum: u128 = rewards.iter().sum();
    if sum == 0 {
        return Shares::default();
    }
    // Values are sums of u64s, so that a million of them times a million ranks is far from the end of u128.
    let ranked: u128 = (1_u128..).zip(&rewards).map(|(rank, reward)| rank * reward).sum();
    let excess = (2 * ranked).saturating_sub((count + 1) * sum);
    let top: u128 = rewards.iter().rev().take(rewards.len().div_ceil(10)).sum();
    Shares {
        gini_ppm: ppm(excess, count * sum),
        top_tenth_ppm: ppm(top, sum),
    }
}

/// What the lesser paid of the contributors get together, in ppm of all: after none, a twentieth, two, and so on to all
/// of them. The Lorenz curve; empty where there is nothing to share.
#[must_use]
pub fn lorenz(mut rewards: Vec<u128>) -> Vec<u32> {
    rewards.sort_unstable();
    let sum: u128 = rewards.iter().sum();
    if sum == 0 {
        return Vec::new();
    }
    let steps = (0..=20).map(|step| rewards.len() * step / 20);
    steps
        .map(|count| ppm(rewards.iter().take(count).sum(), sum))
        .collect()
}

/// `part / whole` in ppm, floored, for any whole: what cannot be multiplied by a million is first divided by one.
fn ppm(part: u128, whole: u128) -> u32 {
    let parts = part
        .checked_mul(1_000_000)
        .map_or_else(|| part / (whole / 1_000_000).max(1), |product| product / whole);
    u32::try_from(parts.min(1_000_000)).unwrap_or(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_the_same_is_no_inequality_and_one_with_all_is_nearly_one() {
        assert_eq!(shares(vec![5; 4]).gini_ppm, 0);
        // (n - 1) / n of a hundred.
        let mut one = vec![0; 99];
        one.push(7);
        assert_eq!(
            shares(one),
            Shares {
                gini_ppm: 990_000,
                top_tenth_ppm: 1_000_000
            }
        );
        assert_eq!(shares(vec![]), Shares::default());
        assert_eq!(shares(vec![0, 0]), Shares::default());
    }

    #[test]
    fn the_coefficient_is_half_the_mean_difference_over_the_mean() {
        let values = [1_u128, 4, 4, 9, 20];
        let (mut differences, mut sum) = (0_u128, 0_u128);
        for a in values {
            sum += a;
            differences += values.iter().map(|b| a.abs_diff(*b)).sum::<u128>();
        }
        let wanted = differences * 1_000_000 / (2 * values.len() as u128 * sum);
        assert_eq!(u128::from(shares(values.to_vec()).gini_ppm), wanted);
        assert_eq!(shares(values.to_vec()).top_tenth_ppm, 526_315);
    }

    #[test]
    fn the_curve_goes_from_nothing_to_all_and_bends_below_the_diagonal() {
        let curve = lorenz((0..40).collect());
        assert_eq!(
            (curve.len(), curve.first(), curve.last()),
            (21, Some(&0), Some(&1_000_000))
        );
        assert!(curve.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(curve[10], 190 * 1_000_000 / 780);
        assert_eq!(lorenz(vec![0; 3]), Vec::<u32>::new());
    }

    #[test]
    fn the_largest_rewards_there_can_be_do_not_overflow() {
        let spread = shares(vec![u128::from(u64::MAX); 1_000]);
        assert_eq!(
            spread,
            Shares {
                gini_ppm: 0,
                top_tenth_ppm: 100_000
            }
        );
    }
}
