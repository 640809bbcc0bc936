//! The page as its reader sees it.

use super::Page;
use crate::evaluate::Judged;
use crate::evaluate::numbers::numbers;
use crate::model::Remembered;
use std::num::NonZeroU32;
use suho_domain::{Digest, Instant};
use suho_stats::{BlockLength, Measured, Probabilities, Reason, Scoring, classify};

/// Forty rows of a model that is surer than it ought to be.
fn judged() -> Judged {
    let row = |at: usize| match at % 4 {
        0 => ([0.8, 0.1, 0.1], 0),
        1 => ([0.2, 0.2, 0.6], 2),
        2 => ([0.7, 0.2, 0.1], usize::from(at % 8 == 2)),
        _ => ([0.3, 0.4, 0.3], at % 3),
    };
    let rows: Vec<_> = (0..40).map(row).collect();
    let values: Vec<f64> = rows.iter().flat_map(|(values, _)| *values).collect();
    let labels: Vec<usize> = rows.iter().map(|(_, label)| *label).collect();
    let probabilities = Probabilities::new(&values, 3).unwrap();
    let block = BlockLength::of_horizon(NonZeroU32::MIN);
    let found = classify(&probabilities, &labels, Scoring { flat: Some(1), block }).unwrap();
    let choices = probabilities.choices().zip(&labels);
    Judged { found, is_right: choices.map(|((class, _), label)| class == *label).collect() }
}

fn page(own: &Judged) -> Page<'_> {
    let day = |day: i64| Instant::from_micros((1_735_689_600 + day * 86_400) * 1_000_000);
    Page {
        title: "eurusd <b>v1.0.0</b> on EUR/USD 1h".to_owned(),
        part: "test".to_owned(),
        own,
        baseline: None,
        majority: Measured::Defined(0.4),
        persistence: Measured::Undefined(Reason::NoObservations),
        training: Some(Remembered {
            weights: Digest::of(b""),
            scaler: Some(Digest::of(b"")),
            class: "R0".to_owned(),
            device: "cpu".to_owned(),
            engine_version: "0.1.0".to_owned(),
            code_digest: Digest::of(b""),
            epochs: 3,
            best_epoch: 2,
            train_loss: 1.01,
            validation_loss: 1.05,
            validation_accuracy: 0.4,
        }),
        times: (0..40).map(day).collect(),
        block: 3,
    }
}

#[test]
fn the_page_says_all_that_was_found_and_what_it_is_worth() {
    let own = judged();
    let html = page(&own).html();
    for said in [
        "<h1>eurusd &lt;b&gt;v1.0.0&lt;/b&gt; on EUR/USD 1h</h1>",
        "40 test rows from 2025-01-01 to 2025-02-09, which the model has not seen",
        "from blocks of 3 rows",
        "<th scope=\"row\">Naming the training rows' commonest class</th><td>40.00 %</td>",
        "<th scope=\"row\">Repeating the last label that was known</th><td><em>undefined: ",
        "<th scope=\"row\">train, with dropout</th><td>1.0100</td>",
        "<th scope=\"row\">validation</th><td>1.0500</td>",
        "<th>predicted down</th>",
        "<th scope=\"row\">was up</th>",
        "<th scope=\"row\">33 – 40 %</th><td>10</td><td>40.0 %</td>",
        "<th scope=\"row\">2025-01</th><td>31</td>",
        "<th scope=\"row\">2025-02</th><td>9</td>",
    ] {
        assert!(html.contains(said), "{said} is not in {html}");
    }
    assert_eq!(html, page(&own).html(), "the same evaluation gives the same page");
    assert_eq!(html.matches("<circle").count(), own.found.confidences.len());
    let opened = html.matches("<table>").count();
    assert_eq!(opened, html.matches("</table>").count());
}

#[test]
fn two_models_stand_side_by_side() {
    let (own, other) = (judged(), judged());
    let page = Page { baseline: Some(("eurusd v0.9.0".to_owned(), &other)), ..page(&own) };
    let html = page.html();
    assert!(html.contains("<th>this one</th><th>eurusd v0.9.0</th>"), "{html}");
    assert!(numbers_of(&page)["baseline"]["scores"]["accuracy"].is_number());
}

#[test]
fn the_numbers_are_those_of_the_page() {
    let own = judged();
    let page = Page { training: None, ..page(&own) };
    assert!(page.html().contains("trained on other data"));
    let numbers = numbers_of(&page);
    assert_eq!(numbers["schema"], 1);
    assert_eq!(numbers["training"], serde_json::Value::Null);
    assert!(numbers["persistence"]["undefined"].is_string());
    let rows = |list: &str| {
        let list = numbers.pointer(list).unwrap().as_array().unwrap();
        list.iter().map(|each| each["rows"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((rows("/months"), rows("/scores/calibration")), (40, 40));
    assert_eq!(numbers["answers"]["times"].as_array().unwrap().len(), 40);
}

fn numbers_of(page: &Page<'_>) -> serde_json::Value {
    serde_json::from_slice(&numbers(page)).unwrap()
}
