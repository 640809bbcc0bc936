//! Why a graph that another program has written is not taken, or does not answer.

use suho_domain::Fault;

/// Why a graph is not taken, or does not answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// Cut short, damaged, or something else altogether.
    #[error("not a whole ONNX file")]
    Format(#[source] prost::DecodeError),
    /// No graph, or one without a node.
    #[error("the file holds no graph")]
    Empty,
    /// Written for other operators.
    #[error("the file is of operator set {found}, and {least} to {most} are read")]
    Version {
        /// The set in the file; 0 where it names none.
        found: i64,
        /// The oldest that is read.
        least: i64,
        /// The newest.
        most: i64,
    },
    /// More nodes than any network over bars has.
    #[error("the graph has {nodes} nodes, and {most} are the most")]
    TooManyNodes {
        /// Those of the graph.
        nodes: usize,
        /// Those it may have.
        most: usize,
    },
    /// An operator that is not read here.
    #[error("operator `{kind}` is not one that this suho reads")]
    Operator {
        /// Its kind, behind its domain where it has one.
        kind: String,
    },
    /// An operator that is told to do what is not done here.
    #[error("`{attribute}` is set to something that this suho does not read")]
    Attribute {
        /// The attribute.
        attribute: String,
    },
    /// Weights that lie in another file.
    #[error("tensor `{name}` lies outside the file")]
    External {
        /// Its name.
        name: String,
    },
    /// A tensor whose numbers are not as many as its shape says, or of another type.
    #[error("tensor `{name}` is not whole, or holds no f32, f64, int32, int64 or bool")]
    Tensor {
        /// Its name.
        name: String,
    },
    /// Not one input.
    #[error("the graph has the inputs [{}], and one is read: the window", names.join(", "))]
    Inputs {
        /// Those it has.
        names: Vec<String>,
    },
    /// An input of another shape.
    #[error("the graph reads {found}, and the model's windows are {wanted:?}")]
    Input {
        /// What it reads.
        found: String,
        /// One window: batch, sequence, features.
        wanted: Vec<usize>,
    },
    /// Several outputs, and none says which.
    #[error("the graph has the outputs [{}], and none is called `probabilities`", names.join(", "))]
    Outputs {
        /// Those it has.
        names: Vec<String>,
    },
    /// An output of another shape.
    #[error("the graph answers {found:?}, and the model's classes make {wanted:?}")]
    Output {
        /// What comes out.
        found: Vec<usize>,
        /// One probability a class.
        wanted: Vec<usize>,
    },
    /// What the file says of itself is not what the model declares.
    #[error("the file's `{what}` are [{found}], and the model's are [{wanted}]")]
    Signature {
        /// `features` or `classes`.
        what: &'static str,
        /// Those of the file.
        found: String,
        /// Those of the model.
        wanted: String,
    },
    /// What comes out is no probabilities.
    #[error("the graph answers {answer:?}, which are no probabilities: they have to sum to 1")]
    NotProbabilities {
        /// What came out.
        answer: Vec<f64>,
    },
    /// A value that no node before makes.
    #[error("`{name}` is read before anything makes it")]
    Unknown {
        /// Its name.
        name: String,
    },
    /// An operator without an input that it needs.
    #[error("input {at} is missing")]
    Missing {
        /// Which, from 0.
        at: usize,
    },
    /// Numbers of another kind.
    #[error("it reads {wanted}, and is given others")]
    Kind {
        /// What it reads.
        wanted: &'static str,
    },
    /// An axis that is not there.
    #[error("axis {axis} of {rank} dimensions")]
    Axis {
        /// The axis.
        axis: i64,
        /// The dimensions there are.
        rank: usize,
    },
    /// Shapes that do not go together.
    #[error("shapes {found:?} and {wanted:?} do not go together")]
    Shape {
        /// What is there.
        found: Vec<usize>,
        /// What it was to go with.
        wanted: Vec<usize>,
    },
    /// It asks for more memory than an answer may take.
    #[error("one answer takes more than 8 million numbers")]
    TooLarge,
    /// It asks for more work than an answer may take.
    #[error("one answer takes more than 2,000 million multiplications")]
    TooLong,
    /// An operator could not.
    #[error("operator `{kind}`, which makes `{output}`")]
    Node {
        /// Its kind.
        kind: String,
        /// Its first output.
        output: String,
        /// Why.
        #[source]
        source: Box<GraphError>,
    },
}

impl GraphError {
    /// Who has to act: whoever wrote the file.
    pub const fn fault(&self) -> Fault {
        Fault::User
    }
}
