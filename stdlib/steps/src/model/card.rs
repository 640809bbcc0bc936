//! `model_card.md`: a page for people: what a model is, what it was seen to do, how sure that is, and
//! what nobody has looked at.

use super::files::{Lineage, Sealing, Signature};
use std::fmt::Write as _;

/// The page of a model about to be sealed. The same model gives the same page.
pub(super) fn card(sealing: &Sealing<'_>) -> String {
    let Sealing { identity, signature, lineage, .. } = sealing;
    let Signature { symbol, timeframe, horizon, input, output, .. } = signature;
    let name = format!("{} {}", identity.name, identity.version);
    let mut text = format!(
        "# {name}\n\n\
         Predicts whether {symbol} falls, stays or rises over the next {horizon}, from the last \
         {} bars of {timeframe}. It answers with a probability for each of {}.\n",
        input.shape.first().copied().unwrap_or_default(),
        output.classes.join(", "),
    );
    text.push_str(&made_from(lineage, &input.names));
    text.push_str(&seen_to_do(lineage));
    let _infallible = write!(
        text,
        "\n## What nobody knows\n\n\
         - How good it is on rows it has never seen stands in the evaluations of the registry, not \
         here: `suho model show {at}`.\n\
         - It has seen {symbol} alone, in one stretch of time. Nothing is known of other symbols, \
         other hours or a market that has changed since.\n\
         - It knows bars. News, spreads and what its own trades would move are not among its \
         inputs.\n\
         - A probability is what the network says, not how often it is right; the evaluation's page \
         shows how far the two are apart.\n",
        at = format_args!("{}@{}", identity.name, identity.version),
    );
    text.push_str(&to_make_again(lineage, &format!("{}@{}", identity.name, identity.version)));
    text
}

fn to_make_again(lineage: &Lineage, at: &str) -> String {
    let how = match &lineage.weights {
        Some(_) => {
            "Its weights were trained elsewhere: whoever trained them can make them again, and the \
                    file they came from is kept in the artifact store."
                .to_owned()
        }
        None => format!(
            "`suho model reproduce {at}` trains it again from the registry: the declaration in \
             `config.json`, the frozen data set, the seed. On a processor of the same kind and by the \
             same suho ({}) the weights are the same to the last bit (class R0).",
            env!("CARGO_PKG_VERSION")
        ),
    };
    format!(
        "\n## How to make it again\n\n{how} `suho model verify {at}` holds every file here against its \
         digest.\n"
    )
}

fn made_from(lineage: &Lineage, inputs: &[String]) -> String {
    let window = lineage.window.map_or_else(String::new, |(from, to)| {
        format!("- data: from {from} to {to}; nothing later was learnt from or stopped by\n")
    });
    let weights = lineage.weights.as_ref().map_or_else(String::new, |path| {
        format!(
            "- weights: trained elsewhere, taken from `{path}`; what they were trained on is not known \
             here\n"
        )
    });
    let tuned = lineage.tuned.as_ref().map_or_else(String::new, |found| {
        format!("- found among {} settings: {found}\n", lineage.trials)
    });
    let members = match lineage.members.as_slice() {
        [] => String::new(),
        members => format!(
            "- networks: {}, with seeds from {} on; it answers the mean of their probabilities, and \
             the epochs are those of the first\n",
            members.len(),
            lineage.seed
        ),
    };
    format!(
        "\n## What it was made from\n\n\
         {weights}{window}- data set: {}\n\
         - rows: {} to learn from, {} to stop by\n\
         - inputs of a bar: {}\n\
         - trainable numbers: {}\n\
         - epochs: {}, the best was number {}\n\
         - seed: {}\n\
         {tuned}{members}- made by: {}\n",
        lineage.dataset_digest,
        lineage.rows[0],
        lineage.rows[1],
        inputs.join(", "),
        lineage.parameters,
        lineage.epochs,
        lineage.best_epoch,
        lineage.seed,
        lineage.made_by,
    )
}

fn seen_to_do(lineage: &Lineage) -> String {
    let rows = lineage.rows[1];
    // Labels of neighbouring rows overlap over the horizon: about so many of them say something new.
    let apart = (rows / lineage.horizon_bars.max(1)).max(1);
    let accuracy = lineage.validation_accuracy;
    let error = (accuracy * (1.0 - accuracy) / apart as f64).sqrt();
    let majority = lineage.majority.map_or_else(String::new, |share| {
        let share = 100.0 * share;
        format!("- always naming the train rows' commonest class: {share:.2} % on the same rows\n")
    });
    format!(
        "\n## What it was seen to do\n\n\
         - loss of the best epoch: {:.4} in training (with dropout), {:.4} in validation\n\
         - accuracy in validation: {:.2} % ± {:.2} pp, of {rows} rows whose labels overlap and count as \
         about {apart}\n\
         {majority}\n\
         These figures were used to choose the weights and are better than what to expect.\n",
        lineage.train_loss,
        lineage.validation_loss,
        100.0 * accuracy,
        100.0 * error,
    )
}
