use super::*;
use crate::tests::spec;
use suho_domain::Value;

fn declared() -> Declared {
    let plain = Value::Record(spec()).to_plain();
    let model = serde::Deserialize::deserialize(&plain).unwrap();
    Declared { model, batch_size: 32, label_smoothing: Ratio::measured(0.0).unwrap() }
}

fn layers(declared: &Declared) -> String {
    format!("{:?}", declared.model.layers)
}

#[test]
fn knobs_set_what_they_name_and_nothing_else() {
    let before = declared();
    let setting = Setting(vec![(Knob::LearningRate, 0.003), (Knob::BatchSize, 64.0)]);
    let after = setting.of(&before).unwrap();
    let Optimizer::Adam { learning_rate, weight_decay, .. } = after.model.optimizer;
    assert_eq!((learning_rate.to_bits(), after.batch_size), (0.003_f64.to_bits(), 64));
    let Optimizer::Adam { weight_decay: was, .. } = before.model.optimizer;
    assert_eq!(weight_decay.to_bits(), was.to_bits());
    assert_eq!((layers(&after), after.label_smoothing), (layers(&before), before.label_smoothing));
}

#[test]
fn width_widens_every_layer_but_the_last_to_whole_units() {
    let mut layer = Layer::Lstm { units: 5, dropout: Ratio::measured(0.2).unwrap() };
    widen(&mut layer, 1.5);
    assert!(matches!(layer, Layer::Lstm { units: 8, .. }), "{layer:?}");
    widen(&mut layer, 0.01);
    assert!(matches!(layer, Layer::Lstm { units: 1, .. }), "{layer:?}");
    let mut last = Layer::Output { units: 3, activation: crate::generated::Activation::Softmax };
    widen(&mut last, 2.0);
    assert!(matches!(last, Layer::Output { units: 3, .. }), "{last:?}");
}

#[test]
fn dropout_is_set_where_there_is_some() {
    let share = |part: f64| Ratio::measured(part).unwrap();
    let mut with = Layer::Gru { units: 4, dropout: share(0.2) };
    let mut without = Layer::Gru { units: 4, dropout: share(0.0) };
    silence(&mut with, share(0.5));
    silence(&mut without, share(0.5));
    assert!(matches!(with, Layer::Gru { dropout, .. } if dropout == share(0.5)));
    assert!(matches!(without, Layer::Gru { dropout, .. } if dropout == share(0.0)));
}

#[test]
fn what_a_sweep_finds_is_what_train_is_given() {
    let all = [
        (Knob::LearningRate, 0.001_234),
        (Knob::WeightDecay, 0.01),
        (Knob::BatchSize, 48.0),
        (Knob::Width, 1.5),
        (Knob::Dropout, 0.3),
        (Knob::LabelSmoothing, 0.05),
    ];
    for count in 0..=all.len() {
        let setting = Setting(all[..count].to_vec());
        assert_eq!(Setting::found(&setting.record(7)).unwrap(), setting);
    }
}

#[test]
fn a_setting_reads_as_a_person_would_write_it() {
    let setting = Setting(vec![(Knob::LearningRate, 0.003), (Knob::Dropout, 0.2)]);
    assert_eq!(setting.text(), "learning_rate 0.003, dropout 20%");
}
