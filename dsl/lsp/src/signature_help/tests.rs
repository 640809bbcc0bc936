use super::signature_help;
use crate::tests::{cursor, pipeline};
use lsp_types::ParameterLabel;

/// The signature with the active parameter in brackets.
fn help(old: &str, marked: &str) -> String {
    let (snapshot, file, position) = cursor(&pipeline(old, marked));
    let Some(help) = signature_help(&snapshot, file, position) else { return "none".to_owned() };
    let signature = &help.signatures[0];
    let active = help.active_parameter.map(|active| {
        let parameters = signature.parameters.as_ref().unwrap();
        match &parameters[active as usize].label {
            ParameterLabel::LabelOffsets([start, end]) => (*start as usize, *end as usize),
            ParameterLabel::Simple(_) => panic!("{parameters:?}"),
        }
    });
    match active {
        Some((start, end)) => {
            let (rest, after) = signature.label.split_at(end);
            let (before, active) = rest.split_at(start);
            format!("{before}[{active}]{after}")
        }
        None => signature.label.clone(),
    }
}

#[test]
fn what_a_call_takes_and_which_argument_is_being_written() {
    let cases = [
        ("patience(4, metric: val_loss)", "patience(|4, metric: val_loss)"),
        ("patience(4, metric: val_loss)", "patience(4, |metric: val_loss)"),
        ("patience(4, metric: val_loss)", "patience(4, metric: val|_loss)"),
        ("patience(4, metric: val_loss)", "patience(|"),
        ("patience(4, metric: val_loss)", "patience(4, |"),
        ("patience(4, metric: val_loss)", "patience(|)"),
        ("patience(4, metric: val_loss)", "|patience(4)"),
        ("patience(4, metric: val_loss)", "patience(4)|"),
        ("next(baseline)", "next(baseline, |)"),
        ("parquet(\"../data/eurusd_1h.parquet\")", "parquet(\"../da|ta/eurusd_1h.parquet\")"),
        ("adam(learning_rate: learning_rate)", "adam(beta1: 0.9, learning_rate: max(|1, 2))"),
        ("adam(learning_rate: learning_rate)", "adam(beta2: |0.9)"),
    ];
    let lines: Vec<String> = cases.iter().map(|(old, new)| help(old, new)).collect();
    expect_test::expect![[r#"
        patience([epochs: Int], metric: Watched = val_loss)
        patience(epochs: Int, [metric: Watched = val_loss])
        patience(epochs: Int, [metric: Watched = val_loss])
        patience([epochs: Int], metric: Watched = val_loss)
        patience(epochs: Int, [metric: Watched = val_loss])
        patience([epochs: Int], metric: Watched = val_loss)
        none
        none
        next(model: Model<production>?, [bump: Bump = auto])
        parquet([path: Path], columns: ColumnNames? = none, timeframe: Timeframe? = none)
        max(a, b, …) -> T
        adam(learning_rate: Float = 0.001, beta1: Float = 0.9, [beta2: Float = 0.999], weight_decay: Float = 0, clip_norm: Float? = none, schedule: RateSchedule = constant)"#]]
    .assert_eq(&lines.join("\n"));
}
