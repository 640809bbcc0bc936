use super::*;
use expect_test::expect_file;
use std::fmt::Write as _;

fn run(text: &str) -> RunId {
    RunId::derive(&[text])
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn cores(cores: u32) -> Room {
    Room { cores, ..Room::default() }
}

const GPU: Room = Room { cores: 1, memory_bytes: 0, gpus: 1 };

/// Two slots, four cores, one GPU.
const SHARE: Share =
    Share { slots: Some(2), room: Room { cores: 4, memory_bytes: u64::MAX, gpus: 1 } };

fn claim(priority: Priority, at_work: &[Room], wants: &[(&str, Room)]) -> Claim {
    Claim {
        priority,
        share: SHARE,
        at_work: at_work.to_vec(),
        wants: wants.iter().map(|(step, room)| (name(step), *room)).collect(),
    }
}

fn says(priority: Priority, at_work: &[Room], wants: &[(&str, Room)]) -> PoolEvent {
    PoolEvent::Says(claim(priority, at_work, wants))
}

use Priority::{Asked, Backfilled, Scheduled, Triggered};

/// What each of the runs `a`, `b`, `c` is told, and may begin, after each of `said`.
fn story(said: &[(&str, PoolEvent)]) -> String {
    let (mut pool, mut text) = (Pool::default(), String::new());
    for (who, event) in said {
        let told = pool.apply(&run(who), event.clone());
        let word = match event {
            PoolEvent::Says(claim) => {
                let wants = claim.wants.iter().map(|(step, _)| step.to_string());
                let wants = wants.collect::<Vec<_>>().join(" ");
                format!("has {}, wants [{wants}]", claim.at_work.len())
            }
            PoolEvent::Rests => "rests".to_owned(),
            PoolEvent::Leaves => "leaves".to_owned(),
        };
        let named = ["a", "b", "c"].into_iter();
        let told: Vec<_> = named.clone().filter(|who| told.contains(&run(who))).collect();
        let may = named.flat_map(|who| {
            let standing = pool.runs.get(&run(who));
            let granted = standing.into_iter().flat_map(|standing| &standing.granted);
            granted.map(move |step| format!("{who}/{step}"))
        });
        let may = may.collect::<Vec<_>>().join(" ");
        let told = told.join(" ");
        writeln!(text, "    {who} {word}: tells [{told}]; may begin [{may}]").unwrap();
    }
    text
}

type Scene = (&'static str, Vec<(&'static str, PoolEvent)>);

/// Who comes first, where all want the same.
fn scenes_of_turns() -> Vec<Scene> {
    let one = cores(1);
    vec![
        (
            "a run alone begins what fits, in its order",
            vec![
                ("a", says(Asked, &[], &[("x", one), ("y", one), ("z", one)])),
                ("a", says(Asked, &[one, one], &[("z", one)])),
                ("a", says(Asked, &[one], &[("z", one)])),
            ],
        ),
        (
            "what another has at work is not there",
            vec![
                ("a", says(Asked, &[one, one], &[])),
                ("b", says(Asked, &[], &[("x", one)])),
                ("a", says(Asked, &[one], &[])),
                ("b", says(Asked, &[one], &[])),
            ],
        ),
        (
            "who waited longer comes first, and keeps its turn",
            vec![
                ("a", says(Asked, &[one, one], &[])),
                ("c", says(Asked, &[], &[("x", one)])),
                ("b", says(Asked, &[], &[("x", one)])),
                ("c", says(Asked, &[], &[("x", one)])),
                ("a", says(Asked, &[one], &[])),
            ],
        ),
        (
            "who is more urgent comes first, however long others waited",
            vec![
                ("a", says(Asked, &[one, one], &[])),
                ("b", says(Scheduled, &[], &[("x", one)])),
                ("c", says(Asked, &[], &[("x", one)])),
                ("a", says(Asked, &[one], &[])),
            ],
        ),
    ]
}

