//! How bad a storm is: each seed draws its own intensities, some of them none, so that what one
//! fault would always hide another storm shows.

use crate::chance::{Chance, MILLION};

/// Intensities, in a million. Those of daemons count for each micro-step, those of jobs for each
/// attempt.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Weather {
    /// The daemon dies.
    pub(crate) crash: u32,
    /// It is stopped for minutes and comes back as if nothing had been.
    pub(crate) pause: u32,
    /// It is stopped for so short a time that it keeps its leases: others come between.
    pub(crate) nap: u32,
    /// Something else in the same daemon comes between: another run's turn, a person at its desk.
    pub(crate) beside: u32,
    /// The store refuses.
    pub(crate) refused: u32,
    /// A commit comes to nothing and nobody can tell.
    pub(crate) lost_before: u32,
    /// A commit is durable and nobody can tell.
    pub(crate) lost_after: u32,
    /// The executor does not answer.
    pub(crate) unreachable: u32,
    /// The executor did as it was told and the answer is lost.
    pub(crate) reply_lost: u32,
    /// The executor hears the order twice.
    pub(crate) doubled: u32,
    /// The executor takes an attempt at work for gone.
    pub(crate) mistaken: u32,
    /// What is said of an attempt that ended is old: it is still at work.
    pub(crate) late: u32,
    /// The router does not hear of a route.
    pub(crate) unrouted: u32,
    /// Nobody is woken, and what happened is found out by looking.
    pub(crate) unheard: u32,
    /// An attempt fails for want of the machine.
    pub(crate) failing: u32,
    /// It is preempted.
    pub(crate) preempted: u32,
    /// Its node dies: it is gone without a word.
    pub(crate) node: u32,
    /// It takes longer than it may.
    pub(crate) slow: u32,
    /// It never ends by itself, where somebody limits its time.
    pub(crate) endless: u32,
    /// It does not end when asked to.
    pub(crate) deaf: u32,
    /// A rollout's candidate begins to fail.
    pub(crate) bad: u32,
    /// Daemons are down for hours, in each ten days.
    pub(crate) outages: u32,
}

impl Weather {
    /// Nothing goes wrong by itself.
    pub(crate) const CALM: Self = Self {
        crash: 0,
        pause: 0,
        nap: 0,
        beside: 0,
        refused: 0,
        lost_before: 0,
        lost_after: 0,
        unreachable: 0,
        reply_lost: 0,
        doubled: 0,
        mistaken: 0,
        late: 0,
        unrouted: 0,
        unheard: 0,
        failing: 0,
        preempted: 0,
        node: 0,
        slow: 0,
        endless: 0,
        deaf: 0,
        bad: 0,
        outages: 0,
    };

    pub(crate) fn drawn(chance: &Chance) -> Self {
        // A third of all intensities are none.
        let up_to = |most: u32| {
            let none = chance.below(3) == 0;
            let drawn = u32::try_from(chance.below(u64::from(most) + 1)).unwrap_or(0);
            if none { 0 } else { drawn }
        };
        Self {
            crash: up_to(3_000),
            pause: up_to(1_500),
            nap: up_to(6_000),
            beside: up_to(6_000),
            refused: up_to(4_000),
            lost_before: up_to(8_000),
            lost_after: up_to(8_000),
            unreachable: up_to(8_000),
            reply_lost: up_to(20_000),
            doubled: up_to(20_000),
            mistaken: up_to(8_000),
            late: up_to(200_000),
            unrouted: up_to(200_000),
            unheard: up_to(MILLION / 2),
            failing: up_to(200_000),
            preempted: up_to(100_000),
            node: up_to(100_000),
            slow: up_to(100_000),
            endless: up_to(30_000),
            deaf: up_to(300_000),
            bad: up_to(400_000),
            outages: up_to(4),
        }
    }
}
