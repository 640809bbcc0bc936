//! What people read.

use super::{World, at, model_id, rehearsal};
use crate::inspect::life::Life;
use crate::inspect::logs::Reader;
use crate::inspect::ps;
use crate::inspect::status::Standing;
use crate::inspect::why::{explain, sentences};
use crate::inspect::{models, words};
use expect_test::expect;
use std::fs;
use suho_domain::Duration;
use suho_store::ModelFilter;

fn status(world: &World) -> String {
    let (mut state, seen) = world.latest();
    Standing::of(&mut state.store, &seen.row.id).unwrap().text(at(world.clock))
}

fn why(world: &World, step: Option<&str>) -> String {
    let (mut state, seen) = world.latest();
    let found = explain(&mut state, &seen, step).unwrap();
    sentences(&found, seen.zone())
}

fn list(world: &World) -> String {
    let states = world.states();
    let runs = states.runs(20).unwrap().into_iter();
    let lines: Vec<_> = runs.map(|(_, run)| ps::Line { run, version: None }).collect();
    ps::text(&lines, at(world.clock))
}

#[test]
fn ps_lists_the_newest_run_first() {
    expect![[r#"
        RUN       #  PIPELINE    ENVIRONMENT  STATUS     STARTED                   TOOK   MODEL
        cd9b4750  2  quickstart  rehearsal    rejected   Thu 2025-01-02 18:01 +05  1m33s  –
        97522606  1  quickstart  rehearsal    succeeded  Thu 2025-01-02 17:00 +05  1m40s  –
    "#]]
    .assert_eq(&list(&World::second()));
}

#[test]
fn ps_without_runs_says_how_to_begin_one() {
    expect![[r#"
        no runs yet; `suho rehearse PIPELINE` begins one
    "#]]
    .assert_eq(&ps::text(&[], at(0)));
}

#[test]
fn status_of_a_run_shows_what_came_of_every_step() {
    expect![[r#"
        quickstart #1  succeeded
          run          97522606-e098-80df-a6dc-65efe4edfec0
          environment  rehearsal
          plan         9fca51987c96
          as of        Thu 2025-01-02 17:00 +05
          started      Thu 2025-01-02 17:00 +05
          took         1m40s
          model        platform/eurusd EUR/USD 1h v1.0.0, production

        STEP     KIND      STATUS     ATTEMPTS  TOOK   WHAT CAME OF IT
        bars     dataset   succeeded  1         2.0s   4,371 rows
        fit      train     succeeded  1         1m15s  v1.0.0, 41 epochs, val loss 0.988
        quality  evaluate  succeeded  1         3.0s   accuracy 58.3%, majority 41.0%, 3,624 events
        proof    gate      succeeded  –         0ms    1 criterion holds, 1 does not apply
        trial    canary    succeeded  1         20.0s  promoted; 1,440 requests, 48 events, accuracy 60.4%
        live     promote   succeeded  –         0ms    v1.0.0 is production
    "#]].assert_eq(&status(&World::first()));
}

#[test]
fn status_of_a_live_rollout_shows_its_share_and_its_market_time() {
    expect![[r#"
        quickstart #1  running
          run          97522606-e098-80df-a6dc-65efe4edfec0
          environment  rehearsal
          plan         9fca51987c96
          as of        Thu 2025-01-02 17:00 +05
          started      Thu 2025-01-02 17:00 +05
          took         1m20s so far
          model        platform/eurusd EUR/USD 1h v1.0.0, canary

        STEP     KIND      STATUS     ATTEMPTS  TOOK        WHAT CAME OF IT
        bars     dataset   succeeded  1         2.0s        4,371 rows
        fit      train     succeeded  1         1m15s       v1.0.0, 41 epochs, val loss 0.988
        quality  evaluate  succeeded  1         3.0s        accuracy 58.3%, majority 41.0%, 3,624 events
        proof    gate      succeeded  –         0ms         1 criterion holds, 1 does not apply
        trial    canary    baking     1         0ms so far
        live     promote   waiting    –         –

        canary: 10% of the traffic, 12h of 48h of market time
    "#]].assert_eq(&status(&World::first_until_canary()));
}

#[test]
fn status_of_a_rejected_run_names_the_rule() {
    expect![[r#"
        quickstart #2  rejected
          run          cd9b4750-4732-81d5-a4c7-7974c7b9254c
          environment  rehearsal
          plan         2a64947797ca
          as of        Thu 2025-01-02 17:00 +05
          started      Thu 2025-01-02 18:01 +05
          took         1m33s
          model        platform/eurusd EUR/USD 1h v1.1.0, archived

        STEP     KIND      STATUS     ATTEMPTS  TOOK   WHAT CAME OF IT
        bars     dataset   cached     –         0ms    4,371 rows
        fit      train     succeeded  2         1m30s  v1.1.0, 41 epochs, val loss 0.988
        quality  evaluate  succeeded  1         3.0s   accuracy 58.3%, majority 41.0%, 3,624 events
        proof    gate      failed     –         0ms    rejected: require quality.accuracy >= baseline.accuracy - 5pp: 50%
        trial    canary    skipped    –         –      `proof` came to nothing
        live     promote   skipped    –         –      `trial` came to nothing
    "#]].assert_eq(&status(&World::second()));
}

#[test]
fn why_tells_the_first_run_step_by_step() {
    expect![[r#"
            bars  dataset  succeeded
              it ran: no earlier result of this step is kept
              attempt 1 succeeded after 2.0s

            fit  train  succeeded
              it ran: no earlier result of this step is kept
              attempt 1 succeeded after 1m15s
              version v1.0.0, compared with none
                no version yet  MAJOR  first

            quality  evaluate  succeeded
              it ran: no earlier result of this step is kept
              attempt 1 succeeded after 3.0s

            proof  gate  succeeded
              the engine does it anew in every run
              RULE                           VALUE     LIMIT  VERDICT         NOTE
              floor = majority(margin: 2pp)  58.3333%  39%    pass
              require accuracy >= baseline   58.3333%  –      not applicable  no baseline

            trial  canary  succeeded
              it promoted the candidate after 12h of 48h of market time
              looks of the harm test
                BLOCK  BLOCKS  INFORMATION  STATISTIC  BOUNDARY  INTERVAL          HARM
                3      4       50%          -0.250     -2.797    -3.1pp .. +2.0pp  no

            live  promote  succeeded
              the engine does it anew in every run
        "#]]
    .assert_eq(&why(&World::first(), None));
}

#[test]
fn why_names_the_input_that_changed_and_the_version_it_made() {
    expect![[r#"
        fit  train  succeeded
          it ran: its inputs are not those of run 97522606
            model.optimizer.adam  0.001 → 0.0005
          attempt 1 failed after 5.0s, infrastructure: [disk-full] cannot write `weights`: no space left
          attempt 2 succeeded after 1m15s
          version v1.1.0, MINOR after v1.0.0
            hyperparameters.optimizer.adam.learning_rate 0.001 → 0.0005  MINOR  hyperparameter
    "#]].assert_eq(&why(&World::second(), Some("fit")));
}

#[test]
fn why_of_what_did_not_train_names_its_cause() {
    let world = World::second();
    let found = ["bars", "proof", "trial"].map(|step| why(&world, Some(step))).join("\n");
    expect![[r#"
        bars  dataset  cached
          its inputs are those of 97522606/bars, whose result was taken

        proof  gate  failed
          it said no: require quality.accuracy >= baseline.accuracy - 5pp: 50%
          RULE                                                 VALUE  LIMIT     VERDICT  NOTE
          require quality.accuracy >= baseline.accuracy - 5pp  50%    55.4166%  fail

        trial  canary  skipped
          it did not run: `proof` came to nothing
    "#]]
    .assert_eq(&found);
}

#[test]
fn model_ls_shows_who_has_the_traffic() {
    let world = World::second();
    let all = world.store.models(&ModelFilter::ANY).unwrap();
    expect![[r#"
        MODEL            VERSION  SERVES      STATUS                        TRAFFIC  TRAINED                   ACCURACY  ENVIRONMENT  ID
        platform/eurusd  v1.1.0   EUR/USD 1h  archived (acceptance_failed)  0%       Thu 2025-01-02 18:01 +05  58.3%     rehearsal    a323e879
        platform/eurusd  v1.0.0   EUR/USD 1h  production                    100%     Thu 2025-01-02 17:00 +05  58.3%     rehearsal    ba8e4e29
    "#]].assert_eq(&models::text(&models::of(&world.store, all).unwrap()));
}

#[test]
fn model_show_tells_a_life() {
    let world = World::second();
    let model = world.store.find_model(model_id(1).as_str()).unwrap();
    expect![[r#"
        platform/eurusd EUR/USD 1h v1.1.0  archived (acceptance_failed)
          id                a323e879-ad7e-81a3-a0d9-799da1780c0d
          traffic           0%
          environment       rehearsal
          reserved          Thu 2025-01-02 18:01 +05
          trained           Thu 2025-01-02 18:01 +05
          production since  –
          artifact          platform/eurusd/v1.1.0
          its digest        3bb63c501a2c
          data set          8556ab255963
          trained on        Thu 2025-01-02 17:00 +05 to Thu 2025-01-02 18:23 +05
          seed              0
          code              5694d08a2e53
          successor of      v1.0.0 (ba8e4e29)
          run               cd9b4750

        configuration
          feature_version                               1.0.0
          features                                      ["rsi_14"]
          hyperparameters.optimizer.adam.learning_rate  0.0005
          hyperparameters.sequence_length               60
          label                                         up
          preprocess.scaler                             standard
          target.horizon                                4h
          target.symbol                                 EUR/USD
          target.timeframe                              1h

        training
          validation_loss  0.987

        test, Thu 2025-01-02 18:01 +05
          accuracy  58.3333%
          events    624

        life
          Thu 2025-01-02 18:01 +05  – → draft           reserved           by engine
          Thu 2025-01-02 18:01 +05  draft → training    training           by engine
          Thu 2025-01-02 18:01 +05  training → testing  trained            by engine
          Thu 2025-01-02 18:03 +05  testing → archived  acceptance_failed  by engine
    "#]]
    .assert_eq(&Life::of(&world.store, model).unwrap().text());
}

#[test]
fn logs_stand_under_their_attempt_and_follow_from_where_they_were_read() {
    let world = World::second();
    let (state, seen) = world.latest();
    let run = rehearsal(&world.dir).join("runs").join(world.run().id.as_str());
    let write = |attempt: &str, file: &str, text: &str| {
        let folder = run.join("fit").join(attempt);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(file), text).unwrap();
    };
    write("1", "stderr.log", "no space left\n");
    write("2", "stdout.log", "epoch 1\nepo");
    let mut reader = Reader::of(&state.folder);
    let mut text = String::new();
    reader.read(&seen, Some("fit"), false, &mut |piece| text.push_str(piece)).unwrap();
    text.push_str("(later)\n");
    write("2", "stdout.log", "epoch 1\nepoch 2\nend without a line");
    reader.read(&seen, None, true, &mut |piece| text.push_str(piece)).unwrap();
    expect![[r#"
        == fit, attempt 1, stderr ==
        no space left
        == fit, attempt 2, stdout ==
        epoch 1
        (later)
        == bars: no logs, its result is from 97522606/bars ==
        == fit, attempt 2, stdout ==
        epoch 2
        end without a line
        == quality, attempt 1: it wrote nothing ==
        == proof: no logs, the engine does a `gate` itself ==
        == trial: no logs, the engine does a `canary` itself ==
        == live: no logs, the engine does a `promote` itself ==
    "#]]
    .assert_eq(&text);
}

#[test]
fn spans_are_rounded_to_what_people_compare() {
    let spans = [0, 12, 3_456, 59_999, 130_000, 25_500_000].map(Duration::from_millis);
    expect!["0ms 12ms 3.4s 59.9s 2m10s 7h5m"].assert_eq(&spans.map(words::took).join(" "));
    assert_eq!(words::took(Duration::from_seconds(-3)), "0ms");
}
