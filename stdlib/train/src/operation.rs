//! What a network does, one operation after the other: the layers with their places known.
//!
//! Both readers walk this list: the graph that learns and the plain inference. An operation that has
//! weights says which; both take them in the order of the list.

#[cfg(test)]
mod tests;

use crate::kernel::{GRU_GATES, LSTM_GATES};
use crate::layer::{Activation, Layer};

/// One operation on rows: `[steps · batch, width]`, time first; one step behind [`Kind::Last`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    /// Of the layer, such as `lstm_0`, or of a part of it, `transformer_0.attention`.
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A recurrent layer.
    Recurrent { cell: Cell, inputs: usize, units: usize },
    /// A causal convolution, without activation.
    Conv { inputs: usize, filters: usize, kernel: usize, dilation: usize },
    /// Multi-head self-attention, without residual.
    Attention { width: usize, heads: usize },
    /// Layer normalisation.
    Norm { width: usize },
    /// A full connection of each row, without activation.
    Dense { inputs: usize, units: usize },
    /// An activation; nothing for softmax, which belongs to the loss and to the answer.
    Activate(Activation),
    /// The sines and cosines of places, added.
    Positions { width: usize },
    /// Zeroes a share while training. `site` counts these, from 0.
    Dropout { share: f64, site: usize, width: usize },
    /// Only the last bar's row goes on.
    Last { width: usize },
    /// Adds to the rows what the operations inside make of them.
    Residual(Vec<Operation>),
}

/// Which recurrent layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cell {
    /// Gates input, forget, cell, output.
    Lstm,
    /// Gates reset, update, candidate.
    Gru,
}

impl Cell {
    /// Gates, which is how often the units' width its sums have.
    pub(crate) const fn gates(self) -> usize {
        match self {
            Self::Lstm => LSTM_GATES,
            Self::Gru => GRU_GATES,
        }
    }
}

/// The name, shape and part of one tensor of weights.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slot {
    /// The path, such as `lstm_0.w_ih`.
    pub(crate) name: String,
    /// `[inputs, outputs]` or `[outputs]`.
    pub(crate) shape: Vec<usize>,
    pub(crate) part: Part,
}

/// What a tensor of weights does in its operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    /// From inputs to the sums of several like outputs side by side: gates, or query, key and value.
    Sums { side_by_side: usize },
    /// Added; 0 at the start.
    Bias,
    /// Added to the sums of an LSTM; 1 for the forget gates at the start.
    LstmBias,
    /// Multiplied; 1 at the start.
    Gain,
}

impl Operation {
    /// Its tensors of weights.
    pub(crate) fn slots(&self) -> Vec<Slot> {
        let slot = |what: &str, shape: &[usize], part| Slot {
            name: format!("{}.{what}", self.name),
            shape: shape.to_vec(),
            part,
        };
        let plain = Part::Sums { side_by_side: 1 };
        match &self.kind {
            Kind::Recurrent { cell, inputs, units } => {
                let sums = cell.gates() * units;
                let part = Part::Sums { side_by_side: cell.gates() };
                // A GRU's candidate has a bias of its own for the recurrent product.
                let bias = match cell {
                    Cell::Lstm => slot("bias", &[sums], Part::LstmBias),
                    Cell::Gru => slot("bias", &[sums + units], Part::Bias),
                };
                vec![
                    slot("w_ih", &[*inputs, sums], part),
                    slot("w_hh", &[*units, sums], part),
                    bias,
                ]
            }
            Kind::Conv { inputs, filters, kernel, .. } => vec![
                slot("weight", &[kernel * inputs, *filters], plain),
                slot("bias", &[*filters], Part::Bias),
            ],
            Kind::Attention { width, .. } => vec![
                slot("qkv_weight", &[*width, 3 * width], Part::Sums { side_by_side: 3 }),
                slot("qkv_bias", &[3 * width], Part::Bias),
                slot("weight", &[*width, *width], plain),
                slot("bias", &[*width], Part::Bias),
            ],
            Kind::Norm { width } => {
                vec![slot("gain", &[*width], Part::Gain), slot("bias", &[*width], Part::Bias)]
            }
            Kind::Dense { inputs, units } => {
                vec![slot("weight", &[*inputs, *units], plain), slot("bias", &[*units], Part::Bias)]
            }
            Kind::Residual(inside) => inside.iter().flat_map(Self::slots).collect(),
            Kind::Activate(_)
            | Kind::Positions { .. }
            | Kind::Dropout { .. }
            | Kind::Last { .. } => {
                vec![]
            }
        }
    }

