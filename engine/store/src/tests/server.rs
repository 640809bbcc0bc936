//! What only a server has: other engines, a COMMIT whose answer is lost, and being asked whether it
//! is fit. Nothing here without `SUHO_POSTGRES`; `tests/services/postgres.sh` sets it.

use super::*;
use crate::connection::{Fate, Purpose};
use crate::query::query;

const ENVIRONMENT: &str = "prod";

fn engine(url: &str) -> SqliteStore {
    SqliteStore::connect(url, Access::Engine).unwrap()
}

/// The lease runs out, as if its holder had been stopped for so long.
fn time_passes(url: &str) {
    on_server(url, "UPDATE leases SET expires_at = 0");
}

#[test]
fn one_engine_leads_and_the_others_stand_by() {
    let Some(url) = schema_of_its_own() else { return };
    let (one, two) = (engine(&url), engine(&url));
    assert_eq!(one.lead(ENVIRONMENT, "one").unwrap(), Some(1));
    assert_eq!(two.lead(ENVIRONMENT, "two").unwrap(), None);
    assert_eq!(two.leader(ENVIRONMENT).unwrap().as_deref(), Some("one"));
    // Another environment is another matter.
    assert_eq!(two.lead("staging", "two").unwrap(), Some(1));
    // Whoever goes in order lets the next one on at once.
    drop(one);
    assert_eq!(two.leader(ENVIRONMENT).unwrap(), None);
    assert_eq!(two.lead(ENVIRONMENT, "two").unwrap(), Some(2));
    assert_eq!(two.epoch().unwrap(), 2);
}

#[test]
fn whoever_was_succeeded_writes_nothing() {
    let Some(url) = schema_of_its_own() else { return };
    let (mut one, mut two) = (engine(&url), engine(&url));
    assert_eq!(one.lead(ENVIRONMENT, "one").unwrap(), Some(1));
    let run = one.create_run(&new_run(ENVIRONMENT)).unwrap();
    time_passes(&url);
    assert_eq!(two.lead(ENVIRONMENT, "two").unwrap(), Some(2));
    let commit = Commit {
        run: run.id.clone(),
        after_seq: 0,
        recorded_at: at(1),
        effective_at: at(1),
        events: vec![started(1)],
        changes: vec![],
        status: RunStatus::Running,
    };
    for refused in [one.commit(&commit), one.create_run(&new_run(ENVIRONMENT)).map(drop)] {
        assert!(matches!(refused, Err(StoreError::Fenced { epoch: 1, .. })), "{refused:?}");
    }
    assert!(two.load(&run.id).unwrap().1.is_empty());
    two.commit(&commit).unwrap();
    // What anybody may do, it may as well: it is no engine's word.
    one.submit(None, &new_run(ENVIRONMENT)).unwrap();
}

#[test]
fn a_lease_is_not_taken_over_in_the_middle_of_a_transaction() {
    let Some(url) = schema_of_its_own() else { return };
    let one = engine(&url);
    one.lead(ENVIRONMENT, "one").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let pool = {
        let _inside = runtime.enter();
        Server::at(&url).unwrap().pool()
    };
    runtime.block_on(async {
        let mut conn = Connection::of(&pool).await.unwrap();
        conn.led(one.tenure.lead().unwrap());
        let tx = crate::transaction::begin(&mut conn, "write").await.unwrap();
        let mut other = Connection::of(&pool).await.unwrap();
        // Its holder may renew meanwhile; a successor waits.
        other.script("SET lock_timeout = '100ms'").await.unwrap();
        other.script("UPDATE leases SET expires_at = 0").await.unwrap();
        let raised = other.script("UPDATE leases SET epoch = epoch + 1").await.unwrap_err();
        assert!(raised.to_string().contains("lock timeout"), "{raised}");
        crate::transaction::finish(tx, Ok(()), "write").await.unwrap();
        other.script("UPDATE leases SET epoch = epoch + 1").await.unwrap();
    });
}