/// What fits beside what, and what is free again.
fn scenes_of_room() -> Vec<Scene> {
    let one = cores(1);
    vec![
        (
            "of equals, what is too large lets smaller ones pass",
            vec![
                ("a", says(Asked, &[cores(2)], &[])),
                ("b", says(Asked, &[], &[("large", cores(3))])),
                ("c", says(Asked, &[], &[("small", one)])),
            ],
        ),
        (
            "what is too large keeps what it waits for from the less urgent",
            vec![
                ("a", says(Asked, &[cores(2)], &[])),
                ("b", says(Asked, &[], &[("large", cores(3))])),
                ("c", says(Backfilled, &[], &[("small", one)])),
                ("a", says(Asked, &[], &[])),
            ],
        ),
        (
            "a GPU is one's alone",
            vec![
                ("a", says(Asked, &[GPU], &[])),
                ("b", says(Asked, &[], &[("train", GPU), ("other", one)])),
                ("a", says(Asked, &[], &[])),
            ],
        ),
        (
            "what is granted is kept until the run speaks again",
            vec![
                ("a", says(Scheduled, &[one], &[("x", one)])),
                ("b", says(Asked, &[], &[("y", one)])),
                ("a", says(Scheduled, &[one], &[])),
            ],
        ),
        (
            "a run that rests keeps what is at work, and wants nothing",
            vec![
                ("a", says(Asked, &[one], &[("x", one), ("z", one)])),
                ("b", says(Asked, &[], &[("y", one)])),
                ("a", PoolEvent::Rests),
                ("c", says(Asked, &[], &[("x", one)])),
            ],
        ),
        (
            "a run that leaves has nothing",
            vec![
                ("a", says(Asked, &[one, one], &[])),
                ("b", says(Triggered, &[], &[("x", one)])),
                ("a", PoolEvent::Leaves),
                ("c", PoolEvent::Leaves),
                ("c", PoolEvent::Rests),
            ],
        ),
    ]
}

#[test]
fn the_table_of_who_begins_when() {
    let scenes = scenes_of_turns().into_iter().chain(scenes_of_room());
    let mut text = String::new();
    for (title, said) in scenes {
        writeln!(text, "{title}\n{}", story(&said).trim_end()).unwrap();
    }
    expect_file!["tests/table.txt"].assert_eq(&text);
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap() % bound
    }
}

/// A run as the test knows it: what it has at work, and what is still to begin.
#[derive(Default)]
struct Known {
    at_work: Vec<Room>,
    wants: Vec<(Name, Room)>,
}

#[test]
fn whatever_runs_say_no_more_is_at_work_than_there_is_and_all_of_it_ends() {
    for seed in 0..60 {
        let mut chance = Chance(seed);
        let (mut pool, mut known) = (Pool::default(), BTreeMap::<usize, Known>::new());
        let sizes = [cores(1), cores(2), cores(4), GPU];
        for (number, who) in (0..40).map(|number| (number, number % 5)) {
            let wants = &mut known.entry(who).or_default().wants;
            wants.push((name(&format!("s{number}")), sizes[chance.below(sizes.len())]));
        }
        let mut rounds = 0;
        while known.values().any(|run| !run.at_work.is_empty() || !run.wants.is_empty()) {
            rounds += 1;
            assert!(rounds < 20_000, "seed {seed} gets nowhere: {pool:#?}");
            let who = chance.below(known.len());
            let id = run(&who.to_string());
            let Known { at_work, wants } = known.get_mut(&who).unwrap();
            if !at_work.is_empty() && chance.below(2) == 0 {
                at_work.swap_remove(chance.below(at_work.len()));
            }
            let priority = [Asked, Scheduled][who % 2];
            let said = |at_work: &Vec<Room>, wants: &Vec<(Name, Room)>| {
                let (at_work, wants) = (at_work.clone(), wants.clone());
                PoolEvent::Says(Claim { priority, share: SHARE, at_work, wants })
            };
            pool.apply(&id, said(at_work, wants));
            let (begun, left) = std::mem::take(wants)
                .into_iter()
                .partition::<Vec<_>, _>(|(step, _)| pool.may_begin(&id, step));
            at_work.extend(begun.iter().map(|(_, room)| *room));
            *wants = left;
            pool.apply(&id, said(at_work, wants));
            let all = known.values().flat_map(|run| &run.at_work);
            let taken = all.clone().fold(Taken::default(), |mut taken, room| {
                taken.add(*room);
                taken
            });
            assert!(taken.slots <= 2 && taken.cores <= 4 && taken.gpus <= 1, "{taken:?}");
        }
    }
}

#[test]
fn who_began_a_run_says_how_urgent_it_is() {
    let of = |by| Priority::of(by);
    assert_eq!([of("ada"), of("schedule:nightly"), of("push:main")], [Asked, Scheduled, Triggered]);
    assert_eq!([of("backfill:3"), of("schedule"), of("")], [Backfilled, Asked, Asked]);
    assert!(Asked < Triggered && Triggered < Scheduled && Scheduled < Backfilled);
}
