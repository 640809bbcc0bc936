//! Opening the state folder.

use super::*;
use crate::schema;
use expect_test::expect;
use std::fs;
use std::path::Path;

fn refusal(dir: &Path, access: Access) -> String {
    let error = SqliteStore::open(dir, access).unwrap_err();
    suho_domain::fault::chain(&error).replace(&dir.display().to_string(), "STATE")
}

#[test]
fn an_engine_creates_what_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("deep/.suho");
    drop(SqliteStore::open(&state, Access::Engine).unwrap());
    assert!(state.join("suho.db").is_file());
    drop(SqliteStore::open(&state, Access::Engine).unwrap());
    drop(SqliteStore::open(&state, Access::Read).unwrap());
}

#[test]
fn a_reader_creates_nothing() {
    let dir = tempfile::tempdir().unwrap();
    expect!["there is no state in `STATE`"].assert_eq(&refusal(dir.path(), Access::Read));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_second_engine_is_told_who_the_first_is() {
    let world = World::in_file();
    let said = refusal(world.dir.path(), Access::Engine);
    let pid = std::process::id().to_string();
    expect!["the state in `STATE` is in use by process PID"].assert_eq(&said.replace(&pid, "PID"));
    let dir = world.dir.path().to_owned();
    let World { store, dir: _keep, .. } = world;
    drop(store);
    drop(SqliteStore::open(&dir, Access::Engine).unwrap());
}

#[test]
fn readers_look_while_an_engine_writes_and_write_nothing() {
    let mut world = World::in_file();
    let mut reader = SqliteStore::open(world.dir.path(), Access::Read).unwrap();
    world.commit(vec![]);
    assert_eq!(reader.load(&world.run.id).unwrap().1.len(), 1);
    let error = reader.create_run(&new_run("rehearsal")).unwrap_err();
    expect!["cannot begin a run of `quickstart`: the store was opened to read"]
        .assert_eq(&suho_domain::fault::chain(&error));
}

#[test]
fn a_reader_opens_what_an_engine_left() {
    let World { dir, store, run, .. } = World::in_file();
    drop(store);
    let mut reader = SqliteStore::open(dir.path(), Access::Read).unwrap();
    assert_eq!(reader.load(&run.id).unwrap().0, run);
}

#[test]
fn a_database_of_a_newer_suho_is_left_alone() {
    let World { dir, store, .. } = World::in_file();
    drop(store);
    meddle(dir.path().join("suho.db"), "PRAGMA user_version = 999");
    for access in [Access::Engine, Access::Read] {
        expect!["the database has schema 999; this suho knows up to 4"]
            .assert_eq(&refusal(dir.path(), access));
    }
}

#[test]
fn another_programs_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    meddle(dir.path().join("suho.db"), "CREATE TABLE theirs (x)");
    expect!["cannot open `STATE/suho.db`: it is another program's database"]
        .assert_eq(&refusal(dir.path(), Access::Engine));
    expect!["cannot open `STATE/suho.db`: its schema is 0, older than ours: any run brings it up to date"].assert_eq(&refusal(dir.path(), Access::Read));
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let text = "not a database at all, but long enough to be looked at as one".repeat(20);
    fs::write(dir.path().join("suho.db"), &text).unwrap();
    for access in [Access::Engine, Access::Read] {
        expect!["cannot open `STATE/suho.db`: error returned from database: (code: 26) file is not a database"]
            .assert_eq(&refusal(dir.path(), access));
    }
    assert_eq!(fs::read_to_string(dir.path().join("suho.db")).unwrap(), text);
}

#[test]
fn a_folder_that_cannot_be_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    expect!["cannot create the state folder `STATE`: File exists (os error 17)"]
        .assert_eq(&refusal(&file, Access::Engine));
    expect!["cannot create the state folder `STATE`: Not a directory (os error 20)"]
        .assert_eq(&refusal(&file.join("below"), Access::Engine));
    let taken = dir.path().join("taken");
    fs::create_dir_all(taken.join("suho.db")).unwrap();
    expect!["cannot open `STATE/suho.db`: error returned from database: (code: 14) unable to open database file"].assert_eq(&refusal(&taken, Access::Engine));
}

#[test]
fn an_older_database_is_copied_and_brought_up_to_date() {
    const STEPS: &[&str] = &[
        schema::STEPS[0],
        schema::STEPS[1],
        schema::STEPS[2],
        schema::STEPS[3],
        "CREATE TABLE more (x INTEGER) STRICT; PRAGMA user_version = 5;",
    ];
    const BROKEN: &[&str] = &[
        STEPS[0],
        STEPS[1],
        STEPS[2],
        STEPS[3],
        STEPS[4],
        "CREATE TABLE more (x); PRAGMA user_version = 6;",
    ];
    let World { dir, store, .. } = World::in_file();
    drop(store);
    let path = dir.path().join("suho.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let migrate = |steps: &'static [&'static str]| {
        runtime.block_on(async {
            let mut conn = crate::open::writer(&path).await.unwrap();
            let migrated = schema::migrate(&mut conn, &path, steps).await;
            let version = schema::version(&mut conn, &path).await.unwrap();
            conn.close().await.unwrap();
            (migrated.is_ok(), version)
        })
    };
    assert_eq!(migrate(STEPS), (true, 5));
    assert_eq!(migrate(STEPS), (true, 5));
    let copy = fs::read(dir.path().join("suho.db.v4.bak")).unwrap();
    assert!(copy.starts_with(b"SQLite format 3"));
    // A step that fails leaves the schema where it was, and can be tried again.
    assert_eq!(migrate(BROKEN), (false, 5));
    assert_eq!(migrate(BROKEN), (false, 5));
    assert!(dir.path().join("suho.db.v5.bak").is_file());
}

#[test]
fn a_reader_does_not_migrate() {
    let World { dir, store, .. } = World::in_file();
    drop(store);
    meddle(dir.path().join("suho.db"), "PRAGMA user_version = 0");
    expect!["cannot open `STATE/suho.db`: its schema is 0, older than ours: any run brings it up to date"].assert_eq(&refusal(dir.path(), Access::Read));
}

#[test]
fn a_store_may_live_on_a_thread_of_its_own() {
    let World { dir: _dir, mut store, run, .. } = World::in_file();
    let loaded = std::thread::spawn(move || store.load(&run.id).map(|(run, _)| run.number)).join();
    assert_eq!(loaded.unwrap().unwrap(), 1);
}

#[test]
fn a_store_may_be_dropped_inside_another_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut world = World::in_file();
        world.commit(vec![]);
        drop(world);
    });
}
