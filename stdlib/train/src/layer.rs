//! The layers that a network can have, as their author writes them.

use serde::{Deserialize, Serialize};

/// One layer.
///
/// Layers up to the first [`Dense`](Self::Dense) work on every bar of a window; from there on, on what
/// they have made of the last bar. A `dropout` is the share of a layer's outputs that is zeroed while
/// training, in `0..1`; the others grow to make up for it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// Long short-term memory.
    ///
    /// Source: Hochreiter & Schmidhuber (1997), Gers et al. (2000); `torch.nn.LSTM`.
    Lstm {
        /// Width, `1..=4096`.
        units: usize,
        /// Share of its outputs.
        #[serde(default)]
        dropout: f64,
    },
    /// A gated recurrent unit, whose reset gate acts after the recurrent product.
    ///
    /// Source: Cho et al. (2014) as cuDNN computes it; `torch.nn.GRU`.
    Gru {
        /// Width, `1..=4096`.
        units: usize,
        /// Share of its outputs.
        #[serde(default)]
        dropout: f64,
    },
    /// A causal convolution over time: a bar sees itself and bars before it, `dilation` apart, and
    /// nothing where the window has none.
    ///
    /// Source: Bai, Kolter & Koltun (2018), without weight normalisation.
    Conv1d {
        /// Width, `1..=4096`.
        filters: usize,
        /// How many bars it sees, `1..=256`.
        kernel: usize,
        /// How far these are apart, `1..=16384`.
        #[serde(default = "one")]
        dilation: usize,
        /// What happens to the sums.
        activation: Activation,
        /// Whether its input is added to its output, which then has the same width.
        #[serde(default)]
        residual: bool,
        /// Share of its outputs.
        #[serde(default)]
        dropout: f64,
    },
    /// Adds to each bar the sine and cosine of its place in the window, so that attention can tell
    /// bars apart.
    ///
    /// Source: Vaswani et al. (2017), §3.5.
    Positions {},
    /// Every bar looks at all bars of the window; what it finds is added to it.
    ///
    /// Source: Vaswani et al. (2017), §3.2; `torch.nn.MultiheadAttention`.
    Attention {
        /// Into how many parts its input's width is divided, each looking by itself.
        heads: usize,
        /// Share of what is added.
        #[serde(default)]
        dropout: f64,
    },
    /// A whole encoder block: attention, then a dense layer of `feed_forward` units and one back; each
    /// normalises what it reads and adds to it.
    ///
    /// Source: Vaswani et al. (2017), with the norms before as in Xiong et al. (2020);
    /// `torch.nn.TransformerEncoderLayer` with `norm_first`.
    Transformer {
        /// Into how many parts its input's width is divided.
        heads: usize,
        /// Width in the middle, `1..=4096`.
        feed_forward: usize,
        /// Share of what is added, twice.
        #[serde(default)]
        dropout: f64,
    },
    /// Each row less its mean, over its deviation, times a gain, plus a bias.
    ///
    /// Source: Ba, Kiros & Hinton (2016); `torch.nn.LayerNorm`, ε = 10⁻⁵.
    LayerNorm {},
    /// Zeroes a share of its input while training.
    Dropout {
        /// The share.
        share: f64,
    },
    /// A full connection.
    Dense {
        /// Width, `1..=4096`.
        units: usize,
        /// What happens to the sums.
        activation: Activation,
        /// Share of its outputs.
        #[serde(default)]
        dropout: f64,
    },
    /// The last full connection: one unit a class.
    Output {
        /// Width: the number of classes.
        units: usize,
        /// `softmax`.
        activation: Activation,
    },
}

const fn one() -> usize {
    1
}

/// What happens to a layer's sums.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Nothing.
    Linear,
    /// max(0, x).
    Relu,
    /// tanh(x).
    Tanh,
    /// eˣ over the sum of all eˣ: probabilities; for the output and for it alone.
    Softmax,
}

impl Layer {
    /// The word by which its author calls it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Lstm { .. } => "lstm",
            Self::Gru { .. } => "gru",
            Self::Conv1d { .. } => "conv1d",
            Self::Positions {} => "positions",
            Self::Attention { .. } => "attention",
            Self::Transformer { .. } => "transformer",
            Self::LayerNorm {} => "layer_norm",
            Self::Dropout { .. } => "dropout",
            Self::Dense { .. } => "dense",
            Self::Output { .. } => "output",
        }
    }

    /// The share of its outputs that is zeroed while training.
    pub(crate) const fn dropout(&self) -> f64 {
        match *self {
            Self::Lstm { dropout, .. }
            | Self::Gru { dropout, .. }
            | Self::Conv1d { dropout, .. }
            | Self::Attention { dropout, .. }
            | Self::Transformer { dropout, .. }
            | Self::Dense { dropout, .. }
            | Self::Dropout { share: dropout } => dropout,
            Self::Positions {} | Self::LayerNorm {} | Self::Output { .. } => 0.0,
        }
    }

    /// Whether it looks at more than one bar, so that it has no place behind a dense layer.
    pub(crate) const fn looks_along_time(&self) -> bool {
        matches!(
            self,
            Self::Lstm { .. }
                | Self::Gru { .. }
                | Self::Conv1d { .. }
                | Self::Positions {}
                | Self::Attention { .. }
                | Self::Transformer { .. }
        )
    }

    /// Whether it works on one row, and not on each bar.
    pub(crate) const fn wants_one_row(&self) -> bool {
        matches!(self, Self::Dense { .. } | Self::Output { .. })
    }
}
