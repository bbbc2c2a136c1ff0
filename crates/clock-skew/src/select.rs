//! Who of several servers tells the truth: the selection of RFC 5905 §11.2.1, which is Marzullo's algorithm.
//!
//! Each server says that the truth lies within its distance of its offset. The truth is looked for where most of these
//! intervals intersect; whose interval lies outside of that is a falseticker. A majority is needed: of two that contradict each
//! other nobody can say which one lies. RFC 5905 also wants the middles of the intervals in the intersection; that is left out,
//! or a near server and a far one would contradict each other as soon as the way to the far one is not even.

/// What a server claims, in seconds: the truth is between `offset - distance` and `offset + distance`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    /// How far its clock is ahead of ours.
    pub offset: f64,
    /// How far the truth may be from that.
    pub distance: f64,
}

impl Claim {
    fn low(&self) -> f64 {
        self.offset - self.distance
    }

    fn high(&self) -> f64 {
        self.offset + self.distance
    }
}

/// What most servers agree on.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// How far the true time is ahead of ours, in seconds.
    pub offset: f64,
    /// How far the truth may be from that, in seconds.
    pub uncertainty: f64,
    /// Which of the claims are true, in their order. The others are falsetickers.
    pub truechimers: Vec<bool>,
}

/// What most of the claims agree on; nothing where there is no majority.
pub fn select(claims: &[Claim]) -> Option<Agreement> {
    let (low, high) = intersection(claims)?;
    let is_true = |claim: &Claim| claim.low() <= high && claim.high() >= low;
    let true_claims = || claims.iter().filter(|claim| is_true(claim));
    // whoever may be less wrong has more weight (RFC 5905 §11.2.3)
    let weight = |claim: &Claim| 1.0 / claim.distance.max(f64::EPSILON);
    let weights: f64 = true_claims().map(weight).sum();
    let mean = true_claims().map(|claim| claim.offset * weight(claim)).sum::<f64>() / weights;
    let offset = mean.clamp(low, high);
    let uncertainty = (high - offset).max(offset - low);
    Some(Agreement { offset, uncertainty, truechimers: claims.iter().map(is_true).collect() })
}

/// Where the most intervals intersect, if these are more than half of them.
fn intersection(claims: &[Claim]) -> Option<(f64, f64)> {
    let lows = claims.iter().map(|claim| (claim.low(), true));
    let mut edges: Vec<(f64, bool)> = lows.chain(claims.iter().map(|claim| (claim.high(), false))).collect();
    // intervals that only touch do intersect: what opens comes before what closes
    edges.sort_by(|(one, opens), (other, closes)| one.total_cmp(other).then(closes.cmp(opens)));
    let (mut open, mut most, mut found) = (0_usize, 0, None);
    for (place, (at, opens)) in edges.iter().enumerate() {
        if !opens {
            open = open.saturating_sub(1);
            continue;
        }
        open += 1;
        if open >= most {
            let high = edges.get(place + 1..).and_then(|rest| rest.iter().find(|(_, opens)| !opens));
            // of several places where as many intersect, the truth may be in any
            let low = if open == most { found.map_or(*at, |(low, _)| low) } else { *at };
            (most, found) = (open, high.map(|(high, _)| (low, *high)));
        }
    }
    found.filter(|_| most * 2 > claims.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn claims(all: &[(f64, f64)]) -> Vec<Claim> {
        all.iter().map(|(offset, distance)| Claim { offset: *offset, distance: *distance }).collect()
    }

    #[test]
    fn falsetickers_are_found_where_there_is_a_majority() {
        type Expected<'a> = Option<(f64, &'a [bool])>;
        let table: [(&[(f64, f64)], Expected<'_>); 9] = [
            (&[], None),
            (&[(3.0, 0.1)], Some((3.0, &[true]))),
            (&[(3.0, 0.1), (3.1, 0.1)], Some((3.05, &[true, true]))),
            (&[(3.0, 0.1), (8.0, 0.1)], None),
            (&[(3.0, 0.1), (8.0, 0.1), (3.05, 0.1)], Some((3.025, &[true, false, true]))),
            (&[(1.0, 0.1), (2.0, 0.1), (3.0, 0.1)], None),
            (&[(1.0, 0.1), (1.0, 0.1), (9.0, 0.1), (9.0, 0.1)], None),
            (
                &[(0.0, 0.1), (0.02, 0.1), (-0.02, 0.1), (50.0, 0.1), (-50.0, 0.1)],
                Some((0.0, &[true, true, true, false, false])),
            ),
            // touching is enough
            (&[(0.0, 1.0), (2.0, 1.0)], Some((1.0, &[true, true]))),
        ];
        for (given, expected) in table {
            let found = select(&claims(given));
            match (&found, expected) {
                (Some(found), Some((offset, truechimers))) => {
                    assert!((found.offset - offset).abs() < 1e-9, "{given:?}: {found:?}");
                    assert_eq!(found.truechimers, truechimers, "{given:?}");
                }
                (found, expected) => assert_eq!(found.is_some(), expected.is_some(), "{given:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn whoever_may_be_less_wrong_has_more_weight() {
        let found = select(&claims(&[(1.00, 0.01), (1.03, 0.09)])).unwrap();
        assert!((found.offset - 1.003).abs() < 1e-9, "{found:?}");
    }

    proptest! {
        /// With more than half of the servers honest, the truth is within what is said, and the liars are named who are far
        /// enough from it.
        #[test]
        fn an_honest_majority_is_believed(
            truth in -1e4..1e4_f64,
            honest in prop::collection::vec((0.001..0.2_f64, -1.0..1.0_f64), 1..6),
            liars in prop::collection::vec((0.001..0.2_f64, prop_oneof![-99.0..-1.0, 1.0..99.0_f64]), 0..5),
            turn in 0_usize..9,
        ) {
            let liars = &liars[..liars.len().min(honest.len() - 1)];
            let mut all: Vec<(Claim, bool)> = honest
                .iter()
                .map(|(distance, part)| (Claim { offset: truth + distance * part, distance: *distance }, true))
                .chain(liars.iter().map(|(distance, lie)| (Claim { offset: truth + lie, distance: *distance }, false)))
                .collect();
            let places = all.len();
            all.rotate_left(turn % places);
            let claims: Vec<Claim> = all.iter().map(|(claim, _)| *claim).collect();
            let found = select(&claims).unwrap();
            prop_assert!((found.offset - truth).abs() <= found.uncertainty + 1e-9, "{found:?}");
            let honest: Vec<bool> = all.iter().map(|(_, honest)| *honest).collect();
            prop_assert_eq!(&found.truechimers, &honest, "{:?}", found);
        }

        /// The order in which servers are typed does not matter, nor does where zero is.
        #[test]
        fn order_and_origin_do_not_matter(
            all in prop::collection::vec((-10.0..10.0_f64, 0.01..3.0_f64), 1..6),
            turn in 0_usize..5,
            shift in -100.0..100.0_f64,
        ) {
            let one = select(&claims(&all));
            let mut other: Vec<_> = all.iter().map(|(offset, distance)| (offset + shift, *distance)).collect();
            other.rotate_left(turn % all.len());
            let other = select(&claims(&other));
            prop_assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert!((one.offset + shift - other.offset).abs() < 1e-6);
                prop_assert!((one.uncertainty - other.uncertainty).abs() < 1e-6);
            }
        }
    }
}
