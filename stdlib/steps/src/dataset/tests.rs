//! The example's bars, and damaged copies of them.

use crate::generated::Part;
use crate::tests::{
    BARS, Heard, World, changed, choice, dataset_inputs, file, instant, number, quality, read, word,
};
use expect_test::expect;
use std::fmt::Write as _;
use std::fs;
use suho_domain::{Record, Value};

/// A CSV file of bars that are sound, but for what `damage` does to a line.
fn csv(world: &World, lines: usize, damage: impl Fn(usize, String) -> String) -> Record {
    let mut text = "time,open,high,low,close,volume\n".to_owned();
    let first = chrono::DateTime::parse_from_rfc3339("2020-01-05T22:00:00Z").unwrap();
    for line in 0..lines {
        let time = first + chrono::TimeDelta::hours(i64::try_from(line).unwrap());
        let wave = (line as f64 * 0.7).sin() * 0.002 + (line as f64 * 0.13).cos() * 0.003;
        let close = 1.1 + wave;
        let written = format!(
            "{},{close:.5},{:.5},{:.5},{close:.5},{}",
            time.format("%Y-%m-%dT%H:%M:%SZ"),
            close + 0.0005,
            close - 0.0005,
            100 + line % 7
        );
        writeln!(text, "{}", damage(line, written)).unwrap();
    }
    fs::write(world.project().join("bars.csv"), text).unwrap();
    let inputs = changed(dataset_inputs(), "source", file("csv", "bars.csv"));
    changed(inputs, "calendar", Value::text("always"))
}

fn whole(_: usize, line: String) -> String {
    line
}

