//! Sharing an amount out by weight, to the last coin: largest remainder.

/// `total` in parts as the weights are, whole coins that add up to it. Of equal remainders the first gets
/// the coin. `None` when there is no weight, or the numbers are beyond any money.
pub fn by_weight(total: i128, weights: &[i128]) -> Option<Vec<i128>> {
    let sum = weights.iter().try_fold(0_i128, |sum, weight| sum.checked_add(*weight))?;
    if sum <= 0 || total < 0 || weights.iter().any(|weight| *weight < 0) {
        return None;
    }
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let product = total.checked_mul(*weight)?;
        shares.push(product / sum);
        remainders.push((product % sum, index));
    }
    let mut left = total - shares.iter().sum::<i128>();
    remainders.sort_by_key(|(remainder, index)| (std::cmp::Reverse(*remainder), *index));
    for (_, index) in remainders {
        if left == 0 {
            break;
        }
        if let Some(share) = shares.get_mut(index) {
            *share += 1;
        }
        left -= 1;
    }
    Some(shares)
}

#[cfg(test)]
mod tests {
    use super::by_weight;

    #[test]
    fn shares_add_up_to_the_last_coin() {
        type Case = (i128, &'static [i128], Option<&'static [i128]>);
        let table: &[Case] = &[
            (100, &[1, 1, 1], Some(&[34, 33, 33])),
            (100, &[2, 1], Some(&[67, 33])),
            (1, &[5, 5], Some(&[1, 0])),
            (0, &[5, 5], Some(&[0, 0])),
            (250, &[100, 0, 150], Some(&[100, 0, 150])),
            (99, &[100, 0, 150], Some(&[40, 0, 59])),
            (10, &[0, 0], None),
            (10, &[], None),
            (-1, &[1], None),
            (i128::MAX, &[2, 3], None),
        ];
        for (total, weights, expected) in table {
            assert_eq!(by_weight(*total, weights).as_deref(), *expected, "{total} over {weights:?}");
        }
    }
}