#[test]
fn what_became_of_a_transaction_is_asked_of_the_server() {
    let Some(url) = schema_of_its_own() else { return };
    drop(engine(&url));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let pool = Server::at(&url).unwrap().pool();
        for (end, fate) in [("COMMIT", Fate::Committed), ("ROLLBACK", Fate::Aborted)] {
            let mut conn = Connection::of(&pool).await.unwrap();
            conn.begin(Purpose::Write).await.unwrap();
            // Past the store: as far as it knows the transaction is under way.
            conn.script(end).await.unwrap();
            assert_eq!(conn.fate().await, fate);
            conn.close().await.unwrap();
        }
        // One whose session is killed in the middle never was.
        let mut conn = Connection::of(&pool).await.unwrap();
        conn.begin(Purpose::Write).await.unwrap();
        let pid: i64 = query("SELECT pg_backend_pid()::bigint").value(&mut conn).await.unwrap();
        let mut other = Connection::of(&pool).await.unwrap();
        let kill = query("SELECT pg_terminate_backend($1::int)::int::bigint").bind(pid);
        kill.execute(&mut other).await.unwrap();
        conn.commit().await.unwrap_err();
        assert_eq!(conn.fate().await, Fate::Aborted);
    });
}

#[test]
fn a_commit_that_the_server_refuses_was_not_written() {
    let Some(url) = schema_of_its_own() else { return };
    let mut world = World::on_server(url.clone());
    on_server(
        &url,
        "CREATE TABLE late (x BIGINT REFERENCES notices (notice_id) DEFERRABLE INITIALLY DEFERRED);
         CREATE FUNCTION too_late() RETURNS TRIGGER LANGUAGE plpgsql
         AS $$ BEGIN INSERT INTO late VALUES (99); RETURN NULL; END $$;
         CREATE TRIGGER fail AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION too_late();",
    );
    let error = world.try_commit(vec![]).unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    on_server(&url, "DROP TRIGGER fail ON events");
    world.commit(vec![]);
}

#[test]
fn keys_and_numbers_hold_between_engines() {
    const EACH: usize = 10;
    let Some(url) = schema_of_its_own() else { return };
    let engines = [engine(&url), engine(&url), engine(&url)];
    std::thread::scope(|scope| {
        for store in &engines {
            scope.spawn(move || {
                for i in 0..EACH {
                    let key = crate::SubmissionKey { key: format!("k{i}"), body: digest("a") };
                    store.submit(Some(&key), &new_run(ENVIRONMENT)).unwrap();
                    store.submit(None, &new_run(ENVIRONMENT)).unwrap();
                }
            });
        }
    });
    let runs = engines[0].runs(&crate::RunFilter::ANY, 1_000).unwrap();
    // One a key whoever asked, and one each time without a key.
    assert_eq!(runs.len(), EACH + 3 * EACH);
    let numbers: std::collections::BTreeSet<_> = runs.iter().map(|run| run.number).collect();
    assert_eq!(numbers.len(), runs.len());
    assert!(engines[0].verify_all().unwrap().found.is_empty());
}

#[test]
fn engines_that_start_together_make_the_schema_once() {
    let Some(url) = schema_of_its_own() else { return };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| drop(engine(&url)));
        }
    });
    drop(SqliteStore::connect(&url, Access::Read).unwrap());
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let Some(url) = schema_of_its_own() else { return };
    let refusal =
        |access| suho_domain::fault::chain(&SqliteStore::connect(&url, access).unwrap_err());
    let said = refusal(Access::Read);
    assert!(said.ends_with("there is no state in it yet: any run makes it"), "{said}");
    on_server(&url, "CREATE TABLE theirs (x INT)");
    let said = refusal(Access::Engine);
    assert!(said.contains("it has another program's tables"), "{said}");
    on_server(&url, "DROP TABLE theirs");
    drop(engine(&url));
    on_server(&url, "UPDATE suho_schema SET version = 999");
    for access in [Access::Engine, Access::Read] {
        let said = refusal(access);
        assert!(said.starts_with("the database has schema 999"), "{said}");
    }
}

#[test]
fn a_server_that_could_lose_a_commit_is_refused() {
    let Some(url) = schema_of_its_own() else { return };
    let joint = "%20-csynchronous_commit%3Doff";
    // Our own setting is the stronger one: what the URL says of it does not count.
    drop(SqliteStore::connect(&format!("{url}{joint}"), Access::Engine).unwrap());
    let nowhere = "postgres://suho:hush@127.0.0.1:1/nowhere";
    let error = SqliteStore::connect(nowhere, Access::Engine).unwrap_err();
    let said = suho_domain::fault::chain(&error);
    assert!(said.starts_with("cannot open `postgres://suho@127.0.0.1:1/nowhere`: "), "{said}");
    assert!(!format!("{said}{error:?}").contains("hush"), "{said}");
    assert_eq!(error.fault(), suho_domain::Fault::World);
}
