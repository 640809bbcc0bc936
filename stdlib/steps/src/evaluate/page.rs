//! An evaluation as one page for a browser: scores with their errors, what no learning comes to, losses
//! by split, confusion, calibration, classes and months. Nothing is loaded from elsewhere.

mod chart;
#[cfg(test)]
mod tests;

use super::Judged;
use crate::generated::Class;
use crate::model::Remembered;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use suho_backtest::{escaped, sheet};
use suho_domain::Instant;
use suho_stats::{Classification, Measured};

/// How a figure is written.
type Shown = fn(&Classification) -> String;

/// Everything that a page shows.
pub(super) struct Page<'a> {
    /// Whose scores: `eurusd_direction v1.0.0 on EUR/USD 1h`.
    pub(super) title: String,
    /// The name of the rows: `test`.
    pub(super) part: String,
    /// The model on these rows.
    pub(super) own: &'a Judged,
    /// The name of the model it follows, and that one on the same rows.
    pub(super) baseline: Option<(String, &'a Judged)>,
    /// The accuracy of naming the train rows' commonest class.
    pub(super) majority: Measured<f64>,
    /// The accuracy of repeating the last label that was known.
    pub(super) persistence: Measured<f64>,
    /// What training came to, where it was on this data set.
    pub(super) training: Option<Remembered>,
    /// When each row was decided on.
    pub(super) times: Vec<Instant>,
    /// How many rows in a row count as one for the standard error.
    pub(super) block: u32,
}

/// How right a model was in one month.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Month {
    /// `2018-01`, in UTC.
    pub(super) name: String,
    pub(super) rows: usize,
    pub(super) right: usize,
}

