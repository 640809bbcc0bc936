use super::*;
use crate::{Bar, BarCalendar, Costs, Exit, Rules, Stops, run};
use suho_stats::PeriodsPerYear;

/// Two months of hours that rise and fall, traded long by day and short by night.
fn report(bars: &[Bar], calendar: &[BarCalendar]) -> Report {
    let market = Market::new(bars, calendar, None).unwrap();
    let side = |at: usize| if at % 24 < 12 { Side::Long } else { Side::Short };
    let signals: Vec<Option<Side>> = (0..bars.len()).map(|at| Some(side(at))).collect();
    let rules = Rules {
        costs: Costs::EURUSD,
        exit: Exit::Signal,
        stops: Stops::NONE,
        starting_equity: 1_000.0,
    };
    run(&market, &signals, &rules, PeriodsPerYear::FX_HOURLY, 1).unwrap()
}

fn bars(count: i64) -> Vec<Bar> {
    let price = |hour: i64| 1.1 + 0.01 * (hour as f64 / 9.0).sin();
    let bar = |hour| Bar {
        time_us: (1_483_228_800 + hour * 3_600) * 1_000_000,
        open: price(hour),
        high: price(hour).max(price(hour + 1)),
        low: price(hour).min(price(hour + 1)),
        close: price(hour + 1),
    };
    (0..count).map(bar).collect()
}

fn page(count: i64, title: &str) -> String {
    let bars = bars(count);
    let calendar = vec![BarCalendar::default(); bars.len()];
    let market = Market::new(&bars, &calendar, None).unwrap();
    let heading = Heading { title, currency: "USD", costs: "retail" };
    report(&bars, &calendar).page(heading, &market)
}

#[test]
fn a_page_shows_figures_months_and_trades_and_is_the_same_every_time() {
    let page = page(24 * 45, "model on EUR/USD");
    assert_eq!(page, self::page(24 * 45, "model on EUR/USD"));
    for part in [
        "1080 bars from 2017-01-01 to 2017-02-14; costs “retail”",
        "<th scope=\"row\">2017-01</th>",
        "<th scope=\"row\">2017-02</th>",
        "<td>2017-01-01 01:00</td><td>long</td>",
        "<td>still open</td>",
        "aria-label=\"Fall from the peak\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(page.matches("<svg").count(), 2);
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"));
}

#[test]
fn the_months_of_a_page_grow_to_its_whole_return() {
    let bars = bars(24 * 45);
    let calendar = vec![BarCalendar::default(); bars.len()];
    let report = report(&bars, &calendar);
    let times: Vec<i64> = bars.iter().map(|bar| bar.time_us).collect();
    let months = report.months(&times);
    let changes = months.split("<td>").skip(1).filter_map(|cell| cell.split(" %").next());
    let grown: f64 = changes.map(|text| 1.0 + text.parse::<f64>().unwrap() / 100.0).product();
    let whole = report.equity[report.equity.len() - 1] / report.equity[0];
    assert!((grown - whole).abs() < 2e-4, "{grown} {whole}");
}

#[test]
fn a_name_is_no_markup_and_many_trades_are_cut() {
    let page = page(24 * 400, "<script>alert(1)</script> & \"more\"");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;"));
    assert!(page.contains("<p>The last 500 of "));
    assert_eq!(page.matches("<td>long</td>").count() + page.matches("<td>short</td>").count(), 500);
}

#[test]
fn falls_are_from_the_highest_before() {
    assert_eq!(falls(&[2.0, 4.0, 3.0, 1.0, 8.0]), [0.0, 0.0, -0.25, -0.75, 0.0]);
}