#[test]
fn the_examples_bars_become_three_splits_in_order_of_time() {
    let world = World::new();
    let mut heard = Heard::default();
    let outputs = world.run_heard("dataset", dataset_inputs(), &mut heard).unwrap();
    let said = |name: &str| format!("{name}: {}\n", outputs.get(name).unwrap());
    let mut text: String =
        ["bars", "rows", "window", "warm_up", "purge", "embargo", "dropped", "quality"]
            .map(said)
            .concat();
    for part in Part::ALL {
        let split = outputs.get(part.name()).unwrap();
        let field = |name: &str| split.field(name).unwrap();
        let (rows, first, last) = (field("rows"), field("first"), field("last"));
        writeln!(text, "{part}: {rows} rows, bars {first}..={last}, {}", field("window")).unwrap();
    }
    text.push_str(&heard.log.join("\n"));
    expect![[r#"
        bars: 4998
        rows: 4657
        window: 2017-04-19T09:00:00Z .. 2018-02-07T16:00:00Z
        warm_up: 294
        purge: 4
        embargo: 12
        dropped: { embargo = 24, labels = 4, missing = 0, purge = 8, sequence = 11, warm_up = 294 }
        quality: { bars = 5000, duplicate = 0, high_low = 0, missing = 48, repaired = 2, spike = 0, weekend = 2, zero_range = 0 }
        train: 3327 rows, bars 305..=3631, 2017-05-08T03:00:00Z .. 2017-11-16T18:00:00.000001Z
        validation: 665 rows, bars 3648..=4312, 2017-11-17T11:00:00Z .. 2017-12-28T03:00:00.000001Z
        test: 665 rows, bars 4329..=4993, 2017-12-28T20:00:00Z .. 2018-02-07T12:00:00.000001Z
        quality  weekend     repaired  2 found, limit 5 of 5000 bars (0.1 %)
        quality  missing     pass      48 found, limit 50 of 5046 expected bars (1 %), 24 in a row (longest 24)
        repaired  2017-10-06T21:00:00Z weekend: open 1.17324, high 1.17324, low 1.17324, close 1.17324 → dropped
        repaired  2017-10-20T21:00:00Z weekend: open 1.17799, high 1.17799, low 1.17799, close 1.17799 → dropped"#]].assert_eq(&text);
}

/// The figures of the design: warm-up, sequence, labels and bars held back as in the quickstart.
#[test]
fn the_quickstart_leaves_the_rows_that_its_plan_promises() {
    let world = World::new();
    let columns = [
        "close",
        "rsi_14",
        "macd_histogram",
        "bb_percent_b",
        "atr_14",
        "volume_ratio",
        "adx_14",
        "stoch_k",
    ];
    let inputs = changed(dataset_inputs(), "features", crate::tests::texts(columns));
    let inputs = changed(inputs, "sequence", Value::Int(60));
    let inputs = changed(inputs, "until", instant("2018-01-30T13:00:00Z"));
    let outputs = world.run("dataset", inputs).unwrap();
    let rows = |part: Part| outputs.get(part.name()).unwrap().field("rows").unwrap().to_string();
    let text = format!(
        "{} bars, warm-up {}: {} / {} / {}",
        outputs.get("bars").unwrap(),
        outputs.get("warm_up").unwrap(),
        rows(Part::Train),
        rows(Part::Validation),
        rows(Part::Test)
    );
    expect!["4851 bars, warm-up 447: 3011 / 601 / 601"].assert_eq(&text);
}

#[test]
fn a_data_set_is_the_same_twice_and_can_be_undone() {
    let world = World::new();
    world.undone_leaves_nothing("dataset", dataset_inputs());
    world.runs_twice_alike("dataset", dataset_inputs());
}

#[test]
fn undoing_leaves_a_snapshot_that_another_run_made() {
    let world = World::new();
    world.data();
    let sealed = world.sealed("manifest.json");
    world.undone_leaves_nothing("dataset", dataset_inputs());
    assert_eq!(sealed.len(), 1);
    assert_eq!(world.sealed("manifest.json"), sealed);
}

#[test]
fn bars_held_back_change_nothing_however_bad_they_are() {
    let world = World::new();
    let until = "2020-03-20T00:00:00Z";
    let damage =
        |line: usize, text: String| if line < 1_778 { text } else { text.replace("1.", "-9.") };
    let held_back = changed(csv(&world, 2_000, damage), "until", instant(until));
    let first = world.run("dataset", held_back).unwrap();
    let held_back = changed(csv(&world, 1_800, whole), "until", instant(until));
    let second = world.run("dataset", held_back).unwrap();
    assert_eq!(first.get("digest"), second.get("digest"));
    assert_eq!(first.get("bars"), Some(&Value::Int(1_778)));
}

#[test]
fn what_the_run_cannot_know_yet_is_not_there() {
    let world = World::new();
    let mut order = world.order("dataset", csv(&world, 2_000, whole));
    // Bar 1,777 closes at that instant, and the next one an hour later.
    order.logical_time = "2020-03-20T00:00:00Z".parse().unwrap();
    let (mut heard, folder) = (Heard::default(), world.project());
    let mut context = suho_step::Context::new(&order, &folder, &mut heard);
    let inputs = suho_step::Inputs::new(order.inputs.clone());
    let outputs = crate::find("dataset").unwrap().run(&mut context, &inputs).unwrap();
    assert_eq!(outputs.get("bars"), Some(&Value::Int(1_778)));
}

#[test]
fn a_window_is_read_in_the_pipelines_zone() {
    let world = World::new();
    let day = |text: &str| Value::Date(text.parse().unwrap());
    let days = Value::Range(Box::new((day("2020-01-10"), day("2020-04-01"))));
    let inputs = changed(csv(&world, 3_000, whole), "window", days);
    let start = |inputs: Record| {
        let outputs = world.run("dataset", inputs).unwrap();
        outputs.get("window").unwrap().to_string()
    };
    let utc = start(inputs.clone());
    let york = start(changed(inputs, "timezone", Value::text("America/New_York")));
    assert_eq!(utc, "2020-01-10T00:00:00Z .. 2020-04-01T00:00:00Z");
    assert_eq!(york, "2020-01-10T05:00:00Z .. 2020-04-01T04:00:00Z");
}

#[test]
fn a_tenants_data_lie_in_the_tenants_folder() {
    let world = World::new();
    let inputs = changed(dataset_inputs(), "scope", Value::text("acme"));
    let outputs = world.run("dataset", inputs).unwrap();
    let manifest = outputs.get("manifest").unwrap().to_string();
    assert!(manifest.starts_with("_datasets/tenant.acme/"), "{manifest}");
    assert!(world.data()["manifest"].to_string().starts_with("_datasets/platform/"));
}

#[test]
fn shares_are_parts_or_percentages() {
    let world = World::new();
    let split = |[train, validation, test]: [&str; 3]| {
        let share = |text: &str| Value::Ratio(text.parse().unwrap());
        choice(
            "chronological",
            [
                ("train", share(train)),
                ("validation", share(validation)),
                ("test", share(test)),
                ("purge", choice("bars", [("count", Value::Int(6))])),
                ("embargo", choice("bars", [("count", Value::Int(0))])),
            ],
        )
    };
    let inputs = changed(dataset_inputs(), "split", split(["70%", "15%", "15%"]));
    let outputs = world.run("dataset", inputs).unwrap();
    let rows = |part: &str| outputs.get(part).unwrap().field("rows").unwrap().as_f64().unwrap();
    let share = rows("test") / number(&outputs, "rows");
    assert!((share - 0.15).abs() < 0.001, "{share}");
    assert_eq!((number(&outputs, "purge"), number(&outputs, "embargo")), (6.0, 0.0));
    let inputs = changed(dataset_inputs(), "split", split(["70%", "15%", "10%"]));
    assert_eq!(world.run("dataset", inputs).unwrap_err().code, "split-shares");
}

#[test]
fn a_repair_is_listed_bar_by_bar() {
    let world = World::new();
    // High and low change places.
    let swap = |line: usize, text: String| {
        let mut fields: Vec<&str> = text.split(',').collect();
        if line == 700 {
            fields.swap(2, 3);
        }
        fields.join(",")
    };
    let inputs = csv(&world, 2_000, swap);
    let refused = world.run("dataset", inputs.clone()).unwrap_err();
    assert_eq!(refused.code, "data-invalid");
    assert!(refused.help.unwrap().contains("quality = { high_low = repair }"));
    let repair = quality([("high_low", word("repair"))]);
    let outputs = world.run("dataset", changed(inputs, "quality", repair)).unwrap();
    expect!["[{ after = high 1.09734, low 1.09634, before = high 1.09634, low 1.09734, check = high_low, time = 2020-02-04T02:00:00Z }]"].assert_eq(&outputs.get("repaired_bars").unwrap().to_string());
}

/// What the user reads when `inputs` are refused.
fn refused(world: &World, what: &str, inputs: Record) -> String {
    format!("## {what}\n{}\n", world.refused("dataset", inputs))
}

/// Every way that data can be wrong has a code, a place and a next step.
#[test]
fn what_is_wrong_with_the_data_is_said() {
    let world = World::new();
    let mut text = String::new();
    let mut say = |what, inputs| text.push_str(&refused(&world, what, inputs));
    let from = |path: &str| changed(dataset_inputs(), "source", file("parquet", path));
    say("missing file", from("data/nothing.parquet"));
    let header = |line: usize, text: String| if line == 0 { format!("x,{text}") } else { text };
    say("ragged line", csv(&world, 10, header));
    fs::write(world.project().join("bars.csv"), "Date,open,high,low,close\n").unwrap();
    let from_csv = file("csv", "bars.csv");
    say("missing column", changed(dataset_inputs(), "source", from_csv.clone()));
    fs::write(world.project().join("bars.csv"), "time,open,high,low,close\n").unwrap();
    say("no bars", changed(dataset_inputs(), "source", from_csv));
    let nothing = |line: usize, text: String| {
        let mut fields: Vec<&str> = text.split(',').collect();
        if line == 41 {
            fields[1] = "NaN";
        }
        fields.join(",")
    };
    say("NaN price", csv(&world, 2_000, nothing));
    say("too few rows", csv(&world, 900, whole));
    fs::write(world.project().join("bars.parquet"), &fs::read(BARS).unwrap()[..90_000]).unwrap();
    say("cut short", from("bars.parquet"));
    let gap = |line: usize, text: String| if line / 40 == 3 { String::new() } else { text };
    say("missing bars", changed(csv(&world, 2_000, gap), "quality", quality([])));
    expect![[r###"
        ## missing file
        user missing-file
        no file `data/nothing.parquet`; paths are relative to the folder of `project.suho`
        put the file there, or correct the path in `source`

        ## ragged line
        user not-csv
        row 1 of `bars.csv` has 7 cells; the header has 6
        mend the row, or write `parquet("…")` for Parquet

        ## missing column
        user missing-column
        `bars.csv` has no column `time`; it has `Date`, `open`, `high`, `low`, `close`
        write `columns: { time = "NAME" }` in the source

        ## no bars
        user no-bars
        `bars.csv` has no bars: columns, but no row
        take a file that has bars

        ## NaN price
        user data-invalid
        the bars of `bars.csv` are not sound: price: 1 found, limit 0, first 2020-01-07T15:00:00Z (row 42): open NaN is not finite
        mend the rows in the file, or leave them out

        ## too few rows
        user too-few-rows
        too few rows: train 401, validation 79, test 79; at least 1000, 200, 200 are needed, which is 841 more bars in all
        give the source at least 841 more bars, or hold back fewer

        ## cut short
        user not-parquet
        `bars.parquet` is not a Parquet file; a text file is read with `csv(…)`: Parquet error: Invalid Parquet file. Corrupt footer
        write `csv("…")` for a text file, or take another copy

        ## missing bars
        user data-invalid
        the bars of `bars.csv` are not sound: missing: 40 found, limit 20 of 2000 expected bars (1 %), 24 in a row (longest 40), first 2020-01-10T22:00:00Z: 40 bars are missing from here on
        mend the file, or write `quality = { missing = warn }`

    "###]].assert_eq(&text);
}

/// So has every setting that asks for what cannot be done.
#[test]
fn what_is_wrong_with_the_settings_is_said() {
    let world = World::new();
    let mut text = String::new();
    let mut say = |what, inputs| text.push_str(&refused(&world, what, inputs));
    let features = crate::tests::texts(["close", "rsj_14"]);
    say("unknown feature", changed(dataset_inputs(), "features", features));
    say("all held back", changed(dataset_inputs(), "until", instant("2001-01-01T00:00:00Z")));
    let price = quality([("price", word("repair"))]);
    say("price repaired", changed(dataset_inputs(), "quality", price));
    say("no horizon", changed(dataset_inputs(), "horizon", Value::None));
    let horizon = Value::Duration("90m".parse().unwrap());
    say("half a bar", changed(dataset_inputs(), "horizon", horizon));
    let barrier = [("profit", Value::Float(1.0)), ("stop", Value::Float(0.0))];
    say("barriers", changed(dataset_inputs(), "label", choice("triple_barrier", barrier)));
    expect![[r#"
        ## unknown feature
        user unknown-feature
        no feature `rsj_14`; did you mean `rsi_14`?
        `suho features ls` lists the catalogue

        ## all held back
        user no-bars-in-window
        none of the 5000 bars is in the window that may be used
        widen `window`, hold back fewer bars, or run as of a later time

        ## price repaired
        user not-repairable
        `price` cannot be repaired without inventing prices
        write `quality = { price = warn }` or leave it out

        ## no horizon
        user not-set
        no model is trained on this data, so its `horizon` is not known
        set `horizon` on the data set

        ## half a bar
        user horizon-not-bars
        a horizon of 1h30m is no whole number of 1h bars
        write a multiple of 1h

        ## barriers
        user label-not-computable
        a label's threshold factor is 0; it must be a number above zero
        -

    "#]]
    .assert_eq(&text);
}

#[test]
fn a_snapshot_that_was_changed_is_not_taken_for_the_same() {
    let world = World::new();
    world.data();
    let bars = world.sealed("bars.parquet");
    let mut bytes = fs::read(&bars[0]).unwrap();
    bytes[1_000] ^= 1;
    fs::write(&bars[0], bytes).unwrap();
    let error = world.run("dataset", dataset_inputs()).unwrap_err();
    assert_eq!(error.code, "artifact-corrupt", "{}", read(&error));
    assert!(error.message.contains("bars.parquet"), "{error}");
}
