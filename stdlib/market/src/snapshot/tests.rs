//! What is frozen comes back, and its digest knows its values.

use super::*;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/eurusd_1h.parquet");

fn example() -> Bars {
    decode(std::fs::read(EXAMPLE).unwrap()).unwrap()
}

#[test]
fn a_snapshot_comes_back_as_it_was() {
    let mut bars = example().slice(0..100);
    bars.spread = Some(vec![0.00008; 100]);
    let back = decode(encode(&bars).unwrap()).unwrap();
    assert_eq!(back, bars);
    assert_eq!(encode(&bars).unwrap(), encode(&back).unwrap());
    let none = Bars { spread: None, ..bars.slice(0..0) };
    assert_eq!(decode(encode(&none).unwrap()).unwrap(), none);
}

#[test]
fn the_digest_of_the_example_stands() {
    assert_eq!(
        content_digest(&example(), &[]).as_str(),
        "sha256:583e04ae35de7102434075ae405780328c9c521373e1d1f70a11cbea36cf811b"
    );
}

#[test]
fn any_value_changes_the_digest_and_the_bytes_of_a_file_do_not() {
    let bars = example();
    let digest = content_digest(&bars, &[]);
    let mut changed = Vec::new();
    let mut change = |edit: fn(&mut Bars)| {
        let mut bars = bars.clone();
        edit(&mut bars);
        changed.push(content_digest(&bars, &[]));
    };
    change(|bars| bars.symbol = "GBP/USD".to_owned());
    change(|bars| bars.timeframe = TimeDelta::minutes(30));
    change(|bars| bars.time[7] += 1);
    change(|bars| bars.open.swap(1, 2));
    change(|bars| std::mem::swap(&mut bars.high, &mut bars.low));
    change(|bars| bars.volume[4_999] += 1.0);
    change(|bars| bars.spread = Some(vec![0.0; 5_000]));
    changed.push(content_digest(&bars, &[("rsi_14", &[50.0])]));
    changed.push(content_digest(&bars, &[("rsi_7", &[50.0])]));
    changed.push(digest.clone());
    let all = changed.len();
    changed.sort();
    changed.dedup();
    assert_eq!(changed.len(), all);
    // The order in which features are given is not their content.
    let (a, b): (&[f64], &[f64]) = (&[1.0], &[2.0]);
    assert_eq!(
        content_digest(&bars, &[("a", a), ("b", b)]),
        content_digest(&bars, &[("b", b), ("a", a)])
    );
    let zero = |zero: f64| content_digest(&bars, &[("a", &[zero])]);
    assert_eq!(zero(0.0), zero(-0.0));
    assert_eq!(zero(f64::NAN), zero(-f64::NAN));
    assert_eq!(content_digest(&decode(encode(&bars).unwrap()).unwrap(), &[]), digest);
}

#[test]
fn a_manifest_says_what_was_frozen() {
    let bars = example();
    let file = encode(&bars).unwrap();
    let as_of = "2018-02-07T16:00:00Z".parse().unwrap();
    let manifest = Manifest::of(&bars, &file, "parquet(\"eurusd_1h.parquet\")", as_of);
    assert_eq!((manifest.rows, manifest.timeframe_us), (5_000, 3_600_000_000));
    assert_eq!(manifest.last, bars.open_time(4_999));
    let json = serde_json::to_string(&manifest).unwrap();
    assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
}

#[test]
fn columns_of_different_length_cannot_be_frozen() {
    let mut bars = example();
    bars.close.pop();
    assert_eq!(encode(&bars).unwrap_err().to_string(), "cannot encode 5000 bars as Parquet");
}

#[test]
fn other_bytes_are_no_snapshot() {
    assert_eq!(decode(b"PAR1".to_vec()).unwrap_err().to_string(), "cannot read the snapshot");
    let array: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    let batch = RecordBatch::try_from_iter(vec![("close", array)]).unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert_eq!(
        decode(file).unwrap_err().to_string(),
        "the snapshot does not say its `suho.symbol`; it was not written by suho"
    );
}

#[test]
fn a_frozen_snapshot_is_verified_when_it_is_read() {
    let bars = example().slice(0..500);
    let as_of = "2018-02-07T16:00:00Z".parse().unwrap();
    let lineage = Lineage::Sql { sql: "SELECT 1".to_owned() };
    let Frozen { file, manifest } = freeze(&bars, "sql", as_of, Some(lineage)).unwrap();
    assert_eq!(thaw(file, &manifest).unwrap(), bars);
    let json = serde_json::to_string(&manifest).unwrap();
    assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
    // A manifest of before there was a lineage.
    let mut old: serde_json::Value = serde_json::from_str(&json).unwrap();
    old.as_object_mut().unwrap().remove("lineage");
    assert_eq!(serde_json::from_value::<Manifest>(old).unwrap().lineage, None);
    let said = |edit: fn(&mut Bars)| {
        let mut other = bars.clone();
        edit(&mut other);
        thaw(encode(&other).unwrap(), &manifest).unwrap_err().to_string()
    };
    let not = "the snapshot is not the one that was frozen: its";
    assert_eq!(
        said(|bars| bars.symbol = "GBP/USD".to_owned()),
        format!("{not} symbol is GBP/USD; it was EUR/USD")
    );
    assert_eq!(
        said(|bars| *bars = bars.slice(0..499)),
        format!("{not} number of bars is 499; it was 500")
    );
    assert!(said(|bars| bars.time[0] += 1).starts_with(&format!("{not} first bar is")));
    assert!(
        said(|bars| bars.close[250] += 1e-9).starts_with(&format!("{not} digest of all values"))
    );
    let error = thaw(Vec::new(), &manifest).unwrap_err();
    assert_eq!(error.fault(), Fault::World);
}

#[test]
fn another_compression_is_the_same_snapshot() {
    let bars = example().slice(0..500);
    let as_of = "2018-02-07T16:00:00Z".parse().unwrap();
    let Frozen { file, manifest } = freeze(&bars, "file", as_of, None).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file.clone())).unwrap();
    let metadata = reader.metadata().file_metadata().key_value_metadata().cloned();
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(64))
        .set_key_value_metadata(metadata)
        .build();
    let schema = reader.schema().clone();
    let mut other = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut other, schema, Some(properties)).unwrap();
    for batch in reader.build().unwrap() {
        writer.write(&batch.unwrap()).unwrap();
    }
    writer.close().unwrap();
    assert_ne!(other, file);
    assert_eq!(thaw(other, &manifest).unwrap(), bars);
}

#[test]
fn a_data_set_is_its_series_in_any_order() {
    let as_of = "2018-02-07T16:00:00Z".parse().unwrap();
    let of = |rows| freeze(&example().slice(0..rows), "file", as_of, None).unwrap().manifest;
    let (a, b) = (of(10), of(20));
    assert_eq!(dataset_digest([&a, &b]), dataset_digest([&b, &a]));
    assert_ne!(dataset_digest([&a, &b]), dataset_digest([&a]));
    let elsewhere = Manifest { source: "other".to_owned(), ..a.clone() };
    assert_eq!(dataset_digest([&a]), dataset_digest([&elsewhere]));
}
