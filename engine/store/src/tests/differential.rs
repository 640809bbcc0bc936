//! The same seeded operations on a file and on a server leave the same rows, and are refused alike.
//! Nothing here without `SUHO_POSTGRES`; `tests/services/postgres.sh` sets it.

use super::*;
use crate::query::Query;
use crate::{NewApplication, ScheduleChange, SubmissionKey};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use suho_scheduler::{Choice, Decision, Schedule, ScheduleEvent, ScheduleKey, TickSkip};

const OPERATIONS: u32 = 120;

/// SplitMix64: chance that falls the same way for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }

    fn patch(&mut self) -> u32 {
        u32::try_from(self.below(4)).unwrap()
    }
}

/// A change that may or may not be one that can be made.
fn change(chance: &mut Chance, run: &RunId) -> Vec<Change> {
    let patch = chance.patch();
    let row_version = 1 + chance.below(6);
    match chance.below(12) {
        0 => trained(run, patch),
        1 => canaried(run, patch),
        2 => promoted(run, patch),
        3 => vec![go(patch, ModelStatus::Production, row_version, Move::Supersede)],
        4 => vec![go(patch, ModelStatus::Canary, row_version, Move::Promote)],
        5 => vec![deploy(["one", "two"][usize::from(patch > 1)], "canary", patch)],
        6 => vec![rollout("one", row_version, None)],
        7 => vec![rollout("one", row_version, Some(("promote", "it held")))],
        8 => vec![route(row_version, Some(patch))],
        9 => {
            let first = u32::try_from(chance.below(200)).unwrap();
            let rows = (first..first + 70).map(|i| prediction(i, i64::from(i % 5), patch));
            vec![predictions("one", rows.collect())]
        }
        10 => vec![Change::Label {
            deployment: deployment_id("one"),
            event_time: at(60 * i64::from(patch)),
            actual: 1,
            at: at(900),
        }],
        _ => vec![Change::Cache {
            key: digest(&format!("content {patch}")),
            kind: name("train"),
            step: name("fit"),
            outputs: [("n".to_owned(), suho_domain::Value::Int(i64::from(patch)))].into(),
            inputs: json!({ "a": 0.1 + 0.2 }),
        }],
    }
}

fn fires(world: &World, chance: &mut Chance) -> Result<(), StoreError> {
    let Some(row) = world.store.schedules("rehearsal")?.pop() else {
        let (pipeline, schedule) = (name("quickstart"), name("hourly"));
        let key = ScheduleKey { scope: Scope::Platform, pipeline, schedule };
        let plan = Some((digest("plan"), (&json!({ "steps": [], "handlers": [1] })).into()));
        let change = ScheduleChange { plan, ..ScheduleChange::new(Schedule::new(key)) };
        let new = NewApplication {
            environment: "rehearsal".to_owned(),
            digest: digest("text"),
            origin: "folder".to_owned(),
            revision: None,
            files: vec![("a.suho".to_owned(), "edition 2026\n".to_owned())],
            by: "ada".to_owned(),
            at: at(0),
            schedules: vec![change],
        };
        return world.store.apply(&new).map(drop);
    };
    let tick = at(i64::try_from(chance.below(30)).unwrap());
    let is_run = chance.below(2) == 0;
    let choice =
        if is_run { Choice::Run { not_before: tick } } else { Choice::Skip(TickSkip::CatchUp) };
    let mut change = ScheduleChange::of(&row);
    change.events.push(ScheduleEvent::Looked { at: tick });
    change.decisions.push(Decision { first: tick, last: tick, ticks: 1, choice });
    if is_run {
        change.starts.push((tick, new_run("rehearsal")));
    }
    world.store.move_schedule(&change, "rehearsal", tick).map(drop)
}

/// One operation; what it came to in a word.
fn operate(world: &mut World, chance: &mut Chance) -> &'static str {
    let run = world.run.id.clone();
    let done = match chance.below(16) {
        0 => world.store.create_run(&new_run("rehearsal")).map(drop),
        1 => {
            let key = format!("k{}", chance.below(3));
            let key = SubmissionKey { key, body: digest(&chance.below(2).to_string()) };
            world.store.submit(Some(&key), &new_run("rehearsal")).map(drop)
        }
        2 => world.store.quarantine(&run, "we are wrong", at(3)),
        3 => world.store.release(&run),
        4 => world.store.alarm("warning", "test", "said", at(4)),
        5 => world.store.request(&run, "cancel", "ada", "lunch", at(5)).map(drop),
        6 | 7 => fires(world, chance),
        _ => {
            let changes = change(chance, &run);
            world.try_commit(changes)
        }
    };
    match done {
        Ok(()) => "done",
        Err(StoreError::Conflict { .. }) => "conflict",
        Err(StoreError::Refused { .. }) => "refused",
        Err(StoreError::Missing(_)) => "missing",
        Err(other) => panic!("{other:?}"),
    }
}

/// Every row of every table, in its own words, in an order that both have.
fn rows(world: &World) -> BTreeMap<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut conn = world.connection().await;
        let mut tables = BTreeMap::new();
        for table in crate::schema::STEPS.iter().flat_map(|step| tables_of(step)) {
            let query = Query::composed(format!("SELECT * FROM {table}"), false);
            let found = query.fetch_all(&mut conn).await.unwrap();
            let mut lines: Vec<_> = found.iter().map(line).collect();
            lines.sort();
            tables.insert(table.to_owned(), lines.concat());
        }
        conn.close().await.unwrap();
        tables
    })
}

fn tables_of(step: &str) -> impl Iterator<Item = &str> {
    step.split("CREATE TABLE ")
        .skip(1)
        .filter_map(|rest| rest.split_once(" ("))
        .map(|(name, _)| name)
}

fn line(row: &crate::fields::Row) -> String {
    let fields = crate::fields::Fields::of(row, "a row");
    let mut names = row.columns();
    names.sort_unstable();
    let mut line = String::new();
    // A transaction that was rolled back leaves a gap in the numbers of a server, and in none of a
    // file; the other numbers are nobody's.
    for name in names.into_iter().filter(|name| !["rowid", "notice_id"].contains(name)) {
        let value = fields.get::<Option<i64>>(name).map(|value| json!(value));
        let value = value.or_else(|_| fields.get::<Option<f64>>(name).map(|value| json!(value)));
        let value = value.or_else(|_| fields.get::<Option<&str>>(name).map(|value| json!(value)));
        write!(line, "{name}={} ", value.unwrap()).unwrap();
    }
    line + "\n"
}

#[test]
fn the_same_operations_leave_the_same_rows() {
    for seed in 0..4_u64 {
        let Some(url) = schema_of_its_own() else { return };
        let (mut file, mut server) = (World::in_file(), World::on_server(url));
        for world in [&file, &server] {
            world.meddle("UPDATE instance SET id = 'the same'");
        }
        let (mut one, mut other) = (Chance(seed), Chance(seed));
        for i in 0..OPERATIONS {
            let expected = operate(&mut file, &mut one);
            assert_eq!(operate(&mut server, &mut other), expected, "seed {seed}, operation {i}");
        }
        let (expected, found) = (rows(&file), rows(&server));
        for (table, expected) in expected {
            assert_eq!(found[&table], expected, "seed {seed}, table {table}");
        }
        for world in [&file, &server] {
            assert!(world.store.verify_all().unwrap().found.is_empty(), "seed {seed}");
        }
    }
}