impl Page<'_> {
    /// The page. The same evaluation gives the same bytes.
    pub(super) fn html(&self) -> String {
        let title = escaped(&self.title);
        let mut body = format!("<h1>{title}</h1>\n{}", self.intro());
        body.push_str(&self.scores());
        body.push_str(&self.losses());
        body.push_str(&self.confusion());
        body.push_str(&self.calibration());
        body.push_str(&self.classes());
        body.push_str(&self.monthly());
        sheet(&title, &body)
    }

    fn intro(&self) -> String {
        let found = &self.own.found;
        let day = |time: Option<&Instant>| -> String {
            time.map(|time| time.to_string().chars().take(10).collect()).unwrap_or_default()
        };
        let mut text = format!(
            "<p>{} {} rows from {} to {}, which the model has not seen. After ± stands one standard \
             error, from blocks of {} rows: labels that overlap count as fewer than they are.</p>\n",
            found.rows,
            escaped(&self.part),
            day(self.times.first()),
            day(self.times.last()),
            self.block
        );
        if let (Some(accuracy), Some(error), Some(majority)) = (
            found.accuracy.defined(),
            found.accuracy_error_block.defined(),
            self.majority.defined(),
        ) && error > 0.0
        {
            let apart = accuracy - majority;
            let more = if apart < 0.0 { "less" } else { "more" };
            let _infallible = writeln!(
                text,
                "<p>It is right {:.2} pp {more} often than naming the training rows' commonest class \
                 every time would be: {:.1} standard errors.</p>",
                100.0 * apart.abs(),
                apart.abs() / error
            );
        }
        text
    }

    fn scores(&self) -> String {
        let own = &self.own.found;
        let rows: [(&str, Shown); 12] = [
            ("Accuracy", accuracy),
            ("Accuracy of what is predicted to move", |it| percent(it.directional_accuracy)),
            ("Rows predicted to move", |it| percent(it.coverage)),
            ("Precision, mean of the classes", |it| percent(it.precision_macro)),
            ("Recall, mean of the classes", |it| percent(it.recall_macro)),
            ("F1, mean of the classes", |it| percent(it.f1_macro)),
            ("Area under the ROC curve, mean", |it| percent(it.auc_macro)),
            ("Correlation of predictions and truth (Matthews)", |it| plain(it.mcc)),
            ("Loss: mean cross-entropy", |it| plain(it.log_loss)),
            ("Brier score, 0 to 2", |it| plain(it.brier)),
            ("Calibration error", |it| percent(it.calibration_error)),
            ("Error of accuracy, were rows independent", |it| percent(it.accuracy_error)),
        ];
        let mut text = "<h2>Scores</h2>\n<table>\n".to_owned();
        if let Some((name, _)) = &self.baseline {
            let name = escaped(name);
            let _infallible = writeln!(text, "<tr><th></th><th>this one</th><th>{name}</th></tr>");
        }
        for (name, figure) in rows {
            let other = self.baseline.as_ref().map(|(_, judged)| figure(&judged.found));
            row(&mut text, name, [figure(own)].into_iter().chain(other));
        }
        text.push_str("</table>\n<h2>What no learning comes to</h2>\n<table>\n");
        row(&mut text, "Naming the training rows' commonest class", [percent(self.majority)]);
        row(&mut text, "Repeating the last label that was known", [percent(self.persistence)]);
        text + "</table>\n"
    }

    fn losses(&self) -> String {
        let mut text = "<h2>Losses by split</h2>\n<table>\n".to_owned();
        if let Some(training) = &self.training {
            row(&mut text, "train, with dropout", [format!("{:.4}", training.train_loss)]);
            row(&mut text, "validation", [format!("{:.4}", training.validation_loss)]);
        }
        row(&mut text, &escaped(&self.part), [plain(self.own.found.log_loss)]);
        text.push_str("</table>\n");
        if self.training.is_none() {
            text.push_str(
                "<p>The model was trained on other data: its losses there say nothing here.</p>\n",
            );
        }
        text
    }

    fn confusion(&self) -> String {
        let mut text = "<h2>What came true, and what was predicted</h2>\n<table>\n\
                        <tr><th></th>"
            .to_owned();
        for class in Class::ALL {
            let _infallible = write!(text, "<th>predicted {class}</th>");
        }
        text.push_str("<th>rows</th></tr>\n");
        for (class, counts) in Class::ALL.iter().zip(self.own.found.confusion.rows()) {
            let all: usize = counts.iter().sum();
            let cells = counts.iter().map(|count| match all {
                0 => "0".to_owned(),
                all => format!("{count} ({:.0} %)", 100.0 * *count as f64 / all as f64),
            });
            row(&mut text, &format!("was {class}"), cells.chain([all.to_string()]));
        }
        text + "</table>\n"
    }

    fn calibration(&self) -> String {
        let bins = &self.own.found.confidences;
        let mut text = format!(
            "<h2>How sure it was, and how often it was right</h2>\n\
             <p>On the dashed line, a model that says 60 % is right in 60 of 100 cases. Bars show where \
             the rows are.</p>\n{}<table>\n<tr><th>probability given</th><th>rows</th><th>mean</th>\
             <th>right</th></tr>\n",
            chart::calibration(bins)
        );
        for bin in bins {
            let name = format!("{:.0} – {:.0} %", 100.0 * bin.above, 100.0 * bin.to);
            let share = |share: f64| format!("{:.1} %", 100.0 * share);
            row(&mut text, &name, [bin.rows.to_string(), share(bin.mean), share(bin.accuracy)]);
        }
        text + "</table>\n"
    }

    fn classes(&self) -> String {
        let mut text = "<h2>Classes</h2>\n<table>\n<tr><th></th><th>rows</th><th>predicted</th>\
                        <th>precision</th><th>recall</th><th>F1</th><th>area under ROC</th></tr>\n"
            .to_owned();
        for (class, score) in Class::ALL.iter().zip(&self.own.found.per_class) {
            let share = |share: f64| percent(Measured::Defined(share));
            let cells = [
                score.support.to_string(),
                score.predicted.to_string(),
                share(score.precision),
                percent(score.recall),
                share(score.f1),
                percent(score.auc),
            ];
            row(&mut text, &class.to_string(), cells);
        }
        text + "</table>\n"
    }

    fn monthly(&self) -> String {
        let mut text =
            "<h2>Months</h2>\n<table>\n<tr><th></th><th>rows</th><th>right</th></tr>\n".to_owned();
        for Month { name, rows, right } in self.months() {
            let share = format!("{:.1} %", 100.0 * right as f64 / rows as f64);
            row(&mut text, &name, [rows.to_string(), share]);
        }
        text + "</table>\n"
    }

    /// The months of the rows, in order.
    pub(super) fn months(&self) -> Vec<Month> {
        let mut months: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (time, is_right) in self.times.iter().zip(&self.own.is_right) {
            let name = time.to_string().chars().take(7).collect();
            let (rows, right) = months.entry(name).or_default();
            *rows += 1;
            *right += usize::from(*is_right);
        }
        let month = |(name, (rows, right))| Month { name, rows, right };
        months.into_iter().map(month).collect()
    }
}

fn row(text: &mut String, name: &str, cells: impl IntoIterator<Item = String>) {
    let _infallible = write!(text, "<tr><th scope=\"row\">{name}</th>");
    for cell in cells {
        let _infallible = write!(text, "<td>{cell}</td>");
    }
    text.push_str("</tr>\n");
}

fn accuracy(found: &Classification) -> String {
    match found.accuracy_error_block.defined() {
        Some(error) => format!("{} ± {:.2} pp", percent(found.accuracy), 100.0 * error),
        None => percent(found.accuracy),
    }
}

fn percent(share: Measured<f64>) -> String {
    shown(share, |share| format!("{:.2} %", 100.0 * share))
}

fn plain(number: Measured<f64>) -> String {
    shown(number, |number| format!("{number:.4}"))
}

fn shown(figure: Measured<f64>, written: impl Fn(f64) -> String) -> String {
    match figure {
        Measured::Defined(number) => written(number),
        Measured::Undefined(reason) => {
            format!("<em>undefined: {}</em>", escaped(&reason.to_string()))
        }
    }
}
