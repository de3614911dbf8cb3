//! Sharing places among hosts, so that those who keep us waiting keep nobody else waiting (rule R096).

/// How places are shared: whoever has many gets another only while many more are free, and some are for those alone who
/// have none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shares {
    /// Places of all together.
    pub(crate) all: usize,
    /// Of one, whatever is free.
    pub(crate) of_one: usize,
    /// That are kept for those who have none.
    pub(crate) kept: usize,
}

impl Shares {
    /// Whether somebody who has `own` of the `taken` places may take another.
    pub(crate) fn allow(self, own: usize, taken: usize) -> bool {
        let free = self.all.saturating_sub(taken);
        own < self.of_one
            && if own == 0 {
                free > 0
            } else {
                free > self.kept + own
            }
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

    use super::*;

    #[test]
    fn sec_R096_however_many_take_what_they_can_there_is_room_for_the_next() {
        let shares = Shares {
            all: 128,
            of_one: 32,
            kept: 32,
        };
        let (mut taken, mut first) = (0, Vec::new());
        for _ in 0..30 {
            let mut own = 0;
            while shares.allow(own, taken) {
                own += 1;
                taken += 1;
            }
            first.push(own);
        }
        assert_eq!(first[..8], [32, 32, 16, 8, 4, 2, 1, 1]);
        assert!(first.iter().all(|own| *own > 0), "{first:?}");
        assert!(!shares.allow(0, 128));
    }
}
