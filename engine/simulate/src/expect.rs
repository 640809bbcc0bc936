//! Whether what a test expects came to be.

use crate::moment::{Moment, subject};
use crate::scene::Play;
use suho_check::program::Expectation;
use suho_domain::{Duration, Instant};
use suho_plan::Plan;

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unmet {
    /// Which of the test's expectations.
    pub(crate) index: usize,
    /// What was seen instead, a fragment each.
    pub(crate) seen: Vec<String>,
    /// Until when what happened matters.
    pub(crate) at: Instant,
}

/// Which expectations are asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    /// All of them.
    All,
    /// Those that hold at every moment: something is missing that `expect` takes for given.
    Invariants,
}

/// The moments of `play` in order: after all that happened at the same time.
fn moments<'a>(plan: &'a Plan, play: &'a Play) -> impl Iterator<Item = (Instant, Moment<'a>)> {
    let mut entries = play.journal.entries.iter().peekable();
    let mut moment = Moment::first(plan, play);
    std::iter::from_fn(move || {
        let (now, _) = *entries.peek()?;
        while let Some((at, happening)) = entries.next_if(|(at, _)| at == now) {
            moment.apply(*at, happening);
        }
        Some((*now, moment.clone()))
    })
}

/// The first expectation, as written, that `play` does not meet.
pub(crate) fn unmet(
    plan: &Plan,
    expectations: &[Expectation],
    play: &Play,
    asked: Asked,
) -> Option<Unmet> {
    let mut last = Moment::first(plan, play);
    for (at, happening) in &play.journal.entries {
        last.apply(*at, happening);
    }
    let wanted = |(_, each): &(usize, &Expectation)| asked == Asked::All || each.is_invariant;
    expectations.iter().enumerate().filter(wanted).find_map(|(index, expected)| {
        let found = match (expected.is_invariant, expected.at) {
            (true, _) => broken(plan, expected, play),
            (false, None) => in_the_end(expected, &last, play),
            (false, Some(at)) => in_time(plan, expected, &last, play, at),
        };
        found.map(|(at, seen)| Unmet { index, seen, at })
    })
}

type Found = Option<(Instant, Vec<String>)>;

/// The first moment at which an invariant does not hold, or cannot be told.
fn broken(plan: &Plan, expected: &Expectation, play: &Play) -> Found {
    moments(plan, play).find_map(|(at, moment)| match moment.holds(&expected.condition) {
        Ok(true) => None,
        Ok(false) => Some((at, moment.seen(&expected.condition))),
        // Of what is not measured nothing is claimed.
        Err(_) if moment.is_unmeasured(&expected.condition) => None,
        Err(why) => {
            let mut seen = vec![format!("it cannot be told: {why}")];
            seen.extend(moment.seen(&expected.condition));
            Some((at, seen))
        }
    })
}

fn in_the_end(expected: &Expectation, last: &Moment<'_>, play: &Play) -> Found {
    match last.holds(&expected.condition) {
        Ok(true) => None,
        Ok(false) => Some((play.end, last.seen(&expected.condition))),
        Err(why) => Some((play.end, vec![format!("it cannot be told: {why}")])),
    }
}

/// It has to come to be at that time, counted from when the step it is about began, or else from
/// when the run did.
fn in_time(
    plan: &Plan,
    expected: &Expectation,
    last: &Moment<'_>,
    play: &Play,
    wanted: Duration,
) -> Found {
    let step = subject(&expected.condition);
    let origin = match step {
        None => play.start,
        Some(step) => match last.begun.get(step) {
            Some(begun) => *begun,
            None => return Some((play.end, vec![format!("`{step}` never began")])),
        },
    };
    let (mut held, mut times) = (false, Vec::new());
    for (at, moment) in moments(plan, play) {
        let holds = moment.holds(&expected.condition) == Ok(true);
        if holds && !held {
            times.push(at);
        }
        held = holds;
    }
    if times.contains(&origin.plus(wanted)) {
        return None;
    }
    let clock = |at: &Instant| {
        let since = at.since(origin);
        if since < Duration::ZERO { "before that".to_owned() } else { since.to_string() }
    };
    let mut seen = match times.as_slice() {
        [] => vec![format!("it never came to be, neither at {wanted} nor later")],
        times => {
            let all: Vec<_> = times.iter().map(clock).collect();
            vec![format!("it came to be at {}, not at {wanted}", all.join(" and at "))]
        }
    };
    seen.extend(last.seen(&expected.condition));
    Some((times.last().copied().unwrap_or(play.end), seen))
}