    /// Trainable numbers.
    pub(crate) fn parameters(&self) -> usize {
        self.slots().iter().map(|slot| slot.shape.iter().product::<usize>()).sum()
    }

    /// Steps that go on where `steps` come in.
    pub(crate) const fn steps_after(&self, steps: usize) -> usize {
        match self.kind {
            Kind::Last { .. } => 1,
            _ => steps,
        }
    }

    /// About how many numbers it leaves for the way back, a row; windows have `sequence` bars.
    pub(crate) fn kept(&self, sequence: usize) -> u64 {
        let numbers = match &self.kind {
            // Gates, cell and its tanh, state, output.
            Kind::Recurrent { cell, units, .. } => (cell.gates() + 4) * units,
            Kind::Conv { inputs, filters, kernel, .. } => kernel * inputs + filters,
            Kind::Attention { width, heads } => 8 * width + 2 * heads * sequence,
            Kind::Norm { width } => 3 * width,
            Kind::Dense { units, .. } => 2 * units,
            Kind::Dropout { width, .. } | Kind::Positions { width } => 2 * width,
            Kind::Activate(_) | Kind::Last { .. } => 0,
            Kind::Residual(inside) => {
                return inside.iter().map(|operation| operation.kept(sequence)).sum();
            }
        };
        numbers as u64
    }
}

/// The operations of `layers` over rows of `inputs` features. The layers have been checked.
pub(crate) fn operations(layers: &[Layer], inputs: usize) -> Vec<Operation> {
    let mut lowering = Lowering { width: inputs, is_one_row: false, sites: 0 };
    let mut made: Vec<Operation> = lowering.last(layers, "window").into_iter().collect();
    for (at, layer) in layers.iter().enumerate() {
        let alike = layers.iter().take(at).filter(|other| other.kind() == layer.kind()).count();
        let name = match layer {
            Layer::Output { .. } => "output".to_owned(),
            _ => format!("{}_{alike}", layer.kind()),
        };
        made.extend(lowering.layer(layer, &name));
        made.extend(lowering.last(layers.get(at + 1..).unwrap_or_default(), &name));
        made.extend(lowering.dropout_after(layer, &name));
    }
    made
}

/// What is known on the way up.
struct Lowering {
    width: usize,
    is_one_row: bool,
    sites: usize,
}

impl Lowering {
    /// Lets only the last bar's row go on as soon as no layer `above` asks for the others: what is
    /// dropped or normalised is so row by row.
    fn last(&mut self, above: &[Layer], name: &str) -> Option<Operation> {
        let by_row = |layer: &&Layer| matches!(layer, Layer::Dropout { .. } | Layer::LayerNorm {});
        let is_asked_once = above.iter().find(|it| !by_row(it)).is_some_and(Layer::wants_one_row);
        (is_asked_once && !std::mem::replace(&mut self.is_one_row, is_asked_once))
            .then(|| operation(&format!("{name}.last"), Kind::Last { width: self.width }))
    }

    fn layer(&mut self, layer: &Layer, name: &str) -> Vec<Operation> {
        let inputs = self.width;
        match *layer {
            Layer::Lstm { units, .. } => self.recurrent(Cell::Lstm, units, name),
            Layer::Gru { units, .. } => self.recurrent(Cell::Gru, units, name),
            Layer::Conv1d { filters, kernel, dilation, activation, residual, .. } => {
                self.width = filters;
                let conv = operation(name, Kind::Conv { inputs, filters, kernel, dilation });
                let inside = with_activation(conv, activation);
                if residual { vec![added(name, inside)] } else { inside }
            }
            Layer::Positions {} => vec![operation(name, Kind::Positions { width: inputs })],
            Layer::Attention { heads, dropout } => {
                let mut inside = vec![operation(name, Kind::Attention { width: inputs, heads })];
                inside.extend(self.dropped(dropout, &format!("{name}.dropout")));
                vec![added(name, inside)]
            }
            Layer::Transformer { heads, feed_forward, dropout } => {
                self.transformer((heads, feed_forward, dropout), name)
            }
            Layer::LayerNorm {} => vec![operation(name, Kind::Norm { width: inputs })],
            Layer::Dropout { .. } => vec![],
            Layer::Dense { units, activation, .. } | Layer::Output { units, activation } => {
                self.width = units;
                with_activation(operation(name, Kind::Dense { inputs, units }), activation)
            }
        }
    }

    fn recurrent(&mut self, cell: Cell, units: usize, name: &str) -> Vec<Operation> {
        let inputs = std::mem::replace(&mut self.width, units);
        vec![operation(name, Kind::Recurrent { cell, inputs, units })]
    }

    /// Two residuals: one looks along time, the other at each bar by itself.
    fn transformer(
        &mut self,
        (heads, units, dropout): (usize, usize, f64),
        name: &str,
    ) -> Vec<Operation> {
        let width = self.width;
        let part = |what: &str, kind: Kind| operation(&format!("{name}.{what}"), kind);
        let mut attention = vec![
            part("norm_0", Kind::Norm { width }),
            part("attention", Kind::Attention { width, heads }),
        ];
        attention.extend(self.dropped(dropout, &format!("{name}.dropout_0")));
        let mut feed_forward = vec![
            part("norm_1", Kind::Norm { width }),
            part("dense_0", Kind::Dense { inputs: width, units }),
            part("dense_0.activated", Kind::Activate(Activation::Relu)),
            part("dense_1", Kind::Dense { inputs: units, units: width }),
        ];
        feed_forward.extend(self.dropped(dropout, &format!("{name}.dropout_1")));
        vec![
            added(&format!("{name}.attended"), attention),
            added(&format!("{name}.fed_forward"), feed_forward),
        ]
    }

    /// The dropout of a layer's output; of attention it is inside, on what is added.
    fn dropout_after(&mut self, layer: &Layer, name: &str) -> Option<Operation> {
        match layer {
            Layer::Attention { .. } | Layer::Transformer { .. } => None,
            _ => self.dropped(layer.dropout(), &format!("{name}.dropout")),
        }
    }

    fn dropped(&mut self, share: f64, name: &str) -> Option<Operation> {
        let site = self.sites;
        let width = self.width;
        (share > 0.0).then(|| {
            self.sites += 1;
            operation(name, Kind::Dropout { share, site, width })
        })
    }
}

fn operation(name: &str, kind: Kind) -> Operation {
    Operation { name: name.to_owned(), kind }
}

fn added(name: &str, inside: Vec<Operation>) -> Operation {
    operation(&format!("{name}.added"), Kind::Residual(inside))
}

fn with_activation(sums: Operation, activation: Activation) -> Vec<Operation> {
    let name = format!("{}.activated", sums.name);
    let is_none = matches!(activation, Activation::Linear | Activation::Softmax);
    let activated = (!is_none).then(|| operation(&name, Kind::Activate(activation)));
    std::iter::once(sums).chain(activated).collect()
}

/// Every dropout among `operations` with its share and the numbers it is applied to, for windows of
/// `steps` bars and batches of `batch`; in the order of their sites.
pub(crate) fn dropouts(
    operations: &[Operation],
    mut steps: usize,
    batch: usize,
) -> Vec<(f64, usize)> {
    let mut sites = Vec::new();
    for operation in operations {
        match &operation.kind {
            Kind::Dropout { share, width, .. } => sites.push((*share, steps * batch * width)),
            Kind::Residual(inside) => sites.extend(dropouts(inside, steps, batch)),
            _ => {}
        }
        steps = operation.steps_after(steps);
    }
    sites
}
